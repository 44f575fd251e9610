"""The matrix of a drill as JSON, and from that as a table, Markdown and HTML.

The window has only the JSON, since another process carries the drill out: one source for all.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from app.drill.borders import Attempt
from app.drill.judging import Cell, Mismatch, alarm_mismatch
from app.drill.running import Matrix, Row
from app.model.design import Design
from exporters.markdown import one_line, within_line

VERSION = 1
Told = Mapping[str, Any]  # what `document` returns, or a part of it
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
    "alarm after, s",
)
BORDER_HEAD = ("firewall", "connection", "predicted", "measured", "packets counted")


def table(found: Told) -> tuple[tuple[str, ...], ...]:
    """Return the lines of the table without its head."""
    return tuple(
        (
            item["name"],
            found["flows"][flow]["name"],
            cell["predicted"],
            _marked(cell["measured"], cell["mismatch"]),
            f"{cell['interruption_seconds']:.1f}",
            f"{cell['recovery_seconds']:.1f}",
            _number(cell["lost_acknowledged_writes"]),
            _marked(_alarm(item["alarm"]), item["alarm"]["mismatch"]),
        )
        for item in found["experiments"]
        for flow, cell in item["flows"].items()
    )


def _alarm(alarm: Told) -> str:
    if not alarm["services"]:
        return "–"
    after = alarm["after_seconds"]
    return "none" if after is None else f"{after:.1f}"


def _number(lost: int | None) -> str:
    return "?" if lost is None else str(lost)


def _marked(text: str, mismatch: object) -> str:
    return f"{text} ≠" if mismatch else text


def differs(line: tuple[str, ...]) -> bool:
    """Whether anything in a line of a table is not as predicted."""
    return any(text.endswith(" ≠") for text in line[2:])


def borders(found: Told) -> tuple[tuple[str, ...], ...]:
    """Return the lines of the table of firewalls, in the order of `BORDER_HEAD`."""
    return tuple(
        (
            item["name"],
            _connection(item),
            item["predicted"],
            _marked(item["measured"], item["mismatch"]),
            str(item["counted_packets"]),
        )
        for item in found["firewalls"]
    )


def _connection(item: Told) -> str:
    return f"{item['source']} to {item['target']} at {item['port']}"


def summary(found: Told) -> Iterator[str]:
    """Yield what has to be said of the table, a sentence each."""
    count, planned, wrong = len(found["experiments"]), found["planned"], found["mismatches"]
    done = f"{count} of {planned}" if count < planned else str(count)
    failures = "failure" if planned == 1 else "failures"
    verdict = {0: "nothing differs", 1: "1 mismatch"}.get(wrong, f"{wrong} mismatches")
    yield f"{done} {failures}, each {HOW_WORDS[found['how']]}: {verdict}."
    yield f"{found['day']}, Docker Engine {found['engine']}, Compose {found['compose']}."
    yield from found["left_out"]


def mismatches(found: Told) -> Iterator[str]:
    """Yield each mismatch with where its fault lies, a sentence or two each."""
    for item in found["firewalls"]:
        yield from _wrong(f"{item['name']}: {_connection(item)}", item["mismatch"])
    for item in found["experiments"]:
        for flow, cell in item["flows"].items():
            yield from _wrong(f"{item['name']}, {found['flows'][flow]['name']}", cell["mismatch"])
        yield from _wrong(f"{item['name']}, alarm", item["alarm"]["mismatch"])


def _wrong(what: str, mismatch: Told | None) -> Iterator[str]:
    if mismatch:
        yield f"{what}: fault of the {mismatch['fault']}. {mismatch['text']}"


def markdown(matrix: Matrix) -> str:
    """Return the matrix for a README."""
    found = document(matrix)
    lines = [f"# Drill: {one_line(matrix.design.name)}", ""]
    lines += [f"| {' | '.join(HEAD)} |", "| --- | --- | --- | --- | ---: | ---: | ---: | ---: |"]
    for name, flow, *figures in table(found):
        lines.append(f"| {' | '.join((within_line(name), within_line(flow), *figures))} |")
    if found["firewalls"]:
        lines += ["", f"| {' | '.join(BORDER_HEAD)} |", "| --- | --- | --- | --- | ---: |"]
        lines += [f"| {' | '.join(map(within_line, line))} |" for line in borders(found)]
    for text in (*summary(found), *mismatches(found)):
        lines += ["", one_line(text)]
    return "\n".join(lines) + "\n"


def html(matrix: Matrix) -> str:
    """Return the matrix as one page that needs no network."""
    found = document(matrix)
    template = _environment().get_template("matrix.html.j2")
    text = template.render(
        title=f"Drill: {matrix.design.name}", head=HEAD, border_head=BORDER_HEAD,
        lines=[(line, differs(line)) for line in table(found)],
        borders=[(line, differs(line)) for line in borders(found)],
        summary=tuple(summary(found)), mismatches=tuple(mismatches(found)),
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
        "firewalls": [_attempt(attempt, matrix.design) for attempt in matrix.attempts],
        "experiments": [_row(row) for row in matrix.rows],
        "planned": matrix.planned,
        "left_out": list(matrix.left_out),
        "mismatches": matrix.differing,
    }


def _attempt(attempt: Attempt, design: Design) -> dict[str, Any]:
    return {
        "firewall": attempt.firewall,
        "name": design.components[attempt.firewall].name,
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
        "alarm": {
            "services": list(row.alarm.services),
            "within_seconds": row.alarm.within if row.alarm.services else None,
            "after_seconds": row.alarm.after if row.alarm.services else None,
            "missing": list(row.alarm.missing),
            "mismatch": _fault(alarm_mismatch(row.alarm)),
        },
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
