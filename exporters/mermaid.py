"""A design as a Mermaid flowchart, the text that READMEs on GitHub and GitLab draw.

Syntax: the flowchart chapter of the Mermaid documentation. Labels are quoted, and what could end
a label or be taken for markup is written as an entity (`#quot;`), since a backslash escapes
nothing there. Ids are made here: `end` and `o1` would be read as syntax.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from app.model.containers import Cluster
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.protocols import PROTOCOLS
from app.model.traits import Trait

MOST_LINKS = 500  # the default of maxEdges
MOST_CHARACTERS = 50_000  # the default of maxTextSize
_SHAPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "client": ("([", "])"),
        "dns": ("([", "])"),
        "database": ("[(", ")]"),
        "cache": ("[(", ")]"),
        "object_store": ("[(", ")]"),
        "search": ("[(", ")]"),
        "log_store": ("[(", ")]"),
        "backup": ("[(", ")]"),
        "firewall": ("{{", "}}"),
        "load_balancer": ("[/", "\\]"),
        "cluster": ("([", "])"),
        "app_files": ("[[", "]]"),
        "note": (">", "]"),
    }
)


def export(design: Design) -> bytes:
    """Return the flowchart as UTF-8 text, with a remark where a page would refuse its size."""
    lines = ["flowchart LR", *_remarks(design), *_all(design)]
    text = "\n".join(lines) + "\n"
    if len(text) > MOST_CHARACTERS:
        remark = f"    %% {len(text)} characters: a page shows {MOST_CHARACTERS} unless it is told"
        text = text.replace("\n", f"\n{remark}\n", 1)
    return text.encode()


def _remarks(design: Design) -> Iterator[str]:
    if len(design.links) > MOST_LINKS:
        yield f"    %% {len(design.links)} links: a page draws {MOST_LINKS} unless it is told"


def _all(design: Design) -> Iterator[str]:
    ids = {key: f"n{number}" for number, key in enumerate(design.components, 1)}
    roots = tuple(key for key, item in design.components.items() if item.parent is None)
    yield from _parts(design, ids, roots, "    ")
    for link in design.links.values():
        arrow = "-->" if link.is_traffic else "-.->"
        yield f'    {ids[link.source]} {arrow}|"{_escaped(_words(link))}"| {ids[link.target]}'
    for key, item in design.components.items():
        if isinstance(item, Cluster):
            yield from (f"    {ids[key]} -.- {ids[member]}" for member in item.members)


def _parts(
    design: Design, ids: Mapping[str, str], keys: tuple[str, ...], indent: str
) -> Iterator[str]:
    for key in keys:
        item = design.components[key]
        inner = design.children[key]
        if Trait.CONTAINER in item.traits and inner:
            yield f'{indent}subgraph {ids[key]}["{_escaped(item.name)}"]'
            yield from _parts(design, ids, inner, indent + "    ")
            yield f"{indent}end"
        else:
            opening, closing = _SHAPES.get(item.kind, ("[", "]"))
            yield f'{indent}{ids[key]}{opening}"{_label(item)}"{closing}'


def _label(item: AnyComponent) -> str:
    fact = f"<br/>{_escaped(item.fact)}" if item.fact else ""
    return _escaped(item.name) + fact


def _words(link: Link) -> str:
    protocol = PROTOCOLS[link.protocol]
    words = f"{protocol.title} + TLS" if link.tls != "none" and protocol.clear else protocol.title
    return words if link.role in ("request", "resolve") else f"{link.role}: {words}"


def _escaped(text: str) -> str:
    """Write what is not a plain letter, digit or harmless sign as an entity.

    "1. " and "- " would begin a Markdown list, which Mermaid refuses to draw in a label.
    """
    escaped = "".join(
        letter if letter.isalnum() or letter in " .,:/+-_()" else f"#{ord(letter)};"
        for letter in " ".join(text.split())
    )
    return escaped.replace(". ", "#46; ").replace("- ", "#45; ") or "?"
