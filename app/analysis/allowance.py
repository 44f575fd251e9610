"""Reads how long something may be down, as people write it: "99.95 %", "4 h a year"."""

import re
from decimal import Decimal

from app.analysis.availability import MINUTES_PER_YEAR
from app.model.errors import DesignError

FORMS = "a share such as 99.95 %, or a downtime such as 4 h a year (s, min, h or d)"
LONGEST = 40  # characters of what was given that an error repeats
_MINUTES = {"s": Decimal(1) / 60, "min": Decimal(1), "h": Decimal(60), "d": Decimal(1440)}
_NUMBER = re.compile(r"[0-9]{1,12}([.,][0-9]{1,12})?", re.ASCII)
_DOWNTIME = re.compile(r"(?P<number>\S+?)\s*(?P<unit>s|min|h|d)(\s*(/|a|per)\s*year)?", re.ASCII)
_ENTIRE = 100


def allowed_unavailability(text: str) -> float:
    """Return the share of the time that may be lost: 0.0005 of "99.95 %", and so on.

    Accepted are a percentage with its sign, above 0 and at most 100, and a downtime in seconds
    (s), minutes (min), hours (h) or days (d) of a year of 365 days, with "a year", "per year" or
    "/year" behind it or without; the decimal mark is a point or a comma. The share is taken from
    what was written, so that 99.9999999 % leaves exactly 1e-9. A bare number is refused: it could
    be a percentage as well as a probability.

    Raises:
        DesignError: the text is none of these; it says what is wrong and what is accepted.
    """
    given = text.strip()
    shown = given if len(given) <= LONGEST else f"{given[:LONGEST]}…"
    if given.endswith("%"):
        return float(1 - _share(given.removesuffix("%").rstrip(), shown) / _ENTIRE)
    match = _DOWNTIME.fullmatch(given[: LONGEST + 1])
    if match is not None and _NUMBER.fullmatch(match["number"]):
        return _of_a_year(_value(match["number"]) * _MINUTES[match["unit"]], shown)
    bare = _NUMBER.fullmatch(given)
    hint = f"; did you mean {given} %?" if bare and _value(given) > 1 else ""
    raise DesignError(f"{shown!r} is no availability: give {FORMS}{hint}")


def _share(number: str, shown: str) -> Decimal:
    if not _NUMBER.fullmatch(number):
        raise DesignError(f"{shown!r} is no availability: {number[:LONGEST]!r} is no number")
    share = _value(number)
    if not 0 < share <= _ENTIRE:
        raise DesignError(f"{shown!r} is no availability: it must be above 0 % and at most 100 %")
    return share


def _of_a_year(minutes: Decimal, shown: str) -> float:
    if minutes >= MINUTES_PER_YEAR:
        raise DesignError(f"{shown!r} is no downtime to reach: a year has 365 d, or 8760 h")
    return float(minutes / MINUTES_PER_YEAR)


def _value(number: str) -> Decimal:
    return Decimal(number.replace(",", "."))
