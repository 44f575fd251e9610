"""Caches: single ones, copies of each other, and who chooses among them."""

import pytest

from app.model import edits
from exporters.deployment import Deployment, Servers
from exporters.plan import plan
from exporters.programs import Monitoring
from tests.exporters.designs import cache_set


def texts(deployment: Deployment) -> str:
    return "\n".join(note.text for note in deployment.notes)


def sentinels(deployment: Deployment) -> list[str]:
    return [service.name for service in deployment.services if service.role == "sentinel"]


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_the_members_of_a_replica_set_know_who_leads_and_whom_to_ask(engine: str) -> None:
    deployment = plan(cache_set(engine)[0])
    names = [f"{engine}-{number}" for number in range(3)]
    asked = [f"{engine}-0-sentinel-{number}" for number in (1, 2, 3)]
    assert sentinels(deployment) == asked
    for name in names:
        environment = deployment.service(name).environment
        assert environment["PRIMARY"] == names[0]
        assert environment["SENTINELS"] == " ".join(asked)
        assert environment["CLIENT"] == f"{engine}-cli"
        assert deployment.service(name).component
    together = [set(deployment.service(name).networks) for name in (*names, *asked)]
    assert set.intersection(*together)
    assert deployment.caches == (Servers(program="sentinel", names=tuple(names)),)
    assert f"{asked[0]}, {asked[1]}, {asked[2]} promote a replica" in texts(deployment)


@pytest.mark.parametrize(("seconds", "told"), [(10, "10000"), (0.2, "1000"), (2.5, "2500")])
def test_the_sentinels_wait_as_long_as_the_design_says(seconds: float, told: str) -> None:
    deployment = plan(cache_set(detection_seconds=seconds)[0])
    assert deployment.service("redis-0-sentinel-1").environment["DETECTION"] == told


@pytest.mark.parametrize("failover", ["manual", "none"])
def test_copies_that_nothing_switches_are_promoted_by_hand(failover: str) -> None:
    deployment = plan(cache_set("valkey", failover)[0])
    assert not sentinels(deployment)
    assert deployment.service("valkey-1").environment["SENTINELS"] == ""
    assert "./ops promote valkey-1" in texts(deployment)
    assert deployment.caches == (
        Servers(program="redis", names=("valkey-0", "valkey-1", "valkey-2")),
    )
    assert not any(item.path.endswith("sentinel.sh") for item in deployment.files)


@pytest.mark.parametrize(
    ("engine", "mode", "told"),
    [("memcached", "primary-replica", "copies: Memcached copies nothing"),
     ("redis", "sharded", "copies: sharded is not exported")],
)  # fmt: skip
def test_caches_that_copy_nothing_keep_what_they_are_given(
    engine: str, mode: str, told: str
) -> None:
    deployment = plan(cache_set(engine, mode=mode)[0])
    assert told in texts(deployment)
    assert deployment.service(f"{engine}-1").entrypoint == ()
    kept = {volume.name for volume in deployment.volumes}
    assert kept == {"prometheus-data", "grafana-data"}, "only monitoring keeps anything"


def test_a_cluster_with_one_cache_in_it_is_a_single_cache() -> None:
    design, ids = cache_set()
    deployment = plan(edits.remove(design, [ids["redis-1"], ids["redis-2"]]))
    assert deployment.service("redis-0").command[0] == "redis-server"
    assert not sentinels(deployment)
    assert not deployment.caches
    assert "is not exported" not in texts(deployment)


def test_sentinels_are_watched_at_their_own_port() -> None:
    values = [item.values for item in plan(cache_set()[0]).files]
    jobs = [job for value in values if isinstance(value, Monitoring) for job in value.jobs]
    targets = {target for job in jobs if job.name == "redis" for target in job.targets}
    assert "redis://redis-0:6379" in targets
    assert "redis://redis-0-sentinel-3:26379" in targets
