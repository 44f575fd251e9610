"""A view that zooms at the cursor, pans, and keeps its pictures sharp at the scale it rests at."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QNativeGestureEvent,
    QPainter,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView

from app.ui.canvas.ground import ground
from app.ui.document import Document
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.ui.canvas.overview import FarScene
    from app.ui.canvas.scene import Scene

LEAST, MOST = 0.05, 4.0
FAR = 0.2  # the scale below which the overview takes over
STEP = 1.25
NEAR = 0.5  # where to go from afar when something is to be shown
REST = 120  # milliseconds without a change of scale before pictures are drawn anew
SLICE = 0.006  # seconds of work between two events
AIR = 48.0  # pixels kept free round what is fitted, and of a small view
SHARE_OF_AIR = 0.04  # at most
SHARPEST = 6.0  # device pixels to one; beyond that pictures are enlarged


class ZoomView(QGraphicsView):
    """Shows a scene at any scale between 5 % and 400 %."""

    view_changed = Signal()  # another part of the scene is seen, or at another scale
    painted = Signal()  # once, for the first time
    drawn_anew = Signal()  # parts, marks or colours changed
    # Of the class, because Qt still scrolls while it takes a view apart.
    _shown = False
    _painted = False
    _paused = False
    _both: QPoint | None = None  # what two scroll bars have moved by

    def __init__(self, document: Document, theme: Theme) -> None:
        """Show the bare ground, which is all that the first paint of an empty design needs."""
        super().__init__()
        self.document = document
        self.theme = theme
        self._zoom = 1.0
        self.setScene(QGraphicsScene(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontSavePainterState)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._sharpen)
        self._work = QTimer(self)
        self._work.setInterval(0)
        self._work.timeout.connect(self._go_on)
        self._blurred: list[str] = []
        self.dot_the_ground()

    @cached_property
    def stage(self) -> "Scene":
        """The scene with the design."""
        from app.ui.canvas.scene import Scene

        ground, self.stage = self.scene(), Scene(self.theme)
        self.setScene(self.stage)
        ground.deleteLater()
        self._follow_scene()
        self.stage.show(None, self.document.design)
        if self._shown:
            self._begin()
        return self.stage

    @property
    def staged(self) -> bool:
        """Whether there is more to see than the ground."""
        return "stage" in self.__dict__

    @cached_property
    def far(self) -> "FarScene":
        """The overview that stands for the scene where cards would be specks."""
        from app.ui.canvas.overview import FarScene

        return FarScene(self.theme)

    def _follow_scene(self) -> None:
        for changed in (self.stage.reshaped, self.stage.remarked):
            changed.connect(self.load_far)
            changed.connect(self.drawn_anew)

    @property
    def zoom(self) -> float:
        """The scale: 1 is 100 %."""
        return self._zoom

    # --- scale and place --------------------------------------------------------------------

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Set the scale; the point of the scene under `anchor` (of the viewport) stays there."""
        zoom = max(min(LEAST, self._zoom), min(MOST, zoom))
        spot = QPointF(self.viewport().rect().center()) if anchor is None else anchor
        before = self.scene_point(spot)
        self._set_zoom(zoom)
        moved = self.viewportTransform().map(before) - spot
        self.scroll_by(moved.x(), moved.y())
        self._seen()

    def _set_zoom(self, zoom: float) -> None:
        self._zoom = zoom
        self.resetTransform()
        self.scale(zoom, zoom)
        self.show_far(zoom < FAR)
        self._rest.start()

    def show_far(self, far: bool) -> None:
        """Let the overview stand for the scene, or show the scene."""
        wanted = self.far if far else self.stage
        if self.scene() is wanted:
            return
        bars = self.horizontalScrollBar(), self.verticalScrollBar()
        values = [bar.value() for bar in bars]
        if far:
            self.far.setSceneRect(self.stage.sceneRect())
        self.setScene(wanted)
        self.dot_the_ground()
        for bar, value in zip(bars, values, strict=True):
            bar.setValue(value)
        self.load_far()

    def load_far(self) -> None:
        """Bring the overview up to date while it is seen."""
        if self.scene() is not self.stage:
            stage, area = self.stage, self.stage.sceneRect()
            self.far.setSceneRect(area)
            self.far.load(stage.design, stage.placing.rects, stage.marks, area)

    def scroll_by(self, dx: float, dy: float) -> None:
        """Move the view by pixels, both ways at once: that moves the pixels on screen once."""
        self._both = QPoint()
        for bar, way in ((self.horizontalScrollBar(), dx), (self.verticalScrollBar(), dy)):
            bar.setValue(bar.value() + round(way))
        both, self._both = self._both, None
        if not both.isNull():
            self.scrollContentsBy(both.x(), both.y())

    def scene_point(self, spot: QPointF) -> QPointF:
        """Return the point of the scene under a point of the viewport, to a fraction of a pixel."""
        inverse, _ = self.viewportTransform().inverted()
        return inverse.map(spot)

    def seen_area(self) -> QRectF:
        """Return the area of the scene that is seen."""
        return self.mapToScene(self.rect()).boundingRect()  # no bars, no frame: all of it

    def zoom_in(self) -> None:
        """Show things larger."""
        self.zoom_to(self._zoom * STEP)

    def zoom_out(self) -> None:
        """Show things smaller."""
        self.zoom_to(self._zoom / STEP)

    def zoom_reset(self) -> None:
        """Show things at 100 %."""
        self.zoom_to(1.0)

    def fit(self, area: QRectF) -> None:
        """Show an area as large as it goes, but not larger than 100 %."""
        if area.isEmpty():
            return
        size = self.viewport().rect()
        air = min(AIR, SHARE_OF_AIR * min(size.width(), size.height()))
        width = max(50.0, size.width() - 2 * air)
        height = max(50.0, size.height() - 2 * air)
        self._set_zoom(min(1.0, width / area.width(), height / area.height()))
        self.centerOn(area.center())
        self._seen()

    def fit_all(self) -> None:
        """Show the whole design."""
        self.fit(self.stage.content())

    def look_at(self, point: QPointF) -> None:
        """Bring a point of the scene into the middle."""
        self.centerOn(point)
        self._seen()

    def centre_on(self, ids: Iterable[str]) -> None:
        """Bring parts or links that are out of view into its middle, at this scale if they fit."""
        links = self.stage.design.links
        keys = {
            end for key in ids if key in links for end in (links[key].source, links[key].target)
        }
        keys |= {key for key in ids if key in self.stage.design.components}
        area = self.stage.content(keys)
        if area.isEmpty():
            return
        if self._zoom < FAR:
            self._set_zoom(NEAR)
        seen = self.seen_area()
        if area.width() > seen.width() or area.height() > seen.height():
            self.fit(area)
        elif not seen.contains(area):  # what is in view stays where the eye has found it
            self.centerOn(area.center())
            self._seen()

    def showEvent(self, event: QShowEvent) -> None:
        """Show the whole design at first."""
        super().showEvent(event)
        if not self._shown:
            self._shown = True
            if self.staged:
                self._begin()

    def _begin(self) -> None:
        self.fit_all()
        self.dot_the_ground()
        self.start_work()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Make what comes into view."""
        if self._both is not None:
            self._both += QPoint(dx, dy)
            return
        super().scrollContentsBy(dx, dy)
        self._seen()

    def _seen(self) -> None:
        if self._shown and self.staged:
            self.make_seen()
            self.view_changed.emit()

    def make_seen(self) -> None:
        """Make what is seen, be it the first time."""
        if self._shown and self._zoom >= FAR:
            self.stage.need(self.seen_area())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else scroll; sideways with Shift."""
        angle, pixels = event.angleDelta(), event.pixelDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self._zoom * 1.0016 ** (angle.y() or angle.x()), event.position())
        else:
            step = pixels if not pixels.isNull() else angle / 2
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier and not step.x():
                step = QPoint(step.y(), 0)
            self.scroll_by(-step.x(), -step.y())
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        """Zoom by pinching; draw pictures anew for a screen of another density."""
        if not self._painted and event.type() == QEvent.Type.Paint:
            self._painted = True
            QTimer.singleShot(0, self, self.painted.emit)
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._rest.start()
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_to(self._zoom * (1 + event.value()), event.position())
            return True
        return super().viewportEvent(event)

    # --- pictures and steps -----------------------------------------------------------------

    def start_work(self) -> None:
        """Go on making items in the time between events."""
        if self._shown and not self._paused:
            self._work.start()

    def pause_work(self, paused: bool) -> None:
        """Make only what is seen while something more urgent needs the interpreter."""
        self._paused = paused
        if paused:
            self._work.stop()
        else:
            self.start_work()

    def _sharpen(self) -> None:
        """Draw the pictures for the scale that the view rests at: first those that are seen."""
        self.dot_the_ground()
        ratio = min(SHARPEST, self._zoom * self.devicePixelRatioF())
        if self._zoom < FAR or self.stage.pictures.ratio == ratio:
            return
        self.stage.pictures = self.stage.pictures.at(ratio)
        seen = self.seen_area()
        near: list[str] = []
        far: list[str] = []
        for key, (x, y, width, height) in self.stage.placing.rects.items():
            (near if seen.intersects(QRectF(x, y, width, height)) else far).append(key)
        self.stage.sharpen(near)
        self._blurred = far
        self.start_work()

    def _go_on(self) -> None:
        """Do a slice of the work that is left: items not made, pictures not sharp."""
        if self.stage.build(SLICE):
            return
        if self._blurred:
            now, self._blurred = self._blurred[:200], self._blurred[200:]
            self.stage.sharpen(now)
            return
        self._work.stop()

    def dot_the_ground(self) -> None:
        """Fill the ground as it is to look at this scale."""
        self.setBackgroundBrush(ground(self.theme, self._zoom, self.devicePixelRatioF()))
