"""What a selected component needs, in words and as an expression, and what was found about it."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.model import edits
from app.model.errors import DesignError
from app.model.expressions import ExpressionError
from app.model.traits import Trait
from app.ui.document import Document
from app.ui.icons import icon
from app.ui.theme import Theme, current_theme

OPERATIONS = ("read", "write")
MOST_FINDINGS = 12
MOST_WORDS = 600  # characters of a requirement in words; an expression may be as long as a page
AROUND = 18  # characters on each side of the one that is wrong


class Requirement(QWidget):
    """One capability: what it needs in words, and the expression that may replace it."""

    def __init__(self, document: Document, operation: str) -> None:
        """Show one operation of the component that `show_component` names."""
        super().__init__()
        self._document = document
        self._operation = operation
        self._component = ""
        self._shown = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        self.words = QLabel()
        self.words.setWordWrap(True)
        # A long name has no place to break; it must not widen the panel.
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.words)
        self.line = QLineEdit()
        self.line.setAccessibleName(f"Expression for {operation}")
        self.line.setToolTip("Replaces what the links say, for example: files-1 and (db-1 or db-2)")
        self.line.editingFinished.connect(self._apply)
        column.addWidget(self.line)
        self.error = QLabel()
        self.error.setObjectName("fieldError")
        self.error.setWordWrap(True)
        self.error.hide()
        column.addWidget(self.error)
        self.spot = QLabel()
        self.spot.setTextFormat(Qt.TextFormat.RichText)
        self.spot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.spot.setAccessibleName("Where the expression is wrong")
        self.spot.hide()
        column.addWidget(self.spot)

    def show_component(self, component_id: str) -> None:
        """Show what the component needs for the operation."""
        from app.analysis.words import expression_of, requirement_words  # after the first paint

        design = self._document.design
        changed = component_id != self._component
        self._component = component_id
        words = requirement_words(design, component_id, self._operation)
        self.words.setText(words if len(words) <= MOST_WORDS else f"{words[:MOST_WORDS]}…")
        own = design.components[component_id].requires.get(self._operation, "")
        derived = expression_of(design, component_id, self._operation)
        self.line.setPlaceholderText(derived)
        refused = bool(self.error.text()) and own == self._shown
        if changed or not (self.line.hasFocus() or refused):
            self.line.setText(own)
            self._show_error("")
        self._shown = own

    def _apply(self) -> None:
        text = self.line.text().strip()
        design = self._document.design
        if self._component not in design.components:
            return
        before = design.components[self._component].requires
        if text == before.get(self._operation, ""):
            self._show_error("")
            return
        requires = {key: value for key, value in before.items() if key != self._operation}
        if text:
            requires[self._operation] = text
        try:
            after = edits.set_fields(design, self._component, requires=requires)
        except ExpressionError as error:
            self._show_error(_plain(error))
            self._point_at(text, error.position)
            return
        except DesignError as error:
            self._show_error(f"{error}.")
            return
        self._show_error("")
        self._document.apply("Set requirement", after)

    def _point_at(self, text: str, position: int) -> None:
        """Show the character that is wrong, among its neighbours, and put the cursor there."""
        self.line.setText(text)
        self.line.setSelection(position, 1)
        if position >= len(text):
            self.line.setCursorPosition(len(text))
        self.spot.setText(_marked(text, position, current_theme()))
        self.spot.show()

    def _show_error(self, message: str) -> None:
        self.error.setText(message)
        self.error.setVisible(bool(message))
        self.spot.hide()


def _plain(error: ExpressionError) -> str:
    """Return what is wrong, without the name of the field: the line is right above."""
    why = error.why.rpartition(": ")[2]
    return f"{why[:1].upper()}{why[1:]} at character {error.position + 1}."


def _marked(text: str, position: int, theme: Theme) -> str:
    """Return the part of an expression around a position, with its character marked."""
    from html import escape

    start, end = max(0, position - AROUND), position + 1 + AROUND
    before = ("…" if start else "") + text[start:position]
    after = text[position + 1 : end] + ("…" if len(text) > end else "")
    here = escape(text[position : position + 1].strip()) or "&nbsp;"
    mark = f"background-color:{theme.critical}; color:{theme.panel}"
    return (
        f'<span style="font-family:monospace; white-space:pre">{escape(before)}'
        f'<span style="{mark}">{here}</span>{escape(after)}</span>'
    )


class Reasons(QWidget):
    """The requirement of one component and the findings about what is selected."""

    finding_requested = Signal(str)

    def __init__(self, document: Document) -> None:
        """Follow a document; the inspector says what is selected."""
        super().__init__()
        self._document = document
        self._ids: tuple[str, ...] = ()
        self._findings: Sequence[Any] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        self._needs_title = QLabel("WHAT IT NEEDS")
        self._needs_title.setObjectName("sectionTitle")
        column.addWidget(self._needs_title)
        self.requirements = tuple(Requirement(document, name) for name in OPERATIONS)
        for requirement in self.requirements:
            column.addWidget(requirement)
        self._found_title = QLabel("FOUND HERE")
        self._found_title.setObjectName("sectionTitle")
        column.addWidget(self._found_title)
        self._found = QVBoxLayout()
        self._found.setSpacing(2)
        column.addLayout(self._found)
        self._refresh()

    def show_selection(self, ids: Sequence[str]) -> None:
        """Show the reasons for these components or links."""
        self._ids = tuple(ids)
        self._refresh()

    def show_findings(self, findings: Sequence[Any]) -> None:
        """Take over what the check found."""
        self._findings = findings
        self._refresh_findings()

    def show_analysis(self, analysis: Any) -> None:
        """Refresh what is said about the requirement after an analysis."""
        if analysis.design is self._document.design:
            self._refresh_requirements()

    def _refresh(self) -> None:
        self._refresh_requirements()
        self._refresh_findings()

    def _refresh_requirements(self) -> None:
        components = self._document.design.components
        alone = self._ids[0] if len(self._ids) == 1 and self._ids[0] in components else ""
        needs = bool(alone) and not components[alone].traits & {Trait.CONTAINER, Trait.WATCHES}
        needs = needs and components[alone].kind != "note"
        self._needs_title.setVisible(needs)
        for requirement in self.requirements:
            requirement.setVisible(needs)
            if needs:
                requirement.show_component(alone)

    def _refresh_findings(self) -> None:
        while (item := self._found.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        here = [
            finding
            for finding in self._findings
            if finding.waiver is None and not set(self._ids).isdisjoint(finding.problem.subjects)
        ]
        self._found_title.setVisible(bool(here))
        for finding in here[:MOST_FINDINGS]:
            self._found.addWidget(self._button(finding))

    def _button(self, finding: Any) -> QToolButton:
        button = QToolButton()
        button.setObjectName("findingLink")
        button.setText(finding.rule.title)
        button.setToolTip(finding.problem.message)
        theme = current_theme()
        colour = getattr(theme, finding.rule.severity, theme.muted)
        button.setIcon(icon(f"ui_{finding.rule.severity}", colour))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(lambda _=False, key=finding.key: self.finding_requested.emit(key))
        return button
