"""The write-up on paper: a PDF with text and with the drawing as vectors."""

import re
import zlib

import pytest
from pytestqt.qtbot import QtBot

from app.model.design import Design
from app.report.html import paper
from app.report.write import write_up
from app.storage.codec import load
from app.ui.paper import write
from sample_designs import SAMPLES, read

NAMES = [sample.name for sample in SAMPLES]


def printed(name: str) -> bytes:
    design = load(read(name))
    return write(design, paper(write_up(design)))


def contents(pdf: bytes) -> list[bytes]:
    """Return what the streams of a PDF hold."""
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:  # the end of line before `endstream` may be taken for the last byte
            found.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    return found


@pytest.mark.parametrize("name", NAMES)
def test_it_has_pages_of_text_and_one_that_lies_for_the_drawing(name: str, qtbot: QtBot) -> None:
    pdf = printed(name)
    assert pdf.startswith(b"%PDF-1.")
    boxes = re.findall(rb"/MediaBox \[0 0 (\d+)\S* (\d+)", pdf)
    assert len(boxes) >= 3
    *text, drawing = [(int(width), int(height)) for width, height in boxes]
    assert all(width < height for width, height in text)
    assert drawing[0] > drawing[1]
    pages = [content for content in contents(pdf) if b"BT" in content]
    assert len(pages) == len(boxes)


def test_its_text_can_be_selected(qtbot: QtBot) -> None:
    """Fonts are inside, with the map from their glyphs to letters (ISO 32000-1, 9.10.3)."""
    pdf = printed("simple-web-stack")
    assert b"/FontFile2" in pdf
    assert b"/ToUnicode" in pdf
    assert b"beginbfrange" in b"".join((pdf, *contents(pdf)))


def test_it_is_the_same_file_each_time(qtbot: QtBot) -> None:
    assert printed("simple-web-stack") == printed("simple-web-stack")


def test_an_empty_design_is_two_pages(qtbot: QtBot) -> None:
    pdf = write(Design(), paper(write_up(Design())))
    assert len(re.findall(rb"/MediaBox", pdf)) == 2
