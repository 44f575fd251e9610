"""Applications that leave jobs in three queues over TLS, a worker that does them, and a cache."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exporters.designs import working
from tests.lab.engine import Project, eventually, kill_under_load, running

pytestmark = pytest.mark.docker

QUEUES = tuple(f"queue-{number}" for number in (1, 2, 3))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("jobs") / "project"
    with running(working(3, tls=True, engine="memcached")[0], folder) as found:
        yield found


def ask(project: Project, path: str, data: bytes | None = None) -> Any:
    answer = project.ask(f"{project.address('lb', 'http')}{path}", data)
    return answer.json if answer.status in (200, 201) else {}


def notes(project: Project) -> set[str]:
    """Return the notes that the database has last, once no cache remembers older ones."""
    found = ask(project, "/written?start=")
    return set(found["stores"][0]["notes"]) if found else set()


def test_a_worker_does_what_an_application_leaves_for_it(project: Project) -> None:
    assert ask(project, "/write", b"first")["queues"][0] in QUEUES
    assert eventually(lambda: "done by worker: first" in notes(project), 30)
    assert eventually(lambda: ask(project, "/read").get("cache") == "cache", 20)
    ask(project, "/write", b"second")
    assert ask(project, "/read")["cache"] == "", "a write makes the cache forget"


def test_jobs_wait_for_a_worker_that_is_dead(project: Project) -> None:
    project.compose("kill", "worker")
    ask(project, "/write", b"while it was away")
    assert "done by worker: while it was away" not in notes(project)
    project.compose("start", "worker")
    assert eventually(lambda: "done by worker: while it was away" in notes(project), 60)


def test_a_lost_server_of_three_costs_nothing_and_two_of_them_the_jobs(project: Project) -> None:
    def members() -> int:
        told = project.compose(
            "exec", "-T", "queue-3", "rabbitmqctl", "-q", "list_queues", "members"
        )
        return told.count("rabbit@queue-")

    assert eventually(lambda: members() == len(QUEUES), 60)
    site = project.address("lb", "http")
    _, lost = kill_under_load(project, f"{site}/read", "queue-1")
    assert not lost
    project.compose("kill", "queue-1", "queue-2")
    assert project.ask(f"{site}/write", b"nobody takes it", timeout=30).status == 503
    project.compose("start", "queue-1", "queue-2")
    assert eventually(lambda: bool(ask(project, "/write", b"again")), 120)
    assert eventually(lambda: "done by worker: again" in notes(project), 60)


def test_the_worker_and_the_queues_are_watched(project: Project) -> None:
    def seen() -> set[str]:
        return {
            item["metric"]["instance"].partition(":")[0]
            for query in ("worker_jobs_total > 0", "rabbitmq_identity_info", "probe_success == 1")
            for item in project.metric("prometheus", query)
        }

    assert eventually(lambda: {"worker", "cache", *QUEUES} <= seen(), 90)
