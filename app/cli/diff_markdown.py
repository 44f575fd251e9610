"""A comparison to paste into a pull request: GitHub's Markdown, one small table for each topic."""

import re
from collections.abc import Iterator, Sequence

from app.cli import diff_words as words
from app.cli.diff_words import Told
from app.cli.terminal import Style, plain
from app.rules.comparison import Comparison
from app.rules.registry import Finding
from exporters.markdown import within_line

MOST_ROWS = 50  # of a table; a comment has at most 65,536 characters
_CALLS = re.compile(r"(@|#|:(?=//)|www(?=\.))", re.IGNORECASE)


def write(told: Told, _: Style) -> str:
    """Return the comparison as Markdown."""
    return "\n".join(_lines(told)) + "\n"


def escaped(text: str) -> str:
    """Return a text from a design as Markdown that shows it, and does nothing else.

    Nobody is called by an `@name`, no issue by a `#1`, and no address becomes a link: a space of
    no width stands behind what would do that.
    """
    return _CALLS.sub("\\1\u200b", within_line(plain(text)))


def _lines(told: Told) -> Iterator[str]:
    comparison = told.comparison
    yield f"**{escaped(comparison.after.name)}**: {escaped(words.headline(comparison))}"
    head = ("flow", "works", "down", "single points of failure")
    yield from _table(head, list(_flows(comparison)))
    yield from (f"\n{flow}" for flow in _remarks(comparison))
    yield from _table(("finding", "", "about"), list(_findings(comparison)))
    structure = list(_structure(comparison))
    if structure:
        yield f"\n<details><summary>{words.counted(comparison.changes, 'change')}</summary>"
        yield from _table(("", "what", "before", "after"), structure)
        yield "\n</details>"
    yield from (f"\n{escaped(line)}." for line in words.asides(comparison))


Row = tuple[str, ...]


def _table(head: Row, rows: Sequence[Row]) -> Iterator[str]:
    """Yield a table whose cells are Markdown already; nothing where there are no rows."""
    if not rows:
        return
    yield ""
    for row in (head, ("---",) * len(head), *rows[:MOST_ROWS]):
        yield f"| {' | '.join(row)} |"
    if len(rows) > MOST_ROWS:
        yield f"\n… and {len(rows) - MOST_ROWS} more."


def _flows(comparison: Comparison) -> Iterator[Row]:
    for flow in comparison.flows:
        state = words.state(flow)
        name = escaped(f"{flow.flow.name} ({flow.flow.operation}){state and f', {state}'}")
        for view in words.views(flow):
            told = words.VIEWS_TOLD[view].removesuffix(": ")
            points = (escaped(f"{what}: {words.listed(parts)}") for what, parts in
                      words.spofs(flow, view))  # fmt: skip
            yield (
                f"{name}, {told}" if told else name,
                words.works(flow, view),
                words.down(flow, view),
                "<br>".join(points),
            )


def _remarks(comparison: Comparison) -> Iterator[str]:
    for flow in comparison.flows:
        found = words.remarks(flow)
        if found:
            told = escaped(f"{flow.flow.name}: {'; '.join(found)}")
            yield f"<sub>{told}.</sub>"


def _findings(comparison: Comparison) -> Iterator[Row]:
    found, notes = comparison.findings, words.notes(comparison.findings)
    for what, findings in (("new", found.new), ("gone", found.gone)):
        for item in findings:
            told = f"{what}, {item.rule.severity}{notes.get(item.key, '')}"
            yield f"**{told}**" if what == "new" else told, _called(item), _about(item)
    for old, new in found.moved_on:
        yield "as before, of another part", _called(new), f"{_subjects(old)} → {_subjects(new)}"


def _called(finding: Finding) -> str:
    return f"`{finding.rule.id}` {escaped(finding.rule.title)}"


def _about(finding: Finding) -> str:
    return escaped(finding.problem.message)


def _subjects(finding: Finding) -> str:
    return escaped(words.listed(finding.problem.subjects))


def _structure(comparison: Comparison) -> Iterator[Row]:
    if comparison.before.name != comparison.after.name:
        yield "changed", "name", escaped(comparison.before.name), escaped(comparison.after.name)
    for table, changes in comparison.structure.items():
        noun = words.TABLES[table]
        for key in changes.added:
            yield "new", f"{noun} {escaped(words.element(comparison.after, table, key))}", "", ""
        for key in changes.removed:
            yield "gone", f"{noun} {escaped(words.element(comparison.before, table, key))}", "", ""
        for edited in changes.changed:
            what = escaped(words.element(comparison.after, table, edited.after))
            for label, old, new in words.fields(comparison, table, edited):
                yield "changed", f"{noun} {what}: {label}", escaped(old), escaped(new)
