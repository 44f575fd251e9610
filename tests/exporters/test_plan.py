"""What a design becomes, and what the reader is told about it."""

from collections.abc import Mapping
from typing import Any

import pytest

from app.model import edits
from app.model.design import Design
from app.model.kinds import KINDS
from exporters import EXPORTERS
from exporters.compose import export
from exporters.deployment import Deployment, Service
from exporters.errors import ExportError
from exporters.plan import plan
from exporters.plan.ports import Ports
from exporters.programs import Edge, Front
from tests.exporters.designs import draw, link, passive_pair, web_stack
from tests.exporters.projects import DESIGNS

HTTPS = {"protocol": "https", "tls": "1.3"}


def texts(deployment: Deployment) -> str:
    return "\n".join(note.text for note in deployment.notes)


def values(deployment: Deployment, path: str) -> Any:
    return next(item.values for item in deployment.files if item.path == path)


def roles(deployment: Deployment) -> Mapping[str, str]:
    return {service.name: service.role for service in deployment.services}


def joint(deployment: Deployment, one: str, other: str) -> bool:
    """Whether two services share a network."""
    found = [set(deployment.service(name).networks) for name in (one, other)]
    return bool(found[0] & found[1])


def hosts(service: Service, key: str) -> list[str]:
    import json

    settings = service.environment["STORES"]
    assert isinstance(settings, str)
    found: list[str] = json.loads(settings)[0][key]
    return found


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_part_of_any_kind_alone_is_planned_or_remarked(kind: str) -> None:
    design, _ = draw("Alone", {"it": (kind, {})})
    deployment = plan(design)
    silent = {"client", "site", "zone", "note", "cluster"}
    assert deployment.services or "it" in texts(deployment) or kind in silent


@pytest.mark.parametrize(
    ("algorithm", "balance", "consistent"),
    [("roundrobin", "roundrobin", False), ("static-rr", "static-rr", False),
     ("leastconn", "leastconn", False), ("source", "source", True), ("uri", "uri", True),
     ("random", "random(2)", False), ("first", "first", False),
     ("unset", "roundrobin", False)],
)  # fmt: skip
def test_each_algorithm_is_one_of_haproxy(
    algorithm: str, balance: str, *, consistent: bool
) -> None:
    design, ids = web_stack()
    deployment = plan(edits.set_fields(design, ids["lb"], algorithm=algorithm))
    found = values(deployment, "config/lb/haproxy.cfg")
    assert isinstance(found, Front)
    assert (found.balance, found.consistent) == (balance, consistent)
    assert ("has no algorithm" in texts(deployment)) is (algorithm == "unset")


def test_a_uri_cannot_be_hashed_where_no_request_is_read() -> None:
    design, ids = web_stack()
    design = edits.set_fields(design, ids["lb"], algorithm="uri", layer="tcp")
    with pytest.raises(ExportError, match="lb: an algorithm that hashes the URI"):
        plan(design)


def test_a_balancer_that_passes_connections_leaves_tls_to_the_servers() -> None:
    design, ids = web_stack()
    design = edits.set_fields(design, ids["lb"], layer="tcp", redirect=True)
    for key in design.links:
        if design.links[key].source in (ids["users"], ids["lb"]):
            design = edits.set_fields(design, key, **HTTPS)
    deployment = plan(design)
    found = values(deployment, "config/lb/haproxy.cfg")
    assert found.passthrough
    assert not found.redirect
    assert {item.service for item in deployment.certificates} == {"web-1", "web-2"}
    assert "cannot send visitors to HTTPS" in texts(deployment)


def test_a_firewall_before_an_entrance_is_segmentation_and_no_service() -> None:
    deployment = plan(DESIGNS["scale-up"])
    assert [name for name in roles(deployment) if name.startswith("fw")] == ["fw-2", "fw-3"]
    assert "fw-1: these firewalls become segmentation alone" in texts(deployment)
    assert not joint(deployment, "web-1", "app-1")
    assert not joint(deployment, "web-1", "db-1")


def test_a_firewall_that_inspects_requests_is_told_to_inspect_nothing() -> None:
    drawn = draw("Waf", {"u": ("client", {}), "waf": ("firewall", {"inspects": "requests"}),
                         "web": ("web_server", {})})  # fmt: skip
    deployment = plan(link(drawn, ("u", "waf"), ("waf", "web"), protocol="http"))
    assert deployment.service("web").ports
    assert "waf: nothing inspects requests" in texts(deployment)


