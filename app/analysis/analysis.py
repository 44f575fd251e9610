"""Everything the rules ask about one design, computed once and shared."""

from collections.abc import Mapping
from functools import cached_property

from app.analysis.availability import Availability, availability_of
from app.analysis.cutsets import RequirementGraph
from app.analysis.events import COVER, part_of
from app.analysis.exposure import Exposure
from app.analysis.loads import loads
from app.analysis.paths import Walk, Ways, in_order
from app.model.containers import Cluster, Server, Site
from app.model.design import Design

LIVE_BUDGET = 20_000  # nodes of a decision diagram; the check runs after each edit


class Analysis:
    """One design with what was found out about it; computed when first asked for."""

    def __init__(self, design: Design, before: "Analysis | None" = None) -> None:
        """Take the design; nothing is computed yet, but for what `before` makes cheap.

        That is the analysis of another version, which is not kept.
        """
        self.design = design
        if before is not None:
            design.take_over(before.design)
            self.exposure = Exposure(design, before.exposure)
            self.recoverable = RequirementGraph(design, "recoverable", before=before.recoverable)
        self._ways: dict[str, Ways] = {}
        self._figures: dict[str, Availability] = {}

    def figure(self, flow_id: str) -> Availability:
        """Return how available a flow is where a failover of any kind counts, at a live price."""
        if flow_id not in self._figures:
            found = availability_of(self.recoverable, flow_id, LIVE_BUDGET)
            self._figures[flow_id] = found
        return self._figures[flow_id]

    def path_to(self, flow_id: str, part: str) -> Walk:
        """Return a shortest way of a flow to a part, or to what is in it; empty for none."""
        if flow_id not in self._ways:
            self._ways[flow_id] = Ways(self.design, flow_id)
        return self._ways[flow_id].to(part)

    @cached_property
    def recoverable(self) -> RequirementGraph:
        """The requirements in the view in which a failover of any kind counts."""
        return RequirementGraph(self.design, "recoverable")

    @cached_property
    def continuity(self) -> RequirementGraph:
        """The requirements where only an automatic failover counts.

        The same graph as `recoverable` where nobody switches by hand.
        """
        if not self.by_hand:
            return self.recoverable
        return RequirementGraph(self.design, "continuity")

    @cached_property
    def loads(self) -> dict[str, float]:
        """How many requests a second each part gets at the busiest time, where rates are given."""
        return loads(self.exposure)

    @cached_property
    def peak(self) -> RequirementGraph:
        """The requirements at the busiest time, where so many are needed as can serve the load.

        The same graph as `recoverable` where loads and capacities ask for no more.
        """
        if not self.loads:
            return self.recoverable
        busiest = RequirementGraph(self.design, "peak", at_peak=self.loads)
        return busiest if busiest.requirements.asks_more else self.recoverable

    @cached_property
    def spofs(self) -> dict[str, frozenset[str]]:
        """The single points of failure of each flow: components, servers, zones, sites and links.

        A link without a figure of its own is none, and neither is a common cause: it is no part
        that could have a second.
        """
        return {key: self._parts(self.recoverable.spofs(key)) for key in self.design.flows}

    def _parts(self, events: frozenset[str]) -> frozenset[str]:
        design = self.design
        return frozenset(key for key in events if key in design.components or key in design.links)

    @cached_property
    def by_hand(self) -> frozenset[str]:
        """The events that a person does not switch a cluster over.

        Once they have happened, only an automatic failover counts: the continuity view.
        """
        return frozenset(
            f"{key}{COVER}"
            for key, item in self.design.of(Cluster).items()
            if item.failover == "manual"
        )

    @cached_property
    def continuity_spofs(self) -> dict[str, frozenset[str]]:
        """The same where only an automatic failover counts."""
        if not self.by_hand:
            return self.spofs
        found = self.recoverable.spofs_when(self.by_hand)
        return {flow: self._parts(events) for flow, events in found.items()}

    @cached_property
    def flows_lost(self) -> dict[str, tuple[str, ...]]:
        """For each component that is a single point of failure the flows that stop with it."""
        return self._lost(self.design.components)

    @cached_property
    def links_lost(self) -> dict[str, tuple[str, ...]]:
        """For each link that is a single point of failure the flows that stop with it."""
        return self._lost(self.design.links)

    def _lost(self, among: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
        lost: dict[str, list[str]] = {}
        for flow, parts in self.spofs.items():
            for part in sorted(parts & among.keys()):
                lost.setdefault(part, []).append(flow)
        return {part: tuple(flows) for part, flows in lost.items()}

    @cached_property
    def exposure(self) -> Exposure:
        """What the internet and the segments reach, and where firewalls stand."""
        return Exposure(self.design)

    def domains(self, component_id: str) -> frozenset[str]:
        """Return the servers and sites around a component: what it fails with."""
        return frozenset(self.around(component_id))

    def around(self, component_id: str) -> tuple[str, ...]:
        """Return the servers and sites around a component, nearest first."""
        holders = self.design.components
        around = self.design.ancestors(component_id)
        return tuple(key for key in around if isinstance(holders[key], Server | Site))

    @cached_property
    def in_service(self) -> frozenset[str]:
        """The parts that users' requests reach: what a flow may rest on."""
        return frozenset(in_order(self.design))

    @cached_property
    def in_cones(self) -> frozenset[str]:
        """The parts whose failure some flow may feel: the events that it rests on."""
        return frozenset(map(part_of, self.recoverable.events)) & self.design.components.keys()
