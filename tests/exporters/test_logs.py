"""Log stores: who sends lines to which, what is told of it, and who looks whether they work."""

import os
import socket
import subprocess
from pathlib import Path

import pytest

from app.model import edits
from app.model.design import Design
from exporters.deployment import Deployment
from exporters.files import write
from exporters.plan import plan
from tests.exporters.designs import Drawn, draw, link, logging, watched, web_stack
from tests.exporters.exported import Exported
from tests.exporters.projects import project


def exported(design: Design) -> Exported:
    return Exported(design, project(design))


def senders(deployment: Deployment) -> dict[str, set[str]]:
    """Return who sends to each log store."""
    return {item.store: {*item.senders} for item in deployment.logs}


def told(deployment: Deployment, *words: str) -> list[str]:
    """Return the notes in which all of some words are."""
    return [note.text for note in deployment.notes if all(word in note.text for word in words)]


def test_the_engine_sends_what_is_drawn_as_sending_logs_to_the_store_alone() -> None:
    found = exported(logging()[0])
    drivers = {name: service["logging"]["driver"] for name, service in found.services.items()}
    assert drivers == {
        "app-1": "syslog", "app-2": "syslog", "agent": "syslog",
        "web": "json-file", "logs": "json-file",
    }  # fmt: skip
    assert found.services["app-1"]["logging"]["options"] == {
        "syslog-address": "udp://127.0.0.1:${LOGS_PORT:-8514}",
        "syslog-format": "rfc5424micro",
        "tag": "app-1",
        "cache-max-size": "10m",
        "cache-max-file": "3",
    }
    assert senders(found.deployment) == {"logs": {"app-1", "app-2", "agent"}}


def test_a_store_is_open_to_this_machine_alone_whatever_the_bind_address_says() -> None:
    found = exported(logging()[0])
    assert found.services["logs"]["ports"] == [
        {"host_ip": "127.0.0.1", "published": "${LOGS_PORT:-8514}", "target": 1514,
         "protocol": "udp"},
    ]  # fmt: skip
    assert "LOGS_PORT=8514" in found.files[".env"].decode().splitlines()
    assert "check_port LOGS_PORT 8514 udp" in found.files["ops"].decode()
    assert "apart from those by `udp`" in found.files["README.md"].decode()


def test_a_store_runs_without_rights_and_keeps_its_files_in_a_volume() -> None:
    service = exported(logging()[0]).services["logs"]
    assert service["user"] == "10514:10514"
    assert service["read_only"]
    assert "cap_add" not in service
    assert ("logs-data", "/var/log/services") in {
        (item["source"], item["target"]) for item in service["volumes"]
    }


def test_the_store_has_a_folder_for_each_sender_and_one_for_everybody_else() -> None:
    text = exported(logging()[0]).files["config/logs/rsyslog.conf"].decode()
    assert 'if $app-name == ["agent", "app-1", "app-2"] then set $!service = $app-name;' in text
    assert 'set $!service = "_others";' in text
    assert 'dynaFileCacheSize="5"' in text


def test_what_is_not_kept_and_what_is_not_encrypted_is_told() -> None:
    deployment = plan(logging()[0])
    assert told(deployment, "logs keeps", "which leaves out web.")
    assert told(deployment, "to logs unencrypted, whatever is drawn", "loopback")
    assert told(deployment, "by UDP", "docker compose logs has them")


def test_a_link_without_encryption_needs_no_excuse() -> None:
    drawn = draw("Plain", {"app": ("app_server", {}), "logs": ("log_store", {})})
    design = link(drawn, ("app", "logs"), role="log", protocol="syslog")
    deployment = plan(design)
    assert senders(deployment) == {"logs": {"app"}}
    assert not told(deployment, "whatever is drawn")
    assert not told(deployment, "leaves out")


def test_lines_go_past_a_firewall_and_that_is_told() -> None:
    kinds = {"app": "app_server", "fw": "firewall", "logs": "log_store"}
    drawn = draw("Walled", {name: (kind, {}) for name, kind in kinds.items()})
    design = link(drawn, ("app", "fw"), ("fw", "logs"), role="log", protocol="syslog")
    deployment = plan(design)
    assert senders(deployment) == {"logs": {"app"}}
    assert told(deployment, "to logs past all firewalls, whatever is drawn")


def test_a_store_that_nobody_sends_to_says_so_and_takes_lines_of_others_only() -> None:
    design = draw("Silent", {"app": ("app_server", {}), "logs": ("log_store", {})})[0]
    found = exported(design)
    assert senders(found.deployment) == {"logs": set()}
    assert told(found.deployment, "logs gets no logs")
    assert "$app-name" not in found.files["config/logs/rsyslog.conf"].decode()
    assert "| logs | – |" in found.files["README.md"].decode()


def test_of_two_stores_the_first_gets_the_lines_and_the_other_says_so() -> None:
    deployment = plan(logging("archive")[0])
    assert senders(deployment) == {"logs": {"app-1", "app-2", "agent"}, "archive": set()}
    text = "archive is drawn as keeping what agent, app-1 and app-2 write as well"
    assert told(deployment, text)


def test_one_service_that_sends_to_two_stores_is_told_as_one() -> None:
    parts = {"app": "app_server", "logs": "log_store", "archive": "log_store"}
    drawn = draw("Twice", {name: (kind, {}) for name, kind in parts.items()})
    design = link(drawn, ("app", "logs"), ("app", "archive"), role="log", protocol="syslog")
    assert told(plan(design), "archive is drawn as keeping what app writes as well")


