"""Proves fixes: applies them to a copy, checks it again, and says what became of the findings."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from app.analysis.analysis import Analysis
from app.analysis.availability import Availability, availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.figures import assumed_parts
from app.model.design import Design
from app.model.diff import Changes, diff
from app.model.errors import DesignError
from app.rules.check import check_analysis
from app.rules.registry import SEVERITIES, Category, Finding, Fix, Rule, Severity

MOST_STEPS = 200  # fixes in a row; each removes a finding, so no design comes near
MOST_TRIED = 8  # fixes that are compared for one step
Rules = Collection[Rule] | None
WORST: tuple[Severity, ...] = ("critical",)
PREVIEW_BUDGET = 20_000  # nodes of a decision diagram, for the figures of an offer


@dataclass(frozen=True, slots=True)
class Downtime:
    """How much of the time a flow is down before and after a change, in one view.

    `assumed`: a figure that nobody has set is behind one of the two.
    """

    before: Availability
    after: Availability
    assumed: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What a fix does to a design; `why_not` says why it must not be offered, empty if it may.

    `downtime` is that of each flow in the view in which a failover of any kind counts;
    `continuity` that where only an automatic one counts, `peak` that at the busiest time, each of
    the flows for which it differs.
    """

    after: Design
    removed: tuple[Finding, ...]
    added: tuple[Finding, ...]
    parts: Changes
    links: Changes
    downtime: Mapping[str, Downtime]
    continuity: Mapping[str, Downtime]
    peak: Mapping[str, Downtime]
    why_not: str = ""

    @property
    def gone(self) -> tuple[Finding, ...]:
        """What is removed, less what is there again of other parts: that only moved on."""
        return unmatched(self.removed, self.added)

    @property
    def come(self) -> tuple[Finding, ...]:
        """What is added, less what was there before of other parts."""
        return unmatched(self.added, self.removed)

    @property
    def holds(self) -> bool:
        """Whether the fix removes its finding and adds nothing as bad in the same category."""
        return not self.why_not


