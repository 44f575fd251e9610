"""Databases that switch by themselves: which do, what decides it, and what is promised."""

import re
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from exporters.deployment import Deployment
from exporters.plan import plan
from exporters.programs import Monitoring, Patroni
from tests.exporters.designs import Drawn, self_switching, web_stack
from tests.exporters.projects import project, yaml


def texts(deployment: Deployment) -> str:
    return "\n".join(note.text for note in deployment.notes)


def settings(deployment: Deployment) -> dict[str, Patroni]:
    """Return what Patroni is told on each server."""
    found = (item.values for item in deployment.files)
    return {item.name: item for item in found if isinstance(item, Patroni)}


def voters(deployment: Deployment) -> list[str]:
    return [service.name for service in deployment.services if service.role == "voter"]


def test_three_voters_that_all_servers_reach_decide_who_leads() -> None:
    deployment = plan(self_switching()[0])
    assert voters(deployment) == ["etcd-1", "etcd-2", "etcd-3"]
    servers = ("db-0", "db-1", "db-2")
    together = [set(deployment.service(name).networks) for name in (*servers, "etcd-1", "etcd-3")]
    assert set.intersection(*together), "each may have to follow any other"
    for name in servers:
        assert settings(deployment)[name].hosts == ("etcd-1:2379", "etcd-2:2379", "etcd-3:2379")
        assert deployment.service(name).build
    assert not {"web-1", "app-1"} & {
        member
        for network in deployment.networks
        if "etcd-1" in network.members
        for member in network.members
    }


def test_the_drawn_primary_is_the_first_to_lead() -> None:
    deployment = plan(self_switching()[0])
    assert deployment.service("db-0").needs == {}
    assert deployment.service("db-1").needs == {"db-0": "healthy"}


def test_two_stores_share_their_voters_and_nothing_else() -> None:
    design, ids = self_switching(replicas=1)
    more = [edits.add(design, "database", name="other-0", role="primary")]
    more.append(edits.add(more[0][0], "database", name="other-1", role="replica"))
    design, cluster = edits.add(
        more[1][0], "cluster", name="others", mode="primary-replica", failover="automatic"
    )
    design = edits.join(design, cluster, [key for _, key in more])
    deployment = plan(design)
    assert len(voters(deployment)) == 3
    scopes = {name: item.scope for name, item in settings(deployment).items()}
    assert scopes == {"db-0": "db-0", "db-1": "db-0", "other-0": "other-0", "other-1": "other-0"}
    assert ids["db-0"] in design.components


def _unlike(design: Design, drawn: Drawn, change: dict[str, Any]) -> Design:
    key = drawn[1]["db-1"]
    return edits.set_fields(design, key, **change)


def test_a_replica_that_may_not_be_promoted_never_is() -> None:
    drawn = self_switching()
    deployment = plan(_unlike(drawn[0], drawn, {"promotable": False}))
    may = {name: item.candidate for name, item in settings(deployment).items()}
    assert may == {"db-0": True, "db-1": False, "db-2": True}
    files = project(_unlike(drawn[0], drawn, {"promotable": False}))
    tags = {n: yaml(files[f"config/{n}/patroni.yml"]).get("tags") for n in ("db-1", "db-2")}
    assert tags == {"db-1": {"nofailover": True}, "db-2": None}


@pytest.mark.parametrize(
    ("drawn", "change", "told"),
    [(web_stack(replicas=1), {"failover": "automatic"}, ""),
     (web_stack(replicas=1), {"failover": "manual"}, "by hand"),
     (web_stack(replicas=1), {"failover": "none"}, ""),
     (web_stack(replicas=1), {"failover": "automatic", "mode": "quorum"}, "quorum is not"),
     (web_stack("mariadb", replicas=1), {"failover": "automatic"}, "servers of MariaDB"),
     (web_stack("mysql", replicas=1), {"failover": "automatic"}, "servers of MySQL"),
     (web_stack(replicas=0), {"failover": "automatic"}, "")],
)  # fmt: skip
def test_only_postgresql_with_a_replica_switches_by_itself(
    drawn: Drawn, change: dict[str, Any], told: str
) -> None:
    design, ids = drawn
    deployment = plan(edits.set_fields(design, ids["db-cluster"], **change))
    switches = change == {"failover": "automatic"} and not told and "db-1" in ids
    assert bool(voters(deployment)) is switches
    assert told in texts(deployment)
    assert ("promote a replica by hand" in texts(deployment)) is (
        bool(told) and "mode" not in change
    )


