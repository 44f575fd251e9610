"""Missing system libraries are named before Qt can abort."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from app import qt_libraries

UBUNTU = {"ID": "ubuntu", "ID_LIKE": "debian"}
FEDORA = {"ID": "fedora"}
ARCH = {"ID": "arch"}
OTHER = {"ID": "void"}


def on(monkeypatch: pytest.MonkeyPatch, release: dict[str, str], *, root: bool = False) -> None:
    monkeypatch.setattr(platform, "freedesktop_os_release", lambda: release)
    monkeypatch.setattr(os, "geteuid", lambda: 0 if root else 1000)


def missing_where_the_loader_fails_on(folder: Path, library: str, **display: str) -> list[str]:
    """What a fresh process reports when the loader meets a broken file of that name first."""
    (folder / library).touch()
    environment = os.environ | {"LD_LIBRARY_PATH": str(folder)} | display
    script = "from app.qt_libraries import *; print(*missing_libraries(), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="Qt needs no system library elsewhere")
class TestOnLinux:
    def test_a_library_of_the_display_is_missed_where_there_is_a_display(
        self, tmp_path: Path
    ) -> None:
        display = {"QT_QPA_PLATFORM": "", "WAYLAND_DISPLAY": "", "DISPLAY": ":0"}
        missing = missing_where_the_loader_fails_on(tmp_path, "libxcb-cursor.so.0", **display)
        assert "libxcb-cursor.so.0" in missing

    def test_a_library_of_the_display_is_not_missed_offscreen(self, tmp_path: Path) -> None:
        missing = missing_where_the_loader_fails_on(
            tmp_path, "libxcb-cursor.so.0", QT_QPA_PLATFORM="offscreen", DISPLAY=":0"
        )
        assert missing == []

    def test_a_library_that_qt_itself_needs_is_missed_everywhere(self, tmp_path: Path) -> None:
        missing = missing_where_the_loader_fails_on(
            tmp_path, "libEGL.so.1", QT_QPA_PLATFORM="offscreen"
        )
        assert missing == ["libEGL.so.1"]

    def test_a_wayland_session_needs_the_wayland_libraries(self, tmp_path: Path) -> None:
        missing = missing_where_the_loader_fails_on(
            tmp_path, "libwayland-cursor.so.0", QT_QPA_PLATFORM="", WAYLAND_DISPLAY="wayland-0"
        )
        assert "libwayland-cursor.so.0" in missing

    def test_looking_for_libraries_does_not_load_qt(self) -> None:
        script = (
            "import sys; from app.qt_libraries import missing_libraries; missing_libraries();"
            "sys.exit('PySide6' in sys.modules)"
        )
        subprocess.run([sys.executable, "-c", script], check=True)

    def test_without_a_display_a_window_looks_for_no_library(self) -> None:
        script = (
            "import sys; from app.qt_libraries import missing_for_display; missing_for_display();"
            "sys.exit('ctypes' in sys.modules)"
        )
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        subprocess.run([sys.executable, "-c", script], check=True, env=environment)


@pytest.mark.parametrize(
    ("display", "names"),
    [
        ({"QT_QPA_PLATFORM": "xcb:nofoo;wayland"}, {"libxcb-xkb.so.1"}),
        ({"QT_QPA_PLATFORM": "wayland", "DISPLAY": ":0"}, {"libwayland-client.so.0"}),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, {"libwayland-client.so.0"}),
        ({"DISPLAY": ":0"}, {"libxcb-xkb.so.1"}),
        ({}, set[str]()),
    ],
)
def test_the_display_decides_which_libraries_are_looked_for(
    monkeypatch: pytest.MonkeyPatch, display: dict[str, str], names: set[str]
) -> None:
    absent = {"libxcb-xkb.so.1", "libwayland-client.so.0"}
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(qt_libraries, "_loads", lambda name: name not in absent)
    assert set(qt_libraries.missing_libraries(display)) == names


def test_the_loader_finds_the_c_library_and_no_invented_one() -> None:
    assert qt_libraries._loads("libc.so.6") == (sys.platform == "linux")
    assert not qt_libraries._loads("libloadpath-invented.so.1")


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_nothing_is_missing_outside_linux(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(qt_libraries, "_loads", lambda _name: False)
    assert qt_libraries.missing_libraries({"DISPLAY": ":0"}) == ()
    assert qt_libraries.missing_for_display({"DISPLAY": ":0"}) == ()


@pytest.mark.parametrize(
    ("release", "command"),
    [
        (UBUNTU, "sudo apt-get install -y libegl1 libxcb-cursor0"),
        (FEDORA, "sudo dnf install -y libglvnd-egl xcb-util-cursor"),
        (ARCH, "sudo pacman -S --noconfirm libglvnd xcb-util-cursor"),
        (OTHER, ""),
    ],
)
def test_the_command_is_the_one_of_the_distribution(
    monkeypatch: pytest.MonkeyPatch, release: dict[str, str], command: str
) -> None:
    on(monkeypatch, release)
    assert qt_libraries.install_command(["libEGL.so.1", "libxcb-cursor.so.0"]) == command


def test_root_is_not_told_to_use_sudo(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, UBUNTU, root=True)
    assert qt_libraries.install_command(["libGL.so.1"]) == "apt-get install -y libgl1"


def test_libraries_of_one_package_name_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, ARCH, root=True)
    libraries = ["libEGL.so.1", "libGL.so.1"]
    assert qt_libraries.install_command(libraries) == "pacman -S --noconfirm libglvnd"


def test_there_is_no_command_when_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, UBUNTU)
    assert qt_libraries.install_command([]) == ""


def test_the_explanation_names_the_files_and_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, UBUNTU)
    told = qt_libraries.explanation(["libEGL.so.1"])
    assert "libEGL.so.1" in told
    assert "    sudo apt-get install -y libegl1\n" in told


def test_the_explanation_works_on_a_system_that_does_not_say_what_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown() -> dict[str, str]:
        raise OSError

    monkeypatch.setattr(platform, "freedesktop_os_release", unknown)
    assert "packages of your distribution" in qt_libraries.explanation(["libEGL.so.1"])
