"""Everything that can be fixed is repaired as one step, after a look at the steps."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import sample_designs
from app.model.design import Design
from app.rules.check import check
from app.storage.codec import load
from app.ui.fixing import Planning
from app.ui.main_window import MainWindow

Settled = Callable[[MainWindow], MainWindow]


def wait_for_offer(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(window.findings.bar.apply_button.isEnabled, timeout=10_000)


def test_everything_is_repaired_as_one_step_after_a_look_at_the_list(
    seeded: MainWindow, settled: Settled, qtbot: QtBot
) -> None:
    before = seeded.document.design
    seeded.actions_by_id["fix_all"].trigger()
    bar = seeded.findings.bar
    wait_for_offer(seeded, qtbot)

    assert bar.title.text() == "Fix everything that can be fixed"
    assert "Add a second load balancer" in " ".join(
        bar.steps.item(row).text() for row in range(bar.steps.count())
    )
    assert "Downtime a year: browse" in bar.text.text()
    assert seeded.canvas._preview is not None
    assert seeded.document.design is before

    QTest.mouseClick(bar.apply_button, Qt.MouseButton.LeftButton)
    settled(seeded)

    assert "critical" not in {item.rule.severity for item in check(seeded.document.design)}
    assert seeded.document.undo_stack.count() == 1
    seeded.document.undo_stack.undo()
    assert seeded.document.design is before
    seeded.actions_by_id["fix_all"].trigger()
    wait_for_offer(seeded, qtbot)
    QTest.mouseClick(bar.cancel_button, Qt.MouseButton.LeftButton)
    assert not bar.steps.isVisible()
    assert seeded.canvas._preview is None


def test_the_search_for_repairs_can_be_cancelled(seed: Design) -> None:
    planning, seen = Planning(seed), list[int]()

    def stop(count: int) -> None:
        seen.append(count)
        planning.cancel()

    assert len(planning.run(stop).steps) == 1
    assert seen == [1]
    assert planning.run(stop).steps == ()


def test_a_design_that_nothing_improves_says_so(seeded: MainWindow, qtbot: QtBot) -> None:
    seeded.document.reset(load(sample_designs.read("two-of-everything")), None)
    seeded.actions_by_id["fix_all"].trigger()
    bar = seeded.findings.bar

    qtbot.waitUntil(lambda: "Nothing is left" in bar.text.text(), timeout=10_000)

    assert not bar.apply_button.isEnabled()
