"""What a fix would do: applied to a copy, checked again, and told in words before it is offered."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.model.design import Design
from app.model.diff import Changes
from app.rules.registry import Finding, Fix

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rules.fixes import Downtime, Proof

LEAST = 0.01  # share by which a downtime has to change to be told


def proof(design: Design, finding: Finding, fix: Fix) -> "Proof":
    """Apply a fix to a copy of a design and check that; runs beside the window."""
    from app.rules.fixes import prove  # the first paint does not need it

    return prove(design, finding, fix)


def words(design: Design, proof: "Proof") -> str:
    """Return what a fix does to a design, in a few short sentences; or why it is not offered."""
    if not proof.holds:
        return proof.why_not
    gone, come = _named(proof.gone), _named(proof.come)
    told = [f"Removes {gone}." if gone else "Removes no finding."]
    if come:
        told.append(f"Brings {come}.")
    changes = _changes(proof.parts, proof.links)
    if changes:
        told.append(f"{changes}.")
    told += _saved("Downtime a year", design, proof.downtime)
    told += _saved("Without a switch by hand", design, proof.continuity)
    return " ".join(told)


def _saved(title: str, design: Design, found: "Mapping[str, Downtime]") -> list[str]:
    """Tell the downtimes that change."""
    from app.analysis.figure_words import change

    told = [
        f"{design.flows[key].name} {change(item.before, item.after, assumed=item.assumed)}"
        for key, item in found.items()
        if abs(item.before.high - item.after.high) > LEAST * item.before.high
    ]
    return [f"{title}: {', '.join(told)}."] if told else []


def _named(findings: Iterable[Finding]) -> str:
    """Return the titles of findings in quotes, each once, with how often it occurs."""
    counted: dict[str, int] = {}
    for item in findings:
        title = f"“{item.rule.title}”"
        counted[title] = counted.get(title, 0) + 1
    return ", ".join(
        f"{key} ×{count}" if count > 1 else key for key, count in counted.items()
    )  # a multiplication sign


def _changes(parts: Changes, links: Changes) -> str:
    told = [
        *_counted("Adds", (len(parts.added), "part"), (len(links.added), "link")),
        *_counted("changes", (len(parts.changed), "part"), (len(links.changed), "link")),
        *_counted("takes away", (len(parts.removed), "part"), (len(links.removed), "link")),
    ]
    text = ", ".join(told)
    return text[:1].upper() + text[1:]


def _counted(verb: str, *pairs: tuple[int, str]) -> list[str]:
    items = [f"{number} {what}{'s' if number > 1 else ''}" for number, what in pairs if number]
    return [f"{verb} {' and '.join(items)}"] if items else []
