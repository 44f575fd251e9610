"""What an empty canvas says."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui.theme import Theme, ui_font

TITLE = "An empty canvas"
TEXT = "Drag a part from the left, press Tab for quick add,\nor start from a sample."


class EmptyHint(QWidget):
    """Lies over the canvas and lets the mouse through."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        """Lie in the middle of a widget."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._title, self._text = QLabel(TITLE, self), QLabel(TEXT, self)
        self._title.setFont(ui_font(16))
        self._text.setFont(ui_font(13))
        box = QVBoxLayout(self)
        box.addStretch()
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            box.addWidget(label)
        box.addStretch()
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        for label, colour in ((self._title, theme.text), (self._text, theme.muted)):
            palette = label.palette()
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            label.setPalette(palette)

    def fill(self, area: QRect) -> None:
        """Cover an area."""
        self.setGeometry(area)
