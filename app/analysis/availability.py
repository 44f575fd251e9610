"""How much of the time a flow works: exact within a budget, else an estimate.

An estimate comes with an interval that holds in 95 of 100 cases, and with bounds that always do.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.analysis import diagrams
from app.analysis.cutsets import RequirementGraph
from app.analysis.events import failure_probability, failures_per_hour
from app.analysis.sampling import share_down

BUDGET = 200_000  # nodes of a decision diagram
DEEPEST = 300  # events; but long networks are narrow
MINUTES_PER_YEAR = 525_600
HOURS_PER_YEAR = 8_760
NOTHING = 1e-12  # a share of the downtime that only rounding leaves


@dataclass(frozen=True, slots=True)
class Availability:
    """The unavailability of a flow lies between `low` and `high`; both are one where it is exact.

    `importance` is Birnbaum's measure of each event: how much more of the time the flow works
    with the event never than with it always. Empty where the figures are bounds. `estimate` and
    its 95 % `interval` say where between the bounds the truth is to be expected; None if exact.
    `outages_per_year` is None where a part that matters has no MTBF and MTTR.
    """

    low: float
    high: float
    importance: Mapping[str, float]
    failing: Mapping[str, float] = field(default_factory=dict)
    outages_per_year: float | None = None
    estimate: float | None = None
    interval: tuple[float, float] | None = None

    @property
    def exact(self) -> bool:
        """Whether the figure is exact rather than an estimate."""
        return self.low == self.high

    @property
    def unavailability(self) -> float:
        """The share of the time in which the flow is down, exact or estimated."""
        return self.high if self.estimate is None else self.estimate

    @property
    def availability(self) -> float:
        """The share of the time in which the flow works."""
        return 1 - self.unavailability

    @property
    def downtime_minutes(self) -> float:
        """Minutes a year, of 365 days, in which the flow is down."""
        return self.unavailability * MINUTES_PER_YEAR

    @property
    def mean_outage_hours(self) -> float | None:
        """How long an outage lasts on average, in hours; None where their number is not known."""
        if not self.outages_per_year:
            return None
        return self.unavailability * HOURS_PER_YEAR / self.outages_per_year

    def contribution(self, event: str) -> float:
        """Return the share of the downtime in which an event has a part: B · q / U."""
        spared = self.importance.get(event, 0.0) * self.failing.get(event, 0.0)
        return spared / self.unavailability if self.unavailability else 0.0

    def risk_reduction_worth(self, event: str) -> float:
        """Return how many times less the flow would be down if an event never happened."""
        rest = 1 - self.contribution(event)
        return 1 / rest if rest > NOTHING else math.inf

    def risk_achievement_worth(self, event: str) -> float:
        """Return how many times more the flow would be down if an event were always the case.

        1 + B · (1 − q) / U: as if what it belongs to were not there.
        """
        spent = self.importance.get(event, 0.0) * (1 - self.failing.get(event, 0.0))
        return 1 + spent / self.unavailability if self.unavailability else 1.0


def availability_of(graph: RequirementGraph, flow_id: str, budget: int = BUDGET) -> Availability:
    """Return how available a flow is in the view of the graph; all events are independent.

    Exact by a decision diagram of at most `budget` nodes. Beyond that up to two failures at a time
    count exactly, from the cut sets of order 1 and 2, and three and more by a sample.
    """
    if graph.dead(flow_id):
        return Availability(1.0, 1.0, {})
    names = graph.cone_events(flow_id)
    if len(names) <= DEEPEST or graph.networks(flow_id):
        for order in diagrams.orders(graph, flow_id):
            try:
                return _exact(graph, flow_id, order, budget)
            except diagrams.TooLargeError:
                continue
    return _estimated(graph, flow_id, names)


def weighed_pairs(
    graph: RequirementGraph, flow_id: str
) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Return the minimal cut sets of two events with the probability of both at once.

    The most probable come first, equal ones by name.
    """
    return weighed(graph, graph.pairs(flow_id))


def weighed(
    graph: RequirementGraph, cuts: Iterable[frozenset[str]]
) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Return cut sets with the probability of all their events at once, the most probable first."""
    named = (tuple(sorted(cut)) for cut in cuts)
    found = (
        (cut, math.prod(failure_probability(graph.design, event) for event in cut)) for cut in named
    )
    return tuple(sorted(found, key=lambda item: (-item[1], item[0])))


def _exact(
    graph: RequirementGraph, flow_id: str, order: tuple[str, ...], budget: int
) -> Availability:
    levels = {name: level for level, name in enumerate(order)}
    diagram, root = diagrams.build(graph, flow_id, levels, budget)
    failing = [failure_probability(graph.design, name) for name in order]
    down = diagram.unavailability(root, failing)
    importance = dict(zip(order, diagram.importance(root, failing, down), strict=True))
    return Availability(
        down[root],
        down[root],
        importance,
        dict(zip(order, failing, strict=True)),
        _outages(graph, importance),
    )


def _outages(graph: RequirementGraph, importance: Mapping[str, float]) -> float | None:
    """Return the outages a year: 8760 · Σ B(x) · a(x) / MTBF(x) over the events that happen."""
    total = 0.0
    for event, weight in importance.items():
        rate = failures_per_hour(graph.design, event) if weight else 0.0
        if rate is None:
            return None
        total += weight * (1 - failure_probability(graph.design, event)) * rate
    return HOURS_PER_YEAR * total


def _estimated(graph: RequirementGraph, flow_id: str, names: tuple[str, ...]) -> Availability:
    """Return an estimate: at most two failures at a time exactly, three and more by a sample."""
    failing = {name: failure_probability(graph.design, name) for name in names}
    odds = {name: failure / (1 - failure) for name, failure in failing.items() if failure < 1}
    nothing = 1.0
    for failure in failing.values():
        nothing *= 1 - failure
    total = sum(odds.values())
    singles = graph.spofs(flow_id)
    alone = sum(odds.get(name, 0.0) for name in singles)
    squares = sum(odds.get(name, 0.0) ** 2 for name in singles)
    two = alone * total - (alone**2 + squares) / 2
    for first, second in map(tuple, graph.pairs(flow_id)):
        two += odds.get(first, 0.0) * odds.get(second, 0.0)
    low = nothing * (alone + two)
    rest = _three_or_more(failing.values())
    if not rest:
        return Availability(low, low, {})
    share, (least, most) = share_down(graph, flow_id, failing)
    return Availability(
        low,
        min(1.0, low + rest),
        {},
        estimate=min(1.0, low + rest * share),
        interval=(low + rest * least, min(1.0, low + rest * most)),
    )


def _three_or_more(failing: Iterable[float]) -> float:
    """Return the probability that at least three events happen (Poisson binomial)."""
    counts = [1.0, 0.0, 0.0, 0.0]
    for failure in failing:
        counts[3] += counts[2] * failure
        for count in (2, 1):
            counts[count] = counts[count] * (1 - failure) + counts[count - 1] * failure
        counts[0] *= 1 - failure
    return counts[3]
