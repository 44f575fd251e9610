"""Who really talks to whom: links without the firewalls and clusters that they pass.

A firewall opens no connection of its own, so a link into it goes on to what it leads to. A link to
a cluster means each of its members; a write into a primary-replica cluster means every member that
is, or may become, the primary.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from app.analysis.alternatives import can_lead, leader
from app.model.containers import Cluster
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.links import TRAFFIC_ROLES, Link
from app.model.stores import Database
from app.model.traffic import Firewall, LoadBalancer
from exporters.plan.names import natural

# Links of these roles are the business of the tiers, all others that of collectors and of people.
TIERED = frozenset(("request", "read", "write", "cache", "publish", "consume"))


@dataclass(frozen=True, slots=True)
class Reach:
    """A connection between two parts that run; `link` is its last piece as drawn.

    `gates` are the firewalls that it passes last, one for each way by which it may get there, and
    "" where a way has none.
    """

    source: str
    target: str
    link: Link
    gates: frozenset[str]

    @property
    def role(self) -> str:
        """What the connection is for."""
        return self.link.role


def reaches_of(design: Design) -> tuple[Reach, ...]:
    """Return the connections of a design, each once for its ends and role."""
    found: dict[tuple[str, str, str, str], Reach] = {}
    for key in sorted(design.links, key=natural):
        link = design.links[key]
        for source in _sources(design, link.source):
            for last, gates in _last_pieces(design, link, {key}):
                for target in _targets(design, last):
                    ends = (source, target, last.role, last.protocol)
                    if source != target:
                        before = found.setdefault(ends, Reach(source, target, last, gates))
                        found[ends] = replace(before, gates=before.gates | gates)
    return tuple(found.values())


def transparent(design: Design, component_id: str) -> bool:
    """Whether a part only passes connections on and does not run: it becomes a network border."""
    item = design.components[component_id]
    if isinstance(item, Firewall):
        return True
    return balances_data(design, component_id) and not asks_roles(design, component_id)


def balances_data(design: Design, component_id: str) -> bool:
    """Whether a part is a load balancer in front of databases alone."""
    targets = _balanced(design, component_id)
    return bool(targets) and all(isinstance(item, Database) for item in targets)


def asks_roles(design: Design, component_id: str) -> bool:
    """Whether a balancer can ask what is behind it which server leads: PostgreSQL, one primary."""
    targets = [item for item in _balanced(design, component_id) if isinstance(item, Database)]
    primaries = {item.name for item in targets if item.role == "primary"}
    speaks = all(item.engine == "postgres" for item in targets)
    return balances_data(design, component_id) and speaks and len(primaries) <= 1


def _balanced(design: Design, component_id: str) -> list[AnyComponent]:
    """Return what a load balancer hands on to; nothing for any other part."""
    if not isinstance(design.components[component_id], LoadBalancer):
        return []
    return [
        design.components[member]
        for key in design.outgoing[component_id]
        if design.links[key].role in TRAFFIC_ROLES
        for member in _members(design, design.links[key].target)
    ]


def _members(design: Design, component_id: str) -> tuple[str, ...]:
    item = design.components[component_id]
    return item.members if isinstance(item, Cluster) else (component_id,)


def _sources(design: Design, component_id: str) -> Iterator[str]:
    for member in _members(design, component_id):
        if not transparent(design, member):
            yield member


def _last_pieces(
    design: Design, link: Link, seen: set[str]
) -> Iterator[tuple[Link, frozenset[str]]]:
    """Yield the link, or what it leads to behind the parts that only pass it on; and its gates."""
    on_it = _walls_on(design, link)
    passing = [key for key in _members(design, link.target) if transparent(design, key)]
    if not passing:
        yield link, on_it
    for member in passing:
        here = {member} if isinstance(design.components[member], Firewall) else on_it
        for key in sorted(design.outgoing[member], key=natural):
            if key not in seen:
                for last, gates in _last_pieces(design, design.links[key], seen | {key}):
                    yield last, (gates - {""}) | here if "" in gates else gates


def _walls_on(design: Design, link: Link) -> frozenset[str]:
    """Return the last firewalls that a link itself passes; "" if something else would do too.

    A drawing may have a link pass any part. What is no firewall filters nothing here.
    """
    for group in reversed(link.guards):
        if all(isinstance(design.components[key], Firewall) for key in group):
            return frozenset(group)
    return frozenset({""})


def _targets(design: Design, link: Link) -> Iterable[str]:
    cluster_id = (
        link.target
        if isinstance(design.components[link.target], Cluster)
        else design.cluster_of.get(link.target)
    )
    cluster = design.components[cluster_id] if cluster_id else None
    if not isinstance(cluster, Cluster):
        return (link.target,)
    if cluster.mode == "primary-replica" and link.role == "write":
        first = leader(design, cluster)
        return [key for key in cluster.members if _may_write(design, key, first)] or (link.target,)
    return cluster.members if cluster_id == link.target else (link.target,)


def _may_write(design: Design, component_id: str, first: str) -> bool:
    is_database = isinstance(design.components[component_id], Database)
    return is_database and can_lead(design, component_id, first)
