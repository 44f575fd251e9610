"""Work beside the window."""

import sys
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.ui.application import make_application
from app.ui.background import SHARE, Background


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = sys.getswitchinterval()
    yield
    sys.setswitchinterval(before)


def test_a_thread_at_work_lets_the_window_first(qtbot: QtBot) -> None:
    sys.setswitchinterval(0.005)

    make_application()

    assert sys.getswitchinterval() == pytest.approx(SHARE)


def test_results_come_in_the_order_of_the_work(qtbot: QtBot) -> None:
    background = Background()
    found: list[int] = []
    for number in range(3):
        background.run(lambda number=number: number, found.append)  # type: ignore[misc]

    qtbot.waitUntil(lambda: len(found) == 3)

    assert found == [0, 1, 2]
