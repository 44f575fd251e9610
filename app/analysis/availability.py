"""Exact availability of flows: a binary decision diagram over the failure events.

Reduced ordered binary decision diagrams: Bryant, "Graph-Based Algorithms for Boolean Function
Manipulation", IEEE Transactions on Computers C-35 (1986). The variables are ordered as a
breadth-first walk from the flow meets them. Unavailability is summed by itself, never as one
minus availability, so that its digits survive.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.analysis import events
from app.analysis.cutsets import RequirementGraph
from app.analysis.events import COVER
from app.model.containers import Cluster
from app.model.design import Design

BUDGET = 200_000  # nodes of the diagram
MINUTES_PER_YEAR = 525_600
_FALSE, _TRUE = 0, 1


@dataclass(frozen=True, slots=True)
class Availability:
    """How often a flow works, as probabilities."""

    unavailability: float

    @property
    def availability(self) -> float:
        """The share of the time that the flow works."""
        return 1 - self.unavailability

    @property
    def downtime_minutes(self) -> float:
        """The expected downtime in a year, minutes."""
        return self.unavailability * MINUTES_PER_YEAR


def availability_of(
    graph: RequirementGraph, flow_id: str, budget: int = BUDGET
) -> Availability | None:
    """Return the exact availability of a flow, or None where the diagram outgrows its budget."""
    try:
        diagram = _Diagram(budget)
        root = _build(graph, graph.flows[flow_id], diagram)
    except _OverBudgetError:
        return None
    chances = {level: _unavailability(graph.design, name) for name, level in diagram.levels.items()}
    return Availability(diagram.probability_of_false(root, chances))


def _unavailability(design: Design, event: str) -> float:
    if event.endswith(COVER):
        cluster = design.components[event.removesuffix(COVER)]
        assert isinstance(cluster, Cluster)  # noqa: S101  # only clusters have a cover
        return 1 - events.cover(design, cluster)
    return events.unavailability(design.components[event])


class _OverBudgetError(Exception):
    """The diagram has more nodes than it may have."""


@dataclass
class _Diagram:
    """Nodes are (level, what holds if the event happened, what if not); 0 is false, 1 true."""

    budget: int
    nodes: list[tuple[int, int, int]] = field(default_factory=lambda: [(1 << 60, 0, 0)] * 2)
    unique: dict[tuple[int, int, int], int] = field(default_factory=dict)
    memo: dict[tuple[bool, int, int], int] = field(default_factory=dict)
    levels: dict[str, int] = field(default_factory=dict)

    def node(self, level: int, low: int, high: int) -> int:
        """Return the node with this content, made if it is new."""
        if low == high:
            return low
        key = (level, low, high)
        found = self.unique.get(key)
        if found is None:
            if len(self.nodes) >= self.budget:
                raise _OverBudgetError
            found = self.unique[key] = len(self.nodes)
            self.nodes.append(key)
        return found

    def event(self, name: str) -> int:
        """Return the diagram of "this event has not happened"."""
        return self.node(self.levels[name], _FALSE, _TRUE)

    def combine(self, one: int, other: int, *, both: bool) -> int:
        """Return the diagram of both, or of either."""
        absorbing, neutral = (_FALSE, _TRUE) if both else (_TRUE, _FALSE)
        if absorbing in (one, other):
            return absorbing
        if one in (neutral, other):
            return other
        if other == neutral:
            return one
        key = (both, one, other) if one < other else (both, other, one)
        found = self.memo.get(key)
        if found is None:
            level = min(self.nodes[one][0], self.nodes[other][0])
            low1, high1 = self._split(one, level)
            low2, high2 = self._split(other, level)
            low = self.combine(low1, low2, both=both)
            high = self.combine(high1, high2, both=both)
            found = self.memo[key] = self.node(level, low, high)
        return found

    def _split(self, node: int, level: int) -> tuple[int, int]:
        own, low, high = self.nodes[node]
        return (low, high) if own == level else (node, node)

    def at_least(self, count: int, items: list[int]) -> int:
        """Return the diagram of at least `count` of the items, by rows."""
        rows = [_TRUE] + [_FALSE] * count
        for item in items:
            for row in range(count, 0, -1):
                joined = self.combine(rows[row - 1], item, both=True)
                rows[row] = self.combine(rows[row], joined, both=False)
        return rows[count]

    def probability_of_false(self, root: int, chances: Mapping[int, float]) -> float:
        """Return the probability that the diagram is false, from the bottom up."""
        found = {_FALSE: 1.0, _TRUE: 0.0}
        for number in range(2, len(self.nodes)):
            level, low, high = self.nodes[number]
            chance = chances[level]
            found[number] = chance * found[low] + (1 - chance) * found[high]
        return found[root]


def _build(graph: RequirementGraph, root: int, diagram: _Diagram) -> int:
    """Build from the leaves up; cycles start true and shrink until nothing changes."""
    cone = _breadth_first(graph, root)
    for number in cone:
        event = graph.nodes[number].event
        if event >= 0:
            diagram.levels[graph.events[event]] = len(diagram.levels)
    order, cyclic = graph.order
    inside = set(cone)
    order = [number for number in order if number in inside]
    found = dict.fromkeys(order, _TRUE)
    while True:
        changed = False
        for number in order:
            value = _value(graph, number, found, diagram)
            changed = changed or value != found[number]
            found[number] = value
        if not (cyclic and changed):
            return found[root]


def _value(
    graph: RequirementGraph, number: int, found: Mapping[int, int], diagram: _Diagram
) -> int:
    node = graph.nodes[number]
    if node.event >= 0:
        return diagram.event(graph.events[node.event])
    return diagram.at_least(node.count, [found[item] for item in node.items])


def _breadth_first(graph: RequirementGraph, root: int) -> list[int]:
    seen, order = {root}, [root]
    for number in order:
        for item in graph.nodes[number].items:
            if item not in seen:
                seen.add(item)
                order.append(item)
    return order
