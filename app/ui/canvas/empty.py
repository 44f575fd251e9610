"""What an empty canvas says."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.ui.theme import ui_font

TITLE = "An empty canvas"
TEXT = "Drag a part from the left, press Tab for quick add,\nor start from a sample."


class EmptyHint(QWidget):
    """Lies over the canvas and lets the mouse through."""

    def __init__(self, parent: QWidget) -> None:
        """Lie in the middle of a widget."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        title, text = QLabel(TITLE, self), QLabel(TEXT, self)
        title.setFont(ui_font(16))
        text.setObjectName("muted")
        text.setWordWrap(True)  # a small window leaves the canvas little room
        box = QVBoxLayout(self)
        box.addStretch()
        for label in (title, text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            box.addWidget(label)
        box.addStretch()

    def fill(self, area: QRect) -> None:
        """Cover an area."""
        self.setGeometry(area)