def test_firewalls_that_lead_in_a_circle_lead_nowhere() -> None:
    drawn = draw("Ring", {"u": ("client", {}), "a": ("firewall", {}), "b": ("firewall", {}),
                          "web": ("web_server", {})})  # fmt: skip
    deployment = plan(link(drawn, ("u", "a"), ("a", "b"), ("b", "a"), ("b", "web")))
    assert deployment.service("web").ports


@pytest.mark.parametrize("engine", ["postgres", "mariadb", "mysql"])
def test_replicas_follow_the_primary_and_take_the_reads(engine: str) -> None:
    deployment = plan(web_stack(engine, replicas=3)[0])
    app = deployment.service("app-1")
    assert hosts(app, "read") == ["db-1", "db-2", "db-3", "db-0"]
    assert hosts(app, "write") == ["db-0", "db-1", "db-2", "db-3"]
    for number in (1, 2, 3):
        assert deployment.service(f"db-{number}").needs == {"db-0": "healthy"}
    assert "promote a replica by hand" in texts(deployment)


@pytest.mark.parametrize("engine", ["postgres", "mariadb", "mysql"])
def test_an_encrypted_link_to_a_database_gives_its_servers_certificates(engine: str) -> None:
    design, ids = web_stack(engine, replicas=1)
    for key, drawn in design.links.items():
        if drawn.target == ids["db-cluster"]:
            design = edits.set_fields(design, key, tls="1.3")
    deployment = plan(design)
    assert {item.service for item in deployment.certificates} == {"db-0", "db-1"}
    for name in ("db-0", "db-1"):
        assert any("/certs/tls.key" in word for word in deployment.service(name).command)
    assert hosts(deployment.service("app-1"), "ca")


def test_a_request_to_a_database_reads_and_other_links_do_not_count() -> None:
    drawn = draw("Plain", {"app": ("app_server", {}), "db": ("database", {}),
                           "other": ("database", {})})  # fmt: skip
    design = link(drawn, ("app", "db"), protocol="postgres")
    design = link((design, drawn[1]), ("app", "other"), role="admin", protocol="ssh")
    app = plan(design).service("app")
    assert hosts(app, "read") == ["db"]
    assert hosts(app, "write") == []
    assert app.needs == {"db": "healthy"}


def test_a_write_to_the_primary_goes_to_whoever_is_promoted() -> None:
    design, ids = web_stack(replicas=2)
    gone = [key for key, item in design.links.items() if item.target == ids["db-cluster"]]
    design = edits.remove(design, gone)
    design = link((design, ids), ("app-1", "db-0"), role="write", protocol="postgres")
    design = link((design, ids), ("app-1", "db-1"), role="read", protocol="postgres")
    design = edits.set_fields(design, ids["db-2"], promotable=False)
    app = plan(design).service("app-1")
    assert hosts(app, "write") == ["db-0", "db-1"]
    assert hosts(app, "read") == ["db-1"]


def test_a_replica_without_a_primary_of_its_engine_is_one_itself() -> None:
    design, ids = draw("Lost", {"a": ("database", {"role": "replica", "engine": "mariadb"}),
                                "b": ("database", {"role": "primary"})})  # fmt: skip
    deployment = plan(design)
    assert "runs as a primary of its own" in texts(deployment)
    linked = link((design, ids), ("b", "a"), role="replicate")
    assert "runs as a primary of its own" in texts(plan(linked))


def test_a_replication_link_joins_databases_of_no_cluster() -> None:
    drawn = draw("Two", {"a": ("database", {}), "b": ("database", {}),
                         "c": ("database", {"role": "replica"})})  # fmt: skip
    deployment = plan(link(drawn, ("b", "c"), role="replicate", protocol="postgres"))
    assert deployment.service("c").needs == {"b": "healthy"}


@pytest.mark.parametrize("mode", ["multi-primary", "quorum", "sharded"])
def test_a_mode_that_is_not_exported_is_told(mode: str) -> None:
    design, ids = web_stack(replicas=1)
    deployment = plan(edits.set_fields(design, ids["db-cluster"], mode=mode))
    assert f"{mode} is not exported" in texts(deployment)


