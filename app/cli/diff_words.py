"""What a comparison is told with, whatever its format: headline, names, values, figures."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import commonprefix
from pathlib import Path
from typing import Any

from app.analysis.availability import MINUTES_PER_YEAR, Availability
from app.analysis.figure_words import VIEW_WORDS
from app.analysis.requirements import VIEWS, View
from app.model.design import Design
from app.model.fields import field_of
from app.model.links import Link
from app.rules.comparison import Comparison, Edited, FindingChanges, FlowChange, Risk

LONGEST = 60  # characters of a value
ROUND = 100  # minutes a year, from which tenths say nothing
VIEWS_TOLD: Mapping[View, str] = {
    view: f"{told}: " if told else "" for view, told in VIEW_WORDS.items()
}
MOST_DIGITS = 12  # of a share of the time in percent; what follows is rounding
TABLES = {"components": "part", "links": "link", "flows": "flow", "waivers": "waiver"}


@dataclass(frozen=True, slots=True)
class Told:
    """A comparison with the files that it is about."""

    before: Path
    after: Path
    comparison: Comparison


def headline(comparison: Comparison) -> str:
    """Return the outcome in one line: single points of failure, findings, availability."""
    points = ("new", comparison.new_spofs), ("no longer", comparison.gone_spofs)
    found = [
        *(alone(what, parts) for what, parts in points if parts),
        *_findings(comparison),
        *(_shift(flow) for flow in comparison.flows if _shown(flow)),
    ]
    if found:
        return "; ".join(found)
    if comparison.changes:
        return f"{counted(comparison.changes, 'change')}, and the same risk as before"
    return "no change" if not comparison.moved else "no change but places on the canvas"


def alone(what: str, parts: Sequence[str]) -> str:
    """Return which parts are single points of failure now, or were."""
    point = "single point of failure" if len(parts) == 1 else "single points of failure"
    return f"{what} {point}: {listed(parts)}"


def spofs(flow: FlowChange, view: View) -> list[tuple[str, tuple[str, ...]]]:
    """Return what became of the single points of failure of a flow: new ones, and gone ones."""
    found = [("new", flow.new_spofs[view]), ("no longer", flow.gone_spofs[view])]
    return [(what, parts) for what, parts in found if parts]


def asides(comparison: Comparison) -> list[str]:
    """Return what is no change: parts that were moved, or drawn again."""
    redrawn, moved = len(comparison.matching.redrawn), comparison.moved
    return [
        *(
            [f"other ids, matched by kind and name or by ends: {counted(redrawn, 'element')}"]
            if redrawn
            else []
        ),
        *([f"{counted(moved, 'part')} only moved on the canvas"] if moved else []),
    ]


def notes(findings: FindingChanges) -> dict[str, str]:
    """Return what to say beside a finding that is there on both sides, but waived on one."""
    waived = dict.fromkeys(findings.accepted, " (waived now)")
    return waived | dict.fromkeys(findings.reopened, " (was waived)")


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
        (field_of(cls, name).label, *_apart(_value(old), _value(new)))
        for name, (old, new) in edited.fields.items()
    ]


def _apart(old: str, new: str) -> tuple[str, str]:
    """Shorten two texts to where they begin to differ."""
    same = len(commonprefix((old, new)))  # noqa: RUF071  # of letters
    start = 0 if max(len(old), len(new)) <= LONGEST else max(0, same - LONGEST // 3)
    return _excerpt(old, start), _excerpt(new, start)


def _excerpt(text: str, start: int) -> str:
    """Return a part of a text, with dots where something is left out."""
    end = start + LONGEST
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"


def _value(content: Any) -> str:
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
    return text


def works(flow: FlowChange, view: View) -> str:
    """Return the share of the time in which a flow works, before and after: 99.95 → 99.71 %."""
    found = _risks(flow, view)
    digits = max(_digits(risk.availability) for risk in found)
    told = [_range(1 - risk.availability.high, 1 - risk.availability.low, 100, digits)
            for risk in found]  # fmt: skip
    return f"{' → '.join(told)} %"


def down(flow: FlowChange, view: View) -> str:
    """Return the minutes a year in which a flow is down, before and after."""
    told = []
    for risk in _risks(flow, view):
        low, high = risk.availability.low, risk.availability.high
        digits = 1 if risk.availability.downtime_minutes < ROUND else 0
        told.append(_range(low, high, MINUTES_PER_YEAR, digits))
    return f"{' → '.join(told)} minutes a year"


def remarks(flow: FlowChange) -> list[str]:
    """Return what the figures of a flow rest on: estimates, and what nobody has set."""
    found = [risks[view] for view in VIEWS for risks in (flow.before, flow.after) if risks]
    estimated = any(not risk.availability.exact for risk in found)
    assumed = len(found[-1].assumed)
    return [
        *(["an estimate: too entangled for an exact figure"] if estimated else []),
        *([f"the figures of {counted(assumed, 'part')} are assumed"] if assumed else []),
    ]


def views(flow: FlowChange) -> list[View]:
    """Return the views to tell of: the others only where they say something else."""
    risks = [each for each in (flow.before, flow.after) if each]
    others = [
        view
        for view in VIEWS[1:]
        if any(
            each[view].availability.high != each["recoverable"].availability.high for each in risks
        )
    ]
    return ["recoverable", *others]


def state(flow: FlowChange) -> str:
    """Return whether a flow is new or gone; empty where it is in both designs."""
    return "" if flow.before and flow.after else "new" if flow.after else "gone"


def _risks(flow: FlowChange, view: View) -> list[Risk]:
    """Return the risk before and after; one of them where it is the same, or where it is alone."""
    found = [risks[view] for risks in (flow.before, flow.after) if risks]
    return found if flow.differs(view) else found[-1:]


def _range(low: float, high: float, factor: float, digits: int) -> str:
    """Return a figure, or the two ends between which it lies."""
    told = [f"{end * factor:,.{digits}f}" for end in (low, high)]
    return told[0] if low == high else f"{told[0]} to {told[1]}"


def _digits(found: Availability) -> int:
    """Return as many digits behind the point as a share has nines, and two more."""
    nines = math.floor(-math.log10(found.high)) if 0 < found.high < 1 else 0
    return min(max(2, nines + 1), MOST_DIGITS)
