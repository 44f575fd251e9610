"""Findings as points of a list: what was found, why it matters, and a repair that was proven."""

from collections.abc import Iterator

from app.report.content import Bullets, Item, Section, Table
from app.report.facts import Facts
from app.rules.fixes import holding
from app.rules.registry import Category, Finding

MOST_PROVEN = 40  # findings whose repair is tried: each costs a check


def issues(facts: Facts, category: Category, title: str = "What the check found") -> Section:
    """Return the open findings of a category, worst first."""
    found = [finding for finding in facts.open if finding.rule.category == category]
    return Section(title, (Bullets(tuple(_item(facts, item) for item in found)),) if found else ())


def _item(facts: Facts, finding: Finding) -> Item:
    told = f"{finding.rule.title}. {finding.problem.message} {finding.rule.student}"
    repair = next(_repair(facts, finding), "")
    return Item(f"{told}{repair}", f"{finding.rule.id} ({finding.rule.severity})", finding.key)


def _repair(facts: Facts, finding: Finding) -> Iterator[str]:
    if finding in facts.open[:MOST_PROVEN]:
        for fix, _ in holding(facts.analysis, facts.findings, finding):
            yield f" A repair that was tried and holds: {fix.title[:1].lower()}{fix.title[1:]}."


def waivers(facts: Facts) -> Section:
    """Return the findings that were accepted, with the reasons."""
    rows = tuple(
        (finding.key, finding.problem.message, finding.waiver.reason, finding.waiver.by or "nobody named",
         finding.waiver.until or "for good")
        for finding in facts.findings
        if finding.waiver
    )  # fmt: skip
    head = ("Finding", "What was found", "Why it is accepted", "By", "Until")
    return Section("Accepted risks", (Table(head, rows),) if rows else ())
