"""The analysis agrees with results that do not come from this project.

The folder is taken from LOADPATH_ORACLES, else from beside the project, else the few cases that
come with it are used.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from app.analysis.analysis import Analysis
from app.analysis.availability import availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.minimal_cuts import minimal_cut_sets
from app.model import edits
from app.model.design import Design
from app.rules.check import check
from tests.oracles.adapter import drawing, fault_tree, network, topology

HERE = Path(__file__).parent
BESIDE = HERE.parents[2] / "shared" / "oracles"
FOLDER = Path(os.environ.get("LOADPATH_ORACLES") or (BESIDE if BESIDE.is_dir() else HERE / "data"))
TOPOLOGIES = [
    json.loads(file.read_text()) for file in sorted((FOLDER / "topologies").glob("*.json"))
]
DESIGNS = json.loads((FOLDER / "designs.json").read_text())["designs"]
FAULT_TREES = json.loads((FOLDER / "faulttrees.json").read_text())["cases"]
NETWORKS = json.loads((FOLDER / "networks.json").read_text())["cases"]
T19_NIGHT, T19_PEAK = 2.24850025e-06, 0.00299675149975  # unavailability, from the case itself
COMPARED: tuple[str, ...] = (
    "NET001",
    "NET002",
    "NET003",
    "NET004",
    "TLS001",
    "TLS003",
    "TLS005",
    "TLS014",
)
COMPARED += ("MON001", "MON002", "MON004", "MON005")


def _id(case: dict[str, Any]) -> str:
    return str(case["id"])


def test_there_are_oracles() -> None:
    assert TOPOLOGIES
    assert DESIGNS
    assert FAULT_TREES
    assert NETWORKS


@pytest.mark.parametrize("case", TOPOLOGIES, ids=_id)
def test_cut_sets_of_topologies_agree(case: dict[str, Any]) -> None:
    design, names = topology(case)
    graph = RequirementGraph(design, "recoverable")

    for flow, expected in case["expected"].items():
        key = names.own(f"flow {flow}")
        found = sorted(names.theirs(part) for part in graph.spofs(key))
        pairs = sorted(sorted(names.theirs(part) for part in pair) for pair in graph.pairs(key))
        assert found == sorted(expected["spof"])
        assert pairs == sorted(sorted(pair) for pair in expected["cuts2"])
        assert graph.dead(key) == ("0" in expected["cuts_by_order"])


@pytest.mark.parametrize("case", TOPOLOGIES, ids=_id)
def test_unavailability_of_topologies_agrees(case: dict[str, Any]) -> None:
    design, names = topology(case)
    graph = RequirementGraph(design, "recoverable")

    for flow, expected in case["expected"].items():
        found = availability_of(graph, names.own(f"flow {flow}"))
        assert found is not None
        assert found.unavailability == pytest.approx(expected["unavailability"], rel=1e-9)


@pytest.mark.parametrize("case", TOPOLOGIES, ids=_id)
def test_importance_and_frequency_of_topologies_agree(case: dict[str, Any]) -> None:
    design, names = topology(case)
    graph = RequirementGraph(design, "recoverable")

    for flow, expected in case["expected"].items():
        found = availability_of(graph, names.own(f"flow {flow}"))
        weights = found.importance.items()  # a part that is never missed is not listed there
        importance = {names.theirs(event): value for event, value in weights if value}
        if "0" not in expected["cuts_by_order"]:
            assert importance == pytest.approx(expected["birnbaum"], rel=1e-9)
        assert found.downtime_minutes == pytest.approx(expected["downtime_min_per_year"], rel=1e-9)
        if "failures_per_year" in expected:
            assert found.outages_per_year == pytest.approx(expected["failures_per_year"], rel=1e-9)
            assert found.mean_outage_hours == pytest.approx(expected["mean_outage_h"], rel=1e-9)


@pytest.mark.parametrize("case", TOPOLOGIES, ids=_id)
def test_all_cut_sets_of_topologies_agree(case: dict[str, Any]) -> None:
    design, names = topology(case)
    graph = RequirementGraph(design, "recoverable")

    for flow, expected in case["expected"].items():
        cuts = minimal_cut_sets(graph, names.own(f"flow {flow}"))
        assert {str(order): count for order, count in cuts.by_order.items()} == (
            expected["cuts_by_order"]
        )
        found = sorted(sorted(map(names.theirs, cut)) for cut in cuts.up_to(2) if len(cut) == 2)
        assert found == sorted(map(sorted, expected["cuts2"]))


def test_a_drawing_agrees_at_the_busiest_time_with_the_topology_of_it() -> None:
    """Case T19, drawn: each server on a machine of its own, and both are needed at peak."""
    design, _ = edits.add(Design(), "client")
    for _ in range(2):
        design, host = edits.add(design, "server", availability=0.999)
        design, web = edits.add(
            design, "web_server", availability=0.9995, parent=host, capacity=100.0
        )
        design, _ = edits.connect(design, "users-1", web)
    design = edits.set_fields(design, "browse", requests_per_second=140.0)

    analysis = Analysis(design)
    for graph, expected in ((analysis.recoverable, T19_NIGHT), (analysis.peak, T19_PEAK)):
        found = availability_of(graph, "browse")
        assert found.unavailability == pytest.approx(expected, rel=1e-9)
    assert len(analysis.peak.spofs("browse")) == 4


@pytest.mark.parametrize("case", FAULT_TREES, ids=_id)
def test_fault_trees_agree(case: dict[str, Any]) -> None:
    design, names = fault_tree(case)
    graph = RequirementGraph(design, "recoverable")
    found, cuts = availability_of(graph, "visit"), minimal_cut_sets(graph, "visit")

    expected = case["expected"]
    assert found.unavailability == pytest.approx(expected["top_probability"], rel=1e-9)
    assert {str(order): count for order, count in cuts.by_order.items()} == (
        expected["cuts_by_order"]
    )
    small = [sorted(map(names.theirs, cut)) for cut in cuts.up_to(2)]
    assert sorted(cut[0] for cut in small if len(cut) == 1) == sorted(expected["cuts1"])
    assert sorted(cut for cut in small if len(cut) == 2) == sorted(map(sorted, expected["cuts2"]))
    for event, value in expected.get("birnbaum", {}).items():
        assert found.importance[names.own(event)] == pytest.approx(value, rel=1e-9)
    for published in case.get("published", ()):
        if published["key"] == ["top_probability"]:
            assert found.unavailability == pytest.approx(
                published["value"], abs=published["abs_tol"]
            )


@pytest.mark.parametrize("case", NETWORKS, ids=_id)
def test_networks_agree(case: dict[str, Any]) -> None:
    design, names = network(case)
    graph = RequirementGraph(design, "recoverable")
    found, expected = availability_of(graph, "visit"), case["expected"]

    assert found.exact
    assert found.unavailability == pytest.approx(
        1 - expected["reliability"], rel=1e-9, abs=_last_digit(case)
    )
    for published in case.get("published", ()):
        assert found.availability == pytest.approx(published["value"], abs=published["abs_tol"])
    if "cuts1" in expected:
        assert sorted(map(names.theirs, graph.spofs("visit"))) == sorted(expected["cuts1"])
        pairs = sorted(sorted(map(names.theirs, pair)) for pair in graph.pairs("visit"))
        assert pairs == sorted(map(sorted, expected["cuts2"]))


@pytest.mark.parametrize("case", NETWORKS, ids=_id)
def test_all_cut_sets_of_networks_agree(case: dict[str, Any]) -> None:
    design, _ = network(case)
    graph = RequirementGraph(design, "recoverable")
    cuts, expected = minimal_cut_sets(graph, "visit"), case["expected"]

    if "cuts_by_order" in expected:
        found = {str(order): count for order, count in cuts.by_order.items()}
        assert found == expected["cuts_by_order"]
    small = set(cuts.up_to(2))
    assert {frozenset(cut) for cut in small if len(cut) == 1} == {
        frozenset((event,)) for event in graph.spofs("visit")
    }
    assert {frozenset(cut) for cut in small if len(cut) == 2} == set(graph.pairs("visit"))


def _last_digit(case: dict[str, Any]) -> float:
    """Return how exact the reliability of a network is written: 15 digits, or 12 of a sum."""
    return 1e-15 if "enumeration" in case["expected"]["method"] else 1e-12


@pytest.mark.parametrize("case", DESIGNS, ids=_id)
def test_single_points_of_failure_of_drawings_agree(case: dict[str, Any]) -> None:
    """The oracle counts only an automatic failover: the continuity view."""
    design, names = drawing(case)
    graph = RequirementGraph(design, "continuity")

    found = {
        flow["id"]: ["<down>"]
        if graph.dead(names.own(f"flow {flow['id']}"))
        else sorted(map(names.theirs, graph.spofs(names.own(f"flow {flow['id']}"))))
        for flow in case["flows"]
    }
    assert found == case["expected"]["spof"]


@pytest.mark.parametrize("case", DESIGNS, ids=_id)
def test_findings_of_drawings_agree(case: dict[str, Any]) -> None:
    design, names = drawing(case)

    found: dict[str, set[str]] = {}
    for finding in check(design):
        if finding.rule.id in COMPARED:
            subjects = finding.problem.subjects or ("",)
            found.setdefault(finding.rule.id, set()).update(
                _theirs(design.links, names, subject) for subject in subjects
            )
    expected = {
        rule: subjects
        for rule, subjects in case["expected"]["findings"].items()
        if rule in COMPARED
    }
    assert {rule: sorted(subjects) for rule, subjects in found.items()} == expected


def _theirs(links: Any, names: Any, subject: str) -> str:
    if not subject:
        return "design"
    if subject in links:
        link = links[subject]
        return f"{names.theirs(link.source)}->{names.theirs(link.target)}"
    return str(names.theirs(subject))
