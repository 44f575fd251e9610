"""What is said of a flow in figures, in one view: how often it is down, and because of what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from app.analysis.analysis import Analysis
from app.analysis.availability import Availability, availability_of, weighed, weighed_pairs
from app.analysis.cutsets import RequirementGraph
from app.analysis.diagrams import TooLargeError
from app.analysis.events import is_assumed, part_of
from app.analysis.minimal_cuts import minimal_cut_sets
from app.analysis.requirements import View

MOST_PAIRS = 10
TRIPLE = 3  # events
WeighedCuts = tuple[tuple[tuple[str, ...], float], ...]  # events, probability of all at once


@dataclass(frozen=True, slots=True)
class FlowFigures:
    """The figures of a flow.

    `cuts_by_order` counts the minimal cut sets by their number of events, None where the decision
    diagram would be too large. `pairs` are the cut sets of two events with the probability of
    both at once, the most probable first. `assumed` are the parts whose figure is the usual one
    of their kind, since nobody has set another.
    """

    availability: Availability
    spofs: tuple[str, ...]
    cuts_by_order: Mapping[int, int] | None
    pairs: WeighedCuts
    assumed: frozenset[str]

    @property
    def degree(self) -> int | None:
        """The redundancy degree: how many failures at least stop the flow; None if unknown."""
        return min(self.cuts_by_order, default=None) if self.cuts_by_order else None

    @property
    def contributions(self) -> tuple[tuple[str, float], ...]:
        """The events by their share of the downtime, largest first; none where it is estimated."""
        shares = ((event, self.availability.contribution(event))
                  for event in self.availability.importance)  # fmt: skip
        return tuple(sorted((pair for pair in shares if pair[1]), key=lambda pair: -pair[1]))


def figures_of(graph: RequirementGraph, flow_id: str) -> FlowFigures:
    """Return the figures of a flow in the view of a graph."""
    try:
        counts: Mapping[int, int] | None = minimal_cut_sets(graph, flow_id).by_order
    except TooLargeError:
        counts = None
    return FlowFigures(
        availability=availability_of(graph, flow_id),
        spofs=tuple(sorted(graph.spofs(flow_id))),
        cuts_by_order=counts,
        pairs=weighed_pairs(graph, flow_id)[:MOST_PAIRS],
        assumed=assumed_parts(graph, flow_id),
    )


def triples_of(graph: RequirementGraph, flow_id: str) -> WeighedCuts | None:
    """Return the likeliest minimal cut sets of three events, with the probability of all at once.

    None where the decision diagram would be too large. There may be very many, so they are found
    only when asked for.
    """
    try:
        cuts = minimal_cut_sets(graph, flow_id).up_to(TRIPLE)
    except TooLargeError:
        return None
    return weighed(graph, (cut for cut in cuts if len(cut) == TRIPLE))[:MOST_PAIRS]


def assumed_parts(graph: RequirementGraph, flow_id: str) -> frozenset[str]:
    """Return the parts that a flow rests on and whose figure nobody has set."""
    parts = {part_of(event) for event in graph.cone_events(flow_id)}
    components = graph.design.components
    return frozenset(key for key in parts if key in components and is_assumed(components[key]))


@dataclass(frozen=True, slots=True)
class FlowViews:
    """The figures of a flow where a failover of any kind counts, with automatic ones only, at peak.

    `continuity` and `peak` are None where they do not differ from `recoverable`.
    """

    recoverable: FlowFigures
    continuity: FlowFigures | None
    peak: FlowFigures | None

    def differing(self) -> Iterator[tuple[View, FlowFigures]]:
        """Yield the other views, where they say something else."""
        if self.continuity is not None:
            yield "continuity", self.continuity
        if self.peak is not None:
            yield "peak", self.peak


def views_of(analysis: Analysis, flow_id: str) -> FlowViews:
    """Return the figures of a flow in all views."""
    usual = figures_of(analysis.recoverable, flow_id)
    others = (_differing(analysis, graph, flow_id, usual)
              for graph in (analysis.continuity, analysis.peak))  # fmt: skip
    return FlowViews(usual, *others)


def _differing(
    analysis: Analysis, graph: RequirementGraph, flow_id: str, usual: FlowFigures
) -> FlowFigures | None:
    if graph is analysis.recoverable:
        return None
    found = figures_of(graph, flow_id)
    return None if found.availability == usual.availability else found
