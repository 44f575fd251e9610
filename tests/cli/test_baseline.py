"""`loadpath check --baseline`: what was there before does not count, in all formats."""

import io
import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from app.model import edits
from app.model.links import Waiver
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run
from tests.cli.test_check import SARIF


@pytest.fixture
def baseline(run: Run, seed: Path, tmp_path: Path) -> Path:
    """A report about the seed as it was, with a waived finding in it."""
    path = tmp_path / "known.json"
    assert run("check", seed, "--format", "json", "-o", path).status == 1
    return path


@pytest.fixture
def worse(seed: Path) -> Path:
    """The seed, changed since: web-2 is gone, which brings findings and takes others away."""
    design = edits.remove(open_design(seed), ["web-2"])
    save_design(seed, edits.set_fields(design, "link-2", protocol="https", port=443, tls="1.3"))
    return seed


def report(run: Run, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", *arguments, "--format", "json").out)
    return found


def test_what_is_known_is_no_failure(run: Run, seed: Path, baseline: Path) -> None:
    said = run("check", seed, "--baseline", baseline, "--fail-on", "info")
    assert said.status == 0
    count = len(report(run, seed)["findings"])
    assert f"\nknown before ({count})\n" in said.out
    assert f"\n{count} findings: {count} known, 0 new\n" in said.out
    assert "critical (" not in said.out
    assert "repair one" not in said.out
    assert "found no more" not in said.out


def test_what_is_new_fails_and_what_is_gone_is_told(run: Run, baseline: Path, worse: Path) -> None:
    said = run("check", worse, "--baseline", baseline)
    assert said.status == 1
    told = report(run, worse, "--baseline", baseline)["baseline"]
    new = sum(told["new"].values())
    assert new > 0
    assert told["known"] > 0
    assert f"{told['known'] + new} findings: {told['known']} known, {new} new" in said.out
    assert "critical (" in said.out
    assert told["absent"]
    assert f"in the baseline, but found no more ({len(told['absent'])})\n" in said.out
    assert all(f"  {key}\n" in said.out for key in told["absent"])


def test_a_design_is_a_baseline_as_well(run: Run, worse: Path, tmp_path: Path, seed: Path) -> None:
    before = tmp_path / "before.loadpath.json"
    before.write_bytes(seed.read_bytes())
    assert run("check", seed, "--baseline", before).status == 0


def test_a_baseline_may_come_from_stdin(
    run: Run, seed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(seed.read_bytes())))
    assert run("check", seed, "--baseline", "-").status == 0


def test_the_json_tells_known_and_new_apart(run: Run, baseline: Path, worse: Path) -> None:
    found = report(run, worse, "--baseline", baseline)
    before = {item["key"] for item in json.loads(baseline.read_text())["findings"]}
    assert {item["key"] for item in found["findings"] if item["known"]} <= before
    assert found["baseline"]["file"] == baseline.as_posix()
    assert found["baseline"]["known"] == sum(item["known"] for item in found["findings"])
    assert set(found["baseline"]["absent"]) == before - {i["key"] for i in found["findings"]}
    plain = report(run, worse)
    assert found["summary"] == plain["summary"]
    assert plain["baseline"] is None
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    assert all(f"`baseline.{key}`" in page for key in found["baseline"])


def test_sarif_says_new_unchanged_updated_and_absent(
    run: Run, seed: Path, baseline: Path, worse: Path
) -> None:
    design = open_design(worse)
    key = report(run, worse, "--baseline", baseline)["findings"]
    waived = next(item["key"] for item in key if item["known"])
    save_design(worse, edits.waive(design, waived, Waiver(reason="We know")))
    log = json.loads(run("check", worse, "--baseline", baseline, "--format", "sarif").out)
    SARIF.validate(log)
    results = log["runs"][0]["results"]
    states = [item["baselineState"] for item in results]
    assert set(states) == {"new", "unchanged", "updated", "absent"}
    found = report(run, worse, "--baseline", baseline)
    assert states.count("absent") == len(found["baseline"]["absent"])
    assert states.count("updated") == 1
    assert states.count("unchanged") == found["baseline"]["known"]
    bare = json.loads(run("check", worse, "--format", "sarif").out)
    assert not any("baselineState" in item for item in bare["runs"][0]["results"])


