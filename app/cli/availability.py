"""`loadpath availability`: how much of the time each flow works, and what it is down for."""

import argparse
import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.cli.terminal import CommandError, Style, coloured, deliver, plain

if TYPE_CHECKING:
    from app.analysis.analysis import Analysis
    from app.analysis.figures import FlowFigures, FlowViews, WeighedCuts
    from app.model.design import Design

VERSION = 1
SHOWN = 5  # parts and pairs in the text
_EPILOG = """\
examples:
  loadpath availability shop.loadpath.json
  loadpath availability shop.loadpath.json --why web-1      why it can stop a flow, or why not
  loadpath availability shop.loadpath.json --order 3        sets of three as well: it takes longer
  loadpath availability shop.loadpath.json --format json    docs/json.md says what is in it

A figure that nobody has set is the usual one of its kind, and is marked as assumed. Failures are
taken as independent of each other. Three views: recoverable, where somebody may switch by hand;
continuity, where only an automatic failover counts; and peak, the busiest time, when so many of
the parts that share a load are needed as can serve it. Peak is told only where the rates of the
flows and the capacities of the parts make it differ.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "availability",
        help="say how much of the time each flow works, and what it is down for",
        description="Compute the availability of each flow, exactly where that is possible.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    made.add_argument(
        "--why",
        metavar="ID",
        help="only say why this part or link is a single point of failure, or not",
    )
    made.add_argument(
        "--order",
        type=int,
        choices=(2, 3),
        default=2,
        help="largest sets of parts to name that stop a flow together; default: 2",
    )
    made.add_argument("--format", choices=("text", "json"), default="text", help="default: text")
    made.add_argument("-o", "--output", type=Path, metavar="PATH", help="default: stdout")
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the figures of all flows in all views."""
    from app.analysis.analysis import Analysis
    from app.analysis.figures import TRIPLE, triples_of, views_of
    from app.storage.files import open_design

    design = open_design(arguments.file)
    if arguments.why is not None:
        deliver(_why(design, arguments), arguments.output)
        return 0
    analysis = Analysis(design)
    found = {flow: views_of(analysis, flow) for flow in design.flows}
    asked = design.flows if arguments.order == TRIPLE else ()
    triples = {flow: triples_of(analysis.recoverable, flow) for flow in asked}
    if arguments.format == "json":
        document = _document(analysis, arguments.file, found, triples)
        told = json.dumps(document, indent=2) + "\n"
    else:
        style = Style(colour=arguments.output is None and coloured(sys.stdout))
        told = "\n".join(_lines(design, found, triples, style)) + "\n"
    deliver(told, arguments.output)
    return 0


def _why(design: "Design", arguments: argparse.Namespace) -> str:
    from app.analysis.analysis import Analysis
    from app.analysis.blast import blast_words
    from app.analysis.what_if import blast_of
    from app.analysis.why_not import why_not, why_words
    from app.cli.what_if import blast_document

    part = arguments.why
    if part not in design.components and part not in design.links:
        message = f"there is no part or link {part!r} in the design"
        raise CommandError(message)
    analysis = Analysis(design)
    found, blast = why_not(analysis, part), blast_of(analysis, (part,))
    words = {flow: why_words(design, part, flow, why) for flow, why in found.items()}
    if arguments.format == "text":
        lost = [f"If it stops: {text}" for text in blast_words(design, blast)]
        lines = [*words.values(), *lost]
        return "".join(f"{plain(text)}\n" for text in lines) or "no flows\n"
    flows = {
        flow: {"standing": why.standing, "path": list(why.path), "message": words[flow]}
        for flow, why in found.items()
    }
    told = {**_head(design, arguments.file), "part": part, "flows": flows,
            "blast_radius": blast_document(blast)}  # fmt: skip
    return json.dumps(told, indent=2) + "\n"


def _head(design: "Design", path: Path) -> dict[str, Any]:
    return {"version": VERSION, "design": {"name": design.name, "file": path.as_posix()}}


Found = dict[str, "FlowViews"]
Triples = dict[str, "WeighedCuts | None"]


def _lines(design: "Design", found: Found, triples: Triples, style: Style) -> Iterator[str]:
    from app.analysis.figure_words import VIEW_WORDS, in_view, percent

    yield style("bold", plain(design.name))
    if not found:
        yield "no flows: nobody uses this yet"
    for key, views in found.items():
        flow = design.flows[key]
        yield ""
        yield f"{style('bold', plain(flow.name))} ({flow.operation}s)"
        recoverable = views.recoverable
        yield from _figures(recoverable)
        for view, figures in views.differing():
            yield f"  {VIEW_WORDS[view]}: {in_view(view, figures, _works(figures))}"
        if flow.target_availability:
            reached = recoverable.availability.availability >= flow.target_availability
            promised = f"promised: {percent(flow.target_availability)}"
            yield "  " + (style("good", f"{promised}, kept") if reached else
                          style("bad", f"{promised}, missed"))  # fmt: skip
        yield from _reasons(recoverable, style)
        if key in triples:
            yield from _triples(design, triples[key])


