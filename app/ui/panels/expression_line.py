"""A line for a requirement as text; what is wrong with it is said, and shown at its character."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.model.errors import DesignError
from app.model.expressions import ExpressionError
from app.ui.theme import Theme, current_theme

EXAMPLES = """\
Replaces what the links say, for example:
files-1 and (db-1 or db-2)
2 of (etcd-1, etcd-2, etcd-3)
reach(switch-1, switch-4): working links join them"""
AROUND = 18  # characters on each side of the one that is wrong


class ExpressionLine(QWidget):
    """One expression; empty where what the links say counts, which is then shown in grey."""

    entered = Signal(str)  # the expression, once the user is done with it

    def __init__(self, name: str) -> None:
        """Make the line; `name` is what it is called for who cannot see it."""
        super().__init__()
        self._shown = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.line.setToolTip(EXAMPLES)
        self.line.editingFinished.connect(self.finish)
        self.setFocusProxy(self.line)
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

    @property
    def refused(self) -> bool:
        """Whether what stands in the line cannot be taken over."""
        return bool(self.error.text())

    def show_text(self, text: str, derived: str, *, other: bool) -> None:
        """Show an expression and what the links say instead of it.

        What is being typed or was refused stays, unless the expression is that of `other` things.
        """
        self.line.setPlaceholderText(derived)
        kept = self.line.hasFocus() or (self.refused and text == self._shown)
        if other or not kept:
            self.line.setText(text)
            self.accept()
        self._shown = text

    def accept(self) -> None:
        """Say that nothing is wrong."""
        self._say("")

    def refuse(self, error: DesignError) -> None:
        """Say what is wrong; show the character among its neighbours, and put the cursor there."""
        if not isinstance(error, ExpressionError):
            self._say(f"{error}.")
            return
        why = error.why.rpartition(": ")[2]  # the name of the field: the line is right above
        self._say(f"{why[:1].upper()}{why[1:]} at character {error.position + 1}.")
        text = self.line.text()
        self.line.setSelection(error.position, 1)
        if error.position >= len(text):
            self.line.setCursorPosition(len(text))
        self.spot.setText(_marked(text, error.position, current_theme()))
        self.spot.show()

    def finish(self) -> None:
        """Take what stands in the line as entered."""
        text = self.line.text().strip()
        if text != self.line.text():
            self.line.setText(text)  # so that positions count from the first character
        self.entered.emit(text)

    def _say(self, message: str) -> None:
        self.error.setText(message)
        self.error.setVisible(bool(message))
        self.spot.hide()


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
