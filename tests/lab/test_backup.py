"""A database that is copied, emptied, and put back, running."""

import subprocess
from pathlib import Path

import pytest

from tests.exporters.designs import copied
from tests.lab.engine import Project, eventually, running

pytestmark = pytest.mark.docker

CLIENTS = {
    "postgres": "psql -U postgres -d app -Atc",
    "mariadb": 'MYSQL_PWD="$(cat "$MARIADB_ROOT_PASSWORD_FILE")" mariadb -uroot app -Ne',
    "mysql": 'MYSQL_PWD="$(cat "$MYSQL_ROOT_PASSWORD_FILE")" mysql -uroot app -Ne',
}


def sql(project: Project, server: str, client: str, query: str) -> str:
    return project.compose("exec", "-T", server, "sh", "-c", f"{client} '{query}'").strip()


def copies(project: Project) -> list[str]:
    told = project.compose("exec", "-T", "copies", "sh", "-c", 'cd "$COPIES" && ls')
    return sorted(name for name in told.split() if name.endswith(".copy"))


@pytest.mark.parametrize("engine", CLIENTS)
def test_what_was_copied_is_there_again_after_the_table_was_lost(
    engine: str, tmp_path: Path
) -> None:
    client, query = CLIENTS[engine], "select note from entries"
    with running(copied(engine)[0], tmp_path / "project") as project:
        site = project.address("lb", "http")
        assert project.ask(f"{site}/write", b"in-the-copy").status == 201
        assert eventually(lambda: sql(project, "db-1", client, query) == "in-the-copy", 30)
        project.compose("restart", "copies")  # it copies when it starts
        before = len(copies(project))
        assert eventually(lambda: len(copies(project)) > before or before > 1, 30)
        assert "password" not in project.compose("logs", "copies").lower()

        sql(project, "db-0", client, "drop table entries")
        assert project.ask(f"{site}/write", b"lost").status != 201
        done = subprocess.run(
            ["./ops", "restore", "copies"],
            cwd=project.folder, env=project.environment, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert "is back on db-0" in done.stdout
        assert sql(project, "db-0", client, query) == "in-the-copy"
        assert eventually(lambda: sql(project, "db-1", client, query) == "in-the-copy", 30)
        assert project.ask(f"{site}/write", b"afterwards").status == 201
