"""The filters of the findings fit into a narrow window."""

from itertools import pairwise

from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.rules.registry import CATEGORIES, SEVERITIES
from app.ui.panels.chips import Chips


def test_chips_say_less_the_narrower_the_window_is(qtbot: QtBot) -> None:
    around, chips = QWidget(), Chips()
    qtbot.addWidget(around)
    QHBoxLayout(around).addWidget(chips)
    chips.show_counts({str(name): 12 for name in (*SEVERITIES, *CATEGORIES)})
    around.show()
    critical, https = chips.chips["critical"], chips.chips["https"]

    seen = []
    for width in range(2400, 200, -20):
        around.resize(width, 40)
        assert around.width() == width, "chips do not hold a window open"
        seen.append((critical.text(), https.isVisible()))

    assert [state for state, after in pairwise([*seen, None]) if state != after] == [
        ("12 critical", True),
        ("12", True),
        ("12", False),
    ]
    assert critical.isVisible()
    assert critical.accessibleName() == "critical: 12"
