"""Figures of availability to choose from, in the inspector."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.ui.document import Document
from app.ui.panels.editors import ProfiledEditor
from app.ui.panels.inspector import Inspector


@pytest.fixture
def document() -> Document:
    design, _ = edits.add(Design(name="shop"), "database")
    design, _ = edits.add(design, "database")
    design, _ = edits.add(design, "queue")
    return Document(edits.add(design, "web_server")[0])


@pytest.fixture
def inspector(document: Document, qtbot: QtBot) -> Inspector:
    panel = Inspector(document)
    qtbot.addWidget(panel)
    panel.show()
    return panel


def figures(inspector: Inspector) -> ProfiledEditor:
    assert inspector.form is not None
    editor = inspector.form.editor("availability")
    assert isinstance(editor, ProfiledEditor)
    return editor


def test_a_known_figure_is_taken_and_given_back(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("db-1",))
    editor = figures(inspector)
    assert editor.box.currentText() == "0.9985  Usual for this kind"

    editor.box.setCurrentIndex(1)
    editor.box.activated.emit(1)

    assert document.design.components["db-1"].availability == 0.9995
    assert editor.line.text() == "0.9995"
    assert "Service Level" in editor.box.itemData(1, Qt.ItemDataRole.ToolTipRole)

    editor.box.setCurrentIndex(0)
    editor.box.activated.emit(0)

    assert document.design.components["db-1"].availability is None


def test_a_figure_of_ones_own_is_shown_as_such(inspector: Inspector, document: Document) -> None:
    document.apply("Set", edits.set_fields(document.design, "db-1", availability=0.9))
    inspector.show_selection(("db-1",))

    assert figures(inspector).box.currentIndex() == -1
    assert figures(inspector).box.placeholderText() == "Your own figure"


def test_two_of_a_kind_are_set_at_once(inspector: Inspector, document: Document) -> None:
    inspector.show_selection(("db-1", "db-2"))
    editor = figures(inspector)
    editor.box.activated.emit(1)

    parts = document.design.components
    assert {parts[key].availability for key in ("db-1", "db-2")} == {0.9995}


@pytest.mark.parametrize("chosen", [("db-1", "queue-1"), ("web-1",)])
def test_nothing_is_offered_where_there_is_no_choice(
    inspector: Inspector, chosen: tuple[str, ...]
) -> None:
    inspector.show_selection(chosen)

    assert figures(inspector).box.isHidden()
