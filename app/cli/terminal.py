"""How the commands speak: results on stdout or into a file, messages on stderr, colour on a TTY."""

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TextIO

WIDEST = 100
_CODES: Mapping[str, str] = MappingProxyType(
    {
        "bold": "1",
        "dim": "2",
        "critical": "1;31",
        "high": "31",
        "medium": "33",
        "low": "36",
        "info": "2",
        "good": "32",
        "bad": "31",
    }
)


class CommandError(Exception):
    """A command that cannot be carried out as it was given; one sentence."""


def coloured(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a stream shows colours: a terminal, and nobody asked for none (NO_COLOR)."""
    wanted = not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
    return wanted and stream.isatty()


class Style:
    """Text in colour, or plain; never with what could move the cursor."""

    def __init__(self, *, colour: bool) -> None:
        """Decide once for a whole text."""
        self.colour = colour

    def __call__(self, name: str, text: str) -> str:
        """Return a text in the colour of this name."""
        return f"\x1b[{_CODES[name]}m{text}\x1b[0m" if self.colour else text


def plain(text: str) -> str:
    """Return a text from a design without what a terminal would obey, on one line."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def wrapped(text: str, indent: str = "") -> Iterable[str]:
    """Break a paragraph into lines that fit the terminal."""
    width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    return textwrap.wrap(
        plain(text),
        max(width, len(indent) + 30),
        initial_indent=indent,
        subsequent_indent=indent,
        break_on_hyphens=False,
    )


def deliver(content: str | bytes, output: Path | None) -> None:
    """Write a result into a file, whole or not at all; to stdout without one or for `-`.

    Raises:
        CommandError: the file cannot be written.
    """
    if output is None or str(output) == "-":
        _to_stdout(content)
        return
    from app.storage.files import write_whole

    data = content if isinstance(content, bytes) else content.encode()
    try:
        write_whole(output, data)
    except OSError as error:
        message = f"{output}: cannot be written: {error.strerror or error}"
        raise CommandError(message) from None


def _to_stdout(content: str | bytes) -> None:
    if isinstance(content, bytes):
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(content)


def tell(message: str) -> None:
    """Say something on stderr that is no part of the result."""
    print(plain(message), file=sys.stderr)
