"""`loadpath diff`: text, Markdown and JSON, stdin, and what the exit status says."""

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from app.analysis import diagrams
from app.cli.diff_markdown import MOST_ROWS, escaped
from app.model import edits
from app.model.design import Design
from app.model.links import Place, Waiver
from app.rules.check import check
from app.storage.codec import dump
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run
from tests.redrawing import redrawn


@pytest.fixture
def worse(seed: Path, tmp_path: Path) -> Path:
    """The seed without its second web server: web-1 is a single point of failure."""
    path = tmp_path / "worse.loadpath.json"
    design = edits.remove(open_design(seed), ["web-2"])
    save_design(path, edits.set_fields(design, "lb", metrics=True, availability=0.9995))
    return path


def compared(run: Run, *arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("diff", *arguments, "--format", "json").out)
    return found


def test_the_same_design_twice_is_no_change(run: Run, seed: Path) -> None:
    said = run("diff", seed, seed)
    assert said.status == 0
    assert said.out.splitlines()[1] == "no change"
    assert "works 99.849 % of the time, down 796 minutes a year, as before" in said.out
    assert "structure" not in said.out
    assert "findings" not in said.out


def test_a_design_that_got_worse_is_told_in_one_line(run: Run, seed: Path, worse: Path) -> None:
    said = run("diff", seed, worse)
    assert said.status == 1
    headline = said.out.splitlines()[1]
    assert headline.startswith("new single points of failure: app-1, files-1, server-2, web-1") or (
        "web-1" in headline
    )
    assert re.search(r"; browse 99\.\d+ → 99\.\d+ %", headline)
    assert "  - part web-2 (web server)\n" in said.out
    assert "  ~ part lb (load balancer)\n" in said.out
    assert "      Metrics: no → yes\n" in said.out
    assert "      Availability: nothing → 0.9995\n" in said.out
    assert "  - link lb → web-2 (request)\n" in said.out
    assert "    new single point" in said.out
    assert "\x1b" not in said.out


def test_what_got_better_ends_with_0(run: Run, seed: Path, worse: Path) -> None:
    said = run("diff", "--fail-on", "high", worse, seed)  # two servers alike are worth a remark
    assert said.status == 0
    assert said.out.splitlines()[1].startswith("no longer single point")
    assert "\ngone (" in said.out
    assert "  + part web-2 (web server)\n" in said.out


@pytest.mark.parametrize(("fail_on", "status"), [("critical", 1), ("info", 1), ("never", 0)])
def test_fail_on_counts_new_findings_alone(
    run: Run, seed: Path, worse: Path, fail_on: str, status: int
) -> None:
    assert run("diff", seed, worse, "--fail-on", fail_on).status == status
    assert run("diff", worse, worse, "--fail-on", fail_on).status == 0


def test_new_findings_below_fail_on_are_no_failure(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "waived.loadpath.json"
    design = open_design(seed)
    medium = next(item for item in check(design) if item.rule.severity == "medium")
    save_design(path, edits.waive(design, medium.key, Waiver(reason="We know")))
    assert run("diff", path, seed, "--fail-on", "high").status == 0
    said = run("diff", path, seed, "--fail-on", "medium")
    assert said.status == 1
    assert f"medium {medium.key}: {medium.rule.title} (was waived)" in said.out
    assert f"  - waiver {medium.key} (We know)" in said.out
    assert "(waived now)" in run("diff", seed, path).out


@pytest.mark.parametrize("first", [True, False])
def test_a_design_may_come_from_stdin(
    run: Run, seed: Path, worse: Path, first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = seed if first else worse
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.read_bytes())))
    said = run("diff", *(("-", worse) if first else (seed, "-")))
    assert said.status == 1
    assert said.out.splitlines()[1:] == run("diff", seed, worse).out.splitlines()[1:]


