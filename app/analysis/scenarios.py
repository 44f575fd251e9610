"""From a drawing to a scenario: the servers behind a load balancer, or the members of a cluster.

What the drawing does not say is assumed, and told: a capacity of 100 requests a second, and as
much load as keeps the servers busy for 70 % of the time.
"""

import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.analysis.alternatives import can_lead, leader
from app.analysis.exposure import Exposure
from app.analysis.failover import NOTICED
from app.analysis.loads import capacity, loads
from app.analysis.queueing import Queue
from app.analysis.simulation import UNNOTICED, Mode, Scenario, Server
from app.analysis.words import listed
from app.model.containers import Cluster
from app.model.design import Design
from app.model.errors import DesignError
from app.model.traffic import Firewall, LoadBalancer

ASSUMED_CAPACITY = 100.0  # requests a second
ASSUMED_UTILISATION = 0.7
BATCHES = 20
_T95 = 2.093  # Student's t for 95 % in the middle and 19 degrees of freedom
_MODES: dict[str, Mode] = {
    "active-active": "active-active",
    "multi-primary": "active-active",
    "active-passive": "active-passive",
    "primary-replica": "primary-replica",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A scenario with the part that it is of, and in sentences what was assumed."""

    subject: str
    scenario: Scenario
    assumed: tuple[str, ...]


def subjects(design: Design) -> tuple[str, ...]:
    """Return the load balancers, then the clusters, of which a scenario can be made."""
    found = [key for key in design.components if _servers_of(design, key)]
    return tuple(sorted(found, key=lambda key: isinstance(design.components[key], Cluster)))


def drawn_scenario(design: Design, subject: str = "", rate: float | None = None) -> Drawn:
    """Return the scenario of a load balancer or cluster; of the first one without a subject.

    `rate` is in requests a second, instead of what the flows say.

    Raises:
        DesignError: there is no such part, or nothing behind it to choose from.
    """
    if not subject:
        subject = next(iter(subjects(design)), "")
        if not subject:
            message = "there is no load balancer with servers behind it, and no cluster"
            raise DesignError(message)
    item = design.component(subject)
    servers = _servers_of(design, subject)
    if not servers:
        raise DesignError(_why_not(item.name, getattr(item, "mode", None), item.title))
    assumed = list(_assumed_capacities(design, servers))
    made = Scenario(servers=servers, rate=1.0)
    if isinstance(item, LoadBalancer):
        checked = item.health_check != "none"
        made = replace(made, algorithm=item.algorithm, consistent=True,
                       detection=NOTICED if checked else UNNOTICED)  # fmt: skip
    if isinstance(item, Cluster):
        if switched_by_hand(item):
            assumed.append("nobody is there to switch by hand while it runs")
        made = replace(made, mode=_MODES[item.mode], detection=item.detection_seconds,
                       switch=item.switch_seconds, switch_success=item.switch_success,
                       failover=item.failover == "automatic")  # fmt: skip
    reads, writes = _rates(design, subject, servers)
    if rate is None and not reads + writes:
        rate = ASSUMED_UTILISATION * able_at_once(made)
        assumed.append(f"no flow says how many come: {rate:g} requests a second, which keeps "
                       f"the servers {ASSUMED_UTILISATION:.0%} busy")  # fmt: skip
    share = writes / (reads + writes) if reads + writes else 0.5
    writing = share if made.mode == "primary-replica" else 0.0
    made = replace(made, rate=reads + writes if rate is None else rate, writes=writing)
    return Drawn(subject, made, tuple(assumed))


def switched_by_hand(cluster: Cluster) -> bool:
    """Whether a person would have to let another member take over."""
    return cluster.failover == "manual" and cluster.mode in ("active-passive", "primary-replica")


def _why_not(name: str, mode: str | None, title: str) -> str:
    if mode in ("quorum", "sharded"):
        return f"{name}: a {mode} cluster cannot be simulated; other modes can"
    if mode is not None:
        return f"{name}: it has no members"
    return f"{name}: this {title.lower()} has no servers behind it to choose from"


def _servers_of(design: Design, subject: str) -> tuple[Server, ...]:
    item = design.components[subject]
    if isinstance(item, Cluster):
        return _members(design, item) if item.mode in _MODES else ()
    if isinstance(item, LoadBalancer):
        weights = dict(_behind(design, subject, {subject}))
        return tuple(_server(design, key, weight) for key, weight in weights.items())
    return ()


def _members(design: Design, cluster: Cluster) -> tuple[Server, ...]:
    if cluster.mode != "primary-replica":
        return tuple(_server(design, key) for key in cluster.members)
    first = leader(design, cluster)
    ordered = sorted(cluster.members, key=lambda key: key != first)
    return tuple(
        _server(design, key)._replace(leads=can_lead(design, key, first)) for key in ordered
    )


def _behind(design: Design, part: str, seen: set[str]) -> Iterator[tuple[str, int]]:
    """Yield what a balancer chooses from, with weights: members of clusters, behind firewalls."""
    for key in design.outgoing[part]:
        link = design.links[key]
        target = design.components[link.target]
        if not link.is_traffic or link.role == "resolve" or link.target in seen:
            continue
        if isinstance(target, Firewall):
            yield from _behind(design, link.target, seen | {link.target})
        elif isinstance(target, Cluster):
            yield from ((member, link.weight) for member in target.members)
        else:
            yield link.target, link.weight


def _server(design: Design, key: str, weight: int = 1) -> Server:
    return Server(key, capacity(design, key) or ASSUMED_CAPACITY, weight)


def _assumed_capacities(design: Design, servers: tuple[Server, ...]) -> Iterator[str]:
    names = [design.components[server.name].name for server in servers
             if capacity(design, server.name) is None]  # fmt: skip
    if names:
        verb = "has" if len(names) == 1 else "have"
        yield f"{listed(names)} {verb} no capacity: {ASSUMED_CAPACITY:g} requests a second each"


def _rates(design: Design, subject: str, servers: tuple[Server, ...]) -> tuple[float, float]:
    """Return the reads and the writes a second that come to the servers, by the flows."""
    found = []
    for operation in ("read", "write"):
        flows = {key: flow for key, flow in design.flows.items() if flow.operation == operation}
        known = loads(Exposure(replace(design, flows=flows)))
        found.append(known.get(subject) or sum(known.get(server.name, 0.0) for server in servers))
    return found[0], found[1]


def able_at_once(scenario: Scenario) -> float:
    """Return what the servers that serve at the same time can do, in requests a second."""
    if scenario.mode == "active-passive":
        return scenario.servers[0].rate
    return math.fsum(server.rate for server in scenario.servers)


def common_queue(scenario: Scenario) -> Queue | None:
    """Return the M/M/c queue of the scenario: all servers working, one queue for all.

    It is exact for equal servers and the algorithm `first`, and for one active server; else it is
    the best that any way of choosing reaches. There is none for a primary and its replicas, which
    are two kinds of servers.
    """
    if scenario.mode == "primary-replica":
        return None
    count = 1 if scenario.mode == "active-passive" else len(scenario.servers)
    return Queue(scenario.rate, able_at_once(scenario) / count, count)


def mean_interval(values: "array[float]") -> tuple[float, float, float] | None:
    """Return the mean of a run and the interval in which the true one lies, with 95 %.

    By batch means: what follows each other is alike, so the interval is that of the means of 20
    batches; a first one is left out, since the run begins empty. None for too short a run.
    Source: A. M. Law, Simulation Modeling and Analysis, section 9.5.
    """
    size = len(values) // (BATCHES + 1)
    if not size:
        return None
    kept = values[len(values) - BATCHES * size :]
    means = [math.fsum(kept[k * size : (k + 1) * size]) / size for k in range(BATCHES)]
    mean = math.fsum(means) / BATCHES
    variance = math.fsum((value - mean) ** 2 for value in means) / (BATCHES - 1)
    half = _T95 * math.sqrt(variance / BATCHES)
    return mean, mean - half, mean + half
