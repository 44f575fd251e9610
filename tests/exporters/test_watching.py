"""What is measured, what raises an alarm, and what the dashboards show."""

import json
import re
import threading
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import replace
from http.server import ThreadingHTTPServer
from typing import Any

import pytest

from app.analysis.monitored import monitored
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.geometry import bounds
from app.model.links import Place
from app.model.stores import MonitoringServer
from exporters.deployment import Deployment
from exporters.plan import plan
from exporters.plan.boards import _TIERS
from exporters.programs import Drawing, Monitoring
from tests.exporters.designs import Drawn, balanced, draw, link, measured, self_switching, watched
from tests.exporters.projects import DESIGNS, planned, project, yaml

WATCHED = [
    name
    for name, design in DESIGNS.items()
    if any(isinstance(item, MonitoringServer) for item in design.components.values())
]
HELPERS = {"exporter", "installer", "inbox", "dashboards", "monitoring"}
FRONTS = {"balancer", "edge", "proxy", "web", "app", "own-app"}  # where users come in
UNASKED = {"backup", "own-worker"}  # nothing in it answers a question


def monitorings(deployment: Deployment) -> dict[str, Monitoring]:
    """Return what each Prometheus is told, by the name of its service."""
    return {
        item.path.split("/")[1]: item.values
        for item in deployment.files
        if isinstance(item.values, Monitoring) and item.path.endswith("alerts.yml")
    }


def hosts(found: Monitoring) -> set[str]:
    """Return the services that a Prometheus, or an exporter for it, asks."""
    targets = {target for job in found.jobs for target in job.targets}
    return {re.sub(r"^\w+://|:.*", "", target.split("://")[-1]) for target in targets}


def drawn_as_monitored(design: Design, deployment: Deployment, server: str) -> set[str]:
    """Return the drawn parts that links say are measured, as services."""
    key = next(s.component for s in deployment.services if s.name == server)
    parts = monitored(design, key)
    clusters = {c for c, item in design.of(Cluster).items() if parts & {*item.members}}
    return {
        service.name
        for service in deployment.services
        if service.component in parts | clusters and service.role not in HELPERS | UNASKED
    }


@pytest.mark.parametrize("name", WATCHED)
def test_all_that_is_drawn_as_monitored_is_asked_and_nothing_else(name: str) -> None:
    design, deployment = DESIGNS[name], planned(DESIGNS[name])
    roles = {service.name: service.role for service in deployment.services}
    helpers = {s.name for s in deployment.services if not s.component}
    for server, found in monitorings(deployment).items():
        wanted = drawn_as_monitored(design, deployment, server)
        key = next(s.component for s in deployment.services if s.name == server)
        item = design.components[key]
        probes = isinstance(item, MonitoringServer) and item.probes
        sites = {s.name for s in deployment.services if probes and s.ports and s.role in FRONTS}
        nginx = {n for n in wanted if deployment.service(n).image.startswith("nginx:")}
        assert wanted - nginx <= hosts(found)
        assert hosts(found) <= wanted | sites | helpers | {"127.0.0.1"}
        for uri in re.findall(r"scrape-uri=http://([^:]+)", str(deployment.services)):
            assert uri in wanted, "nginx is asked by its exporter"
        assert all(roles[name] != "monitoring" for name in hosts(found) - {"127.0.0.1"})


@pytest.mark.parametrize("name", WATCHED)
def test_each_part_that_is_drawn_as_monitored_has_an_alarm_of_its_own(name: str) -> None:
    deployment = planned(DESIGNS[name])
    watchers = {watcher.service: watcher for watcher in deployment.watchers}
    for server, found in monitorings(deployment).items():
        wanted = drawn_as_monitored(DESIGNS[name], deployment, server)
        (down,) = (alert for alert in found.alerts if alert.name == "PartDown")
        assert wanted <= {*down.covers}
        assert watchers[server].parts == down.covers
        tested = {dict(case.labels)["part"] for case in down.cases}
        assert tested == {*down.covers}, "each part has a test"
        exporters = {s.name for s in deployment.services if s.role == "exporter"}
        lost = {s for a in found.alerts if a.name == "ExporterDown" for s in a.covers}
        assert exporters == lost


