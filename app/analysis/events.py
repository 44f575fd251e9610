"""Failure events: which parts can fail, and how likely that is.

An event is named after the component that carries it; the cover of a failover (the switch of a
cluster succeeds) is named `CLUSTER.cover`.
"""

import math

from app.model.containers import Cluster
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.traffic import Client
from app.model.traits import Trait

COVER = ".cover"
DEFAULT_MTTR_HOURS = 4.0


def availability(item: AnyComponent) -> float:
    """Return the share of the time that a component by itself works, as a probability.

    Its own figure, else MTBF / (MTBF + MTTR), else the default of its kind.
    """
    if item.availability is not None:
        return item.availability
    if item.mtbf_hours is not None and item.mttr_hours is not None:
        return item.mtbf_hours / (item.mtbf_hours + item.mttr_hours)
    return item.default_availability


def unavailability(item: AnyComponent) -> float:
    """Return the share of the time that a component by itself does not work, as a probability."""
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


def cover(design: Design, cluster: Cluster) -> float:
    """Return the probability that a failover saves the service: s · e^(−T / MTTR).

    s is the share of switches that succeed, T detection plus switch time and MTTR the time to
    repair the member that died; an exponential repair time is assumed.
    """
    seconds = cluster.detection_seconds + cluster.switch_seconds
    first = design.components[cluster.members[0]] if cluster.members else cluster
    repair_hours = first.mttr_hours or DEFAULT_MTTR_HOURS
    return cluster.switch_success * math.exp(-seconds / (repair_hours * 3600))


def failure_probability(design: Design, event: str) -> float:
    """Return the share of the time in which an event is the case."""
    name, cover_of, _ = event.partition(COVER)
    item = design.components[name]
    if cover_of and isinstance(item, Cluster):
        return 1 - cover(design, item)
    return unavailability(item)
