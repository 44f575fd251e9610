"""The view creeps on while a gesture is held at its edge, to reach what is not seen yet."""

from collections.abc import Callable

from PySide6.QtCore import QTimer

from app.ui.canvas.tools import Pointer
from app.ui.canvas.zooming import ZoomView

EDGE = 28.0  # pixels from the border of the view in which it creeps
FASTEST = 14.0  # pixels in a tick
TICK = 16  # milliseconds


class Creep(QTimer):
    """Scrolls a view, and feeds the gesture with where the mouse is then."""

    def __init__(self, view: ZoomView, feed: Callable[[Pointer], None]) -> None:
        """Work for a view."""
        super().__init__(view)
        self._view = view
        self._feed = feed
        self._pointer: Pointer | None = None
        self.setInterval(TICK)
        self.timeout.connect(self._step)

    def watch(self, pointer: Pointer) -> None:
        """Creep while the mouse is at an edge."""
        self._pointer = pointer
        if any(self._push(pointer)):
            if not self.isActive():
                self.start()
        else:
            self.stop()

    def _push(self, pointer: Pointer) -> tuple[float, float]:
        size = self._view.viewport().size()
        return push(pointer.screen.x(), size.width()), push(pointer.screen.y(), size.height())

    def _step(self) -> None:
        last = self._pointer
        if last is None:
            return
        self._view.scroll_by(*self._push(last))
        self._feed(Pointer(self._view.scene_point(last.screen), last.screen, last.keys))


def push(at: float, size: float) -> float:
    """Return by how many pixels to scroll in a tick, for a position along a side of a view."""
    if at < EDGE:
        return -FASTEST * min(1.0, (EDGE - at) / EDGE)
    if at > size - EDGE:
        return FASTEST * min(1.0, (at - size + EDGE) / EDGE)
    return 0.0
