"""Encryption: each rule fires, stays quiet, is not fooled, and its fixes hold."""

from typing import Any

import pytest

from app.model.compute import WebServer
from app.model.traffic import LoadBalancer
from app.rules import hardening
from app.rules.check import check
from tests.rules.drawing import Drawing
from tests.rules.looking import found, proven, repaired, subjects

HTTPS: dict[str, Any] = {"protocol": "https", "port": 443, "tls": "1.3"}


def behind_a_firewall(**values: Any) -> Drawing:
    """Users, a firewall, a balancer and two web servers, on machines of their own."""
    drawing = Drawing()
    drawing.link(
        drawing.users,
        drawing.part("dns", domain="www.foobar.com"),
        role="resolve",
        protocol="dns",
    )
    wall = drawing.part("firewall")
    (lb,) = drawing.on(None, "load_balancer")
    webs = [key for _ in range(2) for key in drawing.on(None, "web_server")]
    drawing.link(drawing.users, wall, **values)
    drawing.link(wall, lb, **values)
    drawing.link(lb, *webs, protocol="http", port=80)
    return drawing


def test_plain_http_from_the_internet_becomes_https_as_far_as_the_part_that_ends_it() -> None:
    design = repaired(behind_a_firewall(protocol="http", port=80).design, "TLS001")

    links = [design.links[key] for key in ("link-2", "link-3", "link-4")]
    assert [(link.protocol, link.number, link.tls) for link in links] == [
        ("https", 443, "1.3"),
        ("https", 443, "1.3"),
        ("http", 80, "none"),
    ]
    balancer = design.components["lb-1"]
    assert isinstance(balancer, LoadBalancer)
    assert balancer.certificate == "www.foobar.com"
    assert balancer.redirect
    assert subjects(design, "TLS007") == []


def test_what_a_firewall_lets_through_for_other_reasons_stays_as_it_is() -> None:
    drawing = behind_a_firewall(protocol="http", port=80)
    (db,) = drawing.on(None, "database")
    drawing.link("fw-1", db, role="read", protocol="mysql")

    design = repaired(drawing.design, "TLS001")

    assert not design.links["link-6"].encrypted


def test_the_evidence_of_plain_traffic_is_the_link_and_its_ends() -> None:
    (finding,) = found(behind_a_firewall(protocol="http").design, "TLS001")

    assert finding.problem.subjects == ("link-2",)
    assert finding.problem.message == "users-1 and fw-1 talk plain HTTP over the internet."
    assert finding.problem.witness.path == ("users-1", "link-2", "fw-1")


def test_a_balancer_that_passes_connections_leaves_https_to_what_is_behind_it() -> None:
    drawing = behind_a_firewall(protocol="tcp", port=443)
    drawing.set("lb-1", layer="tcp")

    design = repaired(drawing.design, "TLS001")

    web = design.components["web-1"]
    assert isinstance(web, WebServer)
    assert web.certificate == "www.foobar.com"
    assert not getattr(design.components["lb-1"], "certificate", "")
    assert design.links["link-4"].encrypted


def test_https_and_names_and_administration_are_no_plain_traffic() -> None:
    drawing = behind_a_firewall(**HTTPS)
    drawing.link(drawing.users, "web-1", role="admin", protocol="telnet")

    assert subjects(drawing.design, "TLS001") == []


def both_ways(*, redirect: bool) -> Drawing:
    """A web server that answers on HTTP and on HTTPS."""
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server", certificate="www.example.com", redirect=redirect)
    drawing.link(drawing.users, web, protocol="http")
    drawing.link(drawing.users, web, **HTTPS)
    return drawing


def test_http_beside_https_wants_a_redirect() -> None:
    drawing = both_ways(redirect=False)

    design = repaired(drawing.design, "TLS002")

    assert subjects(drawing.design, "TLS002") == [("web-1",)]
    assert subjects(drawing.design, "TLS001") == [("link-1",)]
    assert subjects(design, "TLS001") == []


def test_http_that_only_redirects_is_fine() -> None:
    design = both_ways(redirect=True).design

    assert subjects(design, "TLS001") == []
    assert subjects(design, "TLS002") == []


def test_https_alone_wants_no_redirect_and_a_redirect_to_nowhere_helps_nobody() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server", certificate="www.example.com", redirect=True)
    drawing.link(drawing.users, web, protocol="http")

    assert subjects(drawing.design, "TLS001") == [("link-1",)]
    assert subjects(drawing.design, "TLS002") == []


def test_tls_that_ends_at_the_balancer_is_one_finding_for_all_its_servers() -> None:
    drawing = behind_a_firewall(**HTTPS)

    design = repaired(drawing.design, "TLS003")

    assert subjects(drawing.design, "TLS003") == [("link-4", "link-5")]
    links = [design.links[key] for key in ("link-4", "link-5")]
    assert [(link.protocol, link.number) for link in links] == [("https", 443), ("https", 443)]
    assert getattr(design.components["web-1"], "certificate", "") == "web-1.internal"


