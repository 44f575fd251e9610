"""`loadpath drill`: an exported project, with a stand-in for docker and a site for its entrance."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.drill import engine
from app.storage.codec import dump, load
from exporters.compose import export
from exporters.files import write
from sample_designs import read
from tests.cli.conftest import Run
from tests.drill.conftest import StandIn, interruptible, stand_in
from tests.drill.site import Site, serving
from tests.exporters.designs import walled

__all__ = ["stand_in"]  # a fixture
ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The seed design as a project."""
    design = load(read("distributed-web-infrastructure"))
    write(export(design, document=dump(design)), tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture
def site(stand_in: StandIn, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """What answers at the entrance: its writes fail while the stand-in has db-1 killed."""
    ended = threading.Event()

    def follow(found: Site) -> None:
        while not ended.wait(0.05):
            path = stand_in.home / "failed"
            down = path.read_text().split() if path.exists() else []
            found.refuses = {"POST"} if "db-1" in down else set()

    with serving() as found:
        monkeypatch.setattr(engine, "free_port", lambda: found.port)
        thread = threading.Thread(target=follow, args=(found,))
        thread.start()
        yield found
        ended.set()
        thread.join()


@pytest.mark.slow
def test_a_drill_prints_predicted_beside_measured(
    run: Run, folder: Path, stand_in: StandIn, site: Site
) -> None:
    found = run("drill", folder, "--only", "db-1", "--outage", 1)
    assert found.status == 0, found.err
    lines = [line.split() for line in found.out.splitlines()]
    assert ["db-1", "browse", "up", "up", "0.0", "0.0", "0"] in lines
    assert any(line[:4] == ["db-1", "checkout", "down", "down"] for line in lines)
    assert "1 failure, each killed (SIGKILL): nothing differs." in found.out
    assert "Docker Engine 20.10.24, Compose 2.26.1." in found.out
    assert "1/1 db-1: browse up, checkout down" in found.err
    assert stand_in.kept() == []


@pytest.mark.slow
def test_a_mismatch_is_named_and_is_the_exit_status(
    run: Run, folder: Path, stand_in: StandIn, site: Site
) -> None:
    found = run("drill", folder, "--pairs", "db-2,lb", "--outage", 1)
    assert found.status == 1
    assert "db-2 and lb, browse: fault of the model." in found.out


@pytest.mark.slow
def test_what_firewalls_let_through_is_a_table_of_its_own(
    run: Run, stand_in: StandIn, site: Site, tmp_path: Path
) -> None:
    design, ids = walled()
    folder = tmp_path / "walled"
    write(export(design, document=dump(design)), folder)
    stand_in.put("services", "web app-1 fwd")
    stand_in.put("connects", "open")
    stand_in.put("counters", "{}")
    found = run("drill", folder, "--only", ids["fwd"], "--outage", 1)
    assert found.status == 1
    lines = [line.split() for line in found.out.splitlines()]
    assert ["fwd", "web", "to", "app-1", "at", "22", "closed", "open", "≠", "0"] in lines
    assert "fwd: web to app-1 at 22: open" in found.err
    assert "web to app-1 at 22: fault of the configuration. It is not drawn" in found.out


@pytest.mark.slow
@pytest.mark.parametrize(("form", "start"), [("markdown", "# Drill: "), ("html", "<!doctype")])
def test_what_was_measured_before_an_error_is_written_all_the_same(
    run: Run, folder: Path, stand_in: StandIn, site: Site, tmp_path: Path, form: str, start: str
) -> None:
    stand_in.put("fail-lb", "no such container")
    page, words = tmp_path / "drill", ("--only", "db-1", "lb", "--outage", 1, "--format", form)
    found = run("drill", folder, *words, "-o", page)
    assert (found.status, found.out) == (2, "")
    assert page.read_text().startswith(start)
    assert "1 of 2 failures, each killed (SIGKILL): nothing differs." in page.read_text()
    assert "loadpath: docker compose kill: no such container" in found.err
    assert stand_in.kept() == []


@pytest.mark.slow
def test_a_project_that_does_not_start_is_told_and_removed(
    run: Run, folder: Path, stand_in: StandIn
) -> None:
    stand_in.put("fail-up", "port is already allocated")
    found = run("drill", folder)
    assert (found.status, found.out) == (2, "")
    assert found.err.endswith("loadpath: docker compose up: port is already allocated\n")
    assert stand_in.kept() == []


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals end processes otherwise elsewhere")
def test_ctrl_c_ends_the_drill_and_removes_everything(folder: Path, stand_in: StandIn) -> None:
    with subprocess.Popen(
        interruptible("drill", folder),
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stderr
        assert process.stderr.readline().startswith("starting loadpath-drill-")
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 2, told
    assert "the drill was interrupted, and everything that it had started is removed" in told
    assert stand_in.kept() == []


def test_a_folder_that_is_no_project_is_refused(run: Run, tmp_path: Path, folder: Path) -> None:
    assert run("drill", tmp_path).err == (
        f"loadpath: {tmp_path}: holds no exported project: there is no compose.yaml in it\n"
    )
    (folder / "drill.json").write_text("{}")
    assert "drill.json: its version is None" in run("drill", folder).err
    (folder / "drill.json").unlink()
    found = run("drill", folder)
    assert found.status == 2
    assert "there is no drill.json in it; export the design again" in found.err


def test_a_design_that_cannot_be_read_is_told_with_its_place(run: Run, folder: Path) -> None:
    (folder / "design.json").write_text(json.dumps({"version": 99}))
    assert f"{folder}/design.json: " in run("drill", folder).err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--only", "nobody"), "there is no part or link 'nobody' in the design"),
        (("--only", "link-3"), "'link-3' is a link; a drill lets parts fail"),
        (("--only", "dns"), "nothing of what was asked for runs in this project"),
        (("--pairs", "web-1"), "'web-1' is no pair: give two parts with a comma between them"),
        (("--outage", "0"), "'0' is no number of seconds from 1 to 3600"),
        (("--outage", "soon"), "'soon' is no number of seconds from 1 to 3600"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Run, folder: Path, words: tuple[str, str], told: str
) -> None:
    found = run("drill", folder, *words)
    assert found.status == 2
    assert told in found.err


@pytest.mark.slow
def test_whole_servers_fail_where_they_are_asked_for(
    run: Run, folder: Path, stand_in: StandIn, site: Site
) -> None:
    stand_in.put("services", "app-1 db-1 web-1")
    found = run("drill", folder, "--hosts", "--only", "server-1", "--outage", 1,
                "--format", "json")  # fmt: skip
    assert found.status == 0, found.err
    assert json.loads(found.out)["experiments"][0]["failed"] == ["server-1"]
    kills = [call[5:] for call in stand_in.calls if "kill" in call]
    assert kills == [["kill", "--signal", "SIGKILL", "app-1", "db-1", "web-1"]]
