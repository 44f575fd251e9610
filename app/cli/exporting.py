"""`loadpath export`: one command for each way out that the table of exporters names."""

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.terminal import CommandError, deliver, tell
from exporters import EXPORTERS, FORMAT, Exporter

if TYPE_CHECKING:
    from app.model.design import Design

_FILE = "The format follows from the ending of the file unless --format says otherwise."
_FOLDER = """\
The folder is written whole or not at all. Written again, it keeps the files that you have changed.
It stops at files of your own, and at changes in what the export changes as well; with --force these
stay too, and what is in the way is put aside as NAME.yours."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "export",
        help="write a picture, a drawing, Mermaid text, or a compose project that runs",
        description="Write a design in a form that other programs use.",
        epilog="examples:\n" + "".join(map(_examples, EXPORTERS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    targets = made.add_subparsers(title="targets", metavar="TARGET", required=True)
    for name, exporter in EXPORTERS.items():
        _add_target(targets, name, exporter)


def _examples(name: str) -> str:
    return "".join(f"  loadpath export {name} {given}\n" for given in EXPORTERS[name].examples)


def _add_target(
    targets: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, exporter: Exporter
) -> None:
    rules = _FOLDER if exporter.folder else _FILE if exporter.option(FORMAT) else ""
    made = targets.add_parser(
        name,
        help=exporter.told,
        description=f"Write {exporter.told}.",
        epilog="\n".join(filter(None, ("examples:", _examples(name), rules))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("file", type=Path, metavar="FILE", help="a design (NAME.loadpath.json)")
    made.add_argument("-o", "--output", type=Path, metavar="PATH", required=True)
    for option in exporter.options:
        first = next(iter(option.values))
        default = f"the ending of PATH, else {first}" if option.name == FORMAT else first
        made.add_argument(f"--{option.name}", choices=[*option.values], help=f"default: {default}")
    if exporter.folder:
        made.add_argument(
            "--force",
            action="store_true",
            help="keep files of yours, and put aside what is in the way",
        )
        made.add_argument(
            "--sources",
            type=Path,
            metavar="DIR",
            help="where source folders of your own lie; default: the folder of FILE",
        )
    if name == "image":
        made.add_argument("--select", metavar="IDS", help="only these parts, separated by commas")
    run = _folder if exporter.folder else _file if exporter.file else _image
    made.set_defaults(run=partial(run, exporter))


def _opened(arguments: argparse.Namespace) -> "Design":
    from app.storage.files import open_design

    return open_design(arguments.file)


def _chosen(exporter: Exporter, arguments: argparse.Namespace) -> dict[str, str]:
    """Return the value of each option."""
    found = {}
    for option in exporter.options:
        value = getattr(arguments, option.name)
        if option.name == FORMAT:
            value = value or _ending(exporter, arguments.output, [*option.values])
        found[option.name] = str(value or next(iter(option.values)))
    return found


def _ending(exporter: Exporter, output: Path, known: list[str]) -> str:
    ending = output.suffix.removeprefix(".").lower()
    if not ending or str(output) == "-":
        return exporter.ending
    if ending not in known:
        message = f"{output}: the ending is none of {', '.join(known)}; --format decides"
        raise CommandError(message)
    return ending


def _folder(exporter: Exporter, arguments: argparse.Namespace) -> int:
    from app.storage.codec import dump
    from exporters.errors import ExportError
    from exporters.files import read_private, write
    from exporters.pki import CA_CERTIFICATE
    from exporters.plan import plan

    design, folder = _opened(arguments), arguments.output
    if str(folder) == "-":
        message = "a project is a folder, which no pipe can carry: name one with -o"
        raise CommandError(message)
    assert exporter.folder  # noqa: S101  # it was chosen by this
    before = read_private(folder)
    chosen = _chosen(exporter, arguments)
    files = exporter.folder(
        design,
        secrets=before,
        document=dump(design),
        picture=_picture(design, arguments),
        sources=arguments.sources or arguments.file.parent,
        **chosen,
    )
    try:
        written = write(files, folder, force=arguments.force)
    except ExportError as error:
        message = str(error) if arguments.force else f"{error}; --force loses none of it"
        raise CommandError(message) from None
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror or error}"
        raise CommandError(message) from None
    for note in plan(design, **chosen).notes:
        tell(f"note: {note.text}")
    if before.get(CA_CERTIFICATE, "").encode() not in (b"", files.get(CA_CERTIFICATE, b"")):
        tell(f"a new authority signs the certificates: import {folder / CA_CERTIFICATE} again")
    for path in written.kept:
        tell(f"kept as you have changed it: {path}")
    for path in written.aside:
        tell(f"yours is now: {path}")
    tell(f"{len(files)} files in {folder}; start them there with: docker compose up --wait")
    return 0


def _picture(design: "Design", arguments: argparse.Namespace) -> bytes | None:
    """Return a picture for the README of a project; None where the window's libraries are not."""
    if arguments.picture is None:
        return None
    try:
        drawn: bytes = arguments.picture(design, "svg", tell=tell)
    except (CommandError, ImportError):
        tell("no picture in its README: a picture needs the window's libraries")
        return None
    return drawn


def _file(exporter: Exporter, arguments: argparse.Namespace) -> int:
    chosen = _chosen(exporter, arguments)
    assert exporter.file  # noqa: S101  # it was chosen by this
    deliver(exporter.file(_opened(arguments), **chosen), arguments.output)
    return 0


def _image(exporter: Exporter, arguments: argparse.Namespace) -> int:
    design = _opened(arguments)
    ids = arguments.select.split(",") if arguments.select else None
    for key in ids or ():
        design.component(key)
    if arguments.picture is None:
        message = "a picture of the canvas needs the window's libraries, which are not there"
        raise CommandError(message)
    chosen = _chosen(exporter, arguments)
    draw: Callable[..., bytes] = arguments.picture
    try:
        content = draw(design, chosen[FORMAT], scale=int(chosen["scale"]), ids=ids, tell=tell)
    except ValueError as error:  # too large for the memory
        raise CommandError(str(error)) from None
    deliver(content, arguments.output)
    return 0
