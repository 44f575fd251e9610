"""`loadpath trust` and what a check does with settings and rules of a team."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from app.model import edits
from app.rules.catalogue import all_rules
from app.storage import trust as store
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run

RULES = """
from app.rules.registry import Fix, Problem, rule
from app.model import edits

@rule("ACME001", "ours", "Ours", severity="high", category="other", student="It is ours.",
      references=("Acme",))
def ours(analysis):
    "Finds a design that is not called Acme."
    if analysis.design.name != "Acme":
        fix = Fix("Call it Acme", lambda design: edits.rename(design, "Acme"))
        yield Problem((), "It is not ours.", fixes=(fix,))
"""


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keeps the trust of the tests apart from that of the user."""
    path = tmp_path / "config" / "trust.json"
    monkeypatch.setattr(store, "trust_file", lambda: path)
    return path


@pytest.fixture
def team(tmp_path: Path, seed: Path) -> Path:
    """A design that names team rules, in a folder with them."""
    folder = tmp_path / "team"
    folder.mkdir()
    path = folder / "shop.loadpath.json"
    save_design(path, edits.set_team_rules(open_design(seed), "rules.py"))
    (folder / "rules.py").write_text(RULES)
    return path


def test_team_rules_do_not_run_unasked(run: Run, team: Path) -> None:
    said = run("check", team)

    assert "ACME001" not in said.out
    assert "CFG002 Team rules that did not run" in said.out
    assert said.err == ""


def test_designs_without_team_rules_beside_are_passed_over(
    run: Run, team: Path, seed: Path
) -> None:
    (team.parent / "other.loadpath.json").write_bytes(seed.read_bytes())

    assert run("trust", team.parent).err == f"trusted: {team.parent / 'rules.py'}\n"


def test_team_rules_run_once_when_told_so(run: Run, team: Path) -> None:
    assert "ACME001 Ours" in run("check", team, "--trust-rules").out
    assert "ACME001" not in run("check", team).out


def test_a_folder_is_trusted_until_the_file_changes_or_it_is_forgotten(
    run: Run, team: Path
) -> None:
    said = run("trust", team.parent)
    assert (said.status, said.err) == (0, f"trusted: {team.parent / 'rules.py'}\n")
    assert "ACME001 Ours" in run("check", team).out

    (team.parent / "rules.py").write_text(f"{RULES}# changed\n")
    assert "ACME001" not in run("check", team).out

    (team.parent / "rules.py").write_text(RULES)
    assert "ACME001" in run("check", team).out
    assert run("trust", team.parent, "--forget").err.endswith(": trusted no more\n")
    assert run("trust", team.parent, "--forget").err.endswith(": was not trusted\n")
    assert "ACME001" not in run("check", team).out


def test_the_same_file_in_another_folder_is_not_trusted(
    run: Run, team: Path, tmp_path: Path
) -> None:
    run("trust", team.parent)
    other = tmp_path / "other"
    other.mkdir()
    for file in team.parent.iterdir():
        (other / file.name).write_bytes(file.read_bytes())

    assert "ACME001" not in run("check", other / team.name).out


def test_a_folder_without_team_rules_cannot_be_trusted(
    run: Run, team: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "none"
    empty.mkdir()
    assert run("trust", empty).err == f"loadpath: {empty}: no design in it names team rules\n"
    assert run("trust", empty / "ghost").err.endswith("there is no such folder\n")
    (team.parent / "rules.py").unlink()
    said = run("trust", team.parent)
    assert said.status == 2
    assert said.err == (
        "loadpath: shop.loadpath.json: team_rules: rules.py: there is no such file in the folder "
        "of the design.\n"
    )


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"version": 1}', '{"version": 1, "folders": []}',
                '{"version": 1, "folders": {"/": 3}}', '{"version": 9, "folders": {}}', "[" * 9999]
)  # fmt: skip
def test_a_damaged_store_trusts_nobody(
    run: Run, team: Path, own_settings: Path, content: str
) -> None:
    own_settings.parent.mkdir()
    own_settings.write_text(content)

    assert "ACME001" not in run("check", team).out
    assert run("trust", team.parent).status == 0
    assert "ACME001" in run("check", team).out


def test_a_store_that_cannot_be_written_is_told(run: Run, team: Path, own_settings: Path) -> None:
    own_settings.parent.write_text("a file where the folder should be")

    said = run("trust", team.parent)

    assert said.status == 2
    assert said.err.startswith("loadpath: trust.json: cannot be saved: ")


def test_two_files_of_one_folder_are_trusted_beside_each_other(tmp_path: Path) -> None:
    store.trust(tmp_path, ("a",))
    store.trust(tmp_path, ("b",))

    assert store.trusts(tmp_path, "a")
    assert store.trusts(tmp_path, "b")
    assert not store.trusts(tmp_path.parent, "a")


def test_the_trust_lies_with_the_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    assert store.trust_file().name == "trust.json"
    assert store.trust_file().parent.name == "loadpath"


def test_a_fix_of_a_team_rule_is_proven_by_it(run: Run, team: Path) -> None:
    run("trust", team.parent)

    said = run("fix", team, "--rule", "ACME001")

    assert said.status == 0
    assert "ACME001@design: Call it Acme" in said.err
    assert open_design(team).name == "Acme"


def test_settings_of_the_design_reach_every_format(run: Run, seed: Path) -> None:
    design = edits.set_rule(open_design(seed), "SPOF004", severity="low")
    save_design(seed, edits.set_rule(design, "SPOF005", off=True))

    text = run("check", seed).out
    assert "1 rule is off" in text
    assert "SPOF005" not in text
    assert text.index("low (") < text.index("SPOF004 Single load balancer")
    report = json.loads(run("check", seed, "--format", "json").out)
    assert report["summary"]["rules_off"] == ["SPOF005"]
    assert [item["severity"] for item in report["findings"] if item["rule"] == "SPOF004"] == ["low"]
    [sarif] = json.loads(run("check", seed, "--format", "sarif").out)["runs"]
    described = {item["id"]: item for item in sarif["tool"]["driver"]["rules"]}
    assert described["SPOF005"]["defaultConfiguration"]["enabled"] is False
    assert described["SPOF004"]["defaultConfiguration"] == {"enabled": True, "level": "note"}
    levels = {item["ruleId"]: item["level"] for item in sarif["results"]}
    assert levels["SPOF004"] == "note"
    junit = ET.fromstring(run("check", seed, "--format", "junit").out)
    skipped = [
        case for case in junit.iter("testcase") if case.get("name", "").startswith("SPOF005")
    ]
    assert skipped[0].find("skipped").get("message") == "off for this design"  # type: ignore[union-attr]


def test_fail_on_counts_severities_of_the_design(run: Run, seed: Path) -> None:
    design = open_design(seed)
    report = json.loads(run("check", seed, "--format", "json").out)
    for rule_id in {item["rule"] for item in report["findings"]}:
        design = edits.set_rule(design, rule_id, severity="info")
    save_design(seed, design)

    assert run("check", seed).status == 0
    assert run("check", seed, "--fail-on", "info").status == 1


def test_no_rule_at_all_says_how_many_are_off(run: Run, seed: Path) -> None:
    design = open_design(seed)
    for rule_id in all_rules():
        design = edits.set_rule(design, rule_id, off=True)
    save_design(seed, design)

    assert run("check", seed).out.splitlines()[-1] == (
        f"nothing found · {len(all_rules())} rules are off"
    )


def test_the_parameters_of_a_rule_are_listed(run: Run) -> None:
    assert "fewest (integer, 1 to 13, default 2): Name servers" in run("rules", "SPOF007").out
