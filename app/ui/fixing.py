"""What a fix would do: applied to a copy, checked again, and told in words before it is offered."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from app.model.design import Design
from app.model.diff import Changes
from app.rules.registry import Finding, Fix
from app.ui.live_check import rules_for

if TYPE_CHECKING:
    from app.rules.fixes import Downtime, Proof

MINUTES = 525_600  # in a year of 365 days
LEAST = 0.01  # share by which a downtime has to change to be told


def proof(design: Design, finding: Finding, fix: Fix, path: Path | None = None) -> "Proof":
    """Apply a fix to a copy of the design in a file and check that; runs beside the window."""
    from app.rules.fixes import prove  # the first paint does not need it

    return prove(design, finding, fix, rules_for(design, path))


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
    saved = [
        f"{design.flows[key].name} {_minutes(item)}"
        for key, item in proof.downtime.items()
        if abs(item.before - item.after) > LEAST * item.before
    ]
    if saved:
        told.append(f"Downtime a year: {', '.join(saved)}.")
    return " ".join(told)


def _minutes(downtime: "Downtime") -> str:
    about = "" if downtime.exact else "about "
    return f"{about}{downtime.before * MINUTES:.0f} → {downtime.after * MINUTES:.0f} min"


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
