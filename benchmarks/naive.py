"""Child process: how often the naive methods are wrong about single points of failure.

Both look at the drawing as a plain graph: who needs whom, by whatever rule. *Articulation points*
are the parts without which the graph falls apart, *dominators* those on every way from the users
to an end of it. The truth comes with the topologies of the tests, where all states were counted.
"""

import json
import os
from pathlib import Path
from typing import Any

from app.model import expressions
from app.model.design import Design
from app.model.links import Flow

BESIDE = Path(__file__).parents[1] / "tests" / "oracles" / "data"
USERS, END = "", "."  # no ids of parts


def drawn(design: Design, flow: Flow) -> Any:
    """Return what a flow needs as a directed graph: from the users, over the parts, to the end."""
    import networkx as nx

    graph: Any = nx.DiGraph()
    graph.add_edges_from((USERS, part) for part in expressions.parts(flow.requires))
    todo = list(graph)[1:]
    for part in todo:
        item = design.components[part]
        needed = {name for text in item.requires.values() for name in expressions.parts(text)}
        for other in needed - {part}:
            if other not in graph:
                todo.append(other)
            graph.add_edge(part, other)
        if not needed - {part}:
            graph.add_edge(part, END)
    return graph


def articulation_points(graph: Any) -> frozenset[str]:
    """Return the parts without which the drawing falls apart."""
    import networkx as nx

    return frozenset(nx.articulation_points(graph.to_undirected())) - {USERS, END}


def dominators(graph: Any) -> frozenset[str]:
    """Return the parts on every way from the users to an end; all of them where none ends."""
    import networkx as nx

    if END not in graph:
        return frozenset(graph) - {USERS}
    immediate = nx.immediate_dominators(graph, USERS)
    found = set()
    here = immediate[END]
    while here not in (USERS, None):
        found.add(here)
        here = immediate[here]
    return frozenset(found)


def wrong(folder: Path) -> dict[str, int]:
    """Count the flows of all topologies, and those about which each method is wrong.

    In favour of the naive methods, parts that never fail are not held against them.
    """
    from app.analysis.analysis import Analysis
    from app.analysis.events import fails
    from tests.oracles.adapter import topology

    found = {"flows": 0, "loadpath": 0, "articulation_points": 0, "dominators": 0}
    for path in sorted((folder / "topologies").glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        design, names = topology(case)
        failing = {key for key, item in design.components.items() if fails(item)}
        for name, expected in case["expected"].items():
            key = names.own(f"flow {name}")
            graph = drawn(design, design.flows[key])
            answers = {
                "loadpath": Analysis(design).spofs[key],
                "articulation_points": articulation_points(graph),
                "dominators": dominators(graph),
            }
            found["flows"] += 1
            for method, parts in answers.items():
                told = {names.theirs(part) for part in parts & failing}
                found[method] += told != set(expected["spof"])
    return found


if __name__ == "__main__":
    print(json.dumps(wrong(Path(os.environ.get("LOADPATH_ORACLES") or BESIDE))))
