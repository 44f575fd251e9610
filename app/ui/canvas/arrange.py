"""Automatic layout: layers from left to right along the links, containers kept together.

Graphviz' `dot` does the layering (Gansner, Koutsofios, North, Vo: A Technique for Drawing
Directed Graphs, 1993); its clusters are the containers. Runs without Qt and without the window.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.model.containers import Cluster
from app.model.design import Design
from app.model.geometry import bounds, extent
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID, PADDING, TITLE
from app.model.traits import Trait

POINTS_PER_INCH = 72.0
BETWEEN_LAYERS = 96.0  # room for a label on the links, pixels
BETWEEN_CARDS = 36.0
MARGIN = PADDING + TITLE / 2  # dot frames a cluster evenly; the band of the title is on top only


def arrange(design: Design) -> dict[str, Place]:
    """Return a place for every component, snapped to the grid; sizes of containers are let go."""
    if not design.components:
        return {}
    import pygraphviz  # only a layout needs it, long after the first paint

    graph = pygraphviz.AGraph(string=_source(design))
    try:
        graph.layout(prog="dot")
        centres = {name: node.attr["pos"] for node in graph.nodes() for name in [str(node)]}
    finally:
        graph.close()
    return _places(design, centres)


def _source(design: Design) -> str:
    names = {key: f"n{number}" for number, key in enumerate(design.components)}
    apart = BETWEEN_CARDS / POINTS_PER_INCH, BETWEEN_LAYERS / POINTS_PER_INCH
    lines = [
        "digraph {",
        "graph [rankdir=LR, newrank=true, nodesep={:.3f}, ranksep={:.3f}]".format(*apart),
        'node [shape=box, fixedsize=true, label=""]',
    ]
    roots = (key for key, item in design.components.items() if item.parent is None)
    lines += _boxes(design, names, roots)
    lines += _edges(design, names)
    lines.append("}")
    return "\n".join(lines)


def _boxes(design: Design, names: Mapping[str, str], keys: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for key in keys:
        inner = design.children[key]
        if inner:
            lines.append(f"subgraph cluster_{names[key]} {{ margin={MARGIN:g}")
            lines += _boxes(design, names, inner)
            lines.append("}")
        else:
            _, _, width, height = _size(design, key)
            lines.append(
                f"{names[key]} [width={width / POINTS_PER_INCH:.3f},"
                f" height={height / POINTS_PER_INCH:.3f}]"
            )
    return lines


def _size(design: Design, key: str) -> tuple[float, float, float, float]:
    if Trait.CONTAINER in design.components[key].traits or design.components[key].kind == "note":
        return bounds(design, key)
    return 0, 0, CARD_WIDTH, CARD_HEIGHT


def _edges(design: Design, names: Mapping[str, str]) -> list[str]:
    """Only leaves are nodes for dot; what does not carry traffic must not bend the layers."""
    lines = []
    for link in design.links.values():
        if design.children[link.source] or design.children[link.target]:
            continue
        free = "" if link.is_traffic else " [constraint=false]"
        lines.append(f"{names[link.source]} -> {names[link.target]}{free}")
    for key, item in design.components.items():
        if isinstance(item, Cluster):
            lines += [f"{names[key]} -> {names[member]}" for member in item.members
                      if not design.children[member]]  # fmt: skip
    return lines


def _places(design: Design, centres: Mapping[str, str]) -> dict[str, Place]:
    """Places whose top left corner is where the design had its own."""
    found: dict[str, tuple[float, float]] = {}
    for number, key in enumerate(design.components):
        if f"n{number}" in centres:
            x, y = (float(part) for part in centres[f"n{number}"].split(","))
            _, _, width, height = _size(design, key)
            found[key] = (x - width / 2, -y - height / 2)
    left = min(x for x, _ in found.values())
    top = min(y for _, y in found.values())
    old_left, old_top, _, _ = extent(design)
    return {
        key: _place(design, key, found.get(key), (old_left - left, old_top - top))
        for key in design.components
    }


def _place(
    design: Design,
    key: str,
    corner: tuple[float, float] | None,
    shift: tuple[float, float],
) -> Place:
    before = design.layout.get(key, Place())
    if corner is None:
        return replace(before, width=None, height=None)
    return replace(before, x=_snap(corner[0] + shift[0]), y=_snap(corner[1] + shift[1]))


def _snap(value: float) -> float:
    """Half a grid step keeps the order and the distances that dot found."""
    return round(value / (GRID / 2)) * (GRID / 2)
