"""Certificates for a public name by ACME: who gets one, from whom, and who is refused."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from app.model import edits
from app.model.design import Design
from exporters.compose import export
from exporters.deployment import Deployment, Issued
from exporters.errors import ExportError
from exporters.files import Files, write
from exporters.plan import plan
from exporters.plan.names import is_public_name
from exporters.programs import Front
from tests.exporters.designs import balanced, cached, draw, link, watched, working
from tests.exporters.projects import PUBLIC, compose_of, planned, project, token, yaml
from tests.exporters.test_operations import ANSWERS

NAMES = ("www.foobar.com", "foobar.com")
CADDY, TRAEFIK = PUBLIC["acme-caddy"], PUBLIC["acme-traefik"]


# Asked for the public name: neither what another authority signed, nor a dead entrance.
MISSING = (
    'probe_success{job=~"public-.+"}'
    ' unless on (job, part) probe_ssl_last_chain_info{job=~"public-.+",'
    'issuer!="CN=Loadpath project authority"} == 1'
    ' and on (part) probe_success{job="certificates"} == 1'
)


def entrance(image: str = "caddy:2.11", kind: str = "load_balancer", **values: Any) -> Design:
    """A front over TLS with a public name, or what a test says instead."""
    drawn: dict[str, Any] = {"tls": True, "certificate": NAMES[0]} | values
    return balanced(image, kind, **drawn)[0]


def front(deployment: Deployment) -> Front:
    (found,) = {f.values for f in deployment.files if isinstance(f.values, Front)}
    return found


def settings(files: Files) -> dict[str, str]:
    """Return what .env sets."""
    lines = files[".env"].decode().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_the_entrance_keeps_what_it_gets_in_a_volume_of_its_own() -> None:
    deployment = planned(CADDY)
    service = deployment.service("front")
    assert deployment.issued == Issued(
        service="front",
        names=NAMES,
        volume="front-acme",
        owner="0:0",
        ports=service.ports,
    )
    assert [m.target for m in service.mounts if m.volume == "front-acme"] == ["/acme"]
    assert "chown 0:0 /acme/front" in project(CADDY)["pki/install.sh"].decode()
    assert "chown 65532:65532 /acme/front" in project(TRAEFIK)["pki/install.sh"].decode()


def test_a_public_name_is_not_on_the_certificate_of_the_project() -> None:
    files = export(CADDY, certificates="acme")
    leaf = x509.load_pem_x509_certificate(files["pki/front.crt"])
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    found = set(names.get_values_for_type(x509.DNSName))
    assert found == {"front", "localhost", "backend.internal"}


def test_who_signs_is_changed_without_another_export() -> None:
    found = settings(project(CADDY))
    assert {key: value for key, value in found.items() if key.startswith("ACME_")} == {
        "ACME_EMAIL": "",
        "ACME_DIRECTORY": "https://acme-v02.api.letsencrypt.org/directory",
        "ACME_CA_ROOT": "/etc/ssl/certs/ca-certificates.crt",
    }
    for design, root in ((CADDY, "ACME_CA_ROOT"), (TRAEFIK, "LEGO_CA_CERTIFICATES")):
        environment = compose_of(project(design))["services"]["front"]["environment"]
        assert environment[root] == "${ACME_CA_ROOT:-/etc/ssl/certs/ca-certificates.crt}"
        assert environment["ACME_EMAIL"] == "${ACME_EMAIL:-}"


def test_caddy_gets_one_for_the_public_names_and_serves_the_local_one_elsewhere() -> None:
    told = project(CADDY)["config/front/Caddyfile"].decode()
    assert 'acme_ca "{$ACME_DIRECTORY}"' in told
    assert "auto_https off" not in told
    assert "https://www.foobar.com:8443, https://foobar.com:8443 {" in told
    assert told.count("tls /certs/tls.crt /certs/tls.key") == 1
    assert "disable_http_challenge" not in told


def test_caddy_is_asked_at_port_443_alone_where_no_other_is_published() -> None:
    issued = plan(entrance(), certificates="acme").issued
    assert issued
    assert [port.target for port in issued.ports] == [8443]
    files = export(entrance(), certificates="acme", token=token)
    assert "disable_http_challenge" in files["config/front/Caddyfile"].decode()
    assert "# BIND_ADDRESS=0.0.0.0 FRONT_HTTPS_PORT=443\n" in files[".env"].decode()


def test_traefik_is_asked_at_port_443_alone_though_another_is_published() -> None:
    design = entrance("traefik:v3.7", redirect=True)
    deployment = plan(design, certificates="acme")
    assert [port.target for port in deployment.service("front").ports] == [8080, 8443]
    assert deployment.issued
    assert deployment.issued.ports == deployment.service("front").ports[1:]
    files = export(design, certificates="acme", token=token)
    for path in ("README.md", "ops", ".env"):
        assert not re.search(r"HTTP_PORT(=| 8080 )80\b", files[path].decode()), path


def test_traefik_gets_one_that_its_start_tells_it_of(tmp_path: Path) -> None:
    files = project(TRAEFIK)
    routes = yaml(files["config/front/routes.yml"].replace(b"{{", b"").replace(b"}}", b""))
    assert routes["http"]["routers"]["tls"]["tls"] == {
        "certResolver": "acme",
        "domains": [{"main": "www.foobar.com", "sans": []}],
    }
    script = files["config/front/start.sh"].decode()
    script = script.replace("/etc/traefik/", "").replace("/tmp/", "made-")  # noqa: S108
    (tmp_path / "traefik.yml").write_bytes(files["config/front/traefik.yml"])
    (tmp_path / "traefik").write_text('#!/bin/sh\ncat "${1#--configFile=}"\n')
    (tmp_path / "traefik").chmod(0o755)
    given = {"ACME_EMAIL": "", "ACME_DIRECTORY": "https://ca.foobar.com/acme/directory"}
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=os.environ | given | path,
        capture_output=True, check=True,
    )  # fmt: skip
    static = yaml(done.stdout)
    assert static["entryPoints"]["tls"] == {"address": ":8443"}
    assert static["certificatesResolvers"]["acme"]["acme"] == {
        "email": "",
        "caServer": "https://ca.foobar.com/acme/directory",
        "storage": "/acme/https---ca-foobar-com-acme-directory.json",
        "tlsChallenge": {},
    }


def test_the_notes_say_what_a_ca_needs_and_bears() -> None:
    told = "\n".join(note.text for note in planned(CADDY).notes)
    for needed in (
        "front gets the certificate for www.foobar.com, foobar.com from the CA in .env",
        "BIND_ADDRESS=0.0.0.0, FRONT_HTTP_PORT=80, FRONT_HTTPS_PORT=443",
        "five failures an hour",
        "staging",
        "./ops reset",
        "All certificates but that for www.foobar.com, foobar.com come from an authority",
    ):
        assert needed in told
    assert "Use a public one in production" not in told


def test_the_script_says_who_renews_and_which_ports_are_missing() -> None:
    script = project(CADDY)["ops"].decode()
    assert "front renews the certificate for www.foobar.com, foobar.com by itself" in script
    for words in ("FRONT_HTTP_PORT 8080 80", "FRONT_HTTPS_PORT 8443 443", "BIND_ADDRESS"):
        assert f"  tell_acme {words}" in script


def test_each_public_name_is_looked_at_and_what_is_missing_is_an_alarm() -> None:
    files = project(CADDY)
    modules = yaml(files["monitoring/blackbox-exporter.yml"])["modules"]
    assert [modules[f"public-{name}"]["tcp"]["tls_config"]["server_name"] for name in NAMES] == [
        *NAMES
    ]
    groups = yaml(files["monitoring/prometheus/alerts.yml"])["groups"]
    rules = {rule.get("alert"): rule["expr"] for rule in groups[0]["rules"]}
    assert rules["PublicCertificateMissing"] == MISSING
    assert '{job=~"certificates|public-.+"}' in rules["CertificateExpires"]


def test_the_alarm_knows_who_signs_in_a_project_by_its_name() -> None:
    for path in ("pki/front.crt", "pki/ca.crt"):
        found = x509.load_pem_x509_certificate(export(CADDY, certificates="acme")[path])
        assert found.issuer.rfc4514_string() == "CN=Loadpath project authority"


def test_the_alarm_is_tried_with_what_each_program_does_without_a_certificate() -> None:
    """Caddy refuses the connection; Traefik serves what the project signed."""
    design = watched(balanced("traefik:v3.7", tls=True, certificate=NAMES[0]))[0]
    files = export(design, certificates="acme", token=token)
    tests = yaml(files["monitoring/prometheus/alerts_test.yml"])["tests"]
    tried = [test for test in tests if test["name"].startswith("PublicCertificateMissing")]
    refused, served = (
        {s["series"]: s["values"].split()[1] for s in t["input_series"]} for t in tried
    )
    job = f'job="public-{NAMES[0]}"'
    ours = 'issuer="CN=Loadpath project authority"'
    assert refused[f'probe_success{{{job},part="one"}}'].startswith("0+0")
    assert served[f'probe_success{{{job},part="two"}}'].startswith("1+0")
    assert served[f'probe_ssl_last_chain_info{{{job},part="two",{ours}}}'].startswith("1+0")
    for test in tried:
        told = test["alert_rule_test"][-1]["exp_alerts"][0]["exp_annotations"]["summary"]
        assert "serves no certificate by ACME: public-www.foobar.com" in told


def test_names_that_differ_in_their_dots_alone_are_looked_at_one_by_one() -> None:
    design = watched(balanced("caddy:2.11", tls=True, certificate="my.shop.com my-shop.com"))[0]
    files = export(design, certificates="acme", token=token)
    found = yaml(files["monitoring/prometheus/prometheus.yml"])["scrape_configs"]
    jobs = [job["job_name"] for job in found]
    assert len(jobs) == len(set(jobs))
    assert {"public-my.shop.com", "public-my-shop.com"} <= {*jobs}
    assert "|public-my-shop[.]com|public-my[.]shop[.]com|" in (
        files["monitoring/prometheus/alerts.yml"].decode()
    )


def resolved(*asked: tuple[str, str], certificate: str = "") -> Design:
    """An entrance, and two DNS: links to them ask `shop` or `inner`."""
    design, ids = balanced("caddy:2.11", tls=True, certificate=certificate)
    design, ids["shop"] = edits.add(design, "dns", domain="Shop.Foobar.com")
    design, ids["inner"] = edits.add(design, "dns", domain="partner.foobar.org")
    design, ids["staff"] = edits.add(design, "client", name="staff")
    return link((design, ids), *asked, role="resolve", protocol="dns")


def test_the_dns_of_its_users_says_the_name_where_the_entrance_does_not() -> None:
    asked = (("users", "shop"), ("app-1", "inner"), ("staff", "inner"))
    assert front(plan(resolved(*asked), certificates="acme")).public == ("shop.foobar.com",)
    design = resolved(*asked, certificate="www.foobar.com")
    assert front(plan(design, certificates="acme")).public == ("www.foobar.com",)


def test_a_part_that_is_called_acme_keeps_its_folder() -> None:
    design, _ = edits.add(entrance(), "app_files", name="acme")
    assert "config/acme-2/README.md" in export(design, certificates="acme", token=token)


def two_entrances() -> Design:
    fronts = ("load_balancer", {"image": "caddy:2.11", "certificate": NAMES[0]})
    drawn = draw("Two", {"users": ("client", {}), "one": fronts, "two": fronts})
    return link(drawn, ("users", "one"), ("users", "two"), protocol="https", tls="1.3")


def an_application() -> Design:
    drawn = draw("Alone", {"users": ("client", {}), "app": ("app_server", {})})
    return link(drawn, ("users", "app"), protocol="https", tls="1.3")


_HAPROXY = (
    "front: haproxy:3.2 gets no certificate by ACME; choose the image caddy:2.11 or traefik:v3.7, "
    "or choose the certificates of the project's own authority (local)"
)
_NO_NAME = (
    "front: ACME needs the public name of the site; write it into the field Certificate of front, "
    "or let its users ask a DNS with it as domain"
)
_PRIVATE = (
    'front: no public CA signs for "shop.internal" by ACME at ports 80 and 443; write a host name '
    "that the internet resolves into the field Certificate of front"
)
REFUSED = {
    "plain": (entrance(tls=False), "Balanced by caddy: its users reach nothing over HTTPS"),
    "pair": (entrance(pair=True), "front and other: a CA reaches only the active one of a pair"),
    "two": (two_entrances(), "one and two: only one can have port 443"),
    "HAProxy": (entrance("haproxy:3.2"), _HAPROXY),
    "nginx": (entrance("nginx:1.30", "reverse_proxy"), "front: nginx:1.30 gets no certificate"),
    "no image": (entrance(""), "front: what runs for it gets no certificate by ACME"),
    "web server": (
        entrance("traefik:v3.7", "web_server"),
        "front: traefik:v3.7 gets no certificate by ACME; choose the image caddy:2.11, or",
    ),
    "CDN": (cached(tls=True)[0], "cdn: what runs for it gets no certificate by ACME; draw a"),
    "application": (an_application(), "app: what runs for it gets no certificate by ACME"),
    "connections": (entrance("traefik:v3.7", layer="tcp"), "front: a balancer that passes"),
    "no name": (entrance(certificate=""), _NO_NAME),
    "a DNS of others": (resolved(("staff", "inner"), ("app-1", "shop")), _NO_NAME),
    "private name": (entrance(certificate="www.foobar.com shop.internal"), _PRIVATE),
}


@pytest.mark.parametrize(("design", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_get_a_certificate_is_refused_with_what_can(
    design: Design, sentence: str
) -> None:
    with pytest.raises(ExportError) as refused:
        plan(design, certificates="acme")
    assert str(refused.value).startswith(sentence)
    plan(design)  # by the authority of the project all of them are


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("www.foobar.com", True),
        ("Shop.Foobar.CO.UK", True),
        ("xn--bcher-kva.ch", True),
        ("mail.foobar.com", True),
        ("localhost", False),
        ("shop", False),
        ("shop.internal", False),
        ("printer.local", False),
        ("www.example.com", False),
        ("example.org", False),
        ("nas.home.arpa", False),
        ("*.foobar.com", False),
        ("192.0.2.7", False),
        ("-.foobar.com", False),
        ("foobar.com:443", False),
        ("foobar.com\n}", False),
    ],
)
def test_a_public_name_is_one_that_the_internet_resolves(name: str, *, public: bool) -> None:
    assert is_public_name(name) is public


def test_nothing_of_it_is_in_a_project_with_an_authority_of_its_own() -> None:
    for design in (CADDY, TRAEFIK, watched(working(tls=True))[0]):
        files = export(design, token=token)
        assert not plan(design).issued
        assert not [path for path, text in files.items() if b"ACME" in text]


def test_the_doctor_says_which_ports_no_ca_reaches(tmp_path: Path) -> None:
    write(project(CADDY), tmp_path / "site")
    (tmp_path / "docker").write_text(ANSWERS)
    (tmp_path / "docker").chmod(0o755)

    def told(**given: str) -> list[str]:
        path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
        done = subprocess.run(
            ["./ops", "doctor"], cwd=tmp_path / "site", env=os.environ | path | given,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        return [line.rpartition(" set ")[2] for line in done.stdout.splitlines() if " CA " in line]

    first = ["FRONT_HTTP_PORT=80 in .env", "FRONT_HTTPS_PORT=443 in .env"]
    assert told() == [*first, "BIND_ADDRESS=0.0.0.0 in .env"]
    assert told(BIND_ADDRESS="203.0.113.7", FRONT_HTTP_PORT="80") == first[1:]
