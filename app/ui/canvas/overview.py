"""The whole design as plain boxes and lines in one item, for when it is seen from far away."""

from array import array
from collections.abc import Callable, Mapping
from itertools import groupby

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
        self._fields: list[tuple[str, array[float]]] = []
        self._boxes: list[tuple[QColor, array[float]]] = []
        self._lines: list[tuple[QColor, array[float]]] = []
        self._made_of: dict[str, tuple[object, ...]] = {}
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
        """Make what is not as it was: most edits change links alone, and a check the marks."""
        parts = design.components, dict(rects)  # gestures write into the rectangles
        if self._differs("fields", *parts):
            self._fields = _fields(design, rects)
        if self._differs("lines", design.links, parts[1]):
            lines = _lines(design, rects).items()
            self._lines = [(self._faint(self._theme.role(r)), array("d", n)) for r, n in lines]
        if self._differs("boxes", *parts, marks.severities, set(marks.selected), marks.evidence):
            boxes = _boxes(design, rects, marks).items()
            self._boxes = [(self._colour(look), array("d", n)) for look, n in boxes]

    def _differs(self, what: str, *made_of: object) -> bool:
        before = self._made_of.get(what)
        self._made_of[what] = made_of
        return made_of != before

    def _faint(self, colour: str) -> QColor:
        """Mixed with the ground beforehand: see-through lines take several times as long."""
        return mixed(QColor(self._theme.background), QColor(colour), LINE)

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
        for kind, numbers in self._fields:
            painter.setPen(QPen(QColor(getattr(self._theme, f"{kind}_line")), 0))
            painter.setBrush(QColor(getattr(self._theme, kind)))
            _each(painter.drawRects, numbers, QRectF)
        for colour, numbers in self._lines:
            painter.setPen(QPen(colour, 0))
            _each(painter.drawLines, numbers, QLineF)
        painter.setPen(Qt.PenStyle.NoPen)
        for colour, numbers in self._boxes:
            painter.setBrush(colour)
            _each(painter.drawRects, numbers, QRectF)


def _fields(design: Design, rects: Mapping[str, Rect]) -> list[tuple[str, "array[float]"]]:
    """The containers of a kind that follow each other where the largest come first."""
    kinds = {
        key: item.kind for key, item in design.components.items() if Trait.CONTAINER in item.traits
    }
    largest = sorted(kinds, key=lambda key: -rects[key][2] * rects[key][3])
    return [
        (kind, array("d", [number for key in keys for number in rects[key]]))
        for kind, keys in groupby(largest, kinds.__getitem__)
    ]


def _boxes(design: Design, rects: Mapping[str, Rect], marks: Marks) -> dict[str, list[float]]:
    """The parts that hold nothing, by what their colour says."""
    boxes: dict[str, list[float]] = {}
    for key, item in design.components.items():
        if Trait.CONTAINER not in item.traits:
            boxes.setdefault(_look(key, item.kind, marks), []).extend(rects[key])
    return boxes


def _lines(design: Design, rects: Mapping[str, Rect]) -> dict[str, list[float]]:
    """The three lines of each link from middle to middle: nobody sees the true way from afar."""
    middles = {key: (x + width / 2, y + height / 2) for key, (x, y, width, height) in rects.items()}
    lines: dict[str, list[float]] = {}
    for link in design.links.values():
        (x1, y1), (x2, y2) = middles[link.source], middles[link.target]
        turn = (x1 + x2) / 2
        way = (x1, y1, turn, y1, turn, y1, turn, y2, turn, y2, x2, y2)
        lines.setdefault(link.role, []).extend(way)
    return lines


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
