"""The ground of a container: a rectangle with round corners and a thin line round it.

In a file it is two paths. On the screen it is bars, lines and corners, because Qt takes many times
as long to fill a large path as to fill a rectangle, and does so in each frame, also where all of it
but a strip at the rim of the window stays as it is.
"""

from functools import cache

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainterPath, QTransform
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsRectItem

from app.ui.canvas.cards import edge, rounded
from app.ui.canvas.frame import unlined

RADIUS = 14.0
LINE = 1.0
_SEAM = 1.0  # bars overlap by it, so that no line shows between them at odd scales
_CORNERS = ((0, 0), (1, 0), (0, 1), (1, 1))  # right or left, low or high


class TiledField:
    """Three bars, four lines and four corners."""

    def __init__(self, parent: QGraphicsItem) -> None:
        """Lie below what the parent gets later."""
        self._bars = [unlined(QGraphicsRectItem(parent)) for _ in range(3)]
        self._pies = [unlined(QGraphicsPathItem(_pie(*each), parent)) for each in _CORNERS]
        self._lines = [unlined(QGraphicsRectItem(parent)) for _ in range(4)]
        self._arcs = [unlined(QGraphicsPathItem(_arc(*each), parent)) for each in _CORNERS]

    def resize(self, width: float, height: float) -> None:
        """Fill a rectangle at the origin of the parent."""
        for corners in (self._pies, self._arcs):
            for corner, (right, low) in zip(corners, _CORNERS, strict=True):
                corner.setPos(right * width, low * height)
        long, high = width - 2 * RADIUS, height - 2 * RADIUS
        bars = (
            (RADIUS, 0, long, RADIUS + _SEAM),
            (0, RADIUS, width, high),
            (RADIUS, height - RADIUS - _SEAM, long, RADIUS + _SEAM),
        )
        lines = (
            (RADIUS, 0, long, LINE),
            (RADIUS, height - LINE, long, LINE),
            (0, RADIUS, LINE, high),
            (width - LINE, RADIUS, LINE, high),
        )
        for item, area in zip((*self._bars, *self._lines), (*bars, *lines), strict=True):
            item.setRect(*area)

    def colour(self, ground: QColor, line: QColor) -> None:
        """Take two colours."""
        for below in (*self._bars, *self._pies):
            below.setBrush(ground)
        for above in (*self._lines, *self._arcs):
            above.setBrush(line)


class VectorField:
    """The same as two paths."""

    def __init__(self, parent: QGraphicsItem) -> None:
        """Lie below what the parent gets later."""
        self._ground = unlined(QGraphicsPathItem(parent))
        self._edge = unlined(QGraphicsPathItem(parent))

    def resize(self, width: float, height: float) -> None:
        """Fill a rectangle at the origin of the parent."""
        area, half = QRectF(0, 0, width, height), LINE / 2
        self._ground.setPath(rounded(area, RADIUS))
        self._edge.setPath(edge(area.adjusted(half, half, -half, -half), RADIUS, LINE))

    def colour(self, ground: QColor, line: QColor) -> None:
        """Take two colours."""
        self._ground.setBrush(ground)
        self._edge.setBrush(line)


@cache
def _pie(right: int, low: int) -> QPainterPath:
    """Return the ground of a corner that lies at the origin."""
    path = QPainterPath()
    path.moveTo(RADIUS + _SEAM, 0)
    path.lineTo(RADIUS, 0)
    path.arcTo(0, 0, 2 * RADIUS, 2 * RADIUS, 90, 90)
    path.lineTo(0, RADIUS + _SEAM)
    path.lineTo(RADIUS + _SEAM, RADIUS + _SEAM)
    path.closeSubpath()
    return _turned(path, right, low)


@cache
def _arc(right: int, low: int) -> QPainterPath:
    """Return the line round a corner that lies at the origin."""
    side = 2 * RADIUS
    path = QPainterPath()
    path.moveTo(RADIUS, 0)
    path.arcTo(0, 0, side, side, 90, 90)
    path.lineTo(LINE, RADIUS)
    path.arcTo(LINE, LINE, side - 2 * LINE, side - 2 * LINE, 180, -90)
    path.closeSubpath()
    return _turned(path, right, low)


def _turned(path: QPainterPath, right: int, low: int) -> QPainterPath:
    return QTransform.fromScale(-1 if right else 1, -1 if low else 1).map(path)
