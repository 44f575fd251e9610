"""Reaches a target: sets of edits that trade added parts and links against downtime.

The search is best first: of the designs found so far it goes on from those that no other one
beats in both added parts and downtime, the fewest parts first, and from the others when nothing
else is left. What is tried is bounded; the figures of each design are worked out anew from it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from app.analysis.analysis import Analysis
from app.analysis.availability import Availability, availability_of
from app.analysis.words import listed
from app.model.design import Design
from app.model.diff import diff
from app.model.errors import DesignError
from app.rules.check import check_analysis
from app.rules.fixes import PREVIEW_BUDGET, Proof, Rules, compared, unmatched
from app.rules.registry import SEVERITIES, Finding, Fix
from app.rules.widening import widenings

MOST_TRIED = 200  # combinations of edits
LEAST_SAVED = 0.02  # share of the downtime that an edit has to save, to be one of a set
ROUNDING = 1e-9  # share of a downtime that only the order of a sum makes
MOST_LIMITS = 3  # parts that are told to stand in the way
LEAST_LIMIT = 0.01  # share of the downtime that one of them has
Tell = Callable[[int, int], object]
Cost = tuple[int, int]
Down = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for: of which flows, and either a downtime or a number of parts.

    `unavailability` is the share of the time in which each of the flows may be down; `parts` is
    how many parts, servers and clusters among them, may be added. One of the two is None.
    """

    flows: tuple[str, ...]
    unavailability: float | None = None
    parts: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One edit of a set: what it does, what it is about, and the finding that it is for.

    `about` are the names of parts; it and `finding` are empty for one of `widenings`, whose title
    says it all.
    """

    title: str
    about: str = ""
    finding: str = ""

    def __str__(self) -> str:
        """Return the edit in words."""
        return f"{self.title} ({self.about})" if self.about else self.title


@dataclass(frozen=True, slots=True)
class Point:
    """A set of edits and what all of them together do to the design.

    `single` are the parts that still stop some of the flows of the target by themselves.
    """

    steps: tuple[Step, ...]
    proof: Proof
    single: tuple[str, ...]

    @property
    def parts(self) -> int:
        """How many parts are added."""
        return len(self.proof.parts.added)

    @property
    def links(self) -> int:
        """How many links are added."""
        return len(self.proof.links.added)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search has found.

    `front`: the sets that keep to the target, the fewest parts first; each has less downtime than
    those before it. `best`: the set with the least downtime of all, which for a target that cannot
    be reached is short of it; None where no edit helps. `limits`: what is behind the downtime that
    `best` leaves, by its share of it. `exhausted`: whether every combination was tried that can be
    reached by edits each of which helps; if not, there may be better ones.
    """

    target: Target
    before: Mapping[str, Availability]
    front: tuple[Point, ...]
    best: Point | None
    limits: tuple[tuple[str, float], ...]
    tried: int
    exhausted: bool

    def reached(self, flow: str) -> bool:
        """Whether a flow is as available as is asked for before anything is done."""
        allowed = self.target.unavailability
        return allowed is not None and self.before[flow].unavailability <= allowed

    @property
    def reached_already(self) -> bool:
        """Whether all flows of the target are."""
        return all(map(self.reached, self.target.flows))


def reach(
    design: Design,
    target: Target,
    rules: Rules = None,
    most: int = MOST_TRIED,
    tell: Tell = lambda *_: None,
) -> Answer:
    """Search for the sets of edits that reach a target; the same question has the same answer.

    An edit is a fix of an open finding about single points of failure, or one of `widenings`. It
    becomes one of a set if it saves at least a fiftieth of the downtime that is left, makes that
    of no flow longer, and brings no finding as bad as the worst that it removes. At most `most`
    combinations are tried; `tell` hears how many of them were, and may raise to give up.
    """
    search = _Search(design, target, rules, most, tell)
    if not search.kept(search.start) or target.unavailability is None:
        search.run()
    front = search.front()
    points = {node: search.point(node) for node in front if node is not search.start}
    return Answer(
        target,
        search.start.figures,
        tuple(point for node, point in points.items() if search.kept(node)),
        points.get(front[-1]),
        search.limits(front[-1]),
        search.tried,
        search.exhausted,
    )


@dataclass(eq=False)
class _Node:
    """A design that was tried, with the edits that lead to it from its parent and the start."""

    analysis: Analysis
    rules: Rules
    steps: tuple[Step, ...] = ()
    cost: Cost = (0, 0)
    parent: "_Node | None" = None

    @cached_property
    def figures(self) -> Mapping[str, Availability]:
        """The figures of all flows, where a failover of any kind counts."""
        graph = self.analysis.recoverable
        return MappingProxyType(
            {flow: availability_of(graph, flow, PREVIEW_BUDGET) for flow in graph.flows}
        )

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return check_analysis(self.analysis, self.rules)

    @cached_property
    def fits(self) -> bool:
        """Whether the last edit brings no finding as bad as the worst that it removes."""
        if self.parent is None:
            return True
        old = {item.key: item for item in self.parent.findings}
        new = {item.key: item for item in self.findings}
        gone = [item for key, item in old.items() if key not in new]
        come = [item for key, item in new.items() if key not in old and item.waiver is None]
        return _worst(unmatched(come, gone)) > _worst(unmatched(gone, come)) or not come


