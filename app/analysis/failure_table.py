"""Every single failure, and every pair that does more harm than its two failures apart.

Nothing is simulated one by one. A failure is a case: the events of a part and of all that is in
it. One pass of bit masks says for all cases at once which flows are down (see `cutsets`). For the
pairs the cases of many first parts are laid side by side in one mask. A flow is degraded by a
pair if either part degrades it, so only what is down needs a second look. Minimal cut sets of
order 1 and 2: IEC 61025:2006.
"""

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Literal, NamedTuple

from app.analysis.analysis import Analysis
from app.analysis.availability import HOURS_PER_YEAR
from app.analysis.blast import Blast, blasts
from app.analysis.cutsets import RequirementGraph
from app.analysis.events import fails, failure_probability, link_fails, part_of
from app.analysis.what_if import links_used, with_contents

MOST_PARTS = 2_000  # parts of which every pair is looked at; two million pairs
MOST_PAIRS = 5_000  # pairs that are told
WIDEST = 1 << 15  # bits of a mask: cases that are looked at in one pass

State = Literal["up", "degraded", "by hand", "down"]
Tell = Callable[[int, int], None]


class Harm(NamedTuple):
    """How bad a failure is, to compare from left to right.

    Flows that are down; flows that are down until someone switches over by hand; flows that are
    degraded; hours a year in which all of it has failed by itself. Flows that cannot work as drawn
    count nowhere.
    """

    down: int
    by_hand: int
    degraded: int
    hours: float


@dataclass(frozen=True, slots=True)
class Failure:
    """What becomes of each flow when some parts, and all that is in them, fail together.

    `down` is what no failover repairs; `by hand` is down in the view in which only an automatic
    failover counts, and not in the one in which any does. `share` is the share of the time, as a
    probability, in which all of `failed` have failed by themselves, independently of each other;
    None where there is no figure, as for most links.
    """

    failed: tuple[str, ...]
    states: Mapping[str, State]
    share: float | None
    harm: Harm

    @property
    def order(self) -> tuple[int, int, int, float, int, tuple[str, ...]]:
        """The most harmful comes first; of equal ones that of fewer parts, then by their ids."""
        down, by_hand, degraded, hours = self.harm
        return -down, -by_hand, -degraded, -hours, len(self.failed), self.failed


@dataclass(frozen=True, slots=True)
class PairCount:
    """How many pairs there are, were looked at, do more harm than apart, and are told."""

    possible: int
    looked_at: int
    worse: int
    told: int


@dataclass(frozen=True, slots=True)
class FailureTable:
    """All failures of one design, the most harmful first; `pairs` is None if not asked for."""

    analysis: Analysis
    failures: tuple[Failure, ...]
    pairs: PairCount | None = None


def failure_table(
    analysis: Analysis,
    *,
    links: bool = False,
    pairs: bool = False,
    tell: Tell = lambda *_: None,
) -> FailureTable:
    """Return all single failures of a design, with links and pairs if these are asked for.

    Links that have a figure of their own are always among them. A part that never fails and holds
    nothing that does is left out. `tell` hears how many of how many parts have been paired with all
    others; an exception that it raises ends the work.
    """
    keys = tuple(_can_fail(analysis, links=links))
    cases = _Cases(analysis, keys, links=links)
    singles = list(cases.singles())
    if not pairs:
        return FailureTable(analysis, tuple(sorted(singles, key=_order)))
    worst = _matter(analysis, sorted(singles, key=_order))
    looked = _Cases(analysis, tuple(item.failed[0] for item in worst[:MOST_PARTS]), links=links)
    number = count()  # steps with each pair that is taken, since `zip` asks for the pair first
    taken = (pair for pair, _ in zip(looked.worse_pairs(tell), number, strict=False))
    told = heapq.nsmallest(MOST_PAIRS, taken, key=_order)
    left = max(0, len(worst) - MOST_PARTS)
    missed = left * (left - 1) // 2 + left * MOST_PARTS
    possible = len(keys) * (len(keys) - 1) // 2
    pair_count = PairCount(possible, possible - missed, next(number), len(told))
    return FailureTable(analysis, tuple(sorted((*singles, *told), key=_order)), pair_count)


