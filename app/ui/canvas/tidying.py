"""Automatic layout from the canvas: in the background, as one step that can be undone."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from app.model.design import Design
from app.ui.canvas import editing

if TYPE_CHECKING:
    from app.ui.canvas.view import CanvasView


class _Result(QObject):
    ready = Signal(object, object)  # the design before and after
    failed = Signal(str)


class _Layout(QRunnable):
    def __init__(self, design: Design) -> None:
        super().__init__()
        self.design = design
        self.result = _Result()

    def run(self) -> None:
        try:
            after = editing.tidied(self.design)
        except (ImportError, OSError, ValueError) as error:
            self.result.failed.emit(f"The layout failed: {error}")
        else:
            self.result.ready.emit(self.design, after)


def tidy(view: "CanvasView") -> None:
    """Lay out the design of a view; a result that comes after another edit is dropped."""
    task = _Layout(view.document.design)

    def done(before: Design, after: Design) -> None:
        view.viewport().unsetCursor()
        if view.document.design is before:
            view.document.apply("Tidy up", after)
            view.fit_all()
            view.hint.emit("")
        else:
            view.hint.emit("The design has changed: tidy up again.")

    def failed(why: str) -> None:
        view.viewport().unsetCursor()
        view.hint.emit(why)

    task.result.ready.connect(done, Qt.ConnectionType.QueuedConnection)
    task.result.failed.connect(failed, Qt.ConnectionType.QueuedConnection)
    view.hint.emit("Tidying up …")
    view.viewport().setCursor(Qt.CursorShape.BusyCursor)
    QThreadPool.globalInstance().start(task)
