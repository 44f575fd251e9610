"""The rows of the findings panel: one line each, painted, with buttons that are painted too."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    QStringListModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.rules.registry import Finding
from app.ui.icons import renderer
from app.ui.theme import Theme, current_theme, ui_font

ROW = 34
_FONT = ui_font(12)
_STRONG_FONT, _TITLE_FONT = (ui_font(size, QFont.Weight.DemiBold) for size in (12, 13))
FINDING = Qt.ItemDataRole.UserRole
AnyIndex = QModelIndex | QPersistentModelIndex
Button = Literal["fix", "waive"]
_WORD, _ID, _TITLE = 34, 98, 166
_TITLE_WIDTH = 226
_FOR_BOTH = _TITLE_WIDTH + 140  # pixels that a title and its message need
_WAIVE_WIDTH, _GAP = 72, 8
_NARROW = 560  # pixels of a row: below that, only the sign, the title and the repair
_NARROW_FIX_WIDTHS = 130, 160
_FIX_WIDTHS = 200, 250  # in a narrow row, and where a long title finds room


class FindingRows(QStringListModel):
    """The findings that are shown, in their order.

    Qt counts the rows: while it lays them out it asks how many there are twice for each of them.
    """

    def __init__(self) -> None:
        """Show none at first."""
        super().__init__()
        self.findings: tuple[Finding, ...] = ()

    def show(self, findings: Sequence[Finding]) -> None:
        """Show other findings."""
        self.findings = tuple(findings)
        self.setStringList([finding.key for finding in findings])

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        """Let rows be chosen, not edited."""
        return super().flags(index) & ~(
            Qt.ItemFlag.ItemIsEditable
            | Qt.ItemFlag.ItemIsDragEnabled
            | Qt.ItemFlag.ItemIsDropEnabled
        )

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a row says, to the eye and to a screen reader."""
        if not index.isValid():
            return None
        finding = self.findings[index.row()]
        if role == FINDING:
            return finding
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return sentence(finding)
        if role == Qt.ItemDataRole.ToolTipRole:
            return finding.problem.message
        return None


def sentence(finding: Finding) -> str:
    """Return a finding as one line of text."""
    rule = finding.rule
    state = "waived" if finding.waiver is not None else rule.severity
    return f"{state}: {rule.id} {rule.title}. {finding.problem.message}"


class FindingsList(QListView):
    """Findings to walk through; hovering shows, clicking centres, buttons repair and waive."""

    hovered = Signal(object)  # a finding, or None when the mouse leaves
    chosen = Signal(object)  # a finding, by click or by key
    fix_wanted = Signal(object, QPoint)  # a finding, and where on the screen the button is
    waive_wanted = Signal(object)

    def __init__(self, rows: FindingRows) -> None:
        """Show rows."""
        super().__init__()
        self._rows = rows
        self._pressed: tuple[Finding, Button] | None = None
        self.setModel(rows)
        self.setItemDelegate(_FindingDelegate(self))
        self.setAccessibleName("Findings")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.entered.connect(lambda index: self.hovered.emit(index.data(FINDING)))
        self.activated.connect(lambda index: self.chosen.emit(index.data(FINDING)))

    @property
    def current(self) -> Finding | None:
        """The finding that keys work on."""
        found = self.currentIndex().data(FINDING)
        return found if isinstance(found, Finding) else None

    def set_current(self, row: int) -> None:
        """Make a row the current one and bring it into view."""
        self.setCurrentIndex(self._rows.index(row, 0))
        self.scrollTo(self.currentIndex())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a painted button; it acts when it is released.

        The row does not become the current one before that: its details would open beside the
        list and move the button away from under the mouse.
        """
        self._pressed = self._button_under(event)
        if self._pressed is None:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Release a painted button, or choose the row."""
        pressed, self._pressed = self._pressed, None
        at = event.position().toPoint()
        index = self.indexAt(at)
        if pressed is None:
            super().mouseReleaseEvent(event)
            if event.button() == Qt.MouseButton.LeftButton and index.isValid():
                self.chosen.emit(self._rows.findings[index.row()])
        elif pressed == self._button_under(event):
            finding, button = pressed
            if button == "waive":
                self.waive_wanted.emit(finding)
                return
            area = button_rect(self.visualRect(index), "fix")
            self.fix_wanted.emit(finding, self.viewport().mapToGlobal(area.bottomLeft()))

    def _button_under(self, event: QMouseEvent) -> tuple[Finding, Button] | None:
        at = event.position().toPoint()
        index = self.indexAt(at)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return None
        finding = self._rows.findings[index.row()]
        button = button_at(self.visualRect(index), at, finding)
        return (finding, button) if button else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show a hand over a button."""
        super().mouseMoveEvent(event)
        at = event.position().toPoint()
        index = self.indexAt(at)
        over = index.isValid() and button_at(
            self.visualRect(index), at, self._rows.findings[index.row()]
        )
        shape = Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
        self.viewport().setCursor(shape)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walking with the arrows shows what is walked over."""
        before = self.currentIndex()
        super().keyPressEvent(event)
        if self.currentIndex() != before and self.current is not None:
            self.hovered.emit(self.current)

    def leaveEvent(self, event: QEvent) -> None:
        """Show the evidence of the current finding again."""
        super().leaveEvent(event)
        self.hovered.emit(None)


