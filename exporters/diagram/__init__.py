"""A design as a drawing of the `diagrams` library: picture, DOT source or Python script."""

from typing import Literal

from app.model.design import Design
from exporters.diagram.drawing import drawing_of
from exporters.diagram.script import script_of

Format = Literal["png", "svg", "pdf", "dot", "py"]
FORMATS: tuple[Format, ...] = ("png", "svg", "pdf", "dot", "py")
Positions = Literal["automatic", "canvas"]
POSITIONS: tuple[Positions, ...] = ("automatic", "canvas")


def export(
    design: Design, file_format: Format = "png", positions: Positions = "automatic"
) -> bytes:
    """Return the drawing as one file.

    `positions`: `canvas` puts everything where it stands on the canvas, `automatic` lets Graphviz
    arrange it. The script `py` draws the same with nothing but the `diagrams` library.

    Raises:
        ExportError: Graphviz could not lay the drawing out.
    """
    drawing = drawing_of(design, positions=positions)
    if file_format == "py":
        return script_of(drawing).encode()
    from exporters.diagram.objects import dot_of  # `diagrams` takes long to load
    from exporters.diagram.render import render

    source = dot_of(drawing)
    return source.encode() if file_format == "dot" else render(source, file_format, positions)
