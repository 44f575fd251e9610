"""`loadpath doctor`: what it asks, and what it makes of the answers."""

import os
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from app.cli import doctor
from exporters.images import IMAGES
from tests.cli.conftest import Run

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]


def program(folder: Path, script: str) -> None:
    """Put a program called docker into a folder."""
    path = folder / "docker"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_the_doctor_asks_every_question(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    said = run("doctor")
    assert said.status in (0, 1)
    for question in ("Python", "Qt for Python", "display", "Graphviz", "Docker", "state folder"):
        assert question in said.out


def test_something_bad_makes_the_exit_status_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.qt_libraries.missing_libraries", lambda: ("libEGL.so.1",))
    said = run("doctor")
    assert said.status == 1
    assert "libEGL.so.1" in said.out


@pytest.mark.parametrize(
    "release", ["6.7.3", "6.8.0", "6.8.3", "6.9.0", "6.11.0", "6.11.1", "6.11.2", "6.12.0", "7.0.0"]
)
def test_the_doctor_and_the_package_agree_on_qt(release: str) -> None:
    wanted = next(
        item for item in map(Requirement, PROJECT["dependencies"]) if "PySide6" in item.name
    )
    assert (doctor.judge_qt(release).state == "good") == wanted.specifier.contains(release)


def test_the_doctor_and_the_package_agree_on_python() -> None:
    assert PROJECT["requires-python"] == f">={'.'.join(map(str, doctor.OLDEST_PYTHON))}"


def test_an_old_python_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (99,))
    assert doctor.python().state == "bad"


def test_qt_that_is_not_installed_is_bad(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert doctor.qt().state == "bad"


@pytest.mark.parametrize(
    ("environment", "system", "state"),
    [
        ({}, "linux", "missing"),
        ({"DISPLAY": ":0"}, "linux", "good"),
        ({"WAYLAND_DISPLAY": "w"}, "linux", "good"),
        ({"QT_QPA_PLATFORM": "offscreen"}, "linux", "good"),
        ({}, "darwin", "good"),
        ({}, "win32", "good"),
    ],
)
def test_the_display_is_found(
    environment: dict[str, str], system: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "display_answers", lambda _: True)
    assert doctor.display(environment, system).state == state


def test_a_display_that_does_not_answer_is_told() -> None:
    told = doctor.display({"DISPLAY": ":4711"}, "linux")
    assert told.state == "missing"
    assert "DISPLAY=:4711 does not answer" in told.told


def test_graphviz_lays_out_a_drawing() -> None:
    assert doctor.graphviz().state == "good"


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for docker is a shell script")
@pytest.mark.parametrize(
    ("script", "state", "told"),
    [
        ("echo 29.1.0", "good", "29.1.0"),
        ("exit 1", "missing", "the engine does not answer"),
        ("true", "missing", "the engine does not answer"),
        ("sleep 5", "missing", "the engine does not answer"),
    ],
)
def test_docker_answers_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, state: str, told: str
) -> None:
    program(tmp_path, script)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(doctor, "PATIENCE", 1)
    assert doctor.docker() == doctor.Answer(state, told)  # type: ignore[arg-type]  # a state


def test_docker_that_is_not_installed_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert doctor.compose().told.startswith("docker is not installed")


def test_a_state_folder_that_cannot_be_made_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    answer = doctor.state()
    assert answer.state == "missing"
    assert "cannot be written" in answer.told


def test_the_doctor_lists_the_one_table_of_images(run: Run) -> None:
    said = run("doctor", "--images")
    assert said.status == 0
    assert said.out.splitlines() == [image.tag for image in IMAGES]


@pytest.mark.parametrize(
    ("found", "state"), [("20.10.24", "good"), ("19.03.1", "missing"), ("29.0.1", "good")]
)
def test_an_engine_that_is_too_old_is_told(
    found: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, f"echo {found}")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")
    answer = doctor.docker()
    assert answer.state == state
    assert ("need 20.10 or newer" in answer.told) == (state == "missing")
