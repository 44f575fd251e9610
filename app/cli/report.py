"""What a check found, as all its formats need it: text, JSON, SARIF, JUnit."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from app.analysis.analysis import Analysis
from app.cli.baseline import Baseline, Known
from app.model.design import Design
from app.rules.check import check_analysis
from app.rules.registry import SEVERITIES, Finding, Rule
from app.rules.team import Trusts, nobody, rules_of


@dataclass(frozen=True)
class Report:
    """A design in a file with its findings, as they stand on a day, beside those of before."""

    path: Path
    design: Design
    today: date
    baseline: Baseline | None = None
    trusts: Trusts = nobody

    @cached_property
    def analysis(self) -> Analysis:
        """What is known about the design."""
        return Analysis(self.design)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules as the design wants them, by their ids; those that are off as well."""
        known = rules_of(self.design, self.path.parent, self.trusts)
        settings = self.design.rules
        return {key: rule.under(settings[key]) if key in settings else rule
                for key, rule in known.items()}  # fmt: skip

    @cached_property
    def off(self) -> tuple[str, ...]:
        """The ids of the rules that do not run on this design, in order."""
        settings = self.design.rules
        return tuple(key for key in self.rules if key in settings and settings[key].off)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, worst first, waived ones as well."""
        return check_analysis(self.analysis, self.rules.values())

    def waived(self, finding: Finding) -> bool:
        """Whether a finding is accepted today."""
        return finding.waiver is not None and not finding.waiver.expired(self.today)

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """The findings that nobody accepted."""
        return tuple(finding for finding in self.findings if not self.waived(finding))

    def known(self, finding: Finding) -> bool:
        """Whether a finding was in the baseline, and counted there."""
        return self.baseline is not None and self.baseline.holds(finding.key)

    @cached_property
    def new(self) -> tuple[Finding, ...]:
        """The open findings that the baseline does not know; all of them without one."""
        return tuple(finding for finding in self.open if not self.known(finding))

    @cached_property
    def absent(self) -> tuple[Known, ...]:
        """The entries of the baseline that are found no more: it could be written again."""
        if self.baseline is None:
            return ()
        found = {finding.key for finding in self.findings}
        return tuple(item for key, item in self.baseline.findings.items() if key not in found)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many open findings there are of each severity, worst first."""
        counted = Counter(finding.rule.severity for finding in self.open)
        return {severity: counted[severity] for severity in SEVERITIES}

    def reaches(self, fail_on: str) -> bool:
        """Whether a new finding is at least as bad as `fail_on`."""
        return reaches(self.new, fail_on)


def reaches(findings: Iterable[Finding], fail_on: str) -> bool:
    """Whether one of the findings is at least as bad as `fail_on`; `never` is reached by none."""
    if fail_on == "never":
        return False
    worst = SEVERITIES[: [*SEVERITIES].index(fail_on) + 1]  # type: ignore[arg-type]  # a choice
    return any(finding.rule.severity in worst for finding in findings)
