"""`loadpath target`: sets of edits that reach an availability, or make the most of some parts."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.terminal import CommandError, Style, coloured, deliver, plain, tell, wrapped
from app.cli.trusting import rules_for

if TYPE_CHECKING:
    from app.analysis.availability import Availability
    from app.model.design import Design
    from app.rules.fixes import Downtime
    from app.rules.targets import Answer, Point, Target

VERSION = 1
MOST_PARTS = 1_000
MOST_TRIES = 100_000
_EPILOG = """\
examples:
  loadpath target shop.loadpath.json --availability 99.95%
  loadpath target shop.loadpath.json --availability "4 h a year" --flow checkout
  loadpath target shop.loadpath.json --parts 3              the most that 3 added parts can do
  loadpath target shop.loadpath.json --parts 3 --apply 1 -o better.loadpath.json

An availability is a percentage with its sign, or a downtime a year in s, min, h or d. Each set of
edits is proven on a copy; the one with the fewest added parts comes first, and every later one
has less downtime. A server and a cluster count as parts. An edit is a repair of an open finding
about single points of failure, a third copy, a second way, or a switch by itself. All flows have
to reach the target, or those that --flow names, where a failover of any kind counts.

Exit status 1: nothing reaches the target.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "target",
        help="find the fewest added parts that reach an availability",
        description="Find sets of edits that reach a target, and apply one of them.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    what = made.add_mutually_exclusive_group(required=True)
    what.add_argument("--availability", metavar="A", help='such as 99.95%% or "4 h a year"')
    what.add_argument("--parts", type=_count, metavar="N", help="how many parts may be added")
    made.add_argument(
        "--flow", action="append", metavar="F", help="only this flow, by id or name; repeatable"
    )
    made.add_argument("--apply", type=_count, metavar="N", help="carry out the Nth set of edits")
    made.add_argument(
        "--tries", type=_tries, metavar="N", help="combinations to try at most (default: 200)"
    )
    made.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    made.add_argument(
        "--json", dest="format", action="store_const", const="json", help="as --format json"
    )
    made.add_argument(
        *("-o", "--output"), type=Path, metavar="PATH",
        help="default: stdout; for --apply: FILE itself",
    )  # fmt: skip
    made.set_defaults(run=run)


def _count(text: str) -> int:
    return _whole(text, 0, MOST_PARTS)


def _tries(text: str) -> int:
    return _whole(text, 1, MOST_TRIES)


def _whole(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and least <= int(text[:9]) <= most):
        message = f"{text[:20]!r} is no whole number from {least} to {most}"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Tell what reaches a target, or carry it out; 1 where nothing reaches it."""
    from app.rules.targets import MOST_TRIED, reach
    from app.storage.files import open_design

    design = open_design(arguments.file)
    target = _target(design, arguments)
    rules = rules_for(design, arguments.file).values()
    answer = reach(design, target, rules, arguments.tries or MOST_TRIED, _progress())
    if arguments.apply is not None:
        _apply(design, answer, arguments)
    elif arguments.format == "json":
        told = json.dumps(_document(design, answer, arguments.file), indent=2) + "\n"
        deliver(told, arguments.output)
    else:
        style = Style(colour=arguments.output is None and coloured(sys.stdout))
        deliver("\n".join(_lines(design, answer, style)) + "\n", arguments.output)
    return int(not answer.front and not answer.reached_already)


def _target(design: "Design", arguments: argparse.Namespace) -> "Target":
    from app.analysis.allowance import allowed_unavailability
    from app.rules.targets import Target

    if not design.flows:
        message = f"{arguments.file}: it has no flows: nobody uses this yet"
        raise CommandError(message)
    named = [_flow(design, wanted) for wanted in arguments.flow or ()]
    flows = tuple(dict.fromkeys(named)) or tuple(design.flows)
    if arguments.parts is not None:
        return Target(flows, parts=arguments.parts)
    return Target(flows, unavailability=allowed_unavailability(arguments.availability))


def _flow(design: "Design", wanted: str) -> str:
    """Return the id of the flow with this id or name."""
    named = [key for key, flow in design.flows.items() if flow.name == wanted]
    if wanted in design.flows or len(named) == 1:
        return wanted if wanted in design.flows else named[0]
    known = ", ".join(design.flows)
    several = f"{len(named)} flows are called {wanted!r}; give an id" if named else ""
    message = several or f"there is no flow {wanted!r} in the design"
    raise CommandError(f"{message}: {known}")


def _progress() -> "Any":
    """Return what tells on a terminal how far the search is, and nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda *_: None
    return lambda tried, most: print(
        f"\rtried {tried} of at most {most} \r", end="", file=sys.stderr, flush=True
    )


