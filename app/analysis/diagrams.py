"""Binary decision diagrams of requirements: exact probabilities with a bound on the size.

A diagram is an ordered, reduced graph (Bryant 1986) over the failure events; terminal 0 says that
the flow is down, terminal 1 that it works.
"""

from collections.abc import Callable, Mapping, Sequence

from app.analysis.cutsets import RequirementGraph
from app.analysis.frontier import FIRST, layers
from app.analysis.networks import Network

FAILS, WORKS = 0, 1


class TooLargeError(Exception):
    """The diagram would need more nodes than the budget allows."""


class Diagram:
    """The diagrams of one variable order, which share their nodes."""

    def __init__(self, budget: int) -> None:
        """Start with the two terminals; `budget` bounds the number of nodes."""
        self.budget = budget
        self.nodes: list[tuple[int, int, int]] = [(1 << 30, 0, 0), (1 << 30, 1, 1)]
        self._unique: dict[tuple[int, int, int], int] = {}
        self._both: dict[tuple[int, int], int] = {}
        self._either: dict[tuple[int, int], int] = {}

    def variable(self, level: int) -> int:
        """Return the diagram of one event that has not happened."""
        return self._make(level, FAILS, WORKS)

    def _make(self, level: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (level, low, high)
        found = self._unique.get(key)
        if found is None:
            if len(self.nodes) >= self.budget:
                raise TooLargeError
            found = self._unique[key] = len(self.nodes)
            self.nodes.append(key)
        return found

    def both(self, left: int, right: int) -> int:
        """Return the diagram that works where both do."""
        if left > right:
            left, right = right, left
        if left <= WORKS:
            return right if left else FAILS
        if left == right:
            return left
        key = left, right
        found = self._both.get(key)
        if found is None:
            found = self._both[key] = self._merged(left, right, self.both)
        return found

    def either(self, left: int, right: int) -> int:
        """Return the diagram that works where one of them does."""
        if left > right:
            left, right = right, left
        if left <= WORKS:
            return WORKS if left else right
        if left == right:
            return left
        key = left, right
        found = self._either.get(key)
        if found is None:
            found = self._either[key] = self._merged(left, right, self.either)
        return found

    def _merged(self, left: int, right: int, merge: Callable[[int, int], int]) -> int:
        """Return the diagram of two inner nodes, whose branches are merged one by one."""
        level, low, high = self.nodes[left]
        other, other_low, other_high = self.nodes[right]
        if level < other:
            return self._make(level, merge(low, right), merge(high, right))
        if other < level:
            return self._make(other, merge(left, other_low), merge(left, other_high))
        return self._make(level, merge(low, other_low), merge(high, other_high))

    def choose(self, by: int, low: int, high: int) -> int:
        """Return the diagram that works where `low` does, or `high` and what is chosen by.

        `high` works wherever `low` does. With a single event, which comes before theirs, this is
        one node.
        """
        level, *ends = self.nodes[by]
        if ends == [FAILS, WORKS] and level < min(self.nodes[low][0], self.nodes[high][0]):
            return self._make(level, low, high)
        return self.either(low, self.both(by, high))

    def joined(self, network: Network, steps: Sequence[int]) -> int:
        """Return the diagram that works where a network joins its ends, given those of its steps.

        Raises:
            TooLargeError: the network has more states than the budget allows nodes.
        """
        if network.directed:
            return network.joined(steps, self.both, self.either, FAILS)
        found, count = [], 0
        for layer in layers(network, [{FAILS: False, WORKS: True}.get(step) for step in steps]):
            found.append(layer)
            count += len(layer)
            if count > self.budget:
                raise TooLargeError
        below = [FAILS, WORKS]
        for step, layer in zip(reversed(steps), reversed(found), strict=True):
            here = (self.choose(step, below[fails], below[works]) for fails, works in layer)
            below = [FAILS, WORKS, *here]
        return below[FIRST]

    def at_least(self, count: int, diagrams: Sequence[int]) -> int:
        """Return the diagram that works where at least `count` of them do."""
        rows = [WORKS] + [FAILS] * count
        ordered = sorted(diagrams, key=lambda item: self.nodes[item][0], reverse=True)
        for left, diagram in zip(range(len(ordered))[::-1], ordered, strict=True):
            # A row from which the last one is out of reach would be worked out for nothing.
            for row in range(count, max(count - left - 1, 0), -1):
                rows[row] = self.either(rows[row], self.both(rows[row - 1], diagram))
        return rows[count]

    def reachable(self, root: int) -> list[int]:
        """Return the inner nodes of a diagram, each before the nodes it points to."""
        found = {root} - {FAILS, WORKS}
        todo = list(found)
        for number in todo:
            for child in self.nodes[number][1:]:
                if child > WORKS and child not in found:
                    found.add(child)
                    todo.append(child)
        return sorted(found, key=lambda number: self.nodes[number][0])

    def unavailability(self, root: int, failing: Sequence[float]) -> dict[int, float]:
        """Return for each node the probability that it fails; only sums of positive terms.

        `failing` holds the probability of the event of each level.
        """
        down = {FAILS: 1.0, WORKS: 0.0}
        for number in reversed(self.reachable(root)):
            level, low, high = self.nodes[number]
            down[number] = failing[level] * down[low] + (1 - failing[level]) * down[high]
        return down

    def importance(
        self, root: int, failing: Sequence[float], down: Mapping[int, float]
    ) -> list[float]:
        """Return Birnbaum's measure of each level: P(works | event absent) − P(works | happens)."""
        reached = {root: 1.0}
        found = [0.0] * len(failing)
        for number in self.reachable(root):
            level, low, high = self.nodes[number]
            chance = reached[number]
            found[level] += chance * (down[low] - down[high])
            reached[low] = reached.get(low, 0.0) + chance * failing[level]
            reached[high] = reached.get(high, 0.0) + chance * (1 - failing[level])
        return found


def orders(graph: RequirementGraph, flow_id: str) -> tuple[tuple[str, ...], ...]:
    """Return orders of the events to try, the most promising first.

    Nearest to the flow first, and depth first; the latter suits a network, which is summed up along
    its steps, each with all that it rests on.
    """
    found = graph.cone_events(flow_id), _depth_first(graph, flow_id)
    return found[::-1] if graph.networks(flow_id) else found


def _depth_first(graph: RequirementGraph, flow_id: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    seen: set[int] = set()
    todo = [graph.flows[flow_id]]
    while todo:
        number = todo.pop()
        if number in seen:
            continue
        seen.add(number)
        node = graph.nodes[number]
        if node.event >= 0:
            found[graph.events[node.event]] = None
        todo.extend(reversed(node.items))
    return tuple(found)


def build(
    graph: RequirementGraph, flow_id: str, levels: Mapping[str, int], budget: int
) -> tuple[Diagram, int]:
    """Return the diagram of a flow for an order of the events; cycles: the greatest fixpoint.

    Raises:
        TooLargeError: it would need more nodes than the budget, or is too deep to walk through.
    """
    diagram = Diagram(budget)
    try:
        return diagram, _root(diagram, graph, flow_id, levels)
    except RecursionError:
        raise TooLargeError from None


def _root(
    diagram: Diagram, graph: RequirementGraph, flow_id: str, levels: Mapping[str, int]
) -> int:
    cone = set(graph.cone(flow_id))
    order, cyclic = graph.order
    values = dict.fromkeys(cone, WORKS)
    while True:
        changed = False
        for number in order:
            if number not in cone:
                continue
            node = graph.nodes[number]
            if node.event >= 0:
                value = diagram.variable(levels[graph.events[node.event]])
            elif node.network is not None:
                value = diagram.joined(node.network, [values[item] for item in node.items])
            else:
                value = diagram.at_least(node.count, [values[item] for item in node.items])
            changed |= value != values[number]
            values[number] = value
        if not (cyclic and changed):
            return values[graph.flows[flow_id]]