def test_both_from_stdin_is_refused(run: Run) -> None:
    said = run("diff", "-", "-")
    assert (said.status, said.out) == (2, "")
    assert said.err == "loadpath: only one of the two designs can come from standard input\n"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "standard input: The file is empty."), (b"{}", "standard input: This is not a ")],
)
def test_what_is_no_design_is_named(
    run: Run, seed: Path, content: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    said = run("diff", "-", seed)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith(f"loadpath: {sentence}")


def test_a_file_that_is_not_there_is_named(run: Run, seed: Path, tmp_path: Path) -> None:
    said = run("diff", seed, tmp_path / "gone.json")
    assert said.status == 2
    assert said.err == "loadpath: gone.json: cannot be read: no such file or directory.\n"


def test_parts_that_moved_take_one_line(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "moved.loadpath.json"
    design = edits.move(open_design(seed), {"lb": Place(x=5.0, y=5.0)})
    save_design(path, design)
    said = run("diff", seed, path)
    assert said.out.splitlines()[1] == "no change but places on the canvas"
    assert "  1 part only moved on the canvas\n" in said.out
    save_design(path, edits.rename(design, "Another"))
    said = run("diff", seed, path)
    assert said.out.splitlines()[1] == "1 change, and the same risk as before"
    assert "  ~ name: Distributed web infrastructure → Another" in said.out


def test_what_was_drawn_again_is_matched_and_that_is_said(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    path = tmp_path / "again.loadpath.json"
    save_design(path, redrawn(open_design(seed)))
    said = run("diff", seed, path)
    assert said.status == 0
    assert "other ids, matched by kind and name or by ends: " in said.out
    assert " + " not in said.out
    assert compared(run, seed, path)["redrawn"]["lb"] == "x-lb"


def test_a_failover_by_hand_is_told_apart(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "failover.loadpath.json"
    design = open_design(seed)
    (cluster,) = (key for key, item in design.components.items() if item.kind == "cluster")
    save_design(path, edits.set_fields(design, cluster, failover="manual"))
    said = run("diff", seed, path)
    assert "    without a switch by hand: works " in said.out
    assert "Failover: none → manual" in said.out


def test_a_flow_that_is_new_or_gone_says_so(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "flows.loadpath.json"
    design = edits.remove(open_design(seed), ["checkout"])
    design, _ = edits.add_flow(design, design.flows["browse"].client, "pay")
    save_design(path, design)
    said = run("diff", seed, path)
    assert "  + flow pay (" in said.out
    assert "  - flow checkout (write)" in said.out
    assert ", new\n" in said.out
    assert "  checkout (write), gone\n" in said.out


def test_a_finding_that_only_moved_on_is_told_apart(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "moved.loadpath.json"
    design = open_design(seed)
    save_design(path, edits.set_fields(design, "lb", name="lb"))
    design, other = edits.add(design, "load_balancer", parent="server-0", name="Newer")
    for key, link in list(design.links.items()):
        if link.source == "lb":
            design = edits.set_fields(design, key, source=other)
        elif link.target == "lb":
            design = edits.set_fields(design, key, target=other)
    save_design(path, edits.remove(design, ["lb"]))
    said = run("diff", seed, path)
    assert "\nthe same of other parts (" in said.out
    assert f"  SPOF004@lb → SPOF004@{other}\n" in said.out
    assert "as before, of another part" in run("diff", seed, path, "--format", "markdown").out


def test_an_estimate_says_so(
    run: Run, seed: Path, worse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise diagrams.TooLargeError

    monkeypatch.setattr(diagrams, "build", refuse)
    said = run("diff", seed, worse)
    assert re.search(r"works 99\.\d+ to 99\.\d+ → 99\.\d+ to 99\.\d+ % of the time", said.out)
    assert "an estimate: too entangled for an exact figure" in said.out
    assert compared(run, seed, worse)["flows"][0]["recoverable"]["after"]["exact"] is False


def test_assumed_figures_are_marked(run: Run, seed: Path, worse: Path) -> None:
    assert "the figures of 12 parts are assumed" in run("diff", seed, seed).out
    lost = compared(run, seed, worse)["flows"][0]["recoverable"]
    assert "lb" in lost["before"]["assumed"]
    assert "lb" not in lost["after"]["assumed"]


def test_the_markdown_has_a_headline_and_small_tables(run: Run, seed: Path, worse: Path) -> None:
    said = run("diff", seed, worse, "--format", "markdown")
    lines = said.out.splitlines()
    assert lines[0].startswith("**Distributed web infrastructure**: new single point")
    rows = [line for line in lines if line.startswith("|")]
    assert any(line.startswith("| browse (read) | 99.") for line in rows)
    assert any(line.startswith("| **new, critical** | `SPOF") for line in rows)
    assert "| changed | part lb (load balancer): Metrics | no | yes |" in rows
    assert "| gone | part web-2 (web server) |  |  |" in rows
    assert "<details><summary>" in said.out


def test_markdown_of_no_change_has_no_empty_tables(run: Run, seed: Path) -> None:
    said = run("diff", seed, seed, "--format", "markdown")
    assert said.out.startswith("**Distributed web infrastructure**: no change\n")
    assert "finding" not in said.out
    assert "details" not in said.out


def test_a_long_table_is_cut_and_says_so(run: Run, seed: Path, tmp_path: Path) -> None:
    design = Design()
    for _ in range(MOST_ROWS + 20):
        design, _ = edits.add(design, "database")
    save_design(tmp_path / "many.json", design)
    said = run("diff", seed, tmp_path / "many.json", "--format", "markdown")
    assert re.search(r"\n… and \d+ more\.\n", said.out)
    assert "flow" in said.out


HOSTILE = "a|b <img src=x> `c` [x](http://e.com) @here #1 **b** www.e.com \\ ![i](j)"


def test_names_do_nothing_in_markdown() -> None:
    told = escaped(HOSTILE)
    assert not re.search(r"(?<!\\)[|<>`*\[\]!]", told)
    assert "@here" not in told
    assert "#1" not in told
    assert "://" not in told
    assert "www." not in told
    assert "\\\\" in told
    assert escaped("web-1 (https), 1.5 %") == "web-1 (https), 1.5 %"


def test_hostile_names_stay_in_their_cell(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "hostile.loadpath.json"
    design = open_design(seed)
    design = edits.set_fields(design, "lb", name=HOSTILE, description=f"x\n\n# {HOSTILE}")
    design = edits.set_fields(design, "browse", name=f"browse{HOSTILE}")
    save_design(path, edits.rename(design, HOSTILE))
    said = run("diff", seed, path, "--format", "markdown").out
    for line in said.splitlines():
        assert len(re.findall(r"(?<!\\)\|", line)) in (0, 4, 5)
        assert "<img" not in line.replace("\\<img", "")
    text = run("diff", seed, path).out
    assert "\x1b" not in text


def test_a_long_text_is_cut_to_where_it_differs(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "long.loadpath.json"
    design = edits.set_fields(open_design(seed), "lb", description="a" * 300 + "b" + "c" * 99)
    save_design(seed, design)
    other = edits.set_fields(design, "lb", description="a" * 300 + "d")
    save_design(path, other)
    said = run("diff", seed, path).out
    (line,) = (line for line in said.splitlines() if "Description" in line)
    assert line.strip() == f"Description: …{'a' * 20}b{'c' * 39}… → …{'a' * 20}d"


def test_values_are_told_in_words(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "values.loadpath.json"
    design = open_design(seed)
    (cluster,) = (key for key, item in design.components.items() if item.kind == "cluster")
    design = edits.set_fields(design, "lb", requires={"": "web-1 and web-2"})
    design = edits.set_fields(design, cluster, members=())
    save_design(path, design)
    said = run("diff", seed, path).out
    assert "Requires: nothing → it needs web-1 and web-2" in said
    assert "Members: db-1, db-2 → nothing" in said
    fields = next(
        each["fields"]
        for each in compared(run, seed, path)["structure"]["components"]["changed"]
        if each["id"] == cluster
    )
    assert fields == {"members": {"before": ["db-1", "db-2"], "after": []}}


def test_the_json_has_the_documented_shape(run: Run, seed: Path, worse: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "json.md").read_text(encoding="utf-8")
    section = page.partition("## The comparison as JSON")[2]
    found = compared(run, seed, worse)
    assert found["version"] == 1
    assert found["before"] == {
        "name": "Distributed web infrastructure", "file": seed.as_posix(),
    }  # fmt: skip
    for key in found:
        assert f"`{key}`" in section or f"`{key}." in section
    for table in ("structure", "findings"):
        assert all(f"`{table}.{key}`" in section for key in found[table])
    for flow in found["flows"]:
        assert all(f"`flows.{key}`" in section for key in flow)
        for view in ("recoverable", "continuity"):
            assert all(f"`{key}`" in section for key in flow[view])
            assert all(f"`{key}`" in section for key in flow[view]["after"])


def test_the_json_counts_what_check_counts(run: Run, seed: Path, worse: Path) -> None:
    found = compared(run, seed, worse)["findings"]
    report = json.loads(run("check", worse, "--format", "json").out)
    after = [item["key"] for item in report["findings"]]
    moved = [pair["after"] for pair in found["moved_on"]]
    new = [item["key"] for item in found["new"]]
    assert sorted([*new, *found["kept"], *moved]) == sorted(after)
    assert [key for key in after if key in new] == new
    shapes = {frozenset(item) for item in report["findings"]}
    assert {frozenset({*item, "known"}) for item in found["new"]} == shapes


def test_a_comparison_goes_into_a_file(run: Run, seed: Path, worse: Path, tmp_path: Path) -> None:
    said = run("diff", seed, worse, "-o", tmp_path / "diff.txt")
    assert (said.status, said.out) == (1, "")
    assert "web-2" in (tmp_path / "diff.txt").read_text(encoding="utf-8")


def test_a_git_revision_can_be_piped(run: Run, seed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = dump(open_design(seed))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run("diff", "-", seed).out.splitlines()[0] == f"- → {seed}"
