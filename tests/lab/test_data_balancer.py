"""A balancer that asks PostgreSQL itself who leads, when a replica is promoted by hand, running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporters.designs import balanced_data
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("balancer") / "project"
    with running(balanced_data("manual", replicas=1, version="17")[0], folder) as found:
        yield found


def status(project: Project, path: str, data: bytes | None = None) -> int:
    return project.ask(f"{project.address('lb', 'http')}{path}", data).status


def servers_up(project: Project, backend: str) -> set[str]:
    query = f'haproxy_server_status{{proxy="{backend}",state="UP"}} == 1'
    return {item["metric"]["server"] for item in project.metric("prometheus", query)}


def test_each_role_is_found_by_the_check(project: Project) -> None:
    assert status(project, "/write", b"a row") == 201
    assert eventually(lambda: servers_up(project, "be_leads") == {"db-0"}, 30)
    assert eventually(lambda: servers_up(project, "be_follows") == {"db-1"}, 30)


def test_reads_go_to_the_primary_when_the_replica_is_dead(project: Project) -> None:
    project.compose("kill", "db-1")
    try:
        assert eventually(lambda: status(project, "/read") == 200, 10)
        assert status(project, "/write", b"another") == 201
    finally:
        project.compose("start", "db-1")
    assert eventually(lambda: servers_up(project, "be_follows") == {"db-1"}, 30)


def test_writes_follow_a_promotion(project: Project) -> None:
    """Last in this file: afterwards the old primary is gone."""
    project.compose("kill", "db-0")
    assert eventually(lambda: status(project, "/read") == 200, 10)
    assert status(project, "/write", b"nobody leads") == 503
    project.compose("exec", "-T", "db-1", "psql", "-U", "postgres", "-c", "select pg_promote()")
    assert eventually(lambda: status(project, "/write", b"after the promotion") == 201, 15)
    assert eventually(lambda: status(project, "/read") == 200, 10)


def test_the_account_of_the_check_may_do_nothing(project: Project) -> None:
    told = project.compose(
        "exec", "-T", "db-1", "psql", "-h", "127.0.0.1", "-U", "rolecheck", "-d", "app",
        "-c", "select 1", check=False,
    )  # fmt: skip
    assert "1 row" not in told
