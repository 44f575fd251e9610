"""What is known about a field of a component, link or flow: its help, unit, range and choices.

A field is declared once, as an annotated dataclass field. The property form, the documentation of
the kinds, the JSON Schema and the check at construction all read it from here.
"""

import dataclasses
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple

from app.model.errors import DesignError


class Help(NamedTuple):
    """What a field means, for a person; `unit` is written behind the value."""

    text: str
    unit: str = ""
    label: str = ""


class Range(NamedTuple):
    """The numbers that a field may hold, bounds included; `above` excludes its bound."""

    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None


class Length(NamedTuple):
    """How many characters a text may have."""

    maximum: int | None = None
    minimum: int = 0


class Where(NamedTuple):
    """A field counts only where another field of the same element, a choice, has such a value."""

    field: str
    values: tuple[str, ...]


LONG_TEXT = 2_000  # characters; a text that may be as long as this may have several lines
_LARGEST = 1e15  # a float still tells all whole numbers up to here apart
# The characters that neither XML 1.0 nor a terminal can hold, and line breaks of all sorts.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
ValueType = Literal[
    "text", "integer", "number", "choice", "flag", "id", "ids", "mapping", "numbers"
]


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """One field of a dataclass as the rest of the program sees it."""

    name: str
    label: str
    help: str
    unit: str
    type: ValueType
    optional: bool
    default: Any
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = None
    max_length: int | None = None
    min_length: int = 0
    where: Where | None = None

    @property
    def meaning(self) -> str:
        """The help, and where the field counts, if that is not everywhere."""
        if self.where is None:
            return self.help
        values = " or ".join(f"`{value}`" for value in self.where.values)
        return f"{self.help}; counts where `{self.where.field}` is {values}"

    def counts(self, element: object) -> bool:
        """Whether the field means something for an element, as that is now."""
        return self.where is None or getattr(element, self.where.field) in self.where.values

    @property
    def multiline(self) -> bool:
        """Whether a text may have several lines."""
        return self.max_length is not None and self.max_length >= LONG_TEXT


def fields_of(cls: type) -> tuple[FieldFacts, ...]:
    """Return the facts of each field of a model dataclass, in the order of declaration."""
    return _fields_of(cls)


@cache
def _fields_of(cls: type) -> tuple[FieldFacts, ...]:
    hints = typing.get_type_hints(cls, include_extras=True)
    return tuple(
        _facts(field, hints[field.name]) for field in dataclasses.fields(cls) if field.init
    )


def field_of(cls: type, name: str) -> FieldFacts:
    """Return the facts of one field.

    Raises:
        DesignError: the dataclass has no such field.
    """
    for facts in fields_of(cls):
        if facts.name == name:
            return facts
    message = f"{cls.__name__} has no field {name!r}"
    raise DesignError(message)


def _facts(field: "dataclasses.Field[Any]", hint: Any) -> FieldFacts:
    plain, metadata = _unwrap(hint)
    optional = False
    if isinstance(plain, types.UnionType) or typing.get_origin(plain) is typing.Union:
        parts = [part for part in typing.get_args(plain) if part is not type(None)]
        optional = True
        plain, inner = _unwrap(parts[0])
        metadata += inner
    choices = typing.get_args(plain) if typing.get_origin(plain) is Literal else ()
    told = next((item for item in metadata if isinstance(item, Help)), Help(""))
    limits = next((item for item in metadata if isinstance(item, Range)), Range())
    length = next((item for item in metadata if isinstance(item, Length)), Length())
    return FieldFacts(
        name=field.name,
        label=told.label or field.name.replace("_", " ").capitalize(),
        help=told.text,
        unit=told.unit,
        type=_type_of(plain, told),
        optional=optional,
        default=_default(field),
        choices=tuple(str(choice) for choice in choices),
        minimum=limits.minimum,
        maximum=limits.maximum,
        exclusive_minimum=limits.above,
        max_length=length.maximum,
        min_length=length.minimum,
        where=next((item for item in metadata if isinstance(item, Where)), None),
    )


def _default(field: "dataclasses.Field[Any]") -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return None if field.default is dataclasses.MISSING else field.default


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if typing.get_origin(hint) is typing.Annotated:
        plain, *metadata = typing.get_args(hint)
        return plain, tuple(metadata)
    return hint, ()


