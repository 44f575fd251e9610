"""What if…: all failures of the design as a table, to step through while the canvas shows each."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QItemSelectionModel, QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from app.analysis.analysis import Analysis
from app.analysis.failure_table import FailureTable, failure_table
from app.analysis.failure_words import notes
from app.analysis.what_if import Outcome, outcomes
from app.model.design import Design
from app.storage.files import write_whole
from app.ui.background import Background
from app.ui.dialogs.failure_rows import HARM, HOURS, TITLES, FailureRows, Order, Row, rows_of
from app.ui.dialogs.placing import lie_at_bottom, side_by_side
from app.ui.document import Document
from app.ui.waiting import GivenUp
from exporters.failures import as_csv, as_markdown

SIZE = (900, 340)
SOON = 30  # milliseconds in which the steps of a key that is held down come together
PATIENCE = 200  # milliseconds before it is shown that a search takes long
_WIDTHS = (74, 225, 150, 0, 125)  # pixels of the columns; what is left goes to the outcome
Found = tuple[FailureTable, tuple[Row, ...]]


class _Search:
    """Looks for all failures of a design in another thread; can be given up."""

    def __init__(
        self, design: Design, *, links: bool, pairs: bool, tell: Callable[[int, int], None]
    ) -> None:
        self._design = design
        self._links, self._pairs = links, pairs
        self._tell_on = tell
        self._wanted = True

    def give_up(self) -> None:
        self._wanted = False

    def found(self) -> Found | None:
        """Return the table and its rows; None if it was given up."""
        analysis = Analysis(self._design)  # its own: the other one belongs to the window's thread
        try:
            table = failure_table(analysis, links=self._links, pairs=self._pairs, tell=self._tell)
        except GivenUp:
            return None
        return table, rows_of(table)

    def _tell(self, done: int, of: int) -> None:
        if not self._wanted:
            raise GivenUp
        self._tell_on(done, of)


class FailuresDialog(QDialog):
    """Lists failures, the most harmful first; the current one is shown on the canvas."""

    chosen = Signal(object, object)  # the ids of what fails, and what becomes of the flows
    _progressed = Signal(int, int)  # from the thread that searches

    def __init__(self, document: Document, failed: Sequence[str], parent: QWidget) -> None:
        """Begin with what has failed already, if anything."""
        super().__init__(parent)
        self.setWindowTitle("What if…")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document = document
        self._design: Design | None = None
        self._search: _Search | None = None
        self._background = Background(self)
        self._asking = Background(self)  # a step does not wait for the pairs
        self._asked: tuple[str, ...] | None = None
        self._shown = tuple(sorted(failed))
        self.table: FailureTable | None = None
        self.rows = FailureRows()
        self.filter = QLineEdit()
        self.sorted_by = QComboBox()
        self.links = QCheckBox("Links")
        self.pairs = QCheckBox("Pairs")
        self.view = QTreeView()
        self.note = QLabel()
        self.progress = QProgressBar()
        self.cancel_button = QPushButton("Cancel")
        self.csv_button = QPushButton("Save as CSV…")
        self.markdown_button = QPushButton("Save as Markdown…")
        self.copy_button = QPushButton("Copy as Markdown")
        self._soon = _timer(self, SOON, self._choose)
        self._waiting = QWidget()
        self._patience = _timer(self, PATIENCE, self._waiting.show)
        self._name()
        self._arrange()
        self._connect()
        lie_at_bottom(self, parent, *SIZE)
        self.view.setFocus()

    def _name(self) -> None:
        self.filter.setPlaceholderText("Filter failures")
        self.filter.setAccessibleName("Filter failures")
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(200)
        self.sorted_by.setAccessibleName("Sort by")
        self.sorted_by.addItems(TITLES)
        self.links.setToolTip("Let each traffic link fail, too")
        self.pairs.setToolTip("Add the pairs that do more harm together than apart")
        self.view.setObjectName("table")
        self.view.setAccessibleName("Failures, the arrow keys step through them")
        self.note.setObjectName("muted")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.progress.setAccessibleName("Looking at pairs")
        self.progress.setTextVisible(False)
        for button in (self.csv_button, self.markdown_button, self.copy_button):
            button.setToolTip("All rows, the most harmful first, as `loadpath whatif` writes them")

    def _arrange(self) -> None:
        view = self.view
        view.setModel(self.rows)
        view.setRootIsDecorated(False)
        view.setUniformRowHeights(True)
        view.setAllColumnsShowFocus(True)
        view.setFrameShape(QFrame.Shape.NoFrame)
        view.setSortingEnabled(True)
        view.sortByColumn(HARM, Order.AscendingOrder)
        header = view.header()
        header.setStretchLastSection(False)
        for column, width in enumerate(_WIDTHS):
            if width:
                header.resizeSection(column, width)
            else:
                header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        hint = QLabel("Arrow keys step through; the canvas shows each failure.")
        hint.setObjectName("muted")
        hint.setWordWrap(True)  # where the window is narrow
        label = QLabel("&Sort by")
        label.setObjectName("muted")
        label.setBuddy(self.sorted_by)
        top = side_by_side(self.filter, label, self.sorted_by, self.pairs, self.links)
        top.addSpacing(12)
        top.addWidget(hint, 1)
        self._waiting.setLayout(side_by_side(self.progress, self.cancel_button))
        self._waiting.hide()
        close = QPushButton("Close")
        close.clicked.connect(self.reject)
        bottom = side_by_side(self.csv_button, self.markdown_button, self.copy_button, None, close)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter shows the failure again
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.setSpacing(10)
        whole.addLayout(top)
        whole.addWidget(view, 1)
        whole.addWidget(self._waiting)
        whole.addWidget(self.note)
        whole.addLayout(bottom)

    def _connect(self) -> None:
        self._progressed.connect(self._show_progress)
        self.filter.textChanged.connect(self.rows.filter)
        self.sorted_by.activated.connect(self._sort)
        self.view.header().sortIndicatorChanged.connect(
            lambda column, _: self.sorted_by.setCurrentIndex(column)
        )
        self.rows.modelReset.connect(self._go_on)
        self.view.selectionModel().currentChanged.connect(lambda *_: self._soon.start())
        self.view.clicked.connect(lambda _: self._show_again())
        self.view.activated.connect(lambda _: self._show_again())
        self.pairs.toggled.connect(lambda _: self._look())
        self.links.toggled.connect(lambda _: self._look())
        self.cancel_button.clicked.connect(self._cancel)
        self.csv_button.clicked.connect(lambda: self._save("csv"))
        self.markdown_button.clicked.connect(lambda: self._save("md"))
        self.copy_button.clicked.connect(self._copy)

    def come_forward(self) -> None:
        """Be the active window again."""
        self.raise_()
        self.activateWindow()
        self.view.setFocus()

    # --- what is shown ----------------------------------------------------------------------

    def follow(self, _: object, analysis: Analysis) -> None:
        """Look again after a check of the design as it is now."""
        self.show_analysis(analysis)

    def show_analysis(self, analysis: Analysis) -> None:
        """List the failures of the design of an analysis."""
        self._design = analysis.design
        self._look()

    @property
    def busy(self) -> bool:
        """Whether a table, or what becomes of the flows, is still to come."""
        return self._search is not None or self._soon.isActive() or self._asked is not None

    def _look(self) -> None:
        self._give_up()
        if self._design is None:
            return
        pairs, links = self.pairs.isChecked(), self.links.isChecked()
        tell = self._progressed.emit
        search = self._search = _Search(self._design, links=links, pairs=pairs, tell=tell)
        self.progress.setRange(0, 0)
        self._patience.start()
        self._background.run(search.found, partial(self._take, search), partial(self._fail, search))

    def _give_up(self) -> None:
        if self._search is not None:
            self._search.give_up()
            self._end_search()

    def _end_search(self) -> None:
        self._search = None
        self._patience.stop()
        self._waiting.hide()

    def _take(self, search: _Search, found: Found | None) -> None:
        if search is not self._search or found is None:
            return  # another one has begun since, or nobody wants it
        self._end_search()
        self.table, rows = found
        self.note.setText(" ".join(notes(self.table)))
        self.note.setVisible(bool(self.note.text()))
        self.rows.show(rows)

    def _fail(self, search: _Search) -> None:
        if search is self._search:
            self._end_search()
            self._say("Something went wrong while looking for failures; the log says what.")

    def _show_progress(self, done: int, of: int) -> None:
        self.progress.setRange(0, of)
        self.progress.setValue(done)

    def _cancel(self) -> None:
        """Give up the search; without pairs there is always a table."""
        self._give_up()
        if self.pairs.isChecked():
            self.pairs.setChecked(False)
        self.view.setFocus()

    def _sort(self, column: int) -> None:
        falling = column == HOURS
        self.view.sortByColumn(column, Order.DescendingOrder if falling else Order.AscendingOrder)

    # --- stepping through -------------------------------------------------------------------

    def _go_on(self) -> None:
        """Stay at the failure that is shown, or begin with the first row."""
        shown = [row.failure.failed for row in self.rows.rows]
        if shown:
            row = shown.index(self._shown) if self._shown in shown else 0
            index = self.rows.index(row, 0)
            rows = QItemSelectionModel.SelectionFlag.Rows
            select = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.view.selectionModel().setCurrentIndex(index, select | rows)
            self.view.scrollTo(index)

    def _choose(self) -> None:
        index = self.view.currentIndex()
        if self.table is None or not index.isValid():
            return
        failed = self.rows.rows[index.row()].failure.failed
        if failed != self._shown:
            self._shown = self._asked = failed
            analysis = self.table.analysis
            self._asking.run(lambda: outcomes(analysis, failed), partial(self._tell, failed))

    def _tell(self, failed: tuple[str, ...], told: Mapping[str, Outcome]) -> None:
        if failed == self._asked:  # no other one was chosen since
            self._asked = None
            self.chosen.emit(failed, told)

    def _show_again(self) -> None:
        """Show a failure that was taken back on the canvas meanwhile."""
        self._shown = ()
        self._soon.start()

    # --- taking it away ---------------------------------------------------------------------

    def _save(self, ending: str) -> None:
        if self.table is None:
            return
        kinds = {"csv": "CSV (*.csv)", "md": "Markdown (*.md)"}
        folder = self._document.path.parent if self._document.path else Path.home()
        start = str(folder / f"what-if.{ending}")
        chosen, _ = QFileDialog.getSaveFileName(self, "Save the failures", start, kinds[ending])
        if not chosen:
            return
        text = as_csv(self.table) if ending == "csv" else as_markdown(self.table)
        path = Path(chosen)
        path = path if path.suffix else path.with_name(f"{path.name}.{ending}")
        try:
            write_whole(path, text.encode())
        except OSError as error:
            self._say(f"{path.name} cannot be written: {error.strerror or error}.")
        else:
            self._say(f"Written to {path}.")

    def _copy(self) -> None:
        if self.table is not None:
            QApplication.clipboard().setText(as_markdown(self.table))
            self._say("Copied.")

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.show()

    def done(self, result: int) -> None:
        """Close; leave nothing running."""
        self._give_up()
        self._soon.stop()
        self._background.wait()
        self._asked = None
        self._asking.wait()
        super().done(result)


def _timer(parent: QObject, milliseconds: int, then: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.setInterval(milliseconds)
    timer.timeout.connect(then)
    return timer
