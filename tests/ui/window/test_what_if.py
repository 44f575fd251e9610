"""What if it fails: K strikes out what is selected, and the flows say what becomes of them."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QGraphicsPathItem

from app.model import edits
from app.model.links import Place
from app.ui.main_window import MainWindow

Settled = Callable[[MainWindow], MainWindow]


def press(window: MainWindow, key: Qt.Key, *ids: str) -> None:
    """Select parts on the canvas and press a key there."""
    if ids:
        window.canvas.select(ids)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas.viewport(), key)
    answered(window)


def answered(window: MainWindow) -> None:
    """Wait until what becomes of the flows is known; it is found out beside the window."""
    for _ in range(2_000):
        if not window.what_if.busy:
            return
        QTest.qWait(5)
    pytest.fail("no answer")


def told(window: MainWindow) -> list[str]:
    """What the bar says of the flows, once it is laid out."""
    QApplication.processEvents()
    return list(window.bar.texts)


def failed(window: MainWindow) -> list[str]:
    """What is taken for failed."""
    return list(window.what_if.failed)


def drawn(window: MainWindow, colour: str) -> int:
    """How many lines and rings of a colour lie over the design."""
    wanted = QColor(colour)
    items = [item for item in window.canvas.evidence._items if isinstance(item, QGraphicsPathItem)]
    return sum(wanted in (item.pen().color(), item.brush().color()) for item in items)


def test_what_fails_is_struck_out_and_the_flows_say_what_becomes(seeded: MainWindow) -> None:
    before = seeded.document.design

    press(seeded, Qt.Key.Key_K, "web-1")

    assert told(seeded) == ["browse: degraded", "checkout: degraded"]
    assert "Without web-1; what nothing can replace now:" in seeded.bar.message
    theme = seeded.canvas.stage.theme
    assert drawn(seeded, theme.critical) > 0
    assert drawn(seeded, theme.good) > 0
    assert drawn(seeded, theme.high) > 0
    assert seeded.document.design is before
    assert seeded.document.undo_stack.count() == 0


def test_one_failure_comes_on_top_of_another_until_they_are_taken_back(seeded: MainWindow) -> None:
    press(seeded, Qt.Key.Key_K, "web-1")
    press(seeded, Qt.Key.Key_K, "web-2")
    assert told(seeded) == ["browse: down", "checkout: down"]

    press(seeded, Qt.Key.Key_K, "web-1")
    assert failed(seeded) == ["web-2"]
    assert told(seeded) == ["browse: degraded", "checkout: degraded"]

    press(seeded, Qt.Key.Key_Escape)
    assert failed(seeded) == []
    assert told(seeded)[0] == "browse: 2 single points of failure"
    assert not seeded.canvas.evidence.shown


@pytest.mark.parametrize(
    ("part", "states"),
    [
        ("db-1", ["degraded", "down"]),
        ("server-2", ["degraded", "degraded"]),
        ("link-2", ["down", "down"]),
        ("dns", ["up", "up"]),
    ],
)
def test_parts_places_and_links_can_fail(seeded: MainWindow, part: str, states: list[str]) -> None:
    press(seeded, Qt.Key.Key_K, part)
    assert [text.split(": ")[1] for text in told(seeded)] == states


def test_what_failed_stays_failed_when_the_design_is_edited(
    seeded: MainWindow, settled: Settled
) -> None:
    press(seeded, Qt.Key.Key_K, "web-1", "link-3")
    assert "Without web-1, 1 link" in seeded.bar.message
    design = edits.remove(seeded.document.design, ("link-3",))
    seeded.document.apply("Delete", design)
    settled(seeded)
    answered(seeded)

    assert failed(seeded) == ["web-1"]
    assert told(seeded)[0] == "browse: up"  # nothing leads to it any more
    assert seeded.canvas.evidence.shown


def test_a_part_that_was_moved_can_still_fail(seeded: MainWindow, settled: Settled) -> None:
    seeded.document.apply("Move", edits.move(seeded.document.design, {"dns": Place(x=0, y=0)}))
    settled(seeded)
    press(seeded, Qt.Key.Key_K, "web-1")
    assert told(seeded) == ["browse: degraded", "checkout: degraded"]


def test_nothing_selected_lets_nothing_fail(seeded: MainWindow) -> None:
    seeded.canvas.select(())
    seeded.what_if.toggle(())
    assert failed(seeded) == []


def test_an_answer_that_is_no_longer_asked_for_is_not_told(seeded: MainWindow) -> None:
    told_of: list[tuple[str, ...]] = []
    seeded.what_if.changed.connect(lambda failed, _: told_of.append(failed))
    seeded.what_if.toggle(("web-1",))
    seeded.what_if.toggle(("web-2",))
    assert told_of == []  # nothing waits in the window

    answered(seeded)

    assert told_of == [("web-1", "web-2")]
    assert told(seeded) == ["browse: down", "checkout: down"]
