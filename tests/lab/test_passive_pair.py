"""An active-passive pair of balancers, MySQL with two replicas, caches and a queue, running."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.model import edits
from tests.exporters.designs import passive_pair
from tests.lab.engine import Project, eventually, kill_under_load, running, spread

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("pair") / "project"
    design, ids = passive_pair()
    # The image of this one is nobody's.
    with running(edits.remove(design, [ids["extra"]]), folder) as found:
        yield found


def test_the_passive_balancer_takes_over_when_the_active_one_dies(project: Project) -> None:
    site = project.address("pair", "https")
    answers, lost = kill_under_load(project, f"{site}/read", "lb")
    assert not lost
    assert set(spread(answers, "x-balancer")) >= {"lb", "lb-b"}
    assert eventually(lambda: project.ask(f"{site}/read").headers.get("x-balancer") == "lb")


def test_reads_are_shared_by_both_replicas_of_the_primary(project: Project) -> None:
    site = project.address("pair", "https")
    assert project.ask(f"{site}/write", b"for both").json["stores"][0]["node"] == "db-0"
    nodes = {project.ask(f"{site}/read").json["stores"][0]["node"] for _ in range(40)}
    assert nodes == {"db-1", "db-2"}


def test_the_queue_and_the_caches_are_watched(project: Project) -> None:
    def all_up() -> bool:
        found = [
            item["value"][1]
            for query in ("up", "redis_up", "probe_success", "mysql_up", "rabbitmq_identity_info")
            for item in project.metric("prometheus", query)
        ]
        return len(found) > 15 and set(found) == {"1"}

    assert eventually(all_up, 90)
