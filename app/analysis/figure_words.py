"""Figures in words, with their marks: what rests on an assumed figure, and what is an estimate."""

import math
from collections.abc import Iterable, Iterator, Mapping

from app.analysis.availability import MINUTES_PER_YEAR, Availability
from app.analysis.events import described, part_of
from app.analysis.failure_words import called
from app.analysis.figures import FlowFigures, WeighedCuts
from app.analysis.requirements import View
from app.analysis.words import listed
from app.model.design import Design

ASSUMED = "assumed"  # a part has the usual figure of its kind, since nobody has set another
ESTIMATE = "estimate"  # with an interval; the design is too entangled for an exact figure
LONG = 600  # minutes, from which hours are told
LEAST_WORTH = 1.05  # times less, to be told
VIEW_WORDS: Mapping[View, str] = {
    "recoverable": "",
    "continuity": "without a switch by hand",
    "peak": "at the busiest time",
}
OVERLOADED = "more comes than all of it can serve"
ROUND = 100  # minutes, from which tenths say nothing


def percent(share: float) -> str:
    """Return a share with as many nines as it has, and two digits more."""
    nines = math.floor(-math.log10(1 - share)) if 0 < share < 1 else 0
    return f"{share:.{max(2, nines + 1)}%}"


def a_year(unavailability: float) -> str:
    """Return the time in a year of 365 days that a share of it is: "52.6 min" or "17.5 h"."""
    return _span(unavailability * MINUTES_PER_YEAR)


def _span(minutes: float) -> str:
    if minutes >= LONG:
        return f"{minutes / 60:,.{1 if minutes < ROUND * 60 else 0}f} h"
    return f"{minutes:.{1 if minutes < ROUND else 0}f} min"


def downtime(found: Availability) -> str:
    """Return the downtime a year of a flow; of an estimate, with its interval of 95 %."""
    told = a_year(found.unavailability)
    if found.exact:
        return told
    low, high = map(a_year, found.interval or (found.low, found.high))
    return f"about {told} ({low} to {high})"


def marked(text: str, *, estimate: bool, assumed: bool) -> str:
    """Return a figure with what it rests on behind it: "52.6 min (estimate, assumed)"."""
    marks = [mark for mark, holds in ((ESTIMATE, estimate), (ASSUMED, assumed)) if holds]
    return f"{text} ({', '.join(marks)})" if marks else text


def change(before: Availability, after: Availability, *, assumed: bool) -> str:
    """Return a downtime a year before and after: "88.5 h → 12.1 min (assumed)"."""
    estimate = not (before.exact and after.exact)
    return marked(f"{downtime(before)} → {downtime(after)}", estimate=estimate, assumed=assumed)


def works(figures: FlowFigures) -> str:
    """Return how much of the time a flow works, and its downtime a year, with the marks."""
    found = figures.availability
    share = percent(found.availability)
    share = share if found.exact else f"about {share}"
    text = f"Works {share} of the time, down {downtime(found)} a year"
    return marked(text, estimate=not found.exact, assumed=bool(figures.assumed))


def works_in(view: View, figures: FlowFigures) -> str:
    """Return the same for one of the other views: "At the busiest time: works 99.9 % ..."."""
    return f"{VIEW_WORDS[view].capitalize()}: {in_view(view, figures, works(figures).lower())}"


def in_view(view: View, figures: FlowFigures, told: str) -> str:
    """Return what is told of a flow in a view; at peak it may be that it has too much to serve."""
    overloaded = view == "peak" and figures.availability.low == 1.0
    return OVERLOADED if overloaded else told


def outages(found: Availability) -> str:
    """Return how often a flow goes down and for how long; empty where no repair times say it."""
    if not found.outages_per_year or not found.mean_outage_hours:
        return ""
    return (
        f"{found.outages_per_year:.3g} outages a year of {_span(found.mean_outage_hours * 60)} each"
    )


def worst_pair(design: Design, figures: FlowFigures) -> str:
    """Return the likeliest pair that stops a flow; empty where a part alone does, or no pair."""
    if figures.spofs or not figures.pairs:
        return ""
    pair, chance = figures.pairs[0]
    return f"Worst pair: {_names(design, pair)}, both down {a_year(chance)} a year"


def _names(design: Design, events: Iterable[str]) -> str:
    return listed(described(key, called(design, part_of(key))) for key in events)


def redundancy(figures: FlowFigures) -> str:
    """Return the redundancy degree of a flow in words."""
    degree = figures.degree
    if degree is None:
        counted = figures.cuts_by_order is not None
        return "Nothing can stop it" if counted else "Too entangled to count what stops it"
    if degree == 0:
        return "It cannot work as drawn"
    failures = "1 failure is" if degree == 1 else f"{degree} failures at once are"
    return f"Redundancy degree {degree}: {failures} enough to stop it"


def triples_words(design: Design, found: WeighedCuts | None) -> Iterator[str]:
    """Yield the sets of three parts that stop a flow together, the likeliest first."""
    if found is None:
        yield "Sets of three: too entangled to find them"
    elif not found:
        yield "Sets of three: none without a smaller one in it"
    else:
        yield "Likeliest sets of three, and the share of the time in which all have failed:"
    for cut, chance in found or ():
        yield f"{chance:.2e}  {_names(design, cut)}"


def part_figures(figures: FlowFigures, part: str) -> Iterator[str]:
    """Yield what a part has to do with the downtime of a flow, for a person.

    Its contribution, risk-reduction worth and Birnbaum importance; nothing for a part without a
    failure of its own in the flow, one sentence where the figures are an estimate.
    """
    found = figures.availability
    if not found.exact:
        yield "The figures of the flow are an estimate, which has no share of each part."
    elif found.importance.get(part) and found.unavailability:
        mark = {"estimate": False, "assumed": bool(figures.assumed)}
        share, importance = found.contribution(part), found.importance[part]
        spared = found.unavailability * (1 - share)
        worth = found.risk_reduction_worth(part)
        less = f", {worth:.3g} times less" if LEAST_WORTH <= worth < math.inf else ""
        spared_by_it = f"{downtime(found)} → {a_year(max(0.0, spared))} a year{less}"
        yield marked(f"{share:.2%} of the downtime has it as a cause", **mark)
        yield marked(f"If it never failed: {spared_by_it}", **mark)
        rests = "the share of the time in which the flow rests on it"
        yield marked(f"Importance {importance:.3g}: {rests}", **mark)
