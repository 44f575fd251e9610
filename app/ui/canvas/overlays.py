"""What gestures draw over the design: rubber band, guides, handles, the link being drawn."""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsEllipseItem,
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsScene,
)

from app.model.geometry import Rect
from app.ui.canvas.guides import Guide
from app.ui.canvas.link_item import outline
from app.ui.canvas.routing import Route
from app.ui.theme import Theme

LEVEL = 100.0
HANDLE = 5.5  # radius of a handle to connect, pixels on screen
GRIP = 4.0  # half side of a handle to resize
Flag = QGraphicsItem.GraphicsItemFlag


class Overlay:
    """Items over the design that belong to the gesture that goes on."""

    def __init__(self, scene: QGraphicsScene, theme: Theme) -> None:
        """Draw into a scene."""
        self._scene = scene
        self.theme = theme
        self.band = self._path(theme.accent, 1.0, fill=28)
        self.lines = self._path(theme.accent, 1.0)
        self.link = self._path(theme.accent, 0.0, fill=255)
        self.lights = self._path(theme.accent, 1.5, dashed=True)
        self.target = self._path(theme.accent, 2.5)
        self.handles: list[QGraphicsEllipseItem] = []
        self.grips: list[QGraphicsPathItem] = []

    def _path(
        self, colour: str, width: float, *, fill: int = 0, dashed: bool = False
    ) -> QGraphicsPathItem:
        item = QGraphicsPathItem()
        pen = QPen(QColor(colour), width) if width else QPen(Qt.PenStyle.NoPen)
        pen.setCosmetic(True)
        if dashed:
            pen.setDashPattern([4, 3])
        item.setPen(pen)
        if fill:
            ground = QColor(colour)
            ground.setAlpha(fill)
            item.setBrush(ground)
        item.setZValue(LEVEL)
        self._scene.addItem(item)
        return item

    def show_band(self, area: QRectF | None) -> None:
        """Draw the rubber band."""
        path = QPainterPath()
        if area is not None:
            path.addRect(area)
        self.band.setPath(path)

    def show_guides(self, guides: Sequence[Guide]) -> None:
        """Draw the lines along which parts are aligned."""
        path = QPainterPath()
        for guide in guides:
            start, end = guide.start - 12, guide.end + 12
            if guide.upright:
                path.moveTo(guide.at, start)
                path.lineTo(guide.at, end)
            else:
                path.moveTo(start, guide.at)
                path.lineTo(end, guide.at)
        self.lines.setPath(path)

    def show_link(self, route: Route | None) -> None:
        """Draw the link that is being drawn."""
        self.link.setPath(outline(route, 2.2) if route else QPainterPath())

    def show_lights(self, rects: Iterable[Rect]) -> None:
        """Light up what a link may end at."""
        self.lights.setPath(_frames(rects))

    def show_target(self, rect: Rect | None) -> None:
        """Light up what the link would end at now."""
        self.target.setPath(_frames([rect] if rect else []))

    def show_handles(self, points: Iterable[QPointF]) -> None:
        """Show the handles from which a link is drawn; none hides them."""
        wanted = list(points)
        while len(self.handles) < len(wanted):
            handle = QGraphicsEllipseItem(-HANDLE, -HANDLE, 2 * HANDLE, 2 * HANDLE)
            handle.setFlag(Flag.ItemIgnoresTransformations)
            handle.setPen(QPen(QColor(self.theme.accent), 1.8))
            handle.setBrush(QColor(self.theme.panel))
            handle.setZValue(LEVEL)
            self._scene.addItem(handle)
            self.handles.append(handle)
        for index, handle in enumerate(self.handles):
            handle.setVisible(index < len(wanted))
            if index < len(wanted):
                handle.setPos(wanted[index])

    def show_grips(self, points: Iterable[QPointF]) -> None:
        """Show the handles by which a container or a note is resized."""
        wanted = list(points)
        while len(self.grips) < len(wanted):
            path = QPainterPath()
            path.addRoundedRect(QRectF(-GRIP, -GRIP, 2 * GRIP, 2 * GRIP), 2, 2)
            grip = QGraphicsPathItem(path)
            grip.setFlag(Flag.ItemIgnoresTransformations)
            grip.setPen(QPen(QColor(self.theme.accent), 1.5))
            grip.setBrush(QColor(self.theme.panel))
            grip.setZValue(LEVEL)
            self._scene.addItem(grip)
            self.grips.append(grip)
        for index, grip in enumerate(self.grips):
            grip.setVisible(index < len(wanted))
            if index < len(wanted):
                grip.setPos(wanted[index])

    def clear(self) -> None:
        """Take everything away."""
        self.show_band(None)
        self.show_guides(())
        self.show_link(None)
        self.show_lights(())
        self.show_target(None)

    def enter(self, scene: QGraphicsScene) -> None:
        """Draw into another scene: the one that is seen."""
        self._scene = scene
        paths = (self.band, self.lines, self.link, self.lights, self.target)
        for item in (*paths, *self.handles, *self.grips):
            scene.addItem(item)


def _frames(rects: Iterable[Rect]) -> QPainterPath:
    path = QPainterPath()
    for x, y, width, height in rects:
        path.addRoundedRect(QRectF(x - 5, y - 5, width + 10, height + 10), 15, 15)
    return path


def handle_points(rect: Rect) -> dict[str, QPointF]:
    """Return where the four handles to connect are, by side."""
    x, y, width, height = rect
    return {
        "right": QPointF(x + width, y + height / 2),
        "bottom": QPointF(x + width / 2, y + height),
        "left": QPointF(x, y + height / 2),
        "top": QPointF(x + width / 2, y),
    }


def grip_points(rect: Rect) -> dict[tuple[int, int], QPointF]:
    """Return where the eight handles to resize are, by direction across and down."""
    x, y, width, height = rect
    return {
        (a, b): QPointF(x + width * (a + 1) / 2, y + height * (b + 1) / 2)
        for a in (-1, 0, 1)
        for b in (-1, 0, 1)
        if (a, b) != (0, 0)
    }
