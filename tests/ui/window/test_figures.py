"""Figures in the window: those of the flows, and what a selected part means to them."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QGraphicsPathItem
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.ui.canvas.evidence import MARK_LEVEL
from app.ui.live_figures import MOST_FLOWS, LiveFigures
from app.ui.main_window import MainWindow
from app.ui.panels.editors import NumberEditor

Settled = Callable[[MainWindow], MainWindow]


@pytest.fixture
def figured(seeded: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with the seed design and its figures."""
    wait_for_figures(seeded, qtbot)
    return seeded


def wait_for_figures(window: MainWindow, qtbot: QtBot) -> None:
    waiting = window.inspector.overview._soon
    qtbot.waitUntil(
        lambda: not (window.check.busy or window.figures.busy or waiting.isActive()),
        timeout=20_000,
    )


def select(window: MainWindow, qtbot: QtBot, key: str) -> list[str]:
    """Select a part, and return what is said about it and the flows."""
    panel = window.inspector.part_figures
    window.canvas.select((key,))
    qtbot.waitUntil(lambda: bool(panel.texts), timeout=10_000)
    return panel.texts


def strikes(window: MainWindow, link: str) -> Iterator[bool]:
    """Whether it is the line that strikes out a link, for each item over its middle."""
    stage = window.canvas.stage
    start, end = stage.routes.route(link)[:2]
    middle = QPointF((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    for item in stage.items(middle, Qt.ItemSelectionMode.IntersectsItemBoundingRect):
        painted = item.brush().color() if isinstance(item, QGraphicsPathItem) else QColor()
        yield painted == QColor(stage.theme.critical) and item.zValue() == MARK_LEVEL


def test_the_overview_tells_the_figures_of_each_flow(figured: MainWindow) -> None:
    browse, checkout = figured.inspector.overview.blocks

    assert browse.texts == [
        "browse (reads): 2 single points of failure",
        "Works 99.849% of the time, down 13.3 h a year (assumed)",
        "Redundancy degree 1: 1 failure is enough to stop it",
    ]
    assert checkout.texts[0] == "checkout (writes): 4 single points of failure"
    assert checkout.parts[0].text() == "37%  db-1 (assumed)"


def test_a_cause_of_the_downtime_is_selected_with_a_click(figured: MainWindow) -> None:
    first = figured.inspector.overview.blocks[1].parts[0]

    QTest.mouseClick(first, Qt.MouseButton.LeftButton)

    assert list(figured.canvas.selection()) == ["db-1"]


def test_a_link_that_fails_is_named_by_its_ends(figured: MainWindow, qtbot: QtBot) -> None:
    design = figured.document.design
    link = next(key for key, link in design.links.items() if link.target == "lb")
    figured.document.apply("Figure", edits.set_fields(design, link, availability=0.5))
    wait_for_figures(figured, qtbot)
    first = figured.inspector.overview.blocks[0].parts[0]

    assert first.text().endswith(f" → {design.components['lb'].name}")
    QTest.mouseClick(first, Qt.MouseButton.LeftButton)
    assert list(figured.canvas.selection()) == [link]


def test_views_that_differ_are_both_told(figured: MainWindow, qtbot: QtBot) -> None:
    design = edits.set_fields(figured.document.design, "mariadb", failover="manual")
    design = edits.set_fields(design, "db-2", promotable=True)
    figured.document.apply("Switch by hand", design)
    wait_for_figures(figured, qtbot)

    texts = figured.inspector.overview.blocks[1].texts
    assert texts[2].startswith("Without a switch by hand: works ")


def test_the_busiest_time_is_told_of_flows_and_parts(figured: MainWindow, qtbot: QtBot) -> None:
    design = edits.set_fields(figured.document.design, "browse", requests_per_second=140.0)
    for web in ("web-1", "web-2"):
        design = edits.set_fields(design, web, capacity=100.0)
    figured.document.apply("Say how many come", design)
    wait_for_figures(figured, qtbot)

    texts = figured.inspector.overview.blocks[0].texts
    assert texts[2].startswith("At the busiest time: works ")
    assert "At the busiest time it alone stops the flow." in select(figured, qtbot, "web-1")


def test_outages_and_the_worst_pair_are_told(figured: MainWindow, qtbot: QtBot) -> None:
    design, _ = edits.add(Design(), "client")
    for _ in range(2):
        design, web = edits.add(design, "web_server", mtbf_hours=99.0, mttr_hours=1.0)
        design, _ = edits.connect(design, "users-1", web)
    figured.document.apply("Draw a pair", design)
    wait_for_figures(figured, qtbot)

    texts = figured.inspector.overview.blocks[0].texts
    assert texts[-2] == "1.75 outages a year of 30.0 min each"
    assert texts[-1] == "Worst pair: web-1 and web-2, both down 52.6 min a year"


def test_sets_of_three_are_found_beside_the_window(figured: MainWindow, qtbot: QtBot) -> None:
    design, _ = edits.add(Design(), "client")
    for _ in range(3):
        design, web = edits.add(design, "web_server", availability=0.9)
        design, _ = edits.connect(design, "users-1", web)
    figured.document.apply("Draw three", design)
    wait_for_figures(figured, qtbot)
    block = figured.inspector.overview.blocks[0]

    QTest.mouseClick(block.more, Qt.MouseButton.LeftButton)

    assert not block.more.isEnabled()
    qtbot.waitUntil(block.more.isHidden, timeout=10_000)
    assert block.texts[-1] == "1.00e-03  web-1, web-2 and web-3"
    # What was found for a design that is gone, or of a flow that is not shown, is not told.
    told = list(block.texts)
    figured.figures._tell_triples(edits.remove(design, ("web-1",)), "browse", ())
    figured.inspector.overview.show_triples("gone", ())
    assert block.texts == told


def test_figures_of_a_design_that_was_edited_are_dropped(figured: MainWindow, qtbot: QtBot) -> None:
    told: list[object] = []
    figured.figures.figures_changed.connect(told.append)
    changed = edits.remove(figured.document.design, ("web-1",))
    figured.document.apply("Remove", changed)
    overview = figured.inspector.overview
    qtbot.waitUntil(lambda: len(overview.blocks[0].texts) == 1)

    figured.figures._done(edits.remove(changed, ("dns",)), {})
    assert told == []
    wait_for_figures(figured, qtbot)
    qtbot.waitUntil(lambda: len(overview.blocks[0].texts) == 3)
    # The work for a design that is gone ends before its first flow.
    assert figured.figures._figures(edits.remove(changed, ("dns",)), ("browse",)) == {}


def test_of_many_flows_the_first_have_figures_and_all_once_a_part_is_selected(
    figured: MainWindow, qtbot: QtBot
) -> None:
    design = figured.document.design
    client = design.flows["browse"].client
    for number in range(MOST_FLOWS):
        design, _ = edits.add_flow(design, client, f"browse {number}")
    told: list[int] = []
    figured.figures.figures_changed.connect(lambda found: told.append(len(found)))
    figured.document.apply("Add flows", design)

    wait_for_figures(figured, qtbot)
    assert told == [MOST_FLOWS]
    figured.canvas.select(("web-1",))
    wait_for_figures(figured, qtbot)
    assert told == [MOST_FLOWS, len(design.flows)]
    figured.canvas.select(("db-1",))
    assert not figured.figures.busy


def test_figures_wait_for_a_check_that_is_due(figured: MainWindow, qtbot: QtBot) -> None:
    told: list[bool] = []
    figured.figures.figures_changed.connect(lambda _: told.append(figured.check.busy))

    figured.check.again()
    figured.figures._compute()

    assert figured.figures.busy
    assert not figured.figures._running
    wait_for_figures(figured, qtbot)
    assert told == [False]


def test_a_part_says_why_it_is_no_single_point_of_failure(
    figured: MainWindow, qtbot: QtBot
) -> None:
    texts = select(figured, qtbot, "web-1")

    assert (
        "web-1 is no single point of failure for browse, because of lb → web-2 → app-2 → db-1."
        in texts
    )
    assert texts[-2:] == [
        "If this stops: browse works on with less to spare, checkout works on with less to spare.",
        "Of web-1 and web-2, 1 is left.",
    ]


def test_a_part_tells_its_share_and_importance(figured: MainWindow, qtbot: QtBot) -> None:
    texts = select(figured, qtbot, "db-1")

    assert "37.40% of the downtime has it as a cause (assumed)" in texts
    assert "If it never failed: 35.0 h → 21.9 h a year, 1.6 times less (assumed)" in texts
    assert any(text.startswith("Importance 0.997") for text in texts)


def test_a_part_that_no_flow_needs_says_so(figured: MainWindow, qtbot: QtBot) -> None:
    assert "browse does not need dns at all." in select(figured, qtbot, "dns")


def test_the_way_is_drawn_when_asked(figured: MainWindow, qtbot: QtBot) -> None:
    select(figured, qtbot, "web-1")
    (show, _) = figured.inspector.part_figures.buttons

    QTest.mouseClick(show, Qt.MouseButton.LeftButton)

    assert figured.canvas.evidence.shown
    assert "web-2" in figured.canvas.stage.marks.evidence
    QTest.keyClick(figured.canvas.viewport(), Qt.Key.Key_Escape)
    assert not figured.canvas.evidence.shown


def test_a_link_with_mean_times_tells_its_share_like_a_part(
    figured: MainWindow, qtbot: QtBot
) -> None:
    link = next(key for key, link in figured.document.design.links.items() if link.target == "lb")
    figured.canvas.select((link,))
    form = figured.inspector.form
    assert form is not None
    for field, hours in (("mtbf_hours", "99"), ("mttr_hours", "1")):
        editor = form.editor(field)
        assert isinstance(editor, NumberEditor)
        QTest.keyClicks(editor.line, hours)
    wait_for_figures(figured, qtbot)
    panel = figured.inspector.part_figures
    qtbot.waitUntil(lambda: bool(panel.texts), timeout=10_000)

    assert figured.document.design.links[link].mttr_hours == 1.0
    assert any(text.endswith("of the downtime has it as a cause (assumed)") for text in panel.texts)
    assert any("is a single point of failure for browse: the way is lb" in t for t in panel.texts)
    QTest.mouseClick(panel.buttons[0], Qt.MouseButton.LeftButton)
    assert figured.canvas.stage.marks.evidence == {"users", "lb"}
    assert any(strikes(figured, link))


def test_nothing_is_said_of_several_parts_or_of_a_link_that_never_fails(
    figured: MainWindow, qtbot: QtBot
) -> None:
    select(figured, qtbot, "web-1")

    figured.canvas.select(("web-1", "web-2"))

    assert not figured.inspector.part_figures.isVisible()
    assert figured.inspector.part_figures.texts == []
    asked: list[str] = []
    figured.figures.explained.connect(lambda part, *_: asked.append(part))
    link = next(iter(figured.document.design.links))
    figured.canvas.select((link,))
    qtbot.waitUntil(lambda: asked == [link], timeout=10_000)
    assert figured.inspector.part_figures.texts == []


def test_an_answer_about_a_part_that_is_no_longer_selected_is_dropped(
    figured: MainWindow, qtbot: QtBot
) -> None:
    told: list[str] = []
    figures: LiveFigures = figured.figures
    figures.explained.connect(lambda part, _: told.append(part))

    figured.canvas.select(("web-1",))
    figured.canvas.select(("web-2",))
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)

    assert told == ["web-2"]
