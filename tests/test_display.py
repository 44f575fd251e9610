"""Which displays are tried, and whether one of them answers."""

import ctypes
import os
import subprocess
import sys

import pytest

from app import display


@pytest.mark.parametrize(
    ("environment", "tried"),
    [
        ({}, ()),
        ({"DISPLAY": ":0"}, ("xcb",)),
        ({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}, ("wayland", "xcb")),
        ({"QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}, ("offscreen",)),
        ({"QT_QPA_PLATFORM": "wayland;xcb:option"}, ("wayland", "xcb")),
    ],
)
def test_what_qt_tries(environment: dict[str, str], tried: tuple[str, ...]) -> None:
    assert display.platforms(environment) == tried
    assert display.named(environment) == bool(environment)


def test_one_that_answers_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(display, "_CONNECTS", {"wayland": lambda _: False, "xcb": lambda _: True})
    assert display.answers({"WAYLAND_DISPLAY": "x", "DISPLAY": ":0"})
    assert not display.answers({"WAYLAND_DISPLAY": "x"})
    assert display.answers({"QT_QPA_PLATFORM": "offscreen"})


def test_elsewhere_there_is_always_a_display(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert display.named({})
    assert display.answers({})


class _Library:
    """Stands for libwayland-client, which few machines have in place."""

    def __init__(self, found: int | None) -> None:
        self.closed: list[int | None] = []
        self.wl_display_connect = _Function(lambda _: found)
        self.wl_display_disconnect = lambda pointer: self.closed.append(pointer.value)


class _Function:
    restype: object = None

    def __init__(self, call: object) -> None:
        self.call = call

    def __call__(self, *arguments: object) -> object:
        assert callable(self.call)
        return self.call(*arguments)


@pytest.mark.parametrize("found", [None, 4711])
def test_wayland_answers_with_a_connection_which_is_closed(
    found: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = _Library(found)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    assert display.answers({"WAYLAND_DISPLAY": "x"}) == (found is not None)
    assert library.closed == ([found] if found else [])


@pytest.mark.xvfb
def test_a_display_that_runs_answers(x_display: str) -> None:
    script = "import sys; from app.display import answers; sys.exit(not answers())"
    for name, code in ((x_display, 0), (":4711", 1)):
        environment = os.environ | {"DISPLAY": name, "QT_QPA_PLATFORM": "xcb"}
        done = subprocess.run([sys.executable, "-c", script], env=environment, check=False)
        assert done.returncode == code
