"""The window as a whole: panels, theme, title, history, status, flows, settings."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, Qt
from PySide6.QtGui import QCursor, QPaintEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.sizes import GRID
from app.ui import settings as stored
from app.ui.application import Application
from app.ui.command_palette import CommandPalette
from app.ui.dialogs.export import ExportDialog
from app.ui.dialogs.shortcuts import Shortcuts
from app.ui.main_window import MainWindow
from app.ui.status import summary
from app.ui.theme import DARK, LIGHT, current_theme, system_theme

Act = Callable[[QWidget], object]
Asked = Callable[[Act], list[str]]
Settled = Callable[[MainWindow], MainWindow]
CTRL = Qt.KeyboardModifier.ControlModifier


# --- panels -------------------------------------------------------------------------------------


def test_panels_hide_and_show_by_keys(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F9)
    assert not window.palette_panel.isVisible()
    QTest.keyClick(window, Qt.Key.Key_B, CTRL)
    assert window.palette_panel.isVisible()
    QTest.keyClick(window, Qt.Key.Key_J, CTRL)
    assert not window.findings.isVisible()


def test_the_next_finding_brings_the_hidden_panel_back(seeded: MainWindow) -> None:
    QTest.keyClick(seeded, Qt.Key.Key_J, CTRL)
    QTest.keyClick(seeded, Qt.Key.Key_F8)

    assert seeded.findings.isVisible()


def test_the_right_column_goes_when_nothing_is_left_in_it(window: MainWindow) -> None:
    window.actions_by_id["show_inspector"].trigger()
    assert not window.side.isVisible()

    window.actions_by_id["show_history"].trigger()
    assert window.side.isVisible()
    assert window.history_holder.isVisible()


def test_sizes_and_panels_come_back_at_the_next_start(
    program: Application, window: MainWindow, qapp: QApplication, settled: Settled
) -> None:
    window.resize(790, 740)
    window.whole.setSizes([250, 540])
    window.actions_by_id["show_history"].trigger()
    wanted = window.whole.sizes()
    window.close()

    again = Application(qapp)
    shown = settled(again.begin(()))

    assert (shown.width(), shown.height()) == (790, 740)
    assert shown.whole.sizes() == wanted
    assert shown.history_holder.isVisible()
    shown.close()


def test_the_selection_is_shown_in_the_inspector(seeded: MainWindow) -> None:
    seeded.canvas.select(("lb",))

    assert seeded.inspector.form is not None


def test_enter_on_a_part_goes_to_its_first_field(seeded: MainWindow) -> None:
    seeded.activateWindow()
    seeded.actions_by_id["show_inspector"].trigger()
    seeded.canvas.setFocus()
    seeded.canvas.select(("lb",))
    QTest.keyClick(seeded.canvas, Qt.Key.Key_Return)

    assert seeded.inspector.isVisible()
    focused = seeded.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Name"


def test_f6_walks_through_the_panels_with_the_keyboard(seeded: MainWindow) -> None:
    seeded.activateWindow()
    seeded.palette_panel.search.setFocus()
    places = []
    for _ in range(4):
        QTest.keyClick(seeded, Qt.Key.Key_F6)
        focused = seeded.focusWidget()
        assert focused is not None
        places.append(focused.accessibleName())

    assert places == ["Canvas", "Name of the design", "Findings", "Search parts"]


def test_a_panel_that_is_hidden_is_passed_over(seeded: MainWindow) -> None:
    seeded.activateWindow()
    seeded.actions_by_id["show_inspector"].trigger()
    seeded.canvas.setFocus()
    QTest.keyClick(seeded, Qt.Key.Key_F6)

    focused = seeded.focusWidget()
    assert focused is not None
    assert focused.accessibleName() == "Findings"


def test_the_minimap_shows_while_something_is_out_of_view_and_can_be_hidden(
    seeded: MainWindow, qtbot: QtBot
) -> None:
    corner = seeded.map_corner
    seeded.canvas.fit_all()
    qtbot.waitUntil(lambda: not corner.isVisible())
    seeded.canvas.zoom_to(3)
    qtbot.waitUntil(corner.isVisible)

    QTest.keyClick(seeded, Qt.Key.Key_M, CTRL)
    qtbot.waitUntil(lambda: not corner.isVisible())


class Painted(QObject):
    """Adds up what a widget paints, in pixels."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.pixels = 0
        widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if isinstance(event, QPaintEvent):
            region = event.region()
            self.pixels += sum(r.width() * r.height() for r in region)  # type: ignore[attr-defined]  # the stubs lack it
        return False


