"""Networks: the parts and links that can join some parts, and when they do.

Who is reached is the least fixpoint: nothing is, until something that works leads there from what
is reached already. Requirements that lead in a circle are the greatest one (see `cutsets`); so a
network is a single node there, which is settled by itself.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from app.model.containers import Cluster
from app.model.design import Design
from app.model.expressions import Reach

OLDEST = 16  # vertices of the frontier among which the next one is chosen


class Edge(NamedTuple):
    """A link, by its ends and its id; a cluster leads to its members without one."""

    source: str
    target: str
    link: str = ""


@dataclass(frozen=True)
class Network:
    """What may join some ends, in the order in which it is summed up.

    Each step is a part (twice its number) or an edge between two parts with earlier steps. Parts
    are numbered as they come.
    """

    steps: tuple[tuple[int, int], ...]
    ends: tuple[int, ...]
    directed: bool

    @cached_property
    def parts(self) -> tuple[int, ...]:
        """The step of each part."""
        return tuple(step for step, (tail, head) in enumerate(self.steps) if tail == head)

    @cached_property
    def onward(self) -> tuple[tuple[tuple[int, int], ...], ...]:
        """For each part the edges that lead on from it, by their step, and where they lead."""
        found: list[list[tuple[int, int]]] = [[] for _ in self.parts]
        for step, (tail, head) in enumerate(self.steps):
            if tail != head:
                found[tail].append((step, head))
                if not self.directed:
                    found[head].append((step, tail))
        return tuple(map(tuple, found))

    def joined(
        self,
        works: Sequence[int],
        both: Callable[[int, int], int],
        either: Callable[[int, int], int],
        never: int,
    ) -> int:
        """Return when all ends are joined, given when each step works.

        What a value is, is up to `both`, `either` and `never`: bits, or decision diagrams.
        """
        reached = [never] * len(self.parts)
        first = self.ends[0]
        reached[first] = works[self.parts[first]]
        todo = deque((first,))
        while todo:
            here = todo.popleft()
            for step, there in self.onward[here]:
                alive = works[self.parts[there]]
                if reached[there] == alive:
                    continue  # it is reached whenever it works at all
                more = either(reached[there], both(alive, both(works[step], reached[here])))
                if more != reached[there]:
                    reached[there] = more
                    todo.append(there)
        found = reached[first]
        for end in self.ends[1:]:
            found = both(found, reached[end])
        return found


def drawn(design: Design, reach: Reach) -> tuple[Network, tuple[str, ...]] | None:
    """Return the network of traffic links that may join parts, and what each step is.

    A step is a component or a link by its id, or empty where a cluster leads to a member. None
    where nothing that is drawn joins all of the parts.
    """
    if not design.components.keys() >= set(reach.parts):
        return None
    edges = list(_edges(design))
    if reach.directed:
        edges = _within(edges, _ahead(edges, reach.parts))
    between = _between(edges, reach.parts)
    return _in_order(_within(edges, between), reach) if between else None


def _edges(design: Design) -> Iterator[Edge]:
    for key, link in design.links.items():
        if link.is_traffic:
            yield Edge(link.source, link.target, key)
    for key, item in design.components.items():
        if isinstance(item, Cluster):
            yield from (Edge(key, member) for member in item.members)


def _within(edges: Iterable[Edge], parts: frozenset[str]) -> list[Edge]:
    return [edge for edge in edges if edge.source in parts and edge.target in parts]


def _between(edges: Iterable[Edge], ends: Sequence[str]) -> frozenset[str]:
    """Return the parts on ways between the ends, none of which passes a part twice.

    Nothing where an end is left out. The parts are in one biconnected component with a further
    vertex that is joined to every end.
    """
    import networkx as nx  # only a design with such a requirement has to wait for it

    hub = ""  # the id of no part
    graph: nx.Graph[str] = nx.Graph()
    graph.add_edges_from((edge.source, edge.target) for edge in edges)
    graph.add_edges_from((hub, end) for end in ends)
    for block in map(frozenset[str], nx.biconnected_components(graph)):  # type: ignore[arg-type]  # they are sets
        if block.issuperset((hub, *ends)):
            return block
    return frozenset()


def _ahead(edges: Sequence[Edge], ends: Sequence[str]) -> frozenset[str]:
    """Return the parts on ways that lead from the first end to another one."""
    first, *others = ends
    ahead: dict[str, list[str]] = {}
    back: dict[str, list[str]] = {}
    for edge in edges:
        ahead.setdefault(edge.source, []).append(edge.target)
        back.setdefault(edge.target, []).append(edge.source)
    return _spread((first,), ahead) & _spread(others, back)


def _spread(starts: Iterable[str], onward: Mapping[str, Sequence[str]]) -> frozenset[str]:
    found = dict.fromkeys(starts)
    todo = list(found)
    for here in todo:
        for there in onward.get(here, ()):
            if there not in found:
                found[there] = None
                todo.append(there)
    return frozenset(found)


def _in_order(edges: Sequence[Edge], reach: Reach) -> tuple[Network, tuple[str, ...]]:
    """Number parts and edges so that few parts at a time have edges before and behind.

    Starts at an end, at what is farthest from it, and at what is farthest from that, and takes the
    best (George and Liu 1979: a vertex at the rim of a graph is a good one to start at).
    """
    touching: dict[str, list[Edge]] = {}
    for edge in edges:
        touching.setdefault(edge.source, []).append(edge)
        touching.setdefault(edge.target, []).append(edge)
    orders, start = [], reach.parts[0]
    for _ in range(1 if reach.directed else 3):
        orders.append(_Order(touching, start))
        start = next(reversed(orders[-1].number))
    best = min(orders, key=lambda order: order.cost)
    ends = tuple(best.number[part] for part in reach.parts)
    return Network(tuple(best.steps), ends, reach.directed), tuple(best.names)


class _Order:
    """An order of the parts and edges of a network from a start, and what it would cost.

    The part to finish next is that of the oldest in the frontier with the fewest new neighbours.
    """

    def __init__(self, touching: Mapping[str, Sequence[Edge]], start: str) -> None:
        self.touching = touching
        self.number: dict[str, int] = {}
        self.steps: list[tuple[int, int]] = []
        self.names: list[str] = []
        self.frontier: dict[str, None] = {}
        self.cost = 0.0  # states of the frontier, if each part in it doubled them
        self._enter(start)
        done: set[Edge] = set()
        while self.frontier:
            here = min(islice(self.frontier, OLDEST), key=self._news)
            for edge in touching[here]:
                if edge not in done:
                    done.add(edge)
                    self._add(edge)
            del self.frontier[here]

    def _news(self, part: str) -> int:
        ends = {end for edge in self.touching[part] for end in (edge.source, edge.target)}
        return len(ends - self.number.keys())

    def _enter(self, part: str) -> None:
        self.number[part] = len(self.number)
        self.frontier[part] = None
        self._step(part, part, part)

    def _add(self, edge: Edge) -> None:
        for end in (edge.source, edge.target):
            if end not in self.number:
                self._enter(end)
        self._step(edge.source, edge.target, edge.link)

    def _step(self, tail: str, head: str, name: str) -> None:
        self.steps.append((self.number[tail], self.number[head]))
        self.names.append(name)
        self.cost += 2.0 ** min(len(self.frontier), 1000)
