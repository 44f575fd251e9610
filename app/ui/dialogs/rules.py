"""Chooses how a design is judged: which rules run, how bad they are, their numbers, the team's."""

from collections.abc import Mapping
from html import escape
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from app.model.fields import FieldFacts
from app.model.rule_settings import DEFAULT, RuleSettings
from app.rules.registry import CATEGORIES, SEVERITIES, Rule, fault_of
from app.rules.team import rules_of
from app.storage.trust import trusts
from app.ui.panels.editors import NumberEditor

ID = Qt.ItemDataRole.UserRole
SIZE = (860, 560)
ROW = 28


class RulesDialog(QDialog):
    """All rules in a list with a search; beside it the settings of one. OK makes one step."""

    def __init__(self, design: Design, path: Path | None, parent: QWidget | None = None) -> None:
        """Show the rules of the design in a file, or of one that was never saved."""
        super().__init__(parent)
        self.setWindowTitle("Rules of this design")
        self.resize(*SIZE)
        self._design = design
        folder = path.parent if path else None
        self._rules: Mapping[str, Rule] = rules_of(design, folder, trusts)
        self._wrong: dict[str, str] = {}
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search rules")
        self.search.setAccessibleName("Search rules")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Rules")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.off = QCheckBox("This rule judges the design")
        self.severity = QComboBox()
        self.severity.setAccessibleName("Severity")
        self.about = QLabel()
        self.about.setWordWrap(True)
        self.about.setTextFormat(Qt.TextFormat.RichText)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.parameters: dict[str, NumberEditor] = {}
        self.team = QLineEdit(design.team_rules)
        self.team.setAccessibleName("Team rules")
        self.team.setPlaceholderText("none; a Python file beside the design, such as rules.py")
        self.error = QLabel()
        self.error.setObjectName("fieldError")
        self.error.setWordWrap(True)
        self.count = QLabel()
        self.count.setObjectName("muted")
        self.reset = QDialogButtonBox.StandardButton.RestoreDefaults
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok
            | QDialogButtonBox.StandardButton.Cancel
            | QDialogButtonBox.StandardButton.RestoreDefaults
        )
        self.buttons.button(self.reset).setText("Reset this rule")
        self._fill()
        self._arrange()
        self._connect()
        self.list.setCurrentRow(0)
        self._tell()

    # --- building ---------------------------------------------------------------------------

    def _fill(self) -> None:
        for rule in sorted(self._rules.values(), key=lambda rule: rule.id):
            item = QListWidgetItem(f"{rule.id}  {rule.title}")
            item.setData(ID, rule.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setSizeHint(QSize(0, ROW))
            item.setToolTip(rule.title)
            self.list.addItem(item)
        self._show_checks()

    def _arrange(self) -> None:
        severity = QHBoxLayout()
        severity.addWidget(QLabel("Severity"))
        severity.addWidget(self.severity, 1)
        self._numbers = QVBoxLayout()
        left, right, row = QVBoxLayout(), QVBoxLayout(), QHBoxLayout()
        left.addWidget(self.search)
        left.addWidget(self.list, 1)
        left.addWidget(self.count)
        right.addWidget(self.about)
        right.addSpacing(8)
        right.addWidget(self.off)
        right.addLayout(severity)
        right.addLayout(self._numbers)
        right.addStretch(1)
        row.setSpacing(20)
        row.addLayout(left, 1)
        row.addLayout(right, 1)
        team = QFormLayout()
        team.addRow("Team rules", self.team)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addLayout(row, 1)
        column.addLayout(team)
        column.addWidget(self.error)
        column.addWidget(self.buttons)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._filter)
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.list.itemChanged.connect(self._checked)
        self.off.clicked.connect(lambda on: self._set(off=not on))
        self.severity.activated.connect(lambda _: self._set(severity=self.severity.currentData()))
        self.team.textEdited.connect(lambda _: self._name_team())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.buttons.button(self.reset).clicked.connect(self._reset)

    # --- what is shown ----------------------------------------------------------------------

    def show_rule(self, rule_id: str) -> None:
        """Show a rule, if there is one with this id."""
        for row in range(self.list.count()):
            if self.list.item(row).data(ID) == rule_id:
                self.list.setCurrentRow(row)
                self.list.setFocus()

    @property
    def current(self) -> Rule | None:
        """The rule whose settings are shown."""
        return self._rules.get(self._rule_id)

    def _filter(self) -> None:
        words = self.search.text().lower().split()
        for row in range(self.list.count()):
            item = self.list.item(row)
            rule = self._rules[item.data(ID)]
            text = f"{rule.id} {rule.name} {rule.title} {CATEGORIES[rule.category]}".lower()
            item.setHidden(not all(word in text for word in words))
        current: QListWidgetItem | None = self.list.currentItem()
        if current is None or current.isHidden():
            shown = (row for row in range(self.list.count()) if not self.list.item(row).isHidden())
            self.list.setCurrentRow(next(shown, -1))

    def _show_checks(self) -> None:
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                item = self.list.item(row)
                off = self._settings(item.data(ID)).off
                item.setCheckState(Qt.CheckState.Unchecked if off else Qt.CheckState.Checked)
                font = item.font()
                font.setBold(item.data(ID) in self._design.rules)
                item.setFont(font)

    def _show_current(self) -> None:
        rule = self.current
        while (item := self._numbers.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.parameters, self._wrong = {}, {}
        self._may_accept()
        for control in (self.off, self.severity, self.about):
            control.setEnabled(rule is not None)
        if rule is None:
            self.about.setText("No rule matches the search.")
            return
        self.about.setText(
            f"<p><b>{escape(rule.title)}</b></p><p>{escape(rule.student)}</p>"
            f"<p>{escape(rule.explanation)}</p>"
        )
        for facts in rule.parameters:
            self._add_number(facts)
        self._show_settings(rule)

    def _add_number(self, facts: FieldFacts) -> None:
        editor = NumberEditor(facts)
        editor.edited.connect(lambda value: self._set_number(facts, value))
        editor.show_value(self._settings(self._rule_id).parameters.get(facts.name, facts.default))
        label = QLabel(facts.help)
        label.setObjectName("fieldLabel")
        label.setWordWrap(True)
        self._numbers.addWidget(label)
        self._numbers.addWidget(editor)
        self.parameters[facts.name] = editor

    def _show_settings(self, rule: Rule) -> None:
        settings = self._settings(rule.id)
        self.off.setChecked(not settings.off)
        self.severity.clear()
        for severity in ("default", *SEVERITIES):
            own = f"As the rule says ({rule.severity})"
            text = own if severity == "default" else severity.capitalize()
            self.severity.addItem(text, severity)
        self.severity.setCurrentIndex(self.severity.findData(settings.severity))

    def _tell(self) -> None:
        off = sum(settings.off for settings in self._design.rules.values())
        changed = len(self._design.rules) - off
        told = [f"{len(self._rules)} rules", f"{off} off" if off else "",
                f"{changed} changed" if changed else ""]  # fmt: skip
        self.count.setText(" · ".join(filter(None, told)))

    # --- what is set ------------------------------------------------------------------------

    @property
    def _rule_id(self) -> str:
        item: QListWidgetItem | None = self.list.currentItem()
        found: str = item.data(ID) if item is not None else ""
        return found

    def _settings(self, rule_id: str) -> RuleSettings:
        return self._design.rules.get(rule_id, DEFAULT)

    def _set(self, **values: object) -> None:
        self._design = edits.set_rule(self._design, self._rule_id, **values)
        self._show_checks()
        self._tell()

    def _checked(self, item: QListWidgetItem) -> None:
        off = item.checkState() == Qt.CheckState.Unchecked
        self._design = edits.set_rule(self._design, item.data(ID), off=off)
        self._tell()
        if item is self.list.currentItem():
            self.off.setChecked(not off)

    def _set_number(self, facts: FieldFacts, value: float) -> None:
        fault = fault_of(facts, value)
        self._wrong[facts.name] = fault
        shown = f"{fault[:1].upper()}{fault[1:]}." if fault else ""
        self.parameters[facts.name].show_error(shown)
        self._may_accept()
        if fault:
            return
        kept = dict(self._settings(self._rule_id).parameters)
        kept.pop(facts.name, None)
        if value != facts.default:
            kept[facts.name] = value
        self._set(parameters=kept)

    def _name_team(self) -> None:
        try:
            self._design = edits.set_team_rules(self._design, self.team.text().strip())
        except DesignError as error:
            fault = str(error).partition(": ")[2]
            self.error.setText(f"Team rules: {fault}.")
        else:
            self.error.setText("")
        self._may_accept()

    def _may_accept(self) -> None:
        wrong = self.error.text() or any(self._wrong.values())
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not wrong)

    def _reset(self) -> None:
        """Take back the settings of the rule that is shown."""
        if self.current is not None:
            self._set(off=False, severity="default", parameters={})
            self._show_current()

    def after(self) -> Design:
        """Return the design with the rules as chosen."""
        return self._design
