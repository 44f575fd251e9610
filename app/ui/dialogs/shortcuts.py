"""All keys on one page, made from the table of actions."""

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.ui.actions import ACTIONS, GESTURES, MENUS
from app.ui.theme import current_theme


class Shortcuts(QDialog):
    """Shows what each key does, and what hands do on the canvas."""

    def __init__(self, parent: QWidget) -> None:
        """Make the page."""
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(1240, 660)
        columns = QHBoxLayout()
        columns.setSpacing(32)
        groups = {
            group: [
                (_keys(action.keys), action.text.rstrip("…"))
                for action in ACTIONS
                if action.group == group and action.keys
            ]
            for group in MENUS
        }
        left = {name: groups[name] for name in ("File", "Findings", "Help")}
        middle = {name: groups[name] for name in ("Edit",)}
        right = {"View": groups["View"], "On the canvas": list(GESTURES)}
        for tables in (left, middle, right):
            label = QLabel(_html(tables))
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            columns.addWidget(label, 1)
        page = QWidget()
        page.setLayout(columns)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(page)
        area.setAccessibleName("Shortcuts")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 16)
        column.addWidget(area, 1)
        column.addWidget(buttons)


def _keys(keys: tuple[str, ...]) -> str:
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(QKeySequence(key).toString(native) for key in keys)


def _html(tables: dict[str, list[tuple[str, str]]]) -> str:
    muted = current_theme().muted
    parts = []
    for title, rows in tables.items():
        lines = "".join(
            f'<tr><td style="padding:3px 18px 3px 0; color:{muted}">{escape(keys)}</td>'
            f'<td style="padding:3px 0">{escape(text)}</td></tr>'
            for keys, text in rows
        )
        parts.append(f"<p><b>{escape(title)}</b></p><table>{lines}</table>")
    return "".join(parts)
