"""Firewalls between parts: the gateways that they become, and those that they cannot become."""

import ast
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from exporters.compose import export
from exporters.deployment import Deployment
from exporters.plan import plan
from exporters.plan.reaches import reaches_of
from exporters.programs import Gateway
from tests.exporters.designs import Drawn, balanced_data, cached, draw, link, walled
from tests.exporters.projects import compose_of, project, token


def texts(deployment: Deployment) -> str:
    return "\n".join(note.text for note in deployment.notes)


def doors(deployment: Deployment, gateway: str) -> dict[str, tuple[int, ...]]:
    """The ports of a gateway by the names of its doors."""
    (found,) = (f.values for f in deployment.files if f.path == f"config/{gateway}/doors.json")
    assert isinstance(found, Gateway)
    return {door.name: door.ports for door in found.doors}


def between(kind: str, link_values: dict[str, Any], **target: Any) -> Drawn:
    """Users, an application, and something of a kind behind a firewall."""
    design, ids = draw("Walled", {
        "users": ("client", {}), "app": ("app_server", {}), "wall": ("firewall", {}),
        "target": (kind, target),
    })  # fmt: skip
    design = link((design, ids), ("users", "app"), protocol="http")
    return link((design, ids), ("app", "wall"), ("wall", "target"), **link_values), ids


def test_who_asks_meets_the_gateway_under_the_name_of_what_is_behind_it() -> None:
    deployment = plan(walled()[0])
    web, app, wall = map(deployment.service, ("web", "app-1", "fwd"))
    assert not set(web.networks) & set(app.networks)
    assert set(web.networks) & set(wall.networks) == {"to-app-1", "to-app-2"}
    assert wall.aliases == {
        "to-app-1": ("app-1", "fwd.to-app-1"), "to-app-2": ("app-2", "fwd.to-app-2"),
    }  # fmt: skip
    assert app.aliases == {"firewall-app": ("app-1.inside",)}
    assert web.needs["fwd"] == "healthy"
    assert doors(deployment, "fwd") == {"to-app-1": (8000,), "to-app-2": (8000,)}
    assert "It lets through: web to app-1 at 8000; web to app-2 at 8000." in texts(deployment)


def test_two_firewalls_of_which_either_will_do_share_the_names() -> None:
    deployment = plan(walled()[0])
    for name in ("wall-1", "wall-2"):
        assert deployment.service(name).aliases == {"to-db": ("db", f"{name}.to-db")}
    assert deployment.service("app-2").needs.keys() >= {"wall-1", "wall-2", "db"}


def test_the_project_says_it_in_the_words_of_compose() -> None:
    service = compose_of(project(walled()[0]))["services"]["wall-1"]
    assert service["cap_add"] == ["NET_ADMIN"]
    assert service["sysctls"] == {"net.ipv4.ip_forward": "1"}
    assert service["networks"] == {
        "firewall-database": {}, "to-db": {"aliases": ["db", "wall-1.to-db"]},
    }  # fmt: skip
    assert service["user"] == "0:0"
    assert "ports" not in service


def test_where_an_engine_gives_no_rights_firewalls_are_networks_alone() -> None:
    design = walled()[0]
    deployment = plan(design, firewalls="segments")
    assert "fwd" not in {service.name for service in deployment.services}
    assert deployment.borders == ()
    web, app, db = map(deployment.service, ("web", "app-1", "db"))
    assert set(web.networks) & set(app.networks)
    assert not set(web.networks) & set(db.networks)
    assert "fwd, wall-1, wall-2: these firewalls become segmentation alone" in texts(deployment)
    files = export(design, token=token, firewalls="segments")
    assert not [path for path in files if "gateway" in path]
    assert b"NET_ADMIN" not in b"".join(files.values())


def test_a_connection_that_is_also_drawn_around_a_firewall_has_no_gateway() -> None:
    design, ids = walled()
    deployment = plan(link((design, ids), ("web", "app-1"), protocol="http", port=8000))
    assert doors(deployment, "fwd") == {"to-app-2": (8000,)}
    around = set(deployment.service("web").networks) & set(deployment.service("app-1").networks)
    assert around
    # Both applications are asked by the same server, and so meet in its network.
    assert "to-app-1" not in deployment.service("web").networks


def test_who_shares_a_network_for_another_reason_is_told() -> None:
    design, ids = walled()
    deployment = plan(link((design, ids), ("users", "app-1"), protocol="http"))
    assert "fwd: web and app-1 share a network for another reason" in texts(deployment)
    assert doors(deployment, "fwd") == {"to-app-2": (8000,)}


def test_a_firewall_before_more_parts_than_an_engine_has_networks_is_segmentation() -> None:
    apps = [f"app-{number}" for number in range(23)]
    drawn = draw("Many", {
        "users": ("client", {}), "web": ("web_server", {}), "few": ("firewall", {}),
        "many": ("firewall", {}), "db": ("database", {"role": "primary"}),
        **{name: ("app_server", {}) for name in apps},
    })  # fmt: skip
    asks = (("users", "web"), ("web", "many"), *(("many", name) for name in apps))
    drawn = link(drawn, *asks, protocol="http"), drawn[1]
    asks = (*((name, "few") for name in apps), ("few", "db"))
    deployment = plan(link(drawn, *asks, role="write", protocol="postgres"))
    assert [border.gateway for border in deployment.borders] == ["few"]
    assert "many: a gateway needs a network for each part behind it. For these 23" in texts(
        deployment
    )
    assert len(deployment.networks) < 24


