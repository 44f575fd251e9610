"""`loadpath whatif`: what becomes of the flows when something fails."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.terminal import CommandError, Style, coloured, deliver, plain

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis
    from app.analysis.blast import Blast
    from app.analysis.failure_table import Failure, FailureTable
    from app.model.design import Design

VERSION = 1
WIDEST_NAME = 44  # characters of the first column
FORMATS = ("text", "csv", "markdown", "json")
_EPILOG = """\
examples:
  loadpath whatif shop.loadpath.json                        each part, server, zone and site alone
  loadpath whatif shop.loadpath.json --links                each traffic link as well
  loadpath whatif shop.loadpath.json --pairs                and each pair that is worse than apart
  loadpath whatif shop.loadpath.json --fail web-1 db-1      exactly these together
  loadpath whatif shop.loadpath.json --format csv -o failures.csv
  loadpath whatif shop.loadpath.json --format json          docs/json.md says what is in it

how to read it:
  up         the flow does not feel the failure
  degraded   it works, and has lost something that it could have used
  down       it does not work; "until someone switches by hand" where a failover is manual

A server, zone or site takes along all that is in it. The most harmful failure comes first: by
the flows that are down, those that wait for a hand, those that are degraded, and then by the
hours a year in which the parts have failed by themselves. The window shows the same rows in the
same order: Findings, What if: all failures. Exit status: 0, or 2 for bad input.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "whatif",
        help="say what becomes of each flow when something fails",
        description="Let each part fail, each pair, or those that are named. Nothing is edited.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    what = made.add_mutually_exclusive_group()
    what.add_argument(
        "--fail",
        nargs="+",
        action="extend",
        metavar="ID_OR_NAME",
        help="only this: all of these parts and links fail together",
    )
    what.add_argument(
        "--pairs", action="store_true", help="add the pairs that do more harm together than apart"
    )
    made.add_argument("--links", action="store_true", help="let traffic links fail, too")
    made.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    made.add_argument("-o", "--output", type=Path, metavar="PATH", help="default: stdout")
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table of failures, or what becomes of the flows after one."""
    from app.analysis.analysis import Analysis
    from app.analysis.failure_table import FailureTable, failure_of, failure_table
    from app.storage.files import open_design

    analysis = Analysis(open_design(arguments.file))
    if arguments.fail:
        failed = tuple(part_or_link(analysis.design, name) for name in arguments.fail)
        table = FailureTable(analysis, (failure_of(analysis, failed),))
    else:
        table = failure_table(analysis, links=arguments.links, pairs=arguments.pairs)
    style = Style(colour=arguments.output is None and coloured(sys.stdout))
    deliver(_told(table, arguments, style), arguments.output)
    return 0


def _told(table: "FailureTable", arguments: argparse.Namespace, style: Style) -> str:
    if arguments.format in ("csv", "markdown"):
        from exporters import failures

        return failures.as_csv(table) if arguments.format == "csv" else failures.as_markdown(table)
    if arguments.format == "json":
        found = _document(table, arguments.file, one=bool(arguments.fail))
        return json.dumps(found, indent=2) + "\n"
    lines = _combination(table, style) if arguments.fail else _lines(table, style)
    return "\n".join(lines) + "\n"


# --- which parts ----------------------------------------------------------------------------


def part_or_link(design: "Design", wanted: str) -> str:
    """Return the id of the component or link with this id, or the component with this name."""
    if wanted in design.components or wanted in design.links:
        return wanted
    named = [key for key, item in design.components.items() if item.name == wanted]
    if len(named) == 1:
        return named[0]
    if named:
        message = f"{len(named)} parts are called {wanted!r}; give an id: {', '.join(named)}"
        raise CommandError(message)
    message = f"there is no part or link {wanted!r} in the design{_nearest(design, wanted)}"
    raise CommandError(message)


def _nearest(design: "Design", wanted: str) -> str:
    from difflib import get_close_matches

    names = {item.name.casefold(): item.name for item in design.components.values()}
    names |= {key.casefold(): key for key in (*design.components, *design.links)}
    close = get_close_matches(wanted.casefold(), names, n=1)
    if close:
        return f"; did you mean {names[close[0]]!r}?"
    return f"; its parts: {', '.join(sorted(design.components)[:10])}" if names else ""


# --- as text --------------------------------------------------------------------------------


def _lines(table: "FailureTable", style: Style) -> Iterator[str]:
    from app.analysis.failure_words import failed_words, hours_words, notes, outcome_words

    design, number = table.analysis.design, len(table.failures)
    yield f"{style('bold', plain(design.name))}: {number:,} failures, the most harmful first"
    names = [plain(failed_words(design, failure)) for failure in table.failures]
    width = min(WIDEST_NAME, max(map(len, ("if this stops", *names))))
    yield ""
    yield style("dim", f"  hours a year  {'if this stops':{width}}  then")
    for name, failure in zip(names, table.failures, strict=True):
        then = style(_colour(failure), plain(outcome_words(design, failure)))
        yield f"  {hours_words(failure) or '–':>12}  {name:{width}}  {then}"
    for note in notes(table):
        yield ""
        yield plain(note)


def _colour(failure: "Failure") -> str:
    states = set(failure.states.values())
    if states & {"down", "by hand"}:
        return "bad"
    return "medium" if "degraded" in states else "dim"


def _combination(table: "FailureTable", style: Style) -> Iterator[str]:
    from app.analysis.blast import blast_words
    from app.analysis.failure_words import STATE_WORDS, called, failed_words, notes
    from app.analysis.what_if import blast_of, outcomes, with_contents

    design, (failure,) = table.analysis.design, table.failures
    stops = "stops" if len(failure.failed) == 1 else "stop"
    yield style("bold", plain(f"{design.name}: if {failed_words(design, failure)} {stops}"))
    inside = sorted(with_contents(design, failure.failed) - set(failure.failed))
    if inside:
        yield plain(f"  and what is in it: {_names(design, inside)}")
    for key, outcome in outcomes(table.analysis, failure.failed).items():
        state = failure.states[key]
        yield ""
        told = style(_colour_of(state), STATE_WORDS[state])
        flow = design.flows[key]
        yield f"{style('bold', plain(flow.name))} ({flow.operation}s): {told}"
        if outcome.path:
            parts = [called(design, part) for part in outcome.path if part in design.components]
            still = "works then" if state == "by hand" else "still works"
            yield plain(f"  {still} by: {' → '.join(parts)}")
        if outcome.exposed:
            yield plain(f"  nothing can replace now: {_names(design, sorted(outcome.exposed))}")
    lost = list(blast_words(design, blast_of(table.analysis, failure.failed)))
    if lost:
        yield ""
        yield "what else is lost:"
    for text in lost:
        yield plain(f"  {text}")
    for note in notes(table):
        yield ""
        yield plain(note)


def _colour_of(state: str) -> str:
    return {"up": "good", "degraded": "medium"}.get(state, "bad")


def _names(design: "Design", keys: Sequence[str]) -> str:
    return ", ".join(design.components[key].name for key in keys)


# --- as JSON --------------------------------------------------------------------------------


def _document(table: "FailureTable", path: Path, *, one: bool) -> dict[str, Any]:
    analysis, pairs = table.analysis, table.pairs
    design = analysis.design
    lost = _blasts(table, one=one)
    return {
        "version": VERSION,
        "design": {"name": design.name, "file": path.as_posix()},
        "flows": {
            key: {
                "name": flow.name,
                "operation": flow.operation,
                "works_as_drawn": not analysis.recoverable.dead(key),
            }
            for key, flow in design.flows.items()
        },
        "failures": [
            _failure(design, failure)
            | {"blast_radius": blast_document(lost.get(failure.failed))}
            | (_ways(analysis, failure) if one else {})
            for failure in table.failures
        ],
        "pairs": pairs
        and {
            "possible": pairs.possible,
            "looked_at": pairs.looked_at,
            "worse": pairs.worse,
            "told": pairs.told,
        },
    }


def _blasts(table: "FailureTable", *, one: bool) -> "dict[tuple[str, ...], Blast]":
    """Return what is lost with each failure of one part, or with all that were named."""
    from app.analysis.failure_table import blast_table
    from app.analysis.what_if import blast_of

    if one:
        return {item.failed: blast_of(table.analysis, item.failed) for item in table.failures}
    linked = any(item.failed[0] in table.analysis.design.links for item in table.failures)
    return {(key,): found for key, found in blast_table(table.analysis, links=linked).items()}


def blast_document(blast: "Blast | None") -> dict[str, Any] | None:
    """Return what is lost with a failure as the shape that docs/json.md describes."""
    if blast is None:
        return None
    return {
        "flows_lost": list(blast.flows),
        "capabilities_lost": {part: sorted(lost) for part, lost in blast.capabilities.items()},
        "redundancy_lost": [
            {"parts": list(item.parts), "left": item.left} for item in blast.thinned
        ],
        "traffic_lost": blast.traffic,
    }


def _failure(design: "Design", failure: "Failure") -> dict[str, Any]:
    from app.analysis.failure_words import called
    from app.analysis.what_if import with_contents

    harm = failure.harm
    return {
        "failed": list(failure.failed),
        "names": [called(design, key) for key in failure.failed],
        "inside": sorted(with_contents(design, failure.failed) - set(failure.failed)),
        "flows": dict(failure.states),
        "harm": {
            "down": harm.down,
            "by_hand": harm.by_hand,
            "degraded": harm.degraded,
            "hours_per_year": None if failure.share is None else harm.hours,
        },
    }


def _ways(analysis: "Analysis", failure: "Failure") -> dict[str, Any]:
    from app.analysis.what_if import outcomes

    return {
        "ways": {
            key: {"path": list(outcome.path), "exposed": sorted(outcome.exposed)}
            for key, outcome in outcomes(analysis, failure.failed).items()
        }
    }
