"""The room that panels get before they are made."""

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.canvas.view import CanvasView

_AWAY = 16  # pixels from the edges of the canvas
SOON = 150  # milliseconds after the last change of the view


class Holder(QWidget):
    """Keeps the room of a panel that comes after the first paint."""

    def hold(self, panel: QWidget) -> None:
        """Show a panel in the room that was kept for it."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)


class Corner(Holder):
    """The lower left corner of the canvas: a map while a part of the design is out of view.

    It is a child of the viewport. What lies over a viewport beside it keeps Qt from moving the
    pixels that stay in view when it scrolls, and all of them are painted anew at each step.
    """

    def __init__(self, canvas: CanvasView) -> None:
        """Stay in the corner of a canvas."""
        super().__init__(canvas.viewport())
        self._canvas = canvas
        self._wanted = True
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._decide)
        self.setFixedSize(176, 112)
        self.hide()
        canvas.installEventFilter(self)
        canvas.view_changed.connect(self._stay)  # Qt scrolls it along
        canvas.view_changed.connect(self._soon.start)

    def _stay(self) -> None:
        self.move(_AWAY, self._canvas.height() - self.height() - _AWAY)

    def setVisible(self, visible: bool) -> None:
        """Show the map where there is something to show on it."""
        self._wanted = visible
        self.follow()

    def follow(self) -> None:
        """Look again, once for many changes in a row."""
        self._soon.start()

    def _decide(self) -> None:
        hidden = not self._canvas.seen_area().contains(self._canvas.stage.content())
        drawn = bool(self._canvas.document.design.components)
        super().setVisible(self._wanted and drawn and hidden)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner when the canvas takes another size."""
        if event.type() == QEvent.Type.Resize:
            self._stay()
        return super().eventFilter(watched, event)
