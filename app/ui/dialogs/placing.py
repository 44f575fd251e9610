"""Where things lie: widgets of a dialog in one row, a dialog over its window."""

from PySide6.QtWidgets import QDialog, QHBoxLayout, QWidget

ABOVE_BOTTOM = 30  # pixels between a dialog and the lower edge of its window


def side_by_side(*widgets: QWidget | None) -> QHBoxLayout:
    """Return widgets side by side; None takes the room that is left."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def lie_at_bottom(dialog: QDialog, window: QWidget, width: int, height: int) -> None:
    """Lie at the bottom of the window, in pixels so large at most: most of the canvas is seen."""
    room = window.geometry()
    dialog.resize(min(width, room.width()), min(height, room.height()))
    dialog.move(
        room.center().x() - dialog.width() // 2, room.bottom() - dialog.height() - ABOVE_BOTTOM
    )
