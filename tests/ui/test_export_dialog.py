"""The export dialog: the files it writes are those of the command line."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.model import edits
from app.storage.files import save_design
from app.ui.dialogs.export import TARGETS, ExportDialog
from app.ui.document import Document
from tests.exporters.designs import balanced, walled
from tests.exporters.projects import PUBLIC
from tests.ui.test_inspector import _design

PATIENCE = 60_000  # milliseconds until the process of an export has ended


@pytest.fixture
def document(tmp_path: Path) -> Document:
    path = tmp_path / "shop.loadpath.json"
    save_design(path, _design())
    return Document(_design(), path)


def _dialog(
    document: Document, qtbot: QtBot, target: str, selection: tuple[str, ...] = ()
) -> ExportDialog:
    dialog = ExportDialog(document, selection=selection)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.targets.setCurrentRow([*TARGETS].index(target))
    return dialog


def _choose(dialog: ExportDialog, argument: str, value: str) -> None:
    box = dialog.option(argument)
    box.setCurrentIndex(box.findData(value))


def _export(dialog: ExportDialog, qtbot: QtBot, where: Path) -> str:
    dialog.place.setText(str(where))
    dialog.run_button.click()
    qtbot.waitUntil(dialog.run_button.isEnabled, timeout=PATIENCE)
    return dialog.message.text()


@pytest.mark.parametrize(
    ("target", "ending", "start"),
    [
        ("image", "svg", b"<?xml"),
        ("image", "pdf", b"%PDF"),
        ("image", "png", b"\x89PNG"),
        ("report", "html", b"<!DOCTYPE html>"),
        ("report", "pdf", b"%PDF"),
        ("report", "md", b"# "),
        ("diagrams", "svg", b"<?xml"),
        ("diagrams", "py", b'"""'),
    ],
)
def test_a_file_is_written_in_the_chosen_format(
    document: Document, qtbot: QtBot, tmp_path: Path, target: str, ending: str, start: bytes
) -> None:
    dialog = _dialog(document, qtbot, target)
    _choose(dialog, "format", ending)
    assert dialog.place.text().endswith(f".{ending}")

    said = _export(dialog, qtbot, tmp_path / f"out.{ending}")

    assert said.startswith("Written to")
    assert (tmp_path / f"out.{ending}").read_bytes().startswith(start)


def test_mermaid_text_is_written(document: Document, qtbot: QtBot, tmp_path: Path) -> None:
    _export(_dialog(document, qtbot, "mermaid"), qtbot, tmp_path / "out.mmd")

    assert (tmp_path / "out.mmd").read_text().startswith("flowchart LR")


def test_a_selection_can_be_exported_alone(
    document: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = _dialog(document, qtbot, "image", ("web-1",))
    _choose(dialog, "select", "web-1")

    _export(dialog, qtbot, tmp_path / "out.svg")

    text = (tmp_path / "out.svg").read_text()
    assert "web-1" in text
    assert "web-2" not in text


def test_the_scale_is_for_pixels_only(document: Document, qtbot: QtBot) -> None:
    dialog = _dialog(document, qtbot, "image")
    assert not dialog.option("scale").isEnabled()

    _choose(dialog, "format", "png")

    assert dialog.option("scale").isEnabled()
    assert dialog.values() == {"format": "png", "scale": "1"}


def test_a_compose_project_tells_beforehand_what_it_assumes(
    document: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = _dialog(document, qtbot, "compose")
    qtbot.waitUntil(lambda: "services" in dialog.notes.text())

    _export(dialog, qtbot, tmp_path / "project")

    assert (tmp_path / "project" / "compose.yaml").is_file()


def test_firewalls_are_gateways_unless_networks_are_chosen(
    document: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    document.reset(walled()[0], document.path)
    dialog = _dialog(document, qtbot, "compose")
    qtbot.waitUntil(lambda: "fwd is a gateway" in dialog.notes.text())
    place = dialog.place.text()

    dialog.option("firewalls").setFocus()
    QTest.keyClick(dialog.option("firewalls"), Qt.Key.Key_Down)

    qtbot.waitUntil(lambda: "segmentation alone" in dialog.notes.text())
    assert dialog.place.text() == place
    _export(dialog, qtbot, tmp_path / "project")
    assert not (tmp_path / "project" / "config" / "gateway").exists()


def test_a_certificate_for_a_public_name_is_chosen_and_refused_where_nobody_gets_one(
    document: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    document.reset(PUBLIC["acme-caddy"], document.path)
    dialog = _dialog(document, qtbot, "compose")
    qtbot.waitUntil(lambda: "services" in dialog.notes.text())
    assert "by ACME" not in dialog.notes.text()

    dialog.option("certificates").setFocus()
    QTest.keyClick(dialog.option("certificates"), Qt.Key.Key_Down)

    qtbot.waitUntil(lambda: "front gets the certificate for www.foobar" in dialog.notes.text())
    _export(dialog, qtbot, tmp_path / "project")
    assert "ACME_DIRECTORY=" in (tmp_path / "project" / ".env").read_text()

    document.reset(balanced("haproxy:3.2", tls=True)[0], document.path)
    dialog = _dialog(document, qtbot, "compose")
    _choose(dialog, "certificates", "acme")
    qtbot.waitUntil(lambda: "front: haproxy:3.2 gets no certificate" in dialog.notes.text())


def test_what_no_program_can_do_is_told_beforehand(document: Document, qtbot: QtBot) -> None:
    design, key = edits.add(document.design, "load_balancer", name="front", image="traefik:v3.7")
    design = edits.set_fields(design, key, algorithm="leastconn")
    document.reset(design, document.path)

    dialog = _dialog(document, qtbot, "compose")

    qtbot.waitUntil(lambda: "makes no project yet. front: Traefik" in dialog.notes.text())


def test_a_source_folder_lies_beside_the_file_of_the_design(
    document: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    design, key = edits.add(document.design, "app_server", program="folder", source="own")
    assert document.path is not None
    document.reset(design, document.path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "main.py").write_text("print(1)")

    _export(_dialog(document, qtbot, "compose"), qtbot, tmp_path / "project")

    assert (tmp_path / "project" / "images" / f"own-{key}" / "main.py").is_file()


def test_a_folder_with_other_files_is_asked_about(
    document: Document, qtbot: QtBot, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear")
    dialog = _dialog(document, qtbot, "compose")

    _export(dialog, qtbot, folder)
    assert not (folder / "compose.yaml").exists()
    assert dialog.replace_button.isVisible()

    dialog.replace_button.click()
    qtbot.waitUntil(dialog.run_button.isEnabled, timeout=PATIENCE)
    assert (folder / "compose.yaml").is_file()
    assert (folder / "letter.txt").read_text() == "dear"


def test_a_place_that_does_not_exist_is_refused_at_once(document: Document, qtbot: QtBot) -> None:
    dialog = _dialog(document, qtbot, "mermaid")
    dialog.place.setText("/no/such/folder/out.mmd")

    dialog.run_button.click()

    assert dialog.message.text() == "Choose a place whose folder exists."


def test_closing_cancels_an_export(document: Document, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = _dialog(document, qtbot, "compose")
    dialog.place.setText(str(tmp_path / "project"))
    dialog.run_button.click()

    dialog.reject()

    assert not (tmp_path / "project").exists()


def test_an_error_of_the_command_is_shown(document: Document, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()

    said = _export(_dialog(document, qtbot, "mermaid"), qtbot, tmp_path / "taken")

    assert "taken" in said
    assert not said.startswith("Written")
