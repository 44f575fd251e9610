"""A pair of balancers whose address really moves, running: it dies, comes back, and freezes."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from tests.exporters.designs import balanced
from tests.lab.engine import Project, eventually, kill_under_load, running

pytestmark = pytest.mark.docker

DETECTION = 2.0  # seconds


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("vrrp") / "project"
    with running(_pair(), folder, takeover="vrrp") as found:
        yield found


def _pair() -> Design:
    """Return a pair that is drawn as switching sooner than keepalived does by itself."""
    design, ids = balanced("haproxy:3.2", tls=True, pair=True)
    return edits.set_fields(design, ids["pair"], detection_seconds=DETECTION)


def holders(project: Project) -> list[str]:
    """Return which balancers have the address."""
    shown = {
        name: project.compose("exec", "--no-TTY", name, "ip", "-brief", "address", check=False)
        for name in ("front", "other")
    }
    return [name for name, text in shown.items() if "/32" in text]


def asked(project: Project) -> str:
    return project.ask(f"{project.address('pair', 'https')}/read").headers.get("x-balancer", "")


@contextmanager
def cut_off(project: Project, service: str) -> Iterator[None]:
    """Take all networks from a service for a while."""
    key = project.compose("ps", "--quiet", service).strip()
    networks = json.loads(_docker("inspect", key))[0]["NetworkSettings"]["Networks"]
    for network in networks:
        _docker("network", "disconnect", "--force", network, key)
    try:
        yield
    finally:
        _connect(networks, key)


def _connect(networks: Mapping[str, Any], key: str) -> None:
    for network, settings in networks.items():
        aliases = (word for alias in settings["Aliases"] for word in ("--alias", alias))
        _docker("network", "connect", *aliases, network, key)


def _docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, check=True)
    return done.stdout


def test_one_balancer_has_the_address(project: Project) -> None:
    assert eventually(lambda: holders(project) == ["front"])
    assert eventually(lambda: asked(project) == "front")


def test_the_address_moves_when_its_balancer_dies_and_comes_back_with_it(project: Project) -> None:
    assert eventually(lambda: holders(project) == ["front"])
    answers, lost = kill_under_load(project, f"{project.address('pair', 'https')}/read", "front")
    assert {"front", "other"} <= {answer.headers.get("x-balancer") for answer in answers}
    # Nobody takes over connections: one that goes on while the address moves back is broken. Front
    # is dead for six seconds.
    by_front = [answer for answer in answers if answer.headers.get("x-balancer") == "front"]
    back = min((answer.began for answer in by_front if answer.began > 6), default=0.0)
    assert all(answer.began < back < answer.began + answer.seconds + 0.3 for answer in lost)
    assert len(lost) <= 2
    assert not any(answer.status for answer in lost), "refused by a balancer without servers"
    assert max(answer.seconds for answer in answers) < DETECTION + 1.5
    assert eventually(lambda: holders(project) == ["front"])


def test_a_balancer_whose_program_hangs_loses_the_address(project: Project) -> None:
    assert eventually(lambda: holders(project) == ["front"])
    project.compose("exec", "--no-TTY", "front", "sh", "-c", "kill -STOP $(pidof haproxy)")
    assert eventually(lambda: holders(project) == ["other"], 30)
    assert asked(project) == "other"
    project.compose("exec", "--no-TTY", "front", "sh", "-c", "kill -CONT $(pidof haproxy)")
    assert eventually(lambda: holders(project) == ["front"], 30)


def test_a_balancer_ends_with_its_keepalived(project: Project) -> None:
    assert eventually(lambda: holders(project) == ["front"])
    project.compose(
        "exec", "--no-TTY", "front", "sh", "-c", "kill -KILL $(cat /run/keepalived.pid)"
    )
    assert eventually(lambda: asked(project) == "other", 30)
    assert eventually(lambda: holders(project) == ["front"], 60)


def test_a_balancer_that_is_stopped_gives_the_address_away_before_it_goes(project: Project) -> None:
    assert eventually(lambda: holders(project) == ["front"])
    url = f"{project.address('pair', 'https')}/read"

    def stop() -> None:
        project.compose("stop", "front")

    answers = project.under_load(url, stop)
    assert {answer.status for answer in answers} == {200}
    assert max(answer.seconds for answer in answers) < DETECTION
    project.compose("start", "front")
    assert eventually(lambda: holders(project) == ["front"], 60)


@pytest.mark.parametrize(("name", "other"), [("front", "other"), ("other", "front")])
def test_a_balancer_that_was_cut_off_takes_its_part_again(
    name: str, other: str, project: Project
) -> None:
    with cut_off(project, name):
        assert eventually(lambda: asked(project) == other, 30)
    assert eventually(lambda: holders(project) == ["front"], 30)
    with cut_off(project, other):
        assert eventually(lambda: asked(project) == name, 30)
    assert eventually(lambda: holders(project) == ["front"], 30)
