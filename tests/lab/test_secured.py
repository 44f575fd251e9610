"""The secured and monitored infrastructure of the exercise, running."""

import json
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.storage.codec import load
from exporters.plan.names import slug
from exporters.programs import Monitoring
from sample_designs import read
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("secured") / "project"
    with running(load(read("secured-and-monitored")), folder) as found:
        yield found


def alerts(project: Project) -> set[tuple[str, str]]:
    """Return the alarms that are raised, each with the part that it is about, if any."""
    found = project.ask(f"{project.address('monitoring', 'http')}/api/v1/alerts").json
    return {
        (alert["labels"]["alertname"], alert["labels"].get("part", ""))
        for alert in found["data"]["alerts"]
        if alert["state"] == "firing"
    }


def values(project: Project, query: str) -> list[str]:
    return [item["value"][1] for item in project.metric("monitoring", query)]


def are_all_one(project: Project, query: str) -> bool:
    return set(values(project, query)) == {"1"}


def test_https_is_trusted_with_the_authority_of_the_project(project: Project) -> None:
    answer = project.ask(f"{project.address('lb', 'https')}/read")
    assert answer.status == 200
    assert answer.json["balancer"] == "lb"


def test_plain_http_is_sent_to_the_published_https_port(project: Project) -> None:
    answer = project.ask(f"{project.address('lb', 'http')}/page?with=query")
    port = project.ports["LB_HTTPS_PORT"]
    assert answer.status == 308
    assert answer.headers["location"] == f"https://127.0.0.1:{port}/page?with=query"


def test_prometheus_sees_every_target_up(project: Project) -> None:
    def all_up() -> bool:
        found = project.ask(f"{project.address('monitoring', 'http')}/api/v1/targets").json
        health = [target["health"] for target in found["data"]["activeTargets"]]
        return len(health) > 10 and set(health) == {"up"}

    assert eventually(all_up)
    for query in ("mysql_up", "nginx_up", "probe_success"):
        assert eventually(partial(are_all_one, project, query)), query


def test_each_alert_looks_at_a_metric_that_is_there(project: Project) -> None:
    rules = project.ask(f"{project.address('monitoring', 'http')}/api/v1/rules").json
    for rule in rules["data"]["groups"][0]["rules"]:
        assert rule["health"] == "ok", rule["name"]
        left = rule["query"].split(" < ")[0].split(" == ")[0].split(" > ")[0]
        if rule["name"] != "ManyErrors":  # a rate needs errors to have happened
            assert project.metric("monitoring", left), rule["name"]


def test_a_quiet_project_raises_no_alarm(project: Project) -> None:
    assert eventually(lambda: not alerts(project))


@pytest.mark.parametrize(
    ("victim", "alarm", "part"),
    [
        ("web-1", "PartDown", "web-1"),
        ("app-1", "PartDown", "app-1"),
        ("db-2", "PartDown", "db-2"),
        ("db-1", "MysqlReplicationStopped", "db-2"),
        ("agent-1", "PartDown", "agent-1"),
        ("lb", "FlowDown", ""),
    ],
)
def test_the_death_of_a_part_reaches_the_person_on_duty(
    project: Project, victim: str, alarm: str, part: str
) -> None:
    inbox = f"{project.address('alerting-inbox', 'http')}/"
    seen = project.ask(inbox).body.decode().count(f"raised  {alarm}")
    project.compose("kill", victim)
    try:
        assert eventually(lambda: (alarm, part) in alerts(project), 90)
        assert eventually(
            lambda: project.ask(inbox).body.decode().count(f"raised  {alarm}") > seen, 60
        )
    finally:
        project.compose("start", victim)
    assert eventually(lambda: not alerts(project), 120)
    assert eventually(lambda: f"ended  {alarm}" in project.ask(inbox).body.decode(), 60)


def test_every_service_that_can_die_is_covered_by_an_alert(project: Project) -> None:
    values = [file.values for file in project.deployment.files]
    covered = {
        name
        for value in values
        if isinstance(value, Monitoring)
        for alert in value.alerts
        for name in alert.covers
    }
    services = {s.name for s in project.deployment.services if not s.one_shot}
    unwatched = {"monitoring", "alerting", "alerting-inbox", "grafana", "fw-1", "fw-2"}
    assert services - covered == unwatched, "no link of the role monitor leads there"


def boards(project: Project) -> dict[str, dict[str, Any]]:
    """Return the dashboards of Grafana by their titles."""
    folder = project.folder / "monitoring" / "grafana" / "dashboards"
    found = [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
    return {board["title"]: board for board in found}


def test_each_panel_of_each_dashboard_has_something_to_show(project: Project) -> None:
    def asked(board: dict[str, Any]) -> Iterator[str]:
        for panel in board["panels"]:
            if panel["title"] != "Alarms":  # of which there are none
                yield from (target["expr"] for target in panel["targets"])

    for title, board in boards(project).items():
        for query in asked(board):
            assert eventually(lambda query=query: bool(values(project, query)), 60), (title, query)  # type: ignore[misc]  # the default binds the loop


def test_grafana_has_read_its_dashboards_and_answers(project: Project) -> None:
    """The lab's stand-in is no Grafana: it reads what is provisioned, and draws nothing."""
    told = project.compose("logs", "--no-log-prefix", "grafana")
    for title, board in boards(project).items():
        assert f"dashboard {title} {len(board['panels'])} panels" in told
    assert project.ask(f"{project.address('grafana', 'http')}/api/health").status == 200


def test_the_tests_of_the_alarms_pass_where_prometheus_runs(project: Project) -> None:
    words = ("promtool", "test", "rules", "/etc/prometheus/alerts_test.yml")
    assert "SUCCESS" in project.compose("exec", "-T", "monitoring", *words)


def test_the_programs_accept_their_configuration_without_a_warning(project: Project) -> None:
    images = {service.name: service.image for service in project.deployment.services}
    for command, image, told in (
        (["haproxy", "-c", "-f", "/p/config/lb/haproxy.cfg"], images["lb"], ""),
        (["promtool", "check", "config", "/p/monitoring/monitoring/prometheus.yml"],
         images["monitoring"], "SUCCESS"),
    ):  # fmt: skip
        done = subprocess.run(
            ["docker", "run", "--rm", "--user", "0:0", "--entrypoint", command[0],
             "--volume", f"{project.folder}:/p:ro",
             "--volume", f"{project.name}_lb-certs:/certs:ro",
             "--env", "HTTPS_PORT=8443", image, *command[1:]],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "warning" not in (done.stdout + done.stderr).lower()
        assert told in done.stdout + done.stderr


def test_the_smoke_test_of_the_project_passes(project: Project) -> None:
    environment = project.environment | {"KEEP": "1"}
    done = subprocess.run(
        ["bash", "tests/smoke.sh"],
        cwd=project.folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The project works." in done.stdout


def test_the_project_is_named_after_the_design(project: Project) -> None:
    assert project.deployment.name == slug(project.deployment.title, "design")
