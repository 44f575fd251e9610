"""A write-up as one HTML file that needs no network, and as simple HTML for paper."""

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app.report.content import Bullets, Drawing, Ref, Table, WriteUp


def html(page: WriteUp, drawing: bytes) -> str:
    """Return a write-up as a page of its own: search, a drawing to zoom, links between parts.

    `drawing` is the SVG of the canvas, empty where it could not be drawn. The page runs one
    script, its own: the policy in its head names the hash of it.
    """
    script = resources.files(__name__.rpartition(".")[0]).joinpath("templates/report.js")
    text = script.read_text(encoding="utf-8").strip()
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return _filled(
        "report.html.j2",
        page=page,
        drawing=Markup(_inline(drawing)),  # noqa: S704  # Qt has escaped what it wrote
        script=Markup(text),  # noqa: S704  # a file of ours
        digest=digest,
    )


def paper(page: WriteUp) -> str:
    """Return a write-up in the HTML that QTextDocument prints; the drawing is no part of it."""
    return _filled("paper.html.j2", page=page)


def _filled(template: str, **values: object) -> str:
    return _environment().get_template(template).render(values).strip() + "\n"


def _inline(svg: bytes) -> str:
    """Return an SVG without the head of a file, so that it can stand inside a page."""
    text = svg.decode()
    return text[text.index("<svg") :] if "<svg" in text else ""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("app.report", "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests |= {
        "text": lambda value: isinstance(value, str),
        "reference": lambda value: isinstance(value, Ref),
        "bullets": lambda value: isinstance(value, Bullets),
        "table": lambda value: isinstance(value, Table),
        "drawing": lambda value: isinstance(value, Drawing),
    }
    return environment
