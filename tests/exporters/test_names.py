"""Names are safe in every syntax that an export writes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporters.plan.names import (
    LONGEST,
    RESERVED,
    Names,
    is_host_name,
    is_image,
    natural,
    slug,
    variable,
)

SAFE = re.compile(r"[a-z](?:-?[a-z0-9])*")


@given(st.text())
def test_a_slug_is_a_host_name_a_key_and_a_variable(name: str) -> None:
    found = slug(name, "part")
    assert SAFE.fullmatch(found)
    assert len(found) <= LONGEST
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", variable(found))


@given(st.lists(st.text(max_size=60), max_size=30))
def test_each_name_is_given_out_once_and_none_is_reserved(wanted: list[str]) -> None:
    names = Names()
    found = [names.claim(name) for name in wanted]
    assert len(set(found)) == len(found)
    assert RESERVED.isdisjoint(found)
    assert all(SAFE.fullmatch(name) and len(name) <= LONGEST for name in found)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Web 1", "web-1"), ("Zürich", "zurich"), ("数据库", "db"), ("1st", "db-1st"),
     ("a__b", "a-b"), ("-x-", "x")],
)  # fmt: skip
def test_a_slug_keeps_what_is_readable(name: str, expected: str) -> None:
    assert slug(name, "db") == expected


@pytest.mark.parametrize("word", ["null", "NULL", "true", "Yes", "off"])
def test_no_name_is_a_value_of_yaml(word: str) -> None:
    assert Names().claim(word) == f"{word.lower()}-2"


def test_numbers_sort_as_numbers() -> None:
    assert sorted(["db-10", "db-2", "app"], key=natural) == ["app", "db-2", "db-10"]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("www.example.com", True), ("*.example.com", True), ("WEB-1.internal", True),
     ("a b", False), ("-x.com", False), ("x" * 254, False), ("", False), ("a\n", False)],
)  # fmt: skip
def test_only_host_names_stand_in_a_certificate(text: str, *, is_one: bool) -> None:
    assert is_host_name(text) is is_one


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("nginx:1.30", True), ("ghcr.io/a/b:v1", True), ("localhost:5000/x:1", True),
     ("nginx", False), ("nginx:latest", False), ("nginx: 1", False), ("$x:1", False),
     ("nginx:1\n", False)],
)  # fmt: skip
def test_only_pinned_images_are_run(text: str, *, is_one: bool) -> None:
    assert is_image(text) is is_one
