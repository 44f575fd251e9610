"""Selecting, walking, renaming, deleting, the clipboard, adding."""

import pytest
from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QFocusEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds
from app.rules.free_place import meet
from app.ui.canvas.clipboard import FRAGMENT, KIND
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.theme import DARK, LIGHT
from tests.ui.canvas.conftest import Hands

Key = Qt.KeyboardModifier
CTRL, SHIFT, ALT = Key.ControlModifier, Key.ShiftModifier, Key.AltModifier


def test_a_click_selects_what_is_under_it_and_tells_so(view: CanvasView, hands: Hands,
                                                       qtbot: QtBot) -> None:  # fmt: skip
    with qtbot.waitSignal(view.selection_changed) as caught:
        hands.click(*hands.middle("lb-1"))
    assert caught.args == [("lb-1",)]
    assert view.selection() == ("lb-1",)
    hands.click(900, 600)
    assert view.selection() == ()


def test_a_click_on_a_link_selects_the_link(view: CanvasView, hands: Hands) -> None:
    route = view.stage.routes.route("link-1")
    hands.click(route[0][0] + 10, route[0][1] + 3)
    assert view.selection() == ("link-1",)


@pytest.mark.parametrize("keys", [CTRL, SHIFT])
def test_a_click_with_ctrl_or_shift_toggles(
    view: CanvasView, hands: Hands, keys: Qt.KeyboardModifier
) -> None:
    hands.click(*hands.middle("lb-1"))
    hands.click(*hands.middle("db-1"), keys)
    assert view.selection() == ("lb-1", "db-1")
    hands.click(*hands.middle("lb-1"), keys)
    assert view.selection() == ("db-1",)


def test_a_rubber_band_takes_the_cards_it_touches_and_the_links_between_them(
    view: CanvasView, hands: Hands
) -> None:
    hands.drag((-40, 60), (400, 180))
    assert set(view.selection()) == {"users-1", "lb-1", "link-1"}


def test_escape_gives_up_a_rubber_band(view: CanvasView, hands: Hands) -> None:
    view.select(("db-1",))
    hands.press(-40, 60)
    hands.move(100, 100)
    hands.move(400, 180)
    hands.key(Qt.Key.Key_Escape)
    assert view.selection() == ("db-1",)


def test_everything_is_selected_with_ctrl_a(view: CanvasView, hands: Hands,
                                            document: Document) -> None:  # fmt: skip
    hands.key(Qt.Key.Key_A, CTRL)
    assert set(view.selection()) == {*document.design.components, *document.design.links}


