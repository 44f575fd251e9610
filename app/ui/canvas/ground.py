"""The ground of the canvas: plain, or with the dots of the grid."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap, QTransform

from app.model.sizes import GRID
from app.ui.theme import Theme

DOTS_FROM = 0.5  # the scale from which the grid is shown


def ground(theme: Theme, zoom: float, ratio: float) -> QBrush:
    """Return what fills the ground at a scale, with `ratio` device pixels to one of the screen.

    Where dots would be noise, it is plain.
    """
    colour = QColor(theme.background)
    if zoom < DOTS_FROM:
        return QBrush(colour)
    side = max(1, round(GRID * zoom * ratio))
    tile = QPixmap(side, side)
    tile.fill(colour)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.grid))
    dot = max(1.0, ratio)
    painter.drawEllipse(QPointF(side / 2, side / 2), dot, dot)
    painter.end()
    brush = QBrush(tile)
    half = -GRID / 2  # the dot in the middle of the tile lies on the lines of the grid
    brush.setTransform(QTransform.fromTranslate(half, half).scale(GRID / side, GRID / side))
    return brush
