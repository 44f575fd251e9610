"""Failures in words: what fails, what becomes of the flows, and the table of both."""

from collections.abc import Iterator, Mapping

from app.analysis.failure_table import Failure, FailureTable, PairCount, State
from app.analysis.words import listed
from app.model.design import Design

STATE_WORDS: Mapping[State, str] = {
    "up": "up",
    "degraded": "degraded",
    "by hand": "down until someone switches by hand",
    "down": "down",
}


def failed_words(design: Design, failure: Failure) -> str:
    """Return what fails, such as "web-1 and Orders (db-1)": names, and ids that differ."""
    return listed(
        name if (name := called(design, key)) == key else f"{name} ({key})"
        for key in failure.failed
    )


def called(design: Design, key: str) -> str:
    """Return the name of a component; for a link those of its ends."""
    link = design.links.get(key)
    if link is None:
        return design.components[key].name
    return " → ".join(design.components[end].name for end in (link.source, link.target))


def kind_words(design: Design, failure: Failure) -> str:
    """Return what sort of part each is that fails, such as "Server and Database"."""
    return listed(
        design.components[key].title if key in design.components else "Link"
        for key in failure.failed
    )


def outcome_words(design: Design, failure: Failure) -> str:
    """Return what becomes of the flows that feel a failure: "browse degraded, checkout down"."""
    told = [
        f"{design.flows[key].name} {STATE_WORDS[state]}"
        for key, state in failure.states.items()
        if state != "up"
    ]
    return ", ".join(told) or "nothing changes"


def hours_words(failure: Failure) -> str:
    """Return for how many hours a year it is so, as failures of their own; empty if unknown."""
    hours = failure.harm.hours
    if hours >= 1:
        return f"{hours:,.1f}"
    return "" if failure.share is None else f"{hours:.2g}"


def notes(table: FailureTable) -> Iterator[str]:
    """Yield what has to be said beside the table, a sentence each."""
    design = table.analysis.design
    if not design.flows:
        yield "There are no flows: nobody uses this yet."
    dead = [flow.name for key, flow in design.flows.items() if table.analysis.recoverable.dead(key)]
    if dead:
        yield f"Counted nowhere, since it cannot work as drawn: {listed(dead)}."
    if table.pairs is not None:
        yield pair_words(table.pairs)


def pair_words(pairs: PairCount) -> str:
    """Return in one sentence how many pairs were looked at and what was found."""
    looked = f"{pairs.looked_at:,}"
    if pairs.looked_at < pairs.possible:
        looked += f" of {pairs.possible:,}"
    looked += " pair" if pairs.possible == 1 else " pairs"
    does = "does" if pairs.worse == 1 else "do"
    told = f"Looked at {looked}: {pairs.worse:,} {does} more harm together than apart"
    return f"{told}; the {pairs.told:,} worst are told." if pairs.told < pairs.worse else f"{told}."
