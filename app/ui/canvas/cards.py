"""The pictures of cards, badges and labels: each drawn once for a kind, state and scale, shared."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QPixmap,
)

from app.model.sizes import CARD_HEIGHT, CARD_WIDTH
from app.ui import icons
from app.ui.theme import Theme, ui_font

MARGIN = 10.0  # around a card, for its shadow and its ring
RADIUS = 10.0
TILE = QRectF(12, 14, 32, 32)
ICON = QRectF(18, 20, 20, 20)
TEXT_LEFT = 54.0
TEXT_WIDTH = CARD_WIDTH - TEXT_LEFT - 10
BADGE = 20.0
LABEL_HEIGHT = 18.0
LOCK = 12.0
TITLE_ICON = 16.0
MOST_PICTURES = 600
CARD = QRectF(0, 0, CARD_WIDTH, CARD_HEIGHT)
NAME_FONT = ui_font(14, QFont.Weight.DemiBold)
FACT_FONT = ui_font(12)
LABEL_FONT = ui_font(11, QFont.Weight.Medium)
TITLE_FONT = ui_font(13, QFont.Weight.DemiBold)


class Look(NamedTuple):
    """Which of the shared pictures a card shows."""

    kind: str
    severity: str = ""  # of its worst finding; "waived" if all are accepted
    selected: bool = False


class Label(NamedTuple):
    """What is written on a link."""

    text: str
    lock: str  # "closed", "open" or ""
    colour: str
    ground: str = ""  # the kind of container that it lies in

    @property
    def width(self) -> float:
        """Width in pixels at 100 %."""
        return label_width(self.text, bool(self.lock))


class Pictures:
    """The shared pixmaps of one theme at one scale; `ratio` device pixels to one of the scene."""

    def __init__(self, theme: Theme, ratio: float) -> None:
        """Take the theme and the scale; nothing is drawn before it is asked for."""
        self.theme = theme
        self.ratio = ratio
        self._cards: dict[Look, QPixmap] = {}
        self._badges: dict[str, QPixmap] = {}
        self._icons: dict[str, QPixmap] = {}
        self._labels: dict[Label, QPixmap] = {}

    def at(self, ratio: float) -> "Pictures":
        """Return the pictures of the same theme at another scale."""
        return Pictures(self.theme, ratio)

    def card(self, look: Look) -> QPixmap:
        """Return a card without its texts; its corner lies `MARGIN` inside."""
        found = self._cards.get(look)
        if found is None:
            size = (CARD_WIDTH + 2 * MARGIN, CARD_HEIGHT + 2 * MARGIN)
            found = self._cards[look] = self._drawn(*size, lambda p: self._paint_card(p, look))
        return found

    def badge(self, severity: str) -> QPixmap:
        """Return the badge of a severity."""
        found = self._badges.get(severity)
        if found is None:
            found = self._badges[severity] = self._drawn(
                BADGE, BADGE, lambda p: paint_badge(p, self.theme, severity)
            )
        return found

    def title_icon(self, kind: str) -> QPixmap:
        """Return the icon beside the title of a container."""
        found = self._icons.get(kind)
        if found is None:
            icon = icons.renderer(kind, self.theme.muted)
            area = QRectF(0, 0, TITLE_ICON, TITLE_ICON)
            found = self._icons[kind] = self._drawn(
                TITLE_ICON, TITLE_ICON, lambda p: icon.render(p, area)
            )
        return found

    def label(self, label: Label) -> QPixmap:
        """Return the label of a link on its patch of background."""
        found = self._labels.get(label)
        if found is None:
            if len(self._labels) > MOST_PICTURES:
                self._labels.clear()
            found = self._labels[label] = self._drawn(
                label.width, LABEL_HEIGHT, lambda p: paint_label(p, self.theme, label)
            )
        return found

    def _drawn(self, width: float, height: float, paint: Callable[[QPainter], None]) -> QPixmap:
        pixmap = QPixmap(round(width * self.ratio + 0.499), round(height * self.ratio + 0.499))
        pixmap.setDevicePixelRatio(self.ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform
        )
        paint(painter)
        painter.end()
        return pixmap

    def _paint_card(self, painter: QPainter, look: Look) -> None:
        painter.translate(MARGIN, MARGIN)
        _paint_shadow(painter, self.theme)
        if look.selected:
            painter.setPen(QPen(QColor(self.theme.accent), 2))
            painter.drawRoundedRect(CARD.adjusted(-5, -5, 5, 5), RADIUS + 5, RADIUS + 5)
        painter.setPen(QPen(*line_of(self.theme, look)))
        painter.setBrush(QColor(self.theme.panel))
        painter.drawRoundedRect(CARD.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        paint_icon(painter, self.theme, look.kind)


def line_of(theme: Theme, look: Look) -> tuple[QColor, float]:
    """Return colour and width of the line around a card."""
    if look.severity in ("critical", "high", "medium"):
        return QColor(theme.severity(look.severity)), 1.5
    return QColor(theme.line), 1.0


def _paint_shadow(painter: QPainter, theme: Theme) -> None:
    """A soft shadow from rings of little colour: an effect would cost each frame."""
    painter.setPen(Qt.PenStyle.NoPen)
    strength = 14 if theme.dark else 5
    for grow, down in ((4.0, 3.0), (2.5, 2.5), (1.0, 1.5)):
        painter.setBrush(QColor(10, 18, 32, strength))
        rect = CARD.adjusted(-grow, -grow + down, grow, grow + down)
        painter.drawRoundedRect(rect, RADIUS + grow, RADIUS + grow)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def tint(theme: Theme, kind: str) -> QColor:
    """Return the colour of the icon of a kind."""
    from app.model.kinds import KINDS

    return QColor(theme.tint(KINDS[kind].group))


def paint_icon(painter: QPainter, theme: Theme, kind: str) -> None:
    """Draw the icon of a kind on its tile, at the left of a card."""
    colour = tint(theme, kind)
    ground = QColor(colour)
    ground.setAlpha(46 if theme.dark else 30)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(TILE, 8, 8)
    icons.renderer(kind, colour.name()).render(painter, ICON)


def paint_badge(painter: QPainter, theme: Theme, severity: str) -> None:
    """Draw the sign of a severity on a disc of the card's own ground."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.panel))
    painter.drawEllipse(QRectF(0, 0, BADGE, BADGE))
    name = badge_icon(severity)
    icons.renderer(name, theme.severity(severity)).render(painter, QRectF(1, 1, 18, 18))


