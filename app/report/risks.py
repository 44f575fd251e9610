"""What brings the flows down: single points of failure, availability, and the what-if table."""

from collections.abc import Iterator, Mapping

from app.analysis.events import COVER, part_of
from app.analysis.figure_words import in_view, outages, percent
from app.analysis.figures import FlowFigures
from app.analysis.paths import path_to
from app.analysis.requirements import View
from app.analysis.what_if import Outcome
from app.model.traits import Trait
from app.report.content import Block, Bullets, Cell, Item, Section, Table
from app.report.facts import Facts, counted
from app.report.issues import issues

MOST_REASONS = 5  # parts that a flow is down for, and pairs
_HOUR, _DAY = 60.0, 1440.0  # minutes
_MEANING = (
    "A single point of failure of a flow is a part whose loss alone stops it: a minimal cut set of "
    "order 1. It follows from what the parts need, not from the shape of the drawing."
)
_FIGURES = (
    "How much of the time each flow works, from the figures of the parts, taken as failing "
    "independently."
)
_SHARES = (
    "What the flows are down for, by its share of the downtime. A pair that fails together counts "
    "for each of the two, so the shares may add up to more than all:"
)
_LOST = (
    "One part is lost, or one machine or site with all on it, and a failover of any kind has "
    "happened. “Rests on” names the programs that a flow could spare before and cannot spare then."
)
_VIEWS: Mapping[View, str] = {
    "continuity": "Down where only an automatic failover counts",
    "peak": "Down at the busiest time",
}
_STATES = {"down": "stops", "degraded": "goes on", "up": "notices nothing"}


def duration(minutes: float) -> str:
    """Return a time in the unit in which it reads best, with two digits."""
    for unit, size in (("days", _DAY), ("hours", _HOUR), ("minutes", 1.0)):
        if minutes >= 2 * size:
            return f"{_digits(minutes / size)} {unit}"
    return f"{_digits(minutes * 60)} seconds"


def _digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"  # noqa: PLR2004  # two digits


# --- single points of failure -----------------------------------------------------------------


def single_points(facts: Facts) -> Section:
    """Name the single points of failure with their evidence, or the pairs where there are none."""
    analysis = facts.analysis
    blocks: list[Block] = []
    if facts.design.flows:
        blocks.append(_MEANING)
    blocks += [_verdict(facts, flow) for flow in facts.design.flows]
    if analysis.flows_lost or analysis.links_lost:
        rows: list[tuple[Cell, ...]] = [
            (facts.part(part), facts.design.components[part].title, facts.flow_names(flows),
             _evidence(facts, part, flows[0]))
            for part in facts.sorted(analysis.flows_lost)
            for flows in (analysis.flows_lost[part],)
        ]  # fmt: skip
        rows += [
            (facts.name(key), "Link", facts.flow_names(flows), _evidence(facts, key, flows[0]))
            for key, flows in analysis.links_lost.items()
        ]
        blocks.append(Table(("Part", "Kind", "Stops", "The way to it"), tuple(rows)))
    found = issues(facts, "spof")
    return Section("Single points of failure", tuple(blocks), (found,) if found else ())


def _verdict(facts: Facts, flow: str) -> str:
    name, analysis = facts.design.flows[flow].name, facts.analysis
    if analysis.recoverable.dead(flow):
        return f"{name} cannot work as it is drawn, so nothing in particular stops it."
    spofs = analysis.spofs[flow]
    if spofs:
        told = (
            f"{name} has {counted(len(spofs), 'single point')} of failure: {facts.events(spofs)}."
        )
    else:
        told = f"{name} has no single point of failure: any one part may fail."
        if pairs := facts.figures[flow].pairs:
            likeliest = facts.events(pairs[0][0])
            told += f" It stops when two fail at once; the likeliest pair is {likeliest}."
    by_hand = analysis.continuity_spofs[flow] - spofs
    if by_hand:
        told += f" Until somebody switches by hand, it also hangs on {facts.events(by_hand)}."
    peak = facts.views[flow].peak
    if peak is not None and (crowded := set(peak.spofs) - spofs):
        told += f" At the busiest time it also hangs on {facts.events(crowded)}."
    return told


def _evidence(facts: Facts, part: str, flow: str) -> str:
    """Return the way of a flow to a part or a link; to a place, to what makes it matter."""
    design, spofs = facts.design, facts.analysis.spofs[flow]
    within = () if part in design.links else design.descendants(part)
    inside = [key for key in facts.sorted(within) if key in spofs]
    programs = [key for key in inside if Trait.CONTAINER not in design.components[key].traits]
    end = (programs or [part])[-1]
    way = facts.way(path_to(design, flow, end))
    return way or "what the design says that it needs"


# --- availability -----------------------------------------------------------------------------


