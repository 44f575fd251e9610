"""The palette: all kinds of parts by groups, to drag or to add with a key."""

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QDrag, QFont, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.model.kinds import GROUPS, KINDS
from app.ui.icons import renderer
from app.ui.theme import Theme, current_theme, ui_font

ROW, HEADING = 36, 34
KIND = Qt.ItemDataRole.UserRole  # the kind of a row; absent on a heading


class Palette(QWidget):
    """Lists what can be drawn, to drag; double click and Enter add."""

    kind_chosen = Signal(str)

    def __init__(self, mime_type: str) -> None:
        """Offer all kinds; `mime_type` names a kind that is dragged to the canvas."""
        super().__init__()
        self.setObjectName("palette")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search parts")
        self.search.setAccessibleName("Search parts")
        self.search.setClearButtonEnabled(True)
        self.list = _Kinds(mime_type)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 0)
        column.setSpacing(6)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        self.search.textChanged.connect(self.list.filter)
        self.search.returnPressed.connect(self._add_current)
        self.search.installEventFilter(self)
        self.list.itemActivated.connect(self._add)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Let Down go from the search to the list, and Esc clear the search."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Down:
                self.list.setFocus()
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return False

    def _add_current(self) -> None:
        for item in self.list.selectedItems():
            if not item.isHidden():
                self._add(item)

    def _add(self, item: QListWidgetItem) -> None:
        kind = item.data(KIND)
        if kind:
            self.kind_chosen.emit(kind)


class _Kinds(QListWidget):
    def __init__(self, mime_type: str) -> None:
        super().__init__()
        self._mime_type = mime_type
        self.setAccessibleName("Parts")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setDragEnabled(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_KindDelegate(self))
        for group, title in GROUPS.items():
            heading = QListWidgetItem(title)
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            self.addItem(heading)
            for kind, cls in KINDS.items():
                if cls.group == group:
                    self.addItem(_kind_item(kind))
        self.setCurrentRow(1)

    def filter(self, text: str) -> None:
        """Show the kinds whose name or purpose holds all words of a text."""
        words = text.lower().split()
        heading, first = None, None
        for row in range(self.count()):
            item = self.item(row)
            kind = item.data(KIND)
            if kind is None:
                heading = item
                item.setHidden(True)
                continue
            hidden = not all(word in _words(kind) for word in words)
            item.setHidden(hidden)
            if not hidden:
                first = first or item
                if heading is not None:
                    heading.setHidden(False)
        named = [item for item in self._shown() if item.text().lower().startswith(text.lower())]
        best = named[0] if named else first
        if best is not None:
            self.setCurrentItem(best)

    def _shown(self) -> list[QListWidgetItem]:
        items = (self.item(row) for row in range(self.count()))
        return [item for item in items if item.data(KIND) and not item.isHidden()]

    def startDrag(self, actions: Qt.DropAction) -> None:
        """Drag a kind; over the canvas the card that it will be follows."""
        drag = self.make_drag()
        if drag is not None:
            drag.exec(Qt.DropAction.CopyAction)

    def make_drag(self) -> QDrag | None:
        """Return the drag of the current kind."""
        kind = self.currentIndex().data(KIND)
        if kind is None:
            return None
        data = QMimeData()
        data.setData(self._mime_type, QByteArray(kind.encode()))
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.setPixmap(_tile(kind, self.devicePixelRatioF()))
        drag.setHotSpot(QPoint(-10, -10))  # beside the cursor: under it the canvas shows the card
        return drag


def _tile(kind: str, ratio: float) -> QPixmap:
    picture = QPixmap(round(28 * ratio), round(28 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_kind(painter, QRectF(0, 0, 28, 28), kind, current_theme())
    painter.end()
    return picture


def _kind_item(kind: str) -> QListWidgetItem:
    cls = KINDS[kind]
    item = QListWidgetItem(cls.title)
    item.setData(KIND, kind)
    item.setToolTip(cls.summary)
    item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, cls.summary)
    return item


def _words(kind: str) -> str:
    cls = KINDS[kind]
    return f"{cls.title} {kind} {cls.summary} {GROUPS[cls.group]}".lower()


class _KindDelegate(QStyledItemDelegate):
    """Draws a heading, or the icon of a kind on its tile with its name."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, ROW if index.data(KIND) else HEADING)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme = current_theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        kind = index.data(KIND)
        if kind is None:
            _paint_heading(painter, rect, index.data(), theme)
        else:
            _paint_ground(painter, rect, state, theme)
            paint_kind(painter, QRectF(rect.x() + 6, rect.y() + 6, 24, 24), kind, theme)
            painter.setPen(QColor(theme.text))
            painter.setFont(ui_font(13))
            area = rect.adjusted(40, 0, -6, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, index.data())
        painter.restore()


def _paint_heading(painter: QPainter, rect: QRect, text: str, theme: Theme) -> None:
    font = ui_font(11, QFont.Weight.DemiBold)
    font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 0.5)
    painter.setFont(font)
    painter.setPen(QColor(theme.muted))
    area = rect.adjusted(6, 0, 0, -6)
    painter.drawText(area, Qt.AlignmentFlag.AlignBottom, text.upper())


def _paint_ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag, theme: Theme) -> None:
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
    if not (hovered or focused):
        return
    painter.setBrush(QColor(theme.hover))
    painter.setPen(QColor(theme.accent) if focused else Qt.PenStyle.NoPen)
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), 7, 7)


def paint_kind(painter: QPainter, tile: QRectF, kind: str, theme: Theme) -> None:
    """Draw the icon of a kind on a tile of its tint."""
    colour = theme.tint(KINDS[kind].group)
    ground = QColor(colour)
    ground.setAlpha(46 if theme.dark else 30)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(tile, 6, 6)
    inset = tile.width() / 6
    renderer(kind, colour).render(painter, tile.adjusted(inset, inset, -inset, -inset))