def _apply(design: "Design", answer: "Answer", arguments: argparse.Namespace) -> None:
    from app.rules.target_words import downtime_words, result_words
    from app.storage.codec import dump

    if answer.reached_already or not answer.front:
        tell(result_words(design, answer))
        return
    if not 1 <= arguments.apply <= len(answer.front):
        message = f"--apply {arguments.apply}: there are {len(answer.front)} sets, from 1 on"
        raise CommandError(message)
    point = answer.front[arguments.apply - 1]
    for step in point.steps:
        tell(str(step))
    for line in downtime_words(design, point.proof):
        tell(f"{line} a year")
    deliver(dump(point.proof.after), arguments.output or arguments.file)


# --- as text --------------------------------------------------------------------------------


def _lines(design: "Design", answer: "Answer", style: Style) -> Iterator[str]:
    from app.rules.target_words import asked_words, result_words

    yield style("bold", plain(f"{design.name}: {asked_words(design, answer.target)}"))
    for number, point in enumerate(answer.front, 1):
        yield ""
        yield from _point(design, point, f"{number}. ", style)
    if not answer.front and answer.best is not None:
        yield ""
        yield from _point(design, answer.best, "   ", style)
    yield ""
    yield from wrapped(result_words(design, answer))


def _point(design: "Design", point: "Point", mark: str, style: Style) -> Iterator[str]:
    from app.rules.target_words import (
        cost_words,
        downtime_words,
        findings_words,
        left_words,
    )

    told = "; ".join(downtime_words(design, point.proof))
    yield plain(mark) + style("bold", cost_words(point)) + plain(f": {told} a year")
    for step in point.steps:
        yield plain(f"   - {step}")
    yield style("dim", plain(f"   {findings_words(point.proof)}; {left_words(point)}"))


# --- as JSON --------------------------------------------------------------------------------


def _document(design: "Design", answer: "Answer", path: Path) -> dict[str, Any]:
    target = answer.target
    return {
        "version": VERSION,
        "design": {"name": design.name, "file": path.as_posix()},
        "target": {
            "flows": list(target.flows),
            "unavailability": target.unavailability,
            "parts": target.parts,
        },
        "before": {key: _figures(found) for key, found in answer.before.items()},
        "reached_already": answer.reached_already,
        "tried": answer.tried,
        "exhausted": answer.exhausted,
        "points": [_plain(point) for point in answer.front],
        "best": None if answer.best is None else _plain(answer.best),
        "limits": [{"event": event, "contribution": share} for event, share in answer.limits],
    }


def _plain(point: "Point") -> dict[str, Any]:
    proof = point.proof
    return {
        "steps": [
            {"title": step.title, "about": step.about, "finding": step.finding or None}
            for step in point.steps
        ],
        "parts_added": sorted(proof.parts.added),
        "links_added": sorted(proof.links.added),
        "flows": {key: _change(item) for key, item in proof.downtime.items()},
        "continuity": {key: _change(item) for key, item in proof.continuity.items()},
        "single_points_of_failure": list(point.single),
        "findings_removed": sorted(item.key for item in proof.gone),
        "findings_added": sorted(item.key for item in proof.come),
    }


def _change(item: "Downtime") -> dict[str, Any]:
    return {
        "before": _figures(item.before),
        "after": _figures(item.after),
        "assumed": item.assumed,
    }


def _figures(found: "Availability") -> dict[str, Any]:
    return {
        "unavailability": found.unavailability,
        "downtime_minutes_per_year": found.downtime_minutes,
        "exact": found.exact,
    }
