"""What a selected component needs, in words and as an expression, and what was found about it."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.model import edits
from app.model.errors import DesignError
from app.model.traits import Trait
from app.ui.document import Document
from app.ui.icons import icon
from app.ui.panels.expression_line import ExpressionLine
from app.ui.theme import current_theme

OPERATIONS = ("read", "write")
MOST_FINDINGS = 12
MOST_WORDS = 600  # characters of a requirement in words; an expression may be as long as a page


class Requirement(QWidget):
    """One capability: what it needs in words, and the expression that may replace it."""

    def __init__(self, document: Document, operation: str) -> None:
        """Show one operation of the component that `show_component` names."""
        super().__init__()
        self._document = document
        self._operation = operation
        self._component = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 4)
        column.setSpacing(4)
        self.words = QLabel()
        self.words.setWordWrap(True)
        # A long name has no place to break; it must not widen the panel.
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column.addWidget(self.words)
        self.expression = ExpressionLine(f"Expression for {operation}")
        self.expression.entered.connect(self._apply)
        column.addWidget(self.expression)

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
        self.expression.show_text(own, derived, other=changed)

    def _apply(self, text: str) -> None:
        design = self._document.design
        if self._component not in design.components:
            return
        before = design.components[self._component].requires
        requires = {key: value for key, value in before.items() if key != self._operation}
        if text:
            requires[self._operation] = text
        if requires == before:
            self.expression.accept()
            return
        try:
            after = edits.set_fields(design, self._component, requires=requires)
        except DesignError as error:
            self.expression.refuse(error)
            return
        self.expression.accept()
        self._document.apply("Set requirement", after)


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
            for finding in (self._findings if self._ids else ())
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
