"""Fields under the cards: servers, zones, sites with their titles; notes; outlines of clusters."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsPathItem,
    QGraphicsPixmapItem,
    QGraphicsSimpleTextItem,
    QGraphicsTextItem,
)

from app.model.containers import Note
from app.model.geometry import Rect
from app.ui.canvas.cards import (
    BADGE,
    FACT_FONT,
    TITLE_FONT,
    TITLE_ICON,
    Pictures,
    badge_icon,
    edge,
    elided,
    mixed,
    rounded,
)
from app.ui.canvas.component_item import BADGE_AT, vector_icon
from app.ui.canvas.field import RADIUS, TiledField, VectorField
from app.ui.canvas.frame import Frame, unlined
from app.ui.theme import Theme, ui_font

if TYPE_CHECKING:
    from app.model.kinds import AnyComponent

NOTE_LEVEL = 30.0


class ContainerItem(Frame):
    """The tinted field of a server, a zone or a site."""

    def __init__(self, item: "AnyComponent", pictures: Pictures, *, vector: bool) -> None:
        """Show a container."""
        super().__init__()
        theme = pictures.theme
        self.area: Rect = (0, 0, 0, 0)
        self._item, self._theme = item, theme
        self._lit = False
        self._severity = ""
        self._field = VectorField(self) if vector else TiledField(self)
        self._title = QGraphicsSimpleTextItem(self)
        self._title.setFont(TITLE_FONT)
        self._title.setPos(36, 7)
        self._title.setBrush(QColor(theme.muted))
        self._fact = QGraphicsSimpleTextItem(self)
        self._fact.setFont(FACT_FONT)
        self._fact.setBrush(QColor(theme.muted))
        self._ring = _ring(self, theme)
        self._badge: QGraphicsItem | None = None
        self._icon: QGraphicsPixmapItem | None = None
        if vector:
            vector_icon(item.kind, theme.muted, QRectF(14, 8, TITLE_ICON, TITLE_ICON), self)
        else:
            self._icon = QGraphicsPixmapItem(pictures.title_icon(item.kind), self)
            self._icon.setPos(14, 8)
        self._paint()

    def sharpen(self, pictures: Pictures) -> None:
        """Take the icon of another scale."""
        if self._icon is not None:
            self._icon.setPixmap(pictures.title_icon(self._item.kind))

    def _paint(self) -> None:
        theme, kind = self._theme, self._item.kind
        fill = QColor(getattr(theme, kind))
        line = QColor(theme.accent if self._lit else getattr(theme, f"{kind}_line"))
        if self._severity in ("critical", "high", "medium"):
            line = QColor(theme.severity(self._severity))
        if self._lit:
            fill = mixed(fill, QColor(theme.accent), 0.12)
        self._field.colour(fill, line)

    def place(self, rect: Rect) -> None:
        """Lie at a rectangle of the scene."""
        x, y, width, height = rect
        self.setPos(x, y)
        if (width, height) == self.area[2:]:
            self.area = rect
            return
        self.area = rect
        self._field.resize(width, height)
        area = QRectF(-5, -5, width + 10, height + 10)
        self._ring.setPath(edge(area, RADIUS + 5, 2.0))
        self._write()
        if self._badge is not None:
            self._badge.setPos(self._badge_place())
        # With room for a badge: one that comes later changes no more than its own pixels.
        badge = QRectF(self._badge_place(), QSizeF(BADGE, BADGE))
        self.setRect(self.childrenBoundingRect().united(badge))

    def _badge_place(self) -> QPointF:
        return QPointF(self.area[2] - BADGE / 2 - 5, BADGE_AT.y())

    def _write(self) -> None:
        width = self.area[2]
        self._title.setText(elided(self._item.name, True, max(40.0, width - 60)))
        left = 36 + self._title.boundingRect().width() + 8
        self._fact.setText(elided(self._item.fact, False, max(0.0, width - left - 14)))
        self._fact.setPos(left, 8)

    def show_component(self, item: "AnyComponent") -> None:
        """Show another version of the container."""
        self._item = item
        self._write()
        self._paint()

    def set_selected(self, selected: bool) -> None:
        """Draw the ring of a selected container, or take it away."""
        self._ring.setVisible(selected)

    def set_lit(self, lit: bool) -> None:
        """Show that it would take what is dropped."""
        if lit != self._lit:
            self._lit = lit
            self._paint()

    def set_severity(self, severity: str) -> None:
        """Mark it with the worst of its findings; empty for none."""
        if severity == self._severity:
            return
        self._severity = severity
        self._paint()
        if self._badge is not None:
            self.scene().removeItem(self._badge)
            self._badge = None
        if severity:
            self._badge = badge_item(self._theme, severity, self)
            self._badge.setPos(self._badge_place())


class NoteItem(QGraphicsPathItem):
    """A remark: its name on top, its text below."""

    def __init__(self, item: Note, theme: Theme) -> None:
        """Show a note."""
        super().__init__()
        self.area: Rect = (0, 0, 0, 0)
        self._item = item
        self._title = QGraphicsSimpleTextItem(self)
        self._title.setFont(TITLE_FONT)
        self._title.setPos(12, 9)
        self._text = QGraphicsTextItem(self)
        self._text.setFont(ui_font(12))
        self._text.setPos(8, 28)
        self._ring = _ring(self, theme)
        self.setZValue(NOTE_LEVEL)
        self.setBrush(mixed(QColor(theme.panel), QColor(theme.medium), 0.10))
        self.setPen(QPen(mixed(QColor(theme.line), QColor(theme.medium), 0.3), 1))
        self._title.setBrush(QColor(theme.text))
        self._text.setDefaultTextColor(QColor(theme.text))

    def sharpen(self, pictures: Pictures) -> None:
        """Nothing here is a picture."""

    def place(self, rect: Rect) -> None:
        """Lie at a rectangle of the scene."""
        x, y, width, height = self.area = rect
        self.setPos(x, y)
        area = QRectF(0, 0, width, height)
        self.setPath(rounded(area.adjusted(0.5, 0.5, -0.5, -0.5), 8))
        self._ring.setPath(edge(area.adjusted(-5, -5, 5, 5), 13, 2.0))
        self.show_component(self._item)

    def show_component(self, item: "AnyComponent") -> None:
        """Show another version of the note."""
        if isinstance(item, Note):
            self._item = item
        _, _, width, height = self.area
        self._title.setText(elided(item.name, True, max(20.0, width - 24)))
        self._text.setTextWidth(max(20.0, width - 16))
        self._text.setPlainText(_fitting(self._item.text, width - 24, height - 40))

    def set_selected(self, selected: bool) -> None:
        """Draw the ring of a selected note, or take it away."""
        self._ring.setVisible(selected)

    def set_severity(self, severity: str) -> None:
        """No rule is about notes."""

    def set_lit(self, lit: bool) -> None:
        """Take nothing that is dropped."""


def _ring(parent: QGraphicsItem, theme: Theme) -> QGraphicsPathItem:
    ring = unlined(QGraphicsPathItem(parent))
    ring.setBrush(QColor(theme.accent))
    ring.setVisible(False)
    return ring


def _fitting(text: str, width: float, height: float) -> str:
    """Cut a text to about what fits a note, so that it does not run out of its paper."""
    lines, letters = max(1, int(height / 15)), max(8, int(width / 6.2))
    shown = text[: lines * letters]
    return shown if shown == text else shown.rstrip() + "…"


def badge_item(theme: Theme, severity: str, parent: QGraphicsItem) -> QGraphicsPathItem:
    """Return the badge of a severity as a child of a container."""
    disc = QGraphicsPathItem(rounded(QRectF(0, 0, BADGE, BADGE), BADGE / 2), parent)
    disc.setBrush(QColor(theme.panel))
    disc.setPen(QPen(Qt.PenStyle.NoPen))
    vector_icon(badge_icon(severity), theme.severity(severity), QRectF(1, 1, 18, 18), disc)
    return disc
