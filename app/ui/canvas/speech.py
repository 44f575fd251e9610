"""The canvas in words, for screen readers and tool tips."""

from collections.abc import Iterable, Sequence

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QWidget

from app.model.design import Design
from app.model.protocols import PROTOCOLS
from app.rules.registry import Finding


def described(design: Design, key: str, findings: Sequence[Finding] = ()) -> str:
    """Return a component or link in words: name, kind, fact, and how many findings it has."""
    link = design.links.get(key)
    if link is not None:
        ends = (design.components[end].name for end in (link.source, link.target))
        safe = "encrypted" if link.encrypted else "not encrypted"
        protocol = PROTOCOLS[link.protocol].title
        port = f", port {link.number}" if link.number else ""
        return f"{link.role} from {' to '.join(ends)}, {protocol}{port}, {safe}"
    item = design.components[key]
    parts = [item.name, type(item).title, item.fact]
    open_findings = [finding for finding in findings if finding.waiver is None]
    if open_findings:
        parts.append(f"{len(open_findings)} finding{'s' if len(open_findings) > 1 else ''}")
    return ", ".join(part for part in parts if part)


def tip(design: Design, key: str, findings: Sequence[Finding] = ()) -> str:
    """Return the tool tip of a component or link: in words, with its findings."""
    lines = [described(design, key)]
    for finding in findings:
        state = "waived" if finding.waiver is not None else finding.rule.severity
        lines.append(f"{state}: {finding.rule.title}")
    return "\n".join(lines)


def announce(widget: QWidget, text: str) -> None:
    """Make a text the accessible name of what has the focus, and have it read out."""
    if text == widget.accessibleDescription():
        return
    widget.setAccessibleDescription(text)
    QAccessible.updateAccessibility(QAccessibleEvent(widget, QAccessible.Event.DescriptionChanged))
    if text:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, text))


def by_subject(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """Return the findings of each component and link, in the order of a check: worst first."""
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        for key in finding.problem.subjects:
            found.setdefault(key, []).append(finding)
    return found


def worst(findings: Sequence[Finding]) -> str:
    """Return the worst severity of some findings; "waived" if all are accepted."""
    return next((item.rule.severity for item in findings if item.waiver is None), "waived")
