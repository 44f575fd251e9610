"""What the inspector says of the whole design while nothing is selected."""

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.analysis.analysis import Analysis
from app.analysis.figures import views_of
from app.model import edits
from app.model.design import Design
from app.ui.document import Document
from app.ui.live_check import SOON
from app.ui.panels.inspector import Inspector
from app.ui.panels.overview import Overview


@pytest.fixture
def document() -> Document:
    design, users = edits.add(Design(name="shop"), "client")
    design, balancer = edits.add(design, "load_balancer")
    design, _ = edits.connect(design, users, balancer, protocol="http")
    for _ in range(2):
        design, web = edits.add(design, "web_server")
        design, _ = edits.connect(design, balancer, web, protocol="http")
    return Document(design)


def test_nothing_selected_shows_the_design_and_renames_it(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(())
    line = inspector.overview.name
    line.selectAll()

    QTest.keyClicks(line, "market")

    assert document.design.name == "market"


def test_the_overview_catches_up_when_nothing_is_selected_any_more(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("lb-1",))
    document.apply("Remove", edits.remove(document.design, ("web-1",)))

    inspector.show_selection(())

    assert "3 parts, 2 links, 0 findings" in _told(inspector.overview)


def test_the_overview_is_told_of_other_flows_at_once_and_of_the_rest_in_a_moment(
    inspector: Inspector, document: Document, qtbot: QtBot
) -> None:
    overview = inspector.overview
    assert len(overview.blocks) == 2

    document.apply("Remove", edits.remove(document.design, ("web-1",)))
    assert overview._soon.remainingTime() > SOON / 2
    document.apply("Remove", edits.remove(document.design, ("checkout",)))
    assert overview._soon.remainingTime() == 0

    qtbot.waitUntil(lambda: len(overview.blocks) == 1)
    assert "3 parts, 2 links, 0 findings" in _told(overview)


def _told(overview: Overview) -> list[str]:
    return [label.text() for label in overview.findChildren(QLabel)]


def test_another_name_leaves_the_figures_as_they_are(
    inspector: Inspector, document: Document
) -> None:
    overview = inspector.overview
    found = {key: views_of(Analysis(document.design), key) for key in document.design.flows}
    overview.show_figures(found)
    assert overview._figures == found

    document.apply("Rename", edits.rename(document.design, "market"))
    assert overview._figures == found, "nothing that they are about has changed"

    document.apply("Remove", edits.remove(document.design, ("web-1",)))
    assert not overview._figures