def failure_of(analysis: Analysis, failed: Collection[str]) -> Failure:
    """Return what becomes of the flows when exactly these components and links have failed."""
    keys = tuple(dict.fromkeys(failed))
    cases = _Cases(analysis, keys, links=not analysis.design.links.keys().isdisjoint(keys))
    return cases.all_at_once()


def blast_table(analysis: Analysis, *, links: bool = False) -> dict[str, Blast]:
    """Return what is lost with each part alone, and with each link if these are asked for."""
    return _Cases(analysis, tuple(_can_fail(analysis, links=links)), links=links).blasts()


def _order(failure: Failure) -> tuple[int, int, int, float, int, tuple[str, ...]]:
    return failure.order


def _can_fail(analysis: Analysis, *, links: bool) -> Iterator[str]:
    design = analysis.design
    failing = {key for key, item in design.components.items() if fails(item)}
    for key in design.components:
        if not failing.isdisjoint(with_contents(design, (key,))):
            yield key
    for key, link in design.links.items():
        if link.is_traffic and (links or link_fails(link)):
            yield key


def _matter(analysis: Analysis, singles: Iterable[Failure]) -> list[Failure]:
    """Return the failures that can be one of a worse pair.

    Not one that no flow feels, nor one after which no flow is left that could stop.
    """
    live = [key for key in analysis.design.flows if not analysis.recoverable.dead(key)]
    return [
        item
        for item in singles
        if any(item.states[flow] != "up" for flow in live)
        and any(item.states[flow] != "down" for flow in live)
    ]


