"""The export dialog: what, in which form, and where to."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.model.design import Design
from app.report import WRITE_UP
from app.ui.background import Background
from app.ui.document import Document
from app.ui.export_job import ExportJob
from app.ui.icons import icon
from app.ui.theme import current_theme
from exporters import EXPORTERS, FORMAT, Exporter, Option

REPORT = "report"
TARGETS: Mapping[str, Exporter] = {**EXPORTERS, REPORT: WRITE_UP}


class ExportDialog(QDialog):
    """Chooses a target, its options and the place, and runs the export beside the window."""

    def __init__(
        self,
        document: Document,
        parent: QWidget | None = None,
        selection: Sequence[str] = (),
        target: str = "",
    ) -> None:
        """Offer to export the design of a document; `selection` can be exported by itself.

        `target` is chosen at the beginning, the first one without it.
        """
        super().__init__(parent)
        self.setWindowTitle("Export")
        self.setMinimumSize(680, 420)
        self._document = document
        self._selection = tuple(key for key in selection if key in document.design.components)
        self._job: ExportJob | None = None
        self._boxes: dict[str, QComboBox] = {}
        self.targets = self._make_targets()
        self._title = QLabel()
        self._title.setObjectName("dialogTitle")
        self._text = QLabel()
        self._text.setObjectName("muted")
        self._text.setWordWrap(True)
        self._options = QVBoxLayout()
        self.notes = QLabel()
        self.notes.setWordWrap(True)
        self.notes.setTextFormat(Qt.TextFormat.PlainText)
        self.notes.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.notes.setAccessibleName("What the export assumes or leaves out")
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setWidget(self.notes)
        self._planner = Background(self)
        self.place = QLineEdit()
        self.place.setAccessibleName("Where to")
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.hide()
        self.run_button = QPushButton("Export")
        self.run_button.setDefault(True)
        self.run_button.setObjectName("primary")
        self.replace_button = QPushButton("Export anyway, keep my files")
        self.replace_button.hide()
        self.open_button = QPushButton("Show in folder")
        self.open_button.hide()
        self._arrange()
        self.targets.currentRowChanged.connect(lambda _: self._show_target())
        self.targets.setCurrentRow([*TARGETS].index(target) if target else 0)

    @property
    def target(self) -> str:
        """The chosen target."""
        return [*TARGETS][max(0, self.targets.currentRow())]

    @property
    def exporter(self) -> Exporter:
        """What is known about it."""
        return TARGETS[self.target]

    def option(self, name: str) -> QComboBox:
        """Return the control of an option of the chosen target."""
        return self._boxes[name]

    def _make_targets(self) -> QListWidget:
        found = QListWidget()
        found.setObjectName("exportTargets")
        found.setAccessibleName("What to export")
        found.setFixedWidth(230)
        for target in TARGETS.values():
            item = QListWidgetItem(icon(target.icon, current_theme().accent), target.title)
            item.setSizeHint(QSize(0, 36))
            found.addItem(item)
        return found

    def _arrange(self) -> None:
        browse = QPushButton("Browse…")
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.place, 1)
        row.addWidget(browse)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(self._title)
        right.addWidget(self._text)
        right.addSpacing(8)
        right.addLayout(self._options)
        right.addWidget(QLabel("Where to"))
        right.addLayout(row)
        right.addSpacing(8)
        right.addWidget(self._scroll, 1)
        right.addWidget(self.message)
        right.addWidget(self.progress)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.run_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.replace_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton(self.open_button, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.run_button.clicked.connect(lambda: self.start(force=False))
        self.replace_button.clicked.connect(lambda: self.start(force=True))
        self.open_button.clicked.connect(self._open)
        columns = QHBoxLayout()
        columns.setSpacing(16)
        columns.addWidget(self.targets)
        columns.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(12)
        whole.addLayout(columns, 1)
        whole.addWidget(buttons)

    def _show_target(self) -> None:
        target = self.exporter
        self._title.setText(target.title)
        self._text.setText(target.text)
        self._say("")
        while (item := self._options.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._boxes = {}
        for option in target.options:
            self._add_option(option, self._plan if target.folder else self._follow_format)
        if self.target == "image" and self._selection:
            words = {"": "The whole design", ",".join(self._selection): "Only the selection"}
            self._add_option(Option("select", "What", words), lambda: None)
        self._follow_format()
        self._plan()

    def _plan(self) -> None:
        """Show what a project will hold, as soon as it is known."""
        self.notes.setText("")
        if self.exporter.folder:
            design, chosen = self._document.design, self.values()
            self._planner.run(lambda: _plan_notes(design, chosen), self._show_notes)

    def _show_notes(self, text: str) -> None:
        if self.exporter.folder:
            self.notes.setText(text)

    def _add_option(self, option: Option, changed: Callable[[], None]) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        box = QComboBox()
        box.setAccessibleName(option.label)
        for value, words in option.values.items():
            box.addItem(words, value)
        box.currentIndexChanged.connect(lambda _: changed())
        label = QLabel(option.label)
        label.setFixedWidth(90)
        line.addWidget(label)
        line.addWidget(box, 1)
        self._boxes[option.name] = box
        self._options.addWidget(row)

    def values(self) -> dict[str, str]:
        """Return the values of the chosen options by name."""
        chosen = {name: str(box.currentData()) for name, box in self._boxes.items()}
        if chosen.get(FORMAT) != "png":
            chosen.pop("scale", None)
        return {name: value for name, value in chosen.items() if value}

    def _ending(self) -> str:
        return self.values().get(FORMAT, self.exporter.ending)

    def _follow_format(self) -> None:
        if "scale" in self._boxes:
            self._boxes["scale"].setEnabled(self._boxes[FORMAT].currentData() == "png")
        name = _file_name(self._document.design.name)
        folder = self._document.path.parent if self._document.path else Path.home()
        ending = self._ending()
        self.place.setText(str(folder / (f"{name}.{ending}" if ending else f"{name}-compose")))
        self.place.setCursorPosition(0)  # the beginning tells more than the end
        self.replace_button.hide()
        self.open_button.hide()

    def _browse(self) -> None:
        if self._ending():
            chosen, _ = QFileDialog.getSaveFileName(self, "Export", self.place.text())
        else:
            chosen = QFileDialog.getExistingDirectory(self, "Export", self.place.text())
        if chosen:
            self.place.setText(chosen)

    def start(self, *, force: bool) -> None:
        """Begin the export; `force` puts files of the user's that are in the way aside."""
        where = Path(self.place.text().strip()).expanduser()
        if not self.place.text().strip() or not where.parent.is_dir():
            self._say("Choose a place whose folder exists.", wrong=True)
            return
        options = [part for name, value in self.values().items() for part in (f"--{name}", value)]
        options += ["--force"] if force else []
        if self.exporter.folder and self._document.path:
            options += ["--sources", str(self._document.path.parent)]
        self._job = ExportJob(self._document.design, self)
        self._job.finished.connect(self._ended)
        self._busy(on=True)
        self._say(f"Writing {where.name}…")
        self._job.start(self.target, where, options)

    def _ended(self, worked: bool, said: str) -> None:
        self._busy(on=False)
        self._job = None
        self.open_button.setVisible(worked)
        self.replace_button.setVisible(not worked and "--force" in said)
        said = said.removeprefix("loadpath: ").partition("; --force")[0]
        if worked:
            said = "\n".join(filter(None, (f"Written to {self.place.text()}.", said)))
        self._say(said or "The export failed and said nothing.", wrong=not worked)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self.message.setObjectName("fieldError" if wrong else "muted")
        self.message.style().polish(self.message)
        self.message.setText(text)

    def _busy(self, *, on: bool) -> None:
        self.progress.setVisible(on)
        self.run_button.setEnabled(not on)
        self.targets.setEnabled(not on)
        self.replace_button.hide()
        self.open_button.hide()

    def _open(self) -> None:
        where = Path(self.place.text()).expanduser()
        folder = where if where.is_dir() else where.parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def reject(self) -> None:
        """Close; an export that is running is cancelled."""
        if self._job is not None:
            self._job.cancel()
        self._planner.wait()
        super().reject()


def _plan_notes(design: Design, chosen: Mapping[str, str]) -> str:
    """Return what a compose project of a design will hold, assume and leave out."""
    from exporters.errors import ExportError
    from exporters.plan import plan

    try:
        deployment = plan(design, **chosen)
    except ExportError as error:
        return f"This drawing makes no project yet. {error}"
    lines = [f"{len(deployment.services)} services, one for each part that runs."]
    lines += [f"• {note.text}" for note in deployment.notes]
    return "\n".join(lines)


def _file_name(name: str) -> str:
    """Return the name of the design as a harmless file name."""
    letters = "".join(letter if letter.isalnum() else "-" for letter in name.lower())
    return "-".join(filter(None, letters.split("-")))[:60] or "design"
