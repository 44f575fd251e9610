"""The docker command as the drill calls it: lists of words, one project, and the guard."""

import io
import json
import os
import runpy
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.drill import DrillError, engine, guard
from app.drill.engine import Project, guarded, project_name
from tests.drill.conftest import StandIn

NAME = "loadpath-drill-shop-0123abcd"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path, stand_in: StandIn) -> Iterator[Project]:
    hold = os.open(os.devnull, os.O_RDONLY)
    yield Project(tmp_path, NAME, ("LB_HTTP_PORT", "DB_PORT"), hold)
    os.close(hold)


def compose_calls(stand_in: StandIn) -> list[list[str]]:
    """The commands of compose without what they all begin with."""
    start = ["compose", "--project-name", NAME, "--ansi", "never"]
    calls = [call for call in stand_in.calls if call[0] == "compose"]
    assert all(call[:5] == start for call in calls)
    return [call[5:] for call in calls]


def test_a_project_gets_a_name_that_no_other_has() -> None:
    names = {project_name("Ünïque <shop>; rm -rf / and a long name it is") for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("loadpath-drill-unique-shop-rm-rf-and-a-") for name in names)
    assert all(name == name.lower() and len(name) < 60 for name in names)
    assert project_name("商店").startswith("loadpath-drill-design-")


def test_each_port_is_free_and_its_own(project: Project) -> None:
    assert len(set(project.ports.values())) == 2


def test_it_starts_builds_and_waits(project: Project, stand_in: StandIn) -> None:
    project.up()
    assert compose_calls(stand_in) == [["up", "--detach", "--build", "--wait", "--quiet-pull"]]
    assert project.versions() == ("20.10.24", "2.26.1")


def test_it_asks_no_ca_whatever_the_project_says(project: Project, stand_in: StandIn) -> None:
    project.up()
    assert (stand_in.home / "ca").read_text() == "https://localhost/"


def test_what_is_not_healthy_in_time_is_given_another_chance(
    project: Project, stand_in: StandIn
) -> None:
    stand_in.put("fail-up", "container app-1 is unhealthy")
    with pytest.raises(DrillError, match="app-1 is unhealthy"):
        project.up()
    assert [call[0] for call in compose_calls(stand_in)] == ["up", "up"]


@pytest.mark.parametrize(
    ("how", "back"),
    [("kill", ["container", "start", "id-db-1", "id-web-1"]),
     ("pause", ["compose", "--project-name", NAME, "--ansi", "never", "unpause", "web-1", "db-1"])],
)  # fmt: skip
def test_services_fail_together_and_come_back(
    project: Project, stand_in: StandIn, how: str, back: list[str]
) -> None:
    project.fail(["web-1", "db-1"], how)  # type: ignore[arg-type]  # a word of the test
    assert project.unhealthy() == ("web-1", "db-1")
    project.bring_back(["web-1", "db-1"], how)  # type: ignore[arg-type]  # a word of the test
    assert project.unhealthy() == ()
    option = ["--signal", "SIGKILL"] if how == "kill" else []
    assert compose_calls(stand_in)[0] == [how, *option, "web-1", "db-1"]
    [brought_back] = [call for call in stand_in.calls if {"start", "unpause"}.intersection(call)]
    assert [*brought_back[:-2], *sorted(brought_back[-2:])] == [*back[:-2], *sorted(back[-2:])]


def test_what_does_not_freeze_at_once_is_tried_again(project: Project, stand_in: StandIn) -> None:
    stand_in.put("fail-pause", "unable to freeze: unknown")
    with pytest.raises(DrillError, match="compose pause: unable to freeze"):
        project.fail(["lb"], "pause")
    verbs = [call[0] for call in compose_calls(stand_in)]
    assert verbs == ["pause", "unpause", "pause", "unpause", "pause"]


