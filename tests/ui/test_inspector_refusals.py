"""Bad input in the inspector: the message is at the place, and points at the character."""

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model import edits
from app.model.design import Design
from app.ui.document import Document
from app.ui.panels.editors import TextEditor
from app.ui.panels.inspector import Inspector


@pytest.fixture
def document() -> Document:
    design, lb = edits.add(Design(), "load_balancer")
    for _ in range(2):
        design, web = edits.add(design, "web_server")
        design, _ = edits.connect(design, lb, web)
    return Document(design)


@pytest.fixture
def inspector(document: Document, qtbot: QtBot) -> Inspector:
    found = Inspector(document)
    qtbot.addWidget(found)
    found.show()
    return found


@pytest.mark.parametrize(
    ("text", "told", "marked", "at"),
    [
        ("  web-1 nad web-2", "'nad' is not expected at character 7.", ">n<", 6),
        ("web-1 and", "Expected the id of a part at character 10.", ">&nbsp;<", 9),
        ("web-1 & <b>", "'&' is not expected at character 7.", ">&amp;<", 6),
        (
            f"{'web-1 and ' * 400}!",
            "'!' is not expected at character 4001.",
            ">!<",
            4000,
        ),
    ],
)
def test_an_error_points_at_the_character(
    inspector: Inspector, document: Document, text: str, told: str, marked: str, at: int
) -> None:
    inspector.show_selection(("lb-1",))
    read = inspector._reasons.requirements[0]

    read.expression.line.setText(text)
    read.expression.line.editingFinished.emit()

    assert read.expression.error.text() == told
    assert marked in read.expression.spot.text()
    assert not read.expression.spot.isHidden()
    assert "<b>" not in read.expression.spot.text()
    selected = read.expression.line.selectionStart()
    assert (selected if selected >= 0 else read.expression.line.cursorPosition()) == at
    assert document.design.components["lb-1"].requires == {}

    read.expression.line.setText("")
    read.expression.line.editingFinished.emit()
    assert read.expression.error.text() == ""
    assert read.expression.spot.isHidden()


def test_a_character_that_is_no_text_is_refused_in_an_expression(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("lb-1",))
    read = inspector._reasons.requirements[0]

    read.expression.line.setText("web-1\x07and web-2")
    read.expression.line.editingFinished.emit()

    assert (
        read.expression.error.text()
        == "requires: holds the character U+0007, which cannot be shown."
    )
    assert document.design.components["lb-1"].requires == {}


def test_an_expression_of_ten_thousand_characters_does_not_flood_the_panel(
    inspector: Inspector, document: Document
) -> None:
    inspector.show_selection(("lb-1",))
    read = inspector._reasons.requirements[0]
    text = " and ".join(["web-1"] * 900)

    read.expression.line.setText(text)
    read.expression.line.editingFinished.emit()

    assert document.design.components["lb-1"].requires == {"read": text}
    assert len(read.words.text()) < 700


@pytest.mark.parametrize(
    ("text", "told"),
    [("nan", "This is not a number to reckon with."), ("1.5", "1.5 is above 1."),
     ("-1", "-1.0 is not above 0."), ("1e999", "This is not a number to reckon with.")],
)  # fmt: skip
def test_a_probability_that_is_none_is_refused_at_its_field(
    inspector: Inspector, document: Document, text: str, told: str
) -> None:
    inspector.show_selection(("lb-1",))
    assert inspector.form is not None
    editor = next(
        found
        for found in inspector.form.findChildren(TextEditor)
        if found.facts.name == "availability"
    )

    editor.line.clear()
    QTest.keyClicks(editor.line, text)

    assert editor.error == told
