"""What a comparison is told with, whatever its format: headline, names, values, figures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.analysis.availability import Availability
from app.analysis.requirements import View
from app.model.design import Design
from app.model.fields import field_of
from app.model.links import Link
from app.rules.comparison import Comparison, Edited, FlowChange, Risk
from app.rules.registry import SEVERITIES, Finding

LONGEST = 60  # characters of a value
ROUND = 100  # minutes a year, from which tenths say nothing
VIEWS_TOLD: Mapping[View, str] = {
    "recoverable": "",
    "continuity": "without a switch by hand",
}
TABLES = {"components": "part", "links": "link", "flows": "flow", "waivers": "waiver"}


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison with the files that it is about."""

    before: Path
    after: Path
    comparison: Comparison

    def reaches(self, fail_on: str) -> bool:
        """Whether a new finding is at least as bad as `fail_on`; `never` is reached by none."""
        if fail_on == "never":
            return False
        worst = SEVERITIES[: [*SEVERITIES].index(fail_on) + 1]  # type: ignore[arg-type]  # a choice
        return any(item.rule.severity in worst for item in self.comparison.findings.new)


def headline(comparison: Comparison) -> str:
    """Return the outcome in one line: single points of failure, findings, availability."""
    found = [
        *_spofs("new", comparison.new_spofs),
        *_spofs("no more", comparison.gone_spofs),
        *_findings(comparison),
        *(_shift(flow) for flow in comparison.flows if _shown(flow)),
    ]
    if found:
        return "; ".join(found)
    if comparison.changes:
        return f"{counted(comparison.changes, 'change')}, and the same risk as before"
    return "no change" if not comparison.moved else "no change but places on the canvas"


def _spofs(what: str, parts: Sequence[str]) -> list[str]:
    if not parts:
        return []
    point = "single point of failure" if len(parts) == 1 else "single points of failure"
    return [f"{what} {point}: {listed(parts)}"]


def _findings(comparison: Comparison) -> list[str]:
    new, gone = len(comparison.findings.new), len(comparison.findings.gone)
    told = [f"{counted(new, 'new finding')}"] if new else []
    if gone:
        told.append(f"{gone} gone" if new else f"{counted(gone, 'finding')} gone")
    return [", ".join(told)] if told else []


def _shown(flow: FlowChange) -> bool:
    return flow.differs("recoverable") and bool(flow.before) and bool(flow.after)


def _shift(flow: FlowChange) -> str:
    return f"{flow.flow.name} {works(flow, 'recoverable')}"


def counted(number: int, thing: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def listed(items: Sequence[str], most: int = 5) -> str:
    """Return the first items, and how many more there are."""
    more = [f"{len(items) - most} more"] if len(items) > most else []
    return ", ".join([*items[:most], *more])


def element(design: Design, table: str, key: str) -> str:
    """Return what an element is called: a part by its id, a link by its ends, a flow by name."""
    if table == "components":
        item = design.components[key]
        name = "" if item.name == key else f" “{item.name}”"
        return f"{key}{name} ({item.title.lower()})"
    if table == "links":
        link = design.links[key]
        return f"{ends(link)} ({link.role})"
    if table == "flows":
        flow = design.flows[key]
        return f"{flow.name} ({flow.operation})"
    waiver = design.waivers[key]
    return f"{key} ({waiver.reason})"


def ends(link: Link) -> str:
    """Return from where to where a link goes."""
    return f"{link.source} → {link.target}"


def fields(comparison: Comparison, table: str, edited: Edited) -> list[tuple[str, str, str]]:
    """Return the label of each field that differs, with its values in words."""
    cls = type(getattr(comparison.after, table)[edited.after])
    return [
        (field_of(cls, name).label, value(old), value(new))
        for name, (old, new) in edited.fields.items()
    ]


def value(content: Any) -> str:
    """Return the value of a field in a few words."""
    if content is None or content == "" or (not content and isinstance(content, Mapping | tuple)):
        return "nothing"
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, Mapping):
        text = "; ".join(f"{key or 'it'} needs {need}" for key, need in content.items())
    elif isinstance(content, tuple):
        text = ", ".join(content)
    else:
        text = f"{content:.10g}" if isinstance(content, float) else str(content)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def works(flow: FlowChange, view: View) -> str:
    """Return the share of the time in which a flow works, before and after: 99.95 → 99.71 %."""
    found = [risks[view].availability for risks in (flow.before, flow.after) if risks]
    digits = max(_digits(each) for each in found)
    told = [_share(each, digits) for each in found]
    return " → ".join(told[: 1 + (flow.differs(view) and len(told) == 2)]) + " %"  # noqa: PLR2004


def down(flow: FlowChange, view: View) -> str:
    """Return the minutes a year in which a flow is down, before and after."""
    found = [risks[view].availability for risks in (flow.before, flow.after) if risks]
    told = [_minutes(each) for each in found]
    return " → ".join(told[: 1 + (flow.differs(view) and len(told) == 2)])  # noqa: PLR2004
