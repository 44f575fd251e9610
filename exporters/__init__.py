"""A design as files that other programs read.

`EXPORTERS` is the table of all ways out; the commands and the dialog of the window are made from
it. Each loads its libraries only when it is called.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.model.design import Design
    from exporters.files import Files

FORMAT = "format"


@dataclass(frozen=True, slots=True)
class Option:
    """A choice: its name on the command line, its label, and words for each value.

    The first value is taken where none is chosen; of `FORMAT` the ending of the file comes first.
    """

    name: str
    label: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """One way out. It makes a folder or a file; one that makes neither is drawn by the window."""

    title: str
    told: str  # what is written, after "Write"
    text: str  # one sentence for the dialog
    icon: str
    examples: tuple[str, ...]  # arguments of `loadpath export`
    options: tuple[Option, ...] = ()
    ending: str = ""  # of the file; empty for a folder
    file: "Callable[..., bytes] | None" = None  # (design, *, an option each)
    # (design, *, secrets, document, picture, sources, an option each)
    folder: "Callable[..., Files] | None" = None

    def option(self, name: str) -> Option | None:
        """Return an option by its name."""
        return next((option for option in self.options if option.name == name), None)


def _compose(design: "Design", **options: Any) -> "Files":
    from exporters.compose import export

    return export(design, **options)


def _diagrams(design: "Design", **options: Any) -> bytes:
    from exporters.diagram import export

    return export(design, options[FORMAT], options["positions"])


def _mermaid(design: "Design") -> bytes:
    from exporters.mermaid import export

    return export(design)


EXPORTERS: Mapping[str, Exporter] = MappingProxyType(
    {
        "compose": Exporter(
            title="Compose project",
            told="a folder that `docker compose up --wait` starts",
            text="A folder that starts what you drew: docker compose up --wait.",
            icon="ui_run",
            examples=(
                "shop.loadpath.json -o shop",
                "shop.loadpath.json -o shop --firewalls segments    without NET_ADMIN",
                "shop.loadpath.json -o shop --takeover vrrp         keepalived beside HAProxy",
                "shop.loadpath.json -o shop --certificates acme     for a public name",
            ),
            options=(
                Option(
                    "firewalls",
                    "Firewalls",
                    {"gateways": "Gateways that filter", "segments": "Separate networks alone"},
                ),
                Option(
                    "takeover",
                    "Take-over",
                    {"emulated": "By an edge", "vrrp": "By an address that moves (VRRP)"},
                ),
                Option(
                    "certificates",
                    "Certificates",
                    {"local": "From an authority of its own", "acme": "For a public name (ACME)"},
                ),
            ),
            folder=_compose,
        ),
        "image": Exporter(
            title="Picture of the canvas",
            told="the picture of the canvas",
            text="Exactly what you see, whole or only the selection, whatever the zoom.",
            icon="ui_image",
            examples=(
                "shop.loadpath.json -o shop.svg",
                "shop.loadpath.json -o web.png --scale 2 --select web-1,web-2,lb-1",
            ),
            options=(
                Option(FORMAT, "Format", {"svg": "SVG", "pdf": "PDF", "png": "PNG"}),
                Option("scale", "Scale", {"1": "1 ×", "2": "2 ×", "3": "3 ×", "4": "4 ×"}),
            ),
            ending="svg",
        ),
        "diagrams": Exporter(
            title="Drawing with provider icons",
            told="a drawing of the diagrams library",
            text="Made with the diagrams library; its Python script is a format too.",
            icon="ui_layout",
            examples=(
                "shop.loadpath.json -o shop.pdf --positions canvas",
                "shop.loadpath.json -o shop.py    the script that draws it",
            ),
            options=(
                Option(
                    FORMAT,
                    "Format",
                    {"png": "PNG", "svg": "SVG", "pdf": "PDF", "dot": "DOT", "py": "Python script"},
                ),
                Option(
                    "positions",
                    "Positions",
                    {"automatic": "Automatic layout", "canvas": "As on the canvas"},
                ),
            ),
            ending="png",
            file=_diagrams,
        ),
        "mermaid": Exporter(
            title="Mermaid flowchart",
            told="a Mermaid flowchart",
            text="Text for a README: GitHub and GitLab draw it.",
            icon="ui_file",
            examples=("shop.loadpath.json -o -           text for a README, to stdout",),
            ending="mmd",
            file=_mermaid,
        ),
    }
)