def availabilities(facts: Facts) -> Section:
    """Give the figures of each flow in all views, and what it is down for."""
    flows = facts.design.flows
    if not flows:
        return Section("Availability")
    table = Table(tuple(_columns(facts)), tuple(tuple(_row(facts, key)) for key in flows))
    blocks: list[Block] = [_FIGURES, table]
    if not _differs(facts, "continuity"):
        blocks.append(
            "The figures are the same if only an automatic failover counts: no flow is saved by a "
            "switch that somebody makes by hand."
        )
    if facts.load_known and not _differs(facts, "peak"):
        blocks.append(
            "The figures are the same at the busiest time: the load takes no more parts than are "
            "needed at any other."
        )
    told: dict[str, list[str]] = {}
    for key in flows:
        told.setdefault(_reasons(facts, key), []).append(key)
    items = tuple(Item(text, facts.flow_names(keys)) for text, keys in told.items() if text)
    if items:
        blocks += [_SHARES, Bullets(items)]
    if any(figures.assumed for figures in facts.figures.values()):
        blocks.append("* Assumed: nobody has set a figure, so the usual one of the kind is taken.")
    return Section("Availability", tuple(blocks))


def _differs(facts: Facts, view: View) -> bool:
    return any(view in dict(views.differing()) for views in facts.views.values())


def _promised(facts: Facts) -> bool:
    return any(flow.target_availability is not None for flow in facts.design.flows.values())


def _outages_known(facts: Facts) -> bool:
    return any(outages(figures.availability) for figures in facts.figures.values())


def _columns(facts: Facts) -> Iterator[str]:
    yield from ("Flow", "Works", "Down a year")
    if _outages_known(facts):
        yield "How often"
    for view, told in _VIEWS.items():
        if _differs(facts, view):
            yield told
    if _promised(facts):
        yield "Promised"


def _row(facts: Facts, flow: str) -> Iterator[Cell]:
    figures, target = facts.figures[flow], facts.design.flows[flow].target_availability
    star = "*" if figures.assumed else ""
    yield facts.design.flows[flow].name
    yield _works(figures) + star
    yield _down(figures) + star
    if _outages_known(facts):
        yield outages(figures.availability) or "–"
    others = dict(facts.views[flow].differing())
    for view in _VIEWS:
        if _differs(facts, view):
            told = others.get(view, figures)
            yield in_view(view, told, _down(told) + star)
    if _promised(facts):
        yield "–" if target is None else _promise(figures, target)


def _works(figures: FlowFigures) -> str:
    found = figures.availability
    if found.exact:
        return percent(found.availability)
    return f"between {percent(1 - found.high)} and {percent(1 - found.low)}"


def _down(figures: FlowFigures) -> str:
    found = figures.availability
    if found.exact:
        return duration(found.downtime_minutes)
    return f"at most {duration(found.downtime_minutes)}"


def _promise(figures: FlowFigures, target: float) -> str:
    found = figures.availability
    if 1 - found.high >= target:
        return f"{percent(target)}: kept"
    return f"{percent(target)}: {'missed' if 1 - found.low < target else 'not certain'}"


def _reasons(facts: Facts, flow: str) -> str:
    figures = facts.figures[flow]
    told = [
        f"{facts.event(event)} {share:.0%} ({_own(figures, event)})"
        for event, share in figures.contributions[:MOST_REASONS]
        if share >= 0.005  # noqa: PLR2004  # less is 0 % in print
    ]
    return f"{', '.join(told)}." if told else ""


def _own(figures: FlowFigures, event: str) -> str:
    works = percent(1 - figures.availability.failing[event])
    if event.endswith(COVER):
        return f"succeeds {works}"
    return f"works {works}{'*' if part_of(event) in figures.assumed else ''}"


# --- what if ----------------------------------------------------------------------------------


def what_if(facts: Facts) -> Section:
    """Say for each part, place and link that can fail what becomes of each flow without it."""
    title, flows = "What if it fails?", facts.design.flows
    felt = {key: losses for key, losses in facts.losses.items()
            if any(told.state != "up" for told in losses.values())}  # fmt: skip
    rows = tuple(_lost(facts, key, losses) for key, losses in felt.items())
    head = ("Without", "Kind", *(flow.name for flow in flows.values()))
    blocks: list[Block] = [_LOST, Table(head, rows)] if rows else []
    if rest := [key for key in facts.losses if key not in felt]:
        blocks.append(f"No flow notices the loss of {facts.names(rest)}.")
    return Section(title, tuple(blocks))


def _lost(facts: Facts, key: str, losses: Mapping[str, Outcome]) -> tuple[Cell, ...]:
    outcomes = (_outcome(facts, key, flow, told) for flow, told in losses.items())
    if key in facts.design.links:
        return facts.name(key), "Link", *outcomes
    return facts.part(key), facts.design.components[key].title, *outcomes


def _outcome(facts: Facts, part: str, flow: str, outcome: Outcome) -> str:
    if facts.analysis.recoverable.dead(flow):
        return "never works"
    parts = facts.design.components
    programs = {event for event in outcome.exposed
                if event not in parts or Trait.CONTAINER not in parts[event].traits}  # fmt: skip
    if outcome.exposed:
        return f"goes on, rests on {facts.events(programs or outcome.exposed, part)}"
    return _STATES[outcome.state]
