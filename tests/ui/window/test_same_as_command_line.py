"""The window, the report and the comparison tell of the same findings, in the same order."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from app.cli.main import main
from app.model import edits
from app.model.design import Design
from app.model.links import Waiver
from app.storage.codec import load
from app.storage.files import save_design
from app.ui.main_window import MainWindow
from sample_designs import SAMPLES, read

Settled = Callable[[MainWindow], MainWindow]


def _told(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, list[str]]:
    """What the command line tells, by JSON: keys of the open findings, and their counts."""
    capsys.readouterr()
    main([*map(str, arguments), "--format", "json", "--fail-on", "never"])
    document = json.loads(capsys.readouterr().out)
    if "summary" in document:
        found = [item["key"] for item in document["findings"] if item["waived"] is None]
        assert sum(document["summary"]["open"].values()) == len(found)
        return {"open": found}
    found = document["findings"]
    return {"new": [item["key"] for item in found["new"]], "kept": found["kept"]}


def _samples() -> list[Design]:
    found = [load(read(sample.name)) for sample in SAMPLES]
    return [*found, edits.waive(found[1], "SPOF004@lb", Waiver(reason="A demo"))]


def test_the_command_line_tells_what_the_window_shows(
    window: MainWindow,
    settled: Settled,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path, empty = tmp_path / "shown.loadpath.json", tmp_path / "empty.loadpath.json"
    save_design(empty, Design())
    for design in _samples():
        save_design(path, design)
        window.document.reset(design, path)
        settled(window)

        shown = [item.key for item in window.findings.rows.findings if item.waiver is None]

        assert shown == _told(capsys, "check", path)["open"]
        assert shown == _told(capsys, "diff", path, path)["kept"]
        assert shown == _told(capsys, "diff", empty, path)["new"]
