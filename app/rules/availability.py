"""Promises: targets that are missed, flows that never work, load that one loss breaks, state."""

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from app.analysis.alternatives import groups, members_needed
from app.analysis.analysis import Analysis
from app.analysis.availability import MINUTES_PER_YEAR
from app.analysis.cutsets import DOWN
from app.analysis.events import availability
from app.analysis.loads import needed_at_peak
from app.analysis.requirements import Up
from app.analysis.words import listed, reach_words
from app.model import edits, wiring
from app.model.compute import AppServer, WebServer
from app.model.containers import Cluster
from app.model.design import Design
from app.model.stores import Cache, Database
from app.model.traffic import Client, Dns, LoadBalancer, ReverseProxy
from app.rules import redundancy
from app.rules.causes import causes
from app.rules.copying import on_new_server
from app.rules.evidence import name, names
from app.rules.free_place import corner
from app.rules.pools import sticky
from app.rules.registry import Fix, Problem, Witness, rule
from app.rules.unknown import apart, leave_out, missing_parts

SMALLEST_POOL = 2
MOST_SPARES = 12  # copies that one fix adds at most
_WORTH_A_SECOND = ("SPOF001", "SPOF004", "SPOF005", "SPOF006", "SPOF007", "SPOF015", "DB001")


@rule(
    "AVL001",
    "below-target",
    "Availability below target",
    severity="high",
    category="spof",
    student="The numbers say that the promise cannot be kept.",
    references=("The Site Reliability Workbook, chapter 2: Implementing SLOs",),
)
def below_target(analysis: Analysis) -> Iterator[Problem]:
    """Compares the availability of each flow with the target that was set for it.

    The figure is exact where a decision diagram fits; a bound is reported only where even the
    better end of it misses the target. The figures of parts without one of their own are typical
    values of their kind. A target that a single part misses already is AVL002.
    """
    design = analysis.design
    for key, flow in design.flows.items():
        target = flow.target_availability
        if target is None or analysis.recoverable.dead(key) or weak_parts(analysis, key):
            continue
        figure = analysis.figure(key)
        if 1 - figure.low >= target:
            continue
        message = (
            f"{flow.name} works {1 - figure.low:.4%} of the time, {target:.4%} are promised: down "
            f"{figure.low * MINUTES_PER_YEAR:,.0f} minutes a year instead of "
            f"{(1 - target) * MINUTES_PER_YEAR:,.0f}."
        )
        numbers = {"unavailability": figure.low, "allowed": 1 - target}
        worst = max(figure.importance, key=lambda part: figure.importance[part], default="")
        cut = (worst,) if worst in {*design.components, *design.links} else ()
        fix = Fix("Add spares until the target is met", partial(spares_until, flow=key))
        yield Problem((key,), message, Witness(cut=cut, flows=(key,), numbers=numbers), (fix,))


def weak_parts(analysis: Analysis, flow: str) -> tuple[str, ...]:
    """Return the parts that a flow stops with and that miss its target alone, weakest first."""
    target = analysis.design.flows[flow].target_availability or 0.0
    parts = analysis.design.components
    alone = analysis.spofs[flow] & parts.keys()
    weak = (part for part in alone if availability(parts[part]) < target)
    return tuple(sorted(weak, key=lambda part: (availability(parts[part]), part)))


def spares_until(design: Design, flow: str) -> Design:
    """Double the single part that costs the flow most, again and again."""
    target = design.flows[flow].target_availability or 0.0
    for _ in range(MOST_SPARES):
        analysis = Analysis(design)
        if analysis.figure(flow).availability >= target:
            break
        parts = worth_a_second(analysis, flow)
        if not parts:
            break
        design = redundancy.duplicate(
            design, min(parts, key=lambda part: (availability(design.components[part]), part))
        )
    return design


def worth_a_second(analysis: Analysis, flow: str) -> list[str]:
    """Return the parts that stop a flow alone and of which another one can be added."""
    return [
        cause.part
        for rule_id in _WORTH_A_SECOND
        for cause in causes(analysis, rule_id)
        if flow in cause.flows and not isinstance(analysis.design.components[cause.part], Cluster)
    ]


@rule(
    "AVL005",
    "dead-flow",
    "Flow cannot work at all",
    severity="critical",
    category="other",
    student="As drawn, this never works, even with everything running.",
    references=("IEC 61025:2006, Fault tree analysis (FTA): the empty cut set",),
)
def dead_flow(analysis: Analysis) -> Iterator[Problem]:
    """Finds flows that are down in every state, and says what is missing.

    A link that leads nowhere, a cluster that needs more members than it has or has no primary, a
    requirement that names a part which does not exist, or parts that no links join. One finding for
    each such gap.
    """
    for part, flows in gaps(analysis).items():
        yield _dead(analysis.design, part, flows)


