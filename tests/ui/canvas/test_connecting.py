"""Drawing links by dragging from a handle, and by the keyboard."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot

from app.model import edits, wiring
from app.model.links import Place
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from tests.ui.canvas.conftest import Hands


def grab(hands: Hands, key: str, side: str = "bottom") -> tuple[float, float]:
    """Hover over a card until its handles show, and return where one is."""
    hands.hover(*hands.middle(key))
    x, y, width, height = hands.view.stage.placing.rects[key]
    return {
        "bottom": (x + width / 2, y + height),
        "right": (x + width, y + height / 2),
    }[side]


def steps(document: Document) -> QUndoStack:
    return document.undo_stack


def test_four_handles_show_while_the_mouse_is_over_a_card(hands: Hands) -> None:
    hands.hover(*hands.middle("web-1"))
    assert sum(handle.isVisible() for handle in hands.view.overlay.handles) == 4
    hands.hover(900, 600)
    assert not any(handle.isVisible() for handle in hands.view.overlay.handles)


def test_the_handles_of_a_part_go_with_it(document: Document, hands: Hands) -> None:
    hands.hover(*hands.middle("web-1"))
    document.apply("Delete", edits.remove(document.design, ("web-1",)))
    assert not any(handle.isVisible() for handle in hands.view.overlay.handles)


def test_what_a_fix_would_add_is_brought_into_view(view: CanvasView, document: Document) -> None:
    far_off, key = edits.add(document.design, "cache", Place(x=4000, y=3000))
    view.preview(far_off)
    assert view.seen_area().contains(4000 + 94, 3000 + 30)
    assert key not in document.design.components


def test_dragging_from_a_handle_draws_the_links_that_make_sense_in_one_step(
    document: Document, hands: Hands
) -> None:
    before = document.design.links.keys()
    wanted = wiring.propose(document.design, "web-1", "db-1")
    hands.drag(grab(hands, "web-1"), hands.middle("db-1"))
    made = [document.design.links[key] for key in document.design.links.keys() - before]
    assert sorted(link.role for link in made) == sorted(link.role for link in wanted)
    assert {(link.source, link.target) for link in made} == {("web-1", "db-1")}
    assert steps(document).count() == 1
    assert set(hands.view.selection()) == document.design.links.keys() - before
    steps(document).undo()
    assert document.design.links.keys() == before


def test_an_illegal_target_says_why_and_gets_no_link(
    document: Document, hands: Hands, qtbot: QtBot
) -> None:
    said: list[str] = []
    hands.view.hint.connect(said.append)
    hands.drag(grab(hands, "web-1"), hands.middle("users-1"))
    assert wiring.refusal(document.design, "web-1", "users-1") in said
    assert steps(document).count() == 0


def test_legal_targets_are_lit_and_illegal_ones_dimmed(hands: Hands) -> None:
    stage = hands.view.stage
    hands.press(*grab(hands, "web-1"))
    hands.move(500, 500)
    assert stage.parts["users-1"].opacity() < 1
    assert stage.parts["db-1"].opacity() == 1
    assert not hands.view.overlay.lights.path().isEmpty()
    hands.key(Qt.Key.Key_Escape)
    assert stage.parts["users-1"].opacity() == 1
    assert hands.view.overlay.lights.path().isEmpty()


def test_escape_leaves_no_link(document: Document, hands: Hands) -> None:
    before = document.design
    hands.press(*grab(hands, "web-1"))
    hands.move(*hands.middle("db-1"))
    hands.key(Qt.Key.Key_Escape)
    hands.release(*hands.middle("db-1"))
    assert document.design is before
    assert hands.view.overlay.link.path().isEmpty()


def test_a_link_dropped_on_the_ground_is_none(document: Document, hands: Hands) -> None:
    before = document.design
    hands.drag(grab(hands, "web-1"), (900, 600))
    assert document.design is before


def test_a_link_is_drawn_with_the_keyboard_alone(document: Document, hands: Hands) -> None:
    document.reset(edits.set_fields(document.design, "lb-1", layer="tcp"), None)
    hands.view.select(("lb-1",))
    hands.key(Qt.Key.Key_L)
    hands.key(Qt.Key.Key_Down)
    hands.key(Qt.Key.Key_Return)
    assert any(
        (link.source, link.target) == ("lb-1", "db-1") for link in document.design.links.values()
    )
    assert steps(document).count() == 1


def test_the_keyboard_link_is_left_with_escape(document: Document, view: CanvasView,
                                               hands: Hands) -> None:  # fmt: skip
    view.select(("lb-1",))
    hands.key(Qt.Key.Key_L)
    hands.key(Qt.Key.Key_Right)
    hands.key(Qt.Key.Key_Escape)
    assert view.gesture is None
    assert steps(document).count() == 0
    assert view.selection() == ("lb-1",)
