"""`loadpath diff`: what became of a design, its structure and its risk."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.checking import LEVELS
from app.cli.terminal import CommandError, Style, coloured, deliver

if TYPE_CHECKING:
    from app.cli.diff_words import Told

FORMATS = ("text", "markdown", "json")
_EPILOG = """\
examples:
  loadpath diff before.loadpath.json shop.loadpath.json
  git show HEAD:shop.loadpath.json | loadpath diff - shop.loadpath.json
  loadpath diff before.loadpath.json shop.loadpath.json --format markdown    for a pull request
  loadpath diff before.loadpath.json shop.loadpath.json --format json        see docs/json.md

An element is the same by its id; one that was drawn again, by its kind and name. A finding that is
there again of other parts counts neither as new nor as gone. Waived findings do not count.

exit status:
  0 nothing new at or above --fail-on · 1 something new · 2 bad input or usage
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "diff",
        help="compare two versions of a design: structure, findings, availability",
        description="Say what became of a design: its parts, findings and availability.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("before", type=Path, metavar="A", help="the design as it was; - for stdin")
    made.add_argument("after", type=Path, metavar="B", help="the design as it is; - for stdin")
    made.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    made.add_argument(
        "--fail-on",
        choices=LEVELS,
        default="low",
        help="least severity of a new finding that makes the exit status 1 (default: low)",
    )
    made.add_argument("-o", "--output", type=Path, metavar="PATH", help="default: stdout")
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compare two designs; 1 where a new finding is at least as bad as `--fail-on`."""
    from app.cli import reading
    from app.cli.diff_words import Told
    from app.cli.report import reaches
    from app.rules.comparison import compare

    if arguments.before == arguments.after == reading.STDIN:
        raise CommandError("only one of the two designs can come from standard input")
    before, after = (reading.design(path) for path in (arguments.before, arguments.after))
    told = Told(arguments.before, arguments.after, compare(before, after))
    style = Style(colour=arguments.output is None and coloured(sys.stdout))
    deliver(_writer(arguments.format)(told, style), arguments.output)
    return int(reaches(told.comparison.findings.new, arguments.fail_on))


def _writer(name: str) -> "Callable[[Told, Style], str]":
    import importlib

    module: Any = importlib.import_module(f"app.cli.diff_{name}")
    write: Callable[[Told, Style], str] = module.write
    return write
