"""Minimal cut sets of order 0, 1 and 2 by propagation of bit masks.

Each node of the requirement graph gets a mask: the events whose single failure brings it down,
and one more bit, "down already". All-of is the union of the masks of its items, any-of the
intersection, k-of-m what is in at least m − k + 1 of them. Exact, because only one event fails at
a time, so that shared events need no care. A cycle is the greatest fixpoint: the masks start
empty and grow until nothing changes. Whether parts reach each other is settled within one node,
as the least fixpoint (see `networks`). Cut sets: IEC 61025:2006 (fault tree analysis).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush
from operator import and_, or_

from app.analysis.networks import Network, drawn
from app.analysis.requirements import TRUE, Event, Gate, Requirements, Statement, Up, View
from app.analysis.revision import stale
from app.model.design import Design
from app.model.expressions import Reach

MOST_RUBBLE = 2  # nodes for each one that is still used, before they are numbered anew
DOWN = 1  # bit 0: down in every state; event i is bit i + 1


@dataclass(slots=True)  # frozen ones take three times as long to make
class Node:
    """A gate of the requirement graph: how many of its items have to hold. Leaves have none.

    Of a network each step is an item; its count says nothing.
    """

    count: int
    items: tuple[int, ...]
    event: int = -1  # the number of the event, for a leaf that is one
    network: Network | None = None


_LATER = Node(0, ())  # stands where a node will be


class RequirementGraph:
    """The requirements of all flows of a design in one view, numbered for propagation."""

    def __init__(
        self,
        design: Design,
        view: View,
        broken: frozenset[str] = frozenset(),
        *,
        links_fail: bool = False,
        before: "RequirementGraph | None" = None,
        at_peak: Mapping[str, float] | None = None,
    ) -> None:
        """Number every statement that some flow rests on; `broken` links carry nothing.

        With `links_fail` each link is an event too, named by its id. `before` is the graph of
        another version in the same view, without either: what cannot differ is taken from it.
        `at_peak` are the loads of the design for that view, where they are known.
        """
        self.design = design
        self.broken = broken
        self.view: View = view
        self.events: list[str] = []
        self.nodes: list[Node] = []
        self.number: dict[Statement, int] = {}
        self.requirements = Requirements(
            design, view, broken, links_fail=links_fail, at_peak=at_peak
        )
        self.event_numbers: dict[str, int] = {}
        if before is not None:
            self._take_over(before)
        self.flows: dict[str, int] = {
            key: self._add(self.requirements.flow(key)) for key in design.flows
        }
        if before is not None:
            self._forget()

    def _add(self, root: Statement) -> int:
        """Number a statement and all it rests on."""
        todo: list[tuple[int, Statement]] = []
        first = self._reserve(root, todo)
        self._finish(todo)
        return first

    def _finish(self, todo: list[tuple[int, Statement]]) -> None:
        """Make the nodes that are to be made, without recursion: chains may be long."""
        while todo:
            number, rests_on = todo.pop()
            self.nodes[number] = self._node(rests_on, todo)

    def _take_over(self, before: "RequirementGraph") -> None:
        """Begin with the nodes of another version, and ask anew for what is stale.

        Begin with none where a fresh look costs less, and where some parts have to reach each
        other: that may hang on any link.
        """
        networks = any(isinstance(statement, Reach) for statement in before.number)
        rubble = len(before.nodes) > MOST_RUBBLE * len(before.order[0])
        gone = None if networks or rubble else stale(before.design, self.design)
        if gone is None:
            return
        self.events, self.nodes = list(before.events), list(before.nodes)
        self.number, self.event_numbers = dict(before.number), dict(before.event_numbers)
        asked = [s for s in self.number if isinstance(s, Up) and s.component in gone]
        self._finish([(self.number[up], self.requirements.of(up)) for up in asked])

    def _forget(self) -> None:
        """Forget what no flow rests on any more; its nodes stay, and its events have no name."""
        used = frozenset(self.order[0])
        self.number = {s: number for s, number in self.number.items() if number in used}
        left = {self.nodes[number].event for number in used}
        self.events = [name if n in left else "" for n, name in enumerate(self.events)]
        self.event_numbers = {name: n for n, name in enumerate(self.events) if name}

    def _reserve(self, statement: Statement, todo: list[tuple[int, Statement]]) -> int:
        number = len(self.nodes)
        if not isinstance(statement, Gate):  # those of two parts are rarely equal, and dear to hash
            known = self.number.setdefault(statement, number)
            if known < number:
                return known
        self.nodes.append(_LATER)
        rests_on = self.requirements.of(statement) if isinstance(statement, Up) else statement
        todo.append((number, rests_on))
        return number

    def _node(self, statement: Statement, todo: list[tuple[int, Statement]]) -> Node:
        if isinstance(statement, Event):
            return Node(0, (), self._event(statement.name))
        if isinstance(statement, Up):
            return Node(1, (self._reserve(statement, todo),))
        if isinstance(statement, Reach):
            return self._network(statement, todo)
        items = [self._reserve(item, todo) for item in statement.items]
        return Node(statement.least, tuple(items))

    def _network(self, reach: Reach, todo: list[tuple[int, Statement]]) -> Node:
        found = drawn(self.design, reach)
        if found is None:
            return Node(1, ())
        network, names = found
        steps: Iterable[Statement] = (Up(name, "alive") if name else TRUE for name in names)
        return Node(-1, tuple(self._reserve(step, todo) for step in steps), network=network)

    def _event(self, name: str) -> int:
        """Return the number of an event: one, however many statements are nothing but the event."""
        number = self.event_numbers.setdefault(name, len(self.events))
        if number == len(self.events):
            self.events.append(name)
        return number

    def bit(self, event: str) -> int:
        """Return the mask with the bit of one event; 0 if no flow rests on it."""
        number = self.event_numbers.get(event)
        return 0 if number is None else 1 << (number + 1)

    @cached_property
    def order(self) -> tuple[Sequence[int], bool]:
        """The nodes with what they rest on before them, and whether there are cycles."""
        state = bytearray(len(self.nodes))  # 0 new, 1 entered, 2 done
        order: list[int] = []
        cyclic = False
        for root in self.flows.values():
            stack = [root]
            while stack:
                node = stack[-1]
                if not state[node]:
                    cyclic = self._enter(node, state, stack, order) or cyclic
                    continue
                stack.pop()
                if state[node] == 1:
                    state[node] = 2
                    order.append(node)
        return order, cyclic

    def _enter(self, node: int, state: bytearray, stack: list[int], order: list[int]) -> bool:
        """Go on to what a node rests on, past leaves; return whether one of it is entered."""
        nodes, entered = self.nodes, False
        state[node] = 1
        for item in nodes[node].items:
            if state[item]:
                entered = entered or state[item] == 1
            elif nodes[item].items:
                stack.append(item)
            else:
                state[item] = 2
                order.append(item)
        return entered

    @cached_property
    def masks(self) -> list[int]:
        """For each node the events whose single failure brings it down, as bits."""
        return self.propagate()

    @property
    def _every_bit(self) -> int:
        return (1 << (len(self.events) + 1)) - 1

    def propagate(self, down: Collection[int] = ()) -> list[int]:
        """Return the masks, anew, when the events with these numbers have failed already."""
        every_bit = self._every_bit
        events = range(len(self.events))
        leaves = [every_bit if number in down else 1 << (number + 1) for number in events]
        return self._settled(leaves, every_bit)

    def _after(self, down: Collection[int]) -> list[int]:
        """Return the same without cycles: only what rests on a mask that grew is looked at."""
        every_bit, masks = self._every_bit, list(self.masks)
        grown = bytearray(len(masks))
        for number in self.order[0]:
            node = self.nodes[number]
            if node.event in down:
                mask = every_bit
            elif any(map(grown.__getitem__, node.items)):
                mask = _combine(node, masks, every_bit)
            else:
                continue
            grown[number] = mask != masks[number]
            masks[number] = mask
        return masks

    def down_in(self, scenarios: Mapping[str, int], count: int) -> dict[str, int]:
        """Return for each flow the scenarios in which it is down, as bits; of `count` scenarios.

        `scenarios` has for each event those in which it happens; it happens in none otherwise. One
        pass answers for all: a gate is down in a scenario exactly if enough of its items are.
        """
        masks = self.masks_in(scenarios, count)
        return {key: masks[root] for key, root in self.flows.items()}

    def masks_in(self, scenarios: Mapping[str, int], count: int) -> list[int]:
        """Return for each node the scenarios in which it does not hold, as bits."""
        leaves = [scenarios.get(name, 0) for name in self.events]
        return self._settled(leaves, (1 << count) - 1)

    def _settled(self, leaves: Sequence[int], every_bit: int) -> list[int]:
        """Return the bits of all nodes that follow from those of the events."""
        nodes = self.nodes
        masks = [0] * len(nodes)
        order, cyclic = self.order
        while True:
            changed = False
            for number in order:
                node = nodes[number]
                event = node.event
                mask = leaves[event] if event >= 0 else _combine(node, masks, every_bit)
                if mask != masks[number]:
                    masks[number] = mask
                    changed = True
            if not (cyclic and changed):
                return masks

    def mask(self, statement: Statement) -> int:
        """Return the mask of a statement that some flow rests on; 0 if none does."""
        number = self.number.get(statement)
        return 0 if number is None else self.masks[number]

    def names(self, mask: int) -> tuple[str, ...]:
        """Return the names of the events in a mask, in the order of their numbers."""
        found = []
        mask >>= 1
        while mask:
            low = mask & -mask
            found.append(self.events[low.bit_length() - 1])
            mask ^= low
        return tuple(filter(None, found))  # what is down is so after a forgotten event as well

    def dead(self, flow_id: str) -> bool:
        """Whether a flow is down in every state: the empty set is a cut set."""
        return bool(self.masks[self.flows[flow_id]] & DOWN)

    def spofs(self, flow_id: str) -> frozenset[str]:
        """Return the single points of failure of a flow: its minimal cut sets of order 1."""
        if self.dead(flow_id):
            return frozenset()
        return frozenset(self.names(self.masks[self.flows[flow_id]]))

    def down_when(self, failed: Iterable[str]) -> frozenset[str]:
        """Return the flows that are down once some events have happened."""
        masks = self.masks_when(failed)
        return frozenset(key for key, root in self.flows.items() if masks[root] & DOWN)

    def masks_when(self, failed: Iterable[str]) -> list[int]:
        """Return for each node what brings it down once some events have happened."""
        numbers = (self.event_numbers.get(name) for name in failed)
        down = frozenset(number for number in numbers if number is not None)
        return self.propagate(down) if self.order[1] else self._after(down)

    def spofs_when(self, failed: Iterable[str]) -> dict[str, frozenset[str]]:
        """Return the single points of failure of each flow once some events have happened.

        A flow that is down already has none.
        """
        gone = frozenset(failed)
        return self.spofs_in(self.masks_when(gone), gone)

    def spofs_in(self, masks: Sequence[int], gone: frozenset[str]) -> dict[str, frozenset[str]]:
        """Return the same from the masks once the events that are gone have happened."""
        return {
            key: frozenset() if masks[root] & DOWN else frozenset(self.names(masks[root])) - gone
            for key, root in self.flows.items()
        }

    def pairs(self, flow_id: str) -> frozenset[frozenset[str]]:
        """Return the minimal cut sets of order 2 of a flow.

        For each event of the cone that is no cut set by itself, the masks that grow when it has
        failed already are propagated upwards, and only those.
        """
        if self.dead(flow_id):
            return frozenset()
        root = self.flows[flow_id]
        above = self._above(self.cone(flow_id))
        singles = self.masks[root]
        place = {number: index for index, number in enumerate(self.order[0])}
        found: set[frozenset[str]] = set()
        for number in above:
            event = self.nodes[number].event
            if event < 0 or singles >> (event + 1) & 1:
                continue
            mask = self._grown(number, root, above, place) & ~singles & ~DOWN
            mask &= ~(1 << (event + 1))
            name = self.events[event]
            found.update(frozenset((name, other)) for other in self.names(mask))
        return frozenset(found)

    def _grown(
        self,
        leaf: int,
        root: int,
        above: dict[int, list[int]],
        place: dict[int, int],
    ) -> int:
        """Return the mask of the root when the event of this leaf has failed already."""
        every_bit, masks = self._every_bit, self.masks
        before = {leaf: masks[leaf]}
        masks[leaf] = every_bit
        heap: list[tuple[int, int]] = []
        waiting: set[int] = set()
        _push(above[leaf], heap, waiting, place)
        while heap:
            number = heappop(heap)[1]
            waiting.discard(number)
            mask = _combine(self.nodes[number], masks, every_bit)
            if mask != masks[number]:
                before.setdefault(number, masks[number])
                masks[number] = mask
                _push(above[number], heap, waiting, place)
        grown = masks[root]
        for number, mask in before.items():
            masks[number] = mask
        return grown

    def _above(self, cone: Iterable[int]) -> dict[int, list[int]]:
        """Return for each node of a cone the nodes of it that rest on the node directly."""
        above: dict[int, list[int]] = {number: [] for number in cone}
        for number in above:
            for item in self.nodes[number].items:
                above[item].append(number)
        return above

    def cone(self, flow_id: str) -> tuple[int, ...]:
        """Return the nodes that a flow rests on, breadth first from the flow."""
        found = dict.fromkeys((self.flows[flow_id],))
        todo = list(found)
        for number in todo:
            for item in self.nodes[number].items:
                if item not in found:
                    found[item] = None
                    todo.append(item)
        return tuple(found)

    def networks(self, flow_id: str) -> tuple[int, ...]:
        """Return the networks among the nodes that a flow rests on."""
        return tuple(n for n in self.cone(flow_id) if self.nodes[n].network is not None)

    def cone_events(self, flow_id: str) -> tuple[str, ...]:
        """Return the events that a flow rests on, nearest to the flow first."""
        nodes = (self.nodes[number] for number in self.cone(flow_id))
        return tuple(self.events[node.event] for node in nodes if node.event >= 0)


def _push(
    numbers: Iterable[int], heap: list[tuple[int, int]], waiting: set[int], place: dict[int, int]
) -> None:
    for number in numbers:
        if number not in waiting:
            waiting.add(number)
            heappush(heap, (place[number], number))


def _combine(node: Node, masks: list[int], every_bit: int) -> int:
    count, items = node.count, node.items
    if count == len(items):
        mask = 0
        for item in items:
            mask |= masks[item]
        return mask
    if count > len(items):
        return every_bit
    if count == 1:
        mask = every_bit
        for item in items:
            mask &= masks[item]
        return mask
    if node.network is not None:
        works = [masks[item] for item in items]
        return node.network.joined(works, or_, and_, every_bit)
    return _in_at_least(len(items) - count + 1, [masks[item] for item in items], every_bit)


def _in_at_least(count: int, masks: Sequence[int], every_bit: int) -> int:
    """Return the bits that are set in at least `count` of the masks: counting by rows."""
    rows = [every_bit] + [0] * count
    for mask in masks:
        for row in range(count, 0, -1):
            rows[row] |= rows[row - 1] & mask
    return rows[count]
