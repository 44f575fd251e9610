"""`loadpath report`: the write-up of a design as Markdown, as a web page or on paper."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.terminal import CommandError, deliver, tell

if TYPE_CHECKING:
    from app.model.design import Design
    from app.report.content import WriteUp

FORMATS = ("markdown", "html", "pdf")
_ENDINGS = {"md": "markdown", "markdown": "markdown", "html": "html", "htm": "html", "pdf": "pdf"}
_EPILOG = """\
examples:
  loadpath report shop.loadpath.json                  Markdown, to stdout
  loadpath report shop.loadpath.json -o README.md     with the drawing as a Mermaid flowchart
  loadpath report shop.loadpath.json -o shop.html     one page to send: search, zoom, no network
  loadpath report shop.loadpath.json -o shop.pdf

The format follows from the ending of the file unless --format says otherwise. Every sentence
follows from the drawing or from what the check found in it; what is assumed is marked.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "report",
        help="write up a design: why each part is there, what brings it down, what is open",
        description="Write up a design for a teacher or a reviewer.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    made.add_argument("-o", "--output", type=Path, metavar="PATH", help="default: stdout")
    made.add_argument(
        "--format",
        choices=FORMATS,
        type=lambda text: _ENDINGS.get(text, text),
        help="default: the ending of PATH, else markdown",
    )
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write up a design."""
    from app.report.write import write_up
    from app.storage.files import open_design

    chosen = arguments.format or _ending(arguments.output)
    design = open_design(arguments.file)
    deliver(_written(chosen, write_up(design), design, arguments), arguments.output)
    return 0


def _ending(output: Path | None) -> str:
    ending = output.suffix.removeprefix(".").lower() if output else ""
    if not ending:
        return "markdown"
    if ending not in _ENDINGS:
        known = ", ".join(_ENDINGS)
        message = f"{output}: the ending is none of {known}; --format decides"
        raise CommandError(message)
    return _ENDINGS[ending]


def _written(
    chosen: str, page: "WriteUp", design: "Design", arguments: argparse.Namespace
) -> str | bytes:
    if chosen == "markdown":
        from app.report.markdown import markdown

        return markdown(page, design)
    from app.report.html import html, paper

    if chosen == "html":
        return html(page, _drawing(design, arguments))
    if arguments.paper is None:
        message = "a PDF needs the window's libraries, which are not there"
        raise CommandError(message)
    content: bytes = arguments.paper(design, paper(page))
    return content


def _drawing(design: "Design", arguments: argparse.Namespace) -> bytes:
    """Return the drawing for the page; where there is none, the page says so as well."""
    if arguments.picture is None:
        tell("the drawing is left out: it needs the window's libraries, which are not there")
        return b""
    try:
        drawn: bytes = arguments.picture(design, "svg", linked=True)
    except CommandError as error:
        tell(f"the drawing is left out: {error}")
        return b""
    return drawn
