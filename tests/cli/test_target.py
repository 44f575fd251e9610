"""`loadpath target`: what is told, what is written, what is refused."""

import json
import sys
from pathlib import Path

import pytest

from app.model import edits
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run


def test_the_ways_are_told_with_the_fewest_parts_first(run: Run, seed: Path) -> None:
    before = seed.read_bytes()
    said = run("target", seed, "--availability", "99.9 %")

    first, _, way, *steps = said.out.splitlines()
    assert first == (
        "Distributed web infrastructure: browse and checkout each down at most 526 min a year "
        "(99.900%)"
    )
    assert way == (
        "1. 3 parts and 2 links: browse: 13.3 h → 49.9 min (assumed); "
        "checkout: 35.0 h → 118 min (assumed) a year"
    )
    assert steps[:3] == [
        "   - Let a replica take over automatically (db-1)",
        "   - Add a standby that takes over its address (lb)",
        "   removes 2 findings; no single point of failure is left",
    ]
    assert "downtime each were tried." in " ".join(said.out.split())
    assert (said.status, said.err) == (0, "")
    assert seed.read_bytes() == before


def test_a_flow_is_chosen_by_its_id_or_name(run: Run, seed: Path) -> None:
    design = edits.set_fields(open_design(seed), "browse", name="look around")
    save_design(seed, design)
    for name in ("browse", "look around"):
        said = run("target", seed, "--availability", "99.99%", "--flow", name)
        assert ": look around down at most 52.6 min a year" in said.out
        assert said.status == 0


def test_what_some_parts_can_do(run: Run, seed: Path) -> None:
    said = run("target", seed, "--parts", "3", "--json")
    told = json.loads(said.out)

    assert told["target"] == {"flows": ["browse", "checkout"], "unavailability": None, "parts": 3}
    assert [len(point["parts_added"]) for point in told["points"]] == [0, 3, 3, 3]
    first = told["points"][0]
    assert first["steps"] == [
        {
            "title": "Let a replica take over automatically",
            "about": "db-1",
            "finding": "SPOF005@db-1",
        }
    ]
    assert first["flows"]["checkout"]["assumed"] is True
    assert first["single_points_of_failure"] == ["lb", "server-0"]
    assert first["findings_removed"] == ["SPOF005@db-1"]
    assert first["findings_added"] == []
    last = told["points"][-1]
    assert last["steps"][-1] == {
        "title": "Let web-1 and web-2 each use app-1 and app-2",
        "about": "",
        "finding": None,
    }
    assert told["best"] == last
    assert (told["version"], told["exhausted"], told["reached_already"]) == (1, True, False)
    down = last["flows"]["checkout"]
    assert down["after"]["unavailability"] < down["before"]["unavailability"]
    assert down["before"] == told["before"]["checkout"]
    assert set(told) == {
        *("version", "design", "target", "before", "reached_already", "tried", "exhausted"),
        *("points", "best", "limits"),
    }


def test_a_target_out_of_reach_says_the_best_and_what_limits_it(run: Run, seed: Path) -> None:
    said = run("target", seed, "--availability", "99.99 %")

    assert said.status == 1
    assert "5 parts and 9 links: " in said.out
    text = " ".join(said.out.split())
    assert "The target cannot be reached. The best that can: browse 6.3 min a year" in text
    assert "What limits it, by its share of the downtime left: the failover of mariadb" in text

    told = json.loads(run("target", seed, "--availability", "99.99 %", "--json").out)
    assert told["points"] == []
    assert told["limits"][0]["event"] == "mariadb.cover"


def test_a_target_that_is_reached_already_says_so(run: Run, seed: Path) -> None:
    for options in ((), ("--apply", "1")):
        before = seed.read_bytes()
        said = run("target", seed, "--availability", "99 %", *options)
        assert said.status == 0
        assert "Nothing to do: browse and checkout are at the target." in said.out + said.err
        assert seed.read_bytes() == before


def test_a_way_is_carried_out_in_the_file_or_in_another(
    run: Run, seed: Path, tmp_path: Path
) -> None:
    before, out = seed.read_bytes(), tmp_path / "better.json"
    options = ("target", seed, "--availability", "99.9%", "--apply", "2")
    said = run(*options, "-o", out)

    assert (said.status, said.out) == (0, "")
    assert said.err.splitlines()[:2] == [
        "Let a replica take over automatically (db-1)",
        "Add a second load balancer (lb)",
    ]
    assert "browse: 13.3 h → 9.0 min (assumed) a year" in said.err
    assert seed.read_bytes() == before
    assert run(*options).status == 0
    assert seed.read_bytes() == out.read_bytes()
    assert run("target", seed, "--availability", "99.9%").out.count("Nothing to do") == 1


def test_where_nothing_reaches_it_nothing_is_applied(run: Run, seed: Path) -> None:
    before = seed.read_bytes()
    said = run("target", seed, "--availability", "99.99%", "--apply", "1")
    assert said.status == 1
    assert "cannot be reached" in said.err
    assert seed.read_bytes() == before


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--availability", "99.95"), "did you mean 99.95 %?"),
        (("--availability", "101 %"), "it must be above 0 % and at most 100 %"),
        (("--availability", "nan"), "'nan' is no availability"),
        (("--parts", "-1"), "'-1' is no whole number from 0 to 1000"),
        (("--parts", "nan"), "is no whole number"),
        (("--parts", "9" * 10_000), "is no whole number"),
        (("--parts", "1", "--tries", "0"), "is no whole number from 1"),
        (("--parts", "1", "--availability", "99%"), "not allowed with"),
        ((), "one of the arguments --availability --parts is required"),
        (("--parts", "1", "--flow", "nope"), "there is no flow 'nope' in the design: browse"),
        (("--parts", "3", "--apply", "99"), "--apply 99: there are 4 sets, from 1 on"),
        (("--parts", "3", "--apply", "0"), "--apply 0: there are 4 sets, from 1 on"),
    ],
)
def test_what_makes_no_sense_is_refused(
    run: Run, seed: Path, options: tuple[str, ...], why: str
) -> None:
    said = run("target", seed, *options)
    assert said.status == 2
    assert why in said.err
    assert said.out == ""


def test_two_flows_of_one_name_are_told_apart_by_their_ids(run: Run, seed: Path) -> None:
    save_design(seed, edits.set_fields(open_design(seed), "browse", name="use"))
    save_design(seed, edits.set_fields(open_design(seed), "checkout", name="use"))
    said = run("target", seed, "--parts", "1", "--flow", "use")
    assert said.status == 2
    assert "2 flows are called 'use'; give an id: browse, checkout" in said.err


def test_a_design_without_flows_has_no_target(run: Run, clean: Path) -> None:
    said = run("target", clean, "--parts", "1")
    assert said.status == 2
    assert "it has no flows" in said.err


def test_the_number_of_tries_is_bounded_and_shown_on_a_terminal(
    run: Run, seed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    said = run("target", seed, "--parts", "3", "--tries", "4")
    assert "tried 4 of at most 4" in said.err
    assert "This is the best among the 4 combinations" in said.out
