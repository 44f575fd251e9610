"""Where a new design begins: empty, or from one of the samples, each with its picture."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

import sample_designs
from app.ui.icons import pixmap
from app.ui.theme import Theme, current_theme
from sample_designs import SAMPLES, Sample

THUMBNAIL = QSize(140, 86)  # all samples in one row on a small screen
NAME = Qt.ItemDataRole.UserRole
EMPTY = ""


class SamplePicker(QListWidget):
    """The samples as cards; their pictures are drawn one after the other once it is shown."""

    picked = Signal(str)  # name of a sample; empty for the empty design

    def __init__(self, *, with_empty: bool) -> None:
        """Offer the samples, and an empty design if wanted."""
        super().__init__()
        self.setObjectName("samples")
        self.setAccessibleName("Samples")
        self.setViewMode(QListWidget.ViewMode.IconMode)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.setMovement(QListWidget.Movement.Static)
        self.setIconSize(THUMBNAIL)
        self.setGridSize(QSize(THUMBNAIL.width() + 12, THUMBNAIL.height() + 52))
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        if with_empty:
            self._add(EMPTY, "Empty design", "Begin with nothing on the canvas.")
        for sample in SAMPLES:
            self._add(sample.name, sample.title, sample.description)
        self.itemActivated.connect(lambda item: self.picked.emit(item.data(NAME)))
        self.itemClicked.connect(lambda item: self.picked.emit(item.data(NAME)))
        self._waiting: list[Sample] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._draw_one)
        self.set_theme(current_theme())

    def _add(self, name: str, title: str, text: str) -> None:
        item = QListWidgetItem(title)
        item.setData(NAME, name)
        item.setToolTip(text)
        item.setSizeHint(self.gridSize())  # else a name that just fits in is cut off
        item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter)
        item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, text)
        self.addItem(item)

    def set_theme(self, theme: Theme) -> None:
        """Draw the pictures in the colours of a theme."""
        blank = _icon(_framed(QPixmap(), theme, self.devicePixelRatioF()))
        plus = pixmap("ui_add", theme.muted, 28, self.devicePixelRatioF())
        for row in range(self.count()):
            self.item(row).setIcon(blank)
            if self.item(row).data(NAME) == EMPTY:
                self.item(row).setIcon(_icon(_framed(plus, theme, self.devicePixelRatioF())))
        self._waiting = list(SAMPLES)
        self._timer.start()

    def _draw_one(self) -> None:
        if not self._waiting:
            self._timer.stop()
            return
        sample = self._waiting.pop(0)
        picture = QPixmap()
        picture.loadFromData(_picture(sample.name, current_theme()))
        framed = _framed(picture, current_theme(), self.devicePixelRatioF())
        for row in range(self.count()):
            if self.item(row).data(NAME) == sample.name:
                self.item(row).setIcon(_icon(framed))


def _picture(name: str, theme: Theme) -> bytes:
    from app.storage.codec import load
    from app.ui.picture import draw

    return draw(load(sample_designs.read(name)), "png", theme=theme)


def _icon(picture: QPixmap) -> QIcon:
    """Return an icon that looks the same when it is selected."""
    found = QIcon(picture)
    found.addPixmap(picture, QIcon.Mode.Selected)
    return found


def _framed(picture: QPixmap, theme: Theme, ratio: float) -> QPixmap:
    """Return a picture in the middle of a card."""
    card = QPixmap(THUMBNAIL * ratio)
    card.setDevicePixelRatio(ratio)
    card.fill(Qt.GlobalColor.transparent)
    painter = QPainter(card)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(QColor(theme.background))
    painter.setPen(QColor(theme.line))
    painter.drawRoundedRect(QRectF(QPointF(), THUMBNAIL).adjusted(0.5, 0.5, -0.5, -0.5), 9, 9)
    if not picture.isNull():
        room = (THUMBNAIL - QSize(16, 16)) * ratio
        small = picture
        if picture.width() > room.width() or picture.height() > room.height():
            small = picture.scaled(
                room,
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        small.setDevicePixelRatio(ratio)
        size = small.deviceIndependentSize()
        painter.drawPixmap(
            round((THUMBNAIL.width() - size.width()) / 2),
            round((THUMBNAIL.height() - size.height()) / 2),
            small,
        )
    painter.end()
    return card


class SamplesOverlay(QWidget):
    """The samples on an empty canvas, below what the canvas says itself."""

    picked = Signal(str)

    def __init__(self, canvas: QWidget) -> None:
        """Lie over a canvas."""
        super().__init__(canvas)
        self._canvas = canvas
        self.samples = SamplePicker(with_empty=False)
        self.samples.picked.connect(self.picked)
        self.samples.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.samples.viewport().setAutoFillBackground(False)
        self.samples.setStyleSheet("QListWidget { background: transparent; }")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.samples)
        canvas.installEventFilter(self)
        self.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the canvas is resized."""
        if event.type() == QEvent.Type.Resize:
            self.place()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Lie in the lower half of the canvas, in as few rows as fit."""
        area = self._canvas.rect()
        cell = self.samples.gridSize()
        count = max(1, min(len(SAMPLES), (area.width() - 16) // cell.width()))
        rows = -(-len(SAMPLES) // count)
        top = area.height() // 2 + 40
        height = min(rows * cell.height() + 8, area.height() - top - 8)
        width = count * cell.width() + 24
        self.setGeometry((area.width() - width) // 2, top, width, max(0, height))


class StartDialog(QDialog):
    """Asks what a new design begins with."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Offer the empty design and the samples."""
        super().__init__(parent)
        self.setWindowTitle("New design")
        title = QLabel("Start empty, or from a sample")
        title.setObjectName("dialogTitle")
        self.samples = SamplePicker(with_empty=True)
        self.samples.setCurrentRow(0)
        self.resize(3 * self.samples.gridSize().width() + 72, 420)
        self.chosen = EMPTY
        self.samples.picked.connect(self._pick)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.addWidget(title)
        column.addWidget(self.samples, 1)
        column.addWidget(buttons)

    def _pick(self, name: str) -> None:
        self.chosen = name
        self.accept()
