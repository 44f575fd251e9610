"""The file of a design: what it looks like, and that it says everything."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given

from app.model import edits
from app.model.compute import WebServer
from app.model.design import Design
from app.model.fields import fields_of
from app.model.kinds import KINDS
from app.model.links import Link, Place, Waiver
from app.storage.codec import dump, load, natural_order, schema
from tests.strategies import designs


@pytest.fixture
def shop() -> Design:
    """Two parts, a link and a waiver."""
    design, _ = edits.add(Design(name="Läden"), "client", Place(x=24, y=48.5))
    design, _ = edits.add(design, "web_server", Place(x=240, y=48))
    design, _ = edits.connect(design, "users-1", "web-1", protocol="https")
    return edits.waive(design, 'SPOF001@"web-1"', Waiver(reason="a demo"))


@given(designs())
def test_what_is_written_is_read_back(design: Design) -> None:
    assert load(dump(design)) == design


@given(designs())
def test_equal_designs_are_the_same_bytes(design: Design) -> None:
    data = dump(design)
    assert dump(load(data)) == data


@given(designs())
def test_a_file_holds_to_the_schema(design: Design) -> None:
    validator.validate(json.loads(dump(design)))


def test_a_design_with_its_parts_in_another_order_is_the_same_bytes() -> None:
    keys = [f"web-{number}" for number in range(12)]
    forwards = {key: WebServer(name=key) for key in keys}
    backwards = {key: WebServer(name=key) for key in reversed(keys)}
    assert dump(Design(components=forwards)) == dump(Design(components=backwards))


def test_each_element_stands_on_a_line_of_its_own(shop: Design) -> None:
    lines = dump(shop).decode().splitlines()
    assert lines[:5] == [
        "{",
        '"format": "loadpath design",',
        '"version": 1,',
        '"name": "Läden",',
        '"components": {',
    ]
    assert lines[5] == (
        '"users-1": {"availability":null,"description":"","kind":"client","mtbf_hours":null,'
        '"mttr_hours":null,"name":"users-1","parent":null,"requires":{}},'
    )
    assert lines[-5:] == [
        '"layout": {',
        '"users-1": {"height":null,"width":null,"x":24.0,"y":48.5},',
        '"web-1": {"height":null,"width":null,"x":240.0,"y":48.0}',
        "}",
        "}",
    ]


def test_the_file_ends_with_a_newline_and_is_json(shop: Design) -> None:
    data = dump(shop)
    assert data.endswith(b"}\n")
    assert list(json.loads(data)) == [
        "format", "version", "name", "components", "links", "flows", "waivers", "layout",
    ]  # fmt: skip


def test_one_edit_changes_one_line(shop: Design) -> None:
    before = dump(shop).splitlines()
    after = dump(edits.set_fields(shop, "web-1", name="Front")).splitlines()
    assert len(set(after) - set(before)) == 1


def test_an_empty_design_has_its_tables() -> None:
    assert b'"components": {},\n"links": {},' in dump(Design())


def test_a_save_after_an_edit_writes_what_is_now(shop: Design) -> None:
    dump(shop)
    moved = edits.move(shop, {"web-1": Place(x=1)})
    swapped = Design(components={"a": moved.components["web-1"], "b": moved.components["users-1"]})
    assert load(dump(moved)) == moved
    assert load(dump(swapped)) == swapped
    assert load(dump(shop)) == shop


def test_one_place_for_two_parts_is_written_under_both_ids() -> None:
    place = Place(x=1)
    components = {key: WebServer(name=key) for key in ("a", "b")}
    design = Design(components=components, layout={"a": place, "b": place})
    dump(Design(components=components, layout={"a": place}))
    assert load(dump(design)) == design


def test_ids_are_sorted_as_people_count() -> None:
    assert natural_order({"web-10", "web-2", "web", "web-1", "app-3", "web-1b"}) == [
        "app-3", "web", "web-1", "web-2", "web-10", "web-1b",
    ]  # fmt: skip


def test_a_byte_order_mark_is_no_fault(shop: Design) -> None:
    assert load(b"\xef\xbb\xbf" + dump(shop)) == shop


def test_a_file_may_leave_out_what_has_a_default(shop: Design) -> None:
    data = b"""{"format": "loadpath design", "version": 1, "name": "Small",
        "components": {"web-1": {"kind": "web_server", "name": "w"},
                       "web-2": {"kind": "web_server", "name": "w"}},
        "links": {"link-1": {"source": "web-1", "target": "web-2"}}}"""
    parts = {"web-1": WebServer(name="w"), "web-2": WebServer(name="w")}
    links = {"link-1": Link(source="web-1", target="web-2")}
    assert load(data) == Design(name="Small", components=parts, links=links)


SCHEMA = schema()
validator = jsonschema.Draft202012Validator(SCHEMA)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("cls", [*KINDS.values(), Link], ids=lambda cls: cls.__name__)
def test_the_schema_carries_the_help_of_each_field(cls: type) -> None:
    properties = SCHEMA["$defs"][cls.__name__]["properties"]
    for facts in fields_of(cls):
        assert properties[facts.name].get("description", "").startswith(facts.help)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 2},
        {"name": ""},
        {"colour": "red"},
        {"components": {"Web 1": {"kind": "web_server", "name": "w"}}},
        {"components": {"web-1": {"kind": "toaster", "name": "w"}}},
        {"components": {"web-1": {"kind": "web_server", "name": "w", "wheels": 4}}},
        {"links": {"link-1": {"source": "a"}}},
    ],
)
def test_the_schema_refuses_what_the_program_refuses(shop: Design, change: dict[str, Any]) -> None:
    document = json.loads(dump(shop)) | change
    assert not validator.is_valid(document)
