"""The command line: the same core without a window; loads neither Qt nor what a command lacks.

Exit status: 0 clean, 1 findings at or above `--fail-on`, 2 bad input or usage.
"""

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence

from app import __version__
from app.cli import (
    availability,
    checking,
    diffing,
    doctor,
    drill,
    exporting,
    fixing,
    listing,
    renewing,
    reporting,
    simulating,
    targeting,
    trusting,
    what_if,
)
from app.cli.terminal import CommandError, tell

Picture = Callable[..., bytes]
CLEAN, FINDINGS, BAD_INPUT = 0, 1, 2
_EPILOG = """\
examples:
  loadpath                                      open the window
  loadpath shop.loadpath.json                   open a design in the window
  loadpath new simple-web-stack -o shop.loadpath.json
  loadpath check shop.loadpath.json             what brings it down, what leaves it open
  loadpath diff before.loadpath.json shop.loadpath.json    what a change does to both
  loadpath whatif shop.loadpath.json            what each failure does, the worst first
  loadpath fix shop.loadpath.json --list        what can be repaired by itself
  loadpath target shop.loadpath.json --availability 99.95%   the fewest parts that get you there
  loadpath report shop.loadpath.json -o shop.html   why each part is there, what brings it down
  loadpath export compose shop.loadpath.json -o shop
  cd shop && docker compose up --wait           run what you drew
  loadpath drill shop                           let each part of it fail, and compare

exit status:
  0 clean · 1 findings at or above --fail-on · 2 bad input or usage
"""


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each module adds its own."""
    made = argparse.ArgumentParser(
        prog="loadpath",
        description="Draw a web infrastructure, see what brings it down, fix it, run it.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("--version", action="version", version=f"loadpath {__version__}")
    commands = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    modules = (
        *(checking, availability, what_if, simulating, diffing),
        *(fixing, targeting, reporting, exporting, renewing, drill, listing, trusting, doctor),
    )
    for module in modules:
        module.add(commands)
    return made


def main(
    argv: Sequence[str], *, picture: Picture | None = None, paper: Picture | None = None
) -> int:
    """Carry out one command and return its exit status.

    `picture` draws the canvas (`app.ui.picture.draw`) and `paper` prints a write-up
    (`app.ui.paper.write`); they are handed in, since the command line must not import the window.
    """
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal's encoding lacks is no reason to stop.
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # see above
    try:
        arguments = parser().parse_args(argv)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else BAD_INPUT
    arguments.picture, arguments.paper = picture, paper
    return _carried_out(arguments)


def _carried_out(arguments: argparse.Namespace) -> int:
    try:
        status: int = arguments.run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()  # the reader, such as `head`, has enough
        return CLEAN
    except OSError as error:  # such as a full disk behind `> report.json`
        _forget_output()
        tell(f"loadpath: {error}")
        return BAD_INPUT
    except Exception as error:
        if not isinstance(error, _told()):
            raise
        tell(f"loadpath: {error}")
        return BAD_INPUT
    return status


def _forget_output() -> None:
    """Keep Python from complaining when it closes stdout with something left to write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told() -> tuple[type[Exception], ...]:
    """Return the errors whose message is a sentence for the user."""
    from app.drill import DrillError
    from app.model.errors import DesignError
    from app.storage.errors import FileError
    from exporters.errors import ExportError

    return CommandError, DesignError, DrillError, FileError, ExportError
