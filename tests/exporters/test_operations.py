"""The script `ops` of a project, without an engine: what it refuses, and in which words."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exporters.compose import export
from exporters.deployment import Servers
from exporters.engines import COMPOSE, ENGINE, too_old
from exporters.files import write
from exporters.plan import plan
from tests.exporters.designs import copied, self_switching, web_stack
from tests.exporters.projects import DESIGNS, project

ANSWERS = """#!/bin/sh
case "$*" in
  "version "*) echo "${ENGINE-24.0.7}" ;;
  "compose version "*) echo "${COMPOSE-2.26.1-4}" ;;
  "ps "*) echo "${HOLDER-}" ;;
  "info "*Root*) echo / ;;
  "info "*Mem*) echo "${MEMORY-99999999999}" ;;
  *) exit 1 ;;
esac
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with replicas, copies and certificates."""
    root: Path = tmp_path_factory.mktemp("ops")
    write(export(DESIGNS["secured-and-monitored"]), root / "project")
    (root / "bin").mkdir()
    program = root / "bin" / "docker"
    program.write_text(ANSWERS)
    program.chmod(0o755)
    return root / "project"


def ops(folder: Path, *words: str, **given: str) -> tuple[int, str]:
    """Run the script with a docker that only answers questions; return its status and words."""
    path = f"{folder.parent / 'bin'}:{os.environ['PATH']}"
    free = {port.variable: "1" for port in plan(DESIGNS["secured-and-monitored"]).ports}
    done = subprocess.run(
        [folder / "ops", *words], env=os.environ | {"PATH": path} | free | given,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@contextmanager
def listening() -> Iterator[str]:
    """A port at which this program listens."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        found.listen()
        yield str(found.getsockname()[1])


def test_a_project_that_nothing_keeps_from_starting_is_told_so(folder: Path) -> None:
    status, told = ops(folder, "doctor")
    assert (status, "Nothing keeps this project from starting" in told) == (0, True), told


def test_the_doctor_names_a_port_in_use_its_variable_and_who_has_it(folder: Path) -> None:
    variable = plan(DESIGNS["secured-and-monitored"]).ports[0].variable
    with listening() as port:
        status, told = ops(folder, "doctor", **{variable: port})
        assert status == 2
        assert f"port {port} is in use by another program; set {variable} in .env" in told
        status, told = ops(folder, "doctor", HOLDER="other other-web-1", **{variable: port})
        assert f"port {port} is in use by the container other-web-1" in told
        own = plan(DESIGNS["secured-and-monitored"]).name
        assert ops(folder, "doctor", HOLDER=f"{own} {own}-lb-1", **{variable: port})[0] == 0


def test_the_port_is_the_one_in_the_file_of_settings(folder: Path) -> None:
    variable = plan(DESIGNS["secured-and-monitored"]).ports[0].variable
    settings = folder / ".env"
    before = settings.read_text()
    with listening() as port:
        settings.write_text(f"{before}{variable}={port}\n")
        status, told = ops(folder, "doctor", **{variable: ""})
        settings.write_text(before)
    assert (status, f"port {port} is in use" in told) == (2, True)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"ENGINE": "19.03.15"}, "Docker Engine 19.03.15 is too old: 20.10 or newer is needed"),
        ({"COMPOSE": "v2.6.0"}, "Docker Compose v2.6.0 is too old: 2.20 or newer is needed"),
    ],
)
def test_an_old_engine_is_refused_in_one_sentence(
    folder: Path, given: dict[str, str], sentence: str
) -> None:
    for command in ("doctor", "status"):
        assert ops(folder, command, **given) == (2, f"ops: {sentence}\n")


def test_no_engine_is_told_in_one_sentence(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "docker").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    told = "ops: no Docker engine answers; 'docker version' says why\n"
    assert ops(folder, "doctor", PATH=path) == (2, told)


