"""Capacity: pools that are too busy, much too large, or too slow for what was promised.

Only where the drawing has the figures: a load of the flows and the capacity of each part.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from app.analysis.alternatives import can_lead, leader, needed_of
from app.analysis.analysis import Analysis
from app.analysis.loads import caches_of, capacity, visits
from app.analysis.queueing import Queue
from app.model import edits
from app.model.compute import AppServer, WebServer, Worker
from app.model.containers import Cluster
from app.model.design import Design
from app.model.stores import Cache
from app.model.traffic import LoadBalancer, ReverseProxy
from app.rules import redundancy
from app.rules.copying import own_files
from app.rules.evidence import names
from app.rules.pools import by_pool
from app.rules.registry import Fix, Problem, Witness, rule

BUSY, FULL, COMFORTABLE, IDLE = 0.8, 1.0, 0.7, 0.1  # utilisations
SHARE = 0.95  # of the answers that a promise is about
MOST_ADDED = 50
KEPT = 2  # members that are left: one may fail
_CASCADES = "Site Reliability Engineering, chapter 22: Addressing Cascading Failures"
_SIZE = (
    "AWS Well-Architected, Cost Optimization: select the correct resource type, size, and number"
)
_EQUAL = (AppServer, WebServer, Worker, LoadBalancer, ReverseProxy)  # one more takes its share


@dataclass(frozen=True, slots=True)
class Pool:
    """Parts that share a load of requests a second, as one queue in front of equal servers."""

    parts: tuple[str, ...]
    queue: Queue

    @property
    def utilisation(self) -> float:
        """The share of its time that is asked for at the busiest time."""
        return self.queue.utilisation


def pools(analysis: Analysis) -> Iterator[Pool]:
    """Yield the pools of which all figures are known, each once."""
    design, known = analysis.design, analysis.loads
    seen: set[tuple[str, ...]] = set()
    for key in sorted(known):
        parts = _sharing(design, key, known)
        rates = [capacity(design, part) or 0.0 for part in parts]
        if parts and parts not in seen and 0.0 not in rates:
            seen.add(parts)
            load = math.fsum(known[part] for part in parts)
            yield Pool(parts, Queue(load, math.fsum(rates) / len(rates), len(rates)))


def _sharing(design: Design, key: str, known: dict[str, float]) -> tuple[str, ...]:
    """Return who takes part in the load of a part; a standby does not, and a primary is alone."""
    cluster = design.cluster(key)
    if not known[key] or (cluster is not None and cluster.mode == "primary-replica"):
        return (key,) if known[key] else ()
    beside = set(redundancy.alternatives(design, key))
    beside.update(cluster.members if cluster is not None else ())
    return tuple(sorted(part for part in beside if known.get(part)))


def _busy(analysis: Analysis, least: float, below: float) -> Iterator[Problem]:
    design = analysis.design
    for pool in pools(analysis):
        if least <= pool.utilisation < below:
            able = pool.queue.servers * pool.queue.service_rate
            verb = "gets" if len(pool.parts) == 1 else "get"
            message = (
                f"{names(design, pool.parts)} {verb} {pool.queue.arrival_rate:g} requests a second "
                f"at the busiest time and can serve {able:g}: {_waiting(pool.queue)}."
            )
            numbers = {"load": pool.queue.arrival_rate, "capacity": able,
                       "utilisation": pool.utilisation}  # fmt: skip
            witness = Witness(pool.parts, flows=_flows(analysis, pool), numbers=numbers)
            yield Problem(pool.parts, message, witness, _more(design, pool))


def _waiting(queue: Queue) -> str:
    if queue.overloaded:
        return "the queue never ends"
    times = queue.mean_wait * queue.service_rate
    return f"a request waits {times:.1f} times as long as it takes"


def _flows(analysis: Analysis, pool: Pool) -> tuple[str, ...]:
    return tuple(
        key
        for key, flow in analysis.design.flows.items()
        if flow.requests_per_second is not None
        and any(map(visits(analysis.exposure, key).get, pool.parts))
    )


def _more(design: Design, pool: Pool) -> tuple[Fix, ...]:
    """Return the fix that adds parts, where one more takes its share of the load."""
    standby = any((cluster := design.cluster(part)) and cluster.mode == "active-passive"
                  for part in pool.parts)  # fmt: skip
    if standby or not all(isinstance(design.components[part], _EQUAL) for part in pool.parts):
        return ()
    like = max(pool.parts, key=lambda part: (capacity(design, part) or 0.0, part))
    rate = capacity(design, like) or 0.0
    able = pool.queue.servers * pool.queue.service_rate
    count = math.floor((pool.queue.arrival_rate / COMFORTABLE - able) / rate) + 1
    if count > MOST_ADDED:
        return ()
    title = "Add one more" if count == 1 else f"Add {count} more"
    return (Fix(title, partial(_added, like=like, count=count)),)


def _added(design: Design, like: str, count: int) -> Design:
    for _ in range(count):
        design = redundancy.duplicate(design, like)
    return design


@rule(
    "CAP001",
    "high-utilisation",
    "High utilisation",
    severity="medium",
    category="other",
    student="Queues grow steeply above eighty percent.",
    references=(_CASCADES,),
)
def high_utilisation(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that share a load and are busy for 80 % of the time or more, but can do it.

    The load is that of the flows at the busiest time, spread along the links. Only where every
    part of the pool has a capacity.
    """
    yield from _busy(analysis, BUSY, FULL)


