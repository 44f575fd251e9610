"""A link as drawn: one filled outline with its arrow head, and a label on a patch of ground."""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QImage,
    QPainterPath,
    QPainterPathStroker,
    QPen,
)
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsPixmapItem,
    QGraphicsRectItem,
    QGraphicsSimpleTextItem,
)

from app.model.links import ADMIN_ROLES, Link
from app.model.protocols import PROTOCOLS
from app.ui.canvas.cards import LABEL_FONT, LABEL_HEIGHT, LOCK, Label, Pictures, ground_of, rounded
from app.ui.canvas.component_item import vector_icon
from app.ui.canvas.frame import Frame, unlined
from app.ui.canvas.routing import Box, Point, Route
from app.ui.theme import Theme

LINK_LEVEL = 40.0
WIDTH = 1.6
WIDE = 2.6
THIN = 1.2
CORNER = 8.0
ARROW = 8.0  # its length
ARROW_HALF = 3.6
_DASHES = (6.0, 4.0)
_DOTS = (3.0, 3.0)
_WORDS = {"replicate": "replicates", "read": "read", "write": "write"}


class LinkItem(Frame):
    """The line of one link, filled, not stroked: a frame then costs no stroking.

    On the screen its runs are rectangles, its corners and its arrow head small paths, each an item
    of its own: Qt fills a rectangle many times as fast as a path, and leaves out what it need not
    paint. Dashes are a striped brush there. In a file all of it is one path.
    """

    def __init__(self, link: Link, theme: Theme, *, vector: bool = False) -> None:
        """Show a link; it has no shape before `follow`."""
        super().__init__()
        self.theme = theme
        self.link = link
        self.selected = False
        self.route: Route = []
        self.label: QGraphicsItem | None = None
        self.writing: Label | None = None
        self._vector = vector
        self.line = unlined(QGraphicsPathItem(self))
        self.runs: list[QGraphicsRectItem] = []
        self.corners: list[QGraphicsPathItem] = []

    def show_link(self, link: Link) -> None:
        """Show another version of the link."""
        self.link = link
        self._draw()

    def set_selected(self, selected: bool) -> None:
        """Draw it wider and in the accent, or as before."""
        self.selected = selected
        self._draw()

    def follow(self, route: Route) -> None:
        """Run along a route."""
        if route != self.route:
            self.route = route
            self._draw()

    def _draw(self) -> None:
        if len(self.route) < 2:
            return
        width = WIDE if self.selected else WIDTH
        colour = self.theme.accent if self.selected else self.theme.role(self.link.role)
        dashes = dashes_of(self.link.role)
        self.line.setBrush(QColor(colour))
        if self._vector:
            self.line.setPath(outline(self.route, width, dashes))
        else:
            self.line.setPath(_arrow(self.route, width))
            self._draw_shaft(width, striped(colour, dashes) if dashes else QBrush(QColor(colour)))
        self.enclose()

    def _draw_shaft(self, width: float, brush: QBrush) -> None:
        shaft = _shaft(self.route)
        runs = [_bar(*run, width) for run in _runs(shaft)]
        corners = [_bend(*bend, width) for bend in _bends(shaft)]
        self.runs += (unlined(QGraphicsRectItem(self)) for _ in runs[len(self.runs) :])
        self.corners += (unlined(QGraphicsPathItem(self)) for _ in corners[len(self.corners) :])
        runs += [QRectF()] * (len(self.runs) - len(runs))
        corners += [QPainterPath()] * (len(self.corners) - len(corners))
        for run, area in zip(self.runs, runs, strict=True):
            run.setBrush(brush)
            run.setRect(area)
        for corner, path in zip(self.corners, corners, strict=True):
            corner.setBrush(brush)
            corner.setPath(path)


def dashes_of(role: str) -> tuple[float, float] | tuple[()]:
    """Return dash and gap of a role in pixels; nothing for a solid line."""
    if role == "replicate":
        return _DASHES
    return _DOTS if is_operation(role) else ()


@lru_cache(64)
def striped(colour: str, dashes: tuple[float, float]) -> QBrush:
    """Return a brush of stripes aslant, which makes dashes of upright and of level lines alike."""
    side = round(sum(dashes))
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    solid = QColor(colour).rgba()
    for x in range(side):
        for y in range(side):
            if (x + y) % side < dashes[0]:
                image.setPixel(x, y, solid)
    return QBrush(image)


def outline(route: Route, width: float, dashes: tuple[float, ...] = ()) -> QPainterPath:
    """Return the area of a line along a route with round corners and an arrow head."""
    if len(route) < 2:
        return QPainterPath()
    path = _stroker(width, tuple(part / width for part in dashes)).createStroke(line(_shaft(route)))
    path.setFillRule(Qt.FillRule.WindingFill)
    path.addPath(_arrow(route, width))
    return path


def dotted(route: Route, dashes: tuple[float, float]) -> QPainterPath:
    """Return the area of a thin dashed line along a route, without an arrow."""
    return _stroker(THIN, tuple(part / THIN for part in dashes)).createStroke(line(route))


def _heading(route: Route) -> Point:
    """The direction of the last run, as a step of one pixel."""
    (x1, y1), (x2, y2) = route[-2:]
    way = math.hypot(x2 - x1, y2 - y1) or 1.0
    return (x2 - x1) / way, (y2 - y1) / way


def _shaft(route: Route) -> Route:
    """Return a route that ends inside its arrow head."""
    (x, y), (dx, dy) = route[-1], _heading(route)
    return [*route[:-1], (x - dx * (ARROW - 1), y - dy * (ARROW - 1))]


