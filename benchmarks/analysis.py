"""Child process: single points of failure, and all rules, beside networkx; `analysis.py CARDS`.

For the comparison with networkx a design is made whose requirements are plain reachability: each
part needs one of its predecessors in a layered graph with one entry. The parts that bring another
part down are then its dominators, so that all three ways have to agree, and do so or this fails.
Beyond 1,000 parts networkx removes some of them, and the time is that of all.
"""

import itertools
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from app.analysis.cutsets import RequirementGraph
from app.analysis.requirements import Up
from app.model import edits
from app.model.compute import Service
from app.model.design import Design
from app.model.links import Flow, Link
from app.model.traffic import Client
from benchmarks import designs

RUNS = 7
MOST_REMOVED = 1_000  # nodes
_T = TypeVar("_T")


def layered(count: int) -> list[tuple[int, int]]:
    """Return the edges of a layered graph: entry 0, each node with one to three predecessors."""
    chance = random.Random(count)  # noqa: S311  # the same graph each time
    width = max(3, round(math.sqrt(count) / 2))
    layers = [[0]]
    made = 1
    while made < count:
        wanted = chance.choice((1, 2)) if chance.random() < 0.15 else chance.randint(2, width)
        layers.append(list(range(made, min(count, made + wanted))))
        made += len(layers[-1])
    edges: set[tuple[int, int]] = set()
    for before, layer in itertools.pairwise(layers):
        for node in layer:
            edges.update((chance.choice(before), node) for _ in range(chance.choice((1, 2, 2, 3))))
    return sorted(edges)


def reachability(count: int, edges: list[tuple[int, int]]) -> Design:
    """Return the design in which a part needs one of its predecessors, and users need all ends."""
    parts = {f"n{number}": Service(name=f"n{number}") for number in range(count)}
    ends = set(range(count)) - {source for source, _ in edges}
    pairs = [(f"n{target}", f"n{source}", "before") for source, target in edges]
    pairs += [("users", f"n{end}", f"end {end}") for end in sorted(ends)]
    links = {
        f"link-{number}": Link(source=source, target=target, role="read", choice=choice)
        for number, (source, target, choice) in enumerate(pairs)
    }
    flows = {"visit": Flow(name="visit", client="users")}
    return Design(components={"users": Client(name="users"), **parts}, links=links, flows=flows)


def by_removal(graph: Any, root: int, nodes: Iterable[int]) -> dict[int, set[int]]:
    """Return for each node what the root no longer reaches without it: networkx, node by node."""
    import networkx as nx

    lost = {}
    for node in nodes:
        if node == root:
            lost[node] = set(graph)
            continue
        left = nx.restricted_view(graph, [node], [])
        lost[node] = set(graph) - {root} - nx.descendants(left, root)
    return lost


def from_dominators(immediate: dict[int, int | None], root: int) -> dict[int, set[int]]:
    """Return the same from the tree of immediate dominators; it may name the root or leave it."""
    lost: dict[int, set[int]] = {node: {node} for node in (root, *immediate)}
    for node in immediate:
        above: int | None = node
        while above != root and above is not None:
            above = immediate[above]
            lost[root if above is None else above].add(node)
    return lost


def from_masks(graph: RequirementGraph, count: int) -> dict[int, set[int]]:
    """Return the same from the masks of the product."""
    lost: dict[int, set[int]] = {node: set() for node in range(count)}
    for node in range(count):
        for name in graph.names(graph.mask(Up(f"n{node}", "read"))):
            lost[int(name[1:])].add(node)
    return lost


def timed(action: Callable[[], _T], runs: int = RUNS) -> tuple[float, _T]:
    """Return the median milliseconds of some calls, and what the last one returned."""
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        result = action()
        times.append((time.perf_counter() - began) * 1e3)
    return statistics.median(times), result


def compare(count: int) -> dict[str, float]:
    """Time the three ways over one graph and require the same answer of each."""
    import networkx as nx

    edges = layered(count)
    graph: Any = nx.DiGraph(edges)
    design = reachability(count, edges)
    removed = range(0, count, math.ceil(count / MOST_REMOVED))
    brute, expected = timed(lambda: by_removal(graph, 0, removed), runs=1)
    dominators, immediate = timed(lambda: nx.immediate_dominators(graph, 0))
    numbering, requirements = timed(lambda: _numbered(design))
    masks, _ = timed(requirements.propagate)
    pairs, _ = timed(lambda: requirements.pairs("visit"), runs=1)
    told = from_masks(requirements, count)
    assert from_dominators(immediate, 0) == told
    assert all(told[node] == lost for node, lost in expected.items())
    return {
        "networkx_removal": brute * count / len(removed),
        "networkx_dominators": dominators,
        "requirements": numbering,
        "masks": masks,
        "pairs": pairs,
    }


def _numbered(design: Design) -> RequirementGraph:
    graph = RequirementGraph(design, "recoverable")
    assert graph.order
    return graph


def rules_after_an_edit(cards: int) -> float:
    """Return the median milliseconds of all rules over a design that has just been edited."""
    from app.rules.check import check

    subject = designs.make(cards)
    check(subject.design)  # loads the rules
    times = []
    for number in range(RUNS):
        after = edits.set_fields(subject.design, subject.focus, name=f"lb {number}")
        times.append(timed(lambda design=after: check(design), runs=1)[0])  # type: ignore[misc]
    return statistics.median(times)


def main() -> None:
    """Print the result as one line of JSON."""
    cards = int(sys.argv[1])
    print(json.dumps(compare(cards) | {"all_rules": rules_after_an_edit(cards)}))


if __name__ == "__main__":
    main()