def test_a_store_may_send_its_own_lines_to_another() -> None:
    drawn = logging("archive")
    design = edits.remove(drawn[0], [
        key for key, item in drawn[0].links.items() if item.target == drawn[1]["archive"]
    ])  # fmt: skip
    design = link((design, drawn[1]), ("logs", "archive"), role="log", protocol="syslog-tls")
    deployment = plan(design)
    assert senders(deployment) == {"logs": {"app-1", "app-2", "agent"}, "archive": {"logs"}}
    ports = {port.variable: port.default for port in deployment.ports}
    assert (ports["LOGS_PORT"], ports["ARCHIVE_PORT"]) == (8514, 8515)


def sending(drawn: Drawn, *handles: str) -> Deployment:
    """Return what is planned for a design with a log store that gets logs of some parts."""
    design, ids = drawn
    design, ids["logs"] = edits.add(design, "log_store", name="logs")
    ends = [(handle, "logs") for handle in handles]
    return plan(link((design, ids), *ends, role="log", protocol="syslog"))


def test_a_cluster_sends_what_all_of_its_members_write() -> None:
    found = sending(web_stack(replicas=2), "db-cluster")
    assert senders(found) == {"logs": {"db-0", "db-1", "db-2"}}


def test_a_monitoring_server_sends_its_logs_and_measures_the_store() -> None:
    design, ids = watched(logging())
    design = link((design, ids), ("prometheus", "logs"), role="log", protocol="syslog")
    found = exported(design)
    assert "prometheus" in senders(found.deployment)["logs"]
    (watcher,) = found.deployment.watchers
    assert "logs" in watcher.parts
    text = found.files["monitoring/prometheus/prometheus.yml"].decode()
    assert "logs:1514" in text
    asking = found.services["blackbox-exporter"]["networks"]
    assert set(asking) & set(found.services["logs"]["networks"])


def test_the_store_meets_none_of_those_who_send() -> None:
    found = exported(link(logging(), ("web", "logs"), role="log", protocol="syslog"))
    inside = set(found.services["logs"]["networks"])
    assert senders(found.deployment) == {"logs": {"app-1", "app-2", "agent", "web"}}
    for name in ("app-1", "app-2", "web"):
        assert not inside & set(found.services[name]["networks"]), name


@pytest.mark.parametrize(("design", "has"), [(logging()[0], True), (web_stack()[0], False)])
def test_the_script_shows_logs_where_a_store_is_drawn(design: Design, *, has: bool) -> None:
    files = exported(design).files
    assert ("logs SERVICE [DAY]" in files["ops"].decode()) is has
    assert ("## Logs" in files["README.md"].decode()) is has


# A docker that answers what the script asks, and gives its last two words for what a store has.
ANSWERS = """#!/bin/sh
case "$*" in
  "version "*) echo 24.0.7 ;;
  "compose version "*) echo 2.26.1 ;;
  "compose ps "*) echo "${UP-logs}" ;;
  "compose exec "*"2030-12-30") exit 1 ;;
  "compose exec "*) shift $(($# - 2)); echo "$@" ;;
  "info "*) echo 99999999999 ;;
esac
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a log store, and beside it a docker that only answers questions."""
    root: Path = tmp_path_factory.mktemp("logs")
    write(project(logging()[0]), root / "project")
    (root / "docker").write_text(ANSWERS)
    (root / "docker").chmod(0o755)
    return root / "project"


def ops(folder: Path, *words: str, **given: str) -> tuple[int, str]:
    """Run the script of a project; return its status and words."""
    environment = os.environ | {"PATH": f"{folder.parent}:{os.environ['PATH']}"} | given
    done = subprocess.run(
        [folder / "ops", *words], env=environment, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_the_script_shows_what_a_service_wrote_on_a_day(folder: Path) -> None:
    day = "2030-12-31"
    assert ops(folder, "logs", "app-1", day) == (0, f"/var/log/services/app-1 {day}\n")
    status, told = ops(folder, "logs", "app-2")
    assert status == 0
    assert told.startswith("/var/log/services/app-2 20")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("logs",), "logs wants the name of a service"),
        (("logs", "web"), "no log store is drawn for web; try: docker compose logs web"),
        (("logs", "app-1", "2030-12-30"), "logs has nothing that app-1 wrote on 2030-12-30"),
    ],
)
def test_logs_that_are_not_there_are_told_in_one_sentence(
    folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    assert ops(folder, *words) == (2, f"ops: {sentence}\n")


def test_a_store_that_does_not_run_is_told(folder: Path) -> None:
    told = "ops: logs does not run; try: docker compose logs app-1\n"
    assert ops(folder, "logs", "app-1", UP="web") == (2, told)


def test_the_doctor_finds_who_has_the_port_of_a_store(folder: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as found:
        found.bind(("127.0.0.1", 0))
        port = str(found.getsockname()[1])
        status, told = ops(folder, "doctor", WEB_HTTP_PORT="1", LOGS_PORT=port)
        assert status == 2
        assert f"port {port} is in use by another program; set LOGS_PORT in .env" in told
        # By TCP nobody has it.
        assert f"port {port}" not in ops(folder, "doctor", WEB_HTTP_PORT=port, LOGS_PORT="1")[1]