def test_a_firewall_behind_the_balancer_does_not_hide_that_tls_ends_there() -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    wall = drawing.part("firewall")
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, lb, **HTTPS)
    drawing.link(lb, wall, protocol="http")
    drawing.link(wall, web, protocol="http")

    design = repaired(drawing.design, "TLS003")

    assert subjects(drawing.design, "TLS003") == [("link-3",)]
    assert all(link.encrypted for link in design.links.values())


def test_two_balancers_before_the_same_firewall_are_one_finding() -> None:
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    wall = drawing.part("firewall")
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, *lbs, **HTTPS)
    for lb in lbs:
        drawing.link(lb, wall, protocol="http")
    drawing.link(wall, web, protocol="http")

    (finding,) = found(drawing.design, "TLS003")

    assert finding.problem.message == (
        "HTTPS ends at lb-1 and lb-2: from there on web-1 gets plain HTTP."
    )
    assert all(link.encrypted for link in proven(drawing.design, "TLS003")[0].links.values())


def test_a_balancer_before_databases_and_its_reports_are_other_matters() -> None:
    drawing = Drawing()
    (lb,) = drawing.on(None, "load_balancer")
    (db,) = drawing.on(None, "database")
    drawing.link(drawing.users, lb, **HTTPS)
    drawing.link(lb, db, role="read", protocol="postgres")
    drawing.link(lb, drawing.part("monitoring_server"), role="monitor", protocol="http")

    assert subjects(drawing.design, "TLS003") == []
    assert subjects(drawing.design, "TLS014") == [("link-2",)]


def test_tls_may_end_at_a_balancer_on_the_same_machine() -> None:
    drawing = Drawing()
    lb, web = drawing.on(None, "load_balancer", "web_server")
    drawing.link(drawing.users, lb, **HTTPS)
    drawing.link(lb, web, protocol="http", port=8080)

    assert subjects(drawing.design, "TLS003") == []


def test_without_tls_before_the_balancer_none_ends_there() -> None:
    assert subjects(behind_a_firewall(protocol="http").design, "TLS003") == []


def test_tls_that_comes_by_the_cluster_ends_at_each_balancer() -> None:
    drawing = Drawing()
    lbs = [key for _ in range(2) for key in drawing.on(None, "load_balancer")]
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, drawing.cluster(*lbs), **HTTPS)
    for lb in lbs:
        drawing.link(lb, web, protocol="http")

    assert subjects(drawing.design, "TLS003") == [("link-2",), ("link-3",)]


def database(**values: Any) -> Drawing:
    """Two application servers before a primary and its replica."""
    drawing = Drawing()
    apps = [key for _ in range(2) for key in drawing.on(None, "app_server")]
    (primary,) = drawing.on(None, "database")
    (replica,) = drawing.on(None, "database", role="replica")
    drawing.cluster(primary, replica, mode="primary-replica")
    for app in apps:
        drawing.link(app, primary, role="write", protocol="postgres", **values)
        drawing.link(app, replica, role="read", protocol="postgres", **values)
    drawing.link(primary, replica, role="replicate", protocol="postgres", **values)
    return drawing


def test_clear_links_to_one_database_cluster_are_one_finding() -> None:
    design = repaired(database().design, "TLS014")

    assert subjects(database().design, "TLS014") == [("link-1", "link-2", "link-3", "link-4")]
    assert all(link.tls == "1.3" for link in design.links.values() if link.role != "replicate")


def test_clear_replication_is_found_and_encrypted() -> None:
    design = repaired(database().design, "TLS005")

    assert subjects(database().design, "TLS005") == [("link-5",)]
    assert design.links["link-5"].tls == "1.3"


def test_encrypted_links_to_a_database_are_fine() -> None:
    design = database(tls="1.2").design

    assert subjects(design, "TLS014") == subjects(design, "TLS005") == []


def test_a_database_on_the_same_machine_may_be_asked_in_clear() -> None:
    drawing = Drawing()
    app, db = drawing.on(None, "app_server", "database")
    drawing.query(app, db)

    assert subjects(drawing.design, "TLS014") == []


def test_parts_on_no_machine_are_not_on_the_same_one() -> None:
    drawing = Drawing()
    drawing.query(drawing.part("app_server"), drawing.part("database"))

    assert subjects(drawing.design, "TLS014") == [("link-1", "link-2")]


def test_the_hop_before_a_firewall_is_encrypted_with_the_hop_behind_it() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    wall = drawing.part("firewall")
    (db,) = drawing.on(None, "database")
    drawing.link(app, wall, role="read", protocol="mysql")
    drawing.link(wall, db, role="read", protocol="mysql")

    design = repaired(drawing.design, "TLS014")

    assert all(link.tls == "1.3" for link in design.links.values())


@pytest.mark.parametrize("data", ["credentials", "confidential"])
def test_secrets_in_clear_replace_the_milder_finding_of_the_same_link(data: str) -> None:
    drawing = database(data=data)

    assert len(subjects(drawing.design, "TLS004")) == 5
    assert subjects(drawing.design, "TLS014") == subjects(drawing.design, "TLS005") == []
    assert proven(drawing.design, "TLS004")


