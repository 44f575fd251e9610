"""The drill of an exported project on the engine: what is predicted is measured, nothing stays."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.storage.codec import dump, load
from exporters.compose import export
from exporters.files import write
from sample_designs import read
from tests.drill.conftest import interruptible
from tests.lab.engine import left_of

pytestmark = pytest.mark.docker
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found: Path = tmp_path_factory.mktemp("drill") / "project"
    design = load(read("distributed-web-infrastructure"))
    write(export(design, document=dump(design)), found)
    return found


def name_in(told: str) -> str:
    """Return the name under which a drill has started its project."""
    return next(line for line in told.splitlines() if line.startswith("starting ")).split()[1]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--only", "web-1", "db-1"),
         {"db-1": {"browse": "up", "checkout": "down"},
          "web-1": {"browse": "up", "checkout": "up"}}),
        (("--pairs", "web-1,web-2", "--how", "cut"),
         {"web-1 and web-2": {"browse": "down", "checkout": "down"}}),
    ],
)  # fmt: skip
def test_what_is_predicted_is_measured_and_no_write_is_lost(
    folder: Path, options: tuple[str, ...], expected: dict[str, dict[str, str]]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "drill", folder, *options, "--format", "json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)["experiments"]
    assert {
        item["name"]: {flow: cell["measured"] for flow, cell in item["flows"].items()}
        for item in found
    } == expected
    assert {cell["lost_acknowledged_writes"] for i in found for cell in i["flows"].values()} == {0}
    assert left_of(name_in(done.stderr)) == []


def test_ctrl_c_in_the_middle_leaves_nothing(folder: Path) -> None:
    with subprocess.Popen(
        interruptible("drill", folder, "--only", "web-1", "web-2", "app-1"),
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stderr
        lines = [process.stderr.readline(), process.stderr.readline()]
        name = name_in(lines[0])
        assert lines[1].startswith("1/3 app-1: "), lines
        assert left_of(name)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=120)
    assert process.returncode == 2
    assert "1 of 3 failures" in out
    assert "the drill was interrupted, and everything that it had started is removed" in told
    assert left_of(name) == []
