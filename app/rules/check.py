"""Runs all rules over a design."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from app.analysis.analysis import Analysis
from app.model.design import Design
from app.rules import catalogue
from app.rules.registry import SEVERITIES, Finding, Problem, Rule

_log = logging.getLogger(__name__)


def check(design: Design, rules: Iterable[Rule] | None = None) -> tuple[Finding, ...]:
    """Return the findings of a design, worst first, then by rule and subjects.

    A rule that crashes becomes a finding of its own; the others still run.
    """
    return check_analysis(Analysis(design), rules)


def check_analysis(analysis: Analysis, rules: Iterable[Rule] | None = None) -> tuple[Finding, ...]:
    """Return the findings for an analysis that may have been asked other things already."""
    chosen = catalogue.all_rules().values() if rules is None else rules
    today = datetime.now().astimezone().date()  # the last day of a waiver is a local date
    found = [
        _waived(Finding(rule, problem), analysis.design, today)
        for rule in chosen
        for problem in _problems(rule, analysis)
    ]
    return tuple(sorted(found, key=_order))


def _waived(finding: Finding, design: Design, today: date) -> Finding:
    """Return a finding with the waiver of it, if there is one that still holds."""
    waiver = design.waivers.get(finding.key)
    if waiver is None or waiver.expired(today):
        return finding
    return replace(finding, waiver=waiver)


def _problems(rule: Rule, analysis: Analysis) -> list[Problem]:
    try:
        return list(rule.check(analysis))
    except Exception as error:  # noqa: BLE001  # whatever a rule does wrong, the others still run
        _log.exception("rule %s failed", rule.id)
        what = f"This rule failed and could not judge the design: a fault inside ({error})."
        return [Problem((), what)]


def _order(finding: Finding) -> tuple[int, str, str]:
    return SEVERITIES.index(finding.rule.severity), finding.rule.id, finding.key