class _Cases:
    """Failures of one design by their numbers: case i is the failure of `keys[i]`."""

    def __init__(self, analysis: Analysis, keys: Sequence[str], *, links: bool) -> None:
        self.analysis = analysis
        self.keys = keys
        design = analysis.design
        self._graph = (
            RequirementGraph(design, "recoverable", links_fail=True)
            if links
            else analysis.recoverable
        )
        self._live = [key for key in design.flows if not analysis.recoverable.dead(key)]
        self._every = (1 << len(keys)) - 1
        self._taken: dict[str, int] = {}  # for each part or link the cases that take it along
        for number, key in enumerate(keys):
            for part in with_contents(design, (key,)) or (key,):
                self._taken[part] = self._taken.get(part, 0) | 1 << number
        self._shares = [self._share(key) for key in keys]

    def _share(self, key: str) -> float | None:
        design = self.analysis.design
        if key in design.links:
            failing = link_fails(design.links[key])
            return failure_probability(design, key) if failing else None
        item = design.components[key]
        return failure_probability(design, key) if fails(item) else 0.0

    def singles(self) -> Iterator[Failure]:
        """Yield what becomes of the flows in each case."""
        down, stopped = self._down(self._taken, self._every)
        felt = self._felt()
        for number in range(len(self.keys)):
            yield self._failure((number,), 1 << number, down, stopped, felt)

    def all_at_once(self) -> Failure:
        """Return what becomes of the flows when all of it fails."""
        down, stopped = self._down(dict.fromkeys(self._taken, 1), 1)
        felt = {flow: int(bool(mask)) for flow, mask in self._felt().items()}
        return self._failure(tuple(range(len(self.keys))), 1, down, stopped, felt)

    def blasts(self) -> dict[str, Blast]:
        """Return what is lost with each of the keys."""
        found = blasts(self._graph, self._taken, len(self.keys))
        return dict(zip(self.keys, found, strict=True))

    def worse_pairs(self, tell: Tell) -> Iterator[Failure]:
        """Yield the pairs after which some flow stands worse than after either failure alone."""
        width = len(self.keys)
        alone = self._down(self._taken, self._every)
        felt = self._felt()
        rows = max(1, WIDEST // max(1, width))
        for start in range(0, width, rows):
            block = _Block(range(start, min(start + rows, width)), width)
            taken = {key: block.either(cases) for key, cases in self._taken.items()}
            both = self._down(taken, block.every)
            worse = 0
            for view, apart in zip(both, alone, strict=True):
                for flow in self._live:
                    worse |= view[flow] & ~block.either(apart[flow])
            for first in block.firsts:
                yield from self._pairs_of(first, block, worse, both, felt)
            tell(block.firsts.stop, width)

    def _pairs_of(
        self, first: int, block: "_Block", worse: int, both: "_Views", felt: Mapping[str, int]
    ) -> Iterator[Failure]:
        """Yield the worse pairs of one part with those after it."""
        found = block.row(worse, first) >> (first + 1) << (first + 1)
        if not found:
            return
        down, stopped = ({flow: block.row(view[flow], first) for flow in view} for view in both)
        touched = {flow: self._every if mask >> first & 1 else mask for flow, mask in felt.items()}
        while found:
            case = found & -found
            found ^= case
            yield self._failure((first, case.bit_length() - 1), case, down, stopped, touched)

    def _failure(
        self,
        numbers: tuple[int, ...],
        case: int,
        down: Mapping[str, int],
        stopped: Mapping[str, int],
        felt: Mapping[str, int],
    ) -> Failure:
        states: dict[str, State] = {}
        for flow in self.analysis.design.flows:
            if down[flow] & case:
                states[flow] = "down"
            elif stopped[flow] & case:
                states[flow] = "by hand"
            else:
                states[flow] = "degraded" if felt[flow] & case else "up"
        share: float | None = 1.0
        for number in numbers:
            own = self._shares[number]
            share = None if own is None or share is None else share * own
        told = [states[flow] for flow in self._live]
        harm = Harm(
            told.count("down"),
            told.count("by hand"),
            told.count("degraded"),
            (share or 0.0) * HOURS_PER_YEAR,
        )
        failed = tuple(sorted(self.keys[number] for number in numbers))
        return Failure(failed, states, share, harm)

    def _down(self, happened: Mapping[str, int], every: int) -> "_Views":
        """Return for each flow the cases in which it is down, and down but for a person."""
        count = every.bit_length()
        down = self._graph.down_in(happened, count)
        by_hand = self.analysis.by_hand
        if not by_hand:
            return down, down
        return down, self._graph.down_in({**happened, **dict.fromkeys(by_hand, every)}, count)

    def _felt(self) -> dict[str, int]:
        """Return for each flow the cases that take something away that it could have used."""
        graph = self.analysis.recoverable
        found = {}
        linked = not self.analysis.design.links.keys().isdisjoint(self._taken)
        for flow in self.analysis.design.flows:
            used = set(map(part_of, graph.cone_events(flow)))
            if linked:
                used |= links_used(graph, flow)
            mask = 0
            for key in used:
                mask |= self._taken.get(key, 0)
            found[flow] = mask
        return found


class _Block:
    """The cases "one of some first parts, and one of all parts" side by side in one mask.

    Each first part has a row of as many bits as there are parts.
    """

    def __init__(self, firsts: range, width: int) -> None:
        self.firsts = firsts
        self._width = width
        self._row = (1 << width) - 1
        self._ones = sum(1 << row * width for row in range(len(firsts)))
        self.every = self._row * self._ones

    def either(self, cases: int) -> int:
        """Return the pairs of which one part or the other is among the cases."""
        mask = cases * self._ones
        rows = cases >> self.firsts.start & ((1 << len(self.firsts)) - 1)
        while rows:
            low = rows & -rows
            rows ^= low
            mask |= self._row << (low.bit_length() - 1) * self._width
        return mask

    def row(self, mask: int, first: int) -> int:
        """Return what a mask says of the pairs of one first part, by their second part."""
        return mask >> (first - self.firsts.start) * self._width & self._row


_Views = tuple[Mapping[str, int], Mapping[str, int]]  # of any failover; of automatic ones only
