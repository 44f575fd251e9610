"""What each element of a file looks like: validation and JSON Schema, by pydantic.

The only module that imports pydantic. It takes a tenth of a second to load, so it is imported
when the first file is opened and not before.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, NoReturn

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from app.model.errors import DesignError
from app.model.fields import FieldFacts, fields_of
from app.model.invariants import ID, LONGEST_ID
from app.model.kinds import KINDS, AnyComponent
from app.model.links import Flow, Link, Place, Waiver
from app.model.rule_settings import RuleSettings
from app.storage.errors import FileError
from app.storage.migrations import VERSION
from app.storage.parsing import FORMAT, Unreadable, join, walk

LARGEST_ELEMENT = 1 << 20  # bytes
_DEEPEST = 20
_LONGEST_SHOWN = 40  # characters of a wrong value
_AnyKind = Annotated[AnyComponent, Field(discriminator="kind")]
_ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "components": TypeAdapter(_AnyKind),
    "links": TypeAdapter(Link),
    "flows": TypeAdapter(Flow),
    "waivers": TypeAdapter(Waiver),
    "rules": TypeAdapter(RuleSettings),
    "layout": TypeAdapter(Place),
}


def elements(table: str, content: Any) -> dict[str, Any]:
    """Return the components, links … of one table of the file, by their ids.

    Raises:
        FileError: an element is not what it must be; names its place.
    """
    if not isinstance(content, dict):
        _refuse(table, f"expected a table of {table}, found {_shown(content)}")
    adapter = _ADAPTERS[table]
    return {key: _element(adapter, join(table, key), item) for key, item in content.items()}


def _element(adapter: TypeAdapter[Any], where: str, content: Any) -> Any:
    try:
        text = orjson.dumps(content)
    except orjson.JSONEncodeError:
        _refuse(*_fault(where, content))
    if len(text) > LARGEST_ELEMENT:
        _refuse(where, f"larger than {LARGEST_ELEMENT >> 20} MB, which no part of a design is")
    try:
        return adapter.validate_json(text, strict=True, extra="forbid")
    except ValidationError as error:
        raise _plain(where, error) from None


def _refuse(where: str, sentence: str) -> NoReturn:
    raise FileError(sentence, where)


def _fault(where: str, content: Any) -> tuple[str, str]:
    """Find what keeps plain JSON from holding an element."""
    deepest = where.count(".") + _DEEPEST
    found = ((path, _fault_of(path, value, deepest)) for path, value in walk(where, content))
    path, sentence = next((pair for pair in found if pair[1]), (where, _FIXED["json_invalid"]))
    return (where if sentence == _FIXED["json_invalid"] else path), sentence


def _fault_of(path: str, value: Any, deepest: int) -> str:
    if isinstance(value, Unreadable):
        return f"{value.text} is not a number to reckon with"
    if _broken(path) or (isinstance(value, str) and _broken(value)):
        return "holds half of a surrogate pair, which is no character"
    return _FIXED["json_invalid"] if path.count(".") > deepest else ""


def _broken(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def _plain(where: str, error: ValidationError) -> FileError:
    """Say the first of pydantic's complaints in one sentence."""
    first: Mapping[str, Any] = error.errors(include_url=False)[0]
    steps = first["loc"]
    if steps and steps[0] in KINDS:
        steps = steps[1:]  # the member of the union that pydantic chose
    for step in steps:
        where = join(where, step)
    cause = first.get("ctx", {}).get("error")
    if isinstance(cause, DesignError):
        field, _, sentence = str(cause).partition(": ")
        return FileError(sentence, join(where, field))
    return FileError(_sentence(first), where)


def _sentence(complaint: Mapping[str, Any]) -> str:
    kind, context = complaint["type"], complaint.get("ctx", {})
    if kind in _FIXED:
        return _FIXED[kind]
    found = _shown(complaint["input"])
    if kind == "literal_error":
        return f"expected {context['expected']}, found {found}"
    if kind == "union_tag_invalid":
        return f"there is no kind of component called {_shown(context['tag'])}"
    return f"expected {_EXPECTED.get(kind, 'something else')}, found {found}"


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a table",
    "mapping_type": "a table",
    "dataclass_type": "a table",
}
_FIXED = {
    "missing": "is missing",
    "unexpected_keyword_argument": "there is no such field",
    "union_tag_not_found": "the kind is missing",
    "json_invalid": "brackets are nested too deeply",
}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, Unreadable):
        return value.text
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


@dataclass(frozen=True, kw_only=True)
class _File:
    """A design of Loadpath."""

    format: Literal["loadpath design"]
    version: Annotated[int, Field(ge=VERSION, le=VERSION)]
    name: Annotated[str, Field(min_length=1, max_length=200, description="What the design is")]
    components: Annotated[Mapping[str, _AnyKind], Field(description="The parts, by their ids")]
    links: Annotated[Mapping[str, Link], Field(description="Who opens connections to whom")]
    flows: Annotated[Mapping[str, Flow], Field(description="What users do")]
    waivers: Annotated[
        Mapping[str, Waiver], Field(description="Findings that are accepted, by their keys")
    ]
    rules: Annotated[
        Mapping[str, RuleSettings], Field(description="How rules judge here, by their ids")
    ] = field(default_factory=dict)
    team_rules: Annotated[
        str, Field(description="A Python file with rules of your own, beside the design")
    ] = ""
    layout: Annotated[Mapping[str, Place], Field(description="Where each part is drawn")]


_DESCRIBED: dict[str, Any] = {
    cls.__name__: cls for cls in (*KINDS.values(), Link, Flow, Waiver, RuleSettings, Place)
}


def _limits(facts: FieldFacts) -> dict[str, float | None]:
    return {
        "minimum": facts.minimum,
        "maximum": facts.maximum,
        "exclusiveMinimum": facts.exclusive_minimum,
        "minLength": facts.min_length or None,
        "maxLength": facts.max_length,
    }


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a design file, with the help of each field."""
    made = TypeAdapter(_File).json_schema()
    for name, definition in made["$defs"].items():
        definition["additionalProperties"] = False
        for facts in fields_of(_DESCRIBED[name]):
            unit = f" ({facts.unit})" if facts.unit not in ("", "id") else ""
            told = {"title": facts.label, "description": f"{facts.meaning}{unit}"}
            described = definition["properties"][facts.name]
            described |= {key: text for key, text in told.items() if text}
            choices = described.get("anyOf", [described])  # the other one is null
            choices[0] |= {key: limit for key, limit in _limits(facts).items() if limit is not None}
    ids = {"pattern": f"^{ID.pattern}$", "maxLength": LONGEST_ID}
    for table in ("components", "links", "flows", "layout"):
        made["properties"][table]["propertyNames"] = ids
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": FORMAT.capitalize(),
        "additionalProperties": False,
    }