def gaps(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Return the parts because of which flows can never work, each with those flows."""
    found: dict[str, tuple[str, ...]] = {}
    for key in analysis.design.flows:
        if analysis.recoverable.dead(key):
            part = _gap(analysis, key)
            found[part] = (*found.get(part, ()), key)
    return found


def _gap(analysis: Analysis, flow: str) -> str:
    """Follow what is down from the flow to the part that nothing further explains."""
    graph, design = analysis.recoverable, analysis.design
    names_of = {number: up for up, number in graph.number.items() if isinstance(up, Up)}
    seen: list[int] = []
    below = [graph.flows[flow]]
    last = "" if design.flows[flow].requires else design.flows[flow].client
    while below and below[0] not in seen:
        here = below[0]
        seen.append(here)
        up = names_of.get(here)
        if up is not None and up.component in design.components:
            last = up.component
        below = [item for item in graph.nodes[here].items if graph.masks[item] & DOWN]
    return last or flow


def _dead(design: Design, part: str, flows: tuple[str, ...]) -> Problem:
    what = listed([design.flows[flow].name for flow in flows], "or")
    item = design.components.get(part)
    if item is None:
        why, fixes = _why_flow(design, part)
    else:
        why, fixes = _why_dead(design, part)
    message = f"Nobody can {what}, even when everything runs: {why}."
    return Problem((part,), message, Witness(path=(part,), flows=flows), fixes)


def _why_flow(design: Design, flow: str) -> tuple[str, tuple[Fix, ...]]:
    missing = missing_parts(design, [design.flows[flow].requires])
    fix = Fix("Need what the links say", partial(edits.set_fields, element_id=flow, requires=""))
    if not missing and (reach := apart(design, [design.flows[flow].requires])):
        return f"it requires {reach_words(design, reach)}", (fix,)
    return f"it requires {', '.join(missing) or 'what cannot be'}, which does not exist", (fix,)


def _why_dead(design: Design, part: str) -> tuple[str, tuple[Fix, ...]]:
    item = design.components[part]
    missing = missing_parts(design, item.requires.values())
    if missing:
        fix = leave_out(part, missing)
        return f"{item.name} needs {', '.join(missing)}, which does not exist", (fix,)
    if reach := apart(design, item.requires.values()):
        return f"{item.name} needs {reach_words(design, reach)}", ()
    if isinstance(item, Client):
        entrance = _entrance(design)
        fixes = (
            (Fix(f"Let {item.name} enter by {name(design, entrance)}",
                 partial(_enter, client=part, entrance=entrance)),) if entrance else ()
        )  # fmt: skip
        return f"no link leads from {item.name} to a part that serves", fixes
    if isinstance(item, Cluster):
        return _why_cluster(design, part, item)
    return _why_short(design, part)


def _why_short(design: Design, part: str) -> tuple[str, tuple[Fix, ...]]:
    """Say which cluster wants more of its members to work than a part reaches."""
    for operation in ("read", "write"):
        for group in groups(design, part, operation):
            cluster = design.cluster_of.get(design.links[group.links[0]].target)
            item = design.components[cluster] if cluster else None
            if cluster and isinstance(item, Cluster) and group.needed > len(group.links):
                if group.needed > len(item.members):
                    return _why_cluster(design, cluster, item)
                reached = f"{len(group.links)} of the {group.needed} members of {item.name}"
                return f"{name(design, part)} reaches {reached} that have to work", ()
    return f"{name(design, part)} cannot do what is asked of it", ()


def _entrance(design: Design) -> str | None:
    """Return the part that users would enter by: the first in line that nothing leads to."""
    for kinds in ((LoadBalancer,), (ReverseProxy,), (WebServer,), (AppServer,)):
        for key, item in design.components.items():
            others = [c for c in redundancy.callers(design, key) if not isinstance(c, Dns)]
            if isinstance(item, kinds) and not others:
                return key
    return None


def _enter(design: Design, client: str, entrance: str) -> Design:
    """Link users to an entrance; what was drawn as a way through DNS is theirs from now on."""
    links = {key: link for key, link in design.links.items()
             if not (link.target == entrance and link.is_traffic
                     and isinstance(design.components[link.source], Dns))}  # fmt: skip
    for link in wiring.propose(design, client, entrance):
        links[edits.free_id({*links, *design.components, *design.flows}, "link")] = link
    return replace(design, links=links)


def _why_cluster(design: Design, part: str, cluster: Cluster) -> tuple[str, tuple[Fix, ...]]:
    count, needed = len(cluster.members), members_needed(cluster)
    if not count:
        return f"{cluster.name} has no members", ()
    if needed > count:
        fix = Fix(
            "Need no more members than there are",
            partial(edits.set_fields, element_id=part, needed=None),
        )
        return f"{cluster.name} needs {needed} members and has {count}", (fix,)
    first = next((m for m in cluster.members if isinstance(design.components[m], Database)), "")
    fixes = (
        (Fix(f"Make {name(design, first)} the primary",
             partial(edits.set_fields, element_id=first, role="primary")),) if first else ()
    )  # fmt: skip
    return f"{cluster.name} has no primary", fixes


@rule(
    "CAP003",
    "no-spare-capacity",
    "Too little left when one fails",
    severity="high",
    category="spof",
    student="The group survives a crash on paper, but the rest drown in the load.",
    references=(
        "AWS Well-Architected, Reliability: use static stability to prevent bimodal behavior",
        "Site Reliability Engineering, chapter 22: Addressing Cascading Failures",
    ),
)
def no_spare_capacity(analysis: Analysis) -> Iterator[Problem]:
    """Compares the busiest load of the flows with what a tier can serve without its best server.

    A tier is what some caller chooses from. Only where every server of the tier has a capacity
    and the flows that reach it a load; a tier that is too small even when complete is another
    matter.
    """
    design = analysis.design
    seen: set[frozenset[str]] = set()
    for key in sorted(analysis.in_cones) if analysis.loads else ():
        if not capacity_of(design, key):
            continue
        tier = redundancy.alternatives(design, key)
        capacities = [capacity_of(design, part) for part in tier]
        if len(tier) < SMALLEST_POOL or tier in seen or 0.0 in capacities:
            continue
        seen.add(tier)
        if needed_at_peak(design, analysis.loads, tier) == len(tier):
            left = sum(capacities) - max(capacities)
            yield _overloaded(design, tuple(sorted(tier)), load_on(analysis, tier), left)


def capacity_of(design: Design, part: str) -> float:
    """Return how many requests a second a part can serve; 0 where nobody has said."""
    return float(getattr(design.components[part], "capacity", None) or 0.0)


def load_on(analysis: Analysis, tier: frozenset[str]) -> float:
    """Return the load of a tier at the busiest time, requests a second."""
    return math.fsum(analysis.loads.get(part, 0.0) for part in tier)


def _overloaded(design: Design, tier: tuple[str, ...], load: float, left: float) -> Problem:
    message = (
        f"{names(design, tier)} get {load:g} requests a second at the busiest time, but only "
        f"{left:g} can be served when one of them is down."
    )
    like = max(tier, key=lambda part: capacity_of(design, part))
    fix = Fix("Add one more", partial(redundancy.duplicate, component_id=like))
    numbers = {"load": load, "left": left}
    return Problem(tier, message, Witness(cut=(like,), numbers=numbers), (fix,))


@rule(
    "OPS001",
    "local-state",
    "State on one application server",
    severity="medium",
    category="spof",
    student="The other servers do not have this user's session or file.",
    references=("The Twelve-Factor App, VI: Processes",),
)
def local_state(analysis: Analysis) -> Iterator[Problem]:
    """Finds application servers that keep sessions or uploads although there are several.

    Where a balancer ties each user to one of them, LB004 says it.
    """
    design = analysis.design
    tied = {part for parts in sticky(analysis).values() for part in parts}
    servers = list(design.of(AppServer))
    keeping = tuple(
        key
        for key in servers
        if getattr(design.components[key], "state", "") == "local" and key not in tied
    )
    if len(servers) < SMALLEST_POOL or not keeping:
        return
    verb = "keeps" if len(keeping) == 1 else "keep"
    message = f"{names(design, keeping)} {verb} users' state that the other servers do not have."
    fix = Fix("Keep the state in a shared cache", partial(share_state, servers=tuple(servers)))
    yield Problem(keeping, message, Witness(path=keeping), (fix,))


def share_state(design: Design, servers: tuple[str, ...]) -> Design:
    """Use the cache that is there, else a new one on a machine of its own."""
    cache = next((key for key, item in design.components.items() if isinstance(item, Cache)), None)
    if cache is None:
        design, cache = on_new_server(design, "cache", servers[0])
    for server in servers:
        design = edits.set_fields(design, server, state="shared")
        if all(design.links[key].target != cache for key in design.outgoing[server]):
            link = {"role": "cache", "protocol": "redis", "tls": "1.3"}
            design, _ = edits.connect(design, server, cache, **link)
    return design


@rule(
    "MOD005",
    "no-flow",
    "No user flow",
    severity="info",
    category="other",
    student="Without a user nothing can be down: say what people do here.",
    references=("Azure Well-Architected, Reliability: identify and rate user and system flows",),
)
def no_flow(analysis: Analysis) -> Iterator[Problem]:
    """Finds a design in which nobody does anything, so that nothing can be judged."""
    design = analysis.design
    if design.components and not design.flows:
        fix = Fix("Add users who browse and buy", _add_users)
        yield Problem((), "Nobody uses this yet: add users, and what they do.", fixes=(fix,))


def _add_users(design: Design) -> Design:
    clients = list(design.of(Client))
    if clients:
        design, _ = edits.add_flow(design, clients[0], "browse", operation="read")
        design, _ = edits.add_flow(design, clients[0], "checkout", operation="write")
        client = clients[0]
    else:
        design, place = corner(design)
        design, client = edits.add(design, "client", place)
    entrance = _entrance(design)
    if entrance is None or design.outgoing[client]:
        return design
    return _enter(design, client, entrance)