def badge_icon(severity: str) -> str:
    """Return the name of the icon of a severity."""
    return "ui_waive" if severity == "waived" else f"ui_{severity}"


def paint_label(painter: QPainter, theme: Theme, label: Label) -> None:
    """Draw the label of a link."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground_of(theme, label))
    painter.drawRoundedRect(QRectF(0, 0, label.width, LABEL_HEIGHT), 5, 5)
    left = 5.0
    if label.lock:
        icon = icons.renderer(f"ui_lock_{label.lock}", label.colour)
        icon.render(painter, QRectF(left - 1, 3, LOCK, LOCK))
        left += LOCK + 1
    painter.setPen(QColor(label.colour))
    painter.setFont(LABEL_FONT)
    painter.drawText(QPointF(left, 13), label.text)


def ground_of(theme: Theme, label: Label) -> QColor:
    """Return the colour of what a label lies on."""
    return QColor(getattr(theme, label.ground) if label.ground else theme.background)


@lru_cache(4096)
def label_width(text: str, lock: bool) -> float:
    """Return the width of a label with or without a lock."""
    words = QFontMetricsF(LABEL_FONT).horizontalAdvance(text) if text else -2.0
    return round(words + 10 + (LOCK + 1 if lock else 0))


@lru_cache(16384)
def elided(text: str, bold: bool, width: float) -> str:
    """Return a text cut to a width, in the font of names or of facts."""
    metrics = QFontMetricsF(NAME_FONT if bold else FACT_FONT)
    return metrics.elidedText(text.replace("\n", " "), Qt.TextElideMode.ElideRight, width)


def edge(rect: QRectF, radius: float, width: float, dashes: Sequence[float] = ()) -> QPainterPath:
    """Return the line round a rectangle as an area to fill.

    Qt strokes a line anew in each frame, which takes 20 times as long where many small rectangles
    are to be painted, as while a part is dragged.
    """
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    if dashes:
        stroker.setDashPattern(list(dashes))
    return stroker.createStroke(rounded(rect, radius))


def rounded(rect: QRectF, radius: float) -> QPainterPath:
    """Return a rectangle with round corners as a path."""
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path


def mixed(ground: QColor, colour: QColor, share: float) -> QColor:
    """Return a colour with a share of another mixed in."""
    rest = 1 - share
    return QColor(
        round(ground.red() * rest + colour.red() * share),
        round(ground.green() * rest + colour.green() * share),
        round(ground.blue() * rest + colour.blue() * share),
    )
