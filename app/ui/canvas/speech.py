"""The canvas in words, for screen readers and tool tips."""

from collections.abc import Sequence

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


def about(findings: Sequence[Finding], key: str) -> list[Finding]:
    """Return the findings about a component or link, in their order."""
    return [finding for finding in findings if key in finding.problem.subjects]


def severities(findings: Sequence[Finding]) -> dict[str, str]:
    """Return the worst severity of each component and link; "waived" if all are accepted.

    The findings come worst first.
    """
    found: dict[str, str] = {}
    for finding in sorted(findings, key=lambda finding: finding.waiver is not None):
        severity = finding.rule.severity if finding.waiver is None else "waived"
        for key in finding.problem.subjects:
            found.setdefault(key, severity)
    return found
