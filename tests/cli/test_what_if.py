"""`loadpath whatif`: the failures of a design as a table, and what exactly these do."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from app.analysis.analysis import Analysis
from app.analysis.failure_table import failure_table
from app.analysis.what_if import outcomes
from app.model import edits
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run

HOSTILE = (
    "=cmd|'/c calc'!A1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "  =1+1",
    "a|b*c_[d](e)<b>`",
    '"quote", x',
)


def table(run: Run, path: Path, *options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("whatif", path, "--format", "json", *options).out)
    return found


def sheet(run: Run, path: Path, *options: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(run("whatif", path, "--format", "csv", *options).out)))


def test_each_failure_is_told_and_the_most_harmful_comes_first(run: Run, seed: Path) -> None:
    said = run("whatif", seed)
    assert (said.status, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "Distributed web infrastructure: 13 failures, the most harmful first"
    assert " ".join(lines[3].split()) == "8.8 server-0 browse down, checkout down"
    assert " ".join(lines[5].split()) == "13.1 db-1 browse degraded, checkout down"
    assert " ".join(lines[-1].split()) == "0.88 dns nothing changes"


def test_pairs_come_on_request_with_their_number(run: Run, seed: Path) -> None:
    said = run("whatif", seed, "--pairs").out
    assert "db-1 and db-2" in said
    assert said.endswith("Looked at 78 pairs: 19 do more harm together than apart.\n")
    assert "pairs" not in run("whatif", seed).out


def test_links_come_on_request_and_have_no_figure(run: Run, seed: Path) -> None:
    said = run("whatif", seed, "--links").out
    assert "–  users → lb (link-2)" in said
    assert "link-2" not in run("whatif", seed).out


@pytest.mark.parametrize("options", [(), ("--pairs",), ("--links",)])
def test_all_formats_hold_the_rows_of_the_analysis_in_its_order(
    run: Run, seed: Path, options: tuple[str, ...]
) -> None:
    pairs, links = "--pairs" in options, "--links" in options
    asked = failure_table(Analysis(open_design(seed)), links=links, pairs=pairs)
    known = [row.failed for row in asked.failures]
    assert [tuple(row["failed"]) for row in table(run, seed, *options)["failures"]] == known
    rows = sheet(run, seed, *options)
    assert [tuple(row[1].split()) for row in rows[1:]] == known
    markdown = run("whatif", seed, "--format", "markdown", *options).out
    assert sum(line.startswith("| ") for line in markdown.splitlines()) == len(known) + 2


def test_the_json_holds_what_docs_json_md_says(run: Run, seed: Path) -> None:
    found = table(run, seed, "--pairs")
    assert found["version"] == 1
    assert found["design"]["name"] == "Distributed web infrastructure"
    assert found["flows"]["browse"] == {
        "name": "browse",
        "operation": "read",
        "works_as_drawn": True,
    }
    assert found["pairs"] == {"possible": 78, "looked_at": 78, "worse": 19, "told": 19}
    [server] = [row for row in found["failures"] if row["failed"] == ["server-1"]]
    assert server["names"] == ["server-1"]
    assert server["inside"] == ["app-1", "db-1", "files-1", "web-1"]
    assert server["flows"] == {"browse": "degraded", "checkout": "down"}
    assert server["harm"]["hours_per_year"] == pytest.approx(8.76)
    assert "ways" not in server
    assert server["blast_radius"] == {
        "flows_lost": ["checkout"],
        "capabilities_lost": {"lb": ["write"], "web-2": ["write"], "app-2": ["write"]},
        "redundancy_lost": [
            {"parts": ["web-1", "web-2"], "left": 1},
            {"parts": ["db-1", "db-2"], "left": 1},
        ],
        "traffic_lost": None,
    }
    assert all(row["blast_radius"] is None for row in found["failures"] if row["failed"][1:])
    assert table(run, seed)["pairs"] is None
    links = table(run, seed, "--links")["failures"]
    assert {row["harm"]["hours_per_year"] for row in links if "→" in row["names"][0]} == {None}


def test_what_is_named_fails_together_and_the_way_that_is_left_is_told(
    run: Run, seed: Path
) -> None:
    said = run("whatif", seed, "--fail", "web-1", "db-2")
    assert said.status == 0
    assert said.out.startswith("Distributed web infrastructure: if db-2 and web-1 stop\n")
    assert "browse (reads): degraded\n  still works by: users → lb → web-2 → app-2 → " in said.out
    assert "nothing can replace now: app-2, " in said.out
    inside = run("whatif", seed, "--fail", "server-1").out
    assert "if server-1 stops\n  and what is in it: app-1, db-1, files-1, web-1" in inside
    assert "checkout (writes): down" in inside
    assert "what else is lost:\n  lb, web-2 and app-2 can no longer write.\n" in inside


def test_the_combination_as_json_has_the_ways_of_the_analysis(run: Run, seed: Path) -> None:
    [row] = table(run, seed, "--fail", "web-1", "--fail", "link-9")["failures"]
    known = outcomes(Analysis(open_design(seed)), ("web-1", "link-9"))
    assert row["failed"] == ["link-9", "web-1"]
    assert row["flows"] == {key: outcome.state for key, outcome in known.items()}
    assert row["ways"]["browse"] == {
        "path": list(known["browse"].path),
        "exposed": sorted(known["browse"].exposed),
    }


def test_a_name_is_as_good_as_an_id_where_it_is_the_only_one(run: Run, seed: Path) -> None:
    design = edits.set_fields(open_design(seed), "db-1", name="Orders")
    save_design(seed, edits.set_fields(design, "web-2", name="web-1"))
    assert table(run, seed, "--fail", "Orders")["failures"][0]["failed"] == ["db-1"]
    assert "if Orders (db-1) stops" in run("whatif", seed, "--fail", "Orders").out
    design = edits.set_fields(open_design(seed), "web-1", name="web")
    save_design(seed, edits.set_fields(design, "web-2", name="web"))
    said = run("whatif", seed, "--fail", "web")
    assert (said.status, said.out) == (2, "")
    assert said.err == "loadpath: 2 parts are called 'web'; give an id: web-1, web-2\n"


@pytest.mark.parametrize(
    ("wanted", "answer"),
    [
        ("wbe-1", "; did you mean 'web-1'?"),
        ("Sever-0", "; did you mean 'server-0'?"),
        ("xyzzy", "; its parts: app-1, app-2, db-1, "),
    ],
)
def test_what_is_not_there_is_refused_with_the_nearest_name(
    run: Run, seed: Path, wanted: str, answer: str
) -> None:
    said = run("whatif", seed, "--fail", "lb", wanted)
    assert (said.status, said.out) == (2, "")
    assert f"there is no part or link {wanted!r} in the design{answer}" in said.err


def test_an_empty_design_has_nothing_to_fail(run: Run, clean: Path) -> None:
    said = run("whatif", clean).out
    assert ": 0 failures" in said
    assert "There are no flows: nobody uses this yet." in said
    refused = run("whatif", clean, "--fail", "web-1")
    assert refused.err.endswith("no part or link 'web-1' in the design\n")


def test_a_failover_by_hand_is_said_in_words(run: Run, seed: Path) -> None:
    save_design(seed, edits.set_fields(open_design(seed), "mariadb", failover="manual"))
    assert "checkout down until someone switches by hand" in run("whatif", seed).out
    said = run("whatif", seed, "--fail", "db-1").out
    assert "checkout (writes): down until someone switches by hand\n  works then by: users" in said
    assert table(run, seed, "--fail", "db-1")["failures"][0]["flows"]["checkout"] == "by hand"


def test_a_flow_that_cannot_work_as_drawn_is_said_to_be_so(run: Run, seed: Path) -> None:
    design = open_design(seed)
    gone = [key for key, link in design.links.items() if link.source == "users"]
    save_design(seed, edits.remove(design, gone))
    told = "Counted nowhere, since it cannot work as drawn: browse and checkout."
    assert told in run("whatif", seed).out
    assert told in run("whatif", seed, "--fail", "web-1").out
    assert table(run, seed)["flows"]["browse"]["works_as_drawn"] is False


def test_hostile_names_stay_text_in_a_spreadsheet_and_in_markdown(run: Run, seed: Path) -> None:
    design = open_design(seed)
    for key, name in zip(("db-1", "db-2", "web-1", "web-2", "lb", "app-1", "app-2"), HOSTILE,
                         strict=True):  # fmt: skip
        design = edits.set_fields(design, key, name=name)
    design = edits.set_fields(design, "browse", name="=1")
    save_design(seed, edits.rename(design, "# <script>"))
    rows = sheet(run, seed, "--pairs")
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.strip().startswith(tuple("=+-@\t\r"))]
    assert {f"'{HOSTILE[0]}", f"'{HOSTILE[4]}", HOSTILE[6], "'=1"} <= set(cells)
    lines = run("whatif", seed, "--pairs", "--format", "markdown").out.splitlines()
    assert lines[0] == r"# What if: \# \<script\>"
    assert {line.replace(r"\|", "").count("|") for line in lines if line.startswith("|")} == {6}
    assert not [line for line in lines if "<b>" in line]
    [row] = [line for line in lines if "(app-1)" in line and " and " not in line]
    assert r"a\|b\*c\_\[d\](e)\<b\>\`" in row


def test_it_is_written_into_a_file(run: Run, seed: Path, tmp_path: Path) -> None:
    path = tmp_path / "failures.csv"
    assert run("whatif", seed, "--format", "csv", "-o", path).out == ""
    assert path.read_text().startswith("rank,ids,if this stops,kind,browse,checkout,flows down,")


def test_pairs_and_a_combination_exclude_each_other(run: Run, seed: Path) -> None:
    said = run("whatif", seed, "--pairs", "--fail", "lb")
    assert said.status == 2
    assert "not allowed with" in said.err
