"""`loadpath report`: its formats, and what it refuses."""

from pathlib import Path

import pytest

from app.cli.terminal import CommandError
from app.model.design import Design
from app.ui import paper, picture
from tests.cli.conftest import Run


def test_markdown_goes_to_stdout(run: Run, seed: Path) -> None:
    said = run("report", seed)
    assert said.status == 0
    assert said.out.startswith("# Distributed web infrastructure\n")
    assert "```mermaid" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("name", "start"),
    [("shop.md", b"# "), ("shop.html", b"<!DOCTYPE html>"), ("shop.pdf", b"%PDF-")],
)
def test_the_ending_decides_the_format(
    run: Run, seed: Path, tmp_path: Path, name: str, start: bytes
) -> None:
    said = run("report", seed, "-o", tmp_path / name, picture=picture.draw, paper=paper.write)
    assert said == (0, "", "")
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_format_decides_over_the_ending(run: Run, seed: Path, tmp_path: Path) -> None:
    assert run("report", seed, "-o", tmp_path / "shop.txt", "--format", "md").status == 0
    assert (tmp_path / "shop.txt").read_text().startswith("# ")


def test_a_strange_ending_is_refused(run: Run, seed: Path, tmp_path: Path) -> None:
    said = run("report", seed, "-o", tmp_path / "shop.docx")
    assert said.status == 2
    assert "the ending is none of md, markdown, html, htm, pdf; --format decides" in said.err
    assert not (tmp_path / "shop.docx").exists()


def test_without_the_window_a_page_has_no_drawing_and_says_so(run: Run, seed: Path) -> None:
    said = run("report", seed, "--format", "html")
    assert said.status == 0
    assert "the drawing is left out" in said.err
    assert "<svg" not in said.out


def test_a_drawing_that_cannot_be_made_is_left_out(run: Run, seed: Path) -> None:
    def fail(design: Design, file_format: str, *, linked: bool) -> bytes:
        message = "Qt lacks libEGL"
        raise CommandError(message)

    said = run("report", seed, "--format", "html", picture=fail)
    assert said.status == 0
    assert "the drawing is left out: Qt lacks libEGL" in said.err


def test_without_the_window_there_is_no_pdf(run: Run, seed: Path) -> None:
    said = run("report", seed, "--format", "pdf")
    assert said.status == 2
    assert "a PDF needs the window's libraries" in said.err


def test_a_waiver_is_part_of_it(run: Run, waived: Path) -> None:
    assert "It is a demo" in run("report", waived).out
