"""Balancers before databases: which run, whom they ask, and who asks them."""

import re
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from exporters.deployment import Deployment
from exporters.errors import ExportError
from exporters.plan import plan
from exporters.programs import DataBalancer
from tests.exporters.designs import Drawn, balanced_data, draw, link
from tests.exporters.projects import compose_of, project


def texts(deployment: Deployment) -> str:
    return "\n".join(note.text for note in deployment.notes)


def balancer(deployment: Deployment, name: str = "db-lb") -> DataBalancer:
    path = f"config/{name}/haproxy.cfg"
    found = next(item.values for item in deployment.files if item.path == path)
    assert isinstance(found, DataBalancer)
    return found


def stores_of_app(design: Design) -> str:
    stores: str = compose_of(project(design))["services"]["app-1"]["environment"]["STORES"]
    return stores


def test_the_application_writes_and_reads_at_the_balancer_and_reaches_no_server() -> None:
    design, _ = balanced_data()
    deployment = plan(design)
    assert '"write": ["db-lb:5432"]' in stores_of_app(design)
    assert '"read": ["db-lb:5433"]' in stores_of_app(design)
    networks = [set(deployment.service(name).networks) for name in ("app-1", "db-0")]
    assert not networks[0] & networks[1]
    assert deployment.service("app-1").needs == {"db-lb": "healthy"}
    assert "does not use it" not in texts(deployment)


def test_patroni_is_asked_where_it_runs_and_the_servers_elsewhere() -> None:
    for failover, asked in (("automatic", "GET uri /primary"), ("manual", "send-binary")):
        text = project(balanced_data(failover)[0])["config/db-lb/haproxy.cfg"].decode()
        assert asked in text
        assert ("check port 8008" in text) is (failover == "automatic")


def test_the_check_is_the_protocol_of_postgresql() -> None:
    """Each message says how long it is; the answer is a row of one column of one letter."""
    found = balancer(plan(balanced_data("manual")[0]))
    startup, query = bytes.fromhex(found.startup), bytes.fromhex(found.query)
    assert int.from_bytes(startup[:4], "big") == len(startup)
    assert startup[4:8] == (3 << 16).to_bytes(4, "big")
    assert startup.endswith(b"\0\0")
    assert query[:1] == b"Q"
    assert int.from_bytes(query[1:5], "big") == len(query) - 1
    assert bytes.fromhex(found.leads)[-1:] == b"f"
    assert bytes.fromhex(found.follows)[-1:] == b"t"


def test_the_account_of_the_check_is_made_only_where_a_balancer_asks() -> None:
    with_balancer = plan(balanced_data("manual")[0]).service("db-0").environment
    assert with_balancer["ROLE_CHECK"] == "rolecheck"
    design, ids = balanced_data("manual")
    without = plan(edits.remove(design, [ids["db-lb"]])).service("db-0").environment
    assert "ROLE_CHECK" not in without


@pytest.mark.parametrize(
    ("replicas", "role", "writers", "readers"),
    [(1, "", ("db-0", "db-1"), ("db-0", "db-1")), (0, "", ("db-0",), ()),
     (1, "write", (), ("db-0", "db-1")), (1, "read", ("db-0", "db-1"), ()),
     (0, "write", (), ())],
)  # fmt: skip
def test_it_leads_to_those_that_it_is_linked_to_for_what_they_are_asked(
    replicas: int, role: str, writers: tuple[str, ...], readers: tuple[str, ...]
) -> None:
    design, ids = balanced_data(replicas=replicas)
    gone = [key for key in design.outgoing[ids["db-lb"]] if design.links[key].role == role]
    design = edits.remove(design, gone) if gone else design
    deployment = plan(design)
    found = balancer(deployment)
    assert (found.writers, found.readers) == (writers, readers)
    text = project(design)["config/db-lb/haproxy.cfg"].decode()
    listens = re.findall("bind :(543.)", text)
    assert ("5432" in listens, "5433" in listens) == (bool(writers), bool(writers or readers))
    assert ("monitor fail" in text) is bool(writers or readers)


