"""Sizes of what is drawn."""

from hypothesis import given

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds, extent
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, PADDING, TITLE
from app.model.traits import Trait
from tests.strategies import designs


def test_a_card_has_one_size_and_lies_at_its_place() -> None:
    design, key = edits.add(Design(), "web_server", Place(x=5, y=7, width=900, height=900))
    assert bounds(design, key) == (5, 7, CARD_WIDTH, CARD_HEIGHT)


def test_a_part_without_a_place_lies_at_the_origin() -> None:
    design, key = edits.add(Design(), "web_server")
    assert bounds(design, key)[:2] == (0, 0)


def test_a_note_has_the_size_that_it_was_given_or_one_of_its_own() -> None:
    design, key = edits.add(Design(), "note", Place(x=1, y=2))
    assert bounds(design, key) == (1, 2, 188, 96)
    design = edits.move(design, {key: Place(x=1, y=2, width=300, height=40)})
    assert bounds(design, key) == (1, 2, 300, 40)


def test_an_empty_container_has_room_for_a_card() -> None:
    design, key = edits.add(Design(), "server", Place(x=1, y=2))
    assert bounds(design, key) == (1, 2, 220, 104)
    design = edits.move(design, {key: Place(x=1, y=2, width=400, height=300)})
    assert bounds(design, key) == (1, 2, 400, 300)


def test_a_container_fits_what_it_holds() -> None:
    design, server = edits.add(Design(), "server")
    design, _ = edits.add(design, "web_server", Place(x=100, y=100), parent=server)
    design, _ = edits.add(design, "web_server", Place(x=400, y=300), parent=server)
    x, y, width, height = bounds(design, server)
    assert (x, y) == (100 - PADDING, 100 - TITLE - PADDING / 2)
    assert (x + width, y + height) == (400 + CARD_WIDTH + PADDING, 300 + CARD_HEIGHT + PADDING)


def test_a_container_is_never_smaller_than_it_was_made() -> None:
    design, server = edits.add(Design(), "server", Place(x=0, y=0, width=900, height=800))
    design, _ = edits.add(design, "web_server", Place(x=100, y=100), parent=server)
    assert bounds(design, server) == (0, 0, 900, 800)


def test_the_extent_of_nothing_is_empty() -> None:
    assert extent(Design()) == (0, 0, 0, 0)


@given(designs())
def test_a_container_covers_what_it_holds_and_the_extent_covers_all(design: Design) -> None:
    left, top, width, height = extent(design)
    slack = 1e-3
    for key, item in design.components.items():
        x, y, wide, high = bounds(design, key)
        assert left - slack <= x <= x + wide <= left + width + slack
        assert top - slack <= y <= y + high <= top + height + slack
        if item.parent is not None:
            outer_x, outer_y, outer_wide, outer_high = bounds(design, item.parent)
            assert Trait.CONTAINER in design.components[item.parent].traits
            assert outer_x <= x <= x + wide <= outer_x + outer_wide + slack
            assert outer_y <= y <= y + high <= outer_y + outer_high + slack
