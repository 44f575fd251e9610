"""`loadpath availability`: figures of each flow, as text and as JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.analysis import diagrams
from app.analysis.availability import availability_of
from app.analysis.cutsets import RequirementGraph
from app.model import edits
from app.model.design import Design
from app.storage.files import open_design, save_design
from tests.cli.conftest import Run


def figures(run: Run, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("availability", path, "--format", "json").out)
    return found


def test_each_flow_is_told_with_its_downtime_and_what_it_is_down_for(run: Run, seed: Path) -> None:
    said = run("availability", seed)
    assert said.status == 0
    browse, checkout = said.out.split("\n\n")[1:]
    assert "works 99.849% of the time, down 796 minutes a year (assumed)" in browse
    assert "what stops it: 2 parts alone, 19 pairs" in browse
    assert "single points of failure: db-1, lb, server-0, server-1" in checkout
    assert "37.40%  db-1 works 99.850% of the time  assumed" in checkout


def test_a_figure_that_somebody_has_set_is_not_called_assumed(run: Run, seed: Path) -> None:
    save_design(seed, edits.set_fields(open_design(seed), "lb", availability=0.99))
    lines = run("availability", seed).out.splitlines()
    assert any(line.endswith("lb works 99.00% of the time") for line in lines)


def test_a_promise_is_held_against_the_figure(run: Run, seed: Path) -> None:
    design = edits.set_fields(open_design(seed), "browse", target_availability=0.999)
    save_design(seed, edits.set_fields(design, "checkout", target_availability=0.9))
    said = run("availability", seed).out
    assert "promised: 99.900%, missed" in said
    assert "promised: 90.00%, kept" in said


def test_outages_are_told_where_repairs_are_known(run: Run, tmp_path: Path) -> None:
    design, web = edits.add(edits.add(Design(), "client")[0], "web_server")
    design, _ = edits.connect(design, "users-1", web)
    design = edits.set_fields(design, web, mtbf_hours=876.0, mttr_hours=2.0)
    path = tmp_path / "small.loadpath.json"
    save_design(path, design)
    assert "9.98 outages a year of 120 min each" in run("availability", path).out


def test_a_switch_by_hand_makes_the_difference_between_the_views(run: Run, seed: Path) -> None:
    save_design(seed, edits.set_fields(open_design(seed), "mariadb", failover="manual"))
    assert "without a switch by hand: works" in run("availability", seed).out


def busy(seed: Path) -> Path:
    """The seed, with as many requests as both web servers can just serve together."""
    design = edits.set_fields(open_design(seed), "browse", requests_per_second=140.0)
    for web in ("web-1", "web-2"):
        design = edits.set_fields(design, web, capacity=100.0)
    save_design(seed, design)
    return seed


def test_the_busiest_time_is_told_where_it_differs(run: Run, seed: Path) -> None:
    assert "busiest" not in run("availability", seed).out
    assert figures(run, seed)["flows"]["browse"]["peak"] is None

    said = run("availability", busy(seed)).out
    assert "at the busiest time: works 99." in said
    told = figures(run, seed)["flows"]["browse"]
    assert {"web-1", "web-2"} <= set(told["peak"]["single_points_of_failure"])
    assert "web-1" not in told["recoverable"]["single_points_of_failure"]


def test_too_much_at_the_busiest_time_is_told_as_that(run: Run, seed: Path) -> None:
    save_design(
        busy(seed), edits.set_fields(open_design(seed), "browse", requests_per_second=300.0)
    )
    assert "at the busiest time: more comes than all of it can serve" in (
        run("availability", seed).out
    )


def test_sets_of_three_are_found_when_asked(run: Run, tmp_path: Path) -> None:
    design = edits.add(Design(), "client")[0]
    for _ in range(3):
        design, web = edits.add(design, "web_server", availability=0.9)
        design, _ = edits.connect(design, "users-1", web)
    path = tmp_path / "three.loadpath.json"
    save_design(path, design)

    assert "ets of three" not in run("availability", path).out
    said = run("availability", path, "--order", "3").out
    assert "Likeliest sets of three" in said
    assert "1.00e-03  web-1, web-2 and web-3" in said
    told = json.loads(run("availability", path, "--order", "3", "--format", "json").out)
    (cut,) = told["flows"]["browse"]["triples"]
    assert cut["parts"] == ["web-1", "web-2", "web-3"]
    assert cut["probability"] == pytest.approx(0.001)
    assert "triples" not in figures(run, path)["flows"]["browse"]


def test_there_may_be_no_set_of_three(run: Run, seed: Path) -> None:
    assert "Sets of three: none without a smaller one in it" in (
        run("availability", seed, "--order", "3").out
    )


def test_the_json_says_what_is_lost_with_each_part(run: Run, seed: Path) -> None:
    lost = figures(run, seed)["blast_radius"]
    assert lost["lb"]["flows_lost"] == ["browse", "checkout"]
    assert lost["web-1"] == {
        "flows_lost": [],
        "capabilities_lost": {},
        "redundancy_lost": [{"parts": ["web-1", "web-2"], "left": 1}],
        "traffic_lost": None,
    }


def test_the_json_holds_what_the_analysis_says(run: Run, seed: Path) -> None:
    found = figures(run, seed)
    assert found["version"] == 1
    graph = RequirementGraph(open_design(seed), "recoverable")
    for key in ("browse", "checkout"):
        told, known = found["flows"][key]["recoverable"], availability_of(graph, key)
        assert told["unavailability"] == [known.low, known.high]
        assert told["parts"]["lb"]["birnbaum"] == known.importance["lb"]
        assert told["redundancy_degree"] == 1


def test_two_of_everything_has_pairs_and_the_switch_is_one_of_them(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "two.loadpath.json"
    run("new", "two-of-everything", "-o", path)
    said = run("availability", path).out
    assert "worst pairs:" in said
    assert "db-1 and the failover of postgres" in said
    assert figures(run, path)["flows"]["browse"]["recoverable"]["redundancy_degree"] == 2


def test_what_is_too_entangled_is_an_estimate_and_says_so(
    run: Run, seed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise diagrams.TooLargeError

    monkeypatch.setattr(diagrams.Diagram, "variable", refuse)
    said = run("availability", seed).out
    assert "works about 99.8" in said
    assert "in 95 of 100 cases" in said
    assert "too entangled to count what stops it" in said
    told = figures(run, seed)["flows"]["browse"]["recoverable"]
    assert told["exact"] is False
    low, high = told["unavailability"]
    assert low <= told["interval"][0] <= told["estimate"] <= told["interval"][1] <= high
    assert told["cut_sets_by_order"] is told["redundancy_degree"] is None
    assert told["parts"] == {}
    assert "too entangled to find them" in run("availability", seed, "--order", "3").out
    entangled = json.loads(run("availability", seed, "--order", "3", "--format", "json").out)
    assert entangled["flows"]["browse"]["triples"] is None


def test_a_design_without_flows_says_so(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "empty.loadpath.json"
    save_design(path, Design())
    assert "no flows" in run("availability", path).out


def test_a_part_says_why_it_is_no_single_point_of_failure(run: Run, seed: Path) -> None:
    said = run("availability", seed, "--why", "web-1")
    assert said.out.startswith(
        "web-1 is no single point of failure for browse, because of lb → web-2 → app-2 → db-1.\n"
    )
    assert said.out.endswith("If it stops: Of web-1 and web-2, 1 is left.\n")
    told = json.loads(run("availability", seed, "--why", "db-1", "--format", "json").out)
    assert told["blast_radius"]["flows_lost"] == ["checkout"]
    assert (told["version"], told["part"]) == (1, "db-1")
    assert told["flows"]["checkout"]["standing"] == "alone"
    assert told["flows"]["browse"]["path"][-1] == "db-2"


def test_a_link_says_why_it_can_stop_a_flow(run: Run, tmp_path: Path) -> None:
    design, users = edits.add(Design(), "client")
    design, web = edits.add(design, "web_server")
    design, link = edits.connect(design, users, web)
    design = edits.set_fields(design, link, mtbf_hours=1000.0, mttr_hours=1.0)
    path = tmp_path / "line.loadpath.json"
    save_design(path, design)

    said = run("availability", path, "--why", link)

    assert "users-1 → web-1 is a single point of failure for browse: the way is web-1" in said.out


def test_a_part_that_is_not_there_cannot_say_why(run: Run, seed: Path) -> None:
    said = run("availability", seed, "--why", "nobody")
    assert (said.status, said.out) == (2, "")
    assert "there is no part or link 'nobody' in the design" in said.err
