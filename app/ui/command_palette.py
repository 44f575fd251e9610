"""A list that is filtered while typing: of all commands, or of all parts that can be added."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
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

from app.ui.theme import current_theme, ui_font

WIDTH, ROW, MOST_ROWS = 560, 38, 9
ENTRY = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: what it says, what it does."""

    text: str
    detail: str
    run: Callable[[], object]
    keys: str = ""
    icon: QIcon | None = None


def score(pattern: str, text: str) -> float | None:
    """Return how well a text matches what was typed, higher is better; None for not at all.

    All letters have to appear in order. Letters in a row, and letters at the start of words,
    count more.
    """
    wanted, found = pattern.lower().replace(" ", ""), text.lower()
    total, at, last = 0.0, 0, -2
    for letter in wanted:
        spots = [spot for spot in range(at, len(found)) if found[spot] == letter]
        if not spots:
            return None
        spot = max(spots, key=lambda spot: (_worth(found, spot, last), -spot))
        if not _rest_fits(wanted, found, spot):
            spot = spots[0]
        total += _worth(found, spot, last)
        at, last, wanted = spot + 1, spot, wanted[1:]
    return total - len(found) / 100


def _worth(text: str, spot: int, last: int) -> float:
    if spot == last + 1:
        return 3.0
    return 2.0 if spot == 0 or not text[spot - 1].isalnum() else 0.5


def _rest_fits(wanted: str, text: str, spot: int) -> bool:
    rest = iter(text[spot + 1 :])
    return all(letter in rest for letter in wanted[1:])


def ranked(pattern: str, entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries that match, best first; all in their order for an empty pattern."""
    if not pattern.strip():
        return list(entries)
    scored = [(_entry_score(pattern, entry), entry) for entry in entries]
    matching = [(value, entry) for value, entry in scored if value is not None]
    return [entry for _, entry in sorted(matching, key=lambda pair: -pair[0])]


def _entry_score(pattern: str, entry: Entry) -> float | None:
    name = score(pattern, entry.text)
    if name is not None:
        return name + 1
    words = pattern.lower().split()
    return 0.0 if all(word in entry.detail.lower() for word in words) else None


class CommandPalette(QDialog):
    """Opens over the window; typing filters, arrows choose, Enter runs, Esc leaves."""

    def __init__(self, parent: QWidget, placeholder: str, entries: Sequence[Entry]) -> None:
        """Offer entries."""
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(placeholder)
        self.setObjectName("commandPalette")
        self._entries = entries
        self.line = QLineEdit()
        self.line.setPlaceholderText(placeholder)
        self.line.setAccessibleName(placeholder)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName("Matches")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setItemDelegate(_EntryDelegate(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 10, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.line)
        column.addWidget(self.list)
        self.line.textChanged.connect(self._filter)
        self.line.returnPressed.connect(self._run)
        self.list.itemClicked.connect(self._run)
        colours = current_theme()
        self.setStyleSheet(
            f"QDialog#commandPalette {{ background: {colours.panel}; "
            f"border: 1px solid {colours.line}; }}"
        )
        self._filter("")

    def open_over(self, area: QRect) -> None:
        """Show it near the top of an area of the screen."""
        self.move(area.center().x() - self.width() // 2, area.top() + min(96, area.height() // 6))
        self.show()
        self.line.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move through the list while the line has the focus."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step and self.list.count():
                row = (self.list.currentRow() + step) % self.list.count()
                self.list.setCurrentRow(row)
                return True
        return super().eventFilter(watched, event)

    def _filter(self, pattern: str) -> None:
        self.list.clear()
        for entry in ranked(pattern, self._entries):
            item = QListWidgetItem(entry.text)
            item.setData(ENTRY, entry)
            said = ", ".join(filter(None, (entry.text, entry.detail, entry.keys)))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        rows = min(MOST_ROWS, max(1, self.list.count()))
        self.list.setFixedHeight(rows * ROW + 4)
        self.setFixedSize(WIDTH, self.sizeHint().height())

    def _run(self) -> None:
        for item in self.list.selectedItems():
            entry: Entry = item.data(ENTRY)
            self.close()
            entry.run()


class _EntryDelegate(QStyledItemDelegate):
    """Draws icon, text and detail at the left, the shortcut at the right."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(200, ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        theme = current_theme()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        entry: Entry = index.data(ENTRY)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.hover))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 7, 7)
        if entry.icon is not None:
            entry.icon.paint(painter, QRect(rect.x() + 10, rect.y() + 10, 18, 18))
        painter.setFont(ui_font(13))
        painter.setPen(QColor(theme.text))
        area = rect.adjusted(40, 0, -12, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, entry.text)
        used = painter.fontMetrics().horizontalAdvance(entry.text) + 12
        keys = painter.fontMetrics().horizontalAdvance(entry.keys)
        painter.setFont(ui_font(12))
        painter.setPen(QColor(theme.muted))
        middle = area.adjusted(used, 0, -keys - 12, 0)
        detail = painter.fontMetrics().elidedText(
            entry.detail, Qt.TextElideMode.ElideRight, middle.width()
        )
        painter.drawText(middle, Qt.AlignmentFlag.AlignVCenter, detail)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(area, right, entry.keys)
        painter.restore()
