"""The history: every step that can be taken back, to click on."""

from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QFrame, QLabel, QUndoView, QVBoxLayout, QWidget

from app.ui.theme import Theme, current_theme


class History(QWidget):
    """Lists the steps of a document; a click goes to the state after that step."""

    def __init__(self, stack: QUndoStack) -> None:
        """Show an undo stack."""
        super().__init__()
        title = QLabel("HISTORY")
        title.setObjectName("sectionTitle")
        self.view = QUndoView(stack)
        self.view.setEmptyLabel("As it was opened")
        self.view.setAccessibleName("History")
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.set_theme(current_theme())
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 8, 8)
        column.addWidget(title)
        column.addWidget(self.view, 1)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.view.setStyleSheet(
            f"""
            QUndoView::item {{ padding: 5px 8px; border-radius: 6px; color: {theme.text}; }}
            QUndoView::item:hover, QUndoView::item:selected {{ background: {theme.hover}; }}
            """
        )
