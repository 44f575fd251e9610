"""Design ⇄ bytes: deterministic JSON, one element to a line, so that git diffs can be read.

Every field is written, defaults too: a file says what the design is, whatever a later release
takes for a default, and the same design is always the same bytes.
"""

from collections.abc import Iterable, Mapping
from operator import methodcaller
from typing import Any, NamedTuple

import orjson

from app.model.design import TABLES, Design
from app.model.errors import DesignError
from app.storage.errors import FileError
from app.storage.migrations import VERSION, migrate
from app.storage.parsing import FORMAT, parse

_KEYS = frozenset(("format", "version", "name", "team_rules", *TABLES))
_OPTIONAL = frozenset(("rules",))  # most designs have none, and files from before know none


def dump(design: Design) -> bytes:
    """Return the file of a design: UTF-8, final newline, elements in natural order of ids.

    What the last call wrote is not encoded again where it is the same object, which cannot have
    changed: a save takes the time of what was edited.
    """
    head = {"format": FORMAT, "version": VERSION, "name": design.name}
    if design.team_rules:
        head["team_rules"] = design.team_rules
    entries = [b'"%b": %b' % (key.encode(), orjson.dumps(value)) for key, value in head.items()]
    tables = {name: getattr(design, name) for name in TABLES}
    entries += [_table(name, held) for name, held in tables.items()
                if held or name not in _OPTIONAL]  # fmt: skip
    return b"{\n" + b",\n".join(entries) + b"\n}\n"


class _Written(NamedTuple):
    """One table as the last dump wrote it: its elements, the line of each, and all of it."""

    elements: Mapping[str, object]
    lines: dict[str, bytes]
    text: bytes


_written: dict[str, _Written] = {}
_NOTHING = _Written({}, {}, b"")


def _table(name: str, elements: Mapping[str, object]) -> bytes:
    last = _written.get(name, _NOTHING)
    if last.elements is elements:
        return last.text
    ordered = natural_order(elements)
    before = last.elements
    fresh = [key for key in ordered if before.get(key) is not elements[key]]
    encoded = dict(zip(fresh, _lines(fresh, elements), strict=True))
    lines = {key: encoded.get(key) or last.lines[key] for key in ordered}
    inner = b",\n".join(lines.values())
    text = b'"%b": {%b}' % (name.encode(), b"\n%b\n" % inner if inner else b"")
    _written[name] = _Written(elements, lines, text)
    return text


_BREAK = orjson.Fragment(b"\n")


def _lines(keys: list[str], elements: Mapping[str, object]) -> list[bytes]:
    """Encode some elements in one call, which takes half the time of a call for each.

    Between them stands a line break, which no text inside them can hold: JSON escapes it.
    """
    if not keys:
        return []
    items: list[object] = [_BREAK] * (2 * len(keys) - 1)
    items[::2] = [vars(elements[key]) for key in keys]
    fields = orjson.dumps(items, dict, orjson.OPT_SORT_KEYS)[1:-1].split(b",\n,")
    return [b"%b: %b" % (orjson.dumps(key), text) for key, text in zip(keys, fields, strict=True)]


_stem = methodcaller("rstrip", "0123456789")


def natural_order(keys: Iterable[str]) -> list[str]:
    """Sort ids as people count: web-2 before web-10.

    By what stands before the last number, then by length, then by letters: three sorts with keys
    that need no Python code are five times as fast as one that splits each id.
    """
    ordered = sorted(keys)
    ordered.sort(key=len)
    ordered.sort(key=_stem)
    return ordered


def load(data: bytes) -> Design:
    """Read a file, of this version of the format or an older one.

    Raises:
        FileError: one sentence says what is wrong, and where in the file.
    """
    document = parse(data)
    document = migrate(document, _version(document))
    unknown = next((key for key in document if key not in _KEYS), None)
    if unknown is not None:
        message = "a design has no such part"
        raise FileError(message, unknown)
    name, team_rules = document.get("name"), document.get("team_rules", "")
    if not isinstance(name, str):
        message = "expected text" if "name" in document else "is missing"
        raise FileError(message, "name")
    if not isinstance(team_rules, str):
        message = "expected text"
        raise FileError(message, "team_rules")
    from app.storage.shape import elements

    tables = {table: elements(table, document.get(table, {})) for table in TABLES}
    try:
        return Design(name=name, team_rules=team_rules, **tables)
    except DesignError as error:
        where, _, sentence = str(error).partition(": ")
        raise FileError(sentence, where) from None


def _version(document: Mapping[str, Any]) -> int:
    version = document.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 0:
        message = "expected the number of a version of the format, such as 1"
        raise FileError(message, "version")
    if version > VERSION:
        message = (
            f"This design was saved by a newer Loadpath (format {version}; this one reads up to "
            f"{VERSION}): update Loadpath to open it."
        )
        raise FileError(message)
    return version


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a design file, with the help of each field."""
    from app.storage.shape import schema

    return schema()
