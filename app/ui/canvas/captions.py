"""From afar: the names of the parts in trouble, as large at any scale, where there is room."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPixmap, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.model.design import Design
from app.model.geometry import Rect
from app.model.traits import Trait
from app.ui.canvas.routing import Box, Obstacles
from app.ui.theme import Theme, ui_font

LONGEST = 160.0  # pixels of a name
SEVERAL = 1_000  # names that are kept ready
FONT = ui_font(11, QFont.Weight.DemiBold)
_AIR, _AWAY, _APART = QPointF(5, 1), 3.0, 2.0  # pixels: in a name, from its part, from another name
_Name = tuple[str, QRectF]  # with the area of its part in the scene


class Captions(QGraphicsItem):
    """Writes names over and under parts; those that would lie on another name are left out."""

    def __init__(self, theme: Theme) -> None:
        """Begin with no name."""
        super().__init__()
        self._theme = theme
        self._area = QRectF()
        self._names: list[_Name] = []
        self._scale = 0.0
        self._stale: Callable[[], list[_Name]] | None = None
        self.shown: list[tuple[str, QPointF, QPointF]] = []  # name, place in the scene, and pixels

    def boundingRect(self) -> QRectF:
        """Cover the whole scene."""
        return self._area

    def load(
        self, design: Design, rects: Mapping[str, Rect], severities: Mapping[str, str], area: QRectF
    ) -> None:
        """Name the parts that the worst findings are about, when they are painted."""
        self.prepareGeometryChange()
        self._area = area
        self._stale = lambda: _named(design, rects, severities)
        self.update()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Write the names in pixels, whatever the scale."""
        names = self._names if self._stale is None else self._stale()
        self._stale = None
        seen = painter.worldTransform()
        if seen.m11() != self._scale or names != self._names:
            self._names, self._scale = names, seen.m11()
            self.shown = list(_placed(self._names, self._scale))
        device = painter.device()
        ratio, sheet = device.devicePixelRatioF(), QRectF(0, 0, device.width(), device.height())
        painter.save()
        painter.setWorldTransform(QTransform())
        for name, spot, offset in self.shown:
            area = QRectF(seen.map(spot) + offset, _size(name))
            if area.intersects(sheet):
                picture = _picture(name, self._theme.critical, self._theme.panel, ratio)
                painter.drawPixmap(area.topLeft(), picture)
        painter.restore()


def _named(design: Design, rects: Mapping[str, Rect], severities: Mapping[str, str]) -> list[_Name]:
    """The parts that the worst findings are about, in the order of the design."""
    return [
        (item.name, QRectF(*rects[key]))
        for key, item in design.components.items()
        if severities.get(key) == "critical" and Trait.CONTAINER not in item.traits
    ]


def _placed(names: list[_Name], scale: float) -> Iterator[tuple[str, QPointF, QPointF]]:
    """Yield each name that finds room over or under its part at a scale."""
    taken = Obstacles()
    for number, (name, part) in enumerate(names):
        size = _size(name)
        for edge, down in ((part.top(), -_AWAY - size.height()), (part.bottom(), _AWAY)):
            spot, offset = QPointF(part.center().x(), edge), QPointF(-size.width() / 2, down)
            area = QRectF(spot * scale + offset, size)
            if not taken.meets(_box(area, _APART)):
                taken.put(str(number), _box(area, 0))
                yield name, spot, offset
                break


def _box(area: QRectF, air: float) -> Box:
    low, high = area.topLeft(), area.bottomRight()
    return Box(low.x() - air, low.y() - air, high.x() + air, high.y() + air)


@lru_cache(SEVERAL)
def _size(name: str) -> QSizeF:
    metrics = QFontMetricsF(FONT)
    width = metrics.horizontalAdvance(_cut(name)) + 2 * _AIR.x()
    return QSizeF(width, metrics.height() + 2 * _AIR.y())


def _cut(name: str) -> str:
    return QFontMetricsF(FONT).elidedText(name, Qt.TextElideMode.ElideRight, LONGEST)


@lru_cache(SEVERAL)
def _picture(name: str, colour: str, ground: str, ratio: float) -> QPixmap:
    area = QRectF(QPointF(), _size(name))
    found = QPixmap(round(area.width() * ratio), round(area.height() * ratio))
    found.setDevicePixelRatio(ratio)
    found.fill(Qt.GlobalColor.transparent)
    painter = QPainter(found)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ground))
    painter.drawRoundedRect(area, 4, 4)
    painter.setPen(QColor(colour))
    painter.setFont(FONT)
    painter.drawText(area, Qt.AlignmentFlag.AlignCenter, _cut(name))
    painter.end()
    return found
