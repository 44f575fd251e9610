"""The drawing as objects of the `diagrams` library, and from them the DOT source.

The library keeps the drawing that is being made in context variables and renders, into the
current folder, when a `with` block ends. Both stay behind `dot_of`: it sets and clears the
context itself and only asks for the source.
"""

import importlib
from typing import cast

import diagrams
import graphviz

from exporters.diagram.drawing import Area, Box, Drawing


def literal(words: str) -> str:
    """Return words as a label: to Graphviz a backslash, <...> and &...; are markup."""
    escaped: str = graphviz.escape(words.replace("&", "&amp;"))
    return escaped


def dot_of(drawing: Drawing) -> str:
    """Return the DOT source; the same drawing gives the same source."""
    diagram = diagrams.Diagram(
        literal(drawing.title),
        filename="diagram",
        show=False,
        graph_attr={"pad": "0.5", **drawing.graph},
        node_attr=dict(drawing.nodes),
    )
    nodes: dict[str, diagrams.Node] = {}
    diagrams.setdiagram(diagram)
    try:
        _fill(drawing.outer, nodes, dict(drawing.nodes))
        for arrow in drawing.arrows:
            attributes = dict(arrow.attributes)
            if "label" in attributes:
                attributes["label"] = literal(attributes["label"])
            edge = diagrams.Edge(forward=attributes.get("dir") != "none", **attributes)
            nodes[arrow.source].connect(nodes[arrow.target], edge)
    finally:
        diagrams.setdiagram(None)
        diagrams.setcluster(None)
    return cast("str", diagram.dot.source)


def _fill(area: Area, nodes: "dict[str, diagrams.Node]", size: dict[str, str]) -> None:
    for box in area.boxes:
        nodes[box.id] = _node(box, size)
    for inner in area.areas:
        cluster = diagrams.Cluster(literal(inner.label), graph_attr=dict(inner.attributes))
        cluster.name = cluster.dot.name = inner.id  # the library names clusters by their label
        with cluster:
            _fill(inner, nodes, size)


def _node(box: Box, size: dict[str, str]) -> "diagrams.Node":
    cls = getattr(importlib.import_module(box.module), box.cls)
    return cls(literal(box.label), nodeid=box.id, **size, **box.attributes)
