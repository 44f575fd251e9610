"""How the program starts: a window, a command, or the same job without a display."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

import sample_designs
from app.__main__ import main

ROOT = Path(__file__).parents[2]
SAMPLE = "simple-web-stack"
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "shop.loadpath.json"
    path.write_bytes(sample_designs.read(SAMPLE))
    return path


def _run(
    *arguments: str, folder: Path, environment: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(ROOT), "XDG_STATE_HOME": str(folder / "state"),
             "XDG_CONFIG_HOME": str(folder / "config")},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


def _without_display() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in DISPLAYS}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux may have no display at all")
def test_without_a_display_it_says_so_and_does_the_same_job(tmp_path: Path, file: Path) -> None:
    done = _run("-m", "app", file.name, folder=tmp_path, environment=_without_display())

    assert done.returncode == 0
    assert "no display" in done.stderr
    assert "SPOF" in done.stdout
    assert (tmp_path / "build" / "shop.svg").read_text().lstrip().startswith("<?xml")
    assert (tmp_path / "build" / "shop-compose" / "compose.yaml").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux may have no display at all")
def test_doing_the_job_without_a_display_twice_works_twice(tmp_path: Path, file: Path) -> None:
    for _ in range(2):
        done = _run("-m", "app", file.name, folder=tmp_path, environment=_without_display())

        assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux may have no display at all")
def test_without_a_display_and_a_file_it_tells_what_to_do(tmp_path: Path) -> None:
    done = _run("-m", "app", folder=tmp_path, environment=_without_display())

    assert done.returncode == 2
    assert "--help" in done.stderr


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere/shop.loadpath.json"]) == 2
    assert "nowhere/shop.loadpath.json" in capsys.readouterr().err


def test_missing_libraries_are_explained_before_qt_aborts(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path
) -> None:
    monkeypatch.setattr("app.qt_libraries.missing_for_display", lambda: ("libEGL.so.1",))

    assert main([str(file)]) == 2
    assert "libEGL.so.1" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux may have no display at all")
@pytest.mark.parametrize("named", [{"DISPLAY": ":4711"}, {"QT_QPA_PLATFORM": "xcb"}])
def test_a_display_that_does_not_answer_is_as_good_as_none(
    tmp_path: Path, file: Path, named: dict[str, str]
) -> None:
    done = _run("-m", "app", file.name, folder=tmp_path, environment=_without_display() | named)

    assert done.returncode == 0, done.stderr
    assert "the display does not answer, so no window can open" in done.stderr
    assert (tmp_path / "build" / "shop.svg").is_file()


def test_a_picture_that_wants_libraries_names_them(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], file: Path, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "app.ui.picture", None)
    monkeypatch.setattr("app.qt_libraries._loads", lambda name: name != "libGL.so.1")

    assert main(["export", "image", str(file), "-o", str(tmp_path / "shop.svg")]) == 2
    said = capsys.readouterr().err
    assert "this system lacks libGL.so.1, which Qt needs" in said

    monkeypatch.setattr("app.qt_libraries._loads", lambda _: True)
    with pytest.raises(ImportError):
        main(["export", "image", str(file), "-o", str(tmp_path / "shop.svg")])


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_questions_about_the_program_never_load_qt(argument: str, tmp_path: Path) -> None:
    script = (
        "import sys; from app.__main__ import main\n"
        "try:\n    main(sys.argv[1:])\nexcept SystemExit:\n    pass\n"
        "sys.exit('PySide6' in sys.modules)"
    )

    done = _run("-c", script, argument, folder=tmp_path, environment=_without_display())

    assert done.returncode == 0, done.stderr
    assert "loadpath" in done.stdout


HEAVY = {
    *("cryptography", "diagrams", "jinja2", "networkx", "orjson", "platformdirs", "pydantic"),
    *("pydantic_core", "pygraphviz", "ruamel"),
}
FIRST_PAINT = f"""
import sys
from pathlib import Path
from app.ui.application import Application, make_application
app = make_application()
program = Application(app)
early = []
window = program.new_window()
window.painted.disconnect()
window.painted.connect(lambda: (early.extend({HEAVY!r} & set(sys.modules)), app.quit()))
app.exec()
print(*early)
"""


def test_the_first_paint_waits_for_nothing_heavy(tmp_path: Path) -> None:
    done = _run("-c", FIRST_PAINT, folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


OPENED = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from app.ui.application import Application, make_application
app = make_application()
program = Application(app)
window = program.begin([Path(sys.argv[1])])
assert window.document.path is None
def found(findings, analysis):
    if analysis.design.components:
        print(window.windowTitle(), len(window.document.design.components), len(findings) > 0)
        app.quit()
window.check.findings_changed.connect(found)
QTimer.singleShot(60_000, lambda: app.exit(3))
sys.exit(app.exec())
"""


def test_the_file_on_the_command_line_is_opened_after_the_first_paint_and_checked(
    tmp_path: Path, file: Path
) -> None:
    done = _run("-c", OPENED, str(file), folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("shop[*] — Loadpath")
    assert done.stdout.rstrip().endswith("True")