def test_what_is_cut_off_gets_its_names_and_address_back(
    project: Project, stand_in: StandIn
) -> None:
    project.up()
    project.fail(["web-1"], "cut")
    project.bring_back(["web-1"], "cut")
    networks = [call for call in stand_in.calls if call[0] == "network"]
    assert networks == [
        ["network", "disconnect", "--force", "front", "id-web-1"],
        ["network", "disconnect", "--force", "back", "id-web-1"],
        ["network", "connect", "--alias", "web-1", "--alias", "abc", "--ip", "10.0.0.2",
         "front", "id-web-1"],
        ["network", "connect", "back", "id-web-1"],
    ]  # fmt: skip


def test_a_connection_is_tried_in_the_network_of_a_service(
    project: Project, stand_in: StandIn
) -> None:
    project.up()
    for told in ("open", "closed"):
        stand_in.put("connects", told)
        assert project.connects("web-1", "lb", "lb.to-db-1", 5432) == (told == "open")
    run = stand_in.calls[-1]
    assert run[:4] == ["run", "--rm", "--network", "container:id-web-1"]
    assert f"com.docker.compose.project={NAME}" in run, "the guard finds it"
    assert run[run.index("sha256:it") + 1] == "-c"
    assert run[-2:] == ["lb.to-db-1", "5432"]


def test_a_gateway_tells_what_it_has_counted(project: Project, stand_in: StandIn) -> None:
    stand_in.put("counters", '{"open_to-db_5432": 3}')
    assert project.counted("lb") == {"open_to-db_5432": 3}
    for told in ("", "[]", '{"open": "many"}', '{"open": null}'):
        stand_in.put("counters", told)
        with pytest.raises(DrillError, match=r"^lb does not tell what it has counted$"):
            project.counted("lb")


def test_a_container_of_another_project_is_never_cut_off(
    project: Project, stand_in: StandIn
) -> None:
    stand_in.put("container", "somebody-elses")
    project.fail(["web-1"], "cut")
    assert not [call for call in stand_in.calls if call[0] == "network"]


def test_old_versions_of_compose_print_all_services_in_one_list(
    project: Project, stand_in: StandIn
) -> None:
    stand_in.put("old")
    project.fail(["lb"], "kill")
    assert project.unhealthy() == ("lb",)


def test_what_compose_complains_about_is_told_shortly(project: Project, stand_in: StandIn) -> None:
    stand_in.put("fail-up", "one\n\ntwo\nthree\nfour\nport is already allocated\n")
    with pytest.raises(DrillError) as error:
        project.up()
    assert str(error.value) == ("docker compose up: two / three / four / port is already allocated")
    stand_in.put("fail---format", "")
    with pytest.raises(DrillError, match=r"^docker version --format \{\{.*\}\}: no reason given$"):
        project.versions()
    (stand_in.home / "fail---format").unlink()
    stand_in.put("fail-version", "")
    with pytest.raises(DrillError, match=r"^docker compose version: no reason given$"):
        project.versions()


def test_a_command_without_end_is_told(project: Project, stand_in: StandIn) -> None:
    (stand_in.home / "docker").write_text("#!/bin/sh\nexec sleep 5\n")
    with pytest.raises(DrillError, match=r"^docker compose start: no end after 0\.1 seconds$"):
        project._compose("start", seconds=0.1)


def test_no_docker_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(DrillError, match="docker is not installed"):
        project.up()


def bind(source: str, *, read_only: bool) -> dict[str, object]:
    mount = {"type": "bind", "source": source, "target": "/x", "read_only": read_only}
    return {"services": {"web-1": {"volumes": [mount]}}}


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ({"volumes": {"data": {"external": True, "name": "real"}}}, "volume data is not the"),
        ({"volumes": {"data": {"name": "shop_data"}}}, "not the project's own: shop_data"),
        ({"networks": {"front": {"name": "host"}}}, "network front is not the project's own"),
        ({"services": {"db": {"container_name": "db"}}}, "service db has a fixed name: db"),
        (bind("/var/run/docker.sock", read_only=True), "may change /var/run/docker.sock"),
    ],
)
def test_a_project_that_reaches_beyond_itself_is_refused(
    project: Project, stand_in: StandIn, found: object, told: str
) -> None:
    stand_in.put("config.json", json.dumps(found))
    with pytest.raises(DrillError) as error:
        project.refuse_what_is_shared()
    assert told in str(error.value)


