"""Findings as points of a list: what was found, why it matters, and a repair that was proven."""

from app.model.links import Waiver
from app.report.content import Bullets, Item, Section
from app.report.facts import Facts
from app.rules.fixes import holding
from app.rules.registry import Category, Finding

MOST_PROVEN = 40  # findings whose repair is tried: each costs a check


def issues(facts: Facts, category: Category, title: str = "What the check found") -> Section:
    """Return the open findings of a category, worst first; what a rule means is told once."""
    found = [finding for finding in facts.open if finding.rule.category == category]
    items, told = [], set[str]()
    for finding in found:
        items.append(_item(facts, finding, first=finding.rule.id not in told))
        told.add(finding.rule.id)
    return Section(title, (Bullets(tuple(items)),) if items else ())


def _item(facts: Facts, finding: Finding, *, first: bool) -> Item:
    rule = finding.rule
    text = [f"{rule.title}.", finding.problem.message, rule.student if first else ""]
    text += _repair(facts, finding)
    return Item(" ".join(filter(None, text)), f"{rule.id} ({rule.severity})", finding.key)


def _repair(facts: Facts, finding: Finding) -> list[str]:
    """Return the first repair that holds, as proven on a copy of the design."""
    if finding not in facts.open[:MOST_PROVEN]:
        return []
    found = next(holding(facts.analysis, facts.findings, finding), None)
    return [f"Repair: {found[0].title}."] if found else []


def waivers(facts: Facts) -> Section:
    """Return the findings that were accepted, with the reasons."""
    items = tuple(
        Item(_accepted(finding, finding.waiver), finding.rule.id, finding.key)
        for finding in facts.findings
        if finding.waiver
    )
    return Section("Accepted risks", (Bullets(items),) if items else ())


def _accepted(finding: Finding, waiver: Waiver) -> str:
    by = f" by {waiver.by}" if waiver.by else ""
    until = f" until {waiver.until}" if waiver.until else ""
    reason = " ".join(waiver.reason.split())
    return f"{finding.problem.message} Accepted{by}{until}: “{reason}”"
