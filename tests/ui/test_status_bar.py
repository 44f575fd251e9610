"""The status bar and the toast: what is said, and in which words."""

import pytest
from PySide6.QtWidgets import QApplication, QToolButton, QWidget
from pytestqt.qtbot import QtBot

import sample_designs
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.design import Design
from app.storage.codec import load
from app.ui.document import Document
from app.ui.status import MOST_FLOWS, StatusBar, Toast
from app.ui.theme import DARK, LIGHT


@pytest.fixture
def bar(qtbot: QtBot) -> StatusBar:
    found = StatusBar()
    qtbot.addWidget(found)
    found.set_theme(LIGHT)
    found.show()
    return found


def _show(bar: StatusBar, analysis: Analysis) -> None:
    bar.show_analysis(analysis)
    QApplication.processEvents()  # Qt shows new buttons with the next event


@pytest.mark.parametrize("sample", [sample.name for sample in sample_designs.SAMPLES])
def test_the_truth_about_each_flow_is_the_number_of_its_single_points(
    bar: StatusBar, sample: str
) -> None:
    analysis = Analysis(load(sample_designs.read(sample)))

    _show(bar, analysis)

    flows = analysis.design.flows
    for text, (key, flow) in zip(bar.texts, flows.items(), strict=True):
        number = len(analysis.spofs[key])
        assert text.startswith(f"{flow.name}: {number or 'no'} single point")


def test_a_flow_that_cannot_work_is_not_called_sound(bar: StatusBar) -> None:
    lonely = edits.add(Design(), "client")[0]
    analysis = Analysis(lonely)
    assert analysis.recoverable.dead("browse")

    _show(bar, analysis)

    assert len(bar.texts) == 2
    assert all("no single point" not in text for text in bar.texts)


def test_a_click_on_a_flow_names_it(bar: StatusBar, design: Design, qtbot: QtBot) -> None:
    _show(bar, Analysis(design))
    button = bar.flows.findChildren(QToolButton)[1]

    with qtbot.waitSignal(bar.flow_chosen) as caught:
        button.click()

    assert caught.args == [list(design.flows)[1]]


def test_many_flows_stay_in_one_line(bar: StatusBar, design: Design) -> None:
    for number in range(10):
        design, _ = edits.add_flow(design, "users-1", f"flow {number}")

    _show(bar, Analysis(design))

    assert len(bar.texts) == MOST_FLOWS


def test_the_same_truth_is_not_drawn_twice(bar: StatusBar, design: Design) -> None:
    _show(bar, Analysis(design))
    before = bar.flows.findChildren(QToolButton)

    _show(bar, Analysis(edits.rename(design, "Another")))

    assert bar.flows.findChildren(QToolButton) == before


def test_another_theme_keeps_what_is_said(bar: StatusBar, design: Design) -> None:
    _show(bar, Analysis(design))
    before = bar.texts
    assert before

    bar.set_theme(DARK)
    QApplication.processEvents()

    assert bar.texts == before


def test_deleting_offers_undo_and_undo_brings_it_back(document: Document, qtbot: QtBot) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.resize(600, 400)
    ground.show()
    toast = Toast(ground, document)
    before = document.design

    document.apply("Delete", edits.remove(document.design, ("lb-1",)))

    assert toast.text.text() == "Deleted 1 part"
    assert toast.isVisible()
    assert ground.rect().contains(toast.geometry())
    toast.undo_button.click()
    assert document.design is before
    assert not toast.isVisible()


def test_nothing_is_offered_where_nothing_was_deleted(document: Document, qtbot: QtBot) -> None:
    ground = QWidget()
    qtbot.addWidget(ground)
    ground.show()
    toast = Toast(ground, document)

    document.apply("Add", edits.add(document.design, "database")[0])
    document.undo_stack.undo()

    assert not toast.isVisible()
