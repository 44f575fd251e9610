"""A drill from the window, with a stand-in for docker and a site for the entrance."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog, QPushButton
from pytestqt.qtbot import QtBot

from app.ui.dialogs.drill import DrillDialog
from app.ui.main_window import MainWindow
from tests.drill.conftest import StandIn, stand_in
from tests.drill.site import serving

__all__ = ["stand_in"]  # a fixture
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def site(stand_in: StandIn) -> Iterator[None]:
    """Answers at the entrance once the project is up: no writes while db-1 is killed."""
    ended = threading.Event()

    def read(name: str) -> list[str]:
        path = stand_in.home / name
        return path.read_text().split() if path.exists() else []

    def serve() -> None:
        while not ended.wait(0.05):
            ports = dict(line.split("=") for line in read("ports"))
            if "LB_HTTP_PORT" in ports:
                with serving(port=int(ports["LB_HTTP_PORT"])) as found:
                    while not ended.wait(0.05):
                        found.refuses = {"POST"} if "db-1" in read("failed") else set()

    thread = threading.Thread(target=serve)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.fixture
def dialog(seeded: MainWindow) -> Iterator[Callable[..., DrillDialog]]:
    """Opens the dialog over the seed by its command, with parts selected."""

    def opened(*names: str) -> DrillDialog:
        chosen = [k for k, c in seeded.document.design.components.items() if c.name in names]
        seeded.canvas.select(chosen)
        seeded.actions_by_id["drill"].trigger()
        seeded.actions_by_id["drill"].trigger()  # comes to the front, and is no second one
        [found] = [item for item in seeded.findChildren(DrillDialog) if item.isVisible()]
        return found

    yield opened
    for item in seeded.findChildren(DrillDialog):
        item.close()


def press(button: QPushButton) -> None:
    assert button.isEnabled()
    QTest.mouseClick(button, LEFT)


def lines(dialog: DrillDialog) -> list[list[str]]:
    table = dialog.table
    items = [
        [table.item(row, column) for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]
    assert all(item is not None for row in items for item in row), "a column has nothing to say"
    return [[item.text() for item in row if item] for row in items]


@pytest.mark.slow
def test_selected_parts_are_drilled_and_what_was_measured_is_saved(
    dialog: Callable[..., DrillDialog], site: None, stand_in: StandIn, qtbot: QtBot,
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    found = dialog("db-1", "web-1")
    assert found.what.currentText() == "What is selected"
    assert not found.save_button.isEnabled()
    press(found.start_button)
    assert found.busy
    assert not found.start_button.isEnabled()
    qtbot.waitUntil(lambda: found.progress.value() == 1, timeout=60_000)
    qtbot.waitUntil(lambda: not found.busy, timeout=60_000)
    assert [line[:4] for line in lines(found)] == [
        ["db-1", "browse", "up", "up"], ["db-1", "checkout", "down", "down"],
        ["web-1", "browse", "up", "up"], ["web-1", "checkout", "up", "up"],
    ]  # fmt: skip
    assert found.message.text().startswith("2 of 2 failures: nothing differs.")
    assert stand_in.kept() == []
    place = tmp_path / "found.json"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(place), ""))
    press(found.save_button)
    assert json.loads(place.read_text())["mismatches"] == 0
    assert found.message.text() == f"Written to {place}."
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "a/b"), ""))
    press(found.save_button)
    assert "cannot be written: No such file" in found.message.text()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    press(found.save_button)


@pytest.mark.slow
def test_a_mismatch_is_named_and_a_cancelled_drill_shows_what_it_has(
    dialog: Callable[..., DrillDialog], site: None, stand_in: StandIn, qtbot: QtBot
) -> None:
    found = dialog("lb", "web-1")  # the stand-in's site outlives its balancer
    press(found.start_button)
    qtbot.waitUntil(lambda: found.progress.value() == 1, timeout=60_000)
    press(found.cancel_button)
    assert not found.cancel_button.isEnabled()
    qtbot.waitUntil(lambda: not found.busy, timeout=60_000)
    assert [line[2:4] for line in lines(found)] == [["down", "up ≠"], ["down", "up ≠"]]
    said = found.message.text().splitlines()
    assert said[0] == "1 of 2 failures: 2 mismatches."
    assert said[1].startswith("lb, browse: fault of the model. The model says that it stops;")
    assert said[-1].startswith("the drill was interrupted, and everything")
    assert stand_in.kept() == []


@pytest.mark.slow
def test_what_keeps_a_drill_from_running_is_told(
    dialog: Callable[..., DrillDialog], stand_in: StandIn, qtbot: QtBot
) -> None:
    stand_in.put("fail-up", "port is already allocated")
    found = dialog()
    assert found.what.currentText() == "Each part, alone"
    press(found.start_button)
    qtbot.waitUntil(lambda: not found.busy, timeout=60_000)
    assert found.message.text() == "docker compose up: port is already allocated"
    assert lines(found) == []
    press(found.start_button)
    press(found.cancel_button)  # while it is still exporting
    qtbot.waitUntil(lambda: not found.busy, timeout=60_000)
    assert found.message.text() == "The drill was cancelled."


@pytest.mark.slow
def test_closing_ends_a_drill_and_all_is_removed(
    dialog: Callable[..., DrillDialog], stand_in: StandIn, qtbot: QtBot
) -> None:
    found = dialog("db-1")
    press(found.start_button)
    qtbot.waitUntil(lambda: found.message.text().startswith("starting "), timeout=60_000)
    qtbot.waitUntil(lambda: stand_in.kept() != [], timeout=60_000)
    press(found.close_button)
    qtbot.waitUntil(lambda: stand_in.kept() == [], timeout=60_000)


def test_alarms_that_are_missing_and_what_firewalls_did_are_told(
    dialog: Callable[..., DrillDialog],
) -> None:
    found = dialog()
    alarm = {
        "services": ["web-1"],
        "within_seconds": 24.0,
        "after_seconds": None,
        "missing": ["web-1"],
        "mismatch": {"fault": "configuration", "text": "None came."},
    }
    cell = {
        "predicted": "up",
        "measured": "up",
        "interruption_seconds": 0.0,
        "mismatch": None,
        "recovery_seconds": 0.0,
        "lost_acknowledged_writes": 0,
    }
    tried = {
        "name": "fw",
        "source": "lb",
        "target": "web-1",
        "port": 22,
        "predicted": "closed",
        "measured": "closed",
        "counted_packets": 3,
        "mismatch": None,
    }
    found._end(  # what the other process tells
        {"flows": {"f": {"name": "browse"}}, "firewalls": [tried], "planned": 1, "left_out": [],
         "experiments": [{"name": "web-1", "flows": {"f": cell}, "alarm": alarm}],
         "mismatches": 1}, "",
    )  # fmt: skip
    assert lines(found) == [["web-1", "browse", "up", "up", "0.0", "0.0", "0", "none ≠"]]
    assert found.message.text().splitlines() == [
        "1 of 1 failures: 1 mismatch.",
        "web-1, alarm: fault of the configuration. None came.",
    ]
    assert found.remarks.text() == "fw: lb to web-1 at 22 is closed, as predicted."
    assert found.remarks.isVisible()
