"""What a user's hands do in the main window: real events of the mouse and of the keyboard."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget, QListWidgetItem, QMenu, QWidget

from app.model.sizes import TITLE
from app.ui.canvas.renaming import NameEditor
from app.ui.command_palette import CommandPalette
from app.ui.main_window import MainWindow
from app.ui.panels.finding_rows import button_rect
from app.ui.panels.palette import KIND

Key = Qt.Key
Held = Qt.KeyboardModifier
Spot = tuple[float, float]  # of the scene
Dialog = TypeVar("Dialog", bound=QWidget)
_LEFT, _NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
_TRIES, _WAIT = 500, 20  # how often, and after how many milliseconds, to look for a dialog


class User:
    """Works one window; parts are called by the names on their cards."""

    def __init__(self, window: MainWindow) -> None:
        """Sit down before a window."""
        self.window = window
        self.canvas = window.canvas
        self.viewport = self.canvas.viewport()

    # --- where things are -------------------------------------------------------------------

    def id_of(self, name: str) -> str:
        """The id of the one part with a name."""
        components = self.window.document.design.components
        [found] = [key for key, item in components.items() if item.name == name]
        return found

    def middle(self, name: str) -> Spot:
        """The middle of a card."""
        x, y, width, height = self.canvas.stage.placing.rects[self.id_of(name)]
        return x + width / 2, y + height / 2

    def title(self, name: str) -> Spot:
        """A point in the title band of a container, right of its name."""
        x, y, width, _ = self.canvas.stage.placing.rects[self.id_of(name)]
        return x + width - 24, y + TITLE / 2

    def handle(self, name: str) -> Spot:
        """The right handle of a card."""
        x, y, width, height = self.canvas.stage.placing.rects[self.id_of(name)]
        return x + width, y + height / 2

    def _spot(self, at: Spot) -> QPoint:
        spot = self.canvas.mapFromScene(QPointF(*at))
        assert self.viewport.rect().contains(spot), f"{at} is not in view"
        return spot

    # --- mouse ------------------------------------------------------------------------------

    def click(self, at: Spot, keys: Qt.KeyboardModifier = Held.NoModifier) -> None:
        """Click at a point of the canvas."""
        QTest.mouseClick(self.viewport, _LEFT, keys, self._spot(at))

    def double_click(self, at: Spot) -> None:
        """Click twice at a point of the canvas."""
        QTest.mouseDClick(self.viewport, _LEFT, Held.NoModifier, self._spot(at))

    def drag(self, start: Spot, end: Spot) -> None:
        """Hover over the start, press, move in four steps, release."""
        self._mouse(QEvent.Type.MouseMove, start, _NONE, _NONE)
        self._mouse(QEvent.Type.MouseButtonPress, start, _LEFT, _LEFT)
        for step in (0.25, 0.5, 0.75, 1.0):
            at = tuple(a + (b - a) * step for a, b in zip(start, end, strict=True))
            self._mouse(QEvent.Type.MouseMove, (at[0], at[1]), _NONE, _LEFT)
        self._mouse(QEvent.Type.MouseButtonRelease, end, _LEFT, _NONE)

    def enlarge(self, name: str, corner: Spot) -> None:
        """Drag the lower right corner of the selected container."""
        x, y, width, height = self.canvas.stage.placing.rects[self.id_of(name)]
        self.drag((x + width, y + height), corner)

    def link(self, source: str, target: str) -> None:
        """Hover over a card, drag its right handle to another card."""
        self._mouse(QEvent.Type.MouseMove, self.middle(source), _NONE, _NONE)
        self.drag(self.handle(source), self.middle(target))

    def _mouse(
        self, kind: QEvent.Type, at: Spot, button: Qt.MouseButton, held: Qt.MouseButton
    ) -> None:
        spot = QPointF(self._spot(at))
        where = self.viewport.mapToGlobal(spot)
        event = QMouseEvent(kind, spot, where, button, held, Held.NoModifier)
        QApplication.sendEvent(self.viewport, event)

    def drop(self, kind: str, at: Spot) -> None:
        """Drag a kind from the palette and drop it with its middle at a point of the canvas."""
        panel = self.window.palette_panel.list
        click_item(panel, self._kind(kind))
        drag = panel.make_drag()
        assert drag is not None
        data, spot = drag.mimeData(), self._spot(at)
        held = Qt.DropAction.CopyAction, data, _LEFT, Held.NoModifier
        QApplication.sendEvent(self.viewport, QDragEnterEvent(spot, *held))
        QApplication.sendEvent(self.viewport, QDragMoveEvent(spot, *held))
        QApplication.sendEvent(self.viewport, QDropEvent(QPointF(spot), *held))
        drag.deleteLater()

    def add_by_double_click(self, kind: str) -> None:
        """Click twice on a kind in the palette."""
        panel = self.window.palette_panel.list
        spot = click_item(panel, self._kind(kind))
        QTest.mouseDClick(panel.viewport(), _LEFT, Held.NoModifier, spot)

    def _kind(self, kind: str) -> QListWidgetItem:
        panel = self.window.palette_panel.list
        items = (panel.item(row) for row in range(panel.count()))
        [found] = [item for item in items if item.data(KIND) == kind]
        return found

    # --- keyboard ---------------------------------------------------------------------------

    def press(self, *keys: Qt.Key, held: Qt.KeyboardModifier = Held.NoModifier) -> None:
        """Press keys on the canvas, one after the other."""
        if not self.window.isActiveWindow():  # offscreen nobody sees to it when a menu closes
            self.window.activateWindow()
            QTest.qWaitForWindowActive(self.window)
        for key in keys:
            QTest.keyClick(self.canvas, key, held)

    def rename(self, name: str) -> None:
        """Give the selected part another name with F2."""
        self.press(Key.Key_F2)
        line = QApplication.focusWidget()
        assert isinstance(line, NameEditor)
        QTest.keyClicks(line, name)
        QTest.keyClick(line, Key.Key_Return)
        assert QApplication.focusWidget() is self.canvas, "keys still go to the canvas"

    def search_part(self, text: str) -> None:
        """Type into the search of the palette and press Enter."""
        line = self.window.palette_panel.search
        QTest.mouseClick(line, _LEFT)
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Key.Key_Return)
        QTest.keyClick(line, Key.Key_Escape)

    def quick_add(self, text: str) -> None:
        """Ask with Tab for a part, type its name, press Enter."""
        self.press(Key.Key_Escape, Key.Key_Tab)
        self.choose_command(text)

    def choose_command(self, text: str) -> None:
        """Type into the list that is open over the window and press Enter."""
        [popup] = [
            widget
            for widget in QApplication.topLevelWidgets()
            if isinstance(widget, CommandPalette) and widget.isVisible()
        ]
        QTest.keyClicks(popup.line, text)
        QTest.keyClick(popup.line, Key.Key_Return)

    # --- panels -----------------------------------------------------------------------------

    def choose_field(self, field: str, value: str) -> None:
        """Choose a value in a list of the inspector."""
        box = self._editor(field).findChild(QComboBox)
        assert box is not None
        choose(box, value)

    def tick(self, field: str, name: str) -> None:
        """Tick a part in a list of the inspector with Space."""
        found = self._editor(field).findChild(QListWidget)
        assert found is not None
        [item] = [row for row in _items(found) if row.text().split(" (")[0] == name]
        click_item(found, item)
        QTest.keyClick(found, Key.Key_Space)

    def _editor(self, field: str) -> QWidget:
        form = self.window.inspector.form
        assert form is not None
        editor = form.editor(field)
        self.window.inspector.ensureWidgetVisible(editor)
        return editor

    def click_fix(self, row: int) -> None:
        """Click the button that repairs the finding in a row; of a menu take the first entry."""
        panel = self.window.findings.list
        QApplication.processEvents()  # the panel may be about to be laid out
        index = panel.model().index(row, 0)
        panel.scrollTo(index)
        spot = button_rect(panel.visualRect(index), "fix").center()
        QTest.mousePress(panel.viewport(), _LEFT, Held.NoModifier, spot)
        QApplication.processEvents()  # a hand is slow: what a press lays out is there by then
        QTest.mouseRelease(panel.viewport(), _LEFT, Held.NoModifier, spot)
        menu = QApplication.activePopupWidget()
        if isinstance(menu, QMenu):
            QTest.keyClick(menu, Key.Key_Down)
            QTest.keyClick(menu, Key.Key_Return)


def _items(found: QListWidget) -> list[QListWidgetItem]:
    return [found.item(row) for row in range(found.count())]


def click_item(found: QListWidget, item: QListWidgetItem) -> QPoint:
    """Click on an entry of a list; returns where it is."""
    found.scrollToItem(item)
    spot = found.visualItemRect(item).center()
    QTest.mouseClick(found.viewport(), _LEFT, Held.NoModifier, spot)
    return spot


def choose(box: QComboBox, value: str) -> None:
    """Open a list, walk to a value with the arrows, press Enter."""
    row = box.findData(value)
    assert row >= 0, f"{value} is not offered"
    if row == box.currentIndex():
        return
    QTest.keyClick(box, Key.Key_F4)
    view = box.view()
    while view.currentIndex().row() != row:
        QTest.keyClick(view, Key.Key_Down if view.currentIndex().row() < row else Key.Key_Up)
    QTest.keyClick(view, Key.Key_Return)


def in_dialog(kind: type[Dialog], act: Callable[[Dialog], object]) -> None:
    """Do something in the next dialog of a kind, which keeps the caller until it is closed."""

    def look(tries: int) -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, kind):
            try:
                act(dialog)
            finally:
                dialog.close()
        elif tries:
            QTimer.singleShot(_WAIT, lambda: look(tries - 1))

    QTimer.singleShot(0, lambda: look(_TRIES))