def _type_of(plain: Any, told: Help) -> ValueType:
    origin = typing.get_origin(plain)
    if origin is Literal:
        return "choice"
    if origin is tuple:
        return "ids"
    if origin is Mapping:
        return "numbers" if typing.get_args(plain)[1] is float else "mapping"
    if told.unit == "id":
        return "id"
    simple: dict[Any, ValueType] = {bool: "flag", int: "integer", float: "number"}
    return simple.get(plain, "text")


def check_values(value: object) -> None:
    """Check each field of a model dataclass against its declared type, range and choices.

    A number is kept as a float, so that equal values are written alike.

    Raises:
        DesignError: a field holds what it must not; the sentence names the field.
    """
    for facts in fields_of(type(value)):
        content = getattr(value, facts.name)
        if content is None and facts.optional:
            continue
        check_value(facts, content)
        if facts.type == "number" and (type(content) is int or content == 0):
            object.__setattr__(value, facts.name, float(content) + 0.0)  # and no negative zero


def check_value(facts: FieldFacts, content: object) -> None:
    """Check a value against what is declared about a field.

    Raises:
        DesignError: the field must not hold it; the sentence names the field.
    """
    _CHECKS[facts.type](facts, content)


def _refuse(facts: FieldFacts, why: str) -> typing.NoReturn:
    message = f"{facts.name}: {why}"
    raise DesignError(message)


def _check_text(facts: FieldFacts, content: object) -> None:
    if not isinstance(content, str):
        _refuse(facts, f"expected text, found {content!r}")
    if len(content) < facts.min_length or (facts.min_length and not content.strip()):
        _refuse(facts, "must not be empty")
    if facts.max_length is not None and len(content) > facts.max_length:
        _refuse(facts, f"longer than {facts.max_length} characters")
    lines = content.replace("\n", "").replace("\t", "") if facts.multiline else content
    fault = unprintable(lines)
    if fault:
        _refuse(facts, f"holds the character {fault}, which cannot be shown")


def unprintable(text: str) -> str:
    """Return the name, such as U+0007, of the first character that is no text; empty for none."""
    if text.isascii() and text.isprintable():
        return ""
    found = _UNPRINTABLE.search(text)
    return f"U+{ord(found.group()):04X}" if found else ""


def _check_number(facts: FieldFacts, content: object) -> None:
    if isinstance(content, bool) or not isinstance(content, int | float):
        _refuse(facts, f"expected a number, found {content!r}")
    if not -_LARGEST <= content <= _LARGEST:
        _refuse(facts, "this is not a number to reckon with")
    if facts.minimum is not None and content < facts.minimum:
        _refuse(facts, f"{content} is below {facts.minimum:g}")
    if facts.maximum is not None and content > facts.maximum:
        _refuse(facts, f"{content} is above {facts.maximum:g}")
    if facts.exclusive_minimum is not None and content <= facts.exclusive_minimum:
        _refuse(facts, f"{content} is not above {facts.exclusive_minimum:g}")


def _check_integer(facts: FieldFacts, content: object) -> None:
    if isinstance(content, bool) or not isinstance(content, int):
        _refuse(facts, f"expected a whole number, found {content!r}")
    _check_number(facts, content)


def _check_choice(facts: FieldFacts, content: object) -> None:
    if content not in facts.choices:
        _refuse(facts, f"{content!r} is not one of {', '.join(facts.choices)}")


def _check_flag(facts: FieldFacts, content: object) -> None:
    if not isinstance(content, bool):
        _refuse(facts, f"expected true or false, found {content!r}")


def _check_ids(facts: FieldFacts, content: object) -> None:
    if not isinstance(content, tuple):
        _refuse(facts, f"expected a list, found {content!r}")
    for item in content:
        _check_text(facts, item)


def _check_mapping(facts: FieldFacts, content: object) -> None:
    if not isinstance(content, Mapping):
        _refuse(facts, "expected a table of names and texts")
    for key, text in content.items():
        _check_text(facts, key)
        _check_text(facts, text)


def _check_numbers(facts: FieldFacts, content: object) -> None:
    if not isinstance(content, Mapping):
        _refuse(facts, "expected a table of names and numbers")
    for key, number in content.items():
        _check_text(facts, key)
        _check_number(replace(facts, name=f"{facts.name}.{key}"), number)


_CHECKS = {
    "text": _check_text,
    "id": _check_text,
    "integer": _check_integer,
    "number": _check_number,
    "choice": _check_choice,
    "flag": _check_flag,
    "ids": _check_ids,
    "mapping": _check_mapping,
    "numbers": _check_numbers,
}
