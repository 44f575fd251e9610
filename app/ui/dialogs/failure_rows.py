"""The rows of the table of failures: in words, filtered and sorted."""

from collections.abc import Callable
from typing import Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from app.analysis.failure_table import Failure, FailureTable
from app.analysis.failure_words import failed_words, hours_words, kind_words, outcome_words
from app.ui.theme import current_theme

AnyIndex = QModelIndex | QPersistentModelIndex
Order = Qt.SortOrder
HARM, HOURS = 0, 4  # columns of numbers
TITLES = ("Harm", "If this stops", "Kind", "Then", "Hours a year")
_HELP = (
    "The most harmful is 1: by flows down, down until switched by hand, degraded, then by hours",
    "Parts and links, with all that is in them",
    "What sort of part it is",
    "What becomes of the flows",
    "How long in a year all of it has failed by itself; empty where there is no figure",
)


class Row(NamedTuple):
    """One failure, and what is written of it."""

    rank: int  # by harm, from 1
    failure: Failure
    stops: str
    kind: str
    then: str
    hours: str
    searched: str  # what a filter looks at, in small letters

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the columns."""
        return str(self.rank), self.stops, self.kind, self.then, self.hours


_KEYS: tuple[Callable[[Row], Any], ...] = (
    lambda row: row.rank,
    lambda row: row.stops.casefold(),
    lambda row: row.kind.casefold(),
    lambda row: row.then.casefold(),
    lambda row: row.failure.harm.hours,
)


def rows_of(table: FailureTable) -> tuple[Row, ...]:
    """Return the failures of a table in words, in its order."""
    return tuple(_row(table, rank, item) for rank, item in enumerate(table.failures, 1))


def _row(table: FailureTable, rank: int, failure: Failure) -> Row:
    design = table.analysis.design
    words = (
        failed_words(design, failure),
        kind_words(design, failure),
        outcome_words(design, failure),
    )
    searched = " ".join((*words, *failure.failed)).casefold()
    return Row(rank, failure, *words, hours_words(failure), searched)


class FailureRows(QAbstractTableModel):
    """The failures that a filter lets through, in the order of a column."""

    def __init__(self) -> None:
        """Show none at first."""
        super().__init__()
        self.all: tuple[Row, ...] = ()
        self.rows: tuple[Row, ...] = ()
        self.words: tuple[str, ...] = ()
        self.column, self.order = HARM, Order.AscendingOrder

    def show(self, rows: tuple[Row, ...]) -> None:
        """Show other rows."""
        self.all = rows
        self._arrange()

    def filter(self, text: str) -> None:
        """Show only the rows in which each word of a text occurs."""
        self.words = tuple(text.casefold().split())
        self._arrange()

    def sort(self, column: int, order: Qt.SortOrder = Order.AscendingOrder) -> None:
        """Sort by a column; what is equal there stays in the order of harm."""
        self.column, self.order = column, order
        self._arrange()

    def _arrange(self) -> None:
        shown = (row for row in self.all if all(word in row.searched for word in self.words))
        falling = self.order == Order.DescendingOrder
        self.beginResetModel()
        self.rows = tuple(sorted(shown, key=_KEYS[self.column], reverse=falling))
        self.endResetModel()

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many are shown."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(TITLES)

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """Return the title of a column, and what it means."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(section)
        return {Qt.ItemDataRole.DisplayRole: TITLES, Qt.ItemDataRole.ToolTipRole: _HELP}.get(
            Qt.ItemDataRole(role), (None,) * len(TITLES)
        )[section]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return what a cell says, to the eye and to a screen reader."""
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row.cells[column]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"If {row.stops} stops: {row.then}" if column == HARM else row.cells[column]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(column)
        if role == Qt.ItemDataRole.ForegroundRole and row.cells[column] == row.then:
            return _colour(row.failure)
        return None


def _aligned(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column in (HARM, HOURS) else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _colour(failure: Failure) -> QColor:
    theme, states = current_theme(), set(failure.states.values())
    if states & {"down", "by hand"}:
        return QColor(theme.critical)
    return QColor(theme.high if "degraded" in states else theme.muted)
