"""What if…: the table of all failures, stepped through with the keyboard, the mouse, and saved."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app.analysis import failure_table as tables
from app.cli.main import main
from app.model import edits
from app.model.design import Design
from app.storage.files import save_design
from app.ui.dialogs import failures
from app.ui.dialogs.failure_rows import HOURS, TITLES, FailureRows
from app.ui.dialogs.failures import FailuresDialog
from app.ui.main_window import MainWindow
from tests.ui.window.test_what_if import failed, press, told

Key, Held, Role = Qt.Key, Qt.KeyboardModifier, Qt.ItemDataRole
Settled = Callable[[MainWindow], MainWindow]
LEFT = Qt.MouseButton.LeftButton


def opened(window: MainWindow) -> FailuresDialog:
    [dialog] = [item for item in window.findChildren(FailuresDialog) if item.isVisible()]
    return dialog


@pytest.fixture
def dialog(seeded: MainWindow, qtbot: QtBot) -> Iterator[FailuresDialog]:
    """The table of the seed, opened with its key."""
    QTest.keyClick(seeded, Key.Key_K, Held.ControlModifier)
    found = opened(seeded)
    ready(found, qtbot)
    yield found
    for item in seeded.findChildren(FailuresDialog):
        item.close()


def ready(dialog: FailuresDialog, qtbot: QtBot) -> None:
    """Wait until the table is complete and the current failure is on the canvas."""
    qtbot.waitUntil(lambda: not dialog.busy, timeout=10_000)


def listed(dialog: FailuresDialog) -> list[tuple[str, ...]]:
    return [row.failure.failed for row in dialog.rows.rows]


def step(dialog: FailuresDialog, qtbot: QtBot, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(dialog.view, key)
    ready(dialog, qtbot)


def commanded(design: Design, folder: Path, *options: str) -> list[tuple[str, ...]]:
    """The rows that the command tells of a design."""
    save_design(folder / "x.loadpath.json", design)
    out = folder / "told.json"
    arguments = [str(folder / "x.loadpath.json"), "--format", "json", "-o", str(out)]
    assert main(["whatif", *arguments, *options]) == 0
    return [tuple(row["failed"]) for row in json.loads(out.read_text())["failures"]]


def test_the_worst_failure_is_shown_at_once_and_the_arrows_step_through_the_rest(
    dialog: FailuresDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    assert failed(seeded) == ["server-0"]
    assert told(seeded) == ["browse: down", "checkout: down"]
    assert seeded.canvas.evidence.shown

    step(dialog, qtbot, Key.Key_Down, Key.Key_Down)
    assert failed(seeded) == ["db-1"]
    assert told(seeded) == ["browse: degraded", "checkout: down"]

    step(dialog, qtbot, Key.Key_Up)
    assert failed(seeded) == ["lb"]
    step(dialog, qtbot, Key.Key_End)
    assert failed(seeded) == ["dns"]
    assert told(seeded) == ["browse: up", "checkout: up"]
    assert seeded.document.undo_stack.count() == 0


def test_a_click_shows_a_row_also_after_it_was_taken_back(
    dialog: FailuresDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    def click() -> None:
        spot = dialog.view.visualRect(dialog.rows.index(3, 1)).center()
        QTest.mouseClick(dialog.view.viewport(), LEFT, Held.NoModifier, spot)
        ready(dialog, qtbot)

    click()
    assert failed(seeded) == ["server-1"]
    press(seeded, Key.Key_Escape)
    assert failed(seeded) == []
    click()
    assert failed(seeded) == ["server-1"]


def test_a_step_does_not_wait_for_one_that_was_left_already(
    dialog: FailuresDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    shown: list[tuple[str, ...]] = []
    dialog.chosen.connect(lambda ids, _: shown.append(ids))
    for _ in range(3):  # faster than the canvas
        QTest.keyClick(dialog.view, Key.Key_Down)
        dialog._soon.stop()
        dialog._choose()
    ready(dialog, qtbot)
    assert shown == [("server-1",)]
    seeded.what_if.show(("gone",), {})
    assert failed(seeded) == ["server-1"]


def test_closing_lets_everything_work_again(
    dialog: FailuresDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    QTest.keyClick(dialog, Key.Key_Escape)
    assert failed(seeded) == []
    assert not seeded.canvas.evidence.shown


@pytest.mark.parametrize("asked", [(), ("pairs",), ("links",), ("pairs", "links")])
def test_rows_and_order_are_those_of_the_command(
    dialog: FailuresDialog, seed: Design, qtbot: QtBot, tmp_path: Path, asked: tuple[str, ...]
) -> None:
    for name in asked:
        box: QWidget = getattr(dialog, name)
        box.setFocus()
        QTest.keyClick(box, Key.Key_Space)
    ready(dialog, qtbot)
    options = [f"--{name}" for name in asked]
    assert listed(dialog) == commanded(seed, tmp_path, *options)
    assert ("pairs:" in dialog.note.text()) == ("pairs" in asked)
    if "pairs" in asked:
        assert ("db-1", "db-2") in listed(dialog)


def test_a_pair_is_struck_out_together(
    dialog: FailuresDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    dialog.pairs.click()
    ready(dialog, qtbot)
    assert failed(seeded) == ["server-0"], "the failure that was shown stays the current one"
    step(dialog, qtbot, Key.Key_Down, Key.Key_Down)
    assert failed(seeded) == ["db-1", "db-2"]
    assert told(seeded) == ["browse: down", "checkout: down"]


def test_the_filter_looks_at_names_kinds_and_outcomes(
    dialog: FailuresDialog, seeded: MainWindow, qtbot: QtBot
) -> None:
    QTest.keyClicks(dialog.filter, "database checkout down")
    ready(dialog, qtbot)
    assert listed(dialog) == [("db-1",)]
    assert failed(seeded) == ["db-1"]
    dialog.filter.clear()
    QTest.keyClicks(dialog.filter, "nowhere")
    ready(dialog, qtbot)
    assert listed(dialog) == []
    step(dialog, qtbot, Key.Key_Down)
    assert failed(seeded) == ["db-1"]


def test_rows_are_sorted_by_a_header_or_from_the_keyboard(
    dialog: FailuresDialog, qtbot: QtBot
) -> None:
    harm = listed(dialog)
    QTest.keyClick(dialog.sorted_by, Key.Key_End)
    ready(dialog, qtbot)
    assert dialog.sorted_by.currentText() == TITLES[HOURS]
    hours = [row.failure.harm.hours for row in dialog.rows.rows]
    assert hours == sorted(hours, reverse=True)

    header = dialog.view.header()
    spot = QPoint(header.sectionViewportPosition(1) + 20, header.height() // 2)
    QTest.mouseClick(header.viewport(), LEFT, Held.NoModifier, spot)
    assert dialog.sorted_by.currentText() == "If this stops"
    names = [row.stops for row in dialog.rows.rows]
    assert names == sorted(names)
    QTest.mouseClick(header.viewport(), LEFT, Held.NoModifier, spot)
    assert [row.stops for row in dialog.rows.rows] == sorted(names, reverse=True)

    QTest.keyClick(dialog.sorted_by, Key.Key_Home)
    assert listed(dialog) == harm


@pytest.mark.parametrize("ending", ["csv", "md"])
def test_what_is_saved_is_what_the_command_writes(
    dialog: FailuresDialog,
    seed: Design,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
) -> None:
    start: list[str] = []

    def choose(_: QWidget, __: str, proposed: str, ___: str) -> tuple[str, str]:
        start.append(proposed)
        return str(tmp_path / "failures"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    dialog.filter.setText("db-1")  # what is hidden is saved as well
    button = dialog.csv_button if ending == "csv" else dialog.markdown_button
    QTest.mouseClick(button, LEFT)
    saved = tmp_path / f"failures.{ending}"
    assert start[0].endswith(f"what-if.{ending}")
    assert dialog.note.text() == f"Written to {saved}."
    save_design(tmp_path / "x.loadpath.json", seed)
    form = "csv" if ending == "csv" else "markdown"
    arguments = [str(tmp_path / "x.loadpath.json"), "--format", form, "-o", str(tmp_path / "y")]
    assert main(["whatif", *arguments]) == 0
    assert saved.read_bytes() == (tmp_path / "y").read_bytes()

    QTest.mouseClick(dialog.copy_button, LEFT)
    assert QApplication.clipboard().text().startswith("# What if: Distributed web infrastructure")


def test_a_place_that_takes_no_file_is_told_and_no_place_writes_none(
    dialog: FailuresDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = iter([str(tmp_path / "no" / "folder.csv"), ""])
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (next(places), ""))
    QTest.mouseClick(dialog.csv_button, LEFT)
    assert dialog.note.text() == "folder.csv cannot be written: No such file or directory."
    QTest.mouseClick(dialog.csv_button, LEFT)
    assert not list(tmp_path.rglob("*.csv"))


def test_the_table_follows_the_design_and_stays_where_it_was(
    dialog: FailuresDialog, seeded: MainWindow, settled: Settled, qtbot: QtBot
) -> None:
    step(dialog, qtbot, Key.Key_Down)
    design = edits.set_fields(seeded.document.design, "lb", name="Front door")
    seeded.document.apply("Rename", edits.remove(design, ("dns",)))
    settled(seeded)
    ready(dialog, qtbot)
    assert ("dns",) not in listed(dialog)
    assert dialog.view.currentIndex().siblingAtColumn(1).data() == "Front door (lb)"
    assert failed(seeded) == ["lb"]


def test_what_failed_before_stays_and_the_table_comes_forward_once(
    seeded: MainWindow, qtbot: QtBot
) -> None:
    press(seeded, Key.Key_K, "web-2")
    seeded.actions_by_id["failures"].trigger()
    dialog = opened(seeded)
    ready(dialog, qtbot)
    assert dialog.view.currentIndex().siblingAtColumn(1).data() == "web-2"
    assert failed(seeded) == ["web-2"]
    seeded.actions_by_id["failures"].trigger()
    assert opened(seeded) is dialog
    dialog.close()


def test_the_search_for_pairs_shows_how_far_it_is_and_can_be_given_up(
    dialog: FailuresDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    go, steps = Event(), []
    whole = tables.failure_table

    def slow(*values: object, tell: tables.Tell, **options: object) -> tables.FailureTable:
        def wait(done: int, of: int) -> None:
            tell(done, of)
            steps.append(done)
            go.wait(10)

        return whole(*values, tell=wait, **options)  # type: ignore[arg-type]  # handed through

    monkeypatch.setattr(failures, "failure_table", slow)
    monkeypatch.setattr(tables, "WIDEST", 1)
    before = listed(dialog)
    dialog.pairs.click()
    qtbot.waitUntil(lambda: dialog.cancel_button.isVisible() and dialog.progress.value() == 1)
    assert dialog.progress.maximum() > 1
    assert dialog.busy
    QTest.mouseClick(dialog.cancel_button, LEFT)
    go.set()
    ready(dialog, qtbot)
    dialog._background.wait()
    assert not dialog.pairs.isChecked()
    assert not dialog.cancel_button.isVisible()
    assert listed(dialog) == before
    assert steps == [1], "it ended at the next step"


def test_a_crash_of_the_search_leaves_the_table(
    dialog: FailuresDialog, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "failure_table", None)
    before = listed(dialog)
    dialog.links.click()
    ready(dialog, qtbot)
    assert listed(dialog) == before
    assert dialog.note.isVisible()
    assert "went wrong" in dialog.note.text()


def test_without_a_table_nothing_is_saved_or_chosen(qtbot: QtBot, seeded: MainWindow) -> None:
    dialog = FailuresDialog(seeded.document, (), seeded)
    dialog.csv_button.click()
    dialog.copy_button.click()
    dialog.links.click()
    dialog._choose()
    assert (dialog.table, dialog.busy, dialog.note.text()) == (None, False, "")
    dialog.close()


def test_everything_has_a_name_to_be_read_out(
    dialog: FailuresDialog, named: Callable[[QWidget], list[str]]
) -> None:
    assert named(dialog) == []
    first = dialog.rows.index(0, 0)
    assert first.data(Role.AccessibleTextRole) == "If server-0 stops: browse down, checkout down"
    assert first.siblingAtColumn(1).data(Role.AccessibleTextRole) == "server-0"
    assert dialog.rows.headerData(0, Qt.Orientation.Vertical) is None
    assert dialog.rows.headerData(1, Qt.Orientation.Horizontal, Role.DecorationRole) is None
    assert "hours" in str(dialog.rows.headerData(0, Qt.Orientation.Horizontal, Role.ToolTipRole))


def test_the_colour_says_how_bad_it_is_beside_the_words(dialog: FailuresDialog) -> None:
    rows: FailureRows = dialog.rows
    last = rows.rowCount() - 1
    colours = {rows.index(row, 3).data(Role.ForegroundRole).name() for row in (0, 5, last)}
    assert len(colours) == 3
    assert rows.index(0, 1).data(Role.ForegroundRole) is None
