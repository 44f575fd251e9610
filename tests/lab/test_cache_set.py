"""Caches that are copies of each other and switch by themselves, running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporters.designs import cache_set
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker

MEMBERS = tuple(f"valkey-{number}" for number in range(3))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("caches") / "project"
    with running(cache_set("valkey", detection_seconds=2)[0], folder) as found:
        yield found


def ask(project: Project, service: str, *words: str) -> str:
    return project.compose("exec", "-T", service, "valkey-cli", *words, check=False).strip()


def leader(project: Project) -> str:
    """Return who leads, as most sentinels know it; by address, unless it is dead."""
    told = [
        ask(project, f"valkey-0-sentinel-{number}", "-p", "26379",
            "sentinel", "get-master-addr-by-name", "main").partition("\n")[0]
        for number in (1, 2, 3)
    ]  # fmt: skip
    address = max(told, key=told.count)
    for name in MEMBERS:
        if (
            project.compose("exec", "-T", name, "hostname", "-I", check=False)
            .split()
            .count(address)
        ):
            return name
    return address


def followers(project: Project, name: str) -> int:
    told = ask(project, name, "info", "replication")
    return sum("state=online" in line for line in told.splitlines())


def test_the_first_member_leads_and_the_others_have_what_it_is_given(project: Project) -> None:
    assert leader(project) == MEMBERS[0]
    assert eventually(lambda: followers(project, MEMBERS[0]) == 2, 30)
    assert ask(project, MEMBERS[0], "set", "greeting", "hello") == "OK"
    assert eventually(lambda: ask(project, MEMBERS[2], "get", "greeting") == "hello", 10)
    assert "READONLY" in ask(project, MEMBERS[1], "set", "greeting", "no")


def test_the_application_remembers_what_it_read(project: Project) -> None:
    site = project.address("app", "http")
    assert eventually(lambda: project.ask(f"{site}/read").json["cache"] in MEMBERS, 10)
    assert eventually(lambda: project.ask(f"{site}/read").json["cache"] == "", 10), "for a moment"


def test_a_dead_leader_is_replaced_and_follows_when_it_is_back(project: Project) -> None:
    asked = [ask(project, f"valkey-0-sentinel-{n}", "-p", "26379", "sentinel", "ckquorum", "main")
             for n in (1, 2, 3)]  # fmt: skip
    assert all(answer.startswith("OK 3 usable") for answer in asked), asked
    project.compose("kill", MEMBERS[0])
    assert eventually(lambda: leader(project) in MEMBERS[1:], 60)
    chosen = leader(project)
    assert eventually(lambda: ask(project, chosen, "set", "after", "the switch") == "OK", 20)
    assert ask(project, chosen, "get", "greeting") == "hello"
    project.compose("start", MEMBERS[0])
    assert eventually(lambda: ask(project, MEMBERS[0], "get", "after") == "the switch", 40)
    assert eventually(lambda: followers(project, chosen) == 2, 30)
    assert "READONLY" in ask(project, MEMBERS[0], "set", "greeting", "no")


def test_nothing_is_lost_when_all_of_them_restart(project: Project) -> None:
    project.compose("stop", "--timeout", "5")
    project.compose("up", "--detach", "--wait")
    assert eventually(lambda: followers(project, leader(project)) == 2, 60)
    assert ask(project, leader(project), "get", "after") == "the switch"
