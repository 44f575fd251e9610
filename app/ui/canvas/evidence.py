"""What is drawn over the design about a finding: its evidence, and what a fix would change."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsRectItem,
    QGraphicsSimpleTextItem,
)

from app.model.design import Design
from app.model.diff import diff
from app.model.geometry import Rect
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID
from app.model.traits import Trait
from app.rules.registry import Witness
from app.ui.canvas import editing
from app.ui.canvas.bundles import Raised
from app.ui.canvas.cards import (
    CARD,
    FACT_FONT,
    NAME_FONT,
    RADIUS,
    TEXT_LEFT,
    TEXT_WIDTH,
    TITLE_FONT,
    elided,
    rounded,
)
from app.ui.canvas.component_item import vector_icon
from app.ui.canvas.link_item import outline
from app.ui.canvas.placing import Placing
from app.ui.canvas.routes import Routes
from app.ui.canvas.scene import Scene

if TYPE_CHECKING:
    from app.analysis.what_if import Outcome

VEIL_LEVEL = 80.0
RAISED = 85.0
MARK_LEVEL = 90.0
BROKEN, SURVIVING = 3.0, 2.6  # pixels of the links that are drawn over theirs
VEIL = 0.65  # how much of the ground covers what is not part of the evidence


class Evidence:
    """Items over the design: a veil, what is raised above it, rings, crosses and ghosts."""

    def __init__(self, scene: Scene) -> None:
        """Draw into a scene."""
        self._scene = scene
        self._items: list[QGraphicsItem] = []
        self._raised = Raised(scene)

    @property
    def shown(self) -> bool:
        """Whether anything is drawn."""
        return bool(self._items) or bool(self._raised)

    def clear(self) -> None:
        """Take everything away."""
        for item in self._items:
            self._scene.removeItem(item)
        self._raised.clear()
        self._items = []
        self._mark(())

    def _mark(self, keys: Iterable[str]) -> None:
        """Let the overview show the same from afar."""
        wanted = frozenset(keys)
        if wanted != self._scene.marks.evidence:
            self._scene.marks.evidence = wanted
            self._scene.remarked.emit()

    def show_witness(self, witness: Witness) -> None:
        """Draw the path, the cut and the part that is missing; the rest is dimmed."""
        self.clear()
        scene = self._scene
        parts = [key for key in (*witness.path, *witness.cut) if key in scene.design.components]
        links = [key for key in (*witness.path, *witness.cut) if key in scene.design.links]
        scene.need_items(parts, links)
        self._mark(parts)
        self._veil()
        self._raise_parts(parts)
        self._raise_links(links)
        colour = QColor(scene.theme.critical)
        for key in witness.cut:
            self._strike(key, colour)
        if witness.missing:
            self._missing(witness.missing)

    def show_failure(self, failed: Iterable[str], outcomes: "Mapping[str, Outcome]") -> None:
        """Strike out what has failed, draw the ways that still work, ring what is now alone."""
        self.clear()
        scene, theme = self._scene, self._scene.theme
        bad, good, high = QColor(theme.critical), QColor(theme.good), QColor(theme.high)
        keys = list(failed)
        for key in keys:
            self._strike(key, bad)
        ways = {key for told in outcomes.values() for key in told.path if key in scene.design.links}
        scene.need_items((), ways)
        for key in sorted(ways):
            self._line(outline(scene.routes.route(key), SURVIVING), good)
            label = scene.links[key].label
            if label is not None:
                self._raised.add(label, MARK_LEVEL + 0.5)
        for key in sorted({key for told in outcomes.values() for key in told.exposed}):
            if key in scene.placing.rects:
                self._ring(scene.placing.rects[key], high)

    def show_preview(self, design: Design) -> None:
        """Draw what another design would add, change and take away."""
        self.clear()
        scene, theme = self._scene, self._scene.theme
        components = diff(scene.design.components, design.components)
        links = diff(scene.design.links, design.links)
        rects = _settled(design, scene.placing.rects)
        good, bad = QColor(theme.good), QColor(theme.critical)
        for key in components.added:
            item = design.components[key]
            if Trait.CONTAINER in item.traits:
                self._frame(rects[key], item.name, good)
            else:
                self._ghost(rects[key], item.name, item.fact or item.title, item.kind, good)
        for key in components.changed:
            self._ring(rects[key], good)
        for key in components.removed & scene.placing.rects.keys():
            self._cross(scene.placing.rects[key], bad)
        routes = Routes(design, rects)
        for key in design.links.keys() & scene.links.keys() - links.changed:
            routes.ground.tracks.put(key, scene.routes.route(key))
        for key in links.added | links.changed:
            self._line(outline(routes.route(key), 2.4, (7.0, 4.0)), good)
        for key in links.removed & scene.links.keys():
            self._line(outline(scene.links[key].route, 2.4), bad)

    def _add(self, item: QGraphicsItem, level: float = MARK_LEVEL) -> None:
        item.setZValue(level)
        self._scene.addItem(item)
        self._items.append(item)

    def _veil(self) -> None:
        veil = QGraphicsRectItem(self._scene.sceneRect())
        ground = QColor(self._scene.theme.background)
        ground.setAlphaF(VEIL)
        veil.setBrush(ground)
        veil.setPen(QPen(Qt.PenStyle.NoPen))
        self._add(veil, VEIL_LEVEL)

    def _raise_parts(self, keys: Iterable[str]) -> None:
        design = self._scene.design
        for key in dict.fromkeys(keys):
            depth = sum(1 for _ in design.ancestors(key))
            container = Trait.CONTAINER in design.components[key].traits
            self._raised.add(self._scene.parts[key], RAISED + (depth / 100 if container else 2))

    def _raise_links(self, keys: Iterable[str]) -> None:
        for key in dict.fromkeys(keys):
            link = self._scene.links[key]
            self._raised.add(link, RAISED + 1)
            if link.label is not None:
                self._raised.add(link.label, RAISED + 1.5)

    def _line(self, path: QPainterPath, colour: QColor) -> None:
        item = QGraphicsPathItem(path)
        item.setBrush(colour)
        item.setPen(QPen(Qt.PenStyle.NoPen))
        self._add(item)

    def _strike(self, key: str, colour: QColor) -> None:
        """Show that a part or a link has failed."""
        scene = self._scene
        if key in scene.placing.rects:
            self._ring(scene.placing.rects[key], colour)
            self._cross(scene.placing.rects[key], colour)
        elif key in scene.design.links:
            self._line(outline(scene.routes.route(key), BROKEN, (3.0, 5.0)), colour)

    def _ring(self, rect: Rect, colour: QColor) -> None:
        x, y, width, height = rect
        ring = QGraphicsPathItem(rounded(QRectF(x - 5, y - 5, width + 10, height + 10), RADIUS + 5))
        ring.setPen(QPen(colour, 2))
        self._add(ring)

    def _frame(self, rect: Rect, name: str, colour: QColor) -> None:
        frame = QGraphicsPathItem(rounded(QRectF(*rect), 14))
        frame.setPen(_dashed(colour))
        title = QGraphicsSimpleTextItem(elided(name, True, rect[2] - 32), frame)
        title.setFont(TITLE_FONT)
        title.setBrush(colour)
        title.setPos(rect[0] + 16, rect[1] + 8)
        self._add(frame)

    def _cross(self, rect: Rect, colour: QColor) -> None:
        """A cross in a disc on the lower right corner: shape and colour say the same."""
        x, y = rect[0] + rect[2] - 6, rect[1] + rect[3] - 6
        disc = QGraphicsPathItem(rounded(QRectF(-10, -10, 20, 20), 10))
        disc.setPos(x, y)
        disc.setBrush(colour)
        disc.setPen(QPen(QColor(self._scene.theme.panel), 2))
        path = QPainterPath(QPointF(-3.5, -3.5))
        path.lineTo(3.5, 3.5)
        path.moveTo(3.5, -3.5)
        path.lineTo(-3.5, 3.5)
        cross = QGraphicsPathItem(path, disc)
        pen = QPen(QColor(self._scene.theme.panel), 2)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        cross.setPen(pen)
        self._add(disc, MARK_LEVEL + 1)

    def _missing(self, key: str) -> None:
        """A dashed card beside a part that has no second."""
        scene, rects = self._scene, self._scene.placing.rects
        if key in rects:
            item = scene.design.components[key]
            spot = _beside(scene.design, rects, key)
            self._ghost(spot, "no second", item.title, item.kind, QColor(scene.theme.critical))

    def _ghost(self, rect: Rect, name: str, fact: str, kind: str, colour: QColor) -> None:
        card = QGraphicsPathItem(rounded(CARD, RADIUS))
        card.setPos(rect[0], rect[1])
        ground = QColor(self._scene.theme.panel)
        ground.setAlpha(235)
        card.setBrush(ground)
        card.setPen(_dashed(colour))
        vector_icon(kind, colour.name(), QRectF(18, 20, 20, 20), card)
        for text, font, top, ink in (
            (name, NAME_FONT, 12, colour),
            (fact, FACT_FONT, 32, QColor(self._scene.theme.muted)),
        ):
            line = QGraphicsSimpleTextItem(elided(text, font is NAME_FONT, TEXT_WIDTH), card)
            line.setFont(font)
            line.setBrush(ink)
            line.setPos(TEXT_LEFT, top)
        self._add(card)


def _dashed(colour: QColor) -> QPen:
    pen = QPen(colour, 1.8)
    pen.setDashPattern([4, 3])
    return pen


def _beside(design: Design, rects: dict[str, Rect], key: str) -> Rect:
    """A free place for a card next to a part."""
    x, y, _, height = rects[key]
    spot = editing.free_spot(x, y + height + GRID, editing.cards(design, rects))
    return (*spot, CARD_WIDTH, CARD_HEIGHT)


def _settled(design: Design, shown: dict[str, Rect]) -> dict[str, Rect]:
    """The rectangles of a design in which parts without a place lie where they cover nothing."""
    rects = Placing(design).rects
    for key, item in design.components.items():
        if key not in design.layout and key not in shown and Trait.CONTAINER not in item.traits:
            x, y, width, height = rects.pop(key)
            spot = editing.free_spot(x, y, editing.cards(design, rects))
            rects[key] = (*spot, width, height)
    return rects