def test_sarif_keeps_a_rule_that_is_no_more(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    entry = {"key": "OLD001@x", "rule": "OLD001", "message": "Old.", "subjects": ["x"]}
    path.write_text(json.dumps({"version": 1, "findings": [entry]}))
    log = json.loads(run("check", seed, "--baseline", path, "--format", "sarif").out)
    SARIF.validate(log)
    (absent,) = (r for r in log["runs"][0]["results"] if r["baselineState"] == "absent")
    assert (absent["ruleId"], absent["level"]) == ("OLD001", "none")


def test_junit_skips_what_is_known(run: Run, baseline: Path, worse: Path) -> None:
    root = ET.fromstring(run("check", worse, "--baseline", baseline, "--format", "junit").out)
    found = report(run, worse, "--baseline", baseline)
    new = {item["rule"] for item in found["findings"] if not item["known"]}
    known = {item["rule"] for item in found["findings"]} - new
    failed = {case.attrib["name"].split()[0] for case in root.findall(".//failure/..")}
    skipped = {case.attrib["name"].split()[0] for case in root.findall(".//skipped/..")}
    assert failed == new
    assert skipped == known
    assert all(item.attrib["message"].startswith("known before: ") for item in root.iter("skipped"))
    out = root.find("testsuite/system-out")
    assert out is not None
    assert found["baseline"]["absent"][0] in (out.text or "")


def test_a_finding_that_was_waived_then_counts_when_it_is_not_any_more(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    before = tmp_path / "before.json"
    plain = open_design(seed)
    save_design(before, edits.waive(plain, "SPOF004@lb", Waiver(reason="A demo")))
    said = run("check", seed, "--baseline", before)
    assert said.status == 1
    assert said.out.count("  SPOF004 ") == 1
    assert " known, 1 new\n" in said.out


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "this is no JSON, so neither a report nor a design."),
        (b"\xff\xfe", "this is no JSON, so neither a report nor a design."),
        (b"[" * 100_000, "this is no JSON, so neither a report nor a design."),
        (b"[]", "this is neither a report of `loadpath check --format json` nor a design."),
        (b'{"version": 1}', "this is neither a report of"),
        (b'{"version": 1, "findings": {}}', "this is neither a report of"),
        (b'{"version": 9, "findings": []}', "this report is of another version than 1; write it"),
        (
            b'{"version": 1, "findings": [1]}',
            "findings.0 is no finding of a report; write it again",
        ),
        (b'{"version": 1, "findings": [{"key": 1}]}', "findings.0 is no finding"),
        (
            b'{"version":1,"findings":[{"key":"a","rule":"b","message":"c","subjects":[1]}]}',
            "findings.0 is no finding",
        ),
        (b'{"format": "loadpath design", "version": 1}', "name: is missing"),
    ],
)
def test_a_bad_baseline_gets_one_sentence(
    run: Run, seed: Path, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "bad.json"
    path.write_bytes(content)
    said = run("check", seed, "--baseline", path)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"loadpath: bad.json: {sentence}")
    assert said.err.count("\n") == 1


def test_a_baseline_that_is_not_there_is_named(run: Run, seed: Path, tmp_path: Path) -> None:
    said = run("check", seed, "--baseline", tmp_path / "none.json")
    assert said.status == 2
    assert said.err == "loadpath: none.json: cannot be read: no such file or directory.\n"
    assert run("check", seed, "--baseline", tmp_path).err.endswith(": This is a folder.\n")


def test_several_files_are_checked_one_after_the_other(
    run: Run, seed: Path, clean: Path, tmp_path: Path
) -> None:
    said = run("check", clean, seed)
    assert said.status == 1
    assert said.out == run("check", clean).out + "\n" + run("check", seed).out
    assert run("check", clean, clean).status == 0
    bad = run("check", seed, tmp_path / "none.json")
    assert (bad.status, bad.out) == (2, "")


@pytest.mark.parametrize("more", [["--format", "json"], ["--baseline", "x.json"]])
def test_several_files_have_no_report_in_common(
    run: Run, seed: Path, clean: Path, more: list[str]
) -> None:
    said = run("check", seed, clean, *more)
    assert said.status == 2
    assert said.err == (
        "loadpath: several files at once are checked as text, and without a baseline\n"
    )
