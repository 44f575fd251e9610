"""Requirements as text: what they mean, how they are written, what is wrong with them and where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.expressions import (
    ALWAYS,
    AtLeast,
    ExpressionError,
    Need,
    Reach,
    Requirement,
    all_of,
    any_of,
    check_expression,
    needs,
    parse,
    parts,
    reaches,
    renamed,
    write,
)
from tests.strategies import requirements

A, B, C = Need("a"), Need("b"), Need("c")
IDS = st.sampled_from(["a", "b-1", "web_server-22"])


def up(requirement: Requirement, working: set[str]) -> bool:
    """Whether a requirement holds when these parts work."""
    if isinstance(requirement, Need):
        return requirement.component in working
    if isinstance(requirement, Reach):
        return working.issuperset(requirement.parts)
    return sum(up(item, working) for item in requirement.items) >= requirement.count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", A),
        ("a.read", Need("a", "read")),
        ("true", ALWAYS),
        ("a and b", AtLeast(2, (A, B))),
        ("a or b", AtLeast(1, (A, B))),
        ("a and b or c", AtLeast(1, (AtLeast(2, (A, B)), C))),
        ("a and (b or c)", AtLeast(2, (A, AtLeast(1, (B, C))))),
        ("2 of (a, b, c)", AtLeast(2, (A, B, C))),
        ("1 of (a)", AtLeast(1, (A,))),
        ("reach(a, b)", Reach(("a", "b"))),
        ("reach (a,b , c)", Reach(("a", "b", "c"))),
        ("reach(a -> b, c)", Reach(("a", "b", "c"), directed=True)),
        ("reach(a->b)", Reach(("a", "b"), directed=True)),
        ("reach", Need("reach")),
        ("reach and a", AtLeast(2, (Need("reach"), A))),
        ("a or 2 of (reach(a, b), c)", AtLeast(1, (A, AtLeast(2, (Reach(("a", "b")), C))))),
        (" ( ( a ) ) ", A),
        ("web-1 and\n\tweb_2.alive", AtLeast(2, (Need("web-1"), Need("web_2", "alive")))),
    ],
)
def test_an_expression_means_what_it_says(text: str, expected: Requirement) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "why", "position"),
    [
        ("", "expected the id of a part", 0),
        ("a and", "expected the id of a part", 5),
        ("a and or b", "expected the id of a part", 6),
        ("a b", "'b' is not expected", 2),
        ("a  ! b", "'!' is not expected", 3),
        ("a & b", "'&' is not expected", 2),
        ("Web", "'W' is not expected", 0),
        ("(a or b", "expected ')'", 7),
        ("a)", "')' is not expected", 1),
        ("a or 0 of (a)", "0 is no number of parts", 5),
        ("9999999 of (a)", "9999999 is no number of parts", 0),
        ("2 (a, b)", "expected 'of'", 2),
        ("2 of a", "expected '('", 5),
        ("not a", "'a' is not expected", 4),
        ("reach()", "expected the id of a part", 6),
        ("reach(a)", "reach needs two parts or more", 7),
        ("reach(a", "expected ')'", 7),
        ("reach(a, )", "expected the id of a part", 9),
        ("reach(a, 2)", "expected the id of a part", 9),
        ("reach(a, (b))", "expected the id of a part", 9),
        ("reach(a, b.read)", "reach takes whole parts", 10),
        ("reach(a, b, a)", "'a' is named twice", 12),
        ("reach(a -> b -> c)", "expected ')'", 13),
        ("reach(a, b -> c)", "expected ')'", 11),
        ("a -> b", "'->' is not expected", 2),
        ("a - b", "'-' is not expected", 2),
        ("-> b", "expected the id of a part", 0),
        ("(" * 61 + "a" + ")" * 61, "more than 60 brackets inside each other", 61),
        ("a" * 20_001, "an expression has at most 20000 characters", 20_000),
    ],
)
def test_a_fault_is_named_with_its_place(text: str, why: str, position: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        parse(text)
    assert (raised.value.why, raised.value.position) == (why, position)


def test_a_fault_in_a_field_names_the_field() -> None:
    with pytest.raises(ExpressionError, match=r"^requires\.read: expected .* at character 1$"):
        check_expression("requires.read", "and")


def test_a_long_chain_is_read_in_one_pass() -> None:
    text = " or ".join(f"web-{number}" for number in range(1_700))
    assert len(parts(text)) == 1_700


@given(requirements(IDS))
def test_what_is_written_is_read_back(requirement: Requirement) -> None:
    assert parse(write(requirement)) == requirement


@given(st.text(alphabet="ab12 ().,-_ofandrtue", max_size=40))
def test_reading_gives_a_requirement_or_an_expression_error(text: str) -> None:
    place = -1
    try:
        found = parse(text)
    except ExpressionError as error:
        place = error.position
    if place == -1:
        assert parse(write(found)) == found
    else:
        assert 0 <= place <= len(text)


@given(requirements(IDS), st.sets(IDS))
def test_a_part_more_never_hurts(requirement: Requirement, working: set[str]) -> None:
    for part in ("a", "b-1", "web_server-22"):
        assert up(requirement, working) <= up(requirement, working | {part})


def test_the_parts_of_an_expression_are_its_ids() -> None:
    assert parts("2 of (a, b.read, true) and a.write") == {"a", "b"}
    assert parts("a or reach(b, c) or reach(c -> d)") == {"a", "b", "c", "d"}
    assert needs("reach(b, c)") == {Need("b", "alive"), Need("c", "alive")}
    assert reaches("a or 2 of (reach(b, c), d)") == {Reach(("b", "c"))}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a", ""),
        ("a and b", "b"),
        ("a or b or c", "b or c"),
        ("a and b and c", "b and c"),
        ("2 of (a, b, c)", "b and c"),
        ("2 of (a, b, c, d)", "2 of (b, c, d)"),
        ("(a and a) or b", "b"),
        ("true", "true"),
        ("b.read", "b.read"),
        ("reach(a, b)", "b.alive"),
        ("reach(a, b, c)", "reach(b, c)"),
        ("reach(b -> a, c)", "reach(b -> c)"),
        ("reach(a -> b, c)", "b.alive and c.alive"),
    ],
)
def test_a_part_that_is_gone_is_left_out(text: str, expected: str) -> None:
    assert renamed(text, lambda name: None if name == "a" else name) == expected


def test_parts_that_become_one_have_no_one_to_reach() -> None:
    assert renamed("reach(a, b)", lambda _: "c") == "c.alive"
    assert renamed("reach(a, b)", lambda _: None) == ""


@given(requirements(IDS))
def test_new_names_leave_the_structure(requirement: Requirement) -> None:
    text = write(requirement)
    there = renamed(text, lambda name: f"x-{name}")
    assert parts(there) == {f"x-{name}" for name in parts(text)}
    assert renamed(there, lambda name: name.removeprefix("x-")) == text


def test_all_and_any_of_one_are_that_one() -> None:
    assert all_of(A) == any_of(A) == A
