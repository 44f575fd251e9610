"""Simulate requests: play, step, kill and reset beside the canvas, off the thread of the window."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.model.links import Place
from app.ui.dialogs.simulation import SimulationDialog
from app.ui.main_window import MainWindow


def opened(window: MainWindow, *ids: str) -> SimulationDialog:
    """Select parts and simulate them as a user does."""
    window.canvas.select(ids)
    window.actions_by_id["simulate"].trigger()
    (dialog,) = (d for d in window.findChildren(SimulationDialog) if d.isVisible())
    return dialog


@pytest.fixture
def simulating(seeded: MainWindow, qtbot: QtBot) -> Iterator[SimulationDialog]:
    dialog = opened(seeded, "lb")
    qtbot.waitUntil(lambda: dialog.totals.text() != "")
    yield dialog
    if dialog in seeded.findChildren(SimulationDialog):
        dialog.close()


def cells(dialog: SimulationDialog, row: int) -> list[str]:
    items = (dialog.table.item(row, column) for column in range(dialog.table.columnCount()))
    return [item.text() if item else "" for item in items]


def press(button: QWidget) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def arrived(dialog: SimulationDialog) -> int:
    return dialog._now.arrived if dialog._now else 0


def test_it_begins_paused_and_says_what_was_assumed(simulating: SimulationDialog) -> None:
    assert not simulating.simulation.playing
    assert simulating.title.text() == "lb"
    assert "web-1 and web-2 have no capacity" in simulating.told.text()
    assert "M/M/2" in simulating.formula.text()
    assert simulating.totals.text().startswith("0.00 s: 0 requests")
    assert cells(simulating, 0)[:3] == ["web-1", "works", "0"]


def test_it_plays_and_pauses_and_requests_fly(
    seeded: MainWindow, simulating: SimulationDialog, qtbot: QtBot
) -> None:
    before = seeded.document.design
    press(simulating.play)
    assert simulating.play.text() == "Pause"
    qtbot.waitUntil(lambda: arrived(simulating) > 2 and seeded.canvas.tokens.flying > 0)
    press(simulating.play)
    assert simulating.play.text() == "Play"
    simulating.simulation._background.wait()
    QApplication.processEvents()
    seen = arrived(simulating)
    QTest.qWait(150)
    assert arrived(simulating) == seen
    qtbot.waitUntil(lambda: seeded.canvas.tokens.flying == 0)
    assert seeded.document.design is before
    assert seeded.document.undo_stack.count() == 0


def test_a_step_is_one_event(simulating: SimulationDialog, qtbot: QtBot) -> None:
    press(simulating.one_step)
    qtbot.waitUntil(lambda: arrived(simulating) == 1)
    press(simulating.one_step)
    qtbot.waitUntil(lambda: simulating._now is not None and simulating._now.time > 0.0005)
    assert arrived(simulating) <= 2


def test_a_server_dies_and_works_again(
    seeded: MainWindow, simulating: SimulationDialog, qtbot: QtBot
) -> None:
    simulating.table.selectRow(1)
    assert simulating.deadly.text() == "Let it die"
    press(simulating.deadly)
    qtbot.waitUntil(lambda: cells(simulating, 1)[1] == "dead")
    assert "web-2: died" in simulating.news.text()
    assert seeded.canvas.tokens.words("web-2") == "dead, not noticed yet"
    assert simulating.deadly.text() == "Let it work again"
    simulating.speed.setCurrentIndex(simulating.speed.count() - 1)
    press(simulating.play)
    qtbot.waitUntil(lambda: "found dead" in simulating.news.text())
    assert seeded.canvas.tokens.words("web-2") == "dead"
    press(simulating.deadly)
    qtbot.waitUntil(lambda: cells(simulating, 1)[1] == "works")
    qtbot.waitUntil(lambda: seeded.canvas.tokens.words("web-2") != "back, not noticed yet")


def test_reset_begins_anew_with_the_same_requests(
    simulating: SimulationDialog, qtbot: QtBot
) -> None:
    def first() -> str:
        press(simulating.one_step)
        qtbot.waitUntil(lambda: arrived(simulating) == 1)
        return simulating.totals.text()

    one = first()
    press(simulating.again)
    qtbot.waitUntil(lambda: arrived(simulating) == 0)
    assert first() == one
    simulating.seed.setValue(2)
    qtbot.waitUntil(lambda: arrived(simulating) == 0)
    assert first() != one


def test_load_and_algorithm_are_tried_without_an_edit(
    seeded: MainWindow, simulating: SimulationDialog
) -> None:
    simulating.algorithm.setCurrentIndex(simulating.algorithm.findData("leastconn"))
    simulating.rate.setValue(260.0)
    assert simulating.scenario().algorithm == "leastconn"
    assert "the queues never end" in simulating.formula.text()
    assert seeded.document.undo_stack.count() == 0


def test_long_queues_are_told_as_a_number(
    seeded: MainWindow, simulating: SimulationDialog, qtbot: QtBot
) -> None:
    simulating.rate.setValue(400.0)
    simulating.speed.setCurrentIndex(3)
    press(simulating.play)
    qtbot.waitUntil(lambda: "waiting" in seeded.canvas.tokens.words("web-1"))


def test_a_cluster_shows_who_leads(seeded: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(seeded, "mariadb")
    qtbot.waitUntil(lambda: cells(dialog, 0)[1] == "works, primary")
    assert seeded.canvas.tokens.words("db-1") == "primary"
    assert not dialog.algorithm.isEnabled()
    assert dialog.formula.text() == ""
    dialog.close()


def test_without_a_selection_the_first_is_taken_and_the_last_dialog_goes(
    seeded: MainWindow,
) -> None:
    one = opened(seeded)
    assert one.title.text() == "lb"
    assert opened(seeded, "mariadb").title.text() == "mariadb"
    for dialog in seeded.findChildren(SimulationDialog):
        dialog.close()


def test_a_moved_card_changes_nothing_and_an_edit_begins_anew(
    seeded: MainWindow, simulating: SimulationDialog, qtbot: QtBot
) -> None:
    press(simulating.one_step)
    qtbot.waitUntil(lambda: arrived(simulating) == 1)
    design = edits.move(seeded.document.design, {"web-1": Place(x=900.0, y=900.0)})
    seeded.document.apply("Move", design)
    QApplication.processEvents()
    assert arrived(simulating) == 1
    design = edits.set_fields(seeded.document.design, "web-1", capacity=50.0)
    seeded.document.apply("Edit", design)
    qtbot.waitUntil(lambda: arrived(simulating) == 0)
    assert "web-2 has no capacity" in simulating.told.text()
    assert simulating.rate.value() == pytest.approx(105.0)


def test_it_closes_with_what_it_is_about(seeded: MainWindow, simulating: SimulationDialog) -> None:
    seeded.document.apply("Delete", edits.remove(seeded.document.design, ["lb"]))
    assert not simulating.isVisible()


def test_another_theme_draws_it_in_its_colours(
    seeded: MainWindow, simulating: SimulationDialog, qtbot: QtBot
) -> None:
    press(simulating.play)
    qtbot.waitUntil(lambda: seeded.canvas.tokens.flying > 0)
    seeded.actions_by_id["theme_dark"].trigger()
    qtbot.waitUntil(lambda: seeded.canvas.tokens.flying > 0)
    assert seeded.canvas.stage.theme.dark
    seeded.actions_by_id["theme_light"].trigger()


def test_where_there_is_nothing_to_simulate_it_says_so(window: MainWindow) -> None:
    window.actions_by_id["simulate"].trigger()
    assert "There is no load balancer" in window.bar.message
    assert window.findChildren(SimulationDialog) == []


def test_every_control_has_a_name(
    simulating: SimulationDialog, named: Callable[[QWidget], list[str]]
) -> None:
    assert named(simulating) == []


def test_a_balancer_whose_users_are_not_drawn_is_simulated(
    window: MainWindow, qtbot: QtBot
) -> None:
    design, lb = edits.add(Design(), "load_balancer")
    for _ in range(2):
        design, web = edits.add(design, "web_server")
        design, _ = edits.connect(design, lb, web)
    window.document.reset(design, None)
    dialog = opened(window)
    qtbot.waitUntil(lambda: dialog.totals.text() != "")
    dialog.speed.setCurrentIndex(dialog.speed.count() - 1)
    press(dialog.deadly)
    dialog.table.selectRow(1)
    press(dialog.deadly)
    press(dialog.play)
    qtbot.waitUntil(lambda: dialog._now is not None and dialog._now.lost > 3)
    dialog.close()
