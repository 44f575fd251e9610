"""The whole design in a corner, with a frame round what is seen; a click goes there."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.model.geometry import Rect
from app.ui.canvas.view import CanvasView
from app.ui.live_check import SOON

SIZE = QSize(176, 112)
AIR = 8.0


class Minimap(QWidget):
    """Paints the parts as boxes, once for each change of the design, and the frame over them."""

    def __init__(self, view: CanvasView, parent: QWidget | None = None) -> None:
        """Follow a canvas."""
        super().__init__(parent)
        self._view = view
        self._boxes: QPixmap | None = None
        self._area = QRectF()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(SOON)
        self._soon.timeout.connect(self._forget)
        self.setFixedSize(SIZE)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Minimap")
        self.setToolTip("Click or drag to move the view")
        view.view_changed.connect(self.update)
        view.drawn_anew.connect(self._redraw)

    def _redraw(self) -> None:
        """Draw the boxes anew, once for many changes in a row."""
        self._soon.start()

    def _forget(self) -> None:
        self._boxes = None
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size that it has."""
        return SIZE

    def _scale(self, area: QRectF) -> tuple[float, QPointF]:
        """Pixels of the map to one of the scene, and where the scene's origin is on it."""
        width, height = self.width() - 2 * AIR, self.height() - 2 * AIR
        scale = min(width / max(1.0, area.width()), height / max(1.0, area.height()))
        middle = QPointF(self.width() / 2, self.height() / 2)
        return scale, middle - area.center() * scale

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the panel, the boxes, the frame."""
        theme = self._view.stage.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.setBrush(QColor(theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.drawPixmap(0, 0, self._map())
        self._place(painter, self._area)
        ground = QColor(theme.accent)
        ground.setAlpha(24)
        painter.setBrush(ground)
        pen = QPen(QColor(theme.accent), 1.2)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawRect(self._view.seen_area().intersected(self._shown_area()))

    def _map(self) -> QPixmap:
        if self._boxes is None:
            content = self._view.stage.content()
            self._area = content if not content.isEmpty() else self._view.seen_area()
            self._boxes = self._drawn(self._area)
        return self._boxes

    def _shown_area(self) -> QRectF:
        """The area of the scene that fits the map."""
        scale, origin = self._scale(self._area)
        inner = QRectF(self.rect()).adjusted(3, 3, -3, -3)
        return QRectF((inner.topLeft() - origin) / scale, inner.size() / scale)

    def _place(self, painter: QPainter, area: QRectF) -> None:
        scale, origin = self._scale(area)
        painter.translate(origin)
        painter.scale(scale, scale)

    def _drawn(self, area: QRectF) -> QPixmap:
        """The boxes of all parts."""
        pixmap = QPixmap(self.size() * self.devicePixelRatioF())
        pixmap.setDevicePixelRatio(self.devicePixelRatioF())
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self._place(painter, area)
        self._paint_parts(painter)
        painter.end()
        return pixmap

    def _paint_parts(self, painter: QPainter) -> None:
        stage = self._view.stage
        theme, rects = stage.theme, stage.placing.rects
        painter.setPen(Qt.PenStyle.NoPen)
        fields = sorted((rects[key] for key in stage.routes.fields.boxes), key=_size, reverse=True)
        painter.setBrush(QColor(theme.server_line))
        painter.setOpacity(0.35)
        painter.drawRects([QRectF(*rect) for rect in fields])
        painter.setOpacity(1.0)
        painter.setBrush(QColor(theme.server_line))
        cards = stage.routes.ground.obstacles.boxes
        painter.drawRects([QRectF(*rects[key]) for key in cards])
        self._paint_marks(painter)

    def _paint_marks(self, painter: QPainter) -> None:
        """Selected parts and parts in trouble stand out."""
        stage = self._view.stage
        for key, severity in stage.marks.severities.items():
            if key in stage.routes.ground.obstacles.boxes and severity in ("critical", "high"):
                painter.setBrush(QColor(stage.theme.severity(severity)))
                painter.drawRect(QRectF(*stage.placing.rects[key]))
        painter.setBrush(QColor(stage.theme.accent))
        for key in stage.marks.selected & stage.routes.ground.obstacles.boxes.keys():
            painter.drawRect(QRectF(*stage.placing.rects[key]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a point."""
        self._go(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the mouse."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._go(event.position())

    def _go(self, spot: QPointF) -> None:
        self._map()
        scale, origin = self._scale(self._area)
        self._view.look_at((spot - origin) / scale)


def _size(rect: Rect) -> float:
    return rect[2] * rect[3]
