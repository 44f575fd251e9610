"""Fixes at the edge of what may be drawn: every place is valid, and lies on nothing."""

import functools
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds, extent
from app.model.links import FARTHEST, Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH
from app.rules import free_place, hardening, watching
from app.rules.registry import Fix
from tests.rules.cases import CASES, names
from tests.rules.drawing import Drawing
from tests.rules.test_proofs import fixes, overlaps

CORNERS = [(-1, -1), (-1, 1), (1, -1), (1, 1)]
_SIDES = st.builds(
    lambda side, inwards: side * (FARTHEST - inwards),
    st.sampled_from((-1, 1)),
    st.just(0.0) | st.floats(0, 600),
)
far_out = st.lists(st.builds(Place, x=_SIDES, y=_SIDES), min_size=1, max_size=8)
# Fewer than of other properties, for there are a hundred cases. The first that fails is shown as it
# is: to make each of them smaller takes minutes.
FEW = settings(
    max_examples=settings.default.max_examples // 5,  # type: ignore[union-attr]  # see conftest
    phases=set(Phase) - {Phase.shrink, Phase.explain},
)


@functools.cache
def offered(case: str) -> tuple[Fix, ...]:
    """The fixes of all findings of a case: what is found does not depend on where parts lie."""
    return tuple(fix for _, fix in fixes(CASES[case]()))


def at(design: Design, places: list[Place]) -> Design:
    """Put the parts of a design at places, in turn."""
    where = {
        key: replace(old, x=place.x, y=place.y)
        for number, (key, old) in enumerate(design.layout.items())
        for place in [places[number % len(places)]]
    }
    return edits.move(design, where)


def in_corner(design: Design, right: int, down: int) -> Design:
    """Move all of a design until its outermost parts are as far out as they may be."""
    left, top, width, height = extent(design)
    width, height = max(width - CARD_WIDTH, 0.0), max(height - CARD_HEIGHT, 0.0)
    dx = FARTHEST - left - width if right > 0 else -FARTHEST - left
    dy = FARTHEST - top - height if down > 0 else -FARTHEST - top
    where = {
        key: replace(place, x=place.x + dx, y=place.y + dy) for key, place in design.layout.items()
    }
    return edits.move(design, where)


@pytest.mark.parametrize("case", names())
@FEW
@given(places=far_out)
def test_every_fix_applies_wherever_the_parts_lie(case: str, places: list[Place]) -> None:
    design = at(CASES[case](), places)

    for fix in offered(case):
        fix.edit(design)


@pytest.mark.parametrize("corner", CORNERS)
@pytest.mark.parametrize("case", names())
def test_in_a_corner_new_parts_lie_on_nothing_as_well(case: str, corner: tuple[int, int]) -> None:
    design = in_corner(CASES[case](), *corner)
    before = overlaps(design)

    for fix in offered(case):
        assert not overlaps(fix.edit(design)) - before, fix.title


def two_cards(y: float = FARTHEST) -> tuple[Drawing, str, str]:
    """Two cards in a row; return their ids."""
    drawing = Drawing()
    one, other = drawing.part("service"), drawing.part("service")
    drawing.design = at(drawing.design, [Place(x=-264.0, y=y), Place(y=y), Place(x=264.0, y=y)])
    return drawing, one, other


def test_a_place_beside_is_on_another_side_where_the_edge_is_in_the_way() -> None:
    drawing, one, _ = two_cards()

    place = free_place.place_near(drawing.design, one, free_place.BELOW)
    assert (place.x, place.y) == (480.0, 999_996.0)


def test_where_no_side_is_free_a_place_is_where_both_are_seen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_place, "MOST_STEPS", 0)
    drawing, one, _ = two_cards(y=0.0)

    assert free_place.place_near(drawing.design, one) == Place(x=24.0, y=24.0)


@pytest.mark.parametrize(("lower", "down"), [(FARTHEST, -96), (FARTHEST - 96, 96)])
def test_where_nothing_is_free_the_gap_is_where_others_can_still_move(
    monkeypatch: pytest.MonkeyPatch, lower: float, down: float
) -> None:
    monkeypatch.setattr(free_place, "_shifts", lambda _: [])
    drawing, one, other = two_cards()
    middle, upper = lower - 84, lower - 168
    before = at(drawing.design, [Place(y=upper), Place(y=middle), Place(y=lower)])

    after, dx, dy = free_place.make_room(before, bounds(before, one), None)

    assert (dx, dy) == (0, down)
    moved = {key for key, place in after.layout.items() if place != before.layout[key]}
    assert moved == {other if down > 0 else drawing.users}


def test_where_nothing_can_move_the_parts_lie_on_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(free_place, "_shifts", lambda _: [])
    drawing, one, _ = two_cards()
    upper = Place(y=-FARTHEST)
    before = at(drawing.design, [upper, Place(y=0.0), Place(y=FARTHEST)])

    assert free_place.make_room(before, bounds(before, one), None) == (before, 0, 0)


def test_an_agent_is_beside_where_a_machine_can_grow_neither_way() -> None:
    drawing = Drawing()
    drawing.part("service")
    (web,) = drawing.on(None, "web_server")
    drawing.part("service")
    heights = (-FARTHEST, FARTHEST - 290, 0.0, FARTHEST - 130, FARTHEST - 50)
    design = at(drawing.design, [Place(y=y) for y in heights])

    after = watching.watch(design, "server-1")

    agent = after.layout["agent-1"]
    assert (agent.x, agent.y) == (216.0, after.layout[web].y - 6.0)


def test_an_agent_is_above_where_what_is_below_a_machine_cannot_move() -> None:
    drawing = Drawing()
    upper = drawing.part("service")
    (web,) = drawing.on(None, "web_server")
    drawing.part("service")
    heights = (0.0, FARTHEST - 290, 0.0, FARTHEST - 130, FARTHEST - 50)
    design = at(drawing.design, [Place(y=y) for y in heights])

    after = watching.watch(design, "server-1")

    assert after.layout["agent-1"].y == after.layout[web].y - 84
    assert after.layout[upper].y == FARTHEST - 290 - 96
    assert not overlaps(after)


def test_a_gap_for_a_firewall_opens_to_the_left_at_the_right_edge() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web)
    places = [Place(x=FARTHEST - 264), Place(x=FARTHEST), Place(x=FARTHEST)]
    design = at(drawing.design, places)

    after = hardening.guard(design, tuple(design.links))

    assert after.layout[web].x == FARTHEST
    assert after.layout[drawing.users].x < FARTHEST - 2 * 188
    assert after.layout[drawing.users].x < after.layout["fw-1"].x < after.layout[web].x
    assert not overlaps(after)


def test_a_zone_of_its_own_lies_left_of_what_is_at_the_right_edge() -> None:
    drawing = Drawing()
    zone = drawing.part("zone", trust="internal")
    web, db = drawing.part("web_server", zone), drawing.part("database", zone)
    design = at(drawing.design, [Place(), Place(), Place(x=FARTHEST - 200), Place(x=FARTHEST)])

    after = hardening.own_zone(design, (db,), "data")

    assert after.layout[db].x < after.layout[web].x
    assert not overlaps(after)