def test_a_firewall_without_anything_left_to_guard_is_segmentation() -> None:
    design, ids = walled()
    for name in ("app-1", "app-2"):
        design = link((design, ids), ("users", name), protocol="http")
    deployment = plan(design)
    assert "fwd: these firewalls become segmentation alone" in texts(deployment)
    assert "fwd" not in {service.name for service in deployment.services}


@pytest.mark.parametrize(
    ("kind", "values", "target", "ports"),
    [
        ("cache", {"role": "cache", "protocol": "redis"}, {}, (6379,)),
        ("cache", {"role": "cache", "protocol": "redis"}, {"engine": "memcached"}, (11211,)),
        ("queue", {"role": "publish", "protocol": "amqp"}, {}, (5672,)),
        ("queue", {"role": "publish", "protocol": "amqp", "tls": "1.3"}, {}, (5671,)),
        ("database", {"role": "write", "protocol": "mysql"}, {"engine": "mysql"}, (3306,)),
        ("service", {"protocol": "tcp"}, {"image": "you/it:1", "port": 22}, (22,)),
        ("service", {"protocol": "smtp"}, {"image": "you/it:1"}, (25,)),
        ("web_server", {"protocol": "https", "tls": "1.3"}, {}, (8443,)),
    ],
)
def test_a_door_is_open_at_the_port_where_its_part_listens(
    kind: str, values: dict[str, Any], target: dict[str, Any], ports: tuple[int, ...]
) -> None:
    deployment = plan(between(kind, values, **target)[0])
    assert doors(deployment, "wall") == {"to-target": ports}
    (border,) = deployment.borders
    assert border.undrawn not in ports


def test_a_part_whose_port_nobody_knows_gets_no_gateway() -> None:
    deployment = plan(between("service", {"protocol": "tcp"}, image="you/it:1")[0])
    assert deployment.borders == ()
    assert "wall: these firewalls become segmentation alone" in texts(deployment)


def test_a_balancer_before_databases_may_ask_who_leads() -> None:
    design, ids = balanced_data()
    for name in ("outer", "inner"):
        design, ids[name] = edits.add(design, "firewall", name=name)
    for key, item in design.links.items():
        if item.target == ids["db-lb"]:
            design = edits.set_fields(design, key, via=(ids["outer"],))
        if item.source == ids["db-lb"]:
            design = edits.set_fields(design, key, via=(ids["inner"],))
    deployment = plan(design)
    assert doors(deployment, "outer") == {"to-db-lb": (5432, 5433)}
    assert doors(deployment, "inner") == {f"to-db-{n}": (5432, 8008) for n in range(3)}


def test_the_services_that_ask_in_the_place_of_a_part_meet_its_firewall() -> None:
    design, ids = cached(tls=True)
    design, ids["wall"] = edits.add(design, "firewall", name="wall", default_policy="allow")
    (key,) = design.incoming[ids["web"]]
    deployment = plan(edits.set_fields(design, key, via=(ids["wall"],)))
    (network,) = (item for item in deployment.networks if item.name == "to-web")
    assert network.members == ("cdn", "cdn-origin", "wall")
    assert "wall is drawn as letting everything through" in texts(deployment)


def test_of_firewalls_in_a_row_the_last_one_is_the_gateway() -> None:
    design, ids = walled()
    design, ids["first"] = edits.add(design, "firewall", name="first")
    (key,) = design.incoming[ids["fwd"]]
    deployment = plan(edits.set_fields(design, key, via=(ids["first"],)))
    assert [border.gateway for border in deployment.borders] == ["fwd", "wall-1", "wall-2"]
    assert "first: these firewalls become segmentation alone" in texts(deployment)


def test_what_is_passed_and_no_firewall_runs_once_and_filters_nothing() -> None:
    design, ids = walled()
    design, ids["mails"] = edits.add(design, "alerting", name="mails")
    (key,) = design.incoming[ids["web"]]
    straight = plan(design)
    deployment = plan(edits.set_fields(design, key, via=(ids["mails"],)))
    assert [s.name for s in deployment.services] == [s.name for s in straight.services]
    assert deployment.borders == straight.borders
    assert "mails: links are drawn as passing what is no firewall" in texts(deployment)


def test_the_last_firewall_counts_where_something_else_is_passed_after_it() -> None:
    design, ids = walled()
    design, ids["mails"] = edits.add(design, "alerting", name="mails")
    (key,) = design.incoming[ids["web"]]
    after = edits.set_fields(design, key, via=(ids["fwd"], ids["mails"]))
    assert gates(after, ids["web"]) == {frozenset({ids["fwd"]})}
    beside = edits.set_fields(design, key, via=(f"{ids['fwd']}|{ids['mails']}",))
    assert gates(beside, ids["web"]) == {frozenset({""})}