@pytest.mark.parametrize("key", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
def test_what_is_deleted_is_gone_with_its_links_in_one_step(
    document: Document, view: CanvasView, hands: Hands, key: Qt.Key
) -> None:
    view.select(("lb-1",))
    hands.key(key)
    assert "lb-1" not in document.design.components
    assert not document.design.links
    assert view.selection() == ()
    assert "lb-1" not in view.stage.parts
    assert not view.stage.links
    document.undo_stack.undo()
    assert set(view.stage.links) == {"link-1", "link-2"}


def test_a_duplicate_lies_beside_and_is_selected(document: Document, view: CanvasView,
                                                 hands: Hands) -> None:  # fmt: skip
    view.select(("users-1", "lb-1"))
    hands.key(Qt.Key.Key_D, CTRL)
    assert set(view.selection()) == {"users-2", "lb-2"}
    assert len(document.design.links) == 3
    assert document.design.layout["lb-2"].x > document.design.layout["lb-1"].x


def test_copies_travel_between_windows_with_their_inner_links(
    document: Document, view: CanvasView, hands: Hands, qtbot: QtBot
) -> None:
    view.select(("lb-1", "server-1"))
    hands.key(Qt.Key.Key_C, CTRL)
    assert QGuiApplication.clipboard().mimeData().hasFormat(FRAGMENT)
    other = CanvasView(Document(Design()), LIGHT)
    qtbot.addWidget(other)
    other.show()
    other.hands.paste()
    design = other.document.design
    assert sorted(item.kind for item in design.components.values()) == [
        "load_balancer",
        "server",
        "web_server",
    ]
    assert len(design.links) == 1
    assert other.document.undo_stack.count() == 1


def test_cut_is_copy_and_delete(document: Document, view: CanvasView, hands: Hands) -> None:
    view.select(("db-1",))
    hands.key(Qt.Key.Key_X, CTRL)
    assert "db-1" not in document.design.components
    hands.key(Qt.Key.Key_V, CTRL)
    assert "database" in {item.kind for item in document.design.components.values()}


def test_a_clipboard_without_a_design_is_said_and_changes_nothing(
    document: Document, view: CanvasView
) -> None:
    said: list[str] = []
    view.hint.connect(said.append)
    for text in ("hello", '{"format": "something else"}', "{"):
        QGuiApplication.clipboard().setText(text)
        view.hands.paste()
    assert said == ["The clipboard holds no part of a design."] * 3
    assert document.undo_stack.count() == 0


def editor(view: CanvasView) -> QLineEdit:
    found = view.viewport().findChild(QLineEdit, "nameEditor")
    assert isinstance(found, QLineEdit)
    return found


def test_a_double_click_on_the_name_renames_in_place(
    document: Document, view: CanvasView, hands: Hands
) -> None:
    x, y = hands.corner("lb-1")
    hands.double_click(x + 80, y + 20)
    QTest.keyClicks(editor(view), "edge")
    QTest.keyClick(editor(view), Qt.Key.Key_Return)
    assert document.design.components["lb-1"].name == "edge"
    assert document.undo_stack.count() == 1


def test_f2_renames_and_escape_keeps_the_name(document: Document, view: CanvasView,
                                              hands: Hands) -> None:  # fmt: skip
    view.select(("lb-1",))
    hands.key(Qt.Key.Key_F2)
    QTest.keyClicks(editor(view), "other")
    QTest.keyClick(editor(view), Qt.Key.Key_Escape)
    assert document.design.components["lb-1"].name == "lb-1"
    assert document.undo_stack.count() == 0


def test_an_edit_ends_a_renaming_and_leaves_the_view_where_it_is(
    document: Document, view: CanvasView, hands: Hands, qtbot: QtBot
) -> None:
    view.select(("lb-1",))
    hands.key(Qt.Key.Key_F2)
    line = editor(view)
    with qtbot.assertNotEmitted(view.view_changed):
        document.apply("Remove", edits.remove(document.design, ("web-1",)))
    assert line.isHidden()


def test_an_empty_name_is_refused_in_words(document: Document, view: CanvasView,
                                           hands: Hands) -> None:  # fmt: skip
    said: list[str] = []
    view.hint.connect(said.append)
    view.select(("lb-1",))
    hands.key(Qt.Key.Key_F2)
    editor(view).clear()
    QTest.keyClick(editor(view), Qt.Key.Key_Return)
    assert document.design.components["lb-1"].name == "lb-1"
    assert "name" in said[-1]


def test_a_double_click_on_the_body_asks_for_the_inspector(view: CanvasView, hands: Hands,
                                                           qtbot: QtBot) -> None:  # fmt: skip
    x, y = hands.corner("lb-1")
    with qtbot.waitSignal(view.edit_requested) as caught:
        hands.double_click(x + 28, y + 30)
    assert caught.args == ["lb-1"]


def test_alt_and_arrows_walk_along_the_links(view: CanvasView, hands: Hands) -> None:
    view.select(("users-1",))
    hands.key(Qt.Key.Key_Right, ALT)
    assert view.selection() == ("lb-1",)
    hands.key(Qt.Key.Key_Right, ALT)
    assert view.selection() == ("web-1",)
    hands.key(Qt.Key.Key_Left, ALT)
    assert view.selection() == ("lb-1",)
    hands.key(Qt.Key.Key_Down, ALT)
    assert view.selection() == ("db-1",)


def test_tab_reaches_every_part(view: CanvasView, hands: Hands, document: Document) -> None:
    view.select(("users-1",))
    seen = set()
    for _ in document.design.components:
        hands.key(Qt.Key.Key_Tab)
        seen.add(view.selection()[0])
    assert seen == set(document.design.components)


def test_tab_on_nothing_asks_for_a_part_to_add(view: CanvasView, hands: Hands,
                                               qtbot: QtBot) -> None:  # fmt: skip
    with qtbot.waitSignal(view.quick_add_requested):
        hands.key(Qt.Key.Key_Tab)


def test_the_selection_is_told_to_screen_readers(view: CanvasView) -> None:
    view.select(("lb-1",))
    assert view.accessibleDescription().startswith("lb-1, Load balancer")
    view.select(("link-1",))
    assert "not encrypted" in view.accessibleDescription()
    view.select_all()
    assert "selected" in view.accessibleDescription()


def carried(kind: str) -> QMimeData:
    mime = QMimeData()
    mime.setData(KIND, QByteArray(kind.encode()))
    return mime


def drop(view: CanvasView, kind: str, spot: QPoint) -> None:
    mime, none = carried(kind), Key.NoModifier
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    for event in (
        QDragEnterEvent(spot, copy, mime, left, none),
        QDragMoveEvent(spot, copy, mime, left, none),
        QDropEvent(QPointF(spot), copy, mime, left, none),
    ):
        QApplication.sendEvent(view.viewport(), event)


def test_a_kind_from_the_palette_lands_on_the_grid_under_the_mouse(
    document: Document, view: CanvasView, hands: Hands
) -> None:
    drop(view, "cache", hands.spot(700, 600))
    key = view.selection()[0]
    place = document.design.layout[key]
    assert document.design.components[key].kind == "cache"
    assert (place.x % 24, place.y % 24) == (0, 0)
    assert abs(place.x + 94 - 700) <= 12
    assert document.undo_stack.count() == 1


def test_a_kind_dropped_on_a_container_comes_into_it(
    document: Document, view: CanvasView, hands: Hands
) -> None:
    drop(view, "app_server", hands.spot(700, 165))
    assert document.design.components[view.selection()[0]].parent == "server-1"


def test_what_is_no_kind_is_not_taken(document: Document, view: CanvasView, hands: Hands) -> None:
    drop(view, "spaceship", hands.spot(700, 600))
    assert document.undo_stack.count() == 0


def test_a_drag_that_leaves_takes_its_preview_along(view: CanvasView, hands: Hands) -> None:
    before = len(view.scene().items())
    spot, copy, left = hands.spot(700, 600), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    mime = carried("cache")
    event = QDragEnterEvent(spot, copy, mime, left, Key.NoModifier)
    QApplication.sendEvent(view.viewport(), event)
    assert len(view.scene().items()) > before
    view._drop.clear()
    assert len(view.scene().items()) == before


def test_a_part_is_added_beside_the_selection_and_covers_nothing(
    document: Document, view: CanvasView
) -> None:
    view.select(("users-1",))
    key = view.hands.add("dns")
    assert key is not None
    place = document.design.layout[key]
    for other, found in document.design.layout.items():
        if other not in (key, "server-1"):
            assert abs(found.x - place.x) >= 188 or abs(found.y - place.y) >= 60


def test_a_part_is_added_into_a_selected_container(document: Document, view: CanvasView) -> None:
    view.select(("server-1",))
    key = view.hands.add("app_server")
    assert document.design.components[str(key)].parent == "server-1"
    assert document.design.layout[str(key)].y >= document.design.layout["web-1"].y + 60


def test_an_empty_canvas_says_what_to_do_until_there_is_a_part(qtbot: QtBot) -> None:
    document = Document()
    view = CanvasView(document, LIGHT)
    qtbot.addWidget(view)
    view.show()
    assert view._empty.isVisible()
    after, _ = edits.add(document.design, "client")
    document.apply("Add", after)
    assert not view._empty.isVisible()


def test_another_theme_ends_a_drag_from_the_palette(view: CanvasView, hands: Hands) -> None:
    spot, copy, left = hands.spot(700, 600), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    mime = carried("cache")
    QApplication.sendEvent(view.viewport(), QDragEnterEvent(spot, copy, mime, left, Key.NoModifier))

    view.set_theme(DARK)
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.sendEvent(view.viewport(), QDragMoveEvent(spot, copy, mime, left, Key.NoModifier))

    assert view.scene() is view.stage


def test_space_that_is_released_elsewhere_is_forgotten(
    document: Document, view: CanvasView, hands: Hands
) -> None:
    QTest.keyPress(view, Qt.Key.Key_Space)
    QApplication.sendEvent(view, QFocusEvent(QEvent.Type.FocusOut))
    before = document.design.layout["users-1"]

    x, y = hands.middle("users-1")
    hands.drag((x, y), (x + 48, y))

    assert document.design.layout["users-1"] != before


def test_what_is_pasted_lies_on_nothing(document: Document, view: CanvasView) -> None:
    view.select(("server-1",))
    view.hands.copy()
    x, y, width, height = bounds(document.design, "server-1")
    view.centerOn(x + width / 2, y + height / 2)
    assert view.seen_area().center().x() == pytest.approx(x + width / 2, abs=2)

    view.hands.paste()

    (pasted,) = view.selection()
    mine = bounds(document.design, pasted)
    for key, item in document.design.components.items():
        if item.parent is None and key != pasted:
            assert not meet(mine, bounds(document.design, key))


def test_a_platform_without_a_clipboard_pastes_nothing(
    document: Document, view: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.canvas.clipboard.QGuiApplication", _NoClipboard)

    view.hands.paste()

    assert document.undo_stack.count() == 0


class _NoClipboard:
    @staticmethod
    def clipboard() -> type["_NoClipboard"]:
        return _NoClipboard

    @staticmethod
    def mimeData() -> None:  # noqa: N802  # Qt's name
        return None