def test_a_secret_that_is_missing_and_memory_that_may_not_suffice_are_told(folder: Path) -> None:
    secret = min((folder / "secrets").iterdir())
    text = secret.read_text()
    secret.write_text("")
    status, told = ops(folder, "doctor", MEMORY="1048576")
    secret.write_text(text)
    assert status == 2
    assert f"secrets/{secret.name} is missing; export the design into this folder again" in told
    assert "MiB of memory, the engine has 1 MiB" in told


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("promote",), "promote wants the name of one server"),
        (("promote", "web-1"), "web-1 is no server of a database or a set of caches"),
        (("rejoin", "nobody"), "nobody is no server of a database or a set of caches"),
        (("restore",), "restore wants the name of a backup"),
        (("restore", "nobody"), "no backup named nobody is drawn"),
        (("backup", "nobody"), "no backup named nobody is drawn"),
        (("reset",), "reset deletes all data; say so with --yes"),
        (("dance",), "there is no command dance"),
    ],
)
def test_what_cannot_be_done_is_told_with_status_2(
    folder: Path, words: tuple[str, ...], sentence: str
) -> None:
    status, told = ops(folder, *words)
    assert status == 2
    assert f"ops: {sentence}" in told


def test_without_a_command_it_lists_all_of_them(folder: Path) -> None:
    status, told = ops(folder)
    assert status == 0
    for command in ("doctor", "promote", "rejoin", "renew", "backup", "restore", "reset"):
        assert f"  {command}" in told


def test_the_script_can_be_run_and_has_no_error_of_syntax_in_any_project(folder: Path) -> None:
    assert (folder / "ops").stat().st_mode & 0o777 == 0o755
    for design in DESIGNS.values():
        script = project(design)["ops"]
        done = subprocess.run(["sh", "-n"], input=script, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr


def test_it_knows_the_servers_of_each_database_and_what_runs_them() -> None:
    plans = [plan(drawn[0]) for drawn in (web_stack("mysql", replicas=1), self_switching())]
    assert [item.databases for item in plans] == [
        (Servers(program="mysql", names=("db-0", "db-1"), database="app"),),
        (Servers(program="patroni", names=("db-0", "db-1", "db-2"), database="app"),),
    ]
    patroni = project(self_switching()[0])["ops"].decode()
    assert "patronictl" in patroni
    assert "role_postgres() {" in patroni


def test_the_readme_tells_how_to_promote_only_where_people_do() -> None:
    by_hand = project(web_stack(replicas=1)[0])["README.md"].decode()
    assert "./ops promote db-1 " in by_hand
    assert "./ops promote" not in project(self_switching()[0])["README.md"].decode()
    assert "./ops restore copies" in project(copied()[0])["README.md"].decode()


@pytest.mark.parametrize(
    ("found", "old"),
    [("20.10.24+dfsg1", False), ("20.9.1", True), ("v2.20.0", True), ("29.1", False), ("x", True)],
)
def test_versions_are_compared_as_numbers(found: str, *, old: bool) -> None:
    assert too_old(found, ENGINE) is old


def test_a_version_of_compose_has_a_letter_at_times() -> None:
    assert not too_old("v2.20.3-desktop.1", COMPOSE)
    assert too_old("2.9.0", COMPOSE)


def test_whoever_trusts_an_authority_starts_again_when_nobody_knows_the_one_before(
    folder: Path, tmp_path: Path
) -> None:
    asked = tmp_path / "asked"
    program = tmp_path / "docker"
    program.write_text(
        f'#!/bin/sh\necho "$*" >> {asked}\ncase "$*" in\n'
        '"version "*) echo 24.0.7 ;;\n"compose version "*) echo 2.26.1 ;;\n'
        '*"--services"*) printf "lb\\nblackbox-exporter\\n" ;;\nesac\n'
    )
    program.chmod(0o755)
    status, told = ops(folder, "renew", "--install", PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert status == 0, told
    again = [line for line in asked.read_text().splitlines() if "compose restart" in line]
    assert again == ["compose restart lb", "compose restart blackbox-exporter"]
