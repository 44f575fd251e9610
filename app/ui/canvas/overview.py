"""The whole design as plain boxes and lines in one item, for when it is seen from far away."""

from array import array
from collections.abc import Callable, Iterable, Mapping

import shiboken6
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsScene,
    QStyleOptionGraphicsItem,
    QWidget,
)

from app.model.design import Design
from app.model.geometry import Rect
from app.model.traits import Trait
from app.ui.canvas.captions import Captions
from app.ui.canvas.cards import mixed, tint
from app.ui.theme import Theme

LINE = 0.5  # how much of its colour a link keeps: thin lines are many
_LOUD = ("critical", "high", "medium")  # severities that are seen from afar
_SELECTED, _BESIDE = "selected", "beside"  # beside what evidence is about


class Marks:
    """What stands out in the overview."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.selected: set[str] = set()
        self.severities: Mapping[str, str] = {}
        self.evidence: frozenset[str] = frozenset()


class FarScene(QGraphicsScene):
    """The scene that the view shows from far away: nothing in it but the overview and names.

    The items of the near scene are then not even asked whether they are seen.
    """

    def __init__(self, theme: Theme) -> None:
        """Begin with nothing."""
        super().__init__()
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.overview, self.captions = Overview(theme), Captions(theme)
        self.addItem(self.overview)
        self.addItem(self.captions)

    def load(self, design: Design, rects: Mapping[str, Rect], marks: Marks, area: QRectF) -> None:
        """Show a design with the names of the parts in trouble, or of those evidence is about."""
        self.overview.load(design, rects, marks, area)
        named = dict.fromkeys(marks.evidence, "critical") if marks.evidence else marks.severities
        self.captions.load(design, rects, named, area)


class Overview(QGraphicsItem):
    """Draws from arrays of numbers, in few calls: 10,000 parts in a few milliseconds."""

    def __init__(self, theme: Theme) -> None:
        """Begin with nothing."""
        super().__init__()
        self._theme = theme
        self._area = QRectF()
        self._fields: list[tuple[QColor, QColor, QRectF]] = []
        self._boxes: list[tuple[QColor, array[float]]] = []
        self._lines: list[tuple[QColor, array[float]]] = []
        self._stale: Callable[[], None] | None = None

    def boundingRect(self) -> QRectF:
        """Cover the whole scene."""
        return self._area

    def load(self, design: Design, rects: Mapping[str, Rect], marks: Marks, area: QRectF) -> None:
        """Take a design and the area of its scene; its boxes are made when they are painted.

        One edit may come here several times, and only the last of them is seen.
        """
        self.prepareGeometryChange()
        self._area = area
        self._stale = lambda: self._make(design, rects, marks)
        self.update()

    def _make(self, design: Design, rects: Mapping[str, Rect], marks: Marks) -> None:
        self._fields = [
            self._field(item.kind, rects[key])
            for key, item in design.components.items()
            if Trait.CONTAINER in item.traits
        ]
        self._fields.sort(key=lambda entry: -entry[2].width() * entry[2].height())
        boxes: dict[str, array[float]] = {}
        for key, item in design.components.items():
            if Trait.CONTAINER not in item.traits:
                boxes.setdefault(_look(key, item.kind, marks), array("d")).extend(rects[key])
        self._boxes = [(self._colour(look), numbers) for look, numbers in boxes.items()]
        lines: dict[str, array[float]] = {}
        for link in design.links.values():
            way = _way(rects[link.source], rects[link.target])
            lines.setdefault(link.role, array("d")).extend(way)
        self._lines = [(self._faint(self._theme.role(r)), numbers) for r, numbers in lines.items()]

    def _faint(self, colour: str) -> QColor:
        """Mixed with the ground beforehand: see-through lines take several times as long."""
        return mixed(QColor(self._theme.background), QColor(colour), LINE)

    def _field(self, kind: str, rect: Rect) -> tuple[QColor, QColor, QRectF]:
        theme = self._theme
        fill, line = getattr(theme, kind), getattr(theme, f"{kind}_line")
        return QColor(fill), QColor(line), QRectF(*rect)

    def _colour(self, look: str) -> QColor:
        if look == _BESIDE:
            return self._faint(self._theme.muted)
        if look == _SELECTED:
            return QColor(self._theme.accent)
        if look in _LOUD:
            return QColor(self._theme.severity(look))
        return tint(self._theme, look)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Draw fields, lines, boxes."""
        if self._stale is not None:
            make, self._stale = self._stale, None
            make()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for fill, line, rect in self._fields:
            painter.setPen(QPen(line, 0))
            painter.setBrush(fill)
            painter.drawRect(rect)
        for colour, numbers in self._lines:
            painter.setPen(QPen(colour, 0))
            _each(painter.drawLines, numbers, QLineF)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, numbers in self._boxes:
            painter.setBrush(colour)
            _each(painter.drawRects, numbers, QRectF)


def _look(key: str, kind: str, marks: Marks) -> str:
    """What the colour of a part says: its severity, that it is chosen or beside, or its kind."""
    if marks.evidence:
        return "critical" if key in marks.evidence else _BESIDE
    if key in marks.selected:
        return _SELECTED
    severity = marks.severities.get(key, "")
    return severity if severity in _LOUD else kind


def _each(draw: "object", numbers: "array[float]", kind: type) -> None:
    """Draw all from one array: four doubles are one QRectF or one QLineF in memory."""
    if numbers:
        address, _ = numbers.buffer_info()
        draw(shiboken6.wrapInstance(address, kind), len(numbers) // 4)  # type: ignore[operator]


def _way(source: Rect, target: Rect) -> Iterable[float]:
    """The three lines of a link from middle to middle: at this size nobody sees the true way."""
    x1, y1 = source[0] + source[2] / 2, source[1] + source[3] / 2
    x2, y2 = target[0] + target[2] / 2, target[1] + target[3] / 2
    middle = (x1 + x2) / 2
    return (x1, y1, middle, y1, middle, y1, middle, y2, middle, y2, x2, y2)
