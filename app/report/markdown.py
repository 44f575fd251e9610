"""A write-up as Markdown, as GitHub and GitLab read it."""

import re
from collections.abc import Iterator

from app.model.design import Design
from app.report.content import Block, Bullets, Cell, Drawing, Item, Ref, Section, Table, WriteUp
from exporters import mermaid

_SIGNS = re.compile(r"([\\`*_\[\]<>~$&|])")
_START = re.compile(r"^(?=[#+=-])|^(\d+)(?=[.)])")


def markdown(page: WriteUp, design: Design) -> str:
    """Return a write-up as Markdown; the drawing is a Mermaid flowchart."""
    lines = [f"# {escaped(page.title)}", *_blocks(page.summary, design)]
    for section in page.sections:
        lines += _section(section, design, 2)
    return "\n\n".join(lines) + "\n"


def escaped(text: str) -> str:
    """Return a text as Markdown that shows it and nothing else, within a line."""
    return _SIGNS.sub(r"\\\1", " ".join(text.split()))


def _line(text: str) -> str:
    """Return a text as a line of its own, whose first sign must not begin a list or a heading."""
    return _START.sub(lambda found: f"{found[1] or ''}\\", escaped(text))


def _section(section: Section, design: Design, level: int) -> Iterator[str]:
    yield f"{'#' * level} {escaped(section.title)}"
    yield from _blocks(section.blocks, design)
    for inner in section.sections:
        yield from _section(inner, design, level + 1)


def _blocks(blocks: tuple[Block, ...], design: Design) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, str):
            yield _line(block)
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
    told = f"**{escaped(term)}**: {escaped(item.text)}" if term else _line(item.text)
    see = f" *See {', '.join(escaped(ref.text) for ref in item.see)}.*" if item.see else ""
    return f"{told}{see}"


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(escaped, table.head))} |"
    yield f"|{' --- |' * len(table.head)}"
    for row in table.rows:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(cell: Cell) -> str:
    return escaped(cell.text if isinstance(cell, Ref) else cell)