def test_two_primaries_of_one_cluster_are_told_to_be_two_databases() -> None:
    design, ids = web_stack(replicas=1)
    assert "is drawn as a primary beside" not in texts(plan(design))
    design = edits.set_fields(design, ids["db-1"], role="primary")
    assert "db-cluster: db-1 is drawn as a primary beside db-0" in texts(plan(design))


@pytest.mark.parametrize(
    ("version", "image", "told"),
    [("", "postgres:18", False), ("17", "postgres:17", False), ("17.4", "postgres:17", False),
     ("12", "postgres:18", True)],
)  # fmt: skip
def test_the_drawn_release_of_postgresql_is_taken(version: str, image: str, *, told: bool) -> None:
    deployment = plan(web_stack(version=version)[0])
    assert deployment.service("db-0").image == image
    assert ("takes the place of the release" in texts(deployment)) is told


def test_an_active_passive_pair_is_reached_through_one_edge() -> None:
    deployment = plan(passive_pair()[0])
    found = values(deployment, "config/pair/haproxy.cfg")
    assert isinstance(found, Edge)
    assert [(b.host, b.backup, b.disabled) for b in found.balancers] == [
        ("lb", False, False), ("lb-b", True, False),
    ]  # fmt: skip
    assert {port.scheme for port in deployment.service("pair").ports} == {"http", "https"}
    assert not deployment.service("lb").ports
    assert "emulated by the service pair" in texts(deployment)


def test_a_failover_by_hand_leaves_the_passive_balancer_disabled() -> None:
    deployment = plan(passive_pair("manual")[0])
    found = values(deployment, "config/pair/haproxy.cfg")
    assert [b.disabled for b in found.balancers] == [False, True]
    assert "docker compose restart pair" in texts(deployment)


def test_a_pair_that_nobody_links_to_is_published_nowhere_else() -> None:
    drawn = draw("Pair", {"u": ("client", {}), "web": ("web_server", {}),
                          "a": ("load_balancer", {}), "b": ("load_balancer", {}),
                          "pair": ("cluster", {"mode": "active-passive"})})  # fmt: skip
    design = edits.join(drawn[0], drawn[1]["pair"], [drawn[1]["a"], drawn[1]["b"]])
    deployment = plan(link((design, drawn[1]), ("u", "web"), ("a", "web"), protocol="http"))
    assert [port.variable for port in deployment.ports] == ["WEB_HTTP_PORT"]


def test_a_shared_address_of_active_balancers_is_told_to_be_two() -> None:
    drawn = draw("Both", {"u": ("client", {}), "a": ("load_balancer", {}),
                          "b": ("load_balancer", {}),
                          "both": ("cluster", {"virtual_address": True})})  # fmt: skip
    design = edits.join(drawn[0], drawn[1]["both"], [drawn[1]["a"], drawn[1]["b"]])
    deployment = plan(link((design, drawn[1]), ("u", "both"), protocol="http"))
    assert [port.default for port in deployment.ports] == [8080, 8081]
    assert "each balancer has published ports of its own" in texts(deployment)
    assert "answers 503" in texts(deployment)


def test_without_users_the_outermost_parts_are_published() -> None:
    design, ids = web_stack()
    deployment = plan(edits.remove(design, [ids["users"]]))
    assert [port.variable for port in deployment.ports] == ["LB_HTTP_PORT"]
    assert "No users are drawn" in texts(deployment)


def test_a_web_server_alone_serves_a_page_and_its_files() -> None:
    drawn = draw("Static", {"u": ("client", {}), "web": ("web_server", {}),
                            "f": ("app_files", {})})  # fmt: skip
    deployment = plan(link(drawn, ("u", "web"), ("web", "f"), protocol="http"))
    found = values(deployment, "config/web/site.conf")
    assert isinstance(found, Front)
    assert not found.backends
    assert found.files == ("f",)
    assert "/usr/share/nginx/html" in {bind.target for bind in deployment.service("web").binds}


