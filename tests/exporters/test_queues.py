"""Queues and caches: who uses which, what stands in for what, and the servers of RabbitMQ."""

import json
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from exporters.plan import plan
from tests.exporters.designs import draw, link, working
from tests.exporters.projects import compose_of, project
from tests.exporters.test_plan import texts


def told(design: Design, service: str, what: str) -> list[dict[str, Any]]:
    """Return what a program is told of its caches or queues."""
    found = plan(design).service(service).environment[what]
    assert isinstance(found, str)
    settings: list[dict[str, Any]] = json.loads(found)
    return settings


def hosts(settings: list[dict[str, Any]]) -> list[list[str]]:
    return [[place["host"] for place in item["hosts"]] for item in settings]


def test_an_application_leaves_jobs_and_a_worker_takes_them() -> None:
    design, _ = working()
    deployment = plan(design)
    for service in ("app-1", "worker"):
        [queue] = told(design, service, "QUEUES")
        [place] = queue["hosts"]
        assert place == {"host": "queue-1", "port": 5672, "ca": "",
                         "password_file": "/run/secrets/queue-1-password"}  # fmt: skip
        assert "queue-1-password" in deployment.service(service).secrets
        assert deployment.service(service).needs["queue-1"] == "healthy"
    assert deployment.service("worker").command == ("python3", "/srv/app/worker.py")
    assert "does not use it" not in texts(deployment)
    assert "takes its jobs" not in texts(deployment)
    assert "docker compose logs worker shows them" in texts(deployment)
    assert b"amqp==" in project(design)["images/app/requirements.txt"]


def test_a_worker_reaches_its_queue_and_its_database_and_nobody_reaches_it() -> None:
    deployment = plan(working()[0])
    networks = {name: set(deployment.service(name).networks) for name in ("worker", "db", "lb")}
    assert networks["worker"] & networks["db"]
    assert not networks["worker"] & networks["lb"]
    assert not deployment.service("worker").ports


def test_a_quorum_of_queues_is_one_rabbitmq_of_several_servers() -> None:
    design, _ = working(3)
    files = project(design)
    accounts = files["secrets/queue-1-accounts"].decode()
    for number in (1, 2, 3):
        assert f"classic_config.nodes.{number} = rabbit@queue-{number}\n" in accounts
        service = compose_of(files)["services"][f"queue-{number}"]
        assert service["hostname"] == f"queue-{number}"
        assert service["secrets"] == ["queue-1-cookie"]
        awaited = service.get(
            "depends_on", {}
        )  # after a restart they come up together or not at all
        assert not [name for name in awaited if name.startswith("queue")]
    assert "target_group_size = 3\n" in accounts
    assert "default_pass = password-of-queue-1-password\n" in accounts
    for service in ("app-1", "worker"):
        assert hosts(told(design, service, "QUEUES")) == [["queue-1", "queue-2", "queue-3"]]
    assert "each has a copy of every job; 2 of them must work" in texts(plan(design))
    together = [set(plan(design).service(f"queue-{n}").networks) for n in (1, 2, 3)]
    assert set.intersection(*together)


def test_queues_that_copy_nothing_stand_in_for_each_other_and_are_all_emptied() -> None:
    design, _ = working(2, "active-active")
    assert hosts(told(design, "app-1", "QUEUES")) == [["queue-1", "queue-2"]]
    assert hosts(told(design, "worker", "QUEUES")) == [["queue-1"], ["queue-2"]]
    assert "active-active is not exported for queues, quorum is" in texts(plan(design))
    assert "secrets" not in compose_of(project(design))["services"]["queue-1"]


def test_a_quorum_of_one_is_a_queue() -> None:
    design, ids = working(2)
    deployment = plan(edits.remove(design, [ids["queue-2"]]))
    assert "a quorum of one has no copies" in texts(deployment)
    assert not deployment.service("queue-1").entrypoint


