"""The filters of the findings fit into a narrow window."""

import pytest
from PySide6.QtWidgets import QHBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.rules.registry import CATEGORIES, SEVERITIES
from app.ui.panels.chips import Chips


@pytest.mark.parametrize(("width", "critical"), [(2000, "12 critical"), (900, "12"), (300, "12")])
def test_severities_are_numbers_only_where_there_is_little_room(
    qtbot: QtBot, width: int, critical: str
) -> None:
    around, chips = QWidget(), Chips()
    qtbot.addWidget(around)
    QHBoxLayout(around).addWidget(chips)
    around.resize(width, 40)
    around.show()

    chips.show_counts({str(name): 12 for name in (*SEVERITIES, *CATEGORIES)})

    assert chips.chips["critical"].text() == critical
    assert chips.chips["critical"].accessibleName() == "critical: 12"
    assert chips.chips["critical"].isVisible()
    assert chips.chips["https"].isVisible() == (width > 300)
    assert around.width() == width, "chips do not hold a window open"