@pytest.mark.parametrize("name", WATCHED)
def test_every_alarm_has_a_test(name: str) -> None:
    files = project(DESIGNS[name])
    for server, found in monitorings(planned(DESIGNS[name])).items():
        rules = yaml(files[f"monitoring/{server}/alerts.yml"])["groups"][0]["rules"]
        tests = yaml(files[f"monitoring/{server}/alerts_test.yml"])["tests"]
        named = {rule["alert"] for rule in rules if "alert" in rule}
        assert named == {alert.name for alert in found.alerts}
        fires = {
            look["alertname"]
            for test in tests
            for look in test["alert_rule_test"]
            if look["exp_alerts"]
        }
        assert fires == named


def two_fronts() -> Drawn:
    """Two balancers, of which one is drawn as monitored."""
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}), "lb-1": ("load_balancer", {}), "lb-2": ("load_balancer", {}),
        "app": ("app_server", {}), "m": ("monitoring_server", {}),
    }  # fmt: skip
    drawn = draw("Two fronts", parts)
    ends = (("users", "lb-1"), ("users", "lb-2"), ("lb-1", "app"), ("lb-2", "app"))
    return link(drawn, *ends, protocol="http"), drawn[1]


def test_what_no_link_draws_as_monitored_is_not_asked_and_told() -> None:
    drawn = two_fronts()
    deployment = plan(drawn[0])
    assert hosts(monitorings(deployment)["m"]) == {"127.0.0.1"}
    assert deployment.watchers[0].parts == ()
    assert any("measures itself alone" in note.text for note in deployment.notes)
    one = plan(link(drawn, ("m", "lb-1"), role="monitor", protocol="http"))
    assert hosts(monitorings(one)["m"]) == {"127.0.0.1", "lb-1"}
    assert one.watchers[0].parts == ("lb-1",)
    told = next(note.text for note in one.notes if "drawn as monitored" in note.text)
    assert told == "m measures what is drawn as monitored, which leaves out app and lb-2."
    assert not set(one.service("m").networks) & set(one.service("app").networks)


def test_two_monitoring_servers_ask_what_is_drawn_for_each() -> None:
    design, ids = two_fronts()
    design, ids["n"] = edits.add(design, "monitoring_server", name="n")
    design, ids["pager"] = edits.add(design, "alerting", name="pager")
    unasked = "pager is told nothing: no link of the role alert leads to it."
    assert unasked in {note.text for note in plan(design).notes}
    drawn = (design, ids)
    design = link(drawn, ("m", "lb-1"), ("n", "lb-2"), role="monitor", protocol="http")
    deployment = plan(link((design, ids), ("m", "pager"), role="alert", protocol="http"))
    found = monitorings(deployment)
    assert [watcher.parts for watcher in deployment.watchers] == [("lb-1",), ("lb-2",)]
    assert unasked not in {note.text for note in deployment.notes}
    assert found["m"].alertmanagers == ("pager:9093",)
    assert found["n"].alertmanagers == ()
    boards = [s.title for s in deployment.services if s.role == "dashboards"]
    assert boards == ["Dashboards of m", "Dashboards of n"]


def test_stores_sites_and_ports_are_measured_each_in_its_way() -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "u": ("client", {}), "app": ("app_server", {}), "m": ("monitoring_server", {}),
        "a": ("database", {}), "a2": ("database", {"role": "replica"}), "b": ("database", {}),
        "c": ("cache", {"engine": "memcached"}), "s": ("service", {"image": "a/b:1"}),
        "my": ("database", {"engine": "mysql"}),
        "my2": ("database", {"engine": "mysql", "role": "replica"}),
    }  # fmt: skip
    drawn = draw("Watched", parts)
    design, ids = link(drawn, ("u", "app"), protocol="http"), drawn[1]
    for probes in (False, True):
        changed = edits.set_fields(design, ids["m"], probes=probes)
        found = monitorings(plan(measured((changed, ids), by="m")[0]))["m"]
        jobs = {job.name for job in found.jobs}
        assert {"postgres-a", "postgres-b", "mysql-my", "ports"} <= jobs
        assert ("site-http" in jobs) is probes
        assert ("flow-browse-http" in jobs) is probes
    probing = edits.set_fields(design, ids["m"], probes=True)
    found = monitorings(plan(measured((probing, ids), "c", by="m")[0]))["m"]
    assert "ports" not in {job.name for job in found.jobs}


