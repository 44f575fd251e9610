"""Everything the rules ask about one design, computed once and shared."""

from functools import cached_property

from app.analysis.cutsets import RequirementGraph
from app.model.containers import Cluster, Server, Site, Zone
from app.model.design import Design
from app.model.links import ADMIN_ROLES, Link
from app.model.traits import Trait


class Analysis:
    """One design with what was found out about it; computed when first asked for."""

    def __init__(self, design: Design) -> None:
        """Take the design; nothing is computed yet."""
        self.design = design

    @cached_property
    def recoverable(self) -> RequirementGraph:
        """The requirements in the view in which a failover of any kind counts."""
        return RequirementGraph(self.design, "recoverable")

    @cached_property
    def continuity(self) -> RequirementGraph:
        """The requirements in the view in which only an automatic failover counts."""
        clusters = (item for item in self.design.components.values() if isinstance(item, Cluster))
        if not any(cluster.failover == "manual" for cluster in clusters):
            return self.recoverable  # both views say the same
        return RequirementGraph(self.design, "continuity")

    @cached_property
    def spofs(self) -> dict[str, frozenset[str]]:
        """The single points of failure of each flow: components, servers, zones and sites."""
        return {key: self.recoverable.spofs(key) for key in self.design.flows}

    @cached_property
    def continuity_spofs(self) -> dict[str, frozenset[str]]:
        """The same where only an automatic failover counts."""
        return {key: self.continuity.spofs(key) for key in self.design.flows}

    @cached_property
    def flows_lost(self) -> dict[str, tuple[str, ...]]:
        """For each single point of failure the flows that stop with it."""
        lost: dict[str, list[str]] = {}
        for flow, parts in self.spofs.items():
            for part in sorted(parts):
                lost.setdefault(part, []).append(flow)
        return {part: tuple(flows) for part, flows in lost.items()}

    def domains(self, component_id: str) -> frozenset[str]:
        """Return the servers and sites around a component: what it fails with."""
        around = self.design.ancestors(component_id)
        holders = self.design.components
        return frozenset(key for key in around if isinstance(holders[key], Server | Site))

    def is_domain(self, component_id: str) -> bool:
        """Whether a component is a server, zone or site, whose loss is a hidden failure."""
        return isinstance(self.design.components[component_id], Server | Zone | Site)

    def local(self, link: Link) -> bool:
        """Whether both ends of a link are on one server."""
        source = self.design.host(link.source)
        return source is not None and source == self.design.host(link.target)

    def guarded(self, link: Link) -> bool:
        """Whether a firewall stands on a link: at an end, on the way, or on the target's host."""
        for end in (link.source, link.target):
            if Trait.FILTERS_TRAFFIC in self.design.components[end].traits:
                return True
        host = self.design.host(link.target)
        server = self.design.components[host] if host else None
        return bool(link.via) or (isinstance(server, Server) and server.firewall)

    @cached_property
    def entering(self) -> tuple[str, ...]:
        """The traffic and administration links that come in from the internet."""
        return tuple(
            key
            for key, link in self.design.links.items()
            if self.exposed(link)
            and self.design.trust(link.source) == "internet"
            and self.design.trust(link.target) != "internet"
        )

    @staticmethod
    def exposed(link: Link) -> bool:
        """Whether a link carries traffic or administration, which firewalls are there for."""
        return link.is_traffic or link.role in ADMIN_ROLES

    @cached_property
    def reached(self) -> dict[tuple[str, bool], tuple[str, ...]]:
        """What a walk from the internet reaches, and how.

        Keys are (component, whether some link on the way was guarded); values the links walked.
        """
        start = [key for key in self.design.components if self._outside(key)]
        found: dict[tuple[str, bool], tuple[str, ...]] = {(key, False): () for key in start}
        todo = list(found)
        for place, guarded in todo:
            for key in self.design.outgoing[place]:
                link = self.design.links[key]
                if not self.exposed(link) or self._outside(link.target):
                    continue
                state = (link.target, guarded or self.guarded(link))
                if state not in found:
                    found[state] = (*found[place, guarded], key)
                    todo.append(state)
        return {state: walk for state, walk in found.items() if walk}

    def _outside(self, component_id: str) -> bool:
        return self.design.trust(component_id) == "internet"
