"""Requirements: what each capability of each part needs, derived from the drawn links.

The rules: only traffic links can be requirements. The hard outgoing links of a part are grouped
by the cluster (or kind) of the target and the role, or by their explicit group; it needs every
group, and of a group one link (k where the cluster says so). Write links count only for flows
that write, read links only for flows that read, except that a part with no write link of its own
reads in a writing flow as well. Of alternatives of which some lead to a write and some never do, a
writing flow counts the former alone. A link needs all firewalls that it passes.

The parts that have to reach each other do so along all traffic links that are drawn, soft ones as
well, if the links and what is in between work.

Three views: in the `recoverable` view a failover of any kind counts, in the `continuity` view only
an automatic one does, and the `peak` view is the recoverable one at the busiest time: of parts that
share a load, so many have to work as it takes to serve it.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from app.analysis.alternatives import Group, can_lead, groups, leader, members_needed
from app.analysis.events import COVER, common_cause_of, fails, link_fails
from app.analysis.exposure import Exposure
from app.analysis.loads import loads, needed_at_peak, serving
from app.model import expressions
from app.model.containers import Cluster
from app.model.design import Design
from app.model.expressions import Need, Reach
from app.model.links import Link

View = Literal["recoverable", "continuity", "peak"]
VIEWS: tuple[View, ...] = ("recoverable", "continuity", "peak")


class Up(NamedTuple):
    """The statement that a component can do something: `alive`, `read`, `write`, or own words.

    A link can be alive as well: it carries, and what it passes works.
    """

    component: str
    capability: str
    operation: str = ""  # what the flow does, for a capability in the user's own words


class Event(NamedTuple):
    """The statement that the failure event of this name has not happened."""

    name: str


class Gate(NamedTuple):
    """At least `least` of the items hold; all and any are the two ends of it."""

    least: int
    items: tuple["Statement", ...]


Statement = Up | Event | Gate | Reach
TRUE = Gate(0, ())
FALSE = Gate(1, ())


def every(items: "tuple[Statement, ...]") -> Statement:
    """Return the statement that all items hold."""
    return items[0] if len(items) == 1 else Gate(len(items), items)


def some(items: "tuple[Statement, ...]") -> Statement:
    """Return the statement that one item holds."""
    return items[0] if len(items) == 1 else Gate(1, items)


def switches(cluster: Cluster, view: View) -> bool:
    """Whether the failover of a cluster counts in a view."""
    return cluster.failover == "automatic" or (
        view != "continuity" and cluster.failover == "manual"
    )


class Requirements:
    """Says what each statement about a design rests on, in one view."""

    def __init__(
        self,
        design: Design,
        view: View,
        broken: frozenset[str] = frozenset(),
        *,
        links_fail: bool = False,
        at_peak: Mapping[str, float] | None = None,
    ) -> None:
        """Take the design and the view; `broken` links carry nothing.

        A link that has an availability has an event of its own, named by its id; with `links_fail`
        each link has. `at_peak` are the loads of the design for that view, where they are known.
        """
        self.design = design
        self.view = view
        self.broken = broken
        self.links_fail = links_fail
        self.asks_more = False  # whether the busiest time asks for more than the view usually does
        self._leaders: dict[str, str] = {}
        self._loads: Mapping[str, float] = {}
        if view == "peak":
            self._loads = loads(Exposure(design)) if at_peak is None else at_peak

    def of(self, up: Up) -> Statement:
        """Return what makes a component able to do something."""
        if up.component in self.design.links:
            return self._carries(up.component)
        item = self.design.components.get(up.component)
        if item is None:
            return FALSE
        if up.capability == "alive":
            return self._alive(up.component)
        alive = Up(up.component, "alive")
        if up.capability in item.requires:
            operation = up.operation or up.capability
            return every((alive, self.expressed(item.requires[up.capability], operation)))
        if up.capability not in ("read", "write"):
            return FALSE
        if isinstance(item, Cluster):
            return every((alive, self._cluster(up.component, item, up.capability)))
        found = groups(self.design, up.component, up.capability)
        return every((alive, *[self._group(group, up.capability) for group in found]))

    def flow(self, flow_id: str) -> Statement:
        """Return what a flow needs. A client that leads nowhere is never served."""
        flow = self.design.flows[flow_id]
        if flow.requires:
            return self.expressed(flow.requires, flow.operation)
        links = (self.design.links[key] for key in self.design.outgoing[flow.client])
        own = flow.operation in self.design.components[flow.client].requires
        if not own and not any(link.is_traffic and link.role != "resolve" for link in links):
            return FALSE
        return Up(flow.client, flow.operation)

    def expressed(self, text: str, operation: str) -> Statement:
        """Return the statement of an expression; an unknown part is never up."""
        return self._statement(expressions.parse(text), operation)

    def _statement(self, requirement: expressions.Requirement, operation: str) -> Statement:
        if isinstance(requirement, Reach):
            return requirement
        if isinstance(requirement, Need):
            if requirement.component in self.design.links:
                return FALSE  # a link is no part
            capability = requirement.capability or operation
            own = capability not in ("read", "write", "alive")
            return Up(requirement.component, capability, operation if own else "")
        items = tuple(self._statement(item, operation) for item in requirement.items)
        return Gate(requirement.count, items)

    def _alive(self, component_id: str) -> Statement:
        item = self.design.components[component_id]
        parts: list[Statement] = [Event(component_id)] if fails(item) else []
        if shared := common_cause_of(self.design, component_id):
            parts.append(Event(shared))
        if item.parent is not None:
            parts.append(Up(item.parent, "alive"))
        if "alive" in item.requires:
            parts.append(self.expressed(item.requires["alive"], "alive"))
        return every(tuple(parts))

    def _group(self, group: Group, operation: str) -> Statement:
        items = tuple([self._link(key, operation) for key in group.links])
        targets = tuple(self.design.links[key].target for key in group.links)
        needed = self._needed(group.needed, targets, operation)
        return Gate(needed, items) if needed > 1 else some(items)

    def _needed(self, usual: int, parts: tuple[str, ...], operation: str) -> int:
        """Return how many of some alternatives have to work in this view."""
        if not self._loads or serving(self.design, parts, operation):
            return usual
        needed = needed_at_peak(self.design, self._loads, parts)
        self.asks_more = self.asks_more or needed > usual
        return max(usual, needed)

    def _link(self, key: str, operation: str) -> Statement:
        if key in self.broken:
            return FALSE
        return every((*self._on(key), self._target(self.design.links[key], operation)))

    def _carries(self, key: str) -> Statement:
        return FALSE if key in self.broken else every(self._on(key))

    def _on(self, key: str) -> tuple[Statement, ...]:
        """Return what has to work on a link: the link itself, and the firewalls that it passes."""
        link = self.design.links[key]
        own = (Event(key),) if self.links_fail or link_fails(link) else ()
        if not link.via:
            return own
        guards = (some(tuple(Up(name, "alive") for name in group)) for group in link.guards)
        return (*own, *guards)

    def _target(self, link: Link, operation: str) -> Statement:
        if link.role == "write":
            cluster = self.design.cluster(link.target)
            if cluster is not None and cluster.mode == "primary-replica":
                return self._primary_replica(self.design.cluster_of[link.target], cluster, "write")
        return Up(link.target, operation)

    def _cluster(self, cluster_id: str, cluster: Cluster, operation: str) -> Statement:
        members = tuple(Up(member, operation) for member in cluster.members)
        if not members:
            return FALSE
        if cluster.mode == "active-passive":
            return self._take_over(cluster_id, cluster, members[:1], members[1:])
        if cluster.mode == "primary-replica" and operation == "write":
            return self._primary_replica(cluster_id, cluster, operation)
        needed = self._needed(members_needed(cluster), cluster.members, operation)
        if operation == "write" and needed == 1:
            members = tuple(up for up in members if up.component in self.design.writers) or members
        return Gate(needed, members)

    def _primary_replica(self, cluster_id: str, cluster: Cluster, operation: str) -> Statement:
        if cluster_id not in self._leaders:  # asked once for each link that writes
            self._leaders[cluster_id] = leader(self.design, cluster)
        first = self._leaders[cluster_id]
        spares = [
            member
            for member in cluster.members
            if member != first and can_lead(self.design, member, first)
        ]
        return self._take_over(
            cluster_id,
            cluster,
            (Up(first, operation),) if first else (),
            tuple(Up(member, operation) for member in spares),
        )

    def _take_over(
        self,
        cluster_id: str,
        cluster: Cluster,
        first: tuple[Statement, ...],
        spare: tuple[Statement, ...],
    ) -> Statement:
        if not first or not spare or not switches(cluster, self.view):
            return some(first)
        return some((*first, every((some(spare), Event(cluster_id + COVER)))))
