"""Files of older versions: each one that was ever written opens for ever."""

from pathlib import Path
from typing import Any

import pytest

from app.model.links import Place
from app.model.traffic import LoadBalancer
from app.storage.codec import dump, load
from app.storage.errors import FileError
from app.storage.migrations import MIGRATIONS, VERSION, migrate

OLD = sorted((Path(__file__).parent / "old").glob("v*.json"))


def test_there_is_a_frozen_file_of_each_version_before_this() -> None:
    assert {path.name.split("-")[0] for path in OLD} == {f"v{number}" for number in range(VERSION)}


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.name)
def test_a_frozen_file_opens_and_is_saved_in_the_form_of_today(path: Path) -> None:
    design = load(path.read_bytes())
    assert f'"version": {VERSION}'.encode() in dump(design)
    assert load(dump(design)) == design


def test_version_0_kept_places_in_components_and_called_ends_from_and_to() -> None:
    design = load((Path(__file__).parent / "old" / "v0-shop.json").read_bytes())
    assert design.layout["lb-1"] == Place(x=312.5, y=48)
    assert "server-1" not in design.layout
    assert (design.links["link-2"].source, design.links["link-2"].target) == ("lb-1", "web-1")
    balancer = design.components["lb-1"]
    assert isinstance(balancer, LoadBalancer)
    assert balancer.algorithm == "leastconn"
    assert design.waivers["SPOF001@lb-1"].by == "Ada"


def test_a_fault_in_an_old_file_is_named_in_the_words_of_today() -> None:
    data = b'{"format": "loadpath design", "version": 0, "name": "x", "links": {"l": {"to": "a"}}}'
    with pytest.raises(FileError, match=r"^links\.l\.source: is missing"):
        load(data)


@pytest.mark.parametrize(
    "document",
    [{}, {"components": 3, "links": []}, {"components": {"a": 3}, "links": {"b": None}}],
)
def test_a_migration_leaves_what_it_does_not_understand(document: dict[str, Any]) -> None:
    after = migrate(document, 0)
    assert {key: after[key] for key in document} == document


def test_a_document_of_today_is_left_alone() -> None:
    document = {"links": {"b": {"from": "x"}}}
    assert migrate(document, len(MIGRATIONS)) is document
