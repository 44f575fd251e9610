"""Queues and balancers agree with results that do not come from this project."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from app.analysis.balancing import (
    Request,
    Target,
    mean_time_of_choices,
    moved_share,
    picker,
)
from app.analysis.events import cover
from app.analysis.queueing import UNBOUNDED, Queue
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.traffic import Algorithm
from tests.oracles.test_oracles import FOLDER

QUEUES = json.loads((FOLDER / "queueing.json").read_text())["cases"]
BALANCERS = json.loads((FOLDER / "loadbalancing.json").read_text())["cases"]


def _id(case: dict[str, Any]) -> str:
    return str(case["id"])


def test_there_are_oracles_of_load() -> None:
    assert QUEUES
    assert BALANCERS


def _near(value: object) -> object:
    """Return what a value is compared with: the oracles are written with twelve digits."""
    return pytest.approx(value, rel=1e-9) if isinstance(value, float) else value


@pytest.mark.parametrize("case", QUEUES, ids=_id)
def test_queues_agree(case: dict[str, Any]) -> None:
    queue = Queue(case["lambda"], case["mu"], case["servers"])
    found: dict[str, object] = {
        "offered_erlang": queue.offered,
        "utilisation": queue.utilisation,
        "erlang_b": queue.blocking,
        "erlang_c": queue.waiting,
        "mean_wait": queue.mean_wait,
        "mean_response": queue.mean_response,
        "p95_wait": queue.wait_within(0.95),
        "surviving_one_loss": queue.survives_one_loss,
        "overload": queue.overloaded,
    }
    for key, value in case["expected"].items():
        assert found[key] == _near(value), key
    for published in case.get("published", ()):
        (key,) = published["key"]
        assert found[key] == pytest.approx(published["value"], abs=published["abs_tol"])
    assert queue.overloaded == case["expected"].get("overload", False)
    assert (queue.mean_wait == UNBOUNDED) == queue.overloaded


def _chosen(
    algorithm: Algorithm, weights: Mapping[str, int], requests: Sequence[tuple[float, float]]
) -> list[str]:
    """Return who gets requests that come at a time and keep their server busy for another."""
    live = [Target(name, weight) for name, weight in weights.items()]
    choose, ends = picker(algorithm), {name: list[float]() for name in weights}
    sequence = []
    for time, duration in requests:
        busy = {name: sum(end > time for end in known) for name, known in ends.items()}
        sequence.append(choose(Request(), live, busy).name)
        ends[sequence[-1]].append(time + duration)
    return sequence


def _cover(case: dict[str, Any]) -> float:
    design, spare = edits.add(Design(), "database")
    design = edits.set_fields(design, spare, mttr_hours=float(case["mttr_h"]))
    design, cluster = edits.add(design, "cluster", switch_success=case["success"])
    seconds = {"detection_seconds": 0.0, "switch_seconds": case["switch_h"] * 3600.0}
    design = edits.set_fields(edits.join(design, cluster, [spare]), cluster, **seconds)
    item = design.components[cluster]
    assert isinstance(item, Cluster)
    return cover(design, item)


ANSWERS: Mapping[str, Callable[[dict[str, Any]], tuple[str, object]]] = {
    "round_robin": lambda case: (
        "sequence",
        _chosen("roundrobin", dict.fromkeys(case["servers"], 1), [(0, 0)] * case["count"]),
    ),
    "smooth_wrr": lambda case: (
        "sequence",
        _chosen("roundrobin", case["weights"], [(0, 0)] * case["count"]),
    ),
    "least_connections": lambda case: (
        "sequence",
        _chosen("leastconn", dict.fromkeys(case["servers"], 1), case["requests"]),
    ),
    "remap_modulo": lambda case: ("moved_fraction", moved_share(case["from"], case["to"])),
    "remap_consistent": lambda case: (
        "moved_fraction",
        moved_share(case["from"], case["to"], consistent=True),
    ),
    "choices": lambda case: ("mean_time", mean_time_of_choices(case["lambda"], case["d"])),
    "coverage": lambda case: ("effective_cover", _cover(case)),
}


@pytest.mark.parametrize("case", BALANCERS, ids=_id)
def test_balancers_agree(case: dict[str, Any]) -> None:
    key, found = ANSWERS[case["kind"]](case)

    assert found == _near(case["expected"][key])
    for published in case.get("published", ()):
        assert found == published["value"]
