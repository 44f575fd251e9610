"""The script `ops` of a project: servers that change places, and what keeps a project from it."""

import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.exporters.designs import balanced, web_stack
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker

CLIENTS = {
    "postgres": "psql -U postgres -d app -Atc",
    "mariadb": 'MYSQL_PWD="$(cat "$MARIADB_ROOT_PASSWORD_FILE")" mariadb -uroot app -Ne',
    "mysql": 'MYSQL_PWD="$(cat "$MYSQL_ROOT_PASSWORD_FILE")" mysql -uroot app -Ne',
}
NOTES = "select note from entries order by note"


def ops(project: Project, *words: str, status: int = 0) -> str:
    """Run the script as users do and return what it told."""
    done = subprocess.run(
        ["./ops", *words], cwd=project.folder, env=project.environment,
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("engine", CLIENTS)
def test_servers_of_a_database_change_places_and_lose_nothing_that_was_acknowledged(
    engine: str, tmp_path: Path
) -> None:
    design = web_stack(engine, replicas=2)[0]
    servers = ("db-0", "db-1", "db-2")
    with running(design, tmp_path / "project") as project:
        site = project.address("lb", "http")

        def notes(server: str) -> list[str]:
            words = ("exec", "-T", server, "sh", "-c", f"{CLIENTS[engine]} '{NOTES}'")
            return project.compose(*words, check=False).split()

        def write(text: str) -> None:
            url, body = f"{site}/write", text.encode()
            assert eventually(lambda: project.ask(url, body).status == 201)

        def all_have(*expected: str) -> bool:
            return eventually(lambda: all(notes(server) == [*expected] for server in servers))

        write("a")
        assert all_have("a")
        project.compose("kill", "db-0")
        assert "db-1 leads now" in ops(project, "promote", "db-1")
        write("b")
        assert "db-0 follows db-1" in ops(project, "rejoin", "db-0")
        assert all_have("a", "b")
        assert "leads already" in ops(project, "promote", "db-1", status=2)

        # The roles hold as long as the data do.
        project.compose("down")
        project.compose("up", "--detach", "--wait")
        roles = ["db-0", "follows", "db-1", "db-1", "leads", "db-2", "follows", "db-1"]
        assert eventually(lambda: ops(project, "status").split("\n\n")[-1].split() == roles)

        # What nobody else had received is gone with the rejoin, and nothing else.
        project.compose("stop", "db-0", "db-2")
        write("lost")
        project.compose("kill", "db-1")
        project.compose("start", "db-0", "db-2")
        assert "db-0 leads now" in ops(project, "promote", "db-0")
        write("c")
        ops(project, "rejoin", "db-1")
        assert all_have("a", "b", "c")

        # A leader that works hands over, and nothing is lost.
        write("d")
        assert "db-1 leads now" in ops(project, "promote", "db-1")
        write("e")
        ops(project, "rejoin", "db-0")
        assert all_have("a", "b", "c", "d", "e")


def test_renewed_certificates_are_served_and_the_doctor_finds_a_port_in_use(
    tmp_path: Path,
) -> None:
    design = balanced("haproxy:3.2", tls=True)[0]
    with running(design, tmp_path / "project") as project:
        assert "Nothing keeps this project" in ops(project, "doctor"), "its own ports are no clash"
        (port,) = project.ports.values()
        other = Project(design, tmp_path / "other")
        other.environment |= dict.fromkeys(other.ports, str(port))
        told = ops(other, "doctor", status=2)
        assert f"port {port} is in use by the container {project.name}-front-1" in told

        def served() -> str:
            return ssl.get_server_certificate(("127.0.0.1", port))

        before = served()
        (tmp_path / "loadpath").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app "$@"\n')
        (tmp_path / "loadpath").chmod(0o755)
        project.environment["PATH"] = f"{tmp_path}:{project.environment['PATH']}"
        project.environment["PYTHONPATH"] = str(Path(__file__).parents[2])
        assert "new certificates: 1" in ops(project, "renew")
        assert served() != before
        assert project.ask(project.address("front", "https")).status == 200

        assert "no server of a database" in ops(project, "promote", "front", status=2)
        ops(project, "reset", "--yes")
        assert eventually(lambda: project.ask(project.address("front", "https")).status == 200)