def test_a_web_server_that_redirects_is_told_the_published_port() -> None:
    drawn = draw("Own", {"u": ("client", {}), "web": ("web_server", {"redirect": True}),
                         "app": ("app_server", {})})  # fmt: skip
    design = link(drawn, ("u", "web"), ("web", "app"), **HTTPS)
    service = plan(design).service("web")
    assert {port.scheme for port in service.ports} == {"http", "https"}
    assert "HTTPS_PORT" in service.environment
    assert "/etc/nginx/conf.d" in service.tmpfs


def test_an_inner_redirect_keeps_the_port_of_the_container() -> None:
    drawn = draw("Inner", {"u": ("client", {}), "lb": ("load_balancer", {}),
                           "web": ("web_server", {"redirect": True})})  # fmt: skip
    design = link(drawn, ("u", "lb"), protocol="http")
    design = link((design, drawn[1]), ("lb", "web"), **HTTPS)
    assert plan(design).service("web").environment["HTTPS_PORT"] == "8443"


def test_what_a_proxy_cannot_use_is_told() -> None:
    drawn = draw("Odd", {"web": ("web_server", {"image": "httpd:2.4"}), "db": ("database", {}),
                         "app": ("app_server", {"image": "php:8.4-fpm"}),
                         "other": ("web_server", {}),
                         "lb": ("load_balancer", {"image": "envoy:1"})})  # fmt: skip
    design = link(drawn, ("web", "db"), role="read")
    design = link((design, drawn[1]), ("web", "app"), ("web", "other"), protocol="http")
    told = texts(plan(design))
    for sentence in (
        "web has no program of its own that could use db",
        "web was drawn as another program",
        "lb was drawn as another program",
        "app was drawn as another program",
        "its link to app was left out",
    ):
        assert sentence in told


def test_a_balancer_before_a_service_tests_its_port_only() -> None:
    drawn = draw("Any", {"u": ("client", {}), "lb": ("load_balancer", {}),
                         "s": ("service", {"image": "a/b:1", "port": 9000}),
                         "t": ("service", {"image": "a/b:1"}),
                         "n": ("service", {"image": "b:latest"}),
                         "p": ("service", {"external": True, "image": "a/b:1"})})  # fmt: skip
    design = link(drawn, ("u", "lb"), ("lb", "s"), ("lb", "t"), ("u", "s"), protocol="http")
    deployment = plan(design)
    found = values(deployment, "config/lb/haproxy.cfg")
    assert found.check == "tcp"
    assert [(b.host, b.port) for b in found.backends] == [("s", 9000)]
    assert "n was left out: it names no container image" in texts(deployment)
    assert "p was left out: somebody else runs it" in texts(deployment)
    assert deployment.service("s").ports[0].default >= 8000


def test_an_application_runs_the_first_of_its_files() -> None:
    drawn = draw("Code", {"app": ("app_server", {}), "f": ("app_files", {"version": "2.0"}),
                          "g": ("app_files", {"writable": True})})  # fmt: skip
    deployment = plan(link(drawn, ("app", "f"), ("app", "g"), protocol="file"))
    app = deployment.service("app")
    assert app.environment["CODE_VERSION"] == "2.0"
    assert app.binds[0].source == "config/f"
    assert "g was left out" in texts(deployment)
    assert "g is drawn as writable" in texts(deployment)


def test_an_encrypted_link_to_an_application_ends_there() -> None:
    drawn = draw("Tls", {"u": ("client", {}), "web": ("web_server", {}),
                         "app": ("app_server", {})})  # fmt: skip
    deployment = plan(link(drawn, ("u", "web"), ("web", "app"), **HTTPS))
    assert deployment.service("app").environment["TLS_PORT"] == "8443"
    assert values(deployment, "config/web/site.conf").upstream_tls
    assert deployment.service("app").needs == {"pki-install": "completed"}


def test_more_networks_than_eight_are_warned_about() -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {f"db-{n}": ("database", {}) for n in range(9)}
    assert "needs 9 networks" in texts(plan(draw("Many", parts)[0]))


