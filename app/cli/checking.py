"""`loadpath check`: what brings a design down and what leaves it open."""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.terminal import CommandError, Style, coloured, deliver
from app.cli.trusting import trust_of

if TYPE_CHECKING:
    from app.cli.report import Report

FORMATS = ("text", "json", "sarif", "junit")
LEVELS = ("critical", "high", "medium", "low", "info", "never")
_EPILOG = """\
examples:
  loadpath check shop.loadpath.json
  loadpath check shop.loadpath.json --fail-on critical      in a pipeline
  loadpath check shop.loadpath.json --format sarif -o shop.sarif
                                                            for a code-scanning viewer
  loadpath check shop.loadpath.json --format json           docs/json.md says what is in it
  loadpath check shop.loadpath.json --baseline known.json   only what is new counts

A finding that was accepted with a reason, a waiver, is shown and not counted. A baseline is a
report that `check --format json` wrote earlier, or a design as it was; `-` reads it from stdin.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "check",
        help="find single points of failure, missing firewalls, HTTPS and monitoring",
        description="Check a design and list what was found, worst first.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="a design (NAME.loadpath.json)"
    )
    made.add_argument("--format", choices=FORMATS, default="text", help="default: text")
    made.add_argument(
        "--fail-on",
        choices=LEVELS,
        default="low",
        help="least severity of a finding that makes the exit status 1 (default: low)",
    )
    made.add_argument(
        "--baseline", type=Path, metavar="FILE", help="findings that are in here do not count"
    )
    made.add_argument(
        "--trust-rules",
        action="store_true",
        help="run the team's rules that the designs name, this once: they are a program",
    )
    made.add_argument("-o", "--output", type=Path, metavar="PATH", help="default: stdout")
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Check designs; 1 where an open finding of one is at least as bad as `--fail-on`."""
    from app.cli.baseline import read
    from app.cli.report import Report
    from app.storage.files import open_design

    if len(arguments.files) > 1 and (arguments.format != "text" or arguments.baseline):
        raise CommandError("several files at once are checked as text, and without a baseline")
    today = datetime.now(UTC).astimezone().date()
    baseline = read(arguments.baseline) if arguments.baseline else None
    trust = trust_of(arguments)
    reports = [Report(path, open_design(path), today, baseline, trust) for path in arguments.files]
    style = Style(colour=arguments.output is None and coloured(sys.stdout))
    write = _writer(arguments.format)
    deliver("\n".join(write(report, style) for report in reports), arguments.output)
    return int(any(report.reaches(arguments.fail_on) for report in reports))


def _writer(name: str) -> "Callable[[Report, Style], str]":
    import importlib

    module: Any = importlib.import_module(f"app.cli.{name}_report")
    write: Callable[[Report, Style], str] = module.write
    return write
