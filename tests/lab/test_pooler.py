"""A PgBouncer before a PostgreSQL that switches by itself, over TLS, running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporters.designs import pooled
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("pool") / "project"
    with running(pooled(tls=True)[0], folder) as found:
        yield found


def write(project: Project, note: bytes) -> bool:
    return project.ask(f"{project.address('app', 'http')}/write", note).status == 201


def test_what_is_written_through_the_pool_is_read_through_it(project: Project) -> None:
    site = project.address("app", "http")
    assert eventually(lambda: write(project, b"pooled"), 30)
    assert project.ask(f"{site}/write", b"twice").json["stores"][0]["node"] == "pool:5432/app"

    def read() -> set[str]:
        [store] = project.ask(f"{site}/read").json["stores"]
        assert store["node"] == "pool:5432/app_reads"
        return {row["note"] for row in store["rows"]}

    assert eventually(lambda: {"pooled", "twice"} <= read(), 20)


def test_few_connections_serve_many_requests(project: Project) -> None:
    """Each request of the application opens a connection of its own to the pool."""
    site = project.address("app", "http")
    for _ in range(20):
        assert project.ask(f"{site}/read").status == 200
    count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'app'"
    for name in ("db-0", "db-1"):
        told = project.compose("exec", "-T", name, "psql", "-U", "postgres", "-Atc", count)
        assert int(told) <= 3


def test_the_pool_follows_whoever_leads(project: Project) -> None:
    project.compose("kill", "db-0")
    assert eventually(lambda: write(project, b"after the switch"), 90)
    written = project.ask(f"{project.address('app', 'http')}/written?start=").json
    assert {"pooled", "after the switch"} <= set(written["stores"][0]["notes"])
