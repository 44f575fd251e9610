"""Editors of single values, one for each type of field; they know nothing of designs."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.model.explanations import choice_words
from app.model.fields import FieldFacts

MIXED = "several values"
WHOLE = 100  # percent
Options = Mapping[str, str]  # id → words


class Editor(QWidget):
    """Shows one value and says when the user changed it; errors appear under it."""

    edited = Signal(object)
    error_changed = Signal()

    def __init__(self, facts: FieldFacts) -> None:
        """Make the editor of a field."""
        super().__init__()
        self.facts = facts
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._error = QLabel()
        self._error.setObjectName("fieldError")
        self._error.setWordWrap(True)
        self._error.hide()
        self.setToolTip(facts.help)

    def place(self, widget: QWidget) -> None:
        """Put the control in, with its unit behind it and the place for errors below."""
        widget.setAccessibleName(self.facts.label)
        widget.setAccessibleDescription(self.facts.help)
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(widget, 1)
        if self.facts.unit and self.facts.unit not in ("id", "probability"):
            unit = QLabel(self.facts.unit)
            unit.setObjectName("muted")
            row.addWidget(unit)
        self._column.addLayout(row)
        self._column.addWidget(self._error)
        self.setFocusProxy(widget)

    def show_error(self, message: str) -> None:
        """Say under the control what is wrong; an empty message takes it back."""
        self._error.setText(message)
        self._error.setVisible(bool(message))
        self.error_changed.emit()

    @property
    def error(self) -> str:
        """What is said to be wrong at the moment."""
        return self._error.text()

    @abstractmethod
    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show a value without telling anybody; `mixed` means that several parts differ."""


class _Box(QComboBox):
    """The wheel scrolls the form: it must not change a design that it only passes over."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class TextEditor(Editor):
    """One line of text."""

    def __init__(self, facts: FieldFacts) -> None:
        """Make the editor of a field."""
        super().__init__(facts)
        self.line = QLineEdit()
        self.place(self.line)
        self.line.textEdited.connect(self._read)

    def _read(self, text: str) -> None:
        self.edited.emit(text)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the text, unless it is what stands there."""
        self.line.setPlaceholderText(MIXED if mixed else "")
        text = "" if mixed or value is None else str(value)
        if self.line.text() != text:
            self.line.setText(text)


class NumberEditor(TextEditor):
    """A number or nothing; `usual`, what counts when nothing is entered, is shown in grey."""

    usual: float | None = None

    def _read(self, text: str) -> None:
        text = text.strip().replace(",", ".")
        if not text and self.facts.optional:
            self.edited.emit(None)
            return
        try:
            number: float = int(text) if self.facts.type == "integer" else float(text)
        except ValueError:
            whole = "a whole number" if self.facts.type == "integer" else "a number"
            self.show_error(f"Expected {whole}.")
            return
        self.edited.emit(self._value(number))

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the number as it is usually written."""
        text = "" if mixed or value is None else self._written(value)
        if not self.line.hasFocus() or self._shown() != value:
            self.line.setText(text)
        default = "" if self.usual is None else f"{self.usual:g} (usual for this kind)"
        self.line.setPlaceholderText(MIXED if mixed else default)

    def _value(self, number: float) -> float:
        """Return the value that a number stands for."""
        return number

    def _written(self, value: float) -> str:
        """Return a value as it is shown."""
        return f"{value:.12g}"

    def _shown(self) -> float | None:
        number = self._number(self.line.text().strip("% "))
        return None if number is None else self._value(number)

    @staticmethod
    def _number(text: str) -> float | None:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return None


class ProfiledEditor(NumberEditor):
    """A number with a list of known figures to choose from."""

    def __init__(self, facts: FieldFacts) -> None:
        """Make the editor of a field."""
        super().__init__(facts)
        self.box = _Box()
        self.box.setAccessibleName(f"Known figures: {facts.label}")
        self.box.setPlaceholderText("Your own figure")
        self.box.activated.connect(self._take)
        self._column.insertWidget(1, self.box)

    def show_figures(self, figures: Sequence[tuple[str, float, str]]) -> None:
        """Offer figures: label, value and source each; the first counts when nothing is entered."""
        with QSignalBlocker(self.box):
            self.box.clear()
            for label, value, source in figures:
                self.box.addItem(f"{value:g}  {label}", value)
                self.box.setItemData(
                    self.box.count() - 1, f"Source: {source}.", Qt.ItemDataRole.ToolTipRole
                )
        self.box.setVisible(len(figures) > 1)
        self.usual = figures[0][1] if figures else None

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the number, and whose figure it is."""
        super().show_value(value, mixed=mixed)
        row = 0 if value is None else self.box.findData(value)
        self.box.setCurrentIndex(-1 if mixed else row)

    def _take(self, row: int) -> None:
        self.edited.emit(self.box.itemData(row) if row else None)


