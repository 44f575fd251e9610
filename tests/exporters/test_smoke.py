"""The smoke test of a project, without an engine: what it deletes, and whom it asks."""

import os
import subprocess
from pathlib import Path

import pytest

from exporters.files import write
from tests.exporters.projects import DESIGNS, PUBLIC, project

DOCKER = """#!/bin/sh
echo "$* ${BIND_ADDRESS-} ${ACME_DIRECTORY-}" >> "$CALLS"
case "$*" in
  "compose config") echo "name: site" ;;
  "compose ps "*) echo "${RUNNING-}" ;;
  "volume ls "*label=com.docker.compose.project=site*) echo "${DATA-}" ;;
  "compose port "*) echo 127.0.0.1:8443 ;;
esac
"""


def smoke(folder: Path, name: str, **given: str) -> tuple[int, str, list[str]]:
    """Run the test with a docker that only answers; return its status, its words and its calls."""
    write(project(DESIGNS[name]), folder / "project")
    for program, text in {"docker": DOCKER, "curl": "#!/bin/sh\n"}.items():
        (folder / program).write_text(text)
        (folder / program).chmod(0o755)
    path = {"PATH": f"{folder}:{os.environ['PATH']}", "CALLS": str(folder / "calls")}
    done = subprocess.run(
        ["bash", "tests/smoke.sh"], cwd=folder / "project", env=os.environ | path | given,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr, (folder / "calls").read_text().splitlines()


def started(calls: list[str]) -> str:
    (found,) = (call for call in calls if call.startswith("compose up"))
    return found


@pytest.mark.parametrize("there", ["RUNNING", "DATA"])
def test_a_project_that_is_there_already_is_not_deleted(there: str, tmp_path: Path) -> None:
    status, told, calls = smoke(tmp_path, "simple-web-stack", **{there: "something"})
    assert status == 2
    assert told == (
        "smoke: site has containers or data already, which this would delete; say KEEP=1\n"
    )
    assert not [call for call in calls if "up" in call or "down" in call]


def test_what_was_not_there_before_is_deleted(tmp_path: Path) -> None:
    status, told, calls = smoke(tmp_path, "simple-web-stack")
    assert (status, told) == (0, "")
    assert calls[-1].startswith("compose down --volumes")


@pytest.mark.parametrize("name", PUBLIC)
def test_no_ca_is_asked_for_what_is_deleted_again(name: str, tmp_path: Path) -> None:
    status, told, calls = smoke(tmp_path, name)
    assert (status, told) == (0, "")
    assert started(calls).endswith(" 127.0.0.1 https://localhost/")


def test_a_project_that_stays_is_left_as_its_settings_say(tmp_path: Path) -> None:
    status, told, calls = smoke(tmp_path, "acme-caddy", KEEP="1", RUNNING="something")
    assert (status, told) == (0, "")
    assert started(calls).endswith("--wait  ")
    assert not [call for call in calls if "down" in call]
