"""What the tests of the drill share: a stand-in for docker, on the path."""

import json
import os
import sys
from pathlib import Path

import pytest

_INTERRUPTIBLE = """
import runpy, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv[0] = "app"
runpy.run_module("app", run_name="__main__")
"""


def interruptible(*words: object) -> list[str]:
    """Return a command of ours that obeys Ctrl+C, also where whoever runs the tests ignores it."""
    return [sys.executable, "-c", _INTERRUPTIBLE, *map(str, words)]


class StandIn:
    """The folder in which the stand-in keeps its state."""

    def __init__(self, home: Path) -> None:
        """Take the folder."""
        self.home = home

    def put(self, name: str, text: str = "") -> None:
        """Write a file of the state."""
        (self.home / name).write_text(text)

    @property
    def calls(self) -> list[list[str]]:
        """The commands so far, as lists of words."""
        lines = (self.home / "calls").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def kept(self) -> list[str]:
        """Return what is left of all projects."""
        kinds = ("container", "network", "volume", "image")
        found = [path.read_text() for kind in kinds if (path := self.home / kind).exists()]
        return [text for text in found if text]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """Put the stand-in for docker first on the path."""
    home = tmp_path / "stand-in"
    home.mkdir()
    program = home / "docker"
    source = Path(__file__).with_name("docker.py")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -S "{source}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("STAND_IN", str(home))
    found = StandIn(home)
    found.put("services", "lb web-1 db-1")
    found.put("config.json", "{}")
    found.put("calls")
    return found