class PercentEditor(NumberEditor):
    """A share of one, shown and entered in percent."""

    def __init__(self, facts: FieldFacts) -> None:
        """Make the editor of a field."""
        super().__init__(replace(facts, unit="%"))

    def _read(self, text: str) -> None:
        plain = text.strip().removesuffix("%").strip()
        self.show_error("")
        number = self._number(plain)
        if number is not None and not 0 <= number <= WHOLE:
            self.show_error("Expected a percentage from 0 to 100.")
        else:
            super()._read(plain)

    def _value(self, number: float) -> float:
        return round(number / WHOLE, 12)

    def _written(self, value: float) -> str:
        return f"{value * WHOLE:.12g}"


class LongTextEditor(Editor):
    """Several lines of text."""

    def __init__(self, facts: FieldFacts) -> None:
        """Make the editor of a field."""
        super().__init__(facts)
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(76)
        self.place(self.text)
        self.text.textChanged.connect(lambda: self.edited.emit(self.text.toPlainText()))

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the text, unless it is what stands there."""
        self.text.setPlaceholderText(MIXED if mixed else self.facts.help)
        text = "" if mixed else str(value)
        if self.text.toPlainText() != text:
            with QSignalBlocker(self.text):
                self.text.setPlainText(text)


class ChoiceEditor(Editor):
    """One of a few values."""

    def __init__(self, facts: FieldFacts, options: Options | None = None) -> None:
        """Make the editor of a field; `options` gives the words for each value."""
        super().__init__(facts)
        self.box = _Box()
        self.place(self.box)
        self.box.activated.connect(lambda _: self.edited.emit(self.box.currentData()))
        self.show_options(options or {choice: choice_words(choice) for choice in facts.choices})

    def show_options(self, options: Options) -> None:
        """Offer these values; None stands for nothing where the field may be empty."""
        with QSignalBlocker(self.box):
            self.box.clear()
            if self.facts.optional:
                self.box.addItem("nowhere", None)
            for value, words in options.items():
                self.box.addItem(words, value)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the value."""
        with QSignalBlocker(self.box):
            self.box.setPlaceholderText(MIXED if mixed else "")
            self.box.setCurrentIndex(-1 if mixed else self.box.findData(value))


class FlagEditor(Editor):
    """Yes or no."""

    def __init__(self, facts: FieldFacts) -> None:
        """Make the editor of a field."""
        super().__init__(facts)
        self.check = QCheckBox(facts.label)
        self.place(self.check)
        self.check.clicked.connect(lambda on: self.edited.emit(bool(on)))

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the value; half when several differ."""
        state = Qt.CheckState.Checked if value else Qt.CheckState.Unchecked
        self.check.setCheckState(Qt.CheckState.PartiallyChecked if mixed else state)


class IdsEditor(Editor):
    """Any number of parts out of a list, in the order in which they were chosen."""

    def __init__(self, facts: FieldFacts) -> None:
        """Make the editor of a field."""
        super().__init__(facts)
        self.list = QListWidget()
        self.list.setFixedHeight(108)
        self.place(self.list)
        self._chosen: tuple[str, ...] = ()
        self._offered: Options = {}
        self.list.itemChanged.connect(self._read)

    def show_options(self, options: Options) -> None:
        """Offer these parts; those that are offered already stay where the user saw them."""
        if options == self._offered:  # in whatever order
            return
        self._offered = options
        with QSignalBlocker(self.list):
            self.list.clear()
            for value, words in options.items():
                item = QListWidgetItem(words)
                item.setData(Qt.ItemDataRole.UserRole, value)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked)
                self.list.addItem(item)

    def _read(self, item: QListWidgetItem) -> None:
        value = str(item.data(Qt.ItemDataRole.UserRole))
        kept = tuple(chosen for chosen in self._chosen if chosen != value)
        on = item.checkState() == Qt.CheckState.Checked
        self.edited.emit((*kept, value) if on else kept)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show which are chosen."""
        self._chosen = () if mixed else tuple(value)
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                item = self.list.item(row)
                on = item.data(Qt.ItemDataRole.UserRole) in self._chosen
                item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)


def editor_for(facts: FieldFacts) -> Editor:
    """Return the editor that suits a field."""
    match facts.type:
        case "choice" | "id":
            return ChoiceEditor(facts)
        case "flag":
            return FlagEditor(facts)
        case "number" if facts.name == "availability":
            return ProfiledEditor(facts)
        case "integer" | "number":
            return NumberEditor(facts)
        case "ids":
            return IdsEditor(facts)
        case _:
            return LongTextEditor(facts) if facts.multiline else TextEditor(facts)
