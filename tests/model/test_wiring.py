"""Which links make sense, and what is proposed for them."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from app.model.kinds import KINDS
from app.model.wiring import propose, refusal
from tests.strategies import designs

READ_FILES = "Application files are read by what runs them: a web or application server, a worker."


def pair(source: str, target: str, **values: Any) -> tuple[Design, str, str]:
    """A design of two parts; the values are those of the target."""
    design, first = edits.add(Design(), source)
    design, second = edits.add(design, target, **values)
    return design, first, second


@pytest.mark.parametrize("source", sorted(KINDS))
def test_any_two_kinds_are_either_linked_or_told_why_not(source: str) -> None:
    for target in KINDS:
        design, first, second = pair(source, target)
        why = refusal(design, first, second)
        if why is None:
            for link in propose(design, first, second):
                edits.connect(design, first, second, role=link.role, port=link.port)
        else:
            assert why.endswith(".")
            with pytest.raises(DesignError) as raised:
                propose(design, first, second)
            assert str(raised.value) == why


@pytest.mark.parametrize(
    ("source", "target", "why"),
    [
        ("note", "web_server", "A note takes part in nothing: it cannot be linked."),
        ("web_server", "site", "A site is a place: link the parts inside it."),
        ("zone", "web_server", "A network zone is a place: link the parts inside it."),
        ("server", "web_server", "A server only holds parts: start the link at one of them."),
        ("web_server", "server", "A server only holds parts: link one of them."),
        ("web_server", "client", "Users open connections; answers travel back on the same link."),
        ("alerting", "web_server", "Alerting is the end of the line: it tells people."),
        ("dns", "load_balancer",
         "DNS only tells an address: the users then open the link to lb-1."),
        ("dns", "app_files", READ_FILES),
        ("client", "app_files", READ_FILES),
        ("app_files", "database",
         "Application files do nothing by themselves: link what runs them."),
        ("database", "app_server", "db-1 only answers: draw the link from app-1 to it."),
        ("queue", "worker", "queue-1 only answers: draw the link from worker-1 to it."),
        ("cluster", "web_server", "cluster-1 has no members yet: links start at these."),
    ],
)  # fmt: skip
def test_a_link_that_makes_no_sense_is_refused_with_the_reason(
    source: str, target: str, why: str
) -> None:
    assert refusal(*pair(source, target)) == why


def test_a_part_is_not_linked_to_itself() -> None:
    design, key = edits.add(Design(), "web_server")
    assert refusal(design, key, key) == "A link cannot end where it starts."


@pytest.mark.parametrize(
    ("source", "target", "values", "expected"),
    [
        ("client", "dns", {}, [("resolve", "dns", None)]),
        ("client", "load_balancer", {}, [("request", "http", 80)]),
        ("load_balancer", "web_server", {}, [("request", "http", 80)]),
        ("web_server", "app_server", {}, [("request", "http", 8000)]),
        ("app_server", "app_files", {}, [("request", "file", None)]),
        (
            "app_server",
            "database",
            {},
            [("read", "postgres", None), ("write", "postgres", None)],
        ),
        ("app_server", "database", {"role": "replica"}, [("read", "postgres", None)]),
        ("app_server", "database", {"engine": "mariadb", "role": "replica"},
         [("read", "mysql", None)]),
        ("database", "database", {"engine": "mysql"}, [("replicate", "mysql", None)]),
        ("app_server", "cache", {}, [("cache", "redis", None)]),
        ("app_server", "cache", {"engine": "memcached"}, [("cache", "memcached", None)]),
        ("app_server", "queue", {}, [("publish", "amqp", None)]),
        ("worker", "queue", {}, [("consume", "amqp", None)]),
        ("app_server", "object_store", {}, [("request", "s3", None)]),
        ("app_server", "search", {}, [("request", "http", 9200)]),
        ("monitoring_server", "alerting", {}, [("alert", "https", None)]),
        ("web_server", "log_store", {}, [("log", "syslog-tls", None)]),
        ("database", "backup", {}, [("backup", "ssh", None)]),
        ("backup", "database", {}, [("backup", "ssh", None)]),
        ("object_store", "object_store", {}, [("replicate", "s3", None)]),
        ("search", "search", {}, [("replicate", "http", 9200)]),
        ("monitoring_agent", "monitoring_server", {}, [("monitor", "https", None)]),
        ("monitoring_agent", "server", {}, [("monitor", "https", None)]),
        ("bastion", "web_server", {}, [("admin", "ssh", None)]),
        ("web_server", "bastion", {}, [("admin", "ssh", None)]),
    ],
)  # fmt: skip
def test_role_protocol_and_port_follow_from_the_two_ends(
    source: str, target: str, values: dict[str, Any], expected: list[tuple[str, str, int | None]]
) -> None:
    found = propose(*pair(source, target, **values))
    assert [(link.role, link.protocol, link.port) for link in found] == expected


def test_a_balancer_of_connections_proposes_tcp() -> None:
    design, first = edits.add(Design(), "load_balancer", layer="tcp")
    design, second = edits.add(design, "web_server")
    assert [link.protocol for link in propose(design, first, second)] == ["tcp"]


def test_a_cluster_is_wired_as_its_first_member_and_takes_writes() -> None:
    design, first = edits.add(Design(), "app_server")
    design, replica = edits.add(design, "database", role="replica")
    design, cluster = edits.add(design, "cluster", members=(replica,))
    assert [link.role for link in propose(design, first, cluster)] == ["read", "write"]


def tier(kind: str) -> tuple[Design, str, tuple[str, ...]]:
    """A cluster of two parts of a kind."""
    design, first = edits.add(Design(), kind)
    design, second = edits.add(design, kind)
    design, cluster = edits.add(design, "cluster", members=(first, second))
    return design, cluster, (first, second)


def test_a_link_from_a_cluster_is_drawn_from_each_member_that_lacks_it() -> None:
    design, cluster, members = tier("app_server")
    design, cache = edits.add(design, "cache")
    assert [link.source for link in propose(design, cluster, cache)] == list(members)

    design, _ = edits.connect(design, members[0], cache, role="cache")
    assert [link.source for link in propose(design, cluster, cache)] == [members[1]]

    design, _ = edits.connect(design, members[1], cache, role="cache")
    why = "Every member of cluster-1 is linked to it already."
    assert refusal(design, cluster, cache) == why


def test_what_is_drawn_already_is_refused() -> None:
    design, web, app = pair("web_server", "app_server")
    design, _ = edits.connect(design, web, app, role="request", protocol="http")
    assert refusal(design, web, app) == "web-1 is linked to app-1 like that already."

    design, database = edits.add(design, "database")
    design, _ = edits.connect(design, app, database, role="read", protocol="postgres")
    assert refusal(design, app, database) is None  # the writes are still to be drawn


def test_a_cluster_is_refused_by_its_own_name() -> None:
    design, app = edits.add(Design(), "app_server")
    design, first = edits.add(design, "cache")
    design, cluster = edits.add(design, "cluster", members=(first,))
    design = edits.set_fields(design, cluster, name="caches")
    assert refusal(design, cluster, app) == "caches only answers: draw the link from app-1 to it."


def test_a_balancer_of_http_speaks_to_no_database_and_one_of_connections_does() -> None:
    design, balancer, database = pair("load_balancer", "database")
    why = refusal(design, balancer, database)
    assert why == "lb-1 balances HTTP, which db-1 does not speak: link a program."
    design = edits.set_fields(design, balancer, layer="tcp")
    assert refusal(design, balancer, database) is None


def test_a_cluster_and_its_members_are_not_linked() -> None:
    design, cluster, (member, _) = tier("web_server")
    why = "web-1 is a member of cluster-1: the cluster joins them already."
    assert refusal(design, cluster, member) == refusal(design, member, cluster) == why


def test_replication_goes_from_one_database_to_another() -> None:
    design, cluster, _ = tier("database")
    design, other = edits.add(design, "database")
    why = "cluster-1 is the address of several databases: link one of them."
    assert refusal(design, cluster, other) == refusal(design, other, cluster) == why


@given(designs())
def test_no_two_parts_of_any_design_make_wiring_fail(design: Design) -> None:
    for source, target in product(list(design.components)[:6], repeat=2):
        if refusal(design, source, target) is None:
            assert propose(design, source, target)