def test_jobs_travel_over_tls_where_it_is_drawn() -> None:
    design, _ = working(3, tls=True)
    files = project(design)
    assert "listeners.ssl.default = 5671\n" in files["secrets/queue-1-accounts"].decode()
    assert "put queue-3 0:0 0600" in files["pki/install.sh"].decode()
    places = told(design, "worker", "QUEUES")[0]["hosts"]
    assert {(place["port"], place["ca"]) for place in places} == {(5671, "/etc/loadpath-ca.crt")}
    assert "/etc/loadpath-ca.crt" in {b.target for b in plan(design).service("worker").binds}


def test_what_is_soft_is_done_without_and_what_is_hard_is_not() -> None:
    design, ids = working()
    assert [item["needed"] for item in told(design, "app-1", "QUEUES")] == [True]
    assert [item["needed"] for item in told(design, "app-1", "CACHES")] == [False]
    for key in design.outgoing[ids["app-1"]]:
        role = design.links[key].role
        if role in ("publish", "cache"):
            turned = "soft" if role == "publish" else "hard"
            design = edits.set_fields(design, key, dependency=turned)
    assert [item["needed"] for item in told(design, "app-1", "QUEUES")] == [False]
    assert [item["needed"] for item in told(design, "app-1", "CACHES")] == [True]


@pytest.mark.parametrize(
    ("engine", "driver"),
    [("redis", b"redis=="), ("valkey", b"redis=="), ("memcached", b"pymemcache")],
)
def test_an_application_asks_its_cache_by_the_driver_of_the_engine(
    engine: str, driver: bytes
) -> None:
    design, _ = working(engine=engine)
    [cache] = told(design, "app-1", "CACHES")
    port = 11211 if engine == "memcached" else 6379
    assert cache == {"name": "cache", "engine": engine, "needed": False, "own": False,
                     "hosts": [{"host": "cache", "port": port}]}  # fmt: skip
    assert driver in project(design)["images/app/requirements.txt"]


def test_only_what_others_do_without_makes_an_application_step_back() -> None:
    design, ids = working()
    assert [item["own"] for item in told(design, "app-1", "QUEUES")] == [False]
    design, ids["other"] = edits.add(design, "app_server", name="other")
    assert [item["own"] for item in told(design, "app-1", "QUEUES")] == [True]
    assert [item["own"] for item in told(design, "app-1", "CACHES")] == [False], "it is soft"
    design = link((design, ids), ("other", "queue-1"), role="publish", protocol="amqp")
    assert [item["own"] for item in told(design, "app-1", "QUEUES")] == [False]


def test_a_group_of_its_own_is_needed_beside_the_others() -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "app": ("app_server", {}), "a": ("queue", {}), "b": ("queue", {}), "c": ("queue", {}),
    }  # fmt: skip
    drawn = draw("Groups", parts)
    drawn = link(drawn, ("app", "a"), ("app", "b"), role="publish", protocol="amqp"), drawn[1]
    design = link(drawn, ("app", "c"), role="publish", protocol="amqp", choice="mail")
    assert hosts(told(design, "app", "QUEUES")) == [["a", "b"], ["c"]]
    assert "nobody is drawn who takes its jobs" in texts(plan(design))


def test_what_a_worker_does_not_do_is_told() -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "w": ("worker", {"image": "php:8.4-fpm"}), "q": ("queue", {}), "s": ("search", {}),
    }  # fmt: skip
    drawn = draw("Idle", parts)
    drawn = link(drawn, ("w", "q"), role="publish", protocol="amqp"), drawn[1]
    found = texts(plan(link(drawn, ("w", "s"), protocol="http")))
    assert "w was drawn as another program; the worker of this project" in found
    assert "w is linked to no queue to take jobs from" in found
    assert "w can reach q, but the worker does not use it" in found
    assert "w can reach s, but the worker does not use it" in found


def test_what_a_user_brings_brings_its_own_drivers() -> None:
    drawn = draw("Own", {"app": ("app_server", {"program": "image", "image": "a/b:1"}),
                         "other": ("app_server", {}), "q": ("queue", {})})  # fmt: skip
    design = link(drawn, ("app", "q"), role="publish", protocol="amqp")
    assert b"amqp" not in project(design)["images/app/requirements.txt"]
