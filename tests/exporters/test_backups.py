"""Backups: what is copied, how often, by whom, and how it is put back."""

import subprocess

import pytest

from app.model import edits
from exporters.deployment import Deployment
from exporters.plan import plan
from tests.exporters.designs import balanced_data, copied, draw, link, self_switching
from tests.exporters.projects import project


def texts(deployment: Deployment) -> str:
    return "\n".join(note.text for note in deployment.notes)


@pytest.mark.parametrize("engine", ["postgres", "mariadb", "mysql"])
def test_an_account_that_only_reads_takes_the_copies(engine: str) -> None:
    deployment = plan(copied(engine)[0])
    service = deployment.service("copies")
    assert service.secrets == ("db-0-backup",)
    assert service.environment["SERVERS"] == "db-1 db-0", "the replica first"
    assert "db-0-backup" in deployment.service("db-0").secrets
    assert {"copies", "db-0", "db-1"} <= {
        member
        for network in deployment.networks
        if "copies" in network.members
        for member in network.members
    }
    assert "./ops restore copies" in texts(deployment)


def test_nothing_is_made_for_copies_that_nobody_takes() -> None:
    design, ids = copied()
    deployment = plan(edits.remove(design, [ids["copies"]]))
    assert deployment.service("db-0").secrets == tuple(
        f"db-0-{what}" for what in ("admin", "app", "replication", "monitor")
    )


@pytest.mark.parametrize(("hours", "seconds"), [(24, "86400"), (0.5, "1800"), (0.01, "36")])
def test_copies_are_taken_as_often_as_the_design_says(hours: float, seconds: str) -> None:
    deployment = plan(copied(interval_hours=hours)[0])
    assert deployment.service("copies").environment["EVERY"] == seconds


def test_a_backup_fetches_or_is_given_the_data() -> None:
    design, ids = copied()
    pulled = edits.remove(design, [design.incoming[ids["copies"]][0]])
    pulled = link((pulled, ids), ("copies", "db-0"), role="backup", protocol="postgres")
    assert plan(pulled).service("copies").environment["SERVERS"] == "db-1 db-0"


def test_a_store_that_switches_by_itself_is_copied_too() -> None:
    design, ids = self_switching()
    design, ids["copies"] = edits.add(design, "backup", name="copies")
    design = link((design, ids), ("db-1", "copies"), role="backup", protocol="ssh")
    deployment = plan(design)
    for name in ("db-0", "db-1", "db-2"):
        assert "BACKUP_PASSWORD_FILE" in deployment.service(name).environment


def test_each_store_has_a_service_and_a_script_of_its_own() -> None:
    drawn = draw("Two", {"a": ("database", {}), "b": ("database", {"engine": "mysql"}),
                         "files": ("object_store", {}), "copies": ("backup", {})})  # fmt: skip
    ends = (("a", "copies"), ("b", "copies"), ("files", "copies"))
    design = link(drawn, *ends, role="backup", protocol="ssh")
    deployment = plan(design)
    images = {s.name: s.image for s in deployment.services if s.role == "backup"}
    assert images == {"copies": "postgres:18", "copies-b": "mysql:9.7"}
    script = project(design)["ops"].decode()
    assert "copies postgres app a\ncopies-b mysql app b\n" in script
    assert "restore_postgres() {" in script
    assert "restore_mysql() {" in script
    assert "copies databases only; files is left out" in texts(deployment)


def test_a_backup_of_the_balancer_before_a_store_copies_the_store() -> None:
    design, ids = balanced_data()
    design, ids["copies"] = edits.add(design, "backup", name="copies")
    design = link((design, ids), ("db-lb", "copies"), role="backup", protocol="ssh")
    deployment = plan(design)
    (secret,) = deployment.service("copies").secrets
    assert secret in {item.name for item in deployment.secrets}


def test_a_backup_of_nothing_is_told() -> None:
    deployment = plan(draw("None", {"copies": ("backup", {})})[0])
    assert "copies was left out: no database is linked to it" in texts(deployment)


@pytest.mark.parametrize("engine", ["mariadb", "postgres"])
def test_copies_of_an_encrypted_store_travel_encrypted(engine: str) -> None:
    design, ids = copied(engine)
    key = next(k for k in design.outgoing[ids["app-1"]] if design.links[k].role == "write")
    service = plan(edits.set_fields(design, key, tls="1.3")).service("copies")
    assert service.environment["SSL_CERT_FILE"] == "/etc/loadpath-ca.crt"
    assert "pki/ca.crt" in {bind.source for bind in service.binds}


@pytest.mark.parametrize("engine", ["postgres", "mysql", "mariadb"])
def test_the_scripts_have_no_error_of_syntax(engine: str) -> None:
    files = project(copied(engine)[0])
    scripts = [path for path in files if path.startswith("config/backup/") or path == "ops"]
    assert len(scripts) == 2
    for path in scripts:
        shell = "bash" if path.startswith("config/") else "sh"
        done = subprocess.run([shell, "-n"], input=files[path], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