def test_panning_under_the_minimap_paints_what_comes_into_view_and_no_more(
    seeded: MainWindow, qtbot: QtBot
) -> None:
    canvas, corner = seeded.canvas, seeded.map_corner
    canvas.zoom_to(3)
    qtbot.waitUntil(corner.isVisible)
    place, painted = corner.pos(), Painted(canvas.viewport())

    def at_rest() -> bool:
        """Whether the check is done, and nothing has been painted for a while after that."""
        painted.pixels = 0
        qtbot.wait(300)
        return not seeded.check.busy and not painted.pixels

    qtbot.waitUntil(at_rest, timeout=30_000)
    canvas.scroll_by(12, 5)
    qtbot.waitUntil(lambda: painted.pixels > 0)
    assert painted.pixels < canvas.width() * canvas.height() / 3
    assert corner.pos() == place


def test_a_part_is_found_by_its_name(seeded: MainWindow) -> None:
    QTest.keyClick(seeded, Qt.Key.Key_F, CTRL)
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, CommandPalette)
    QTest.keyClicks(popup.line, "files-2")
    QTest.keyClick(popup.line, Qt.Key.Key_Return)

    assert seeded.canvas.selection() == ("files-2",)


def test_quick_add_over_the_canvas_adds_under_the_mouse(
    seeded: MainWindow,
) -> None:
    seeded.canvas.fit_all()
    x, y, _, height = seeded.canvas.stage.placing.rects["server-1"]
    at = seeded.canvas.mapFromScene(QPointF(x + 24, y + height - 12))
    QCursor.setPos(seeded.canvas.viewport().mapToGlobal(at))
    seeded.canvas.select(())
    seeded.actions_by_id["quick_add"].trigger()
    popup = QApplication.activePopupWidget()
    assert isinstance(popup, CommandPalette)
    QTest.keyClicks(popup.line, "cache")
    QTest.keyClick(popup.line, Qt.Key.Key_Return)

    assert seeded.document.design.components["cache-1"].parent == "server-1"


# --- undo, history, toast -----------------------------------------------------------------------


def test_undo_and_redo_say_what_they_would_do(window: MainWindow) -> None:
    undo, redo = window.actions_by_id["undo"], window.actions_by_id["redo"]
    assert not undo.isEnabled()
    window.canvas.hands.add("database")
    assert undo.text() == "Undo Add db-1"

    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert not window.document.design.components
    assert redo.text() == "Redo Add db-1"
    QTest.keyClick(window, Qt.Key.Key_Y, CTRL)
    assert "db-1" in window.document.design.components


def test_the_history_lists_steps_and_goes_to_any_of_them(window: MainWindow) -> None:
    for kind in ("cache", "queue", "database"):
        window.canvas.hands.add(kind)
    model = window.history.view.model()
    rows = [model.index(row, 0).data() for row in range(model.rowCount())]
    assert rows == ["As it was opened", "Add cache-1", "Add queue-1", "Add db-1"]

    window.history.view.setCurrentIndex(model.index(1, 0))

    assert list(window.document.design.components) == ["cache-1"]


def test_deleting_offers_undo_instead_of_asking(seeded: MainWindow) -> None:
    before = seeded.document.design
    seeded.canvas.setFocus()
    seeded.canvas.select(("web-1", "web-2"))
    QTest.keyClick(seeded.canvas, Qt.Key.Key_Delete)

    assert seeded.toast.isVisible()
    assert seeded.toast.text.text() == "Deleted 2 parts"
    QTest.mouseClick(seeded.toast.undo_button, Qt.MouseButton.LeftButton)
    assert seeded.document.design is before
    assert not seeded.toast.isVisible()


def test_deleting_a_link_is_told_as_a_link(seeded: MainWindow) -> None:
    link = next(iter(seeded.document.design.links))
    seeded.canvas.select((link,))
    seeded.actions_by_id["delete"].trigger()

    assert seeded.toast.text.text() == "Deleted 1 link"


def test_undoing_an_addition_is_no_deletion(window: MainWindow) -> None:
    window.canvas.hands.add("cache")
    window.document.undo_stack.undo()

    assert not window.toast.isVisible()


# --- title and status ---------------------------------------------------------------------------


def test_the_title_names_the_design_and_marks_changes(window: MainWindow) -> None:
    assert window.windowTitle() == "Untitled[*] — Loadpath"
    window.document.apply("Rename", edits.rename(window.document.design, "shop"))

    assert window.windowTitle() == "shop[*] — Loadpath"
    assert window.isWindowModified()


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "checkout: no single point of failure"),
        (1, "checkout: 1 single point of failure"),
        (3, "checkout: 3 single points of failure"),
    ],
)
def test_a_flow_is_summed_up_in_words(number: int, said: str) -> None:
    assert summary("checkout", number) == said


def test_clicking_a_flow_shows_its_points_of_failure(seeded: MainWindow) -> None:
    [button, *_] = seeded.bar.flows.findChildren(QToolButton)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    assert {item.rule.category for item in seeded.findings.rows.findings} == {"spof"}


