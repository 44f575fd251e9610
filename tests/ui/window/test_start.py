"""How the program starts: what it loads, what it does where no window can open."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

import sample_designs
from app.__main__ import main
from app.ui.application import Application
from app.ui.main_window import MainWindow

_FIRST_PAINT = """
import sys
from app.ui.application import Application, make_application
app = make_application()
program = Application(app)
window = program.begin(())
def stop():
    print("\\n".join(sorted(sys.modules)))
    app.quit()
window.painted.disconnect()
window.painted.connect(stop)
app.exec()
"""
HEAVY = (
    "networkx", "yaml", "ruamel", "jinja2", "diagrams", "pydantic", "orjson", "pygraphviz",
    "cryptography", "exporters", "sample_designs", "app.storage.codec", "app.rules.check",
    "app.model.design", "app.ui.canvas.scene",
)  # fmt: skip
MOST_MODULES = 200  # an empty PySide6 window has 146


def _environment(folder: Path, **values: str) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    own = {"XDG_CONFIG_HOME": str(folder / "config"), "XDG_STATE_HOME": str(folder / "state")}
    return kept | own | values


def _run(folder: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    root = str(Path(__file__).parents[3])
    return subprocess.run(
        [sys.executable, *arguments],
        env=_environment(folder, PYTHONPATH=root, **values),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def seed_file(tmp_path: Path) -> Path:
    """A file with the seed design."""
    path = tmp_path / "shop.loadpath.json"
    path.write_bytes(sample_designs.read("distributed-web-infrastructure"))
    return path


def test_nothing_heavy_is_loaded_before_the_first_paint(tmp_path: Path) -> None:
    done = _run(tmp_path, "-c", _FIRST_PAINT, QT_QPA_PLATFORM="offscreen")
    modules = done.stdout.split()

    assert done.returncode == 0, done.stderr
    assert "app.ui.main_window" in modules
    loaded = {name for name in modules for heavy in HEAVY
              if name == heavy or name.startswith(f"{heavy}.")}  # fmt: skip
    assert loaded == set()
    assert len(modules) <= MOST_MODULES


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_the_same_job_is_done_into_build(tmp_path: Path, seed_file: Path) -> None:
    done = _run(tmp_path, "-m", "app", str(seed_file))

    assert done.returncode == 0, done.stderr
    assert "no display" in done.stderr
    assert "SPOF004" in done.stdout
    assert (tmp_path / "build" / "shop.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "build" / "shop-compose" / "compose.yaml").is_file()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")
def test_without_a_display_and_a_file_it_says_what_to_do(tmp_path: Path) -> None:
    done = _run(tmp_path, "-m", "app")

    assert done.returncode == 2
    assert "no display" in done.stderr
    assert "--help" in done.stderr


def test_a_file_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere/shop.loadpath.json"]) == 2
    assert "nowhere/shop.loadpath.json: there is no such file" in capsys.readouterr().err


def test_a_command_goes_to_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["kinds"]) == 0
    assert "load_balancer" in capsys.readouterr().out


def test_a_word_that_is_no_command_is_refused_by_the_command_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["chekc", "shop.json"]) == 2
    assert "chekc" in capsys.readouterr().err


def test_a_picture_is_drawn_through_the_canvas(tmp_path: Path, seed_file: Path) -> None:
    assert main(["export", "image", str(seed_file), "-o", str(tmp_path / "shop.svg")]) == 0
    assert b"<svg" in (tmp_path / "shop.svg").read_bytes()


@pytest.mark.xvfb
def test_the_window_opens_on_a_real_display(
    tmp_path: Path, seed_file: Path, x_display: str
) -> None:
    program = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from app.ui.application import Application, make_application
app = make_application()
program = Application(app)
window = program.begin([Path(sys.argv[1])])
def stop():
    print(app.platformName(), window.windowTitle(), len(window.findings.findings) > 3)
    program.quit()
window.check.findings_changed.connect(lambda found, _: found and QTimer.singleShot(100, stop))
sys.exit(app.exec())
"""
    done = _run(tmp_path, "-c", program, str(seed_file), DISPLAY=x_display)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[0] == "xcb shop[*] — Loadpath True"


@pytest.mark.xvfb
def test_missing_libraries_are_named_before_qt_aborts(tmp_path: Path, seed_file: Path) -> None:
    program = (
        "import sys, ctypes; real = ctypes.CDLL\n"
        "class Without(real):\n"
        "    def __init__(self, name, *rest, **named):\n"
        "        if name == 'libxcb-cursor.so.0': raise OSError(name)\n"
        "        super().__init__(name, *rest, **named)\n"
        "ctypes.CDLL = Without\n"
        "from app.__main__ import main; sys.exit(main(sys.argv[1:]))"
    )
    done = _run(tmp_path, "-c", program, str(seed_file), DISPLAY=":77")

    assert done.returncode == 2
    assert "libxcb-cursor.so.0" in done.stderr


def _window_named(title: str, environment: Mapping[str, str]) -> str:
    """Wait for a window and return its id; a search fails where another window goes meanwhile."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = subprocess.run(
            ["xdotool", "search", "--name", title],
            env=environment, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        if found.returncode == 0 and found.stdout:
            return found.stdout.split()[0]
        time.sleep(0.1)
    pytest.fail(f"no window is named {title}: {found.stderr}")


@pytest.mark.xvfb
def test_the_command_opens_a_window_that_ctrl_q_closes(
    tmp_path: Path, seed_file: Path, x_display: str
) -> None:
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool, which presses real keys, is not installed")
    root = str(Path(__file__).parents[3])
    environment = _environment(tmp_path, PYTHONPATH=root, DISPLAY=x_display)
    process = subprocess.Popen([sys.executable, "-m", "app", str(seed_file)], env=environment)
    try:
        window = _window_named("shop — Loadpath", environment)
        subprocess.run(
            ["xdotool", "windowfocus", "--sync", window, "key", "ctrl+q"],
            env=environment,
            check=True,
            timeout=60,
        )
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()


def test_a_fault_inside_is_told_in_the_window(
    program: Application, window: MainWindow, capsys: pytest.CaptureFixture[str]
) -> None:
    program.fault(RuntimeError, RuntimeError("the reason"), None)

    assert "the reason" in window.bar.message
    assert "RuntimeError: the reason" in capsys.readouterr().err
