"""A database that switches by itself, behind a balancer that follows it, running."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.model import edits
from tests.exporters.designs import balanced_data
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker

SERVERS = ("db-0", "db-1", "db-2")
DECLARED_SECONDS = (
    60  # a machine that does other work as well takes longer than the 20 of the lease
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("failover") / "project"
    design, ids = balanced_data()
    design = edits.set_fields(design, ids["db-cluster"], switch_seconds=DECLARED_SECONDS - 10)
    with running(design, folder) as found:
        yield found


def states(project: Project, asked: str) -> dict[str, tuple[str, str]]:
    """Return role and state of each server, as one of them knows it."""
    words = ("patronictl", "-c", "/etc/patroni/patroni.yml", "list", "--format", "json")
    found = json.loads(project.compose("exec", "-T", asked, *words))
    return {row["Member"]: (row["Role"], row["State"]) for row in found}


def leader(project: Project, asked: str) -> str:
    return next(
        (name for name, (role, _) in states(project, asked).items() if role == "Leader"), ""
    )


def is_whole(project: Project, asked: str) -> bool:
    """Whether one server leads, one has every write, and the third follows."""
    found = sorted(states(project, asked).values())
    return found == [("Leader", "running"), ("Replica", "streaming"), ("Sync Standby", "streaming")]


def write(project: Project, note: str) -> bool:
    return project.ask(f"{project.address('lb', 'http')}/write", note.encode()).status == 201


def stored(project: Project, server: str) -> set[str]:
    query = "select note from entries"
    words = ("psql", "-U", "postgres", "-d", "app", "-Atc", query)
    return set(project.compose("exec", "-T", server, *words).split())


def test_the_drawn_primary_leads_and_everything_answers_when_it_is_up(project: Project) -> None:
    assert write(project, "the-first")
    assert eventually(lambda: is_whole(project, "db-0"), 30)
    assert leader(project, "db-0") == "db-0"


def test_the_balancer_sends_writes_to_the_leader_and_reads_to_the_others(
    project: Project,
) -> None:
    for backend, up in (("be_leads", {"db-0"}), ("be_follows", {"db-1", "db-2"})):
        query = f'haproxy_server_status{{proxy="{backend}",state="UP"}} == 1'

        def found(query: str = query) -> set[str]:
            return {item["metric"]["server"] for item in project.metric("prometheus", query)}

        assert eventually(lambda found=found, up=up: found() == up, 30), (backend, found())  # type: ignore[misc]  # defaults bind the loop


def test_a_killed_leader_is_replaced_in_time_and_no_acknowledged_write_is_lost(
    project: Project,
) -> None:
    assert eventually(lambda: is_whole(project, "db-1"), 60)
    victim = leader(project, "db-1")
    witness = next(name for name in SERVERS if name != victim)
    kept = [note for number in range(20) if write(project, note := f"before-{number}")]
    project.compose("kill", victim)
    try:
        began, after = time.monotonic(), list[str]()
        while len(after) < 20 and time.monotonic() - began < 2 * DECLARED_SECONDS:
            note = f"after-{time.monotonic() - began:.2f}"
            if write(project, note):
                after.append(note)
        assert float(after[0].removeprefix("after-")) <= DECLARED_SECONDS
        assert leader(project, witness) not in (victim, "")
        assert project.ask(f"{project.address('lb', 'http')}/read").status == 200
    finally:
        project.compose("start", victim)
    assert eventually(lambda: is_whole(project, witness), 90), "it follows no new leader"
    for server in SERVERS:
        assert eventually(lambda name=server: not {*kept, *after} - stored(project, name), 10)  # type: ignore[misc]  # the default binds the loop


def test_writes_go_on_when_a_voter_dies_and_when_most_of_them_do(project: Project) -> None:
    assert eventually(lambda: is_whole(project, "db-0"), 60)
    project.compose("kill", "etcd-1")
    assert all(write(project, f"two-voters-{number}") for number in range(20))
    project.compose("kill", "etcd-2")
    try:
        end = time.monotonic() + 25  # longer than the lease
        while time.monotonic() < end:
            assert write(project, "one-voter")
            time.sleep(0.5)
    finally:
        project.compose("start", "etcd-1", "etcd-2")
    assert eventually(lambda: is_whole(project, "db-0"), 60)


def test_every_target_is_seen_and_no_alarm_stays(project: Project) -> None:
    def quiet() -> bool:
        up = [item["value"][1] for item in project.metric("prometheus", "up or pg_up")]
        firing = project.metric("prometheus", 'ALERTS{alertstate="firing"}')
        return len(up) > 10 and set(up) == {"1"} and not firing

    assert eventually(quiet, 90)


def test_the_configuration_of_the_balancer_has_no_warning(project: Project) -> None:
    words = ("haproxy", "-c", "-f", "/usr/local/etc/haproxy/haproxy.cfg")
    assert "warning" not in project.compose("exec", "-T", "db-lb", *words).lower()
