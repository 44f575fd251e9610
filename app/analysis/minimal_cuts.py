"""All minimal cut sets of a flow, of every order, from its decision diagram.

A family of sets is a zero-suppressed diagram (Minato 1993) over the same levels; the minimal cut
sets of a coherent diagram follow from one pass over it (Rauzy 1993).
"""

from collections.abc import Iterator, Mapping, Sequence

from app.analysis.availability import BUDGET
from app.analysis.cutsets import RequirementGraph
from app.analysis.diagrams import FAILS, WORKS, TooLargeError, build, orders

NONE, EMPTY = 0, 1  # the family without any set, and the one that holds the empty set alone
_BOTTOM = 1 << 30


class Families:
    """Families of sets of levels, which share their nodes: level, without it, with it."""

    def __init__(self, budget: int) -> None:
        """Start with the two terminals; `budget` bounds the number of nodes."""
        self._budget = budget
        self.nodes: list[tuple[int, int, int]] = [(_BOTTOM, 0, 0), (_BOTTOM, 1, 1)]
        self._unique: dict[tuple[int, int, int], int] = {}
        self._known: dict[tuple[int, int], int] = {}

    def make(self, level: int, without: int, with_it: int) -> int:
        """Return the sets of one family, and those of another one with a level added."""
        if with_it == NONE:
            return without
        key = (level, without, with_it)
        found = self._unique.get(key)
        if found is None:
            if len(self.nodes) >= self._budget:
                raise TooLargeError
            found = self._unique[key] = len(self.nodes)
            self.nodes.append(key)
        return found

    def unless(self, family: int, other: int) -> int:
        """Return the sets of a family that contain no set of another one."""
        if family == NONE or other == EMPTY:
            return NONE
        if other == NONE or family == EMPTY:
            return family
        key = (family, other)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._unless(family, other)
        return found

    def _unless(self, family: int, other: int) -> int:
        level, without, with_it = self.nodes[family]
        other_level, other_without, other_with = self.nodes[other]
        if other_level < level:
            return self.unless(family, other_without)
        if level < other_level:
            return self.make(level, self.unless(without, other), self.unless(with_it, other))
        kept = self.unless(self.unless(with_it, other_with), other_without)
        return self.make(level, self.unless(without, other_without), kept)

    def counts(self, family: int) -> dict[int, int]:
        """Return how many sets of each size a family holds."""
        known: dict[int, Mapping[int, int]] = {NONE: {}, EMPTY: {0: 1}}
        for number in range(2, family + 1):  # a node comes after those that it points to
            _, without, with_it = self.nodes[number]
            sizes = dict(known[without])
            for size, count in known[with_it].items():
                sizes[size + 1] = sizes.get(size + 1, 0) + count
            known[number] = sizes
        return dict(sorted(known[family].items()))

    def sets(self, family: int, most: int) -> Iterator[frozenset[int]]:
        """Yield the sets of a family that have at most so many levels."""
        todo: list[tuple[int, frozenset[int]]] = [(family, frozenset())]
        while todo:
            number, chosen = todo.pop()
            if number == EMPTY:
                yield chosen
            elif number != NONE:
                level, without, with_it = self.nodes[number]
                todo.append((without, chosen))
                if len(chosen) < most:
                    todo.append((with_it, chosen | {level}))


class CutSets:
    """The minimal cut sets of a flow; `by_order` counts them by the number of their events.

    A flow that works in no state has one cut set of order 0.
    """

    def __init__(self, families: Families, family: int, events: Sequence[str]) -> None:
        """Take a family of sets of levels, and the event of each level."""
        self._families = families
        self._family = family
        self._events = events
        self.by_order = families.counts(family)

    @property
    def degree(self) -> int | None:
        """The redundancy degree: how many failures it takes at least; None if none suffice."""
        return min(self.by_order, default=None)

    def up_to(self, order: int) -> tuple[frozenset[str], ...]:
        """Return the cut sets of at most so many events, smallest first."""
        found = (
            frozenset(self._events[level] for level in levels)
            for levels in self._families.sets(self._family, order)
        )
        return tuple(sorted(found, key=lambda cut: (len(cut), sorted(cut))))


def minimal_cut_sets(graph: RequirementGraph, flow_id: str, budget: int = BUDGET) -> CutSets:
    """Return all minimal cut sets of a flow in the view of a graph.

    Raises:
        TooLargeError: its decision diagram would need more nodes than the budget, or the family of
            its cut sets would, or either is too deep to walk through.
    """
    try:
        return _minimal_cut_sets(graph, flow_id, budget)
    except RecursionError:
        raise TooLargeError from None


def _minimal_cut_sets(graph: RequirementGraph, flow_id: str, budget: int) -> CutSets:
    events = orders(graph, flow_id)[0]
    levels = {event: level for level, event in enumerate(events)}
    diagram, root = build(graph, flow_id, levels, budget)
    families = Families(budget)
    found = {FAILS: EMPTY, WORKS: NONE}
    for number in reversed(diagram.reachable(root)):
        level, low, high = diagram.nodes[number]
        found[number] = families.make(level, found[high], families.unless(found[low], found[high]))
    return CutSets(families, found[root], events)
