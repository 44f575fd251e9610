"""Child process: exact availability of a layered design; `availability.py SUBJECT EVENTS WIDTH`.

SUBJECT is loadpath or dd, the decision diagrams of the package `dd`: with CUDD, a library in C,
where its wheel has it, else those in Python. `samples` times the flows of the sample designs.

A layered design has WIDTH parts side by side and each asks two of the layer below; it works while
a way leads from the users to the lowest layer. Every part fails by itself.
"""

import importlib
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CASES = ((100, 3), (100, 5), (200, 5))  # events, width
RUNS = 3
ASKED = 2  # parts of the layer below, by each
SAMPLES = Path(__file__).parents[1] / "sample_designs"


def layered(count: int, width: int) -> list[list[int]]:
    """Return for each part those that it asks, which are numbered before it; none in the lowest."""
    chance = random.Random(count * 31 + width)  # noqa: S311  # the same design in each process
    below: list[list[int]] = []
    for number in range(count):
        start = number // width * width - width
        known = list(range(start, start + width)) if start >= 0 else []
        below.append(sorted(chance.sample(known, min(ASKED, len(known)))))
    return below


def highest(count: int, width: int) -> range:
    """Return the parts that the users ask: those of the last layer, which may be a short one."""
    return range((count - 1) // width * width, count)


def works(number: int) -> float:
    """Return the share of the time in which a part works, from 0.9 to 0.999."""
    return 0.9 + 0.099 * (number * 37 % 11) / 10


def timed(action: Callable[[], float]) -> dict[str, float]:
    """Return the median milliseconds of some calls, and the unavailability that they found."""
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        found = action()
        times.append((time.perf_counter() - began) * 1e3)
    return {"milliseconds": statistics.median(times), "unavailability": found}


def loadpath(count: int, width: int) -> dict[str, float]:
    """Time the product: the figure with the importance of all events, which it always finds.

    Raises:
        ValueError: the figure is an estimate.
    """
    from app.analysis.availability import availability_of
    from app.analysis.cutsets import RequirementGraph
    from app.model.compute import Service
    from app.model.design import Design
    from app.model.links import Flow, Link
    from app.model.traffic import Client

    parts = {f"n{number}": Service(name=f"n{number}", availability=works(number))
             for number in range(count)}  # fmt: skip
    pairs = [(f"n{upper}", f"n{lower}")
             for upper, asked in enumerate(layered(count, width)) for lower in asked]  # fmt: skip
    pairs += [("users", f"n{number}") for number in highest(count, width)]
    links = {
        f"link-{number}": Link(source=source, target=target, role="read", choice="any")
        for number, (source, target) in enumerate(pairs)
    }
    flows = {"visit": Flow(name="visit", client="users")}
    design = Design(components={"users": Client(name="users"), **parts}, links=links, flows=flows)
    graph = RequirementGraph(design, "recoverable")

    def down() -> float:
        found = availability_of(graph, "visit")
        if not found.exact:
            message = "the figure is no exact one"
            raise ValueError(message)
        return found.unavailability

    return timed(down)


def dd(count: int, width: int) -> dict[str, float]:
    """Time the peer: the diagram in the order of the layers, then its probability."""
    try:
        diagrams: Any = importlib.import_module("dd.cudd")
    except ImportError:
        diagrams = importlib.import_module("dd.autoref")
    below = layered(count, width)

    def down() -> float:
        manager = diagrams.BDD()
        manager.declare(*(f"x{number}" for number in range(count)))
        manager.configure(reordering=False)
        up: list[Any] = []
        for number, asked in enumerate(below):
            served = manager.false if asked else manager.true
            for lower in asked:
                served |= up[lower]
            up.append(served & manager.var(f"x{number}"))
        top = manager.false
        for number in highest(count, width):
            top |= up[number]
        return 1 - _probability(manager, top, {})

    return timed(down) | {"compiled": float(diagrams.__name__.endswith("cudd"))}


def _probability(manager: Any, node: Any, known: dict[int, float]) -> float:
    if node in (manager.true, manager.false):
        return float(node == manager.true)
    if node.negated:
        return 1 - _probability(manager, ~node, known)
    if int(node) not in known:
        share = works(int(node.var[1:]))
        high, low = (_probability(manager, each, known) for each in (node.high, node.low))
        known[int(node)] = share * high + (1 - share) * low
    return known[int(node)]


def samples() -> dict[str, float]:
    """Return the most milliseconds that the figure of a flow of a sample takes."""
    from app.analysis.availability import availability_of
    from app.analysis.cutsets import RequirementGraph
    from app.storage.files import open_design

    slowest = 0.0
    for path in sorted(SAMPLES.glob("*.json")):
        graph = RequirementGraph(open_design(path), "recoverable")
        for flow in graph.flows:
            found = timed(lambda graph=graph, flow=flow: availability_of(graph, flow).high)  # type: ignore[misc]
            slowest = max(slowest, found["milliseconds"])
    return {"samples": slowest}


def main() -> None:
    """Print the result as one line of JSON."""
    sys.setrecursionlimit(10_000)
    subjects: dict[str, Callable[..., dict[str, float]]] = {
        "loadpath": loadpath,
        "dd": dd,
        "samples": samples,
    }
    print(json.dumps(subjects[sys.argv[1]](*map(int, sys.argv[2:]))))


if __name__ == "__main__":
    main()
