"""What brings the flows down: single points of failure, availability, and the what-if table."""

from collections.abc import Iterator

from app.analysis.analysis import Analysis
from app.analysis.cutsets import part_of
from app.analysis.events import COVER
from app.analysis.figures import FlowFigures
from app.analysis.paths import path_to
from app.analysis.what_if import Outcome
from app.analysis.words import percent
from app.report.content import Block, Bullets, Cell, Item, Section, Table
from app.report.facts import Facts, counted
from app.report.issues import issues

MOST_REASONS = 5  # parts that a flow is down for, and pairs
_HOUR, _DAY = 60.0, 1440.0  # minutes
_STATES = {"down": "stops", "degraded": "goes on", "up": "does not notice"}


def duration(minutes: float) -> str:
    """Return a time in the unit in which it reads best, with two digits."""
    for unit, size in (("days", _DAY), ("hours", _HOUR), ("minutes", 1.0)):
        if minutes >= 2 * size:
            return f"{minutes / size:,.{0 if minutes / size >= 10 else 1}f} {unit}"  # noqa: PLR2004
    return f"{minutes * 60:.2g} seconds"


# --- single points of failure -----------------------------------------------------------------


def single_points(facts: Facts) -> Section:
    """Name the single points of failure with their evidence, or the pairs where there are none."""
    analysis = facts.analysis
    blocks: list[Block] = []
    if facts.design.flows:
        blocks.append(
            "A single point of failure of a flow is a part whose loss alone stops it: a minimal cut "
            "set of order 1. It follows from what the parts need, not from the shape of the drawing."
        )
    for flow in facts.design.flows:
        blocks.append(_verdict(facts, flow))
    if analysis.flows_lost:
        rows = [
            (facts.part(part), facts.design.components[part].title, facts.flow_names(flows),
             _evidence(analysis, facts, part, flows[0]))
            for part, flows in sorted(analysis.flows_lost.items())
            if part in facts.design.components
        ]  # fmt: skip
        order = {key: number for number, key in enumerate(facts.ordered)}
        rows.sort(key=lambda row: order[row[0].to.removeprefix("part-")])
        blocks.append(
            Table(("Part", "Kind", "Stops", "Every way leads through it, such as"), tuple(rows))
        )
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
            told += f" It stops when two fail at once; the likeliest pair is {facts.events(pairs[0][0])}."
    by_hand = analysis.continuity_spofs[flow] - spofs
    if by_hand:
        told += f" Until somebody switches by hand, it also hangs on {facts.events(by_hand)}."
    return told


def _evidence(analysis: Analysis, facts: Facts, part: str, flow: str) -> str:
    return facts.way(path_to(analysis.design, flow, part)) or "what the design says it needs"


# --- availability -----------------------------------------------------------------------------


def availabilities(facts: Facts) -> Section:
    """Give the figures of each flow in both views, and what it is down for."""
    flows = facts.design.flows
    if not flows:
        return Section("Availability")
    rows = tuple(tuple(_row(facts, key)) for key in flows)
    head = ("Flow", "Works", "Down a year", "With automatic failover alone", "Promised")
    blocks: list[Block] = [
        "How much of the time each flow works, from the figures of the parts, taken as failing "
        "independently. In the second view a failover that somebody makes by hand does not count.",
        Table(head, rows),
    ]
    items = tuple(Item(_reasons(facts, key), flows[key].name) for key in flows)
    told = tuple(item for item in items if item.text)
    if told:
        blocks += ["What each flow is down for, by its share of the downtime:", Bullets(told)]
    assumed = frozenset[str]().union(*(figures.assumed for figures in facts.figures.values()))
    if assumed:
        blocks.append("* Assumed: nobody has set a figure, so the usual one of the kind is taken.")
    return Section("Availability", tuple(blocks))


def _row(facts: Facts, flow: str) -> Iterator[Cell]:
    figures, other = facts.figures[flow], facts.continuity[flow]
    item = facts.design.flows[flow]
    star = "*" if figures.assumed else ""
    yield item.name
    yield _works(figures) + star
    yield _down(figures) + star
    same = figures.availability.high == other.availability.high
    yield "the same" if same else f"{_works(other)}, down {_down(other)}{star}"
    yield (
        "nothing"
        if item.target_availability is None
        else _promise(figures, item.target_availability)
    )


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
        f"{facts.event(event)} {share:.0%} ({_own(facts, figures, event)})"
        for event, share in figures.contributions[:MOST_REASONS]
        if share >= 0.005  # noqa: PLR2004  # less is 0 % in print
    ]
    return f"{', '.join(told)}." if told else ""


def _own(facts: Facts, figures: FlowFigures, event: str) -> str:
    works = percent(1 - figures.availability.failing[event])
    if event.endswith(COVER):
        return f"succeeds {works}"
    return f"works {works}{'*' if part_of(event) in figures.assumed else ''}"


# --- what if ----------------------------------------------------------------------------------


def what_if(facts: Facts) -> Section:
    """Say for each part and place what becomes of each flow without it."""
    flows = facts.design.flows
    rows = tuple(
        (facts.part(key), facts.design.components[key].title,
         *(_outcome(facts, key, flow, told) for flow, told in losses.items()))
        for key, losses in facts.losses.items()
    )  # fmt: skip
    if not rows:
        return Section("What if it fails?")
    head = ("Without", "Kind", *(flow.name for flow in flows.values()))
    text = (
        "One part, or one place with all in it, is lost; a failover of any kind has happened. Named "
        "is what a flow could spare before and cannot spare then."
    )
    return Section("What if it fails?", (text, Table(head, rows)))


def _outcome(facts: Facts, part: str, flow: str, outcome: Outcome) -> str:
    if facts.analysis.recoverable.dead(flow):
        return "never works"
    if outcome.exposed:
        return f"goes on, resting on {facts.events(outcome.exposed, part)}"
    return _STATES[outcome.state]
