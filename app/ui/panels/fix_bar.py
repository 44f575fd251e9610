"""The bar that says what a fix would do, before it is applied."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QListWidget, QPushButton

from app.rules.registry import Finding, Fix
from app.ui.background import Background
from app.ui.document import Document
from app.ui.fixing import Plan, Planning, proof, words
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.rules.fixes import Proof


EVERYTHING = "Fix everything that can be fixed"


class FixBar(QFrame):
    """Previews one fix, or a plan of many; Apply makes it one step that can be undone."""

    preview_wanted = Signal(object)  # the design that the fix would make, or None
    applied = Signal(str)  # what was done, in words
    steps_shown = Signal(bool)  # a list of steps needs room, or does no more
    _stepped = Signal(object, int)  # the plan that goes on, and how many steps it has

    def __init__(self, document: Document) -> None:
        """Work on a document; hidden until a fix is begun."""
        super().__init__()
        self.setObjectName("fixBar")
        self._document = document
        self._background = Background(self)
        self._fix: Fix | Planning | None = None
        self._proof: Proof | None = None
        self.title = QLabel()
        self.title.setObjectName("fixTitle")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.apply_button = QPushButton("Apply")
        self.apply_button.setObjectName("primary")
        self.apply_button.setAutoDefault(True)
        self.cancel_button = QPushButton("Cancel")
        self.steps = QListWidget()
        self.steps.setAccessibleName("Steps of the repair")
        self.steps.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 6, 12, 6)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        for column, widget in enumerate(
            (self.title, self.text, self.cancel_button, self.apply_button)
        ):
            grid.addWidget(widget, 0, column)
        grid.addWidget(self.steps, 1, 0, 1, 4)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
        self._stepped.connect(self._count)
        self.apply_button.clicked.connect(self.apply)
        self.cancel_button.clicked.connect(self.end)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.setStyleSheet(
            f"""
            QFrame#fixBar {{ background: {theme.background}; border-top: 1px solid {theme.line};
                border-bottom: 1px solid {theme.line}; }}
            QLabel#fixTitle {{ font-weight: 600; }}
            QListWidget {{ background: transparent; border: none; }}
            """
        )

    def begin(self, finding: Finding, fix: Fix) -> None:
        """Work out what a fix would do, and offer it if it does away with its finding."""
        self._wait_for(fix, fix.title, "Working out what this changes…")
        design, path = self._document.design, self._document.path
        self._background.run(
            lambda: proof(design, finding, fix, path),
            lambda found: self._offer(fix, found),
            lambda: self._give_up(fix),
        )

    def begin_all(self) -> None:
        """Work out the steps that repair all that can be repaired, and offer them as one."""
        planning = Planning(self._document.design, self._document.path)
        self._wait_for(planning, EVERYTHING, "Looking for the first step…")
        self._background.run(
            lambda: planning.run(lambda count: self._stepped.emit(planning, count)),
            lambda plan: self._offer_plan(planning, plan),
            lambda: self._give_up(planning),
        )

    def _wait_for(self, fix: "Fix | Planning", title: str, text: str) -> None:
        self.end()
        self._fix = fix
        self.title.setText(title)
        self.text.setText(text)
        self.apply_button.setEnabled(False)
        self.show()

    def _count(self, planning: Planning, count: int) -> None:
        if planning is self._fix and self._proof is None:
            self.text.setText(f"{count} step{'s' if count > 1 else ''} so far…")

    def _offer_plan(self, planning: Planning, plan: Plan) -> None:
        if planning is not self._fix:
            return
        if not plan.steps:
            self.text.setText("Nothing is left that a repair would improve.")
            return
        self.steps.clear()
        for number, step in enumerate(plan.steps, 1):
            self.steps.addItem(f"{number}. {step.fix.title}: {step.finding.problem.message}")
        self.steps.show()
        self.steps_shown.emit(True)
        self._offer(planning, plan.proof)

    def _offer(self, fix: "Fix | Planning", found: "Proof") -> None:
        if fix is not self._fix:
            return  # cancelled, or another one was begun
        self.text.setText(self._words(found))
        if found.holds:
            self._proof = found
            self.apply_button.setEnabled(True)
            self.apply_button.setFocus()
            self.preview_wanted.emit(found.after)

    def _words(self, found: "Proof") -> str:
        return words(self._document.design, found, named=not isinstance(self._fix, Planning))

    def _give_up(self, fix: "Fix | Planning") -> None:
        if fix is self._fix:
            self.text.setText("This fix failed and cannot be offered.")

    def apply(self) -> None:
        """Make the fix the next step of the document."""
        fix, found = self._fix, self._proof
        if fix is None or found is None:
            return
        title, told = self.title.text(), self._words(found)
        self.end()
        self._document.apply(title, found.after)
        self.applied.emit(f"{title}. {told}")

    def end(self) -> None:
        """Take the preview away; nothing has changed."""
        if self._fix is None:
            return
        if isinstance(self._fix, Planning):
            self._fix.cancel()
        self._fix = self._proof = None
        self.steps.hide()
        self.steps_shown.emit(False)
        self.hide()
        self.preview_wanted.emit(None)

    def stop(self) -> None:
        """End; waits for what is being worked out."""
        self.end()
        self._background.wait()