def test_secrets_from_the_internet_and_on_one_machine_are_no_inner_secrets() -> None:
    drawing = Drawing()
    web, app = drawing.on(None, "web_server", "app_server")
    drawing.link(drawing.users, web, protocol="http", data="credentials")
    drawing.link(web, app, protocol="http", port=8000, data="credentials")

    assert subjects(drawing.design, "TLS004") == []
    assert subjects(drawing.design, "TLS001") == [("link-1",)]


@pytest.mark.parametrize(("tls", "version"), [("ssl3", "SSL 3.0"), ("1.0", "TLS 1.0")])
def test_an_outdated_version_is_named_and_renewed(tls: str, version: str) -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server")
    drawing.link(drawing.users, web, protocol="https", tls=tls)
    (finding,) = found(drawing.design, "TLS006")

    assert finding.problem.message == f"web-1 still accepts {version}."
    assert repaired(drawing.design, "TLS006").links["link-1"].tls == "1.3"


def test_tls_1_2_is_not_outdated() -> None:
    assert subjects(database(tls="1.2").design, "TLS006") == []


@pytest.mark.parametrize(
    ("certificate", "fires"),
    [("", True), ("shop.foobar.com", True), ("*.com", True), ("www.foobar.com", False),
     ("*.foobar.com", False), ("a.example WWW.foobar.com", False)],
)  # fmt: skip
def test_a_certificate_covers_the_name_that_users_look_up(
    certificate: str,
    fires: bool,
) -> None:
    drawing = behind_a_firewall(**HTTPS)
    drawing.set("lb-1", certificate=certificate)

    assert bool(subjects(drawing.design, "TLS007")) == fires
    for design in proven(drawing.design, "TLS007"):
        held = getattr(design.components["lb-1"], "certificate", "").split()
        assert set(certificate.split()) < set(held)


def test_without_a_name_any_certificate_will_do() -> None:
    drawing = Drawing()
    (web,) = drawing.on(None, "web_server", certificate="anything.example")
    drawing.link(drawing.users, web, **HTTPS)

    assert subjects(drawing.design, "TLS007") == []
    drawing.set(web, certificate="")
    certified = repaired(drawing.design, "TLS007").components[web]
    kept = hardening.certify(drawing.design, web, ())
    assert hardening.certify(kept, web, ()) == kept
    assert getattr(certified, "certificate", "") == hardening.HOST_NAME


def test_an_application_server_at_the_entrance_speaks_https_without_a_certificate_field() -> None:
    drawing = Drawing()
    (app,) = drawing.on(None, "app_server")
    drawing.link(drawing.users, app, protocol="http", port=8000)

    design = repaired(drawing.design, "TLS001")

    assert design.links["link-1"].protocol == "https"
    assert design.links["link-1"].number == 8000
    assert subjects(design, "TLS007") == []


def test_certifying_what_ends_no_tls_changes_nothing() -> None:
    drawing = Drawing()
    app = drawing.part("app_server")

    assert hardening.certify(drawing.design, app, ()) is drawing.design


@pytest.mark.parametrize(
    ("role", "before", "after"),
    [("admin", "telnet", "ssh"), ("deploy", "ftp", "sftp"), ("monitor", "snmp", "snmpv3"),
     ("log", "syslog", "syslog-tls"), ("monitor", "http", "https")],
)  # fmt: skip
def test_operation_in_clear_takes_the_encrypted_protocol(
    role: str, before: str, after: str
) -> None:
    drawing = Drawing()
    (bastion,) = drawing.on(None, "bastion")
    (web,) = drawing.on(None, "web_server")
    drawing.link(bastion, web, role=role, protocol=before)

    design = repaired(drawing.design, "TLS009")

    assert design.links["link-1"].protocol == after
    assert design.links["link-1"].encrypted


def test_agents_that_report_to_one_server_in_clear_are_one_finding() -> None:
    drawing = Drawing()
    collector = drawing.part("monitoring_server")
    for _ in range(3):
        (agent,) = drawing.on(None, "monitoring_agent")
        drawing.link(agent, collector, role="monitor", protocol="http")

    assert subjects(drawing.design, "TLS009") == [("link-1", "link-2", "link-3")]


def test_operation_over_encrypted_protocols_and_on_one_machine_is_fine() -> None:
    drawing = Drawing()
    agent, collector = drawing.on(None, "monitoring_agent", "monitoring_server")
    drawing.link(agent, collector, role="monitor", protocol="http")
    drawing.link(drawing.part("bastion"), agent, role="admin", protocol="ssh")

    assert subjects(drawing.design, "TLS009") == []


def test_all_of_it_repaired_leaves_nothing_to_say_about_encryption() -> None:
    design = behind_a_firewall(protocol="http", port=80).design
    for rule in ("TLS001", "TLS003"):
        design = repaired(design, rule)

    assert not [item.key for item in check(design) if item.rule.category == "https"]
