"""The field in which a name is edited in place."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from app.ui.canvas import commands, picking

if TYPE_CHECKING:
    from app.ui.canvas.view import CanvasView

LEAST_WIDTH = 150


class NameEditor(QLineEdit):
    """Lies over the name of a component; Enter keeps the new name, Esc the old one."""

    def __init__(self, view: "CanvasView", key: str) -> None:
        """Edit the name of a component."""
        super().__init__(view.document.design.components[key].name, view.viewport())
        self._view = view
        self._key = key
        self._done = False
        self.setObjectName("nameEditor")
        self.setAccessibleName("Name")
        area = view.mapFromScene(picking.name_area(view.stage, key)).boundingRect()
        area.setWidth(max(area.width(), LEAST_WIDTH))
        area.setHeight(max(area.height() + 4, self.sizeHint().height()))
        self.setGeometry(area.translated(0, -3))
        self.selectAll()
        self.show()
        self.setFocus()
        self.editingFinished.connect(self._keep)
        view.view_changed.connect(self._leave)
        view.document.changed.connect(self._leave)
        self.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave on Esc, keep on Enter: what is not taken here reaches the canvas, which acts."""
        if not (isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress):
            return super().eventFilter(watched, event)
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._keep()
            return True
        return super().eventFilter(watched, event)

    def _keep(self) -> None:
        if self._done:
            return
        name = self.text()
        self._leave()
        if self._key in self._view.document.design.components:
            why = commands.rename(self._view.document, self._key, name)
            if why is not None:
                self._view.hint.emit(why)

    def _leave(self) -> None:
        if not self._done:
            self._done = True
            self.hide()
            self._view.setFocus()
            self.deleteLater()
