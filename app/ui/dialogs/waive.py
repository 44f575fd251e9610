"""Asks why a finding is accepted."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QDate
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.model.errors import DesignError
from app.model.links import Waiver
from app.rules.registry import Finding

A_WHILE = timedelta(days=90)


class WaiveDialog(QDialog):
    """A reason, a name, and if wanted the last day of the acceptance."""

    def __init__(self, finding: Finding, name: str, parent: QWidget | None = None) -> None:
        """Ask about one finding; `name` is who waived last."""
        super().__init__(parent)
        self.setWindowTitle(f"Waive {finding.rule.id}")
        self.setMinimumWidth(480)
        title = QLabel(finding.rule.title)
        title.setObjectName("dialogTitle")
        message = QLabel(finding.problem.message)
        message.setObjectName("muted")
        message.setWordWrap(True)
        self.reason = QPlainTextEdit()
        self.reason.setAccessibleName("Reason")
        self.reason.setPlaceholderText("Why is this risk acceptable?")
        self.reason.setTabChangesFocus(True)
        self.reason.setFixedHeight(84)
        self.by = QLineEdit(name)
        self.by.setAccessibleName("Accepted by")
        self.ends = QCheckBox("Only until")
        self.until = _day()
        self.ends.toggled.connect(self.until.setEnabled)
        self.error = QLabel()
        self.error.setObjectName("fieldError")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.waive_button = self.buttons.addButton("Waive", QDialogButtonBox.ButtonRole.AcceptRole)
        self.waive_button.setObjectName("primary")
        self.waive_button.setEnabled(False)
        self.reason.textChanged.connect(self._check)
        self.by.textChanged.connect(lambda _: self._check())
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow("Reason", self.reason)
        form.addRow("Accepted by", self.by)
        day = QHBoxLayout()
        day.addWidget(self.ends)
        day.addWidget(self.until)
        day.addStretch(1)
        form.addRow("", day)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        for widget in (title, message):
            column.addWidget(widget)
        column.addLayout(form)
        column.addWidget(self.error)
        column.addWidget(self.buttons)

    def waiver(self) -> Waiver:
        """Return what was entered.

        Raises:
            DesignError: the reason is missing, or something is too long.
        """
        made = Waiver(reason=self.reason.toPlainText().strip(), by=self.by.text().strip())
        if not self.ends.isChecked():
            return made
        return replace(made, until=self.until.date().toString("yyyy-MM-dd"))

    def _check(self) -> None:
        try:
            self.waiver()
        except DesignError as error:
            wrong = str(error) if self.reason.toPlainText().strip() else ""
            self.error.setText(wrong)
            self.waive_button.setEnabled(False)
        else:
            self.error.setText("")
            self.waive_button.setEnabled(True)


def _day() -> QDateEdit:
    today = datetime.now(tz=UTC).date()
    last = today + A_WHILE
    edit = QDateEdit(QDate(last.year, last.month, last.day))
    edit.setMinimumDate(QDate(today.year, today.month, today.day))
    edit.setCalendarPopup(True)
    edit.setDisplayFormat("yyyy-MM-dd")
    edit.setAccessibleName("Last day")
    edit.setEnabled(False)
    return edit
