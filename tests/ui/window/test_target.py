"""Reach a target: asked for with the keyboard, looked at on the canvas, made as one step."""

from collections.abc import Callable, Iterator
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.model.links import Place
from app.rules.targets import Answer, Tell, reach
from app.ui.dialogs import target
from app.ui.dialogs.target import TargetDialog
from app.ui.main_window import MainWindow

Key, Held = Qt.Key, Qt.KeyboardModifier
LEFT = Qt.MouseButton.LeftButton


def opened(window: MainWindow) -> TargetDialog:
    [dialog] = [item for item in window.findChildren(TargetDialog) if item.isVisible()]
    return dialog


@pytest.fixture
def dialog(seeded: MainWindow) -> Iterator[TargetDialog]:
    """The dialog over the seed, opened with its key."""
    QTest.keyClick(seeded, Key.Key_T, Held.ControlModifier)
    yield opened(seeded)
    for item in seeded.findChildren(TargetDialog):
        item.close()


def ask(dialog: TargetDialog, qtbot: QtBot, text: str) -> None:
    """Type an availability and press Enter."""
    dialog.availability.selectAll()
    QTest.keyClicks(dialog.availability, text)
    QTest.keyClick(dialog.availability, Key.Key_Return)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)


def rows(dialog: TargetDialog) -> list[str]:
    found = [dialog.view.topLevelItem(row) for row in range(dialog.view.topLevelItemCount())]
    return [" | ".join(item.text(column) for column in range(2)) for item in found if item]