def test_parts_of_two_segments_share_no_network_of_their_own() -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "dmz": ("zone", {"trust": "dmz"}), "app": ("zone", {"trust": "app"}),
        "lb": ("load_balancer", {}), "w1": ("web_server", {}), "w2": ("web_server", {}),
        "u": ("client", {}),
    }  # fmt: skip
    design, ids = draw("Zones", parts)
    design = edits.nest(design, [ids["w1"]], ids["dmz"])
    design = edits.nest(design, [ids["w2"]], ids["app"])
    design = link((design, ids), ("u", "lb"), ("lb", "w1"), ("lb", "w2"), protocol="http")
    deployment = plan(design)
    assert joint(deployment, "lb", "w1")
    assert joint(deployment, "lb", "w2")
    assert not joint(deployment, "w1", "w2")
    for zone in ("dmz", "app"):
        design = edits.set_fields(design, ids[zone], network="one")
    assert joint(plan(design), "w1", "w2")


@pytest.mark.parametrize("name", [*DESIGNS])
def test_no_two_tiers_that_are_not_linked_share_a_network(name: str) -> None:
    """A network common to all tiers would lead past every border."""
    deployment = plan(DESIGNS[name])
    found = roles(deployment)
    for network in deployment.networks:
        inside = {found[member] for member in network.members}
        if "database" in inside:
            assert inside.isdisjoint({"web", "balancer", "edge", "proxy"}), network


def test_the_collector_is_the_only_one_in_all_its_networks() -> None:
    deployment = plan(DESIGNS["secured-and-monitored"])
    monitoring = next(n for n in deployment.networks if n.name == "monitoring")
    inside = {roles(deployment)[name] for name in monitoring.members}
    assert inside == {"monitoring", "exporter", "agent", "alerting", "inbox", "dashboards"}


def test_agents_and_monitoring_without_the_other_half_are_told() -> None:
    agent = plan(draw("Agent", {"agent": ("monitoring_agent", {})})[0])
    server = plan(draw("Nagios", {"m": ("monitoring_server", {"image": "nagios:4"})})[0])
    assert "No monitoring server collects it" in texts(agent)
    assert "shows alarms on its page only" in texts(server)
    assert "m was drawn as another program" in texts(server)


def test_sites_and_zones_are_told_to_be_no_services() -> None:
    told = texts(plan(draw("Places", {"s": ("site", {}), "z": ("zone", {})})[0]))
    assert "s, z: sites and zones are no services" in told


def test_a_balancer_before_data_that_it_cannot_balance_says_so() -> None:
    drawn = draw("Odd", {"lb": ("load_balancer", {"layer": "tcp"}), "q": ("queue", {})})
    told = texts(plan(link(drawn, ("lb", "q"), role="publish", protocol="amqp")))
    assert "its link to q was left out: link the programs to it" in told


def test_a_service_that_does_not_exist_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="nobody"):
        plan(DESIGNS["scale-up"]).service("nobody")


def test_the_same_port_is_given_out_again_and_another_one_is_not() -> None:
    ports = Ports()
    first = ports.of("a", "http", 80)
    assert ports.of("a", "http", 80) == first
    assert ports.of("b", "tcp", 80, first=8080).default == 8081


@pytest.mark.parametrize("name", [*EXPORTERS])
def test_each_exporter_of_the_table_makes_what_it_says(name: str) -> None:
    exporter, design = EXPORTERS[name], DESIGNS["simple-web-stack"]
    chosen = {option.name: next(iter(option.values)) for option in exporter.options}
    assert bool(exporter.folder) is (not exporter.ending)
    if exporter.folder:
        assert len(exporter.folder(design)) > 1
    elif exporter.file:
        assert exporter.file(design, **chosen)
    else:
        assert name == "image"  # the canvas of the window draws it


def test_an_empty_design_is_no_project() -> None:
    with pytest.raises(ExportError, match="Untitled: nothing in this design runs"):
        export(Design())


def test_weights_reach_the_balancer_and_the_web_server() -> None:
    design, ids = web_stack()
    for part, weight in (("lb", 3), ("web-1", 5)):
        key = design.outgoing[ids[part]][0]
        design = edits.set_fields(design, key, weight=weight)
    files = export(design)
    haproxy, nginx = (
        next(text.decode() for path, text in files.items() if path.endswith(end))
        for end in ("lb/haproxy.cfg", "web-1/site.conf")
    )
    assert [" weight 3 " in line for line in haproxy.splitlines() if " server web" in line] == [
        True,
        False,
    ]
    assert "server app-1:8000 weight=5 resolve" in nginx