def test_who_asks_the_same_but_is_kept_apart_meets_the_gateway_in_another_network() -> None:
    design, ids = draw("Apart", {
        "users": ("client", {}), "web": ("web_server", {}), "app": ("app_server", {}),
        "other": ("app_server", {}), "wall": ("firewall", {}), "db": ("database", {}),
    })  # fmt: skip
    design = link((design, ids), ("users", "web"), ("web", "app"), protocol="http")
    for source, target in (("app", "other"), ("app", "db"), ("other", "db")):
        values = (
            {"role": "read", "protocol": "postgres"} if target == "db" else {"protocol": "http"}
        )
        design = link((design, ids), (source, target), via=(ids["wall"],), **values)
    deployment = plan(design)
    members = {n.name: set(n.members) for n in deployment.networks if n.name.startswith("to-")}
    assert not [n.name for n in deployment.networks if {"app", "other"} <= {*n.members}]
    assert members["to-db"] == members["to-other"] == {"app", "wall"}
    assert members["to-db-2"] == {"other", "wall"}
    assert doors(deployment, "wall")["to-db-2"] == (5432,)


def gates(design: Design, target: str) -> set[frozenset[str]]:
    return {reach.gates for reach in reaches_of(design) if reach.target == target}


def test_each_way_to_a_part_ends_at_one_gate() -> None:
    design, ids = walled()
    assert gates(design, ids["app-1"]) == {frozenset({ids["fwd"]})}
    assert gates(design, ids["db"]) == {frozenset({ids["wall-1"], ids["wall-2"]})}
    assert gates(design, ids["web"]) == {frozenset({""})}


# --- the program -----------------------------------------------------------------------------

DOOR = {"name": "to-db", "entry": "fwd.to-db", "exit": "db.inside", "ports": [5432]}


def program() -> dict[str, Any]:
    """Return what the program of a gateway defines."""
    text = project(walled()[0])["config/gateway/gateway.py"].decode()
    found: dict[str, Any] = {"__name__": "gateway"}
    exec(compile(ast.parse(text), "gateway.py", "exec"), found)  # noqa: S102  # a file of ours
    return found


def rules(**addresses: str) -> list[str]:
    known = {f"{key.replace('_', '.')}": value for key, value in addresses.items()}
    names = {"fwd": "fwd.to-db", "db": "db.inside"}
    text: str = program()["rules"]([DOOR], {names[key]: value for key, value in known.items()})
    return text.splitlines()


def test_rules_are_one_statement_a_line_that_can_be_repeated() -> None:
    lines = rules(fwd="10.0.0.2", db="10.0.1.2")
    assert all(line.startswith(("add ", "flush chain inet loadpath ")) for line in lines)
    assert (
        "add rule inet loadpath f_pre ip daddr 10.0.0.2 tcp dport 5432 dnat ip to 10.0.1.2" in lines
    )
    assert (
        "add rule inet loadpath f_forward ct original ip daddr 10.0.0.2 ip daddr 10.0.1.2 "
        "tcp dport 5432 ct state new counter name open_to-db_5432 accept"
    ) in lines
    assert sum("policy drop" in line for line in lines) == 2


def test_a_door_to_a_part_that_is_away_refuses_at_once() -> None:
    lines = rules(fwd="10.0.0.2")
    assert not any("dnat ip to" in line for line in lines)
    refusing = (
        "add rule inet loadpath f_input ip daddr 10.0.0.2 tcp dport 5432 reject with tcp reset"
    )
    closing = "add rule inet loadpath f_input ip daddr 10.0.0.2 counter name closed_to-db drop"
    assert lines.index(refusing) < lines.index(closing)


def test_a_gateway_that_knows_no_address_lets_nothing_through() -> None:
    assert not any("dnat ip to" in line or " daddr " in line for line in rules())


def test_a_name_is_looked_up() -> None:
    look_up = program()["look_up"]
    assert look_up("localhost") == "127.0.0.1"
    assert not look_up("no such name")


def test_a_part_is_away_when_its_name_is_missed_twice_while_the_own_one_is_found() -> None:
    found = program()
    names = {"fwd.to-db": "10.0.0.2", "db.inside": "10.0.1.2"}
    found["look_up"] = lambda name: names.get(name, "")
    known: dict[str, str] = {}
    misses: dict[str, int] = {}

    def after(**changes: str) -> dict[str, str]:
        names.update({"fwd.to-db": changes["own"], "db.inside": changes["part"]})
        found["learn"](DOOR, known, misses)
        return known

    whole = {"fwd.to-db": "10.0.0.2", "db.inside": "10.0.1.2"}
    assert after(own="10.0.0.2", part="10.0.1.2") == whole
    for _ in range(3):
        assert after(own="", part="") == whole, "the resolver is silent"
    assert after(own="10.0.0.2", part="") == whole, "once"
    assert after(own="10.0.0.2", part="") == {"fwd.to-db": "10.0.0.2", "db.inside": ""}
    assert after(own="10.0.0.2", part="10.0.1.9") == whole | {"db.inside": "10.0.1.9"}
