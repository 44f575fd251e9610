"""The bar that says what a fix would do, before it is applied."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from app.model.errors import DesignError
from app.rules.registry import Finding, Fix
from app.ui.background import Background
from app.ui.document import Document
from app.ui.fixing import Effect, effect, words
from app.ui.theme import Theme


class FixBar(QFrame):
    """Previews one fix; Apply makes it one step that can be undone."""

    preview_wanted = Signal(object)  # the design that the fix would make, or None
    applied = Signal(str)  # what was done, in words

    def __init__(self, document: Document) -> None:
        """Work on a document; hidden until a fix is begun."""
        super().__init__()
        self.setObjectName("fixBar")
        self.findings: tuple[Finding, ...] = ()
        self._document = document
        self._background = Background(self)
        self._fix: Fix | None = None
        self._effect: Effect | None = None
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

    def begin(self, fix: Fix) -> None:
        """Work out what a fix would do, and offer it."""
        self.end()
        self._fix = fix
        self.title.setText(fix.title)
        self.text.setText("Working out what this changes…")
        self.apply_button.setEnabled(False)
        self.show()
        design, findings = self._document.design, self.findings

        def work() -> Effect | str:
            try:
                return effect(design, findings, fix)
            except DesignError as error:
                return str(error)

        self._background.run(work, lambda result: self._offer(fix, result))

    def _offer(self, fix: Fix, result: Effect | str) -> None:
        if fix is not self._fix:
            return  # cancelled, or another one was begun
        if isinstance(result, str):
            self.text.setText(f"This cannot be done here: {result}.")
            return
        self._effect = result
        self.text.setText(words(result))
        self.apply_button.setEnabled(True)
        self.apply_button.setFocus()
        self.preview_wanted.emit(result.after)

    def apply(self) -> None:
        """Make the fix the next step of the document."""
        found = self._effect
        if found is None:
            return
        told = words(found)
        self.end()
        self._document.apply(found.fix.title, found.after)
        self.applied.emit(f"{found.fix.title}. {told}")

    def end(self) -> None:
        """Take the preview away; nothing has changed."""
        if self._fix is None:
            return
        self._fix = self._effect = None
        self.hide()
        self.preview_wanted.emit(None)

    def stop(self) -> None:
        """Wait for what is being worked out."""
        self._background.wait()
