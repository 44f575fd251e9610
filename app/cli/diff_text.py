"""A comparison for people in a terminal."""

from collections.abc import Iterator, Sequence

from app.cli import diff_words as words
from app.cli.diff_words import Told
from app.cli.terminal import Style, plain, wrapped
from app.rules.comparison import Comparison, FlowChange
from app.rules.registry import Finding


def write(told: Told, style: Style) -> str:
    """Return the comparison as text."""
    return "\n".join(_lines(told, style)) + "\n"


def _lines(told: Told, style: Style) -> Iterator[str]:
    comparison = told.comparison
    yield style("dim", plain(f"{told.before} → {told.after}"))
    yield style("bold", plain(words.headline(comparison)))
    yield from _structure(comparison, style)
    yield from _findings(comparison, style)
    if comparison.flows:
        yield ""
        yield style("bold", "flows")
    for flow in comparison.flows:
        yield from _flow(flow, style)


def _structure(comparison: Comparison, style: Style) -> Iterator[str]:
    if comparison.changes or comparison.moved or comparison.matching.redrawn:
        yield ""
        yield style("bold", "structure")
    if comparison.before.name != comparison.after.name:
        yield plain(f"  ~ name: {comparison.before.name} → {comparison.after.name}")
    for table in comparison.structure:
        yield from _table(comparison, table, style)
    yield from (style("dim", f"  {line}") for line in words.asides(comparison))


def _table(comparison: Comparison, table: str, style: Style) -> Iterator[str]:
    noun, changes = words.TABLES[table], comparison.structure[table]
    for key in changes.added:
        told = words.element(comparison.after, table, key)
        yield style("good", plain(f"  + {noun} {told}"))
    for key in changes.removed:
        told = words.element(comparison.before, table, key)
        yield style("bad", plain(f"  - {noun} {told}"))
    for edited in changes.changed:
        yield plain(f"  ~ {noun} {words.element(comparison.after, table, edited.after)}")
        for label, old, new in words.fields(comparison, table, edited):
            yield plain(f"      {label}: {old} → {new}")


def _findings(comparison: Comparison, style: Style) -> Iterator[str]:
    found = comparison.findings
    notes = words.notes(found)
    yield from _list("new findings", found.new, style, notes)
    yield from _list("gone", found.gone, style, notes)
    if found.moved_on:
        yield ""
        yield style("bold", f"the same of other parts ({len(found.moved_on)})")
    for old, new in found.moved_on:
        yield plain(f"  {old.key} → {new.key}")


def _list(
    what: str, findings: Sequence[Finding], style: Style, notes: dict[str, str]
) -> Iterator[str]:
    if findings:
        yield ""
        yield style("bold", f"{what} ({len(findings)})")
    for finding in findings:
        severity = finding.rule.severity
        note = style("dim", notes.get(finding.key, ""))
        yield f"  {style(severity, severity)} {plain(f'{finding.key}: {finding.rule.title}')}{note}"
        if what != "gone":
            yield from wrapped(finding.problem.message, "      ")


def _flow(flow: FlowChange, style: Style) -> Iterator[str]:
    state = words.state(flow)
    note = f", {state}" if state else ""
    yield plain(f"  {flow.flow.name} ({flow.flow.operation}){note}")
    for view in words.views(flow):
        told = f"works {words.works(flow, view)} of the time, down {words.down(flow, view)}"
        yield f"    {words.VIEWS_TOLD[view]}{told}{'' if flow.differs(view) else ', as before'}"
        for what, parts in words.spofs(flow, view):
            colour = "bad" if what == "new" else "good"
            yield style(colour, f"    {words.alone(what, parts)}")
    yield from (style("dim", f"    {line}") for line in words.remarks(flow))