def _worst(findings: Iterable[Finding]) -> int:
    """Return the place of the worst severity in their order; behind the last for no finding."""
    places = (SEVERITIES.index(item.rule.severity) for item in findings)
    return min(places, default=len(SEVERITIES))


class _Search:
    """The designs that were tried, and those of them that are still to be gone on from."""

    def __init__(self, design: Design, target: Target, rules: Rules, most: int, tell: Tell) -> None:
        self._target, self._rules, self._most, self._tell = target, rules, most, tell
        self.start = _Node(Analysis(design), rules)
        self._nodes = [self.start]
        self._todo = {self.start: None}
        self._seen = {frozenset[Step]()}
        self.tried = 0
        self.exhausted = True

    def run(self) -> None:
        """Try combinations until there are no more, or as many as are allowed."""
        while self._todo and self.exhausted:
            node = next((node for node in self.front() if node in self._todo), None)
            node = node or self._best(self._todo)[0]
            del self._todo[node]
            if node.fits:
                self._go_on_from(node)

    def front(self) -> list[_Node]:
        """Return the designs that no other one beats in both cost and downtime, cheapest first."""
        while True:
            found = self._best(self._nodes)
            if all(node.fits for node in found):
                return found
            self._nodes = [node for node in self._nodes if node not in found or node.fits]

    def _best(self, nodes: Iterable[_Node]) -> list[_Node]:
        found: list[_Node] = []
        for node in sorted(nodes, key=lambda node: (node.cost, self._down(node))):
            if not found or self._down(node) < self._down(found[-1]):
                found.append(node)
        return found

    def _down(self, node: _Node) -> Down:
        """Return the downtime of the flow that is down longest, and of all, to be compared."""
        shares = [node.figures[flow].unavailability for flow in self._target.flows]
        return float(f"{max(shares):.9e}"), float(f"{sum(shares):.9e}")

    def _go_on_from(self, node: _Node) -> None:
        for step, fix in _edits(node):
            steps = frozenset((*node.steps, step))
            if steps in self._seen:
                continue
            if self.tried == self._most:
                self.exhausted = False
                return
            self._seen.add(steps)
            self.tried += 1
            self._tell(self.tried, self._most)
            found = self._after(node, step, fix)
            if found is not None:
                self._nodes.append(found)
                self._todo[found] = None

    def _after(self, node: _Node, step: Step, fix: Fix) -> _Node | None:
        """Return the design after one more edit; None where that costs too much or helps little."""
        before = self.start.analysis.design
        try:
            design = fix.edit(node.analysis.design)
        except DesignError:
            return None
        parts = len(diff(before.components, design.components).added)
        links = len(diff(before.links, design.links).added)
        if self._target.parts is not None and parts > self._target.parts:
            return None
        steps = (*node.steps, step)
        found = _Node(Analysis(design, node.analysis), self._rules, steps, (parts, links), node)
        return found if self._helps(node, found) else None

    def _helps(self, before: _Node, after: _Node) -> bool:
        for flow, figures in before.figures.items():
            most = figures.unavailability * (1 + ROUNDING)
            if flow not in after.figures or after.figures[flow].unavailability > most:
                return False
        (_, old), (_, new) = self._down(before), self._down(after)
        return new <= old * (1 - LEAST_SAVED) and new < old

    def kept(self, node: _Node) -> bool:
        """Whether a design keeps to the target."""
        allowed = self._target.unavailability
        flows = self._target.flows
        return allowed is None or all(node.figures[key].unavailability <= allowed for key in flows)

    def point(self, node: _Node) -> Point:
        """Return what a set of edits does to the design."""
        start, spofs = self.start, node.analysis.spofs
        proof = compared(start.analysis, start.findings, node.analysis, node.findings)
        single = {part for flow in self._target.flows for part in spofs[flow]}
        return Point(node.steps, proof, tuple(sorted(single)))

    def limits(self, node: _Node) -> tuple[tuple[str, float], ...]:
        """Return the events behind most of the downtime of the flow that is down longest."""
        found = max((node.figures[flow] for flow in self._target.flows), key=_unavailability)
        shares = ((event, found.contribution(event)) for event in found.importance)
        largest = sorted(shares, key=lambda share: (-share[1], share[0]))
        return tuple(share for share in largest[:MOST_LIMITS] if share[1] >= LEAST_LIMIT)


def _unavailability(figures: Availability) -> float:
    return figures.unavailability


def _edits(node: _Node) -> Iterator[tuple[Step, Fix]]:
    """Yield what may be tried next."""
    design = node.analysis.design
    for finding in node.findings:
        if finding.rule.category == "spof" and finding.waiver is None:
            about = _about(design, finding.problem.subjects)
            for fix in finding.problem.fixes:
                yield Step(fix.title, about, finding.key), fix
    for fix in widenings(node.analysis):
        yield Step(fix.title), fix


def _about(design: Design, subjects: Iterable[str]) -> str:
    """Return the names of what a finding is about; links have none, and a design needs none."""
    named = {**design.components, **design.flows}
    told = [named[key].name for key in subjects if key in named]
    return listed(told) if told else ""