@rule(
    "CAP002",
    "overload",
    "Overload",
    severity="critical",
    category="other",
    student="More work arrives than can be done: the queue never ends.",
    references=(_CASCADES,),
)
def overload(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that share a load which is larger than all of them can serve.

    The load is that of the flows at the busiest time, spread along the links. Only where every
    part of the pool has a capacity.
    """
    yield from _busy(analysis, FULL, math.inf)


@rule(
    "CAP005",
    "cache-holds-the-load",
    "Cache loss floods the database",
    severity="high",
    category="spof",
    student="The cache became load-bearing: when it restarts, the database drowns.",
    references=(_CASCADES,),
)
def cache_holds_the_load(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that can serve their load only as long as the caches before them answer.

    An empty cache, after a restart, lets every read through. Only where the hit ratio of the
    cache, the load of the flows and the capacity of the part are known; a part that is too small
    anyway is CAP002.
    """
    design = analysis.design
    caches = tuple(key for key, item in design.of(Cache).items() if item.hit_ratio)
    if not caches or not analysis.loads:
        return
    cold = Analysis(_emptied(design, caches))
    full = [pool for pool in pools(cold) if pool.utilisation >= FULL]
    usual = {pool.parts: pool.utilisation for pool in pools(analysis)} if full else {}
    for pool in full:
        warm = usual.get(pool.parts, 0.0)
        if warm < FULL:
            yield _flooded(cold, pool, caches, warm)


def _emptied(design: Design, caches: tuple[str, ...]) -> Design:
    """Return a design in which these caches answer nothing."""
    items = design.of(Cache)
    empty = {key: replace(items[key], hit_ratio=None) for key in caches}
    return replace(design, components={**design.components, **empty})


def _flooded(analysis: Analysis, pool: Pool, caches: tuple[str, ...], warm: float) -> Problem:
    cold, exposure = analysis.design, analysis.exposure
    able = pool.queue.servers * pool.queue.service_rate
    flows = _flows(analysis, pool)
    on_way = dict.fromkeys(part for flow in flows for part in visits(exposure, flow))
    asked = {cache for part in on_way for cache in caches_of(exposure, part)}
    empty = tuple(cache for cache in caches if cache in asked)
    verb = "is" if len(empty) == 1 else "are"
    gets = "gets" if len(pool.parts) == 1 else "get"
    message = (
        f"While {names(cold, empty)} {verb} empty, {names(cold, pool.parts)} {gets} "
        f"{pool.queue.arrival_rate:g} requests a second and can serve {able:g}; usually there are "
        f"{warm * able:g}."
    )
    larger = partial(_scaled, parts=pool.parts, factor=pool.utilisation / COMFORTABLE)
    numbers = {"load": pool.queue.arrival_rate, "usual": warm * able, "capacity": able}
    witness = Witness((*empty, *pool.parts), cut=empty, flows=flows, numbers=numbers)
    return Problem(pool.parts, message, witness, (Fix("Size it for an empty cache", larger),))


def _scaled(design: Design, parts: tuple[str, ...], factor: float) -> Design:
    for part in parts:
        rate = math.ceil((capacity(design, part) or 0.0) * factor)
        design = edits.set_fields(design, part, capacity=float(rate))
    return design


@rule(
    "CAP004",
    "slow-answers",
    "Response-time target missed",
    severity="medium",
    category="other",
    student="Users wait longer than promised.",
    references=("The Site Reliability Workbook, chapter 2: Implementing SLOs",),
)
def slow_answers(analysis: Analysis) -> Iterator[Problem]:
    """Compares how long the answers of each flow take with the target that was set for it.

    Of 100 answers, 95 must keep the target. Each pool on the way is a queue (M/M/c). Reported
    only where it is missed for certain: where the slowest pool alone takes longer for one answer
    in twenty, or where all together take longer on average.
    """
    design = analysis.design
    known = list(pools(analysis))
    for key, flow in design.flows.items():
        promised = flow.target_response_seconds is not None
        asked = visits(analysis.exposure, key) if promised else {}
        on_way = [pool for pool in known if any(asked.get(part) for part in pool.parts)]
        if not on_way or any(pool.queue.overloaded for pool in on_way):
            continue
        slowest = max(on_way, key=lambda pool: pool.queue.response_within(SHARE))
        total = math.fsum(pool.queue.mean_response * _times(asked, pool) for pool in on_way)
        always = _times(asked, slowest) >= 1 - 1e-9  # shares are added up
        least = max(total, slowest.queue.response_within(SHARE) if always else 0.0)
        target = flow.target_response_seconds or 0.0
        if least > target:
            message = (
                f"One answer of {flow.name} in twenty takes longer than {least:.3g} seconds, "
                f"{target:.3g} are promised: most of it at {names(design, slowest.parts)}."
            )
            numbers = {"seconds": least, "promised": target}
            witness = Witness(slowest.parts, flows=(key,), numbers=numbers)
            yield Problem((key,), message, witness, _faster(design, slowest, target))


def _times(asked: dict[str, float], pool: Pool) -> float:
    return math.fsum(asked.get(part, 0.0) for part in pool.parts)


def _faster(design: Design, pool: Pool, target: float) -> tuple[Fix, ...]:
    """Return the fix that adds parts; where the service itself is too slow none helps."""
    queue = pool.queue
    unloaded = -math.log(1 - SHARE) / queue.service_rate
    return _more(design, pool) if queue.utilisation >= COMFORTABLE and unloaded < target else ()


@rule(
    "CAP007",
    "narrow-balancer",
    "Balancer is the bottleneck",
    severity="medium",
    category="other",
    student="The doorman is slower than the waiters.",
    references=(_CASCADES,),
)
def narrow_balancer(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that can hand on less than their servers can serve.

    The largest server is left out: it may be the spare. Only where all capacities are known and
    no load is: with a load, CAP001 and CAP002 say whether the balancers can carry it.
    """
    design = analysis.design
    for servers, balancers in by_pool(analysis).items():
        if len(servers) < KEPT or not all(capacity(design, key) for key in balancers):
            continue
        able = math.fsum(capacity(design, key) or 0.0 for key in _working(design, balancers))
        rates = [capacity(design, part) or 0.0 for part in servers]
        left = math.fsum(rates) - max(rates)
        if not all(rates) or able >= left or any(map(analysis.loads.get, balancers)):
            continue
        verb = "hands" if len(balancers) == 1 else "hand"
        message = (
            f"{names(design, balancers)} {verb} on {able:g} requests a second, and "
            f"{names(design, servers)} can serve {left:g} even without the largest of them."
        )
        numbers = {"balancers": able, "servers": left}
        witness = Witness((*balancers, *servers), balancers, numbers=numbers)
        yield Problem(balancers, message, witness, _wider(design, balancers, left - able))


def _working(design: Design, balancers: tuple[str, ...]) -> tuple[str, ...]:
    """Return the balancers that work at the same time: of a pair with a standby, the first."""
    standby = {
        member
        for key in balancers
        if (cluster := design.cluster(key)) and cluster.mode == "active-passive"
        for member in cluster.members[1:]
    }
    return tuple(key for key in balancers if key not in standby)


def _wider(design: Design, balancers: tuple[str, ...], lacking: float) -> tuple[Fix, ...]:
    """Return the fix that adds balancers, where all of them work."""
    like = max(balancers, key=lambda key: (capacity(design, key) or 0.0, key))
    count = math.ceil(lacking / (capacity(design, like) or 1.0))
    if len(_working(design, balancers)) < len(balancers) or count > MOST_ADDED:
        return ()
    title = "Add one more" if count == 1 else f"Add {count} more"
    return (Fix(title, partial(_added, like=like, count=count)),)


@rule(
    "AVL008",
    "small-standby",
    "Standby smaller than what it must carry",
    severity="low",
    category="other",
    student="The spare is smaller than what it must carry.",
    references=(
        "AWS Well-Architected, Reliability: use static stability to prevent bimodal behavior",
    ),
)
def small_standby(analysis: Analysis) -> Iterator[Problem]:
    """Finds clusters in which no standby can serve what the active or primary member serves.

    That is the load, where it is known, and else all that the active one is able to. Where callers
    may choose the standby already, CAP003 compares the load.
    """
    design = analysis.design
    for key in design.by_kind.get("cluster", ()):
        cluster = design.components[key]
        if not isinstance(cluster, Cluster) or cluster.failover == "none":
            continue
        active, *standby = _led(design, cluster)
        rates = [capacity(design, part) for part in (active, *standby)] if standby else []
        known = [rate for rate in rates if rate is not None]
        if not standby or len(known) < len(rates) or max(known[1:]) >= known[0]:
            continue
        load = analysis.loads.get(active)
        told = load is not None and len(redundancy.alternatives(design, active)) >= KEPT
        if told or max(known[1:]) >= (load or known[0]):
            continue
        most, need = max(known[1:]), load or known[0]
        verb = "serves" if len(standby) == 1 else "serve"
        message = (
            f"{names(design, standby, 'or')} {verb} {most:g} requests a second at most, and has "
            f"to stand in for {design.components[active].name}, which serves {need:g}."
        )
        fix = Fix("Make the standby as large", partial(_as_large, parts=tuple(standby), rate=need))
        witness = Witness((key, active, *standby), (active,), numbers={"load": need, "left": most})
        yield Problem((key,), message, witness, (fix,))


def _led(design: Design, cluster: Cluster) -> tuple[str, ...]:
    """Return who is active in a cluster that switches, and who may become it; else nobody."""
    if cluster.mode == "active-passive":
        return cluster.members or ("",)
    first = leader(design, cluster) if cluster.mode == "primary-replica" else ""
    others = (part for part in cluster.members if part != first and can_lead(design, part, first))
    return (first, *others) if first else ("",)


def _as_large(design: Design, parts: tuple[str, ...], rate: float) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, capacity=rate)
    return design


@rule(
    "CAP008",
    "much-too-large",
    "Much too large",
    severity="info",
    category="other",
    student="You pay for machines that sleep.",
    references=(_SIZE,),
)
def much_too_large(analysis: Analysis) -> Iterator[Problem]:
    """Finds three or more parts that share a load and are busy for less than 10 % of the time.

    That is at the busiest time. One of them can go, and another may still fail.
    """
    design = analysis.design
    for pool in pools(analysis):
        needed = max(needed_of(design, part) for part in pool.parts)
        if pool.utilisation >= IDLE or len(pool.parts) <= max(KEPT, needed + 1):
            continue
        spare = min(reversed(pool.parts), key=lambda part: capacity(design, part) or 0.0)
        message = (
            f"{names(design, pool.parts)} are busy for {pool.utilisation:.0%} of the busiest "
            "time: one could go, and another may still fail."
        )
        numbers = {"utilisation": pool.utilisation}
        fix = Fix(f"Remove {design.components[spare].name}", partial(without, part=spare))
        yield Problem(pool.parts, message, Witness(pool.parts, numbers=numbers), (fix,))


def without(design: Design, part: str) -> Design:
    """Remove a part with the files that only it uses, and its server where nothing is left."""
    gone = {part, *own_files(design, part)}
    host = design.host(part)
    if host and set(design.descendants(host)) <= gone:
        gone.add(host)
    return edits.remove(design, gone)
