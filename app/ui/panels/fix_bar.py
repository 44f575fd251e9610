"""The bar that says what a fix would do, before it is applied."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from app.rules.registry import Finding, Fix
from app.ui.background import Background
from app.ui.document import Document
from app.ui.fixing import proof, words
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.rules.fixes import Proof


class FixBar(QFrame):
    """Previews one fix; Apply makes it one step that can be undone."""

    preview_wanted = Signal(object)  # the design that the fix would make, or None
    applied = Signal(str)  # what was done, in words

    def __init__(self, document: Document) -> None:
        """Work on a document; hidden until a fix is begun."""
        super().__init__()
        self.setObjectName("fixBar")
        self._document = document
        self._background = Background(self)
        self._fix: Fix | None = None
        self._proof: Proof | None = None
        self.title = QLabel()
        self.title.setObjectName("fixTitle")
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.apply_button = QPushButton("Apply")
        self.apply_button.setObjectName("primary")
        self.apply_button.setAutoDefault(True)
        self.cancel_button = QPushButton("Cancel")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 6, 12, 6)
        row.setSpacing(10)
        row.addWidget(self.title)
        row.addWidget(self.text, 1)
        row.addWidget(self.cancel_button)
        row.addWidget(self.apply_button)
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
            """
        )

    def begin(self, finding: Finding, fix: Fix) -> None:
        """Work out what a fix would do, and offer it if it does away with its finding."""
        self.end()
        self._fix = fix
        self.title.setText(fix.title)
        self.text.setText("Working out what this changes…")
        self.apply_button.setEnabled(False)
        self.show()
        design, path = self._document.design, self._document.path
        self._background.run(
            lambda: proof(design, finding, fix, path),
            lambda found: self._offer(fix, found),
            lambda: self._give_up(fix),
        )

    def _offer(self, fix: Fix, found: "Proof") -> None:
        if fix is not self._fix:
            return  # cancelled, or another one was begun
        self.text.setText(words(self._document.design, found))
        if found.holds:
            self._proof = found
            self.apply_button.setEnabled(True)
            self.apply_button.setFocus()
            self.preview_wanted.emit(found.after)

    def _give_up(self, fix: Fix) -> None:
        if fix is self._fix:
            self.text.setText("This fix failed and cannot be offered.")

    def apply(self) -> None:
        """Make the fix the next step of the document."""
        fix, found = self._fix, self._proof
        if fix is None or found is None:
            return
        told = words(self._document.design, found)
        self.end()
        self._document.apply(fix.title, found.after)
        self.applied.emit(f"{fix.title}. {told}")

    def end(self) -> None:
        """Take the preview away; nothing has changed."""
        if self._fix is None:
            return
        self._fix = self._proof = None
        self.hide()
        self.preview_wanted.emit(None)

    def stop(self) -> None:
        """Wait for what is being worked out."""
        self._background.wait()
