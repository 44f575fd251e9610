"""The drawing as a Python script that needs nothing but the `diagrams` library."""

from collections.abc import Iterator, Mapping

from exporters.diagram.drawing import Area, Box, Drawing


def script_of(drawing: Drawing) -> str:
    """Return the text of the script; it writes `diagram.png` beside itself."""
    lines = [
        '"""Draws the infrastructure; needs `pip install diagrams` and Graphviz."""',
        "",
        *_imports(drawing),
        "",
        "",
        "def text(words):",
        '    """Return words as a label: to Graphviz a backslash, <...> and &...; are markup."""',
        "    return escape(words.replace('&', '&amp;'))",
        "",
        "",
        f"graph = {_values({'pad': '0.5', **drawing.graph})}",
        f"node = {_values(drawing.nodes)}",
        f"with Diagram(text({drawing.title!r}), filename='diagram', show=False,",
        "             graph_attr=graph, node_attr=node):",
        *_area(drawing.outer, "    ", drawing.nodes),
        *(
            f"    {arrow.source}.connect({arrow.target}, {_edge(arrow.attributes)})"
            for arrow in drawing.arrows
        ),
    ]
    if not drawing.outer.boxes and not drawing.outer.areas:
        lines.append("    pass")
    return "\n".join(lines) + "\n"


def _imports(drawing: Drawing) -> list[str]:
    used = sorted({(box.module, box.cls) for box in _boxes(drawing.outer)})
    return [
        "from diagrams import Cluster, Diagram, Edge",
        *(f"from {module} import {cls} as {_alias(module, cls)}" for module, cls in used),
        "from graphviz import escape",
    ]


def _boxes(area: Area) -> Iterator[Box]:
    yield from area.boxes
    for inner in area.areas:
        yield from _boxes(inner)


def _alias(module: str, cls: str) -> str:
    return "".join(part.capitalize() for part in module.split(".")[1:]) + cls


def _area(area: Area, indent: str, size: Mapping[str, str]) -> Iterator[str]:
    for box in area.boxes:
        options = "".join(
            f", {key}={value!r}" for key, value in ({**size, **box.attributes}).items()
        )
        cls = _alias(box.module, box.cls)
        yield f"{indent}{box.id} = {cls}(text({box.label!r}), nodeid={box.id!r}{options})"
    for inner in area.areas:
        label, attributes = f"text({inner.label!r})", _values(inner.attributes)
        yield f"{indent}area = Cluster({label}, graph_attr={attributes})"
        yield f"{indent}area.name = area.dot.name = {inner.id!r}  # one label, two clusters"
        yield f"{indent}with area:"
        yield from _area(inner, indent + "    ", size)


def _edge(attributes: Mapping[str, str]) -> str:
    options = [f"forward={attributes.get('dir') != 'none'}"]
    options += [
        f"{key}={f'text({value!r})' if key == 'label' else repr(value)}"
        for key, value in attributes.items()
    ]
    return f"Edge({', '.join(options)})"


def _values(values: Mapping[str, str]) -> str:
    return repr(dict(values))
