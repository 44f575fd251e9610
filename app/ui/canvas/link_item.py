"""A link as drawn: one filled outline with its arrow head, and a label on a patch of ground."""

import math
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainterPath, QPainterPathStroker, QPen, QPolygonF
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsPixmapItem,
    QGraphicsSimpleTextItem,
)

from app.model.links import ADMIN_ROLES, Link
from app.model.protocols import PROTOCOLS
from app.ui.canvas.cards import LABEL_FONT, LABEL_HEIGHT, LOCK, Label, Pictures, rounded
from app.ui.canvas.component_item import vector_icon
from app.ui.canvas.routing import Box, Point, Route
from app.ui.theme import Theme

LINK_LEVEL = 40.0
LABEL_LEVEL = 50.0
WIDTH = 1.6
WIDE = 2.6
CORNER = 8.0
ARROW = 8.0  # its length
ARROW_HALF = 3.6
_DASHES = {"replicate": (4.0, 2.6)}
_DOTS = (1.2, 2.4)
_WORDS = {"replicate": "replicates", "read": "read", "write": "write"}


class LinkItem(QGraphicsPathItem):
    """The line of one link. Filled, not stroked: a frame then costs no stroking and no dashes."""

    def __init__(self, link: Link, theme: Theme) -> None:
        """Show a link; it has no shape before `follow`."""
        super().__init__()
        self.theme = theme
        self.link = link
        self.selected = False
        self.route: Route = []
        self.label: QGraphicsItem | None = None
        self.writing: Label | None = None
        self.setZValue(LINK_LEVEL)
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setBrush(QBrush(self.colour))

    @property
    def colour(self) -> QColor:
        """The colour of its role."""
        return QColor(self.theme.role(self.link.role))

    def show_link(self, link: Link) -> None:
        """Show another version of the link."""
        self.link = link
        self.set_selected(self.selected)

    def set_selected(self, selected: bool) -> None:
        """Draw it wider and in the accent, or as before."""
        self.selected = selected
        self.setBrush(QColor(self.theme.accent) if selected else self.colour)
        self.setPath(outline(self.route, self.link.role, WIDE if selected else WIDTH))

    def follow(self, route: Route) -> None:
        """Run along a route."""
        self.route = route
        self.setPath(outline(route, self.link.role, WIDE if self.selected else WIDTH))


def outline(route: Route, role: str, width: float) -> QPainterPath:
    """Return the area of a line along a route with round corners and an arrow head."""
    if len(route) < 2:
        return QPainterPath()
    tip, before = route[-1], route[-2]
    way = math.hypot(tip[0] - before[0], tip[1] - before[1]) or 1.0
    dx, dy = (tip[0] - before[0]) / way, (tip[1] - before[1]) / way
    neck = (tip[0] - dx * (ARROW - 1), tip[1] - dy * (ARROW - 1))
    path = _stroker(role, width).createStroke(line([*route[:-1], neck]))
    path.setFillRule(Qt.FillRule.WindingFill)
    half, base = ARROW_HALF + width - WIDTH, (tip[0] - dx * ARROW, tip[1] - dy * ARROW)
    path.addPolygon(
        QPolygonF(
            [
                QPointF(*tip),
                QPointF(base[0] - dy * half, base[1] + dx * half),
                QPointF(base[0] + dy * half, base[1] - dx * half),
                QPointF(*tip),
            ]
        )
    )
    return path


@lru_cache(64)
def _stroker(role: str, width: float) -> QPainterPathStroker:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if dashes := _DASHES.get(role):
        stroker.setDashPattern(list(dashes))
    elif is_operation(role):
        stroker.setDashPattern(list(_DOTS))
    return stroker


def is_operation(role: str) -> bool:
    """Whether a link serves those who run the system, not its users."""
    return role in ADMIN_ROLES or role in ("monitor", "log", "alert", "backup")


def line(route: Route) -> QPainterPath:
    """Return a route as a path whose corners are round."""
    path = QPainterPath(QPointF(*route[0]))
    for before, corner, after in zip(route, route[1:], route[2:], strict=False):
        radius = min(CORNER, _distance(before, corner) / 2, _distance(corner, after) / 2)
        start, end = _towards(corner, before, radius), _towards(corner, after, radius)
        path.lineTo(*start)
        path.quadTo(corner[0], corner[1], end[0], end[1])
    path.lineTo(*route[-1])
    return path


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
        name = PROTOCOLS[about.over_tls].title
    elif tls and about.clear:
        name = f"{name} + TLS"
    usual = port is None or (about.ports and port == about.ports[0])
    if port is not None and not usual and not (tls and port in _ports_over_tls(protocol)):
        name = f"{name} :{port}"
    lock = "" if protocol == "file" else "closed" if tls or not about.clear else "open"
    word = _WORDS.get(role)
    texts = [f"{word} · {name}", word] if word else [name]
    return *(Label(text, lock, colour) for text in texts), Label("", lock, colour)


def _ports_over_tls(protocol: str) -> tuple[int, ...]:
    inside = PROTOCOLS[protocol].over_tls
    return PROTOCOLS[inside].ports if inside else ()


def spots(route: Route, width: float) -> Iterator[Box]:
    """Yield areas for a label along a route, the best first: on long runs, near their middle."""
    runs = sorted(pairwise(route), key=lambda run: -_distance(*run))
    for start, end in runs:
        upright = start[0] == end[0]
        need = (LABEL_HEIGHT if upright else width) / 2 + 6
        last = ARROW + 2 if end == route[-1] else 0.0
        length = _distance(start, end) - last
        if length < 2 * need:
            continue
        for share in (0.5, 0.38, 0.62, 0.26, 0.74):
            at = min(max(length * share, need), length - need)
            x, y = _towards(start, end, at)
            yield Box(x - width / 2, y - LABEL_HEIGHT / 2, x + width / 2, y + LABEL_HEIGHT / 2)


def label_item(label: Label, pictures: Pictures, *, vector: bool) -> QGraphicsItem:
    """Return the label of a link as an item."""
    if not vector:
        item = QGraphicsPixmapItem(pictures.label(label))
        item.setZValue(LABEL_LEVEL)
        return item
    theme = pictures.theme
    patch = QGraphicsPathItem(rounded(QRectF(0, 0, label.width, LABEL_HEIGHT), 5))
    patch.setZValue(LABEL_LEVEL)
    patch.setBrush(QColor(theme.background))
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