def test_of_a_store_only_the_servers_that_are_monitored_are_asked() -> None:
    design, ids = self_switching()
    links = {design.links[key].target: key for key in design.outgoing[ids["prometheus"]]}
    for gone, lost in (("db-0", {"SlotInactive", "TwoPrimaries"}), ("db-1", set[str]())):
        found = monitorings(plan(edits.remove(design, [links[ids[gone]]])))["prometheus"]
        assert gone not in hosts(found)
        names = "".join(alert.name for alert in found.alerts)
        assert "ReplicationLag" in names
        assert not [word for word in lost if word in names]
    members = [links[ids[name]] for name in ("db-0", "db-1", "db-2")]
    found = monitorings(plan(edits.remove(design, members)))["prometheus"]
    assert not [job.name for job in found.jobs if job.name.startswith(("postgres", "etcd"))]


def test_flows_are_asked_for_at_all_entrances_unless_they_write() -> None:
    found = monitorings(plan(DESIGNS["two-of-everything"]))["monitoring"]
    flows = {dict(job.labels).get("flow"): job.targets for job in found.jobs}
    assert flows["browse"] == ("https://lb-1:8443/read", "https://lb-2:8443/read")
    assert "checkout" not in flows


def test_certificates_are_looked_at_where_a_part_ends_tls_itself() -> None:
    for name in ("secured-and-monitored", "nginx-balancer", "cdn"):
        for found in monitorings(plan(DESIGNS[name])).values():
            (job,) = (job for job in found.jobs if job.name == "certificates")
            assert all(target.endswith(":8443") for target in job.targets)
            assert any(alert.name == "CertificateExpires" for alert in found.alerts)
    plain = monitorings(plan(watched(balanced("haproxy:3.2"))[0]))["prometheus"]
    assert "CertificateExpires" not in {alert.name for alert in plain.alerts}


def drawing(design: Design) -> Drawing:
    found = [file.values for file in plan(design).files if isinstance(file.values, Drawing)]
    return found[0]


@pytest.mark.parametrize("name", WATCHED)
def test_the_drawing_shows_each_part_where_the_canvas_has_it(name: str) -> None:
    design = DESIGNS[name]
    found = drawing(design)
    boxes = {box.name: box for box in (*found.areas, *found.parts)}
    names = Counter(item.name for item in design.components.values())
    slugs = {item.name: k for k, item in design.components.items() if names[item.name] == 1}
    places = {label: bounds(design, slugs[label]) for label in boxes if label in slugs}
    assert len(places) > len(boxes) / 2
    for one, (x, y, _, _) in places.items():
        box = boxes[one]
        assert min(box.left, box.top, box.right, box.bottom) >= 0
        assert box.left + box.right < 100 > box.top + box.bottom
        for other, (u, v, _, _) in places.items():
            assert (x < u) <= (box.left < boxes[other].left + 0.011)
            assert (y < v) <= (box.top < boxes[other].top + 0.011)
    watcher = plan(design).watchers[0]
    assert {box.name for box in found.parts if box.watched} <= {*watcher.parts}


def test_a_machine_lies_around_what_it_holds() -> None:
    found = drawing(DESIGNS["secured-and-monitored"])
    boxes = {box.name: box for box in (*found.areas, *found.parts)}
    host, inner = boxes["server-1"], boxes["web-1"]
    for side in ("left", "top", "right", "bottom"):
        assert getattr(host, side) < getattr(inner, side)


def test_links_leave_at_the_sides_that_face_and_take_the_colour_of_their_flow() -> None:
    drawn = watched(balanced("nginx:1.30"))
    design, ids = drawn
    cross = {"front": (0, 0), "app-1": (400, 0), "app-2": (0, 400), "users": (-400, 0)}
    cross |= {"code": (0, -400), "prometheus": (900, 1200)}
    for handle, (x, y) in cross.items():
        design = edits.move(design, {ids[handle]: Place(x=x, y=y)})
    design, ids["remark"] = edits.add(design, "note", name="remark")
    design = link((design, ids), ("remark", "front"), role="admin", protocol="ssh")
    lines = {(line.source, line.target): line for line in drawing(design).lines}
    assert "remark" not in str(lines), "notes are for those who draw"
    assert lines["users", "front"].leaves == (1, 0)
    assert lines["front", "app-1"].enters == (-1, 0)
    assert lines["front", "app-2"].leaves == (0, -1)
    assert lines["app-2", "code"].leaves == (0, 1)
    assert lines["prometheus", "front"].leaves == (0, 1)
    assert lines["front", "app-1"].flow == "browse"
    assert (lines["prometheus", "front"].flow, lines["prometheus", "front"].carries) == ("", False)


