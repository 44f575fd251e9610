"""What a fix would do: applied to a copy, checked again, and told in words before it is offered."""

from collections.abc import Callable, Iterable
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from app.model.design import Design
from app.model.diff import Changes
from app.rules.registry import Finding, Fix
from app.ui.live_check import rules_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.rules.fixes import Applied, Downtime, Proof

LEAST = 0.01  # share by which a downtime has to change to be told


def proof(design: Design, finding: Finding, fix: Fix, path: Path | None = None) -> "Proof":
    """Apply a fix to a copy of the design in a file and check that; runs beside the window."""
    from app.rules.fixes import prove  # the first paint does not need it

    return prove(design, finding, fix, rules_for(design, path))


class Plan(NamedTuple):
    """Steps that repair a design, and what all of them together do to it."""

    steps: "tuple[Applied, ...]"
    proof: "Proof"


class Planning:
    """Finds out which steps repair a design as far as it can be; runs beside the window."""

    def __init__(self, design: Design, path: Path | None = None) -> None:
        """Take the design in a file; nothing is worked out yet."""
        self._design, self._path = design, path
        self._cancelled = Event()

    def cancel(self) -> None:
        """Stop before the next step."""
        self._cancelled.set()

    def run(self, progress: Callable[[int], object]) -> Plan:
        """Work out the steps; `progress` is told how many there are after each."""
        from app.rules.fixes import compare, improvements  # the first paint does not need them

        steps: list[Applied] = []
        rules = rules_for(self._design, self._path)
        if not self._cancelled.is_set():
            for step in improvements(self._design, rules=rules):
                steps.append(step)
                progress(len(steps))
                if self._cancelled.is_set():
                    break
        after = steps[-1].after if steps else self._design
        return Plan(tuple(steps), compare(self._design, after, rules))


def words(design: Design, proof: "Proof", *, named: bool = True) -> str:
    """Return what a fix does to a design, in a few short sentences; or why it is not offered.

    The findings are `named` by their titles, or only counted.
    """
    from app.analysis.figure_words import VIEW_WORDS

    if not proof.holds:
        return proof.why_not
    tell = _named if named else _number
    gone, come = tell(proof.gone), tell(proof.come)
    told = [f"Removes {gone}." if gone else "Removes no finding."]
    if come:
        told.append(f"Brings {come}.")
    changes = _changes(proof.parts, proof.links)
    if changes:
        told.append(f"{changes}.")
    told += _saved("Downtime a year", design, proof.downtime)
    told += _saved(VIEW_WORDS["continuity"].capitalize(), design, proof.continuity)
    told += _saved(VIEW_WORDS["peak"].capitalize(), design, proof.peak)
    return " ".join(told)


def _saved(title: str, design: Design, found: "Mapping[str, Downtime]") -> list[str]:
    """Tell the downtimes that change."""
    from app.analysis.figure_words import change

    told = [
        f"{design.flows[key].name} {change(item.before, item.after, assumed=item.assumed)}"
        for key, item in found.items()
        if abs(item.before.unavailability - item.after.unavailability)
        > LEAST * item.before.unavailability
    ]
    return [f"{title}: {', '.join(told)}."] if told else []


def _number(findings: Iterable[Finding]) -> str:
    number = len(tuple(findings))
    return f"{number} finding{'s' if number > 1 else ''}" if number else ""


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
