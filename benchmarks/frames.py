"""Times the frames of a canvas: from an input to the paint that it caused, the queue empty again.

The input is a real mouse event sent to the viewport, so handling it, updating the model, painting
and flushing are all inside. Knows PySide6 and nothing else: each subject runs it in its own
environment. Offscreen, unless QT_QPA_PLATFORM says otherwise.
"""

import gc
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_QPA_UPDATE_IDLE_TIME"] = "0"  # no pause of 5 ms before an update

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget

WIDTH, HEIGHT = 1600, 1000
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
FRAMES = 40
REPAINTS = 15
BUDGET = 15.0  # seconds for one series, with at least five frames
PATIENCE = 1.0  # seconds after which an input is taken to have caused no paint
REST = 200  # milliseconds in which a canvas that has nothing left to do is idle …
IDLE = 0.1  # … for all but this share
MOST_RESTS = 300
PAN = QPoint(-12, -5)
DRAG = QPoint(24, 14)  # a whole step of a 24 pixel grid, so that each input moves the card


class Canvas(Protocol):
    """What the bench asks of a canvas; `index` counts the cards of the drawing."""

    def build(self) -> None:
        """Make the canvas and fill it."""

    def viewport(self) -> QWidget:
        """The widget that paints and takes the mouse."""

    def fit_all(self) -> None:
        """Bring the whole drawing into view."""

    def actual_size(self, index: int) -> None:
        """Show a card in the middle at 100 %."""

    def card_point(self, index: int) -> QPoint:
        """Where in the viewport to take hold of a card."""

    def free_point(self) -> QPoint:
        """Where in the viewport to take hold of the canvas with the middle button."""

    def card_position(self, index: int) -> tuple[float, float]:
        """Where a card lies in the scene, after the mouse was released."""


class Paints(QObject):
    """Counts the paints of a widget."""

    def __init__(self, widget: QWidget) -> None:
        """Watch a widget."""
        super().__init__()
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Count, and let the event through."""
        self.count += event.type() == QEvent.Type.Paint
        return False


def send(widget: QWidget, kind: QEvent.Type, at: QPoint, button: Any, held: Any) -> None:
    """Send a mouse event to a widget, as the platform would."""
    everywhere = QPointF(widget.mapToGlobal(at))
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(kind, QPointF(at), everywhere, button, held, none))


class Bench:
    """One canvas with one drawing in one process."""

    def __init__(self, canvas: Canvas, focus: int) -> None:
        """Take the canvas, not built yet, and the card to drag."""
        self.application = QApplication.instance() or QApplication(sys.argv[:1])
        self.canvas = canvas
        self.focus = focus
        self.notes: list[str] = []
        self.rests = True  # whether the canvas comes to rest between two series
        self.times: list[float] = []  # of the frames of the latest series

    def run(self) -> dict[str, Any]:
        """Return the medians of this process in milliseconds, by metric."""
        began = time.perf_counter()
        results: dict[str, Any] = {"build_and_first_paint": self.build()}
        results["build_and_rest"] = (time.perf_counter() - began) * 1e3
        gc.collect()
        gc.disable()
        self.canvas.fit_all()
        self._rest()
        results["fit_repaint"] = self._series("fit", [self.widget.update] * REPAINTS)
        results["pan"] = self.pan()
        results["drag"] = self._drag()
        return results | {"notes": self.notes}

    def build(self) -> float:
        """Build the canvas and show it; return the milliseconds until its first paint."""
        began = time.perf_counter()
        self.canvas.build()
        self.widget = self.canvas.viewport()
        self.paints = Paints(self.widget)
        window = self.widget.window()
        window.resize(WIDTH, HEIGHT)
        window.show()
        while not self.paints.count:
            self.application.processEvents()
        painted = time.perf_counter()
        for _ in range(3):  # the frame around the viewport takes some pixels
            missing = window.size() - self.widget.size()
            window.resize(WIDTH + missing.width(), HEIGHT + missing.height())
            self.application.processEvents()
        self._rest()
        return (painted - began) * 1e3

    def _rest(self) -> None:
        """Leave the canvas alone until it has done what it does in the background."""
        for _ in range(MOST_RESTS if self.rests else 1):
            loop = QEventLoop()
            QTimer.singleShot(REST, loop.quit)
            used = time.process_time()
            loop.exec()
            if time.process_time() - used < IDLE * REST / 1e3:
                return
        if self.rests:
            self.notes.append("the canvas did not come to rest")

    def _frame(self, action: Callable[[], object]) -> float | None:
        """Return the milliseconds of one frame, or None where nothing was painted."""
        before = self.paints.count
        began = time.perf_counter()
        action()
        handled = time.perf_counter()
        while True:
            seen = self.paints.count
            self.application.processEvents()
            if self.paints.count == seen > before:
                return (time.perf_counter() - began) * 1e3
            if self.paints.count == before and time.perf_counter() - handled > PATIENCE:
                return None

    def _series(self, metric: str, actions: list[Callable[[], object]]) -> float:
        self._frame(actions[0])
        times: list[float] = []
        unpainted = 0
        began = time.perf_counter()
        for action in actions[1:]:
            took = self._frame(action)
            if took is None:
                unpainted += 1
            else:
                times.append(took)
            if time.perf_counter() - began > BUDGET and len(times) >= 5:
                break
        self.times = times
        if unpainted:
            self.notes.append(f"{metric}: {unpainted} inputs led to no paint")
        return statistics.median(times) if times else float("nan")

    def _gesture(self, metric: str, start: QPoint, button: Any, step: QPoint) -> float:
        """Press, move there and back, release; return the median of the moves."""
        send(self.widget, QEvent.Type.MouseButtonPress, start, button, button)
        self._rest()
        points = list(_there_and_back(start, step))
        if not all(map(self.widget.rect().contains, points)):
            self.notes.append(f"{metric}: the mouse left the canvas")
        for at in points[:4]:  # past the distance from which it counts as a drag
            self._move(at, button)
            self._rest()
        took = self._series(
            metric,
            [lambda at=at: self._move(at, button) for at in points[4:]],  # type: ignore[misc]
        )
        send(
            self.widget, QEvent.Type.MouseButtonRelease, points[-1], button, Qt.MouseButton.NoButton
        )
        self._rest()
        return took

    def _move(self, at: QPoint, button: Any) -> None:
        send(self.widget, QEvent.Type.MouseMove, at, Qt.MouseButton.NoButton, button)

    def pan(self) -> float:
        """Return the median of the frames of a pan at 100 %."""
        self.canvas.actual_size(self.focus)
        self._rest()
        before = self.canvas.card_point(self.focus)
        took = self._gesture("pan", self.canvas.free_point(), MIDDLE, PAN)
        if self.canvas.card_point(self.focus) == before:
            self.notes.append("pan: the view did not move")
        return took

    def _drag(self) -> float:
        self.canvas.actual_size(self.focus)
        self._rest()
        before = self.canvas.card_position(self.focus)
        took = self._gesture("drag", self.canvas.card_point(self.focus), LEFT, DRAG)
        if self.canvas.card_position(self.focus) == before:
            self.notes.append("drag: the card did not move")
        return took


def _there_and_back(start: QPoint, step: QPoint) -> Iterator[QPoint]:
    """Yield half of the frames away from the start and, but for two steps, back again."""
    at = QPoint(start)
    for number in range(FRAMES + 4):
        at += step if number < FRAMES // 2 + 3 else -step
        yield QPoint(at)