def test_many_flows_are_summed_up(seeded: MainWindow, settled: Settled, qtbot: QtBot) -> None:
    design = seeded.document.design
    client = next(key for key, item in design.components.items() if item.kind == "client")
    for number in range(6):
        design, _ = edits.add_flow(design, client, f"flow {number}")
    seeded.document.apply("Add flows", design)
    settled(seeded)

    qtbot.waitUntil(lambda: len(seeded.bar.texts) == 4)


def test_a_long_sentence_does_not_make_the_window_wider(seeded: MainWindow) -> None:
    before = seeded.minimumSizeHint().width()

    seeded.bar.say("and then " * 200)

    assert seeded.minimumSizeHint().width() == before


def test_the_zoom_is_shown(seeded: MainWindow) -> None:
    seeded.canvas.zoom_to(0.5)

    assert "50 %" in seeded.bar._figures.text()
    assert f"{len(seeded.document.design.components)} parts" in seeded.bar._figures.text()


# --- theme --------------------------------------------------------------------------------------


def test_dark_and_light_are_chosen_for_all_windows_and_remembered(
    program: Application, window: MainWindow, settled: Settled
) -> None:
    other = settled(program.new_window())
    window.actions_by_id["theme_dark"].trigger()
    assert current_theme() is DARK
    assert window.canvas.stage.theme is DARK
    assert other.canvas.stage.theme is DARK
    assert other.actions_by_id["theme_dark"].isChecked()
    assert stored.load(stored.store()).theme == "dark"

    window.actions_by_id["theme_light"].trigger()
    assert current_theme() is LIGHT
    assert other.canvas.stage.theme is LIGHT


def test_the_choice_can_be_left_to_the_system_again(window: MainWindow) -> None:
    window.actions_by_id["theme_dark"].trigger()
    window.actions_by_id["theme_system"].trigger()

    assert current_theme() is system_theme()
    assert window.canvas.stage.theme is system_theme()


# --- menus --------------------------------------------------------------------------------------


def test_the_context_menu_suits_what_is_under_the_mouse(seeded: MainWindow) -> None:
    def texts() -> list[str]:
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        found = [action.text() for action in menu.actions() if action.text()]
        menu.close()
        return found

    seeded.canvas.menu_requested.emit(QPoint(400, 300))
    assert "Quick add…" in texts()
    seeded.canvas.select(("lb",))
    seeded.canvas.menu_requested.emit(QPoint(400, 300))
    assert "Rename" in texts()


def test_the_shortcut_sheet_opens(window: MainWindow, qtbot: QtBot) -> None:
    window.actions_by_id["shortcuts"].trigger()

    [sheet] = window.findChildren(Shortcuts)
    assert sheet.isVisible()
    sheet.close()


def test_about_tells_the_version(window: MainWindow, when_asked: Asked) -> None:
    told: list[str] = []

    def read(dialog: QWidget) -> None:
        assert isinstance(dialog, QMessageBox)
        told.append(dialog.text())
        dialog.accept()

    when_asked(read)
    window.actions_by_id["about"].trigger()

    assert "Loadpath 0" in told[0]


def test_export_opens_the_dialog_with_the_selection(seeded: MainWindow, when_asked: Asked) -> None:
    seeded.canvas.select(("lb",))
    seen: list[bool] = []

    def look(dialog: QWidget) -> None:
        seen.append(isinstance(dialog, ExportDialog))
        dialog.close()

    when_asked(look)
    QTest.keyClick(seeded, Qt.Key.Key_E, CTRL)

    assert seen == [True]


def test_the_write_up_opens_the_dialog_at_it(seeded: MainWindow, when_asked: Asked) -> None:
    seen: list[str] = []

    def look(dialog: QWidget) -> None:
        assert isinstance(dialog, ExportDialog)
        seen.append(dialog.target)
        dialog.close()

    when_asked(look)
    seeded.actions_by_id["write_up"].trigger()

    assert seen == ["report"]


def test_copies_travel_between_windows_with_their_links(
    program: Application, seeded: MainWindow, settled: Settled
) -> None:
    other = settled(program.new_window())
    seeded.canvas.select(("lb", "web-1"))
    seeded.actions_by_id["copy"].trigger()

    other.actions_by_id["paste"].trigger()

    assert len(other.document.design.components) == 2
    assert len(other.document.design.links) == 1


def test_a_key_in_a_text_field_is_text_and_no_command(seeded: MainWindow) -> None:
    before = seeded.document.design
    seeded.canvas.select(("lb",))
    line = seeded.palette_panel.search
    line.setFocus()
    QTest.keyClicks(line, "?/l")
    QTest.keyClick(line, Qt.Key.Key_Backspace)
    QTest.keyClick(line, Qt.Key.Key_Delete)

    assert line.text() == "?/"
    assert seeded.document.design is before


def test_arrows_nudge_the_selection(seeded: MainWindow) -> None:
    seeded.canvas.setFocus()
    seeded.canvas.select(("users",))
    before = seeded.document.design.layout["users"]
    QTest.keyClick(seeded.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)

    assert seeded.document.design.layout["users"].x == before.x + GRID
