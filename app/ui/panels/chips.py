"""The filters of the findings, as chips with numbers; short where there is little room."""

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from app.rules.registry import CATEGORIES, SEVERITIES
from app.ui.icons import icon
from app.ui.theme import current_theme

_SHORT = {
    "spof": "Failure points",
    "firewall": "Firewall",
    "https": "HTTPS",
    "monitoring": "Monitoring",
    "other": "Other",
}
_ONLY_SEVERITIES = 2  # level of brevity


class Chips(QWidget):
    """One chip for each severity and category; several can be checked."""

    changed = Signal()

    def __init__(self) -> None:
        """Check none; numbers come with `show_counts`."""
        super().__init__()
        self._counts: Mapping[str, int] = {}
        titles: dict[str, str] = {name: name for name in SEVERITIES}
        titles |= {name: _SHORT[name] for name in CATEGORIES}
        self.chips = {name: self._chip(name, title) for name, title in titles.items()}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        for name, chip in self.chips.items():
            if name == "spof":
                self._row.addSpacing(12)
            self._row.addWidget(chip)
        self._row.addStretch(1)
        # The window may be narrower than all chips side by side.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def _chip(self, name: str, title: str) -> QToolButton:
        chip = QToolButton()
        chip.setObjectName("chip")
        chip.setCheckable(True)
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setProperty("title", title)
        full = CATEGORIES.get(name, f"{name.capitalize()} findings")  # type: ignore[call-overload]  # a severity is no category
        chip.setToolTip(f"{full}: show only these")
        chip.toggled.connect(lambda _: self.changed.emit())
        return chip

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many findings each chip stands for; without any it is hidden."""
        self._counts = counts
        for name, chip in self.chips.items():
            number = counts.get(name, 0)
            chip.setAccessibleName(f"{chip.property('title')}: {number}")
            if number and name in SEVERITIES:
                chip.setIcon(icon(f"ui_{name}", current_theme().severity(name)))
        self._write()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Write as much as there is room for."""
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        """Numbers and words; for want of room only numbers, then only the severities."""
        for level in range(3):
            for name, chip in self.chips.items():
                title, number = str(chip.property("title")), self._counts.get(name, 0)
                if name in SEVERITIES:
                    chip.setText(str(number) if level else f"{number} {title}")
                else:
                    chip.setText(f"{title} {number}")
                wanted = bool(number) and (level < _ONLY_SEVERITIES or name in SEVERITIES)
                chip.setVisible(wanted or chip.isChecked())
            if self._row.minimumSize().width() <= self.width():
                return
