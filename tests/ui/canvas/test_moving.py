"""Moving, nesting, cloning, resizing: what the hand does is one step of the document."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.model.links import Place
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from tests.ui.canvas.conftest import Hands

Key = Qt.KeyboardModifier
ALT, CTRL, SHIFT = Key.AltModifier, Key.ControlModifier, Key.ShiftModifier


def place(document: Document, key: str) -> tuple[float, float]:
    found = document.design.layout[key]
    return found.x, found.y


def test_a_dragged_card_lands_where_it_was_dropped_in_one_step(
    document: Document, hands: Hands
) -> None:
    x, y = hands.middle("db-1")
    hands.drag((x, y), (x + 480, y + 72))
    assert place(document, "db-1") == (768, 360)
    assert document.undo_stack.count() == 1
    document.undo_stack.undo()
    assert place(document, "db-1") == (288, 288)


def test_a_card_snaps_to_the_grid_unless_alt_is_held(document: Document, hands: Hands) -> None:
    x, y = hands.middle("db-1")
    hands.drag((x, y), (x + 487, y + 190))
    assert place(document, "db-1")[0] % 12 == 0
    assert place(document, "db-1")[1] % 12 == 0
    document.undo_stack.undo()
    hands.drag((x, y), (x + 487, y + 190), ALT)
    assert place(document, "db-1") == (775, 478)


def test_a_card_sticks_to_the_edge_of_another(document: Document, hands: Hands) -> None:
    document.apply("Off the grid", edits.move(document.design, {"users-1": Place(x=7, y=101)}))
    x, y = hands.middle("db-1")
    hands.press(x, y)
    hands.move(x - 200, y)
    hands.move(x - 278, y)
    assert hands.corner("db-1")[0] == 7
    assert not hands.view.overlay.lines.path().isEmpty()
    hands.release(x - 278, y)
    assert place(document, "db-1")[0] == 7
    assert hands.view.overlay.lines.path().isEmpty()


def test_shift_keeps_to_one_axis(document: Document, hands: Hands) -> None:
    x, y = hands.middle("db-1")
    hands.drag((x, y), (x + 240, y + 40), SHIFT)
    assert place(document, "db-1") == (528, 288)


def test_escape_in_the_middle_of_a_drag_restores_the_exact_state(
    document: Document, hands: Hands
) -> None:
    before, rects = document.design, dict(hands.view.stage.placing.rects)
    routes = {key: hands.view.stage.routes.route(key) for key in before.links}
    x, y = hands.middle("web-1")
    hands.press(x, y)
    hands.move(x + 60, y + 200)
    hands.move(x - 300, y + 200)
    assert hands.view.stage.placing.rects != rects
    hands.key(Qt.Key.Key_Escape)
    hands.release(x - 300, y + 200)
    assert document.design is before
    assert document.undo_stack.count() == 0
    assert hands.view.stage.placing.rects == rects
    assert {key: hands.view.stage.routes.route(key) for key in before.links} == routes


def test_links_follow_a_card_while_it_is_dragged(hands: Hands) -> None:
    item = hands.view.stage.links["link-1"]
    before = item.rect()
    x, y = hands.middle("users-1")
    hands.press(x, y)
    hands.move(x, y + 60)
    hands.move(x, y + 240)
    assert item.rect() != before
    assert item.route[0][1] > before.bottom()
    hands.key(Qt.Key.Key_Escape)
    assert item.rect() == before


def test_several_cards_move_together(document: Document, hands: Hands) -> None:
    hands.view.select(("users-1", "db-1"))
    x, y = hands.middle("db-1")
    hands.drag((x, y), (x, y + 240))
    assert place(document, "users-1") == (0, 336)
    assert place(document, "db-1") == (288, 528)
    assert document.undo_stack.count() == 1


def test_a_card_dropped_on_a_container_comes_into_it(document: Document, hands: Hands) -> None:
    x, y = hands.middle("db-1")
    target = hands.corner("server-1")
    hands.press(x, y)
    hands.move(x + 100, y)
    hands.move(target[0] + 100, target[1] + 10)
    assert hands.view.stage.parts["server-1"]._lit  # type: ignore[union-attr]  # no card
    hands.release(target[0] + 100, target[1] + 10)
    assert document.design.components["db-1"].parent == "server-1"
    assert not hands.view.stage.parts["server-1"]._lit  # type: ignore[union-attr]  # no card
    assert document.undo_stack.count() == 1


def test_a_card_dragged_out_of_its_container_leaves_it(document: Document, hands: Hands) -> None:
    x, y = hands.middle("web-1")
    hands.drag((x, y), (x, y + 360))
    assert document.design.components["web-1"].parent is None
    assert hands.corner("server-1") == (584, 60), "the container stays where it was"


def test_a_card_pushed_against_the_edge_of_its_container_makes_it_grow(
    document: Document, hands: Hands
) -> None:
    left, top = hands.corner("web-1")
    width = hands.view.stage.placing.rects["server-1"][2]
    hands.drag((left + 180, top + 40), (left + 252, top + 40))
    assert document.design.components["web-1"].parent == "server-1"
    assert hands.corner("web-1") == (left + 72, top)
    assert hands.view.stage.placing.rects["server-1"][2] >= width


def test_a_container_takes_its_parts_along(document: Document, hands: Hands) -> None:
    x, y = hands.corner("server-1")
    inner = place(document, "web-1")
    hands.drag((x + 120, y + 14), (x + 120, y + 14 + 240))
    assert place(document, "web-1") == (inner[0], inner[1] + 240)
    assert document.design.components["web-1"].parent == "server-1"
    assert hands.corner("server-1") == (x, y + 240)


def test_a_container_fits_what_it_holds(document: Document, hands: Hands) -> None:
    _, _, width, height = hands.view.stage.placing.rects["server-1"]
    x, y = hands.middle("web-1")
    hands.drag((x, y), (x + 24, y + 24))
    assert hands.view.stage.placing.rects["server-1"][2:] == (width, height)
    x, y = hands.middle("db-1")
    hands.drag((x, y), (hands.corner("server-1")[0] + 100, hands.corner("server-1")[1] + 100))
    assert document.design.components["db-1"].parent == "server-1"
    assert hands.view.stage.placing.rects["server-1"][3] > height


def test_the_last_part_that_leaves_a_container_does_not_take_it_along(
    document: Document, hands: Hands
) -> None:
    after = edits.move(document.design, {"server-1": Place(x=-900, y=-900)})
    document.apply("Stale place", after)
    corner = hands.corner("server-1")
    x, y = hands.middle("web-1")
    hands.drag((x, y), (x, y + 360))
    assert hands.corner("server-1") == corner


def test_control_and_drag_leaves_a_copy(document: Document, hands: Hands) -> None:
    hands.view.select(("lb-1", "users-1"))
    x, y = hands.middle("lb-1")
    hands.drag((x, y), (x, y + 336), CTRL)
    assert place(document, "lb-1") == (288, 96)
    assert place(document, "lb-2") == (288, 432)
    new = document.design.components.keys() - {"users-1", "lb-1", "server-1", "web-1", "db-1"}
    assert new == {"lb-2", "users-2"}
    assert any({link.source, link.target} == new for link in document.design.links.values()), (
        "the inner link is copied"
    )
    assert document.undo_stack.count() == 1
    assert set(hands.view.selection()) == new


def test_a_container_is_resized_by_its_corner(document: Document, hands: Hands) -> None:
    hands.view.select(("server-1",))
    x, y, width, height = hands.view.stage.placing.rects["server-1"]
    hands.drag((x + width, y + height), (x + width + 120, y + height + 96))
    found = document.design.layout["server-1"]
    assert found.width is not None
    assert found.width >= width + 108
    assert document.undo_stack.count() == 1


def test_what_a_container_is_resized_over_comes_into_it(document: Document, hands: Hands) -> None:
    x, y, width, height = hands.view.stage.placing.rects["server-1"]
    design = edits.add(document.design, "cache", Place(x=x + width + 24, y=y + 36))[0]
    document.apply("Add", design)
    hands.view.select(("server-1",))

    hands.drag((x + width, y + height), (x + width + 240, y + height + 48))

    assert document.design.components["cache-1"].parent == "server-1"
    assert document.undo_stack.count() == 2


def test_a_container_never_becomes_smaller_than_its_parts(hands: Hands) -> None:
    hands.view.select(("server-1",))
    x, y, width, height = hands.view.stage.placing.rects["server-1"]
    hands.drag((x + width, y + height), (x + 20, y + 20))
    assert hands.view.stage.placing.rects["server-1"] == (x, y, width, height)


@pytest.mark.parametrize("key", [Qt.Key.Key_Right, Qt.Key.Key_Left])
def test_arrows_nudge_by_a_pixel_and_with_shift_by_the_grid(
    document: Document, hands: Hands, key: Qt.Key
) -> None:
    way = 1 if key == Qt.Key.Key_Right else -1
    hands.view.select(("db-1",))
    for _ in range(3):
        hands.key(key)
    assert place(document, "db-1") == (288 + 3 * way, 288)
    hands.key(key, SHIFT)
    assert place(document, "db-1") == (288 + 27 * way, 288)
    assert document.undo_stack.count() == 1, "steps that follow each other are one"


def test_arrows_scroll_when_nothing_is_selected(document: Document, hands: Hands) -> None:
    before = hands.view.seen_area().left()
    hands.key(Qt.Key.Key_Right)
    assert hands.view.seen_area().left() > before
    assert document.undo_stack.count() == 0


def test_a_zone_dropped_on_a_server_does_not_go_into_it(
    document: Document, view: CanvasView, hands: Hands
) -> None:
    after, zone = edits.add(document.design, "zone", Place(x=0, y=480))
    document.apply("Add", after)
    x, y = hands.corner(zone)
    target = hands.corner("server-1")
    hands.drag((x + 30, y + 14), (target[0] + 30, target[1] + 14))
    assert document.design.components[zone].parent is None


def test_what_is_shown_after_many_gestures_is_what_a_fresh_canvas_shows(
    document: Document, hands: Hands, design: Design
) -> None:
    for key, step in (("db-1", (240, 96)), ("web-1", (-40, 300)), ("lb-1", (48, -72))):
        x, y = hands.middle(key)
        hands.drag((x, y), (x + step[0], y + step[1]))
    shown = dict(hands.view.stage.placing.rects)
    hands.view.stage.show(None, document.design)
    assert hands.view.stage.placing.rects == shown


def test_the_view_creeps_on_while_a_card_is_held_at_its_edge(
    document: Document, hands: Hands, qtbot: QtBot
) -> None:
    x, y = hands.middle("db-1")
    right = hands.view.seen_area().right()
    hands.press(x, y)
    hands.move(x + 60, y)
    hands.move(right - 6, y)
    qtbot.waitUntil(lambda: hands.view.seen_area().right() > right + 40)
    now = hands.view.seen_area().right()
    hands.release(now - 6, y)
    qtbot.wait(60)
    assert hands.view.seen_area().right() == pytest.approx(now, abs=20)
    assert place(document, "db-1")[0] > right - 94
    assert document.undo_stack.count() == 1
