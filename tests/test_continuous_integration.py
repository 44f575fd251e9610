"""The action and the pre-commit hook are well formed, documented, and do what they say."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from app.model import edits
from app.storage.files import open_design, save_design
from sample_designs import read
from tests.cli.test_check import SARIF

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "continuous-integration.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = YAML(typ="safe").load(ROOT / "action.yml")
(HOOK,) = YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")
STEPS = {step.get("id", step["name"]): step for step in ACTION["runs"]["steps"]}
NAME = "shop.loadpath.json"

pytestmark = pytest.mark.slow
needs_bash = pytest.mark.skipif(sys.platform == "win32", reason="bash is another one there")


def test_the_action_is_one_by_the_published_schema() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions",
         str(ROOT / "action.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_the_hooks_are_a_manifest_by_pre_commit_itself() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_nothing_is_pasted_into_a_script() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"] if "run" in step]
    assert len(scripts) == 2
    assert not any("${{" in script for script in scripts)
    assert not any(re.search(r"\beval\b", script) for script in scripts)


def test_every_input_and_output_is_used_and_documented() -> None:
    used = " ".join(str(step.get("env")) for step in ACTION["runs"]["steps"])
    for name, told in ACTION["inputs"].items():
        assert f"inputs.{name} " in used
        assert f"| `{name}` | `{told['default']}` |" in PAGE
    for name, told in ACTION["outputs"].items():
        assert told["value"] == f"${{{{ steps.check.outputs.{name} }}}}"
        assert f"| `{name}` |" in PAGE
    assert f"id: {HOOK['id']}" in PAGE


class Ran(NamedTuple):
    """How a script of the action ended."""

    status: int
    log: str
    summary: str
    outputs: str


class Repository:
    """A clone of a repository with a base branch, on the branch of a pull request."""

    def __init__(self, folder: Path) -> None:
        """Put the sample on the base branch."""
        self.folder, self.programs, self.temporary = (
            folder / "work", folder / "programs", folder / "temporary",
        )  # fmt: skip
        for each in (self.folder, self.programs, self.temporary):
            each.mkdir()
        loadpath = self.programs / "loadpath"
        loadpath.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m app "$@"\n')
        loadpath.chmod(0o755)
        self.git("init", "--quiet", "--bare", "--initial-branch=main", str(folder / "origin"))
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "origin", str(folder / "origin"))
        (self.folder / NAME).write_bytes(read("distributed-web-infrastructure"))
        self.commit()
        self.git("push", "--quiet", "origin", "main")
        self.git("switch", "--quiet", "--create", "change")

    def git(self, *arguments: str) -> str:
        """Call git, as somebody, without the configuration of this machine."""
        who = ("-c", "user.name=A", "-c", "user.email=a@b.example", "-c", "commit.gpgsign=false")
        return subprocess.run(
            ["git", *who, *arguments], cwd=self.folder, capture_output=True, text=True, check=True
        ).stdout

    def commit(self) -> None:
        """Commit all there is."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Change")

    def worsen(self) -> None:
        """Remove a web server from the design."""
        path = self.folder / NAME
        save_design(path, edits.remove(open_design(path), ["web-2"]))
        self.commit()

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a step of a runner."""
        return os.environ | {
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
            "GITHUB_OUTPUT": str(self.temporary / "outputs"),
        }

    def check(self, *, base: str = "main", **inputs: str) -> Ran:
        """Run the script of the action as a runner does."""
        defaults = {name: told["default"] for name, told in ACTION["inputs"].items()}
        given = {name.upper().replace("-", "_"): value for name, value in defaults.items()}
        more = {"LOADPATH": str(self.programs / "loadpath"), "BASE_REF": base}
        script = self.temporary / "script.sh"
        script.write_text(STEPS["check"]["run"], encoding="utf-8")
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.folder, env=self.environment | given | more | inputs,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        texts = [self.temporary / "summary.md", self.temporary / "outputs"]
        summary, outputs = (path.read_text() if path.exists() else "" for path in texts)
        return Ran(done.returncode, done.stdout + done.stderr, summary, outputs)

    def sarif(self, folder: str = "loadpath-sarif") -> list[dict[str, Any]]:
        """The SARIF logs that were written, valid ones."""
        found = [json.loads(path.read_text()) for path in sorted((self.folder / folder).iterdir())]
        for log in found:
            SARIF.validate(log)
        return found


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A repository with a pull request under way."""
    return Repository(tmp_path)


def test_the_environment_of_the_script_is_what_the_tests_give_it() -> None:
    given = {name.upper().replace("-", "_") for name in ACTION["inputs"]}
    assert set(STEPS["check"]["env"]) == given | {"LOADPATH", "BASE_REF"}


@needs_bash
def test_a_pull_request_is_told_what_it_does_to_the_risk(repository: Repository) -> None:
    repository.worsen()
    ran = repository.check(FAIL_ON="never")
    assert ran.status == 1
    assert f"\n    {NAME}" in ran.summary
    assert "**Distributed web infrastructure**: new single point" in ran.summary
    assert "known" not in ran.log
    (log,) = repository.sarif()
    (place,) = log["runs"][0]["artifacts"]
    assert place["location"]["uri"] == NAME
    assert "designs=1\n" in ran.outputs
    assert "\nloadpath-sarif\n" in ran.outputs


