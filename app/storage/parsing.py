"""From bytes to plain dictionaries: JSON (RFC 8259), read strictly and within limits."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any, NoReturn

from app.storage.errors import FileError

FORMAT = "loadpath design"
LARGEST_MEGABYTES = 64
MOST_VALUES = 2_000_000
_LONGEST_INTEGER = 18  # digits; all of these fit into 64 bits
_MARK = f'"{FORMAT}"'.encode()
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Unreadable:
    """Stands where the file holds a number that nobody can reckon with; `text` as written."""

    def __init__(self, text: str) -> None:
        """Keep enough of the text to name it."""
        self.text = text if len(text) <= _LONGEST_INTEGER else f"{text[:_LONGEST_INTEGER]}…"


def parse(data: bytes) -> dict[str, Any]:
    """Read a JSON object that calls itself a Loadpath design.

    Raises:
        FileError: it is too large, cut off, no JSON, no design, or names a key twice.
    """
    _check_size(data)
    if _MARK not in data:
        _refuse_foreign()
    _check_count(data)
    document = _decode(_text(data.removeprefix(_BYTE_ORDER_MARK)))
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        _refuse_foreign()
    return document


def _refuse_foreign() -> NoReturn:
    """Refuse a file that is something else."""
    message = f'This is not a Loadpath design: it does not say "format": "{FORMAT}".'
    raise FileError(message)


def _check_size(data: bytes) -> None:
    if not data:
        message = "The file is empty."
        raise FileError(message)
    if len(data) > LARGEST_MEGABYTES << 20:
        message = f"The file is larger than {LARGEST_MEGABYTES} MB, which no design is."
        raise FileError(message)


def _check_count(data: bytes) -> None:
    # What a file of brackets and commas unfolds to in memory is a hundred times its size.
    if sum(map(data.count, (b",", b"[", b"{"))) > MOST_VALUES:
        message = f"The file holds more than {MOST_VALUES:,} values, which no design does."
        raise FileError(message)


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"Line {line} is no UTF-8 text: byte 0x{data[error.start]:02x} does not belong."
        raise FileError(message) from None


def _decode(text: str) -> Any:
    doubles: list[tuple[dict[str, Any], str]] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        table = dict(pairs)
        if len(table) != len(pairs):
            key, _ = Counter(key for key, _ in pairs).most_common(1)[0]
            doubles.append((table, key))
        return table

    try:
        document = json.loads(
            text,
            object_pairs_hook=unique,
            parse_constant=Unreadable,
            parse_float=_number,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        raise _no_json(text, error) from None
    except RecursionError:
        message = "The file is no design: brackets are nested too deeply in it."
        raise FileError(message) from None
    if doubles:
        _refuse_double(document, *doubles[-1])
    return document


def _refuse_double(document: Any, holder: dict[str, Any], key: str) -> NoReturn:
    # The last object with a double was closed last, so nothing around it dropped it.
    where = next(path for path, value in walk("", document) if value is holder)
    message = "this key is there twice"
    raise FileError(message, join(where, key))


def _number(text: str) -> "float | Unreadable":
    number = float(text)
    return number if math.isfinite(number) else Unreadable(text)


def _integer(text: str) -> "int | Unreadable":
    return int(text) if len(text) <= _LONGEST_INTEGER else Unreadable(text)


def _no_json(text: str, error: json.JSONDecodeError) -> FileError:
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated"):
        last = text.count("\n") + 1
        return FileError(f"The file ends in line {last}, before the design does: it was cut off.")
    place = f"Line {error.lineno}, column {error.colno}"
    return FileError(f"{place} is no JSON: {error.msg[:1].lower()}{error.msg[1:]}.")


def join(where: str, key: str | int) -> str:
    """Return the path of what a path holds under a key."""
    return f"{where}.{key}" if where else str(key)


def walk(where: str, document: Any) -> Iterator[tuple[str, Any]]:
    """Yield every value with its path, in the order of the file, whatever the depth."""
    todo = [(where, document)]
    while todo:
        path, value = todo.pop()
        yield path, value
        todo.extend((join(path, key), item) for key, item in reversed(_inside(value)))


def _inside(value: Any) -> list[tuple[str | int, Any]]:
    if isinstance(value, dict):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list) else []
