"""The script `ops` of a project: servers that change places, and what keeps a project from it."""

import subprocess
from pathlib import Path

import pytest

from tests.exporters.designs import web_stack
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
        told = ops(project, "status").split("\n\n")[-1].split()
        assert told == [
            "db-0", "follows", "db-1", "db-1", "leads", "db-2", "follows", "db-1",
        ]  # fmt: skip

        # What nobody else had received is gone with the rejoin, and nothing else.
        project.compose("stop", "db-0", "db-2")
        write("c")
        project.compose("kill", "db-1")
        project.compose("start", "db-0", "db-2")
        assert "db-0 leads now" in ops(project, "promote", "db-0")
        write("d")
        ops(project, "rejoin", "db-1")
        assert all_have("a", "b", "d")