def button_rect(row: QRect, button: Button) -> QRect:
    """Return where a button lies in a row."""
    right = row.right() - _GAP
    waive = _WAIVE_WIDTH if row.width() >= _NARROW else 0  # the key and the menu waive as well
    if button == "waive":
        return QRect(right - waive, row.y() + 4, waive, row.height() - 8)
    least, most = _FIX_WIDTHS if waive else _NARROW_FIX_WIDTHS
    width = min(most, max(least, row.width() // 4))
    left = right - waive - _GAP - width
    return QRect(left, row.y() + 4, width, row.height() - 8)


def button_at(row: QRect, at: QPoint, finding: Finding) -> Button | None:
    """Return the button of a finding's row that lies at a point."""
    if button_rect(row, "waive").contains(at):
        return "waive"
    if can_fix(finding) and button_rect(row, "fix").contains(at):
        return "fix"
    return None


def can_fix(finding: Finding) -> bool:
    """Whether a repair is offered."""
    return finding.waiver is None and bool(finding.problem.fixes)


class _FindingDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(400, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        widget: QWidget = option.widget
        theme = current_theme()
        finding: Finding = index.data(FINDING)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, rect, state, theme)
        _paint_words(painter, rect, finding, theme)
        under = widget.viewport().mapFromGlobal(widget.cursor().pos())  # type: ignore[attr-defined]  # a list
        hovered = button_at(rect, under, finding) if rect.contains(under) else None
        if can_fix(finding):
            _paint_fix(painter, rect, finding, theme, hovered == "fix")
        if rect.width() >= _NARROW:
            _paint_waive(painter, rect, finding, theme, hovered == "waive")
        painter.restore()


def _paint_ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag, theme: Theme) -> None:
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    if not (chosen or state & QStyle.StateFlag.State_MouseOver):
        return
    focused = chosen and bool(state & QStyle.StateFlag.State_HasFocus)
    painter.setPen(QColor(theme.accent) if focused else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.hover if chosen else theme.background))
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 1.5, -0.5, -1.5), 8, 8)


def _paint_words(painter: QPainter, rect: QRect, finding: Finding, theme: Theme) -> None:
    waived = finding.waiver is not None
    severity = "waived" if waived else finding.rule.severity
    colour = theme.severity(severity)
    sign = "ui_waive" if waived else f"ui_{severity}"
    renderer(sign, colour).render(painter, QRectF(rect.x() + 12, rect.center().y() - 7, 16, 16))
    strong = theme.muted if waived else theme.text
    end = button_rect(rect, "fix" if can_fix(finding) else "waive").left() - 12
    right = end - rect.x()
    if rect.width() < _NARROW:  # the sign says how bad it is, and the details have the rest
        _text(painter, rect, _WORD, right, finding.rule.title, _TITLE_FONT, strong)
        return
    _text(painter, rect, _WORD, _ID - 6, severity.capitalize(), _FONT, colour)
    _text(painter, rect, _ID, _TITLE - 6, finding.rule.id, _STRONG_FONT, theme.muted)
    if right - _TITLE < _FOR_BOTH:  # rather one whole than halves of both; the tip has the rest
        _text(painter, rect, _TITLE, right, finding.rule.title, _TITLE_FONT, strong)
        return
    text = _TITLE + _TITLE_WIDTH
    _text(painter, rect, _TITLE, text - 12, finding.rule.title, _TITLE_FONT, strong)
    message = finding.waiver.reason if finding.waiver else finding.problem.message
    _text(painter, rect, text, right, message, _FONT, theme.muted)


def _text(
    painter: QPainter, row: QRect, left: int, right: int, text: str, font: QFont, colour: str
) -> None:
    area = QRect(row.x() + left, row.y(), max(0, right - left), row.height())
    painter.setFont(font)
    painter.setPen(QColor(colour))
    line = " ".join(text.split())
    shown = painter.fontMetrics().elidedText(line, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, shown)


def _paint_fix(
    painter: QPainter, row: QRect, finding: Finding, theme: Theme, hovered: bool
) -> None:
    area = button_rect(row, "fix")
    fixes = finding.problem.fixes
    painter.setBrush(QColor(theme.hover if hovered else theme.panel))
    painter.setPen(QColor(theme.accent if hovered else theme.line))
    painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
    painter.setFont(_STRONG_FONT)
    painter.setPen(QColor(theme.accent))
    inner = area.adjusted(10, 0, -26 if len(fixes) > 1 else -10, 0)
    text = painter.fontMetrics().elidedText(
        fixes[0].title, Qt.TextElideMode.ElideRight, inner.width()
    )
    painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, text)
    if len(fixes) > 1:
        spot = QRectF(area.right() - 22, area.center().y() - 7, 16, 16)
        renderer("ui_chevron_down", theme.accent).render(painter, spot)


def _paint_waive(
    painter: QPainter, row: QRect, finding: Finding, theme: Theme, hovered: bool
) -> None:
    font = QFont(_FONT)
    font.setUnderline(hovered)
    painter.setFont(font)
    painter.setPen(QColor(theme.text if hovered else theme.muted))
    text = "Take back" if finding.waiver is not None else "Waive…"
    painter.drawText(button_rect(row, "waive"), Qt.AlignmentFlag.AlignCenter, text)
