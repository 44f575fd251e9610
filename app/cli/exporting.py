"""`loadpath export`: pictures, drawings, text for a README, a compose project that starts."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.terminal import CommandError, deliver, tell

if TYPE_CHECKING:
    from app.model.design import Design

PICTURES = ("svg", "pdf", "png")
DRAWINGS = ("png", "svg", "pdf", "dot", "py")
POSITIONS = ("automatic", "canvas")
_EPILOG = """\
examples:
  loadpath export compose shop.loadpath.json -o shop        docker compose up --wait starts it
  loadpath export image shop.loadpath.json -o shop.svg
  loadpath export image shop.loadpath.json -o web.png --scale 2 --select web-1,web-2,lb-1
  loadpath export diagrams shop.loadpath.json -o shop.pdf --positions canvas
  loadpath export diagrams shop.loadpath.json -o shop.py    the script that draws it
  loadpath export mermaid shop.loadpath.json -o -           text for a README, to stdout

The format follows from the ending of the file unless --format says otherwise. A folder is written
whole or not at all. Written again, it keeps what you have changed or added; where the export has
something new in such a place, it stops, and with --force puts yours aside as NAME.yours.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "export",
        help="write a picture, a drawing, Mermaid text, or a compose project that runs",
        description="Write a design in a form that other programs use.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    targets = made.add_subparsers(title="targets", metavar="TARGET", required=True)
    compose = _target(
        targets, "compose", "a folder that `docker compose up --wait` starts", _compose
    )
    compose.add_argument(
        "--force",
        action="store_true",
        help="write although files of yours are in the way; they are put aside",
    )
    image = _target(targets, "image", "the picture of the canvas", _image)
    image.add_argument("--format", choices=PICTURES, help="default: the ending of PATH, else svg")
    image.add_argument("--scale", type=int, choices=range(1, 5), default=1, help="of a PNG")
    image.add_argument("--select", metavar="IDS", help="only these parts, separated by commas")
    drawing = _target(targets, "diagrams", "a drawing of the diagrams library", _diagrams)
    drawing.add_argument("--format", choices=DRAWINGS, help="default: the ending of PATH, else png")
    drawing.add_argument(
        "--positions", choices=POSITIONS, default="automatic", help="default: automatic"
    )
    _target(targets, "mermaid", "a Mermaid flowchart", _mermaid)


def _target(
    targets: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    told: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    made = targets.add_parser(
        name,
        help=told,
        description=f"Write {told}.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    made.add_argument("-o", "--output", type=Path, metavar="PATH", required=True)
    made.set_defaults(run=run)
    return made


def _opened(arguments: argparse.Namespace) -> "Design":
    from app.storage.files import open_design

    return open_design(arguments.file)


def _format(arguments: argparse.Namespace, known: tuple[str, ...], default: str) -> str:
    if arguments.format:
        return str(arguments.format)
    ending = arguments.output.suffix.removeprefix(".").lower()
    if not ending or str(arguments.output) == "-":
        return default
    if ending not in known:
        message = f"{arguments.output}: the ending is none of {', '.join(known)}; --format decides"
        raise CommandError(message)
    return str(ending)


def _compose(arguments: argparse.Namespace) -> int:
    from app.storage.codec import dump
    from exporters import EXPORTERS
    from exporters.errors import ExportError
    from exporters.files import read_private, write
    from exporters.plan import plan

    design, folder = _opened(arguments), arguments.output
    if str(folder) == "-":
        message = "a compose project is a folder, which no pipe can carry: name one with -o"
        raise CommandError(message)
    files = EXPORTERS["compose"].export(design, secrets=read_private(folder), document=dump(design))
    try:
        written = write(files, folder, force=arguments.force)
    except ExportError as error:
        message = str(error) if arguments.force else f"{error}; --force loses none of it"
        raise CommandError(message) from None
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror or error}"
        raise CommandError(message) from None
    for note in plan(design).notes:
        tell(f"note: {note.text}")
    for path in written.kept:
        tell(f"kept as you have changed it: {path}")
    for path in written.aside:
        tell(f"yours is now: {path}")
    tell(f"{len(files)} files in {folder}; start them there with: docker compose up --wait")
    return 0


def _image(arguments: argparse.Namespace) -> int:
    design = _opened(arguments)
    ids = arguments.select.split(",") if arguments.select else None
    for key in ids or ():
        design.component(key)
    if arguments.picture is None:
        message = "a picture of the canvas needs the window's libraries, which are not there"
        raise CommandError(message)
    name = _format(arguments, PICTURES, "svg")
    try:
        content = arguments.picture(design, name, scale=arguments.scale, ids=ids)
    except ValueError as error:  # too large for the memory
        raise CommandError(str(error)) from None
    deliver(content, arguments.output)
    return 0


def _diagrams(arguments: argparse.Namespace) -> int:
    from exporters.diagram import export

    name = _format(arguments, DRAWINGS, "png")
    content = export(_opened(arguments), name, arguments.positions)  # type: ignore[arg-type]  # a choice
    deliver(content, arguments.output)
    return 0


def _mermaid(arguments: argparse.Namespace) -> int:
    from exporters.mermaid import export

    deliver(export(_opened(arguments)), arguments.output)
    return 0