def _arrow(route: Route, width: float) -> QPainterPath:
    (x, y), (dx, dy) = route[-1], _heading(route)
    half = ARROW_HALF + width - WIDTH
    left, top = x - dx * ARROW, y - dy * ARROW
    path = QPainterPath(QPointF(x, y))
    path.lineTo(left - dy * half, top + dx * half)
    path.lineTo(left + dy * half, top - dx * half)
    path.closeSubpath()
    return path


@lru_cache(64)
def _stroker(
    width: float, dashes: tuple[float, ...], cap: Qt.PenCapStyle = Qt.PenCapStyle.SquareCap
) -> QPainterPathStroker:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(cap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dashes:
        stroker.setDashPattern(list(dashes))
    return stroker


def is_operation(role: str) -> bool:
    """Whether a link serves those who run the system, not its users."""
    return role in ADMIN_ROLES or role in ("monitor", "log", "alert", "backup")


def line(route: Route) -> QPainterPath:
    """Return a route as a path whose corners are round."""
    path = QPainterPath(QPointF(*route[0]))
    for start, corner, end in _bends(route):
        path.lineTo(*start)
        path.quadTo(*corner, *end)
    path.lineTo(*route[-1])
    return path


def _bend(start: Point, corner: Point, end: Point, width: float) -> QPainterPath:
    """Return the area of one round corner."""
    path = QPainterPath(QPointF(*start))
    path.quadTo(*corner, *end)
    return _stroker(width, (), Qt.PenCapStyle.FlatCap).createStroke(path)


def _runs(route: Route) -> Iterator[tuple[Point, Point]]:
    """Yield what lies between the round corners of a route."""
    at = route[0]
    for start, _, end in _bends(route):
        yield at, start
        at = end
    yield at, route[-1]


def _bends(route: Route) -> Iterator[tuple[Point, Point, Point]]:
    """Yield where each round corner begins, its corner, and where it ends.

    They begin on whole pixels where the route does, so that no seam shows beside a run.
    """
    for before, corner, after in zip(route, route[1:], route[2:], strict=False):
        half = min(_distance(before, corner), _distance(corner, after)) // 2
        radius = min(CORNER, half)
        yield _towards(corner, before, radius), corner, _towards(corner, after, radius)


def _bar(start: Point, end: Point, width: float) -> QRectF:
    """Return the area of a straight run, upright or level."""
    (x1, y1), (x2, y2) = start, end
    half = width / 2
    if y1 == y2:
        return QRectF(min(x1, x2), y1 - half, abs(x2 - x1), width)
    return QRectF(x1 - half, min(y1, y2), width, abs(y2 - y1))


def _distance(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _towards(start: Point, end: Point, way: float) -> Point:
    whole = _distance(start, end) or 1.0
    share = way / whole
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def labels(link: Link, theme: Theme) -> tuple[Label, ...]:
    """Return what may be written on a link, the fullest first."""
    return _labels(link.role, link.protocol, link.port, link.tls != "none", theme.role(link.role))


@lru_cache(1024)
def _labels(
    role: str, protocol: str, port: int | None, tls: bool, colour: str
) -> tuple[Label, ...]:
    about = PROTOCOLS[protocol]
    name = about.title
    if tls and about.over_tls:
        about = PROTOCOLS[about.over_tls]
        name = about.title
    elif tls and about.clear:
        name = f"{name} + TLS"
    lock = "" if protocol == "file" else "closed" if tls or not about.clear else "open"
    texts = [name]
    if port is not None and port not in about.ports:
        texts = [f"{name} :{port}", name]
    if word := _WORDS.get(role):
        texts = [f"{word} · {texts[0]}", word]
    plain = [Label("", lock, colour)] if lock else []
    return *(Label(text, lock, colour) for text in texts), *plain


def spots(route: Route, width: float) -> Iterator[Box]:
    """Yield areas for a label along a route, the best first: on long runs, near their middle.

    On the line first, then beside it.
    """
    runs = sorted(pairwise(route), key=lambda run: -_distance(*run))
    for beside in (0, 1, -1):
        for start, end in runs:
            yield from _along(start, end, width, beside, ARROW + 2 if end == route[-1] else 0.0)


def _along(start: Point, end: Point, width: float, beside: int, last: float) -> Iterator[Box]:
    upright = start[0] == end[0]
    need = (LABEL_HEIGHT if upright else width) / 2 + 6
    length = _distance(start, end) - last
    if length < 2 * need:
        return
    aside = beside * ((width if upright else LABEL_HEIGHT) / 2 + 2)
    for share in (0.5, 0.38, 0.62, 0.26, 0.74):
        x, y = _towards(start, end, min(max(length * share, need), length - need))
        x, y = (x + aside, y) if upright else (x, y + aside)
        yield Box(x - width / 2, y - LABEL_HEIGHT / 2, x + width / 2, y + LABEL_HEIGHT / 2)


def label_item(
    label: Label, pictures: Pictures, parent: QGraphicsItem, *, vector: bool
) -> QGraphicsItem:
    """Return the label of a link as an item."""
    if not vector:
        return QGraphicsPixmapItem(pictures.label(label), parent)
    theme = pictures.theme
    patch = QGraphicsPathItem(rounded(QRectF(0, 0, label.width, LABEL_HEIGHT), 5), parent)
    patch.setBrush(ground_of(theme, label))
    patch.setPen(QPen(Qt.PenStyle.NoPen))
    left = 5.0
    if label.lock:
        vector_icon(f"ui_lock_{label.lock}", label.colour, QRectF(4, 3, LOCK, LOCK), patch)
        left += LOCK + 1
    text = QGraphicsSimpleTextItem(label.text, patch)
    text.setFont(LABEL_FONT)
    text.setBrush(QColor(label.colour))
    text.setPos(left, 2)
    return patch
