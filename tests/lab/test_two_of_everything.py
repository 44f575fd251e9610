"""Two of everything: no part whose death anybody notices, running."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.codec import load
from sample_designs import read
from tests.lab.engine import Project, eventually, kill_under_load, running, spread

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("two") / "project"
    with running(load(read("two-of-everything")), folder) as found:
        yield found


def test_both_balancers_serve_at_once_over_tls_all_the_way(project: Project) -> None:
    for balancer in ("lb-1", "lb-2"):
        site = project.address(balancer, "https")
        answers = [project.ask(f"{site}/read") for _ in range(100)]
        assert {answer.status for answer in answers} == {200}
        assert spread(answers, "x-balancer") == {balancer: 100}
        counts = spread(answers, "x-web")
        assert min(counts["web-1"], counts["web-2"]) >= 30, "least connections uses both"


def test_a_row_written_at_one_balancer_is_read_at_the_other_from_the_replica(
    project: Project,
) -> None:
    one, other = (project.address(name, "https") for name in ("lb-1", "lb-2"))
    assert project.ask(f"{one}/write", b"from one to the other").status == 201

    def arrived() -> bool:
        store = project.ask(f"{other}/read").json["stores"][0]
        found = any(row["note"] == "from one to the other" for row in store["rows"])
        return found and store["node"] == "db-2"

    assert eventually(arrived, 10)


@pytest.mark.parametrize("victim", ["lb-2", "web-1", "web-2", "app-1", "app-2", "db-2", "db-1"])
def test_reads_survive_the_death_of_any_part(project: Project, victim: str) -> None:
    site = project.address("lb-1", "https")

    _, lost = kill_under_load(project, f"{site}/read", victim, seconds=5)
    assert not lost


def test_prometheus_sees_every_target_and_every_database_up(project: Project) -> None:
    def all_up() -> bool:
        found = [
            item["value"][1]
            for query in ("up", "pg_up", "nginx_up", "probe_success")
            for item in project.metric("monitoring", query)
        ]
        return len(found) > 12 and set(found) == {"1"}

    assert eventually(all_up, 90)


def test_database_connections_are_encrypted(project: Project) -> None:
    query = "select count(*) from pg_stat_ssl join pg_stat_replication using (pid) where ssl"
    words = ("psql", "-U", "postgres", "-Atc", query)

    def fed() -> list[str]:
        """Ask both: after the deaths before, either may lead."""
        return [project.compose("exec", "-T", name, *words).strip() for name in ("db-1", "db-2")]

    assert eventually(lambda: sorted(fed()) == ["0", "1"], 60)


def test_the_other_server_takes_the_writes_by_itself(project: Project) -> None:
    """Last in this file: afterwards the drawn replica may lead."""
    site = project.address("lb-1", "https")
    words = ("patronictl", "-c", "/etc/patroni/patroni.yml", "list", "--format", "json")

    def roles() -> dict[str, str]:
        found = json.loads(project.compose("exec", "-T", "db-1", *words))
        return {row["Role"]: row["Member"] for row in found}

    assert eventually(lambda: roles().keys() == {"Leader", "Sync Standby"}, 60)
    before = roles()
    project.compose("kill", before["Leader"])

    def written() -> bool:
        answer = project.ask(f"{site}/write", b"to the new primary")
        found = answer.status == 201
        return found and answer.json["stores"][0]["node"] == before["Sync Standby"]

    assert eventually(written, 60)
