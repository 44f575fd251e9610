"""Snapping: absolute positions, edges and middles before the grid."""

from hypothesis import given
from hypothesis import strategies as st

from app.model import edits
from app.model.design import Design
from app.ui.canvas import editing
from app.ui.canvas.guides import STICK, snapped

CARD = (188.0, 60.0)
PLACES = st.floats(-2000, 2000).map(lambda value: round(value, 1))


def test_an_edge_near_another_is_drawn_onto_it_with_a_line() -> None:
    snap = snapped((104.0, 300.0, *CARD), [(100.0, 0.0, *CARD)], STICK)
    assert snap.dx == -4
    upright = [guide for guide in snap.guides if guide.upright]
    assert [guide.at for guide in upright] == [100.0]
    assert (upright[0].start, upright[0].end) == (0.0, 360.0)


def test_middles_are_aligned_with_middles() -> None:
    snap = snapped((500.0, 41.0, 188.0, 96.0), [(0.0, 60.0, *CARD)], STICK)
    assert snap.dy == 1


def test_the_nearer_of_two_lines_wins() -> None:
    snap = snapped((104.0, 300.0, *CARD), [(99.0, 0.0, *CARD), (107.0, 500.0, *CARD)], STICK)
    assert snap.dx == 3


def test_far_edges_do_not_attract() -> None:
    snap = snapped((132.0, 300.0, *CARD), [(100.0, 0.0, *CARD)], STICK)
    assert snap.guides == ()


@given(PLACES, PLACES)
def test_at_the_end_positions_are_on_the_half_grid(x: float, y: float) -> None:
    snap = snapped((x, y, *CARD), [], STICK, settle=True)
    for value in (x + snap.dx, y + snap.dy):
        assert abs(value / 12 - round(value / 12)) < 1e-6
    assert abs(snap.dx) <= 6.01
    assert abs(snap.dy) <= 6.01


@given(PLACES, PLACES, st.lists(st.tuples(PLACES, PLACES), max_size=6))
def test_snapping_what_is_snapped_changes_nothing(
    x: float, y: float, others: list[tuple[float, float]]
) -> None:
    rects = [(*other, *CARD) for other in others]
    first = snapped((x, y, *CARD), rects, STICK, settle=True)
    at = (x + first.dx, y + first.dy)
    second = snapped((*at, *CARD), rects, STICK, settle=True)
    assert abs(second.dx) < 1e-6
    assert abs(second.dy) < 1e-6


@given(st.lists(st.tuples(PLACES, PLACES), max_size=20), PLACES, PLACES)
def test_a_free_spot_covers_no_card(cards: list[tuple[float, float]], x: float, y: float) -> None:
    rects = [(*card, *CARD) for card in cards]
    left, top = editing.free_spot(x, y, rects)
    assert (left % 24, top % 24) == (0, 0)
    for card in cards:
        assert abs(card[0] - left) >= CARD[0] or abs(card[1] - top) >= CARD[1]


def test_a_duplicate_keeps_what_lies_inside_and_its_container() -> None:
    design, server = edits.add(Design(), "server")
    design, web = edits.add(design, "web_server")
    design = edits.nest(design, (web,), server)
    after, roots = editing.duplicated(design, (web,), 24, 24)
    assert [after.components[key].parent for key in roots] == [server]
    after, roots = editing.duplicated(design, (server, web), 24, 24)
    assert len(roots) == 1
    assert len(after.children[roots[0]]) == 1
