"""`loadpath fix`: what is repaired, where it is written, what is left."""

import json
import re
from pathlib import Path

from app.model import edits
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run


def keys(run: Run, path: Path) -> set[str]:
    """The keys of the findings of a design."""
    report = json.loads(run("check", path, "--format", "json").out)
    return {finding["key"] for finding in report["findings"]}


def test_the_list_says_what_each_repair_does_and_changes_nothing(run: Run, seed: Path) -> None:
    before = seed.read_bytes()
    said = run("fix", seed, "--list")
    assert said.status == 0
    assert "SPOF004@lb: Add a second load balancer\n    findings: 1 gone, 0 new" in said.out
    assert "of downtime a year" in said.out
    assert seed.read_bytes() == before


def test_a_rule_is_repaired_in_the_file_itself(run: Run, seed: Path) -> None:
    said = run("fix", seed, "--rule", "SPOF004")
    assert (said.status, said.out) == (0, "")
    first, *downtimes = said.err.splitlines()
    assert first == "SPOF004@lb: Add a second load balancer"
    assert [line.partition(":")[0] for line in downtimes] == ["browse", "checkout"]
    assert re.search(r"[\d.]+ h → [\d.]+ (h|min) \(assumed\) of downtime a year", downtimes[0])
    assert "SPOF004@lb" not in keys(run, seed)


def test_a_repair_goes_into_another_file(run: Run, seed: Path, tmp_path: Path) -> None:
    before = seed.read_bytes()
    assert run("fix", seed, "--rule", "SPOF004", "-o", tmp_path / "out.json").status == 0
    assert seed.read_bytes() == before
    assert "SPOF004@lb" not in keys(run, tmp_path / "out.json")


def test_a_repair_goes_to_stdout(run: Run, seed: Path) -> None:
    said = run("fix", seed, "--rule", "SPOF004", "-o", "-")
    assert json.loads(said.out)["format"] == "loadpath design"


def test_a_subject_narrows_the_repair(run: Run, seed: Path) -> None:
    before = seed.read_bytes()
    said = run("fix", seed, "--rule", "SPOF004", "--subject", "db-1")
    assert (said.status, said.err) == (0, "nothing to repair\n")
    assert seed.read_bytes() == before
    run("fix", seed, "--rule", "SPOF004", "--subject", "lb")
    assert "SPOF004@lb" not in keys(run, seed)


def test_all_repairs_whatever_can_be(run: Run, seed: Path) -> None:
    said = run("fix", seed, "--all")
    left = {line.partition(": ")[2] for line in said.err.splitlines() if line.startswith("left ")}
    assert left == keys(run, seed) == {"DB015@server-1+server-2"}
    assert said.status == 1


def test_the_exit_status_is_about_what_fail_on_asks(run: Run, seed: Path) -> None:
    said = run("fix", seed, "--all", "--dry-run", "--fail-on", "medium")
    assert said.status == 0
    assert "left as it is: DB015@server-1+server-2\n" in said.err  # it is told all the same


def test_all_about_one_part(run: Run, seed: Path) -> None:
    run("fix", seed, "--all", "--subject", "lb")
    assert "SPOF004@lb" not in keys(run, seed)
    assert "SPOF005@db-1" in keys(run, seed)


def test_what_is_waived_is_left_alone(run: Run, waived: Path) -> None:
    before = waived.read_bytes()
    said = run("fix", waived, "--rule", "SPOF004")
    assert (said.status, said.err) == (0, "nothing to repair\n")
    assert waived.read_bytes() == before


def test_a_finding_without_a_repair_that_holds_is_named(run: Run, seed: Path) -> None:
    design = open_design(seed)
    # An address that can fail by itself is no program that a second one could stand beside.
    design, address = edits.add(design, "cluster", availability=0.99)
    design = edits.join(design, address, ("lb",))
    design = edits.set_fields(design, "browse", requires=address)
    save_design(seed, design)
    said = run("fix", seed, "--rule", "SPOF001")
    assert said.status == 1
    assert f"left as it is: SPOF001@{address}\n" in said.err


def test_a_rule_or_part_that_does_not_exist_is_told(run: Run, seed: Path) -> None:
    said = run("fix", seed, "--rule", "NO001")
    assert said.status == 2
    assert "there is no rule 'NO001'; `loadpath rules` lists them" in said.err
    said = run("fix", seed, "--all", "--subject", "nobody")
    assert said.status == 2
    assert "there is no part or link 'nobody' in the design" in said.err


def test_a_dry_run_tells_the_steps_and_writes_nothing(run: Run, seed: Path) -> None:
    before = seed.read_bytes()

    said = run("fix", seed, "--all", "--dry-run")

    assert "SPOF004@lb: Add a second load balancer\n" in said.err
    assert "of downtime a year" in said.err
    assert "left as it is: DB015@server-1+server-2" in said.err  # no edit of the drawing mends it
    assert (said.status, said.out) == (1, "")
    assert seed.read_bytes() == before