def test_links_to_single_servers_for_anything_do_as_well() -> None:
    drawn = draw("Data", {"app": ("app_server", {}), "lb": ("load_balancer", {"layer": "tcp"}),
                          "db": ("database", {}),
                          "r": ("database", {"role": "replica"})})  # fmt: skip
    design = link(drawn, ("app", "lb"), ("lb", "db"), ("lb", "r"), protocol="postgres")
    found = balancer(plan(design), "lb")
    assert found.writers == found.readers == ("db", "r")
    assert "lb has no algorithm" not in texts(plan(design))


@pytest.mark.parametrize(("engine", "primaries"), [("mysql", 1), ("mariadb", 1), ("postgres", 2)])
def test_the_driver_chooses_where_no_balancer_can_tell_who_leads(
    engine: str, primaries: int
) -> None:
    roles = ["primary"] * primaries + ["replica"]
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        f"db-{n}": ("database", {"engine": engine, "role": role}) for n, role in enumerate(roles)
    }
    drawn = draw("Data", parts | {"app": ("app_server", {}), "lb": ("load_balancer", {})})
    ends = [("lb", name) for name in parts]
    deployment = plan(link(drawn, ("app", "lb"), *ends, role="read"))
    assert "lb" not in {service.name for service in deployment.services}
    assert "lb was left out: without a program of its own" in texts(deployment)
    stores = deployment.service("app").environment["STORES"]
    assert isinstance(stores, str)
    assert '"db-0"' in stores


def _changed(drawn: Drawn, **values: Any) -> Deployment:
    return plan(edits.set_fields(drawn[0], drawn[1]["db-lb"], **values))


def test_what_a_balancer_before_databases_cannot_be_is_told() -> None:
    drawn = balanced_data(replicas=1)
    assert "db-lb has no algorithm" in texts(_changed(drawn, algorithm="unset"))
    assert "it can ask each server" in texts(_changed(drawn, image="nginx:1.30"))
    assert balancer(_changed(drawn, algorithm="source")).consistent
    assert not balancer(_changed(drawn, algorithm="source", hashing="modulo")).consistent
    assert balancer(_changed(drawn, algorithm="random")).balance == "random(2)"
    with pytest.raises(ExportError, match="db-lb: an algorithm that hashes the URI"):
        _changed(drawn, algorithm="uri")


def test_a_pair_of_them_is_two_addresses_that_the_application_knows() -> None:
    design, ids = balanced_data(replicas=1)
    design, ids["db-lb-2"] = edits.add(design, "load_balancer", name="db-lb-2")
    design, ids["pair"] = edits.add(
        design, "cluster", name="pair", mode="active-passive", failover="automatic"
    )
    design = edits.join(design, ids["pair"], [ids["db-lb"], ids["db-lb-2"]])
    for role in ("read", "write"):
        ends = (("app-1", "db-lb-2"), ("db-lb-2", "db-cluster"))
        design = link((design, ids), *ends, role=role, protocol="postgres")
    deployment = plan(design)
    assert '"write": ["db-lb:5432", "db-lb-2:5432"]' in stores_of_app(design)
    assert "pair" not in {service.name for service in deployment.services}
    assert "no address moves between balancers before databases" in texts(deployment)


def test_an_application_that_also_knows_the_servers_waits_for_the_primary() -> None:
    design, ids = balanced_data(replicas=1)
    design = link((design, ids), ("app-1", "db-cluster"), role="read", protocol="postgres")
    deployment = plan(design)
    assert deployment.service("app-1").needs == {"db-0": "healthy"}
    assert '"read": ["db-lb:5433", "db-1", "db-0"]' in stores_of_app(design)


def test_certificates_of_the_servers_name_the_balancer_that_leads_to_them() -> None:
    design, ids = balanced_data(replicas=1)
    key = next(k for k in design.outgoing[ids["app-1"]] if design.links[k].role == "write")
    deployment = plan(edits.set_fields(design, key, tls="1.3"))
    names = {item.service: item.names for item in deployment.certificates}
    assert names == {"db-0": ("db-0", "db-lb"), "db-1": ("db-1", "db-lb")}


def test_a_balancer_belongs_to_the_store_that_it_leads_to_and_to_no_other() -> None:
    design, ids = balanced_data(replicas=1)
    design, _ = edits.add(design, "database", name="other", role="primary")
    deployment = plan(design)
    assert balancer(deployment).writers == ("db-0", "db-1")
    assert deployment.service("other").environment.get("ROLE_CHECK") is None
    assert ids["db-lb"] in design.components