@needs_bash
def test_what_was_there_before_fails_only_where_that_is_asked_for(repository: Repository) -> None:
    path = repository.folder / NAME
    save_design(path, edits.set_fields(open_design(path), "lb", description="Words"))
    repository.commit()
    assert repository.check(FAIL_ON="never").status == 0
    assert repository.check().status == 1
    assert repository.check(FAIL_ON="nonsense").status == 2


@needs_bash
def test_only_what_a_pull_request_changes_is_checked(repository: Repository) -> None:
    (repository.folder / "README").write_text("Nothing to see here\n")
    repository.commit()
    ran = repository.check()
    assert (ran.status, ran.summary) == (0, "No design to check.\n")
    assert "designs=0\n" in ran.outputs
    assert "designs=1\n" in repository.check(CHANGED="false").outputs


@needs_bash
def test_a_push_checks_all_designs_and_compares_nothing(repository: Repository) -> None:
    deep = repository.folder / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "other.loadpath.json").write_bytes(read("two-of-everything"))
    repository.commit()
    ran = repository.check(base="", FAIL_ON="never", SARIF="out")
    assert ran.status == 0
    assert "designs=2\n" in ran.outputs
    assert "single points of failure:" in ran.summary
    uris = {log["runs"][0]["artifacts"][0]["location"]["uri"] for log in repository.sarif("out")}
    assert uris == {NAME, "a/b/other.loadpath.json"}
    ids = {log["runs"][0]["automationDetails"]["id"] for log in repository.sarif("out")}
    assert len(ids) == 2


@needs_bash
def test_a_shallow_clone_is_enough(repository: Repository, tmp_path: Path) -> None:
    repository.worsen()
    repository.git("push", "--quiet", "origin", "change")
    origin = f"file://{tmp_path / 'origin'}"
    shallow = tmp_path / "shallow"
    repository.git("clone", "--quiet", "--depth=1", "--branch=change", origin, str(shallow))
    repository.folder = shallow
    ran = repository.check(FAIL_ON="never")
    assert ran.status == 1
    assert "new single point" in ran.summary


@needs_bash
def test_a_design_that_cannot_be_read_fails_and_the_others_are_still_checked(
    repository: Repository,
) -> None:
    repository.worsen()
    (repository.folder / "broken.loadpath.json").write_text("{")
    repository.commit()
    ran = repository.check(FAIL_ON="never", FAIL_ON_NEW="never")
    assert ran.status == 2
    assert "loadpath: broken.loadpath.json: " in ran.log
    assert "designs=2\n" in ran.outputs
    assert len(repository.sarif()) == 1


@needs_bash
def test_a_base_that_cannot_be_read_is_told_and_fails_nothing(repository: Repository) -> None:
    good = (repository.folder / NAME).read_bytes()
    (repository.folder / NAME).write_text("{}")
    repository.commit()
    repository.git("push", "--quiet", "origin", "change:main")
    (repository.folder / NAME).write_bytes(good)
    repository.commit()
    ran = repository.check(FAIL_ON="never")
    assert ran.status == 0
    assert "The design in the base branch cannot be read" in ran.summary


HOSTILE = "$(touch pwned)`touch pwned`; touch pwned"
NAMES = (HOSTILE, "-x", "a\n::error::b '\" # <img src=x>")


@needs_bash
def test_names_of_files_and_designs_do_nothing(repository: Repository) -> None:
    for name in NAMES:
        path = repository.folder / f"{name}.loadpath.json"
        path.write_bytes(read("simple-web-stack"))
        save_design(path, edits.rename(open_design(path), "::error::Not from us"))
    repository.commit()
    ran = repository.check(FAIL_ON="never")
    assert ran.status == 0
    assert f"designs={len(NAMES)}\n" in ran.outputs
    assert not list(repository.folder.rglob("pwned"))
    token = re.search(r"^::stop-commands::([0-9a-f]{32})$", ran.log, re.MULTILINE)
    assert token is not None
    before, _, rest = ran.log.partition(token.group())
    said, end, after = rest.partition(f"\n::{token[1]}::\n")
    assert end
    assert said.count("::error::") >= len(NAMES)
    assert "::error::" not in before + after
    assert all(line.startswith("    ") for line in ran.summary.splitlines() if line.strip())


@needs_bash
def test_inputs_and_branches_do_nothing_but_what_they_are_for(repository: Repository) -> None:
    repository.worsen()
    ran = repository.check(
        base=HOSTILE, FILES=f"{HOSTILE}\n*.loadpath.json", FAIL_ON="never", SARIF=HOSTILE
    )
    assert ran.status == 0
    assert "::warning::The base branch could not be fetched" in ran.log
    assert not list(repository.folder.rglob("pwned"))
    assert len(repository.sarif(HOSTILE)) == 1
    assert "names no pattern" in repository.check(FILES="\n").log


@needs_bash
def test_the_hook_checks_the_files_that_it_is_given(repository: Repository) -> None:
    assert re.search(HOOK["files"], f"a/{NAME}")
    assert not re.search(HOOK["files"], "package.json")
    command = [*shlex.split(HOOK["entry"]), "--fail-on", "critical", NAME, NAME]
    done = subprocess.run(
        command, cwd=repository.folder, env=repository.environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.count("Distributed web infrastructure") == 2
