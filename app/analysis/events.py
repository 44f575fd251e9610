"""Failure events: which parts can fail, and how likely that is.

An event is named after the component that carries it; the cover of a failover (the switch of a
cluster succeeds) is named `CLUSTER.cover`, and what fails all members of a cluster at once
`CLUSTER.common`. A link has an event, named after it, only where it has figures of its own.
"""

import math

from app.model.containers import Cluster
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.traffic import Client
from app.model.traits import Trait

COVER = ".cover"
COMMON = ".common"
DEFAULT_MTTR_HOURS = 4.0


def availability(item: AnyComponent | Link) -> float:
    """Return the share of the time that a component or link by itself works, as a probability.

    Its own figure, else MTBF / (MTBF + MTTR), else the default of its kind.
    """
    if item.availability is not None:
        return item.availability
    if item.mtbf_hours is not None and item.mttr_hours is not None:
        return item.mtbf_hours / (item.mtbf_hours + item.mttr_hours)
    return item.default_availability


def unavailability(item: AnyComponent | Link) -> float:
    """Return the share of the time that something by itself does not work, as a probability."""
    if item.availability is None and item.mtbf_hours is not None and item.mttr_hours is not None:
        return item.mttr_hours / (item.mtbf_hours + item.mttr_hours)
    return 1 - availability(item)


def is_assumed(item: AnyComponent) -> bool:
    """Whether the figure of a component is the usual one of its kind: nobody has set another."""
    return item.availability is None and (item.mtbf_hours is None or item.mttr_hours is None)


def fails(item: AnyComponent) -> bool:
    """Whether a component carries a failure event.

    A perfect one (availability 1) does not, nor do the users: they are who observes the failures.
    """
    if isinstance(item, Client):
        return False
    if item.availability is not None:
        return item.availability < 1
    return Trait.FAILS in item.traits or item.mtbf_hours is not None


def link_fails(link: Link) -> bool:
    """Whether a link carries a failure event; without figures it is taken to never fail."""
    return availability(link) < 1


def cover(design: Design, cluster: Cluster) -> float:
    """Return the probability that a failover saves the service: s · e^(−T / MTTR).

    s is the share of switches that succeed, T detection plus switch time and MTTR the time to
    repair the member that died; an exponential repair time is assumed.
    """
    seconds = cluster.detection_seconds + cluster.switch_seconds
    first = design.components[cluster.members[0]] if cluster.members else cluster
    repair_hours = first.mttr_hours or DEFAULT_MTTR_HOURS
    return cluster.switch_success * math.exp(-seconds / (repair_hours * 3600))


def part_of(event: str) -> str:
    """Return what an event belongs to: a component, or a link that has figures of its own.

    A switch and a common cause belong to the cluster.
    """
    return event.partition(".")[0]


def described(event: str, name: str) -> str:
    """Return an event in words, when its component goes by this name."""
    if event.endswith(COVER):
        return f"the failover of {name}"
    return f"the common cause of {name}" if event.endswith(COMMON) else name


def common_cause_of(design: Design, component_id: str) -> str:
    """Return the event that fails a component with all others of its cluster; empty for none."""
    cluster = design.cluster(component_id)
    if cluster is None or not cluster.common_cause or not fails(design.components[component_id]):
        return ""
    return design.cluster_of[component_id] + COMMON


def failure_probability(design: Design, event: str) -> float:
    """Return the share of the time in which an event is the case.

    Of the failures of a member of a cluster, the share beta belongs to the common cause and the
    rest to the member alone (beta factor model, NUREG/CR-4780, section 3.4). Where members differ,
    the common cause is as frequent as that of the worst of them.
    """
    if event in design.links:
        return unavailability(design.links[event])
    item = design.components[part_of(event)]
    if not isinstance(item, Cluster) or event == part_of(event):
        return unavailability(item) * (1 - _shared(design, event))
    if event.endswith(COVER):
        return 1 - cover(design, item)
    return item.common_cause * max(map(unavailability, _failing(design, item)))


def failures_per_hour(design: Design, event: str) -> float | None:
    """Return how often an event happens in an hour in which it is not the case already.

    1 / MTBF of a component or link; None where it has no MTBF and MTTR. A switch fails only when
    it is needed: that is no failure of its own.
    """
    if event in design.links:
        return _rate(design.links[event])
    item = design.components[part_of(event)]
    if not isinstance(item, Cluster) or event == part_of(event):
        rate = _rate(item)
        return None if rate is None else rate * (1 - _shared(design, event))
    if event.endswith(COVER):
        return 0.0
    rates = [_rate(member) for member in _failing(design, item)]
    known = [rate for rate in rates if rate is not None]
    return item.common_cause * max(known) if len(known) == len(rates) else None


def _rate(item: AnyComponent | Link) -> float | None:
    if item.mtbf_hours is None or item.mttr_hours is None:
        return None
    return 1 / item.mtbf_hours


def _shared(design: Design, component_id: str) -> float:
    """The share of a component's failures that belong to the common cause of its cluster."""
    cluster = design.cluster(component_id)
    return cluster.common_cause if cluster is not None else 0.0


def _failing(design: Design, cluster: Cluster) -> list[AnyComponent]:
    return [item for item in map(design.components.__getitem__, cluster.members) if fails(item)]
