"""A log store, running: lines of the services arrive, stay lines, and nobody waits for it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.exporters.designs import logging
from tests.lab.engine import Project, eventually, kill_under_load, running

pytestmark = pytest.mark.docker

KEPT = "/var/log/services"
# What looks like another message, a path, a property of rsyslog, and the end of a line.
HOSTILE = (
    r"<13>1 2020-01-01T00:00:00Z h web 1 ../web - forged\r\000\033[2J%%msg%% $!service \\n end"
)
SHOWN = "<13>1 2020-01-01T00:00:00Z h web 1 ../web - forged#015#000#033[2J%msg% $!service \\n end"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder: Path = tmp_path_factory.mktemp("logs") / "project"
    with running(logging()[0], folder) as found:
        yield found


def inside(project: Project, script: str) -> str:
    """Run a script in the container of the store."""
    return project.compose("exec", "--no-TTY", "logs", "sh", "-c", script)


def kept(project: Project, service: str) -> str:
    """Return what the store has of a service, of whichever day."""
    return inside(project, f"cat {KEPT}/{service}/*.log 2>/dev/null || true")


def arrives(project: Project, word: str) -> bool:
    """Ask until a request with a word in it is in what both applications wrote."""
    site = project.address("web", "http")

    def asked() -> bool:
        assert project.ask(f"{site}/{word}").status == 404
        return all(f"GET /{word} " in kept(project, app) for app in ("app-1", "app-2"))

    return eventually(asked, 20)


def test_what_an_application_writes_is_in_its_file(project: Project) -> None:
    assert arrives(project, "first")
    assert "GET /first " in project.compose("logs", "app-1")
    assert set(inside(project, f"ls {KEPT}").split()) <= {"agent", "app-1", "app-2", "_others"}
    told = subprocess.run(
        ["./ops", "logs", "app-1"], cwd=project.folder, env=project.environment,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert " info " in told


def test_without_the_store_requests_are_answered_and_it_goes_on_when_it_is_back(
    project: Project,
) -> None:
    answers, lost = kill_under_load(project, f"{project.address('web', 'http')}/", "logs")
    assert answers
    assert not lost
    assert arrives(project, "again")
    assert "GET /first " in kept(project, "app-1"), "what it had is in its volume"


def test_a_service_starts_while_the_store_is_down(project: Project) -> None:
    project.compose("kill", "logs")
    project.compose("up", "--detach", "--wait", "--force-recreate", "--no-deps", "app-1")
    project.compose("up", "--detach", "--wait", "logs")
    assert arrives(project, "started")


def test_a_line_with_hostile_content_stays_one_line_of_its_service(project: Project) -> None:
    words = ("exec", "--no-TTY", "app-1", "sh", "-c", f"printf '{HOSTILE}\\n' > /proc/1/fd/1")
    project.compose(*words)
    assert eventually(lambda: "forged" in kept(project, "app-1"), 20)
    (line,) = [text for text in kept(project, "app-1").split("\n") if "forged" in text]
    assert line.split(" ", 2)[2] == SHOWN
    assert "forged" not in inside(project, f"find {KEPT}")
    assert set(inside(project, f"ls {KEPT}").split()) <= {"agent", "app-1", "app-2", "_others"}


def test_nobody_brings_a_line_by_the_port_that_is_asked_for_health(project: Project) -> None:
    text = "<13>1 2020-01-01T00:00:00Z h app-1 1 app-1 - by tcp"
    script = f"exec 3<>/dev/tcp/127.0.0.1/1514; echo '{text}' >&3; sleep 1"
    project.compose("exec", "--no-TTY", "logs", "bash", "-c", script)
    assert arrives(project, "after-tcp")
    assert "by tcp" not in inside(project, f"cat {KEPT}/*/*.log")


def test_what_is_old_or_too_much_goes_and_the_newest_stays(project: Project) -> None:
    inside(project, f"""
        cd {KEPT}/app-2
        for day in 01 02 03; do head -c 40000000 /dev/zero > 2020-02-$day.log; done
        touch -d '20 days ago' ../app-1/2020-01-01.log
        touch -d '12 days ago' ../app-1/2020-01-02.log
        mkdir ../agent-2 && yes 'forty bytes are written in each line now' | head -n 3000000 |
          cat - > ../agent-2/2020-02-01.log && echo newest >> ../agent-2/2020-02-01.log
    """)  # fmt: skip
    assert eventually(lambda: "2020-02-02.log" not in inside(project, f"ls {KEPT}/app-2"), 40)
    assert "2020-02-03.log" in inside(project, f"ls {KEPT}/app-2")
    old = inside(project, f"ls {KEPT}/app-1").split()
    assert "2020-01-01.log" not in old
    assert "2020-01-02.log" in old
    assert eventually(lambda: int(inside(project, f"du -sk {KEPT}/agent-2").split()[0]) < 65536, 40)
    lines = inside(project, f"tail -n 1 {KEPT}/agent-2/*; head -n 1 {KEPT}/agent-2/*").split("\n")
    assert lines[:2] == ["newest", "forty bytes are written in each line now"]
    assert arrives(project, "after-tidying")


def test_the_store_starts_again_when_its_program_dies(project: Project) -> None:
    killing = "for p in /proc/[0-9]*; do ! grep -qs rsyslogd $p/comm || kill -9 ${p#/proc/}; done"
    inside(project, killing)
    assert arrives(project, "restarted")


def test_the_checker_of_rsyslog_takes_the_configuration_without_a_warning(
    project: Project,
) -> None:
    told = inside(project, "rsyslogd -N1 -i NONE -f /etc/loadpath/rsyslog.conf 2>&1")
    assert "End of config validation run. Bye." in told
    assert "warn" not in told.lower()
    assert "error" not in told.lower()
