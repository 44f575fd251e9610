"""When a network joins its ends, as a decision diagram that is drawn from the top.

Part after part and edge after edge is decided. All that the rest depends on is which of the parts
at the frontier, which have edges on both sides, are joined already: such partitions are the
states, and equal ones are one (G. Hardy, C. Lucet, N. Limnios, K-terminal network reliability
measures with binary decision diagrams, IEEE Transactions on Reliability 56, 2007). There are as
many as the frontier is wide, however long the network is.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.analysis.networks import Network

APART, JOINED, FIRST = 0, 1, 2  # where an arrow leads: an answer, or a state of the next layer
DOWN = -1  # the label of a part that does not work
Layer = list[tuple[int, int]]  # for each state: where it leads if the step fails, and if it works


class State(NamedTuple):
    """The parts at the frontier, by the label of the group they are in; groups that hold ends."""

    labels: tuple[int, ...]
    ends: int  # bits


def layers(network: Network, always: Sequence[bool | None]) -> Iterator[Layer]:
    """Yield for each step of an undirected network the states before it and where they lead.

    `always` says of a step that it always works (True), never does (False), or may (None).
    """
    here = _Place(network)
    states = [State((), 0)]
    for step, known in enumerate(always):
        here.enter(step)
        after: dict[State, int] = {}
        layer: Layer = []
        for state in states:
            fails = APART if known is True else here.arrow(here.failed(state), after)
            works = APART if known is False else here.arrow(here.worked(state), after)
            layer.append((fails, works))
        yield layer
        here.leave()
        states = list(after)


class _Place:
    """Where in the network the sum has come to."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.frontier: list[int] = []
        self.waiting = set(network.ends)  # ends that are still to come
        self.last = {end: step for step, ends in enumerate(network.steps) for end in ends}

    def enter(self, step: int) -> None:
        """Go to a step: a part gets a place at the frontier, an edge has two."""
        self.tail, self.head = self.network.steps[step]
        self.is_end = self.tail == self.head and self.tail in self.waiting
        if self.tail == self.head:
            self.frontier.append(self.tail)
            self.waiting.discard(self.tail)
        self.places = self.frontier.index(self.tail), self.frontier.index(self.head)
        self.kept = [at for at, part in enumerate(self.frontier) if self.last[part] > step]

    def leave(self) -> None:
        """Leave the parts behind that have no more edges."""
        self.frontier = [self.frontier[at] for at in self.kept]

    def failed(self, state: State) -> State | None:
        """Return what a state becomes if the step fails; None if an end does."""
        if self.tail != self.head:
            return state
        return None if self.is_end else State((*state.labels, DOWN), state.ends)

    def worked(self, state: State) -> State:
        """Return what a state becomes if the step works."""
        labels, ends = state
        if self.tail == self.head:
            fresh = max(labels, default=DOWN) + 1
            return State((*labels, fresh), ends | self.is_end << fresh)
        one, other = (labels[at] for at in self.places)
        if one == other or DOWN in (one, other):
            return state
        if ends >> other & 1:
            ends |= 1 << one
            ends ^= 1 << other
        return State(tuple(one if label == other else label for label in labels), ends)

    def arrow(self, state: State | None, after: dict[State, int]) -> int:
        """Return where a state leads, without the parts that have no more edges."""
        if state is None:
            return APART
        if not self.waiting and state.ends.bit_count() == 1:
            return JOINED
        left: dict[int, int] = {DOWN: DOWN}  # the labels that remain, numbered as they come
        labels = tuple(
            left.setdefault(label, len(left) - 1)
            for label in map(state.labels.__getitem__, self.kept)
        )
        ends = 0
        for label in range(state.ends.bit_length()):
            if state.ends >> label & 1:
                if label not in left:
                    return APART  # an end was left behind
                ends |= 1 << left[label]
        return after.setdefault(State(labels, ends), len(after) + FIRST)
