"""Figures in words, with their marks: what rests on an assumed figure, and what is an estimate."""

import math

from app.analysis.availability import MINUTES_PER_YEAR, Availability

ASSUMED = "assumed"  # a part has the usual figure of its kind, since nobody has set another
ESTIMATE = "estimate"  # bounds; the design is too entangled for an exact figure
LONG = 600  # minutes, from which hours are told
ROUND = 100  # minutes, from which tenths say nothing


def percent(share: float) -> str:
    """Return a share with as many nines as it has, and two digits more."""
    nines = math.floor(-math.log10(1 - share)) if 0 < share < 1 else 0
    return f"{share:.{max(2, nines + 1)}%}"


def a_year(unavailability: float) -> str:
    """Return the time in a year of 365 days that a share of it is: "52.6 min" or "17.5 h"."""
    minutes = unavailability * MINUTES_PER_YEAR
    if minutes >= LONG:
        return f"{minutes / 60:,.{1 if minutes < ROUND * 60 else 0}f} h"
    return f"{minutes:.{1 if minutes < ROUND else 0}f} min"


def downtime(found: Availability) -> str:
    """Return the downtime a year of a flow; of an estimate, its interval."""
    low, high = a_year(found.low), a_year(found.high)
    return high if found.exact else f"between {low} and {high}"


def marked(text: str, *, estimate: bool, assumed: bool) -> str:
    """Return a figure with what it rests on behind it: "52.6 min (estimate, assumed)"."""
    marks = [mark for mark, holds in ((ESTIMATE, estimate), (ASSUMED, assumed)) if holds]
    return f"{text} ({', '.join(marks)})" if marks else text


def change(before: Availability, after: Availability, *, assumed: bool) -> str:
    """Return a downtime a year before and after: "88.5 h → 12.1 min (assumed)"."""
    estimate = not (before.exact and after.exact)
    return marked(f"{downtime(before)} → {downtime(after)}", estimate=estimate, assumed=assumed)
