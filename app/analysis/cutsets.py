"""Minimal cut sets of order 0, 1 and 2 by propagation of bit masks.

Each node of the requirement graph gets a mask: the events whose single failure brings it down,
and one more bit, "down already". All-of is the union of the masks of its items, any-of the
intersection, k-of-m what is in at least m − k + 1 of them. Exact, because only one event fails at
a time, so that shared events need no care. A cycle is the greatest fixpoint: the masks start
empty and grow until nothing changes. Cut sets: IEC 61025:2006 (fault tree analysis).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from app.analysis.events import COVER
from app.analysis.requirements import Event, Gate, Requirements, Statement, Up, View
from app.model.design import Design

DOWN = 1  # bit 0: down in every state; event i is bit i + 1


@dataclass(frozen=True, slots=True)
class Node:
    """A gate of the requirement graph: how many of its items have to hold. Leaves have none."""

    count: int
    items: tuple[int, ...]
    event: int = -1  # the number of the event, for a leaf that is one


class RequirementGraph:
    """The requirements of all flows of a design in one view, numbered for propagation."""

    def __init__(self, design: Design, view: View) -> None:
        """Number every statement that some flow or component rests on."""
        self.design = design
        self.view: View = view
        self.events: list[str] = []
        self.nodes: list[Node] = []
        self.number: dict[Statement, int] = {}
        self._requirements = Requirements(design, view)
        self.flows: dict[str, int] = {
            key: self._add(self._requirements.flow(key)) for key in design.flows
        }

    def _add(self, root: Statement) -> int:
        """Number a statement and all it rests on, without recursion: chains may be long."""
        todo: list[tuple[Statement, Statement]] = []
        first = self._reserve(root, todo)
        while todo:
            statement, rests_on = todo.pop()
            self.nodes[self.number[statement]] = self._node(rests_on, todo)
        return first

    def _reserve(self, statement: Statement, todo: list[tuple[Statement, Statement]]) -> int:
        known = self.number.get(statement)
        if known is not None:
            return known
        number = self.number[statement] = len(self.nodes)
        self.nodes.append(Node(0, ()))
        rests_on = self._requirements.of(statement) if isinstance(statement, Up) else statement
        todo.append((statement, rests_on))
        return number

    def _node(self, statement: Statement, todo: list[tuple[Statement, Statement]]) -> Node:
        if isinstance(statement, Event):
            return Node(0, (), self._event(statement.name))
        if isinstance(statement, Up):
            return Node(1, (self._reserve(statement, todo),))
        items = tuple(self._reserve(item, todo) for item in statement.items)
        return Node(statement.count, items)

    def _event(self, name: str) -> int:
        if name not in self._event_numbers:
            self._event_numbers[name] = len(self.events)
            self.events.append(name)
        return self._event_numbers[name]

    @cached_property
    def _event_numbers(self) -> dict[str, int]:
        return {}

    def event_number(self, name: str) -> int | None:
        """Return the number of an event, or None if no flow rests on it."""
        return self._event_numbers.get(name)

    @cached_property
    def order(self) -> tuple[Sequence[int], bool]:
        """The nodes with what they rest on before them, and whether there are cycles."""
        state = bytearray(len(self.nodes))  # 0 new, 1 entered, 2 done
        order: list[int] = []
        cyclic = False
        for root in range(len(self.nodes)):
            stack = [root]
            while stack:
                node = stack[-1]
                if state[node] == 0:
                    state[node] = 1
                    for item in self.nodes[node].items:
                        if state[item] == 0:
                            stack.append(item)
                        elif state[item] == 1:
                            cyclic = True
                    continue
                stack.pop()
                if state[node] == 1:
                    state[node] = 2
                    order.append(node)
        return order, cyclic

    @cached_property
    def masks(self) -> list[int]:
        """For each node the events whose single failure brings it down, as bits."""
        return self.propagate(frozenset())

    def propagate(self, down: frozenset[int]) -> list[int]:
        """Return the masks when the events with these numbers have failed already."""
        masks = [0] * len(self.nodes)
        every_bit = (1 << (len(self.events) + 1)) - 1
        order, cyclic = self.order
        while True:
            changed = False
            for number in order:
                node = self.nodes[number]
                if node.event >= 0:
                    mask = every_bit if node.event in down else 1 << (node.event + 1)
                else:
                    mask = _combine(node, masks, every_bit)
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
        return tuple(found)

    def dead(self, flow_id: str) -> bool:
        """Whether a flow is down in every state: the empty set is a cut set."""
        return bool(self.masks[self.flows[flow_id]] & DOWN)

    def spofs(self, flow_id: str) -> frozenset[str]:
        """Return the single points of failure of a flow: its minimal cut sets of order 1."""
        if self.dead(flow_id):
            return frozenset()
        return frozenset(self.names(self.masks[self.flows[flow_id]]))

    def pairs(self, flow_id: str) -> frozenset[frozenset[str]]:
        """Return the minimal cut sets of order 2 of a flow."""
        if self.dead(flow_id):
            return frozenset()
        root = self.flows[flow_id]
        singles = self.masks[root]
        found: set[frozenset[str]] = set()
        for name in self._cone(root):
            number = self._event_numbers[name]
            if singles >> (number + 1) & 1:
                continue
            mask = self.propagate(frozenset((number,)))[root] & ~singles & ~DOWN
            found.update(frozenset((name, other)) for other in self.names(mask) if other != name)
        return frozenset(found)

    def _cone(self, root: int) -> list[str]:
        seen, todo, found = {root}, [root], []
        while todo:
            node = self.nodes[todo.pop()]
            if node.event >= 0:
                found.append(self.events[node.event])
            for item in node.items:
                if item not in seen:
                    seen.add(item)
                    todo.append(item)
        return found


def _combine(node: Node, masks: list[int], every_bit: int) -> int:
    items = node.items
    if node.count == len(items):
        mask = 0
        for item in items:
            mask |= masks[item]
        return mask
    if node.count > len(items):
        return every_bit
    if node.count == 1:
        mask = every_bit
        for item in items:
            mask &= masks[item]
        return mask
    return _in_at_least(len(items) - node.count + 1, [masks[item] for item in items], every_bit)


def _in_at_least(count: int, masks: Sequence[int], every_bit: int) -> int:
    """Return the bits that are set in at least `count` of the masks: counting by rows."""
    rows = [every_bit] + [0] * count
    for mask in masks:
        for row in range(count, 0, -1):
            rows[row] |= rows[row - 1] & mask
    return rows[count]


def blast(graph: RequirementGraph) -> Mapping[str, frozenset[str]]:
    """Return for each event the flows that its single failure brings down."""
    lost: dict[str, set[str]] = {name: set() for name in graph.events}
    for flow_id in graph.flows:
        for name in graph.spofs(flow_id):
            lost[name].add(flow_id)
    return {name: frozenset(flows) for name, flows in lost.items() if not name.endswith(COVER)}


__all__ = ["DOWN", "Gate", "Node", "RequirementGraph", "blast"]
