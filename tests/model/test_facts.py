"""The second line of a card: the one fact that matters most."""

from typing import Any

import pytest

from app.model.component import Component
from app.model.kinds import KINDS


@pytest.mark.parametrize(
    ("kind", "values", "fact"),
    [
        ("client", {}, "browsers"),
        ("dns", {"domain": "a.example", "record": "CNAME"}, "a.example"),
        ("cdn", {}, "edge cache"),
        ("cdn", {"provider": "Fastly"}, "Fastly"),
        ("firewall", {}, "default deny"),
        ("firewall", {"inspects": "requests", "default_policy": "allow"}, "WAF, default allow"),
        ("load_balancer", {"algorithm": "leastconn"}, "least connections"),
        ("load_balancer", {"algorithm": "unset"}, "no algorithm chosen"),
        ("service", {}, "any program"),
        ("service", {"image": "redis:8"}, "redis:8"),
        ("app_files", {"version": "2.1"}, "code base 2.1"),
        ("database", {"engine": "mariadb", "role": "replica"}, "MariaDB replica"),
        ("cache", {"engine": "valkey"}, "Valkey"),
        ("object_store", {}, "one copy"),
        ("object_store", {"copies": 3}, "3 copies"),
        ("monitoring_server", {}, "prometheus:v3.5.3"),
        ("alerting", {"channel": "pager"}, "pager"),
        ("backup", {"interval_hours": 0.5}, "every 0.5 h"),
        ("site", {}, "data centre"),
        ("site", {"domain": "rack"}, "rack"),
        ("zone", {"trust": "app"}, "application"),
        ("zone", {"trust": "data"}, "data"),
        ("server", {}, ""),
        ("server", {"firewall": True}, "host firewall"),
        ("cluster", {"mode": "quorum"}, "quorum"),
        ("cluster", {"mode": "active-passive"}, "no failover"),
        (
            "cluster",
            {"mode": "primary-replica", "failover": "manual"},
            "manual failover",
        ),
        ("note", {"text": "first\nsecond"}, "first"),
    ],
)
def test_the_fact_is(kind: str, values: dict[str, Any], fact: str) -> None:
    assert KINDS[kind](name="x", **values).fact == fact


def test_a_part_of_no_kind_says_nothing() -> None:
    assert Component(name="x").fact == ""
