"""The command line as a whole: help, version, what it loads, how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import __version__
from app.cli import COMMANDS, listing
from app.cli.terminal import CommandError
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
CALL = "import sys; from app.cli.main import main; status = main(sys.argv[1:]); "
HEAVY = ("networkx", "pydantic", "jinja2", "ruamel", "diagrams", "pygraphviz", "cryptography")
QT = ("PySide6", "shiboken6")


def loaded(*arguments: str) -> set[str]:
    """The top-level modules that a command loads, in a process of its own."""
    script = (
        CALL
        + "print('', *sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "arguments",
    [["kinds"], ["kinds", "database"], ["--version"], ["check", "--help"], ["new"]],
    ids=" ".join,
)
def test_a_list_loads_nothing_heavy(arguments: list[str]) -> None:
    assert not loaded(*arguments) & {*HEAVY, *QT}


def test_the_rules_are_listed_without_what_opens_files() -> None:
    assert not loaded("rules") & {"pydantic", "jinja2", "ruamel", "diagrams", "pygraphviz", *QT}


@pytest.mark.parametrize(
    "arguments", [["schema"], ["check", "SEED"], ["export", "mermaid", "SEED", "-o", "-"]], ids=str
)
def test_no_command_loads_qt(arguments: list[str], seed: Path) -> None:
    assert not loaded(*(str(seed) if word == "SEED" else word for word in arguments)) & {*QT}


def test_the_version_is_that_of_the_package(run: Run) -> None:
    assert run("--version") == (0, f"loadpath {__version__}\n", "")


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example_or_says_more(run: Run, command: str) -> None:
    said = run(command, "--help")
    assert said.status == 0
    assert "example" in said.out or "exit status" in said.out
    assert command in run("--help").out


def test_the_commands_are_those_of_the_parser(run: Run) -> None:
    assert run("nonsense").err.count("'") >= 2 * len(COMMANDS)


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["check"], ["check", "--nonsense"]])
def test_wrong_usage_ends_with_2_and_says_so_on_stderr(run: Run, arguments: list[str]) -> None:
    said = run(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("usage: loadpath")


def test_a_hostile_message_is_printed_on_one_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(
        json.dumps({"format": "loadpath design", "version": 1, "name": "x", "a\x1b[2J\n": 1})
    )
    said = run("check", path)
    assert said.err == "loadpath: x.json: a\\x1b[2J\\n: a design has no such part\n"


def test_a_fault_of_the_program_is_not_hidden(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(listing, "_schema", fail)
    with pytest.raises(ZeroDivisionError):
        run("schema")


def test_a_command_error_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> int:
        raise CommandError("no")

    monkeypatch.setattr(listing, "_schema", fail)
    assert run("schema") == (2, "", "loadpath: no\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGPIPE")
def test_a_reader_that_has_enough_is_no_fault() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CALL + "sys.exit(status)", "schema"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


def test_a_terminal_that_lacks_a_letter_gets_an_escape(seed: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CALL, "check", seed],
        cwd=ROOT, capture_output=True, check=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert b"\\u2192 Add a second load balancer" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk always full")
def test_a_full_disk_behind_stdout_is_no_finding(seed: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "app", "check", seed],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert ended.returncode == 2
    assert ended.stderr.startswith("loadpath: ")
    assert "Traceback" not in ended.stderr