def _figures(figures: "FlowFigures") -> Iterator[str]:
    from app.analysis.figure_words import outages

    yield f"  {_works(figures)}"
    if told := outages(figures.availability):
        yield f"  {told}"
    if figures.cuts_by_order is None:
        yield "  too entangled to count what stops it"
    elif figures.degree:
        counts = (_counted(order, count) for order, count in figures.cuts_by_order.items())
        yield f"  what stops it: {', '.join(counts)}"


def _counted(order: int, count: int) -> str:
    name = {1: "part alone", 2: "pair"}.get(order, f"set of {order}")
    many = {1: "parts alone", 2: "pairs"}.get(order, f"sets of {order}")
    return f"{count:,} {name if count == 1 else many}"


def _works(figures: "FlowFigures") -> str:
    from app.analysis.figure_words import ROUND, marked, percent

    found = figures.availability
    if found.low == 1.0:
        return "never works, even when everything runs: `loadpath check` says why"
    if found.exact:
        digits = 1 if found.downtime_minutes < ROUND else 0
        minutes = f"{found.downtime_minutes:,.{digits}f}"
        told = f"works {percent(found.availability)} of the time, down {minutes} minutes a year"
        return marked(told, estimate=False, assumed=bool(figures.assumed))
    least, most = found.interval or (found.low, found.high)
    return (
        f"works about {percent(found.availability)} of the time, down about "
        f"{found.downtime_minutes:,.0f} minutes a year\n"
        "  (an estimate, since the design is too entangled for an exact figure: between "
        f"{percent(1 - most)} and {percent(1 - least)} in 95 of 100 cases, between "
        f"{percent(1 - found.high)} and {percent(1 - found.low)} for certain)"
    )


def _reasons(figures: "FlowFigures", style: Style) -> Iterator[str]:
    from app.analysis.figure_words import percent

    if figures.spofs:
        named = ", ".join(map(_called, figures.spofs))
        yield "  " + style("bad", f"single points of failure: {named}")
    if figures.contributions:
        yield "  what it is down for:"
    for event, share in figures.contributions[:SHOWN]:
        note = style("dim", "  assumed") if event in figures.assumed else ""
        works = 1 - figures.availability.failing[event]
        yield f"    {share:7.2%}  {_called(event)} works {percent(works)} of the time{note}"
    if not figures.spofs and figures.pairs:
        yield "  worst pairs:"
        for pair, chance in figures.pairs[:SHOWN]:
            yield f"    {chance:.2e}  {' and '.join(map(_called, pair))}"


def _triples(design: "Design", found: "WeighedCuts | None") -> Iterator[str]:
    from app.analysis.figure_words import triples_words

    yield from (f"  {plain(text)}" for text in triples_words(design, found))


def _called(event: str) -> str:
    from app.analysis.events import described, part_of

    return described(event, part_of(event))


def _document(analysis: "Analysis", path: Path, found: Found, triples: Triples) -> dict[str, Any]:
    from app.analysis.failure_table import blast_table
    from app.cli.what_if import blast_document

    design = analysis.design
    return {
        **_head(design, path),
        "flows": {
            key: {
                "name": design.flows[key].name,
                "operation": design.flows[key].operation,
                "target_availability": design.flows[key].target_availability,
                "recoverable": _plain(views.recoverable),
                "continuity": _plain(views.continuity or views.recoverable),
                "peak": views.peak and _plain(views.peak),
                **({"triples": _sets(triples[key])} if key in triples else {}),
            }
            for key, views in found.items()
        },
        "blast_radius": {
            part: blast_document(blast) for part, blast in blast_table(analysis).items()
        },
    }


def _plain(figures: "FlowFigures") -> dict[str, Any]:
    from app.analysis.availability import MINUTES_PER_YEAR

    found = figures.availability
    counts = figures.cuts_by_order
    return {
        "exact": found.exact,
        "assumed": sorted(figures.assumed),
        "estimate": found.estimate,
        "interval": None if found.interval is None else list(found.interval),
        "unavailability": [found.low, found.high],
        "downtime_minutes_per_year": [found.low * MINUTES_PER_YEAR, found.high * MINUTES_PER_YEAR],
        "outages_per_year": found.outages_per_year,
        "mean_outage_hours": found.mean_outage_hours,
        "redundancy_degree": figures.degree,
        "cut_sets_by_order": None if counts is None else {str(k): v for k, v in counts.items()},
        "single_points_of_failure": list(figures.spofs),
        "pairs": _sets(figures.pairs),
        "parts": {
            event: {
                "unavailability": found.failing[event],
                "birnbaum": found.importance[event],
                "contribution": share,
                "risk_reduction_worth": _finite(found.risk_reduction_worth(event)),
                "assumed": event in figures.assumed,
            }
            for event, share in figures.contributions
        },
    }


def _sets(cuts: "WeighedCuts | None") -> list[Any] | None:
    return (
        None
        if cuts is None
        else [{"parts": list(cut), "probability": chance} for cut, chance in cuts]
    )


def _finite(value: float) -> float | None:
    """JSON has no infinity: a part without which the flow would never be down has no value."""
    return None if math.isinf(value) else value
