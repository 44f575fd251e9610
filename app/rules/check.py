"""Runs all rules over a design."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from app.analysis.analysis import Analysis
from app.model.design import Design
from app.model.rule_settings import DEFAULT
from app.rules import catalogue
from app.rules.registry import SEVERITIES, Finding, Problem, Rule

LONGEST_REASON = 300  # characters of what a rule said when it failed
_RANK = {severity: rank for rank, severity in enumerate(SEVERITIES)}
_log = logging.getLogger(__name__)


def check(design: Design, rules: Iterable[Rule] | None = None) -> tuple[Finding, ...]:
    """Return the findings of a design, worst first, then by rule and subjects.

    A rule that crashes becomes a finding of its own; the others still run.
    """
    return check_analysis(Analysis(design), rules)


def check_analysis(analysis: Analysis, rules: Iterable[Rule] | None = None) -> tuple[Finding, ...]:
    """Return the findings for an analysis that may have been asked other things already."""
    design = analysis.design
    chosen = catalogue.all_rules().values() if rules is None else rules
    asked = [(rule, design.rules.get(rule.id, DEFAULT)) for rule in chosen]
    today = datetime.now().astimezone().date()  # the last day of a waiver is a local date
    found = [
        _waived(finding, design, today)
        for rule, settings in asked
        if not settings.off
        for finding in _findings(rule if settings is DEFAULT else rule.under(settings), analysis)
    ]
    return tuple(sorted(found, key=_order))


def _waived(finding: Finding, design: Design, today: date) -> Finding:
    """Return a finding with the waiver of it, if there is one that still holds."""
    waiver = design.waivers.get(finding.key) if design.waivers else None
    if waiver is None or waiver.expired(today):
        return finding
    return replace(finding, waiver=waiver)


def _findings(rule: Rule, analysis: Analysis) -> list[Finding]:
    try:
        found = rule.problems(analysis)
        _check_problems(found, analysis.design)
    except (Exception, SystemExit) as error:  # noqa: BLE001  # the others still run, whatever it is
        _log.exception("rule %s failed", rule.id)
        failed = replace(rule, title="This rule failed", severity="medium")
        return [Finding(failed, Problem((), f"Rule {rule.id} failed: {told(error)}."))]
    return [Finding(rule, problem) for problem in found]


def told(error: BaseException) -> str:
    """Return an error in one short line: what it says, and of which sort it is."""
    text = " ".join(str(error).split())
    cut = text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}…"
    return f"{cut.rstrip('.')} ({type(error).__name__})" if cut else type(error).__name__


def _check_problems(problems: Iterable[object], design: Design) -> None:
    """Refuse what the reports and the canvas could not show: a team's rule may yield anything."""
    for problem in problems:
        if not isinstance(problem, Problem) or not isinstance(problem.message, str):
            message = f"it found {problem!r}, which is no problem with a message"
            raise TypeError(message)
        for key in problem.subjects:
            if not (key in design.components or key in design.links or key in design.flows):
                message = f"it names {key!r}, which is no part, link or flow of the design"
                raise ValueError(message)


def _order(finding: Finding) -> tuple[int, str, str]:
    return _RANK[finding.rule.severity], finding.rule.id, finding.key
