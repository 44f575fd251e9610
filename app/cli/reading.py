"""What the commands read beside the design at hand: from a file or, for `-`, from stdin."""

import sys
from pathlib import Path

from app.cli.terminal import CommandError
from app.model.design import Design

STDIN = Path("-")


def content(path: Path) -> bytes:
    """Return what is in a file, no more than a design may hold.

    Raises:
        FileError: it cannot be read.
    """
    from app.storage import files
    from app.storage.parsing import LARGEST_MEGABYTES

    if path == STDIN:
        return sys.stdin.buffer.read((LARGEST_MEGABYTES << 20) + 1)
    return files.content(path)


def design(path: Path) -> Design:
    """Return the design in a file.

    Raises:
        FileError: it cannot be read.
        CommandError: it is no design.
    """
    return decoded(content(path), path)


def decoded(data: bytes, path: Path) -> Design:
    """Return the design in what was read from a file.

    Raises:
        CommandError: it is no design.
    """
    from app.storage.codec import load
    from app.storage.errors import FileError

    try:
        return load(data)
    except FileError as error:
        raise CommandError(f"{called(path)}: {error}") from None


def called(path: Path) -> str:
    """Return the name of a file, for a sentence."""
    return "standard input" if path == STDIN else path.name or str(path)
