"""What a fix would do: applied to a copy, checked again, and told in words before it is offered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.model.design import Design
from app.model.diff import diff
from app.rules.registry import Finding, Fix


@dataclass(frozen=True, slots=True)
class Effect:
    """A fix with the design that it makes, and the findings that go and come with it."""

    fix: Fix
    after: Design
    removed: tuple[Finding, ...]
    added: tuple[Finding, ...]
    changes: str


def effect(before: Design, findings: Sequence[Finding], fix: Fix) -> Effect:
    """Apply a fix to a copy of a design whose findings are known, and check that.

    Raises:
        DesignError: the fix does not suit the design any more.
    """
    from app.rules.check import check

    after = fix.edit(before)
    found = check(after)
    old, new = {item.key for item in findings}, {item.key for item in found}
    return Effect(
        fix=fix,
        after=after,
        removed=tuple(item for item in findings if item.key not in new),
        added=tuple(item for item in found if item.key not in old),
        changes=_changes(before, after),
    )


def words(effect: Effect) -> str:
    """Return what an effect is, in one or two sentences."""
    gone, come = _named(effect.removed), _named(effect.added)
    told = [f"Removes {gone}." if gone else "Removes no finding."]
    if come:
        told.append(f"Brings {come}.")
    if effect.changes:
        told.append(f"{effect.changes}.")
    return " ".join(told)


def _named(findings: Iterable[Finding]) -> str:
    """Return the rules of findings, each once, with how often it occurs."""
    counted: dict[str, int] = {}
    for item in findings:
        counted[item.rule.id] = counted.get(item.rule.id, 0) + 1
    return ", ".join(
        f"{key} ×{count}" if count > 1 else key for key, count in counted.items()
    )  # a multiplication sign


def _changes(before: Design, after: Design) -> str:
    parts = diff(before.components, after.components)
    links = diff(before.links, after.links)
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