def test_folders_of_the_project_may_be_read_and_not_written(
    project: Project, stand_in: StandIn
) -> None:
    inside = str(project.folder / "config")
    found = bind(inside, read_only=True)
    stand_in.put("config.json", json.dumps(found | {"volumes": {"d": {"name": f"{NAME}_d"}}}))
    project.refuse_what_is_shared()
    stand_in.put("config.json", json.dumps(bind(inside, read_only=False)))
    with pytest.raises(DrillError, match="read-only"):
        project.refuse_what_is_shared()


# --- the guard ------------------------------------------------------------------------------


def test_at_the_end_everything_of_the_project_is_removed_and_nothing_else(
    tmp_path: Path, stand_in: StandIn
) -> None:
    stand_in.put("container", "somebody-elses")
    stand_in.put("volume", "somebody-elses")
    with guarded(NAME) as hold:
        Project(tmp_path, NAME, (), hold).up()
        assert NAME in (stand_in.home / "container").read_text()
    assert stand_in.kept() == ["somebody-elses", "somebody-elses"]


def test_an_error_in_the_drill_ends_the_project_as_well(tmp_path: Path, stand_in: StandIn) -> None:
    def broken() -> None:
        with guarded(NAME) as hold:
            Project(tmp_path, NAME, (), hold).up()
            raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        broken()
    assert stand_in.kept() == []


def test_what_cannot_be_removed_is_told(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in.put("network", NAME)
    stand_in.put("image", NAME)
    stand_in.put("stuck-network")
    monkeypatch.setattr(guard, "TRIES", 3)
    monkeypatch.setattr(guard, "PAUSE", 0.0)
    assert guard.clean(NAME) == [f"network-{NAME}"]
    (stand_in.home / "stuck-network").unlink()
    assert guard.clean(NAME) == []
    stand_in.put("fail-ls", "no engine")
    assert guard.docker("network", "ls") == []


def test_a_guard_that_leaves_something_is_an_error(
    tmp_path: Path, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = tmp_path / "short_guard.py"
    short.write_text("import sys\nsys.stdin.read()\nprint('network-1')\n")
    monkeypatch.setattr(guard, "__file__", str(short))
    told = f"compose --project-name {NAME} down; left: network-1"
    with pytest.raises(DrillError, match=told), guarded(NAME):
        pass


def test_the_guard_waits_for_the_end_of_its_input_and_says_what_stays(
    stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(sys, "argv", ["guard", NAME])
    monkeypatch.setattr(guard, "TRIES", 2)
    monkeypatch.setattr(guard, "PAUSE", 0.0)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    try:
        stand_in.put("volume", NAME)
        stand_in.put("stuck-volume")
        assert guard.main() == 1
        assert capsys.readouterr().out == f"volume-{NAME}"
        (stand_in.home / "stuck-volume").unlink()
        monkeypatch.setattr(guard, "TRIES", 4)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
        assert guard.main() == 0
    finally:
        signal.signal(signal.SIGINT, before)


def test_the_guard_takes_down_nothing_but_a_drill(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["guard", "shop"])
    with pytest.raises(SystemExit, match="2"):
        runpy.run_path(guard.__file__, run_name="__main__")


@pytest.mark.skipif(os.name != "posix", reason="signals end processes otherwise elsewhere")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whatever_ends_the_drill_its_project_is_removed(
    tmp_path: Path, stand_in: StandIn, number: signal.Signals
) -> None:
    script = f"""
        import time
        from pathlib import Path
        from app.drill.engine import Project, guarded
        with guarded({NAME!r}) as hold:
            Project(Path({str(tmp_path)!r}), {NAME!r}, (), hold).up()
            print("up", flush=True)
            time.sleep(60)
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        process.send_signal(number)
        process.wait()
    end = time.monotonic() + 20
    while stand_in.kept() and time.monotonic() < end:
        time.sleep(0.1)
    assert stand_in.kept() == []


def test_the_guard_outside_of_the_main_thread_does_without_signals() -> None:
    import threading

    done = []

    def inside() -> None:
        with engine._undisturbed():
            done.append(1)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert done == [1]
