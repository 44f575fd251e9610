"""Design ⇄ bytes: deterministic JSON, one element to a line, so that git diffs can be read.

Every field is written, defaults too: a file says what the design is, whatever a later release
takes for a default, and the same design is always the same bytes.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any

import orjson

from app.model.design import Design
from app.model.errors import DesignError
from app.model.fields import fields_of
from app.storage.errors import FileError
from app.storage.migrations import VERSION, migrate
from app.storage.parsing import FORMAT, parse

TABLES = ("components", "links", "flows", "waivers", "layout")
_KEYS = frozenset(("format", "version", "name", *TABLES))
_DIGITS = re.compile(r"([0-9]+)")


def dump(design: Design) -> bytes:
    """Return the file of a design: UTF-8, final newline, elements in natural order of ids."""
    head = {"format": FORMAT, "version": VERSION, "name": design.name}
    entries = [f"{orjson.dumps(key).decode()}: ".encode() + orjson.dumps(value)
               for key, value in head.items()]  # fmt: skip
    entries += [_table(name, getattr(design, name)) for name in TABLES]
    return b"{\n" + b",\n".join(entries) + b"\n}\n"


def _table(name: str, elements: Mapping[str, Any]) -> bytes:
    if not elements:
        return b'"%s": {}' % name.encode()
    lines = [
        orjson.dumps(key) + b": " + _element(elements[key])
        for key in sorted(elements, key=natural_order)
    ]
    return b'"%s": {\n%s\n}' % (name.encode(), b",\n".join(lines))


def _element(element: object) -> bytes:
    cls: type = type(element)
    names, values = _reader(cls)
    fields = dict(zip(names, values(element), strict=True))
    return orjson.dumps(fields, default=dict, option=orjson.OPT_SORT_KEYS)


@cache
def _reader(cls: type) -> tuple[tuple[str, ...], Callable[[object], tuple[Any, ...]]]:
    names = tuple(sorted(facts.name for facts in fields_of(cls)))
    return names, attrgetter(*names)


def natural_order(key: str) -> tuple[Any, ...]:
    """Return what to sort ids by, so that web-2 comes before web-10."""
    parts: list[Any] = _DIGITS.split(key)
    parts[1::2] = map(int, parts[1::2])
    return *parts, key


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
    name = document.get("name")
    if not isinstance(name, str):
        message = "expected text" if "name" in document else "is missing"
        raise FileError(message, "name")
    from app.storage.shape import elements

    tables = {table: elements(table, document.get(table, {})) for table in TABLES}
    try:
        return Design(name=name, **tables)
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
