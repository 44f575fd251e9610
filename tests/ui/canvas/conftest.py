"""A canvas in a window of its own, and hands to work it: real events on the viewport."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.theme import LIGHT

Key = Qt.KeyboardModifier
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton


class Hands:
    """Presses, moves and releases at points of the scene."""

    def __init__(self, view: CanvasView) -> None:
        """Work a view."""
        self.view = view

    def spot(self, x: float, y: float) -> QPoint:
        """The point of the viewport over a point of the scene."""
        return self.view.mapFromScene(QPointF(x, y))

    def middle(self, key: str) -> tuple[float, float]:
        """The middle of a component on the canvas."""
        x, y, width, height = self.view.stage.placing.rects[key]
        return x + width / 2, y + height / 2

    def corner(self, key: str) -> tuple[float, float]:
        """The top left corner of a component on the canvas."""
        x, y, _, _ = self.view.stage.placing.rects[key]
        return x, y

    def click(self, x: float, y: float, keys: Qt.KeyboardModifier = Key.NoModifier) -> None:
        """Click at a point of the scene."""
        QTest.mouseClick(self.view.viewport(), LEFT, keys, self.spot(x, y))

    def double_click(self, x: float, y: float) -> None:
        """Click twice at a point of the scene."""
        QTest.mouseDClick(self.view.viewport(), LEFT, Key.NoModifier, self.spot(x, y))

    def hover(self, x: float, y: float) -> None:
        """Move the mouse with no button held."""
        self._send(QEvent.Type.MouseMove, (x, y), NONE, NONE, Key.NoModifier)

    def press(
        self,
        x: float,
        y: float,
        keys: Qt.KeyboardModifier = Key.NoModifier,
        button: Qt.MouseButton = LEFT,
    ) -> None:
        """Press at a point of the scene."""
        self._button = button
        self._send(QEvent.Type.MouseButtonPress, (x, y), button, button, keys)

    def move(self, x: float, y: float, keys: Qt.KeyboardModifier = Key.NoModifier) -> None:
        """Move with the button held, in a few steps as a hand does."""
        self._send(QEvent.Type.MouseMove, (x, y), NONE, self._button, keys)

    def release(self, x: float, y: float, keys: Qt.KeyboardModifier = Key.NoModifier) -> None:
        """Release at a point of the scene."""
        self._send(QEvent.Type.MouseButtonRelease, (x, y), self._button, NONE, keys)

    def drag(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        keys: Qt.KeyboardModifier = Key.NoModifier,
    ) -> None:
        """Press, move in four steps, release."""
        self.press(*start, keys)
        for step in (0.25, 0.5, 0.75, 1.0):
            self.move(
                start[0] + (end[0] - start[0]) * step, start[1] + (end[1] - start[1]) * step, keys
            )
        self.release(*end, keys)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = Key.NoModifier) -> None:
        """Press and release a key."""
        QTest.keyClick(self.view, key, keys)

    def _send(
        self,
        kind: QEvent.Type,
        at: tuple[float, float],
        button: Qt.MouseButton,
        held: Qt.MouseButton,
        keys: Qt.KeyboardModifier,
    ) -> None:
        spot = QPointF(self.spot(*at))
        viewport = self.view.viewport()
        event = QMouseEvent(kind, spot, viewport.mapToGlobal(spot), button, held, keys)
        QApplication.sendEvent(viewport, event)


@pytest.fixture
def view(document: Document, qtbot: QtBot) -> Iterator[CanvasView]:
    """A canvas on the small design, at 100 %."""
    canvas = CanvasView(document, LIGHT)
    qtbot.addWidget(canvas)
    canvas.resize(1200, 800)
    with qtbot.waitExposed(canvas):
        canvas.show()
    canvas.zoom_reset()
    canvas.setFocus()
    yield canvas
    canvas.escape()


@pytest.fixture
def hands(view: CanvasView) -> Hands:
    """The mouse and the keyboard on the canvas."""
    return Hands(view)
