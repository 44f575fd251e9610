"""A design as files that other programs read.

`EXPORTERS` is the table of all exporters: the command line and the window list it. Each loads its
libraries only when it is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app.model.design import Design
from exporters.files import Files


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """One way out: `export(design, **options)` returns files by their path.

    A folder is what a project needs; otherwise there is one file, and its path is its name.
    """

    title: str
    export: Callable[..., Files]
    is_folder: bool = False


def _compose(design: Design, **options: Any) -> Files:
    from exporters.compose import export

    return export(design, **options)


def _diagrams(design: Design, **options: Any) -> Files:
    from exporters.diagram import export

    suffix = options.get("file_format", "png")
    return {f"design.{suffix}": export(design, **options)}


def _mermaid(design: Design) -> Files:
    from exporters.mermaid import export

    return {"design.mmd": export(design)}


EXPORTERS: Mapping[str, Exporter] = MappingProxyType(
    {
        "compose": Exporter(
            title="Docker Compose project that runs", export=_compose, is_folder=True
        ),
        "diagrams": Exporter(title="Drawing with the icons of diagrams", export=_diagrams),
        "mermaid": Exporter(title="Mermaid flowchart for a README", export=_mermaid),
    }
)
