"""Text that Markdown shows as it is."""

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~!&$])")
_START = re.compile(r"^(?=[#+=-])|^(\d+)(?=[.)])")


def within_line(text: str) -> str:
    """Return a text as Markdown that shows it and nothing else, within a line."""
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


def one_line(text: str) -> str:
    """Return a text as a line of its own, whose first sign begins no list and no heading."""
    return _START.sub(r"\1\\", within_line(text))
