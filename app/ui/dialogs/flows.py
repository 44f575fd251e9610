"""Edits the user flows: what users do, from where, and what is promised for it."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.model import edits
from app.model.design import Design
from app.model.edits import free_id
from app.model.errors import DesignError
from app.model.fields import FieldFacts, field_of
from app.model.links import Flow
from app.model.traffic import Client
from app.ui.panels.editors import ChoiceEditor, Editor, PercentEditor, editor_for
from app.ui.panels.expression_line import ExpressionLine

OPERATIONS = {"read": "only reads", "write": "also writes"}
# Rows of the form, two fields in each.
FIELDS = (
    ("name", "client"),
    ("operation", "requests_per_second"),
    ("target_availability", "target_response_seconds"),
    ("recovery_time_seconds", "recovery_point_seconds"),
)


class FlowsDialog(QDialog):
    """A list of the flows and a form for the chosen one; OK makes all changes one step."""

    def __init__(self, design: Design, parent: QWidget | None = None) -> None:
        """Show the flows of a design."""
        super().__init__(parent)
        self.setWindowTitle("Flows")
        self.setMinimumSize(820, 470)
        self._design = design
        self._key = ""
        self.editors: dict[str, Editor] = {}
        self.list = QListWidget()
        self.list.setAccessibleName("Flows")
        self.list.setFixedWidth(220)
        self.add_button = QPushButton("Add a flow")
        self.add_button.setEnabled(bool(self._clients()))
        self.add_button.clicked.connect(self._add)
        self.remove_button = QPushButton("Remove")
        self.remove_button.clicked.connect(self._remove)
        self.none = QLabel()
        self.none.setObjectName("muted")
        self.none.setWordWrap(True)
        self.none.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.expression = ExpressionLine("The flow works when")
        self.expression.entered.connect(self._set_requirement)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.form = self._form()
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self._arrange()
        for key, flow in design.flows.items():
            self.list.addItem(_item(key, flow))
        self.list.currentItemChanged.connect(self._choose)
        self.list.setCurrentRow(0)
        self._show(other=True)
        self._look()

    def _arrange(self) -> None:
        told = QLabel("A flow is what users do. The check says for each what stops it.")
        told.setObjectName("muted")
        for button in (self.add_button, self.remove_button):
            button.setAutoDefault(False)  # Enter in a field is no click on them
        edit = QHBoxLayout()
        edit.addWidget(self.add_button)
        edit.addWidget(self.remove_button)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        left.addLayout(edit)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addLayout(left)
        middle.addWidget(self.form, 1)
        middle.addWidget(self.none, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addWidget(told)
        column.addLayout(middle, 1)
        column.addWidget(self.buttons)

    def _form(self) -> QWidget:
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(10)
        for row, names in enumerate(FIELDS):
            for column, name in enumerate(names):
                grid.addLayout(self._field(name), row, column, Qt.AlignmentFlag.AlignTop)
        needs = QVBoxLayout()
        needs.setSpacing(4)
        label = QLabel("Works when, instead of what the links say")
        label.setObjectName("fieldLabel")
        label.setBuddy(self.expression)
        needs.addWidget(label)
        needs.addWidget(self.expression)
        grid.addLayout(needs, len(FIELDS), 0, 1, 2)
        grid.setRowStretch(len(FIELDS) + 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return form

    def _field(self, name: str) -> QVBoxLayout:
        facts = field_of(Flow, name)
        editor = self.editors[name] = self._editor(facts)
        editor.edited.connect(partial(self._set, name))
        editor.error_changed.connect(self._look)
        label = QLabel(facts.label)
        label.setObjectName("fieldLabel")
        label.setToolTip(facts.help)
        label.setBuddy(editor)
        rows = QVBoxLayout()
        rows.setSpacing(4)
        rows.addWidget(label)
        rows.addWidget(editor)
        return rows

    def _editor(self, facts: FieldFacts) -> Editor:
        if facts.name == "target_availability":
            return PercentEditor(facts)
        options = {"operation": OPERATIONS, "client": self._clients()}.get(facts.name)
        return ChoiceEditor(facts, options) if options else editor_for(facts)

    def _clients(self) -> dict[str, str]:
        """Where a flow may start: at users, and where those start that there are."""
        parts = self._design.components
        starts = {key: item.name for key, item in parts.items() if isinstance(item, Client)}
        used = {flow.client: parts[flow.client].name for flow in self._design.flows.values()}
        return {**used, **starts}

    def _choose(self, item: QListWidgetItem | None) -> None:
        """Show the flow of the line that was chosen."""
        self._key = item.data(Qt.ItemDataRole.UserRole) if item else ""
        self._show(other=True)

    def _show(self, *, other: bool) -> None:
        flow = self._design.flows.get(self._key)
        self.form.setVisible(flow is not None)
        self.none.setVisible(flow is None)
        self.remove_button.setEnabled(flow is not None)
        if flow is None:
            starts = bool(self._clients())
            self.none.setText(
                "Add a flow for each thing that users come for."
                if starts
                else "Flows begin at users: add Users to the canvas first."
            )
            return
        from app.analysis.words import expression_of

        for name, editor in self.editors.items():
            if other or not editor.error:
                editor.show_error("")
                editor.show_value(getattr(flow, name))
        derived = expression_of(self._design, flow.client, flow.operation)
        self.expression.show_text(flow.requires, derived, other=other)

    def _set(self, name: str, value: object) -> None:
        """Set a field of the chosen flow, or say under it why not."""
        editor = self.editors[name]
        try:
            self._design = edits.set_fields(self._design, self._key, **{name: value})
        except DesignError as error:
            why = str(error).partition(": ")[2]
            editor.show_error(f"{why[:1].upper()}{why[1:]}.")
        else:
            editor.show_error("")
            self.list.currentItem().setText(self._design.flows[self._key].name)
            self._show(other=False)

    def _set_requirement(self, text: str) -> None:
        if not self._key:
            return
        try:
            self._design = edits.set_fields(self._design, self._key, requires=text)
        except DesignError as error:
            self.expression.refuse(error)
        else:
            self.expression.accept()
        self._look()

    def _look(self) -> None:
        """Leave a flow only when all that is entered for it makes sense: nothing gets lost."""
        fine = not (self.expression.refused or any(item.error for item in self.editors.values()))
        self.list.setEnabled(fine)
        self.add_button.setEnabled(fine and bool(self._clients()))
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(fine)

    def _add(self) -> None:
        names = {flow.name for flow in self._design.flows.values()}
        client = next(iter(self._clients()))
        self._design, key = edits.add_flow(self._design, client, free_id(names, "flow"))
        self.list.addItem(_item(key, self._design.flows[key]))
        self.list.setCurrentRow(self.list.count() - 1)
        self.editors["name"].setFocus()

    def _remove(self) -> None:
        self._design = edits.remove(self._design, (self._key,))
        self.list.takeItem(self.list.currentRow())  # chooses the next one

    def accept(self) -> None:
        """Close if what was entered makes sense; a requirement may not be entered yet."""
        self.expression.finish()
        if self.buttons.button(QDialogButtonBox.StandardButton.Ok).isEnabled():
            super().accept()

    def after(self) -> Design:
        """Return the design with the flows as entered."""
        return self._design


def _item(key: str, flow: Flow) -> QListWidgetItem:
    item = QListWidgetItem(flow.name)
    item.setData(Qt.ItemDataRole.UserRole, key)
    return item
