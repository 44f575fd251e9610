"""`loadpath renew`: new certificates for an exported project, signed by its own authority."""

import argparse
from pathlib import Path

from app.cli.terminal import CommandError, tell

_EPILOG = """\
Each certificate of the project gets a new key and lasts 397 days from now. They are signed with
pki/ca.key; where that was thrown away, a new authority begins, and whoever trusts the old one has
to import pki/ca.crt again. In the project, `./ops renew` does this, and hands them to what runs.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "renew",
        help="make new certificates for an exported project",
        description="Make new certificates for an exported compose project.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("folder", type=Path, metavar="DIR", help="what `export compose` has written")
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Put new keys and certificates in the place of those of a project."""
    from exporters.errors import ExportError
    from exporters.files import read_private, replace
    from exporters.pki import CA_CERTIFICATE, FOLDER, renewed_files

    folder: Path = arguments.folder
    kept = read_private(folder)
    try:
        files = renewed_files(kept)
    except ExportError as error:
        raise CommandError(f"{folder}: {error}") from None
    try:
        replace({path: text.encode() for path, text in files.items()}, folder, FOLDER)
    except OSError as error:
        message = f"{folder}: cannot be written: {error.strerror or error}"
        raise CommandError(message) from None
    if files[CA_CERTIFICATE] != kept.get(CA_CERTIFICATE):
        tell(f"a new authority has signed them: import {folder / CA_CERTIFICATE} again")
    new = sum(path.endswith(".crt") and path != CA_CERTIFICATE for path in files)
    tell(f"new certificates: {new}, in {folder / FOLDER}; ./ops renew --install hands them out")
    return 0
