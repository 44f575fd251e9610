"""`loadpath drill`: start an exported project, let each part fail, compare with the prediction."""

import argparse
import json
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.terminal import CommandError, Style, coloured, deliver, plain, tell, wrapped

if TYPE_CHECKING:
    from app.drill.experiments import Wanted
    from app.drill.running import Drill, Matrix
    from app.model.design import Design

AS_PREDICTED, MISMATCH, NOT_RUN = 0, 1, 2
WIDEST_NAME = 32
LONGEST_OUTAGE = 3600
_EPILOG = """\
examples:
  loadpath export compose shop.loadpath.json -o shop
  loadpath drill shop                               kill each part in turn
  loadpath drill shop --only web-1 db-1             only these
  loadpath drill shop --how pause                   freeze them; cut: take their networks away
  loadpath drill shop --hosts                       all that runs on a server at once
  loadpath drill shop --pairs                       the likeliest pairs that do more harm together
  loadpath drill shop --pairs web-1,db-2            this pair
  loadpath drill shop --format markdown -o drill.md

how to read it:
  predicted     what the analysis says when nobody acts: up, or down
  measured      up; down: it stopped until the part was back; interrupted: for longer than declared
  interruption  seconds from the first failed probe to the first that worked for good
  recovery      seconds from bringing the part back until the flow worked for good
  lost          writes that were acknowledged, and are gone; ? where that could not be read

The project is started under a name of its own with ports that are free, beside one that may run
already, and is removed with its data at the end, also after Ctrl+C or a crash. Nothing else on the
engine is touched. Exit status: 0 as predicted, 1 a mismatch, 2 it could not be run.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "drill",
        help="run an exported project, fail each part, compare with the prediction",
        description="Start an exported compose project, let parts fail, and measure each flow.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("folder", type=Path, metavar="DIR", help="what `export compose` has written")
    made.add_argument("--how", choices=("kill", "pause", "cut"), default="kill",
                      help="how: SIGKILL (default), frozen, or without network")  # fmt: skip
    made.add_argument("--hosts", action="store_true", help="fail whole servers")
    made.add_argument("--pairs", nargs="*", metavar="A,B",
                      help="fail pairs: these, or the likeliest")  # fmt: skip
    made.add_argument("--only", nargs="+", action="extend", metavar="ID_OR_NAME",
                      help="only failures of these parts and servers")  # fmt: skip
    made.add_argument("--outage", type=_seconds, metavar="SECONDS", default=8.0,
                      help="how long parts stay away at least (default: 8)")  # fmt: skip
    made.add_argument("--format", choices=("text", "json", "markdown", "html"), default="text",
                      help="default: text")  # fmt: skip
    made.add_argument("-o", "--output", type=Path, metavar="PATH", help="default: stdout")
    made.set_defaults(run=run)


def _seconds(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = 0.0
    if not 1 <= found <= LONGEST_OUTAGE:
        message = f"{text!r} is no number of seconds from 1 to {LONGEST_OUTAGE}"
        raise argparse.ArgumentTypeError(message)
    return found


def run(arguments: argparse.Namespace) -> int:
    """Carry out the drill and print its matrix, also of one that was interrupted."""
    from app.drill import project
    from app.drill.running import Drill, Pace

    folder = arguments.folder
    design, recipe = project.read(folder)
    pace = Pace(outage=arguments.outage)
    drill = Drill(design, recipe, wanted=_wanted(design, arguments), how=arguments.how, pace=pace)
    matrix, problem = _carried_out(folder, drill)
    if matrix is not None:
        style = Style(colour=arguments.output is None and coloured(sys.stdout))
        deliver(_told(matrix, arguments.format, style), arguments.output)
    if problem or matrix is None:
        raise CommandError(problem)
    return MISMATCH if matrix.differing else AS_PREDICTED


def _carried_out(folder: Path, drill: "Drill") -> "tuple[Matrix | None, str]":
    """Return what was measured, and why that is not all of it."""
    from app.drill import DrillError, project

    found = None
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends it as Ctrl+C does
    try:
        with closing(project.drilled(folder, drill, tell)) as matrices:
            for found in matrices:  # noqa: B007  # the last one is the fullest
                pass
    except KeyboardInterrupt:
        return found, "the drill was interrupted, and everything that it had started is removed"
    except DrillError as error:
        return found, str(error)
    finally:
        signal.signal(signal.SIGTERM, before)
    return found, ""


# --- what is to fail ------------------------------------------------------------------------


def _wanted(design: "Design", arguments: argparse.Namespace) -> "Wanted":
    from app.drill.experiments import Wanted

    chosen = tuple(_pair(design, text) for text in arguments.pairs or ())
    pairs = arguments.pairs is not None
    return Wanted(
        singles=not arguments.hosts and not pairs,
        hosts=arguments.hosts,
        pairs=pairs,
        chosen=chosen,
        only=frozenset(_id(design, name) for name in arguments.only or ()),
    )


def _pair(design: "Design", text: str) -> tuple[str, str]:
    names = text.split(",")
    if len(names) != len(("one", "other")):
        raise CommandError(f"{text!r} is no pair: give two parts with a comma between them")
    one, other = sorted(_id(design, name.strip()) for name in names)
    return one, other


def _id(design: "Design", name: str) -> str:
    from app.cli.what_if import part_or_link

    found = part_or_link(design, name)
    if found in design.links:
        raise CommandError(f"{name!r} is a link; a drill lets parts fail")
    return found


# --- the matrix -----------------------------------------------------------------------------


def _told(matrix: "Matrix", form: str, style: Style) -> str:
    from app.drill import telling

    if form == "json":
        return json.dumps(telling.document(matrix), indent=2, ensure_ascii=False) + "\n"
    if form == "markdown":
        return telling.markdown(matrix)
    if form == "html":
        return telling.html(matrix)
    return "\n".join(_lines(matrix, style)) + "\n"


def _lines(matrix: "Matrix", style: Style) -> Iterator[str]:
    from app.drill.telling import BORDER_HEAD, HEAD, borders, document, mismatches, summary, table

    found = document(matrix)
    yield style("bold", plain(f"Drill: {matrix.design.name}"))
    yield ""
    yield from _table(HEAD, table(found), style)
    if found["firewalls"]:
        yield ""
        yield from _table(BORDER_HEAD, borders(found), style)
    for text in mismatches(found):
        yield ""
        yield from wrapped(text)
    yield ""
    for text in summary(found):
        yield from wrapped(text)


def _table(head: Sequence[str], found: Sequence[Sequence[str]], style: Style) -> Iterator[str]:
    from app.drill.telling import differs

    lines = [tuple(map(plain, line)) for line in found]
    widths = [min(WIDEST_NAME, max(map(len, column))) for column in zip(head, *lines, strict=True)]
    yield style("dim", _line(head, widths))
    for line in lines:
        yield style("bad", _line(line, widths)) if differs(line) else _line(line, widths)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    words = 4  # columns of words, then of numbers
    pairs = list(zip(cells, widths, strict=True))
    left = [f"{text:{width}}" for text, width in pairs[:words]]
    right = [f"{text:>{width}}" for text, width in pairs[words:]]
    return "  ".join([" ", *left, *right]).rstrip()