def test_every_tier_has_a_dashboard_about_its_parts_alone() -> None:
    files = project(DESIGNS["secured-and-monitored"])
    boards = {
        path.split("/")[-1].removesuffix(".json"): json.loads(content)
        for path, content in files.items()
        if "/dashboards/" in path
    }
    assert boards.keys() == {"drawing", "entrance", "web", "application", "data", "machines"}
    queries = [t["expr"] for panel in boards["web"]["panels"] for t in panel["targets"]]
    assert queries[0] == 'part:up:min{part=~"web-1|web-2"}'
    assert all('part=~"web-1|web-2"' in query for query in queries)


def test_the_password_of_grafana_is_a_secret_and_nowhere_else() -> None:
    files = project(DESIGNS["secured-and-monitored"])
    assert files["secrets/grafana-admin"] == b"password-of-grafana-admin"
    compose = files["compose.yaml"].decode()
    assert 'GF_SECURITY_ADMIN_PASSWORD__FILE: "/run/secrets/grafana-admin"' in compose
    readme = files["README.md"].decode()
    assert "`http://localhost:9030`" in readme
    assert "`secrets/grafana-admin`" in readme


@pytest.fixture
def inbox() -> Any:
    """The program that takes alarms, served at a free port."""
    source = project(DESIGNS["secured-and-monitored"])["monitoring/alerting-inbox.py"].decode()
    program: dict[str, Any] = {}
    exec(source.rpartition("ThreadingHTTPServer((")[0], program)  # noqa: S102  # our own
    server = ThreadingHTTPServer(("127.0.0.1", 0), program["Handler"])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(url: str, data: bytes | None = None) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, data, timeout=10) as answer:  # noqa: S310  # our own
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_inbox_shows_what_it_was_told_the_last_first(inbox: str) -> None:
    assert ask(f"{inbox}/") == (200, "No alarm so far.\n")
    alert = {"status": "firing", "startsAt": "12:00", "endsAt": "12:05",
             "labels": {"alertname": "PartDown"},
             "annotations": {"summary": "web-1\ndoes not answer"}}  # fmt: skip
    for status in ("firing", "resolved"):
        told = json.dumps({"alerts": [alert | {"status": status}]}).encode()
        assert ask(f"{inbox}/", told) == (200, "ok\n")
    shown = "12:05  ended  PartDown  web-1 does not answer\n"
    shown += "12:00  raised  PartDown  web-1 does not answer\n"
    assert ask(f"{inbox}/") == (200, shown)
    assert ask(f"{inbox}/alive") == (200, "ok\n")
    assert ask(f"{inbox}/else")[0] == 404
    for wrong in (b"{", b"[]", b'{"alerts": [1]}'):
        assert ask(f"{inbox}/", wrong)[0] == 400
    assert ask(f"{inbox}/") == (200, shown)


def test_a_flow_that_reads_does_not_colour_what_is_for_writes() -> None:
    parts: dict[str, tuple[str, dict[str, Any]]] = {
        "users": ("client", {}), "app": ("app_server", {}),
        "prometheus": ("monitoring_server", {"probes": True}),
        "old": ("database", {}), "new": ("database", {}),
    }  # fmt: skip
    drawn = draw("Two stores", parts)
    design = link(drawn, ("users", "app"), protocol="http")
    design = link((design, drawn[1]), ("app", "old"), role="read", protocol="postgres")
    design = link((design, drawn[1]), ("app", "new"), role="write", protocol="postgres")
    design = measured((design, drawn[1]))[0]
    flows = {key: flow for key, flow in design.flows.items() if flow.operation == "read"}
    design = replace(design, flows=flows)
    coloured = {(line.source, line.target) for line in drawing(design).lines if line.flow}
    assert coloured == {("users", "app"), ("app", "old")}


@pytest.mark.parametrize("name", WATCHED)
def test_each_part_that_is_measured_has_a_tier_of_its_own_choice(name: str) -> None:
    deployment = plan(DESIGNS[name])
    measured_roles = {
        deployment.service(part).role
        for found in monitorings(deployment).values()
        for alert in found.alerts if alert.name == "PartDown"
        for part in alert.covers
    }  # fmt: skip
    assert measured_roles <= _TIERS.keys()