def test_where_no_replica_may_be_promoted_it_is_said_that_nothing_switches() -> None:
    design, ids = self_switching(replicas=1)
    deployment = plan(edits.set_fields(design, ids["db-1"], promotable=False))
    assert not voters(deployment)
    assert "no replica among its members may be promoted" in texts(deployment)


@pytest.mark.parametrize(
    ("points", "waits"),
    [((None,), True), ((0.0,), True), ((60.0,), False), ((60.0, 0.0), True),
     ((60.0, None), False)],
)  # fmt: skip
def test_a_write_waits_for_a_replica_unless_the_promises_let_some_be_lost(
    points: tuple[float | None, ...], *, waits: bool
) -> None:
    design, ids = self_switching(replicas=1)
    for key in tuple(design.flows):
        design = edits.remove(design, [key])
    for number, point in enumerate(points):
        for operation in ("read", "write"):
            design, _ = edits.add_flow(
                design,
                ids["users"],
                f"{operation} {number}",
                operation=operation,
                recovery_point_seconds=point if operation == "write" else 60,
            )
    deployment = plan(design)
    assert {item.synchronous for item in settings(deployment).values()} == {waits}
    assert ("a switch loses none" in texts(deployment)) is waits
    found = yaml(project(design)["config/db-0/patroni.yml"])
    assert found["bootstrap"]["dcs"]["synchronous_mode"] is waits


def test_the_lease_is_one_that_patroni_takes() -> None:
    """It changes, with no more than a line in its log, what breaks its rules."""
    dcs = yaml(project(self_switching()[0])["config/db-0/patroni.yml"])["bootstrap"]["dcs"]
    assert dcs["ttl"] >= 20
    assert dcs["loop_wait"] + 2 * dcs["retry_timeout"] <= dcs["ttl"]


@pytest.mark.parametrize(("detection", "told"), [(2, True), (10, False)])
def test_a_switch_that_is_drawn_faster_than_it_can_be_is_told(
    detection: float, *, told: bool
) -> None:
    design, ids = self_switching(replicas=1)
    design = edits.set_fields(design, ids["db-cluster"], detection_seconds=detection)
    assert ("promises a switch within 22 seconds" in texts(plan(design))) is told


def test_encryption_reaches_the_servers_that_switch() -> None:
    design, ids = self_switching(replicas=1)
    key = next(k for k in design.outgoing[ids["app-1"]] if design.links[k].role == "write")
    files = project(edits.set_fields(design, key, tls="1.3"))
    for name in ("db-0", "db-1"):
        found = yaml(files[f"config/{name}/patroni.yml"])["postgresql"]["parameters"]
        assert found["ssl"] == "on"
        assert f"pki/{name}.crt" in files


def test_no_password_is_in_a_file_that_is_no_secret() -> None:
    for path, content in project(self_switching()[0]).items():
        assert path.startswith("secrets/") or b"password-of-" not in content, path


def test_a_slot_is_watched_where_it_is_read() -> None:
    """Servers that may take over keep slots for each other, which nobody reads from."""
    values = [item.values for item in plan(self_switching()[0]).files]
    alerts = [a for v in values if isinstance(v, Monitoring) for a in v.alerts]
    slots = [a.expression for a in alerts if "slot_is_active" in a.expression]
    assert slots
    assert all(re.search("is_replica == 0$", text) for text in slots)


def test_no_replica_is_behind_where_nobody_writes() -> None:
    values = [item.values for item in plan(self_switching()[0]).files]
    alerts = [a for v in values if isinstance(v, Monitoring) for a in v.alerts]
    lag = next(a.expression for a in alerts if a.name.endswith("ReplicationLag"))
    assert "pg_stat_replication_pg_wal_lsn_diff" in lag, "seconds alone grow on an idle primary"
