"""A card: one shared picture and two texts; drawn as vectors where the picture is for a file."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsPixmapItem,
    QGraphicsSimpleTextItem,
)

from app.model.geometry import Rect
from app.model.sizes import CARD_WIDTH
from app.ui import icons
from app.ui.canvas.cards import (
    BADGE,
    CARD,
    FACT_FONT,
    ICON,
    MARGIN,
    NAME_FONT,
    RADIUS,
    TEXT_LEFT,
    TEXT_WIDTH,
    TILE,
    Look,
    Pictures,
    badge_icon,
    elided,
    line_of,
    rounded,
    tint,
)
from app.ui.theme import Theme

if TYPE_CHECKING:
    from PySide6.QtSvgWidgets import QGraphicsSvgItem

    from app.model.kinds import AnyComponent

CARD_LEVEL = 60.0
BADGE_AT = QPointF(CARD_WIDTH - BADGE / 2 - 5, -BADGE / 2 + 3)


class ComponentItem(QGraphicsPixmapItem):
    """The card of one component on the canvas."""

    def __init__(self, item: "AnyComponent", pictures: Pictures) -> None:
        """Show a component."""
        super().__init__()
        self._look = Look(item.kind)
        self._badge: QGraphicsPixmapItem | None = None
        self.setOffset(-MARGIN, -MARGIN)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemContainsChildrenInShape)  # as in a frame
        self._name, self._fact = _texts(self, item, pictures.theme)
        self.pictures = pictures
        self.setPixmap(pictures.card(self._look))

    def place(self, rect: Rect) -> None:
        """Lie at a rectangle of the scene."""
        self.setPos(rect[0], rect[1])

    def show_component(self, item: "AnyComponent") -> None:
        """Show another version of the component."""
        _write(self._name, self._fact, item)
        self._set(self._look._replace(kind=item.kind))

    def set_selected(self, selected: bool) -> None:
        """Draw the ring of a selected card, or take it away."""
        self._set(self._look._replace(selected=selected))

    def set_lit(self, lit: bool) -> None:
        """Cards take nothing that is dropped; a link's target is lit by an overlay."""

    def set_severity(self, severity: str) -> None:
        """Mark the card with the worst of its findings; empty for none."""
        self._set(self._look._replace(severity=severity))
        if self._badge is not None and not severity:
            self._badge.setVisible(False)
        if severity:
            if self._badge is None:
                self._badge = QGraphicsPixmapItem(self)
                self._badge.setPos(BADGE_AT)
            self._badge.setVisible(True)
            self._badge.setPixmap(self.pictures.badge(severity))

    def sharpen(self, pictures: Pictures) -> None:
        """Take the pictures of another scale."""
        if pictures is self.pictures:
            return
        self.pictures = pictures
        self.setPixmap(pictures.card(self._look))
        if self._badge is not None and self._look.severity:
            self._badge.setPixmap(pictures.badge(self._look.severity))

    def _set(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self.setPixmap(self.pictures.card(look))


class VectorCard(QGraphicsPathItem):
    """The card of one component in a picture for a file: shapes and text, no pixels."""

    def __init__(self, item: "AnyComponent", theme: Theme) -> None:
        """Show a component."""
        super().__init__(rounded(CARD.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS))
        self._theme = theme
        self._kind = item.kind
        self.setBrush(QColor(theme.panel))
        self.set_severity("")
        colour = tint(theme, item.kind)
        tile = QGraphicsPathItem(rounded(TILE, 8), self)
        ground = QColor(colour)
        ground.setAlpha(46 if theme.dark else 30)
        tile.setBrush(ground)
        tile.setPen(QPen(Qt.PenStyle.NoPen))
        self._icon = vector_icon(item.kind, colour.name(), ICON, self)
        self._name, self._fact = _texts(self, item, theme)
        self._badge: QGraphicsSvgItem | None = None

    def place(self, rect: Rect) -> None:
        """Lie at a rectangle of the scene."""
        self.setPos(rect[0], rect[1])

    def show_component(self, item: "AnyComponent") -> None:
        """Show another version of the component, of the same kind."""
        _write(self._name, self._fact, item)

    def set_selected(self, selected: bool) -> None:
        """Pictures show no selection."""

    def set_lit(self, lit: bool) -> None:
        """Pictures show no gesture."""

    def sharpen(self, pictures: Pictures) -> None:
        """Vectors are sharp."""

    def set_severity(self, severity: str) -> None:
        """Mark the card with the worst of its findings."""
        self.setPen(QPen(*line_of(self._theme, Look(self._kind, severity))))
        if severity:
            at = QRectF(BADGE_AT.x() + 1, BADGE_AT.y() + 1, BADGE - 2, BADGE - 2)
            colour = self._theme.severity(severity)
            self._badge = vector_icon(badge_icon(severity), colour, at, self)


def vector_icon(name: str, colour: str, rect: QRectF, parent: QGraphicsItem) -> "QGraphicsSvgItem":
    """Return an icon that stays vectors in SVG and PDF."""
    from PySide6.QtSvgWidgets import QGraphicsSvgItem

    renderer = icons.renderer(name, colour)
    item = QGraphicsSvgItem(parent)
    item.setSharedRenderer(renderer)
    item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
    item.setPos(rect.topLeft())
    item.setScale(rect.width() / renderer.defaultSize().width())
    return item


def _texts(
    parent: QGraphicsItem, item: "AnyComponent", theme: Theme
) -> tuple[QGraphicsSimpleTextItem, QGraphicsSimpleTextItem]:
    name, fact = QGraphicsSimpleTextItem(parent), QGraphicsSimpleTextItem(parent)
    name.setFont(NAME_FONT)
    fact.setFont(FACT_FONT)
    name.setBrush(QBrush(QColor(theme.text)))
    fact.setBrush(QBrush(QColor(theme.muted)))
    _write(name, fact, item)
    return name, fact


def _write(
    name: QGraphicsSimpleTextItem, fact: QGraphicsSimpleTextItem, item: "AnyComponent"
) -> None:
    second = elided(item.fact or type(item).title, False, TEXT_WIDTH)
    name.setText(elided(item.name, True, TEXT_WIDTH))
    fact.setText(second)
    name.setPos(TEXT_LEFT, 12)
    fact.setPos(TEXT_LEFT, 32)
