"""What becomes of the flows when chosen parts, places and links fail at once; nothing is edited.

A place takes along all that is in it, and a link what is behind it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from app.analysis.analysis import Analysis
from app.analysis.blast import Blast, blasts
from app.analysis.cutsets import DOWN, RequirementGraph
from app.analysis.events import part_of
from app.analysis.paths import Walk, surviving_paths
from app.analysis.requirements import Up
from app.model.design import Design

State = Literal["up", "degraded", "down"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one flow.

    `degraded`: it still works, and has lost something that it could have used. `path` is a way
    that still works, empty where none does. `exposed` are the parts that it cannot spare now, and
    could before.
    """

    state: State
    path: Walk
    exposed: frozenset[str]


def outcomes(analysis: Analysis, failed: Collection[str]) -> dict[str, Outcome]:
    """Return what becomes of each flow of a design when components and links have failed."""
    design = analysis.design
    links = frozenset(failed) & design.links.keys()
    graph = RequirementGraph(design, "recoverable", links) if links else analysis.recoverable
    parts = with_contents(design, failed)
    masks = graph.masks_when(parts)
    left = graph.spofs_in(masks, parts)
    paths = surviving_paths(graph, design.flows, masks)
    found = {}
    for flow, path in paths.items():
        if masks[graph.flows[flow]] & DOWN:
            found[flow] = Outcome("down", (), frozenset())
        elif not _feels(analysis, flow, parts, links):
            found[flow] = Outcome("up", path, frozenset())
        else:
            exposed = left[flow] & design.components.keys() - parts - analysis.spofs[flow]
            found[flow] = Outcome("degraded", path, exposed)
    return found


def blast_of(analysis: Analysis, failed: Collection[str]) -> Blast:
    """Return what is lost when components and links have failed."""
    design = analysis.design
    graph = analysis.recoverable
    if not design.links.keys().isdisjoint(failed):
        graph = RequirementGraph(design, "recoverable", links_fail=True)
    happened = dict.fromkeys(with_contents(design, failed).union(failed), 1)
    return blasts(graph, happened, 1)[0]


def with_contents(design: Design, failed: Collection[str]) -> frozenset[str]:
    """Return the components among what has failed, with all that is inside them."""
    parts = [key for key in failed if key in design.components]
    return frozenset(parts).union(*(design.descendants(key) for key in parts))


def links_used(graph: RequirementGraph, flow: str) -> frozenset[str]:
    """Return the links that a flow could use."""
    design = graph.design
    cone, operation = set(graph.cone(flow)), design.flows[flow].operation
    return frozenset(
        key
        for key, link in design.links.items()
        if link.is_traffic
        and (
            graph.number.get(Up(key, "alive")) in cone  # it may join parts that have to be joined
            or (
                (operation == "write" or link.role != "write")
                and graph.number.get(Up(link.source, operation)) in cone
            )
        )
    )


def _feels(analysis: Analysis, flow: str, parts: frozenset[str], links: frozenset[str]) -> bool:
    """Whether a flow could have used something that has failed."""
    graph = analysis.recoverable
    if not parts.isdisjoint(map(part_of, graph.cone_events(flow))):
        return True
    return bool(links) and not links.isdisjoint(links_used(graph, flow))
