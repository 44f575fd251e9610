"""The distributed web infrastructure of the exercise, running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.storage.codec import load
from sample_designs import read
from tests.lab.engine import Project, eventually, kill_under_load, running, spread

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("distributed") / "project"
    with running(load(read("distributed-web-infrastructure")), folder) as found:
        yield found


@pytest.fixture
def site(project: Project) -> str:
    return project.address("lb", "http")


def test_round_robin_gives_each_web_server_half_of_200_requests(
    project: Project, site: str
) -> None:
    answers = [project.ask(f"{site}/read") for _ in range(200)]
    assert {answer.status for answer in answers} == {200}
    assert spread(answers, "x-web") == {"web-1": 100, "web-2": 100}
    assert spread(answers, "x-app") == {"app-1": 100, "app-2": 100}


def test_a_row_written_through_the_front_is_read_back_from_the_replica(
    project: Project, site: str
) -> None:
    written = project.ask(f"{site}/write", b"a row for the replica")
    assert written.status == 201
    assert written.json["stores"][0]["node"] == "db-1"

    def is_read_back() -> bool:
        store = project.ask(f"{site}/read").json["stores"][0]
        notes = [row["note"] for row in store["rows"]]
        return store["node"] == "db-2" and "a row for the replica" in notes

    assert eventually(is_read_back, 10)


def test_the_page_shows_who_answered_and_escapes_what_was_written(
    project: Project, site: str
) -> None:
    project.ask(f"{site}/write", b"<script>$x</script>")
    assert eventually(lambda: b"&lt;script&gt;$x" in project.ask(f"{site}/").body, 10)
    page = project.ask(f"{site}/").body.decode()
    assert "<script>" not in page
    assert all(name in page for name in ("<dd>lb</dd>", "<dd>db-2</dd>"))


@pytest.mark.parametrize("victim", ["web-1", "app-2", "db-2", "db-1"])
def test_killing_one_of_two_loses_no_more_reads_than_were_in_flight(
    project: Project, site: str, victim: str
) -> None:
    answers, lost = kill_under_load(project, f"{site}/read", victim)
    assert len(answers) > 60
    assert not lost
    assert max(answer.seconds for answer in answers) < 5


def test_a_dead_primary_stops_writes_until_it_is_back(project: Project, site: str) -> None:
    project.compose("kill", "db-1")
    try:
        refused = project.ask(f"{site}/write", b"nobody takes this")
        assert refused.status == 503
        assert project.ask(f"{site}/read").status == 200
    finally:
        project.compose("start", "db-1")
    assert eventually(lambda: project.ask(f"{site}/write", b"back").status == 201)


def test_only_linked_services_reach_each_other(project: Project) -> None:
    lookup = "import socket,sys; socket.getaddrinfo(sys.argv[1], 3306)"
    for service, other, reachable in (
        ("app-1", "db-1", True), ("app-1", "lb", False), ("app-1", "web-2", False),
    ):  # fmt: skip
        told = project.compose(
            "exec", "-T", service, "sh", "-c",
            f"python3 -c '{lookup}' {other} 2>/dev/null && echo yes || echo no",
        )  # fmt: skip
        assert told.strip() == ("yes" if reachable else "no"), (service, other)


def test_starting_again_changes_nothing(project: Project, site: str) -> None:
    assert project.ask(f"{site}/write", b"the last row").status == 201

    def rows() -> list[dict[str, str]]:
        found: list[dict[str, str]] = project.ask(f"{site}/read").json["stores"][0]["rows"]
        return found

    assert eventually(lambda: rows()[0]["note"] == "the last row", 10)
    before = rows()
    project.compose("up", "--detach", "--wait")
    assert rows() == before