def unmatched(findings: Iterable[Finding], others: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings less one of the same rule for each of the others: those only moved on."""
    left = Counter(item.rule.id for item in others)
    found = []
    for item in findings:
        if left[item.rule.id]:
            left[item.rule.id] -= 1
        else:
            found.append(item)
    return tuple(found)


def prove(design: Design, finding: Finding, fix: Fix, rules: Rules = None) -> Proof:
    """Apply a fix to a copy of the design and compare the findings and the downtime of both.

    `rules` are those that are asked; None: all of the product's own.
    """
    before = Analysis(design)
    findings = check_analysis(before, rules)
    found = _proof(before, findings, finding, fix, rules)
    return _weighed(before, found) if found.holds else found


def compare(before: Design, after: Design, rules: Rules = None) -> Proof:
    """Say what becomes of the findings and the downtime when one design takes another's place."""
    old = Analysis(before)
    new = Analysis(after, old)
    return compared(old, check_analysis(old, rules), new, check_analysis(new, rules))


def compared(
    before: Analysis, found: Iterable[Finding], after: Analysis, found_after: Iterable[Finding]
) -> Proof:
    """Compare two designs of which all findings are known already."""
    return _weighed(before, _difference(before, found, after, found_after))


def holding(
    analysis: Analysis,
    findings: Collection[Finding],
    finding: Finding,
    rules: Rules = None,
) -> Iterator[tuple[Fix, Proof]]:
    """Yield the fixes of a finding that hold, each with its proof; `findings` are all there are."""
    for fix in finding.problem.fixes:
        proof = _proof(analysis, findings, finding, fix, rules)
        if proof.holds:
            yield fix, proof


def _proof(
    analysis: Analysis, findings: Collection[Finding], finding: Finding, fix: Fix, rules: Rules
) -> Proof:
    try:
        after = Analysis(fix.edit(analysis.design), analysis)
    except DesignError as error:
        return replace(_difference(analysis, findings, analysis, findings), why_not=str(error))
    found = check_analysis(after, rules)
    why_not = _impossible(analysis, after) or _objection(finding, findings, found)
    return replace(_difference(analysis, findings, after, found), why_not=why_not)


def _difference(
    before: Analysis, found: Iterable[Finding], after: Analysis, found_after: Iterable[Finding]
) -> Proof:
    """Compare two designs; their downtime, which takes longer, is still to be weighed."""
    old = {item.key: item for item in found}
    new = {item.key: item for item in found_after}
    nothing: Mapping[str, Downtime] = MappingProxyType({})
    return Proof(
        after=after.design,
        removed=tuple(item for key, item in old.items() if key not in new),
        added=tuple(item for key, item in new.items() if key not in old),
        parts=diff(before.design.components, after.design.components),
        links=diff(before.design.links, after.design.links),
        downtime=nothing,
        continuity=nothing,
        peak=nothing,
    )


def _weighed(before: Analysis, proof: Proof) -> Proof:
    after = Analysis(proof.after, before)
    found = _downtime(before.recoverable, after.recoverable)
    continuity: Mapping[str, Downtime] = {}
    peak: Mapping[str, Downtime] = {}
    if before.by_hand or after.by_hand:
        continuity = _downtime(before.continuity, after.continuity)
    if before.peak is not before.recoverable or after.peak is not after.recoverable:
        peak = _downtime(before.peak, after.peak)
    return replace(
        proof,
        downtime=MappingProxyType(found),
        continuity=_differing(continuity, found),
        peak=_differing(peak, found),
    )


def _differing(
    found: Mapping[str, Downtime], usual: Mapping[str, Downtime]
) -> Mapping[str, Downtime]:
    return MappingProxyType(
        {key: item for key, item in found.items() if _figures(item) != _figures(usual[key])}
    )


def _figures(item: Downtime) -> tuple[float, ...]:
    return item.before.unavailability, item.after.unavailability


def _impossible(before: Analysis, after: Analysis) -> str:
    """Object where users could do something before, and never can after."""
    for key, flow in before.design.flows.items():
        lost = key in after.design.flows and after.recoverable.dead(key)
        if lost and not before.recoverable.dead(key):
            return f"Nobody could {flow.name} after the fix."
    return ""


def _objection(finding: Finding, before: Collection[Finding], after: Collection[Finding]) -> str:
    if any(item.key == finding.key for item in after):
        return "The finding is still there after the fix."
    category, severity = finding.rule.category, finding.rule.severity
    old, new = _as_bad(before, category), _as_bad(after, category)
    for level in SEVERITIES[: SEVERITIES.index(severity) + 1]:
        if new[level] > old[level] - (level == severity):
            return f"The fix brings another finding that is {level}."
    return ""


def _as_bad(findings: Collection[Finding], category: Category) -> Counter[Severity]:
    """Count for each severity the findings of a category that are as bad or worse."""
    counts: Counter[Severity] = Counter()
    for finding in findings:
        if finding.rule.category == category:
            counts.update(SEVERITIES[SEVERITIES.index(finding.rule.severity) :])
    return counts


def _downtime(before: RequirementGraph, after: RequirementGraph) -> dict[str, Downtime]:
    """Compare the flows that are in both."""
    return {
        flow: Downtime(
            availability_of(before, flow, PREVIEW_BUDGET),
            availability_of(after, flow, PREVIEW_BUDGET),
            bool(assumed_parts(before, flow) | assumed_parts(after, flow)),
        )
        for flow in before.design.flows
        if flow in after.design.flows
    }


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was applied, with the finding that it removed and the design that it left."""

    finding: Finding
    fix: Fix
    after: Design


def fix_all(
    design: Design, severities: Collection[Severity] = WORST, rules: Rules = None
) -> tuple[Design, tuple[Applied, ...]]:
    """Make all the improvements there are; return the design that is left, and the steps."""
    applied = tuple(improvements(design, severities, rules))
    return (applied[-1].after if applied else design), applied


def improvements(
    design: Design, severities: Collection[Severity] = SEVERITIES, rules: Rules = None
) -> Iterator[Applied]:
    """Repair a copy of a design step by step, and stop where nothing improves any more.

    Each step is a fix for one of the worst open findings of these severities. Of the first few that
    hold it is the one that leaves the fewest findings, counted from critical to info, and of
    equal ones the one after which the flows are down least.

    A step is made only if it brings no finding as bad as the one that it removes, or lets users
    do what they could never do as drawn: what never works has no single point of failure yet.
    So the number of dead flows and then those counts become less with every step, and the steps
    come to an end. Waived findings stay.
    """
    for _ in range(MOST_STEPS):
        step = _best(design, severities, rules)
        if step is None:
            return
        yield step
        design = step.after


def _best(design: Design, severities: Collection[Severity], rules: Rules) -> Applied | None:
    analysis = Analysis(design)
    findings = check_analysis(analysis, rules)
    for level in SEVERITIES:
        worst = [
            item
            for item in findings
            if level in severities and item.rule.severity == level and not item.waiver
        ]
        steps = list(islice(_steps(analysis, findings, worst, rules), MOST_TRIED))
        if steps:
            return min(steps, key=lambda step: _measure(*step))[0]
    return None


def _steps(
    analysis: Analysis, findings: Collection[Finding], worst: Iterable[Finding], rules: Rules
) -> Iterator[tuple[Applied, Proof]]:
    """Yield the fixes that improve the design."""
    for finding in worst:
        for fix, proof in holding(analysis, findings, finding, rules):
            if not as_bad_comes(finding, proof) or _revives(analysis, proof):
                yield Applied(finding, fix, proof.after), proof


def as_bad_comes(finding: Finding, proof: Proof) -> bool:
    """Whether a fix brings something of any category that is as bad as what it removes."""
    bad = SEVERITIES[: SEVERITIES.index(finding.rule.severity) + 1]
    return any(item.rule.severity in bad for item in proof.come)


def _revives(before: Analysis, proof: Proof) -> bool:
    """Whether users can do something after a fix that they could never do before it."""
    after = Analysis(proof.after, before).recoverable
    dead = [flow for flow in before.design.flows if before.recoverable.dead(flow)]
    return any(flow in after.flows and not after.dead(flow) for flow in dead)


def _measure(_: Applied, proof: Proof) -> tuple[float, ...]:
    """Return what a step leaves, the less the better: findings by severity, then downtime."""
    change = Counter(item.rule.severity for item in proof.added)
    change.subtract(Counter(item.rule.severity for item in proof.removed))
    graph = Analysis(proof.after).recoverable
    down = sum(availability_of(graph, flow, PREVIEW_BUDGET).unavailability for flow in graph.flows)
    return *(float(change[level]) for level in SEVERITIES), down
