"""Proves fixes: applies them to a copy, checks it again, and says what became of the findings."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.analysis.analysis import Analysis
from app.analysis.availability import availability_of
from app.model.design import Design
from app.model.diff import Changes, diff
from app.model.errors import DesignError
from app.rules.check import check_analysis
from app.rules.registry import SEVERITIES, Category, Finding, Fix, Rule, Severity

MOST_STEPS = 200  # fixes in a row; each removes a finding, so no design comes near
Rules = Collection[Rule] | None
WORST: tuple[Severity, ...] = ("critical",)
PREVIEW_BUDGET = 20_000  # nodes of a decision diagram, for the figures of an offer


@dataclass(frozen=True, slots=True)
class Downtime:
    """The unavailability of a flow before and after a fix; `exact` unless one is a bound."""

    before: float
    after: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What a fix does to a design; `why_not` says why it must not be offered, empty if it may."""

    after: Design
    removed: tuple[Finding, ...]
    added: tuple[Finding, ...]
    parts: Changes
    links: Changes
    downtime: Mapping[str, Downtime]
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
    """Apply a fix to a copy of the design and compare what rules find in both; None: all rules."""
    before = Analysis(design)
    return _proof(before, check_analysis(before, rules), finding, fix, rules)


def _proof(
    analysis: Analysis, findings: Collection[Finding], finding: Finding, fix: Fix, rules: Rules
) -> Proof:
    design = analysis.design
    try:
        changed = fix.edit(design)
    except DesignError as error:
        return _refused(design, str(error))
    after = Analysis(changed)
    found = check_analysis(after, rules)
    old = {item.key for item in findings}
    new = {item.key for item in found}
    return Proof(
        after=changed,
        removed=tuple(item for item in findings if item.key not in new),
        added=tuple(item for item in found if item.key not in old),
        parts=diff(design.components, changed.components),
        links=diff(design.links, changed.links),
        downtime=MappingProxyType(_downtime(analysis, after)),
        why_not=_impossible(analysis, after) or _objection(finding, findings, found),
    )


def _refused(design: Design, why: str) -> Proof:
    same = diff(design.components, design.components)
    return Proof(design, (), (), same, same, MappingProxyType({}), why)


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


def _downtime(before: Analysis, after: Analysis) -> dict[str, Downtime]:
    """Compare the flows, in the view in which a failover of any kind counts."""
    found = {}
    for flow in before.design.flows:
        if flow in after.design.flows:
            old = availability_of(before.recoverable, flow, PREVIEW_BUDGET)
            new = availability_of(after.recoverable, flow, PREVIEW_BUDGET)
            exact = old.exact and new.exact
            found[flow] = Downtime(old.unavailability, new.unavailability, exact)
    return found


@dataclass(frozen=True, slots=True)
class Applied:
    """A fix that was applied, with the finding that it removed."""

    finding: Finding
    fix: Fix


def fix_all(
    design: Design, severities: Collection[Severity] = WORST, rules: Rules = None
) -> tuple[Design, tuple[Applied, ...]]:
    """Apply the first proven fix again and again, worst findings first.

    Stops where no finding of these severities is left that has a fix which holds. Waived findings
    stay. Each fix is proven on the design that the ones before it left.
    """
    applied: list[Applied] = []
    for _ in range(MOST_STEPS):
        step = next(_steps(design, severities, rules), None)
        if step is None:
            break
        design, done = step
        applied.append(done)
    return design, tuple(applied)


def _steps(
    design: Design, severities: Collection[Severity], rules: Rules
) -> Iterator[tuple[Design, Applied]]:
    analysis = Analysis(design)
    findings = check_analysis(analysis, rules)
    for finding in findings:
        if finding.waiver or finding.rule.severity not in severities:
            continue
        for fix in finding.problem.fixes:
            proof = _proof(analysis, findings, finding, fix, rules)
            if proof.holds:
                yield proof.after, Applied(finding, fix)
