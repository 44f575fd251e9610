"""Edits the user flows: what users do, from where, and what is promised for it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from app.model.links import Flow
from app.model.traffic import Client
from app.ui.icons import icon
from app.ui.theme import current_theme

OPERATIONS = {"read": "only reads", "write": "also writes"}


@dataclass(frozen=True, slots=True)
class _Row:
    """The controls of one flow; `key` is None for one that is new."""

    key: str | None
    name: QLineEdit
    client: QComboBox
    operation: QComboBox
    target: QLineEdit
    response: QLineEdit
    load: QLineEdit
    remove: QToolButton

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        return (self.name, self.client, self.operation, self.target, self.response, self.load,
                self.remove)  # fmt: skip


class FlowsDialog(QDialog):
    """One line for each flow; OK makes all changes one step."""

    def __init__(self, design: Design, parent: QWidget | None = None) -> None:
        """Show the flows of a design."""
        super().__init__(parent)
        self.setWindowTitle("Flows")
        self.setMinimumWidth(940)
        self._design = design
        self._clients = {
            key: item.name for key, item in design.components.items() if isinstance(item, Client)
        }
        for flow in design.flows.values():
            self._clients.setdefault(flow.client, design.components[flow.client].name)
        self.rows: list[_Row] = []
        told = QLabel("A flow is what users do. The check says for each what stops it.")
        told.setObjectName("muted")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        for column, text in enumerate(
            (
                "Name",
                "Starts at",
                "What it does",
                "Promised availability, %",
                "95% of answers within, s",
                "Busiest load, requests/s",
            )
        ):
            label = QLabel(text)
            label.setObjectName("fieldLabel")
            self._grid.addWidget(label, 0, column)
        self._grid.setColumnStretch(0, 2)
        self._grid.setColumnStretch(1, 2)
        self.add_button = QPushButton("Add a flow")
        self.add_button.setEnabled(bool(self._clients))
        self.add_button.clicked.connect(lambda: self._add(None, None))
        self.error = QLabel()
        self.error.setObjectName("fieldError")
        self.error.setWordWrap(True)
        if not self._clients:
            self.error.setText("Flows begin at users: add Users to the canvas first.")
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column_box = QVBoxLayout(self)
        column_box.setContentsMargins(20, 16, 20, 16)
        column_box.setSpacing(12)
        column_box.addWidget(told)
        column_box.addLayout(self._grid)
        column_box.addWidget(self.add_button)
        column_box.addStretch(1)
        column_box.addWidget(self.error)
        column_box.addWidget(self.buttons)
        for key, flow in design.flows.items():
            self._add(key, flow)

    def _add(self, key: str | None, flow: Flow | None) -> None:
        target = flow.target_availability if flow else None
        row = _Row(
            key=key,
            name=QLineEdit(flow.name if flow else f"flow {len(self.rows) + 1}"),
            client=_box(self._clients, flow.client if flow else None),
            operation=_box(OPERATIONS, flow.operation if flow else "read"),
            target=QLineEdit("" if target is None else f"{target * 100:.10g}"),
            response=QLineEdit(_shown(flow.target_response_seconds if flow else None)),
            load=QLineEdit(_shown(flow.requests_per_second if flow else None)),
            remove=QToolButton(),
        )
        row.target.setPlaceholderText("none")
        row.response.setPlaceholderText("none")
        row.load.setPlaceholderText("not known")
        row.remove.setIcon(icon("ui_delete", current_theme().muted))
        names = ("Name", "Starts at", "What it does", "Promised availability",
                 "Promised time until the answer", "Load at the busiest time",
                 "Remove this flow")  # fmt: skip
        line = self._grid.rowCount()
        for column, (widget, name) in enumerate(zip(row.widgets, names, strict=True)):
            widget.setAccessibleName(name)
            self._grid.addWidget(widget, line, column)
        row.remove.setToolTip("Remove this flow")
        row.remove.clicked.connect(_later(self._remove, row))
        self.rows.append(row)
        if flow is None:
            row.name.setFocus()
            row.name.selectAll()

    def _remove(self, row: _Row) -> None:
        self.rows.remove(row)
        for widget in row.widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()

    def after(self) -> Design:
        """Return the design with the flows as entered.

        Raises:
            DesignError: a name is missing, or a figure is no number in its range.
        """
        kept = {row.key for row in self.rows}
        gone = [key for key in self._design.flows if key not in kept]
        design = edits.remove(self._design, gone) if gone else self._design
        for row in self.rows:
            values = {
                "name": row.name.text().strip(),
                "client": row.client.currentData(),
                "operation": row.operation.currentData(),
                "target_availability": _share(row.target.text()),
                "target_response_seconds": _number(row.response.text(), "0.5 seconds"),
                "requests_per_second": _number(row.load.text(), "120 requests a second"),
            }
            if row.key is None:
                design, _ = edits.add_flow(design, **values)
            else:
                design = edits.set_fields(design, row.key, **values)
        return design

    def accept(self) -> None:
        """Close if what was entered makes sense; else say what does not."""
        try:
            self.after()
        except DesignError as error:
            self.error.setText(f"{error}.")
            return
        super().accept()


def _later(function: Callable[[_Row], None], row: _Row) -> Callable[[], None]:
    return lambda: function(row)


def _box(choices: dict[str, str], chosen: str | None) -> QComboBox:
    box = QComboBox()
    for value, words in choices.items():
        box.addItem(words, value)
    box.setCurrentIndex(max(0, box.findData(chosen)))
    return box


def _shown(value: float | None) -> str:
    return "" if value is None else f"{value:.10g}"


def _number(text: str, such: str) -> float | None:
    """Return a number; None for an empty text."""
    plain = text.strip().replace(",", ".")
    if not plain:
        return None
    try:
        return float(plain)
    except ValueError:
        message = f"{text.strip()!r} is no number, such as {such}"
        raise DesignError(message) from None


def _share(text: str) -> float | None:
    """Return a percentage as a share of one; None for an empty text."""
    plain = text.strip().removesuffix("%").replace(",", ".").strip()
    if not plain:
        return None
    try:
        return round(float(plain) / 100, 12)
    except ValueError:
        message = f"{text.strip()!r} is no percentage, such as 99.9"
        raise DesignError(message) from None
