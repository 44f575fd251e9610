"""Routes: square, off the cards, beside each other; labels off everything."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH
from app.ui.canvas.labels import Labels
from app.ui.canvas.link_item import labels, outline
from app.ui.canvas.placing import Placing
from app.ui.canvas.routes import Routes
from app.ui.canvas.routing import Box, Obstacles, Route, Tracks, sides, simplified
from app.ui.canvas.scene import Scene
from app.ui.theme import LIGHT
from tests.strategies import designs, edited


def drawn(spots: list[tuple[int, int]], ends: list[tuple[int, int]]) -> Design:
    """Web servers on the spots of a coarse grid, and links between them."""
    design, keys = Design(), []
    for column, row in spots:
        place = Place(x=column * 264, y=row * 120)
        design, key = edits.add(design, "web_server", place)
        keys.append(key)
    for source, target in ends:
        if keys[source % len(keys)] != keys[target % len(keys)]:
            one, other = keys[source % len(keys)], keys[target % len(keys)]
            design, _ = edits.connect(design, one, other, protocol="http")
    return design


def routed(design: Design) -> Routes:
    routes = Routes(design, Placing(design).rects)
    for key in design.links:
        routes.route(key)
    return routes


def crosses(route: Route, box: Box) -> bool:
    return any(
        min(a[0], b[0]) < box.right - 1
        and max(a[0], b[0]) > box.left + 1
        and min(a[1], b[1]) < box.bottom - 1
        and max(a[1], b[1]) > box.top + 1
        for a, b in pairwise(route)
    )


pytestmark = pytest.mark.usefixtures("qapp")  # labels measure their text
SPOTS = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=14, unique=True
)
ENDS = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 13)), max_size=14)


@given(SPOTS, ENDS)
def test_links_are_square_join_their_cards_and_run_through_none(
    spots: list[tuple[int, int]], ends: list[tuple[int, int]]
) -> None:
    design = drawn(spots, ends)
    routes = routed(design)
    boxes = routes.ground.obstacles.boxes
    for key, link in design.links.items():
        route = routes.route(key)
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(route))
        for point, end in ((route[0], link.source), (route[-1], link.target)):
            box = boxes[end]
            on_edge = point[0] in (box.left, box.right) or point[1] in (box.top, box.bottom)
            assert on_edge
            assert box.left <= point[0] <= box.right
            assert box.top <= point[1] <= box.bottom
        assert not [name for name, box in boxes.items() if crosses(route, box)]


@given(SPOTS, ENDS)
def test_labels_lie_on_no_card_and_on_no_other_label(
    spots: list[tuple[int, int]], ends: list[tuple[int, int]]
) -> None:
    design = drawn(spots, ends)
    routes = routed(design)
    found = Labels(routes, LIGHT)
    areas = []
    for key, link in design.links.items():
        label = found.find(key, link, routes.route(key))
        if label is not None:
            text, x, y = label
            areas.append(Box(x, y, x + text.width, y + 18))
    for index, area in enumerate(areas):
        assert not routes.ground.obstacles.meeting(area)
        taken = Obstacles()
        for number, other in enumerate(areas):
            if number != index:
                taken.put(str(number), other)
        assert not taken.meeting(area)


@pytest.mark.parametrize(
    "place", [(528, 0), (-528, 0), (0, 240), (0, -240), (528, 240), (-528, -240)]
)
def test_parallel_links_lie_beside_each_other(place: tuple[int, int]) -> None:
    design, one = edits.add(Design(), "web_server", Place(x=0, y=0))
    design, other = edits.add(design, "database", Place(x=place[0], y=place[1]))
    for role in ("read", "write", "request"):
        design, _ = edits.connect(design, one, other, role=role, protocol="postgres")
    routes = routed(design)
    assert [routes.ground.tracks.overlap(key, routes.route(key)) for key in design.links] == [0] * 3


def test_a_link_goes_round_a_card_that_stands_between() -> None:
    design = drawn([(0, 0), (1, 0), (2, 0)], [(0, 2)])
    route = routed(design).route("link-1")
    assert len(route) > 2
    assert not crosses(route, Box(264, 0, 264 + CARD_WIDTH, CARD_HEIGHT))


def test_cards_that_are_level_are_joined_by_a_straight_link() -> None:
    assert len(routed(drawn([(0, 0), (1, 0)], [(0, 1)])).route("link-1")) == 2


def test_cards_that_are_nearly_level_are_joined_by_a_straight_link() -> None:
    design = drawn([(0, 0), (1, 0)], [(0, 1)])
    design = edits.move(design, {"web-2": Place(x=300, y=17)})
    assert len(routed(design).route("link-1")) == 2


def test_a_card_walled_in_still_gets_its_link() -> None:
    ring = [(a, b) for a in range(5) for b in range(5) if (a, b) not in ((2, 2), (4, 4))]
    design = drawn([(2, 2), *ring, (4, 4)], [(0, 24)])
    route = routed(design).route("link-1")
    boxes = routed(design).ground.obstacles.boxes
    assert not [name for name, box in boxes.items() if crosses(route, box)]


def test_a_way_out_of_a_yard_with_one_gate_is_found() -> None:
    """Walls of cards that touch; the only gate is far from the straight way."""
    wall = [(x, y) for x in (-570, -380, -190, 0, 190, 380) for y in (-248, 248)]
    wall += [(x, y) for x in (-570, 380) for y in range(-186, 248, 62)]
    wall.remove((-380, -248))
    design, inside = edits.add(Design(), "web_server", Place(x=0, y=0))
    for x, y in wall:
        design, _ = edits.add(design, "cache", Place(x=x, y=y))
    design, outside = edits.add(design, "web_server", Place(x=0, y=420))
    design, key = edits.connect(design, inside, outside, protocol="http")
    routes = routed(design)
    route = routes.route(key)
    assert not [name for name, box in routes.ground.obstacles.boxes.items() if crosses(route, box)]
    assert min(y for _, y in route) < -248


def test_without_any_way_the_simplest_route_is_drawn() -> None:
    wall = [(x, y) for x in (-190, 0, 190) for y in (-62, 0, 62) if (x, y) != (0, 0)]
    design, inside = edits.add(Design(), "web_server", Place(x=0, y=0))
    for x, y in wall:
        design, _ = edits.add(design, "cache", Place(x=x, y=y))
    design, outside = edits.add(design, "web_server", Place(x=600, y=0))
    design, key = edits.connect(design, inside, outside, protocol="http")
    assert routed(design).route(key) == [(188, 30), (600, 30)]


def test_only_what_a_move_touches_is_routed_again() -> None:
    design = drawn([(0, 0), (1, 0), (0, 3), (1, 3)], [(0, 1), (2, 3)])
    placing = Placing(design)
    routes = Routes(design, placing.rects)
    far = routes.route("link-2")
    routes.route("link-1")
    assert routes.touched(placing.shift({"web-1": (0, 30)}, {})) == {"link-1"}
    assert routes.route("link-2") is far


def test_a_new_link_moves_those_that_meet_its_cards_on_the_same_side_alone() -> None:
    design = drawn([(0, 0), (1, 0), (0, 3), (1, 3)], [(0, 1), (0, 2)])
    routes = routed(design)
    beside, below = routes.route("link-1"), routes.route("link-2")
    after, link = edits.connect(design, "web-1", "web-2", protocol="https")

    routes.follow(after, Placing(after).rects, (), (), ())

    assert routes.touched((), {"web-1", "web-2"}) == {"link-1", link}
    assert routes.route("link-1") != beside
    assert routes.route("link-2") is below


def test_links_that_were_moved_aside_are_back_when_the_edit_is_undone() -> None:
    design = drawn([(0, 0), (1, 0), (0, 3), (1, 3)], [(0, 1), (0, 2), (1, 3)])
    scene = Scene(LIGHT)
    scene.show(None, design)
    before = {key: scene.routes.route(key) for key in design.links}
    after, link = edits.connect(design, "web-1", "web-2", protocol="https")

    scene.show(design, after)
    assert scene.links[link].route == scene.routes.route(link)
    assert scene.routes.route("link-1") != before["link-1"]
    scene.show(after, design)

    assert {key: item.route for key, item in scene.links.items()} == before


def test_a_card_dropped_on_a_link_turns_it_away() -> None:
    design = drawn([(0, 0), (2, 0), (1, 3)], [(0, 1)])
    placing = Placing(design)
    routes = Routes(design, placing.rects)
    assert len(routes.route("link-1")) == 2
    stale = routes.touched(placing.shift({"web-3": (264, 0)}, {}))
    assert "link-1" in stale
    assert not crosses(routes.route("link-1"), Box(264, 0, 264 + CARD_WIDTH, CARD_HEIGHT))


def test_a_link_is_straight_again_when_the_card_in_its_way_has_moved_off() -> None:
    design = drawn([(0, 0), (2, 0), (1, 0)], [(0, 1)])
    placing = Placing(design)
    routes = Routes(design, placing.rects)
    assert len(routes.route("link-1")) > 2

    routes.live = True  # not before the card is dropped: others' links keep still in a drag
    assert routes.touched(placing.shift({"web-3": (0, 300)}, {})) == set()
    routes.live = False
    assert routes.touched(("web-3",)) == {"link-1"}
    assert len(routes.route("link-1")) == 2
    assert routes.touched(placing.shift({"web-3": (0, 600)}, {})) == set()


def test_a_link_is_straight_again_when_the_card_in_its_way_is_gone() -> None:
    design = drawn([(0, 0), (2, 0), (1, 0)], [(0, 1)])
    routes = routed(design)
    after = edits.remove(design, ("web-3",))

    routes.follow(after, Placing(after).rects, ("web-3",), (), ())

    assert routes.touched(()) == {"link-1"}
    assert len(routes.route("link-1")) == 2


def test_a_link_takes_the_place_of_one_that_is_gone() -> None:
    design = drawn([(0, 0), (2, 2), (0, 1), (2, 3)], [(0, 1), (2, 3)])
    routes = routed(design)
    alone = edits.remove(design, ("link-1",))
    assert routes.route("link-2") != routed(alone).route("link-2")

    routes.follow(alone, Placing(alone).rects, (), ("link-1",), ())

    assert "link-2" in routes.touched(())
    assert routes.route("link-2") == routed(alone).route("link-2")


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ((400, 0), ("right", "left")),
        ((-400, 0), ("left", "right")),
        ((0, 300), ("bottom", "top")),
        ((0, -300), ("top", "bottom")),
        ((60, 20), ("right", "right")),
    ],
)
def test_links_leave_towards_the_other_end(
    target: tuple[float, float], expected: tuple[str, str]
) -> None:
    here = Box(0, 0, 188, 60)
    there = Box(target[0], target[1], target[0] + 188, target[1] + 60)
    assert sides(here, there) == expected


def test_tracks_forget_what_is_discarded() -> None:
    tracks = Tracks()
    tracks.put("one", [(0, 0), (300, 0)])
    assert tracks.overlap("two", [(0, 2), (300, 2)]) > 0
    assert tracks.through(Box(100, -5, 110, 5)) == {"one"}
    tracks.discard("one")
    assert tracks.overlap("two", [(0, 2), (300, 2)]) == 0
    assert not tracks.through(Box(100, -5, 110, 5))


def test_points_on_a_straight_run_are_left_out() -> None:
    route = [(0.0, 0.0), (5.0, 0.0), (5.0, 0.0), (9.0, 0.0), (9.0, 4.0)]
    assert simplified(route) == [(0.0, 0.0), (9.0, 0.0), (9.0, 4.0)]


@pytest.mark.parametrize(
    ("values", "texts", "lock"),
    [
        ({"role": "request", "protocol": "http"}, ["HTTP", ""], "open"),
        ({"role": "request", "protocol": "http", "tls": "1.3"}, ["HTTPS", ""], "closed"),
        (
            {"role": "request", "protocol": "http", "port": 9999},
            ["HTTP :9999", "HTTP", ""],
            "open",
        ),
        ({"role": "read", "protocol": "postgres"}, ["read · PostgreSQL", "read", ""], "open"),
        (
            {"role": "write", "protocol": "mysql", "tls": "1.2"},
            ["write · MySQL + TLS", "write", ""],
            "closed",
        ),
        ({"role": "request", "protocol": "file"}, ["Files"], ""),
        ({"role": "admin", "protocol": "ssh"}, ["SSH", ""], "closed"),
    ],
)
def test_a_label_says_protocol_unusual_port_and_whether_it_is_encrypted(
    values: dict[str, str], texts: list[str], lock: str
) -> None:
    design = drawn([(0, 0), (1, 0)], [])
    design, key = edits.connect(design, "web-1", "web-2", **values)
    found = labels(design.links[key], LIGHT)
    assert [label.text for label in found] == texts
    assert {label.lock for label in found} == {lock}


def test_dashes_are_shapes_in_files() -> None:
    route: Route = [(0.0, 0.0), (200.0, 0.0)]
    assert outline(route, 1.6, (6.0, 4.0)).elementCount() > 4 * outline(route, 1.6).elementCount()


@given(SPOTS)
def test_placing_agrees_with_the_geometry_of_the_model(spots: list[tuple[int, int]]) -> None:
    design = drawn(spots, [])
    for kind in ("server", "zone"):
        design, holder = edits.add(design, kind, Place(x=7, y=9))
        inner = [key for key, item in design.components.items() if item.parent is None]
        design = edits.nest(design, [key for key in inner if key != holder][:3], holder)
    assert Placing(design).rects == {key: bounds(design, key) for key in design.components}


@st.composite
def histories(draw: st.DrawFn) -> list[Design]:
    """Versions of a design, each an edit of the one before."""
    found = [draw(designs())]
    for _ in range(3):
        found.append(edited(draw, found[-1]))
    return found


@given(histories())
def test_placing_that_follows_edits_agrees_with_placing_anew(versions: list[Design]) -> None:
    placing = Placing(versions[0])
    for design in versions[1:]:
        placing = Placing(design, placing)
        assert placing.rects == Placing(design).rects


def test_a_part_without_a_place_fits_under_a_neighbour_at_the_edge() -> None:
    design, one = edits.add(Design(), "web_server", Place(x=0, y=1e6))
    design, other = edits.add(design, "app_server")
    design, _ = edits.connect(design, one, other)
    assert Placing(design).rects[other][:2] == (0, 1e6)
