"""Gateways between three zones: what is drawn passes and is counted, nothing else gets through."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.drill import engine
from app.drill.borders import attempts
from app.storage.codec import dump
from exporters.compose import export
from exporters.files import write
from tests.exporters.designs import walled
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("walls") / "project"
    with running(walled()[0], folder) as found:
        yield found


@pytest.fixture(scope="module")
def lab(project: Project) -> Iterator[engine.Project]:
    """The same project in the hands of the drill."""
    hold = os.open(os.devnull, os.O_RDONLY)
    yield engine.Project(project.folder, project.name, (), hold)
    os.close(hold)


def address(project: Project, service: str, network: str) -> str:
    """Return the address that a service has in a network."""
    key = project.compose("ps", "--quiet", service).strip()
    form = f'{{{{(index .NetworkSettings.Networks "{project.name}_{network}").IPAddress}}}}'
    command = ["docker", "container", "inspect", "--format", form, key]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_site_is_served_through_its_firewalls(project: Project) -> None:
    site = project.address("web", "http")
    assert project.ask(f"{site}/write", b"through the walls").status == 201
    assert "through the walls" in project.ask(f"{site}/read").body.decode()


def test_each_firewall_lets_through_what_is_drawn_and_counts_what_it_drops(
    project: Project, lab: engine.Project
) -> None:
    tried = [a for border in project.deployment.borders for a in attempts(lab, border)]
    assert [attempt.measured for attempt in tried] == ["open", "closed"] * 3
    assert not [attempt for attempt in tried if attempt.mismatch]


def test_there_is_no_way_around_a_firewall(project: Project, lab: engine.Project) -> None:
    inside = address(project, "app-1", "firewall-app")
    assert lab.connects("fwd", "fwd", inside, 8000), "it listens there"
    assert not lab.connects("web", "fwd", inside, 8000)
    assert not lab.connects("web", "fwd", "db", 5432), "nobody has that name there"
    assert not lab.connects("web", "fwd", "app-1", 9630), "nor does the gateway itself answer"


def test_a_part_that_comes_back_elsewhere_is_found_and_the_counters_stay(
    project: Project, lab: engine.Project
) -> None:
    site = project.address("web", "http")
    before = lab.counted("wall-1")["open_to-db_5432"] + lab.counted("wall-2")["open_to-db_5432"]
    project.compose("kill", "db")
    assert eventually(lambda: refused_at_once(lab), 20)
    project.compose("start", "db")
    assert eventually(lambda: project.ask(f"{site}/read").status == 200)
    after = lab.counted("wall-1")["open_to-db_5432"] + lab.counted("wall-2")["open_to-db_5432"]
    assert after > before > 0
    tables = project.compose("exec", "-T", "wall-1", "nft", "list", "tables")
    assert "table ip nat" in tables, "the engine's own rules, by which names are found"


def refused_at_once(lab: engine.Project) -> bool:
    """Whether a door to a part that is away says so, instead of letting people wait (3 s)."""
    began = time.monotonic()
    lab.connects("app-1", "wall-1", "wall-1.to-db", 22)
    dropped = time.monotonic() - began
    began = time.monotonic()
    assert not lab.connects("app-1", "wall-1", "wall-1.to-db", 5432)
    return time.monotonic() - began < dropped - 1.5


def test_the_drill_proves_both_and_fails_the_firewall(tmp_path: Path) -> None:
    design, ids = walled()
    folder = tmp_path / "project"
    write(export(design, document=dump(design)), folder)
    done = subprocess.run(
        [sys.executable, "-m", "app", "drill", folder, "--only", ids["fwd"], "--format", "json"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert [(item["predicted"], item["measured"]) for item in found["firewalls"]] == [
        ("open", "open"), ("closed", "closed"),
    ]  # fmt: skip
    (experiment,) = found["experiments"]
    assert {cell["measured"] for cell in experiment["flows"].values()} == {"down"}
