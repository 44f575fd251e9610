"""The table of failures as CSV and as Markdown; the command and the window write the same.

CSV: RFC 4180, in UTF-8, with line feeds. A cell that a spreadsheet would take for a formula
begins with an apostrophe (OWASP, "CSV Injection").
"""

import csv
import io
from collections.abc import Iterable, Iterator

from app.analysis.failure_table import Failure, FailureTable
from app.analysis.failure_words import (
    STATE_WORDS,
    called,
    failed_words,
    hours_words,
    kind_words,
    notes,
    outcome_words,
)
from app.analysis.words import listed
from exporters.markdown import one_line

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(table: FailureTable) -> str:
    """Return the table for a spreadsheet: one column for each flow, the most harmful row first."""
    flows = table.analysis.design.flows.values()
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\n")
    titles = ("rank", "ids", "if this stops", "kind", *(flow.name for flow in flows), "flows down",
              "down until switched by hand", "degraded", "hours a year")  # fmt: skip
    writer.writerow(map(_cell, titles))
    for rank, failure in enumerate(table.failures, 1):
        writer.writerow(map(_cell, _row(table, rank, failure)))
    return sheet.getvalue()


def _row(table: FailureTable, rank: int, failure: Failure) -> Iterable[str]:
    design, harm = table.analysis.design, failure.harm
    hours = "" if failure.share is None else f"{harm.hours:.6g}"
    counts = (harm.down, harm.by_hand, harm.degraded)
    states = (STATE_WORDS[state] for state in failure.states.values())
    names = listed(called(design, key) for key in failure.failed), kind_words(design, failure)
    return str(rank), " ".join(failure.failed), *names, *states, *map(str, counts), hours


def _cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula, with spaces before it or without."""
    return f"'{text}" if text.startswith(_FORMULA) or text.strip().startswith(_FORMULA) else text


def as_markdown(table: FailureTable) -> str:
    """Return the table for a README, the most harmful row first, and what has to be said of it."""
    return "\n".join(_lines(table)) + "\n"


def _lines(table: FailureTable) -> Iterator[str]:
    design = table.analysis.design
    yield f"# What if: {one_line(design.name)}"
    yield ""
    yield "| # | If this stops | Kind | Then | Hours a year |"
    yield "| ---: | --- | --- | --- | ---: |"
    for rank, failure in enumerate(table.failures, 1):
        words = (
            failed_words(design, failure),
            kind_words(design, failure),
            outcome_words(design, failure),
            hours_words(failure) or "–",
        )
        yield f"| {rank} | {' | '.join(map(one_line, words))} |"
    for note in notes(table):
        yield ""
        yield one_line(note)
