"""The matrix of a drill as a table, Markdown, HTML and JSON."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.drill.borders import Attempt, told
from app.drill.judging import Cell, Mismatch
from app.drill.running import Matrix, Row
from exporters.markdown import one_line, within_line

VERSION = 1
HOW_WORDS = {
    "kill": "killed (SIGKILL)",
    "pause": "frozen (docker pause)",
    "cut": "cut off from all its networks",
}
HEAD = (
    "what failed",
    "flow",
    "predicted",
    "measured",
    "interruption, s",
    "recovery, s",
    "lost acknowledged writes",
)
BORDER_HEAD = ("firewall", "connection", "predicted", "measured", "packets counted")


def cells_of(row: Row, cell: Cell, matrix: Matrix) -> tuple[str, ...]:
    """Return one line of the table, in the order of `HEAD`."""
    return (
        row.experiment.name,
        matrix.design.flows[cell.flow].name,
        cell.predicted,
        cell.figures.measured + (" ≠" if cell.mismatch else ""),
        f"{cell.figures.interruption:.1f}",
        f"{cell.figures.recovery:.1f}",
        "?" if cell.lost is None else str(cell.lost),
    )


def table(matrix: Matrix) -> tuple[tuple[str, ...], ...]:
    """Return the lines of the table without its head."""
    return tuple(cells_of(row, cell, matrix) for row in matrix.rows for cell in row.cells)


def borders(matrix: Matrix) -> tuple[tuple[str, ...], ...]:
    """Return the lines of the table of firewalls, in the order of `BORDER_HEAD`."""
    return tuple(
        (
            matrix.design.components[attempt.firewall].name,
            f"{attempt.source} to {attempt.target} at {attempt.port}",
            attempt.predicted,
            attempt.measured + (" ≠" if attempt.mismatch else ""),
            str(attempt.counted),
        )
        for attempt in matrix.attempts
    )


def summary(matrix: Matrix) -> Iterator[str]:
    """Yield what has to be said of the table, a sentence each."""
    count, wrong = len(matrix.rows), matrix.differing
    done = f"{count} of {matrix.planned}" if count < matrix.planned else str(count)
    failures = "failure" if matrix.planned == 1 else "failures"
    verdict = {0: "nothing differs", 1: "1 mismatch"}.get(wrong, f"{wrong} mismatches")
    yield f"{done} {failures}, each {HOW_WORDS[matrix.how]}: {verdict}."
    yield f"{matrix.day}, Docker Engine {matrix.engine}, Compose {matrix.compose}."
    yield from matrix.left_out


def mismatches(matrix: Matrix) -> Iterator[str]:
    """Yield each mismatch with where its fault lies, a sentence or two each."""
    for attempt in matrix.attempts:
        if attempt.mismatch:
            what = told(matrix.design, attempt)
            yield f"{what}: fault of the {attempt.mismatch.fault}. {attempt.mismatch.text}"
    for row, cell, mismatch in matrix.mismatches:
        flow = matrix.design.flows[cell.flow].name
        yield f"{row.experiment.name}, {flow}: fault of the {mismatch.fault}. {mismatch.text}"


def markdown(matrix: Matrix) -> str:
    """Return the matrix for a README."""
    lines = [f"# Drill: {one_line(matrix.design.name)}", ""]
    lines += [f"| {' | '.join(HEAD)} |", "| --- | --- | --- | --- | ---: | ---: | ---: |"]
    for name, flow, *figures in table(matrix):
        lines.append(f"| {' | '.join((within_line(name), within_line(flow), *figures))} |")
    if matrix.attempts:
        lines += ["", f"| {' | '.join(BORDER_HEAD)} |", "| --- | --- | --- | --- | ---: |"]
        lines += [f"| {' | '.join(map(within_line, line))} |" for line in borders(matrix)]
    for text in (*summary(matrix), *mismatches(matrix)):
        lines += ["", one_line(text)]
    return "\n".join(lines) + "\n"


def html(matrix: Matrix) -> str:
    """Return the matrix as one page that needs no network."""
    lines = [
        (cells_of(row, cell, matrix), cell.mismatch is not None)
        for row in matrix.rows
        for cell in row.cells
    ]
    template = _environment().get_template("matrix.html.j2")
    text = template.render(
        title=f"Drill: {matrix.design.name}", head=HEAD, lines=lines,
        summary=tuple(summary(matrix)), mismatches=tuple(mismatches(matrix)),
        border_head=BORDER_HEAD, borders=tuple(
            (line, attempt.mismatch is not None)
            for line, attempt in zip(borders(matrix), matrix.attempts, strict=True)
        ),
    )  # fmt: skip
    return text.strip() + "\n"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("app.drill", "templates"), undefined=StrictUndefined,
        autoescape=True, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip


def document(matrix: Matrix) -> dict[str, Any]:
    """Return the matrix as JSON; docs/json.md says what is in it."""
    return {
        "version": VERSION,
        "design": {"name": matrix.design.name},
        "day": matrix.day,
        "engine": matrix.engine,
        "compose": matrix.compose,
        "how": matrix.how,
        "flows": {
            key: {"name": flow.name, "operation": flow.operation}
            for key, flow in matrix.design.flows.items()
        },
        "firewalls": [_attempt(attempt) for attempt in matrix.attempts],
        "experiments": [_row(row) for row in matrix.rows],
        "planned": matrix.planned,
        "left_out": list(matrix.left_out),
        "mismatches": matrix.differing,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "firewall": attempt.firewall,
        "source": attempt.source,
        "target": attempt.target,
        "port": attempt.port,
        "predicted": attempt.predicted,
        "measured": attempt.measured,
        "counted_packets": attempt.counted,
        "mismatch": _fault(attempt.mismatch),
    }


def _fault(mismatch: Mismatch | None) -> dict[str, str] | None:
    return {"fault": mismatch.fault, "text": mismatch.text} if mismatch else None


def _row(row: Row) -> dict[str, Any]:
    experiment = row.experiment
    return {
        "failed": list(experiment.failed),
        "name": experiment.name,
        "services": list(experiment.services),
        "allowed_interruption_seconds": experiment.allowed,
        "may_lose_writes": experiment.may_lose,
        "healthy_after_seconds": row.healthy_after,
        "flows": {cell.flow: _cell(cell) for cell in row.cells},
    }


def _cell(cell: Cell) -> dict[str, Any]:
    found = cell.figures
    return {
        "predicted": cell.predicted,
        "measured": found.measured,
        "interruption_seconds": found.interruption,
        "recovery_seconds": found.recovery,
        "slowest_answer_seconds": found.slowest,
        "instead_of_an_answer": found.told,
        "lost_acknowledged_writes": cell.lost,
        "mismatch": _fault(cell.mismatch),
    }