def test_a_way_is_looked_at_and_made_as_one_step_that_can_be_undone(
    dialog: TargetDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    before = seeded.document.design
    assert dialog.availability.text() == "99.9 %"
    assert not dialog.apply_button.isEnabled()
    ask(dialog, qtbot, "99.9 %")

    assert rows(dialog)[:2] == [
        "3 parts and 2 links | browse 49.9 min, checkout 118 min",
        "3 parts and 3 links | browse 9.0 min, checkout 77.0 min",
    ]
    assert "Add a standby that takes over its address (lb)." in dialog.details.text()
    assert "Downtime a year: browse 13.3 h → 49.9 min" in dialog.details.text()
    assert "No single point of failure is left." in dialog.details.text()
    assert "ways to reach it. All " in dialog.note.text()
    shown = seeded.canvas._preview
    assert shown is not None
    assert len(shown.components) == len(before.components) + 3

    QTest.keyClick(dialog.view, Key.Key_Down)
    assert seeded.canvas._preview is not shown
    assert "Add a second load balancer (lb)." in dialog.details.text()
    wanted = seeded.canvas._preview
    assert seeded.document.design is before
    with qtbot.waitSignal(dialog.applied) as told:
        QTest.mouseClick(dialog.apply_button, LEFT)

    assert told.args is not None
    assert told.args[0].startswith("Reach a target: browse and checkout each down at most 526 min")
    assert seeded.document.design is wanted
    assert seeded.document.undo_stack.count() == 1
    assert seeded.document.undo_stack.undoText() == "Reach a target"
    assert seeded.canvas._preview is None
    assert not dialog.isVisible()
    seeded.document.undo_stack.undo()
    assert seeded.document.design is before


def test_a_number_of_parts_and_one_flow_are_asked_for(
    dialog: TargetDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    QTest.keyClick(dialog.flow, Key.Key_End)
    QTest.keyClick(dialog.goal, Key.Key_Down)
    assert not dialog.availability.isVisible()
    dialog.parts.setValue(0)
    QTest.mouseClick(dialog.search_button, LEFT)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=60_000)

    assert rows(dialog)[0].startswith("nothing added | checkout ")
    assert "Single points" not in rows(dialog)[0]
    assert "Still single points of failure: lb and server-0." in dialog.details.text()


def test_what_is_promised_is_where_it_begins(seeded: MainWindow) -> None:
    design = edits.set_fields(seeded.document.design, "checkout", target_availability=0.9995)
    seeded.document.reset(design, None)
    seeded.actions_by_id["target"].trigger()
    found = opened(seeded)

    assert found.availability.text() == "99.9500%"
    found.flow.setCurrentIndex(1)
    assert found.availability.text() == "99.9 %"
    found.close()


def test_a_target_out_of_reach_shows_the_best_and_what_limits_it(
    dialog: TargetDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    ask(dialog, qtbot, "50 min a year")

    assert len(rows(dialog)) == 1
    assert "The target cannot be reached." in dialog.note.text()
    assert "the failover of mariadb (9" in dialog.note.text()
    assert dialog.apply_button.isEnabled()


def test_a_target_that_is_reached_already_shows_no_way(
    dialog: TargetDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    ask(dialog, qtbot, "9 d")

    assert rows(dialog) == []
    assert dialog.note.text() == "Nothing to do: browse and checkout are at the target."
    dialog.apply()
    assert dialog.isVisible()
    assert seeded.document.undo_stack.count() == 0


@pytest.mark.parametrize("text", ["99.95", "101 %", "nan", ""])
def test_what_is_no_availability_is_told_beside_the_field(
    dialog: TargetDialog, qtbot: QtBot, text: str
) -> None:
    ask(dialog, qtbot, "9 d")
    dialog.availability.clear()
    ask(dialog, qtbot, text)

    assert "is no availability" in dialog.note.text()
    assert dialog.note.objectName() == "fieldError"
    ask(dialog, qtbot, "9 d")
    assert dialog.note.objectName() == "muted"


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, list[int]]]:
    """Lets the search stand still after each combination, and notes how many it tried."""
    go, tried = Event(), list[int]()

    def slowly(*values: object, tell: Tell) -> Answer:
        def wait(done: int, most: int) -> None:
            tell(done, most)
            tried.append(done)
            go.wait(20)

        return reach(*values, tell=wait)  # type: ignore[arg-type,misc]  # handed through

    monkeypatch.setattr(target, "reach", slowly)
    yield go, tried
    go.set()


def test_the_search_shows_how_far_it_is_and_ends_when_it_is_cancelled(
    dialog: TargetDialog, qtbot: QtBot, slow: tuple[Event, list[int]]
) -> None:
    go, tried = slow
    QTest.mouseClick(dialog.search_button, LEFT)
    qtbot.waitUntil(lambda: dialog.progress.value() == 1, timeout=20_000)
    assert dialog.note.text() == "1 combination tried…"
    assert not dialog.search_button.isEnabled()
    QTest.mouseClick(dialog.cancel_button, LEFT)
    go.set()
    dialog._background.wait()
    qtbot.wait(50)

    assert tried == [1], "it ended at the next combination"
    assert not dialog.busy
    assert not dialog.cancel_button.isVisible()
    assert dialog.search_button.isEnabled()
    assert (dialog.note.text(), rows(dialog)) == ("The search was cancelled.", [])


def test_closing_ends_the_search_and_the_preview(
    dialog: TargetDialog, seeded: MainWindow, qtbot: QtBot, slow: tuple[Event, list[int]]
) -> None:
    go, tried = slow
    QTest.mouseClick(dialog.search_button, LEFT)
    qtbot.waitUntil(lambda: tried == [1], timeout=20_000)
    dialog._give_up()
    go.set()
    dialog._progressed.emit(2)  # on its way when the search was given up
    dialog.reject()

    assert tried == [1]
    assert seeded.canvas._preview is None


def test_an_edit_meanwhile_lets_go_of_what_was_found(
    dialog: TargetDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    ask(dialog, qtbot, "99 %")
    design = seeded.document.design
    seeded.document.apply("Move", edits.move(design, {"lb": Place(x=5.0, y=5.0)}))
    assert dialog.note.text() == "The design has changed: look for ways again."
    seeded.document.apply("Move", edits.move(design, {"lb": Place(x=9.0, y=5.0)}))

    ask(dialog, qtbot, "99.9 %")
    assert rows(dialog)
    seeded.document.apply("Move", edits.move(design, {"lb": Place(x=7.0, y=5.0)}))
    assert rows(dialog) == []
    assert seeded.canvas._preview is None

    seeded.document.apply("Delete", edits.remove(design, ("checkout",)))
    assert [dialog.flow.itemText(row) for row in range(dialog.flow.count())] == ["browse"]
    seeded.document.apply("Delete", edits.remove(design, ("browse", "checkout")))
    assert not dialog.search_button.isEnabled()
    assert "Nobody uses this yet" in dialog.note.text()


def test_a_crash_of_the_search_is_told(
    dialog: TargetDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(target, "reach", None)
    ask(dialog, qtbot, "99.9 %")
    assert "went wrong" in dialog.note.text()
    assert not dialog.busy


def test_it_comes_to_the_front_where_it_is_open(dialog: TargetDialog, seeded: MainWindow) -> None:
    seeded.actions_by_id["target"].trigger()
    assert opened(seeded) is dialog


def test_everything_has_a_name_to_be_read_out(
    dialog: TargetDialog, named: Callable[[QWidget], list[str]]
) -> None:
    assert named(dialog) == []


def test_the_window_finds_what_the_command_finds(
    dialog: TargetDialog, seed: Design, qtbot: QtBot
) -> None:
    ask(dialog, qtbot, "99.9 %")
    assert len(rows(dialog)) == len(reach(seed, dialog.target()).front)
