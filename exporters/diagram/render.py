"""DOT source to picture, in this process: the wheels of pygraphviz carry Graphviz."""

import base64
import contextlib
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import diagrams
import pygraphviz

from exporters.errors import ExportError

_SVG = "http://www.w3.org/2000/svg"
_HREF = "{http://www.w3.org/1999/xlink}href"
_ENGINES = {"automatic": "dot", "canvas": "nop2"}


def render(source: str, file_format: str, positions: str) -> bytes:
    """Return the picture of a DOT source as png, svg or pdf.

    Raises:
        ExportError: Graphviz could not lay it out.
    """
    graph = pygraphviz.AGraph(string=source)
    try:
        with _quiet():
            picture: bytes = graph.draw(format=file_format, prog=_ENGINES[positions])
    except (OSError, TypeError, ValueError) as error:
        message = f"Graphviz could not draw the design: {error}"
        raise ExportError(message) from error
    finally:
        graph.close()
    return _embed_icons(picture) if file_format == "svg" else picture


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drop what Graphviz remarks on fonts and label sizes: C code writes it to descriptor 2."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _embed_icons(picture: bytes) -> bytes:
    """Put the icons into the SVG: a reference to a file here is broken everywhere else."""
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ET.fromstring(picture)  # noqa: S314  # our own renderer made it a moment ago
    icons = Path(diagrams.__file__).parent.parent
    for image in root.iter(f"{{{_SVG}}}image"):
        file = Path(image.attrib[_HREF])
        if not file.is_relative_to(icons):
            message = f"the drawing names a picture outside the library: {file.name}"
            raise ExportError(message)
        content = base64.b64encode(file.read_bytes()).decode("ascii")
        image.set(_HREF, f"data:image/png;base64,{content}")
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"
