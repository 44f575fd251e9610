"""A write-up as Markdown, as GitHub and GitLab read it."""

from collections.abc import Iterator

from app.model.design import Design
from app.report.content import Block, Bullets, Cell, Drawing, Item, Ref, Section, Table, WriteUp
from exporters import mermaid
from exporters.markdown import one_line, within_line


def markdown(page: WriteUp, design: Design) -> str:
    """Return a write-up as Markdown; the drawing is a Mermaid flowchart."""
    lines = [f"# {within_line(page.title)}", *_blocks(page.summary, design)]
    for section in page.sections:
        lines += _section(section, design, 2)
    return "\n\n".join(lines) + "\n"


def _section(section: Section, design: Design, level: int) -> Iterator[str]:
    yield f"{'#' * level} {within_line(section.title)}"
    yield from _blocks(section.blocks, design)
    for inner in section.sections:
        yield from _section(inner, design, level + 1)


def _blocks(blocks: tuple[Block, ...], design: Design) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, str):
            yield one_line(block)
        elif isinstance(block, Drawing):
            yield f"```mermaid\n{mermaid.export(design).decode()}```"
        elif isinstance(block, Bullets):
            yield "\n".join(_items(block))
        else:
            yield "\n".join(_table(block))


def _items(bullets: Bullets) -> Iterator[str]:
    for number, item in enumerate(bullets.items, 1):
        yield f"{f'{number}.' if bullets.numbered else '-'} {_item(item)}"


def _item(item: Item) -> str:
    term = item.term.text if isinstance(item.term, Ref) else item.term
    told = f"**{within_line(term)}**: {within_line(item.text)}" if term else one_line(item.text)
    see = f" *See {', '.join(within_line(ref.text) for ref in item.see)}.*" if item.see else ""
    return f"{told}{see}"


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(within_line, table.head))} |"
    yield f"|{' --- |' * len(table.head)}"
    for row in table.rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(cell: Cell) -> str:
    return within_line(cell.text if isinstance(cell, Ref) else cell)
