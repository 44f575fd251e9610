"""Who reaches what over the drawn links, and whether a firewall stands on the way.

A cluster stands for its members: it is where they are, and it is filtered if all of them are.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import NamedTuple

from app.model.containers import Cluster, Server
from app.model.design import Design
from app.model.links import ADMIN_ROLES, TRAFFIC_ROLES, Link
from app.model.traits import Trait

# What follows from the components alone, whatever links are drawn.
_OF_COMPONENTS = ("_behind", "_having", "_hosts", "_passing", "_trust", "_outside")
GUARDED_ROLES = TRAFFIC_ROLES | ADMIN_ROLES  # what firewalls are there for


class Stop(NamedTuple):
    """A component that a walk from the internet comes to; `guarded` once a firewall was passed."""

    component: str
    guarded: bool


class Exposure:
    """What one design shows to the internet and to its own segments; computed when asked for."""

    def __init__(self, design: Design, before: "Exposure | None" = None) -> None:
        """Take the design; nothing is computed yet, but for what `before` has.

        That is what another version with the very same components shows.
        """
        self.design = design
        # Many rules ask these of the same parts and links.
        self._having: dict[Trait, frozenset[str]] = {}
        self._ends: dict[str, tuple[str, ...]] = {}
        if before is not None and design.components is before.design.components:
            known = vars(before)
            vars(self).update((name, known[name]) for name in _OF_COMPONENTS if name in known)

    def behind(self, component_id: str) -> tuple[str, ...]:
        """Return the members of a cluster; any other component stands for itself."""
        return self._behind[component_id]

    @cached_property
    def _behind(self) -> dict[str, tuple[str, ...]]:
        clusters = self.design.of(Cluster).items()
        members = {key: cluster.members for key, cluster in clusters if cluster.members}
        return {key: (key,) for key in self.design.components} | members

    def trust(self, component_id: str) -> str:
        """Return how far a component's segment is trusted; for a cluster, its first member's."""
        return self._trust[component_id]

    @cached_property
    def _trust(self) -> dict[str, str]:
        design = self.design
        found = {key: design.trust(key) for key in design.components}
        for key, cluster in design.of(Cluster).items():
            if cluster.members and design.zone(key) is None:
                found[key] = found[cluster.members[0]]
        return found

    def outside(self, component_id: str) -> bool:
        """Whether a component is on the internet's side."""
        return component_id in self._outside

    @cached_property
    def _outside(self) -> frozenset[str]:
        return frozenset(key for key, trust in self._trust.items() if trust == "internet")

    def hosts(self, component_id: str) -> frozenset[str | None]:
        """Return the servers that a component runs on; None for what runs on none."""
        return self._hosts[component_id]

    @cached_property
    def _hosts(self) -> dict[str, frozenset[str | None]]:
        host = self.design.host
        return {key: frozenset(map(host, parts)) for key, parts in self._behind.items()}

    def has(self, component_id: str, trait: Trait) -> bool:
        """Whether a component, or each member of a cluster, has a trait."""
        return component_id in self.having(trait)

    def having(self, trait: Trait) -> frozenset[str]:
        """Return the components that have a trait, and the clusters whose members all have it."""
        if trait not in self._having:
            own = self.design.having(trait).keys()
            found = [key for key, parts in self._behind.items() if own >= {*parts}]
            self._having[trait] = frozenset(found)
        return self._having[trait]

    def guarded(self, link: Link) -> bool:
        """Whether a firewall stands on a link: at an end, on the way, or on the target's host."""
        walls = self.having(Trait.FILTERS_TRAFFIC)
        if link.via or link.source in walls or link.target in walls:
            return True
        return all(self._filters(host) for host in self.hosts(link.target))

    def _filters(self, host: str | None) -> bool:
        server = self.design.components[host] if host else None
        return isinstance(server, Server) and server.firewall

    def local(self, link: Link) -> bool:
        """Whether a link stays on one server."""
        hosts = self._hosts[link.source]
        return len(hosts) == 1 and None not in hosts and hosts == self._hosts[link.target]

    def links_that(self, test: Callable[["Exposure", Link], bool]) -> Mapping[str, Link]:
        """Return the links that pass a test, in their order; see `Design.links_that`.

        The test is a function of a module, and asks nothing here that follows from links.
        """
        return self.design.links_that(test, partial(test, self))

    @property
    def walled(self) -> Mapping[str, Link]:
        """The links that pass firewalls."""
        return self.links_that(_is_walled)

    @cached_property
    def entering(self) -> tuple[str, ...]:
        """The links of traffic and administration that come in from the internet."""
        return tuple(self.links_that(_enters))

    @cached_property
    def unguarded(self) -> tuple[str, ...]:
        """Those of them that no firewall stands on."""
        return tuple(self.links_that(_enters_unguarded))

    @cached_property
    def _came(self) -> dict[Stop, tuple[Stop, str] | None]:
        """For each stop of the walks from the internet the stop before it and the link taken."""
        inner, guarded = self.links_that(_leads_on), self.links_that(_is_guarded)
        start = [Stop(key, guarded=False) for key in self.design.components if self.outside(key)]
        came: dict[Stop, tuple[Stop, str] | None] = dict.fromkeys(start)
        todo = list(came)
        for here in todo:
            for key in self._ways_on(here.component):
                if key not in inner:
                    continue
                stop = Stop(inner[key].target, here.guarded or key in guarded)
                if stop not in came:
                    came[stop] = (here, key)
                    todo.append(stop)
        return came

    def _ways_on(self, component_id: str) -> tuple[str, ...]:
        """Return the links that start at a part, and at the members of a cluster."""
        own = self.design.outgoing[component_id]
        behind = self._behind[component_id]
        if behind == (component_id,):
            return own
        return (*own, *(key for part in behind for key in self.design.outgoing[part]))

    @cached_property
    def stops(self) -> frozenset[Stop]:
        """Where walks from the internet come to."""
        return frozenset(stop for stop, before in self._came.items() if before is not None)

    def walk(self, stop: Stop) -> tuple[str, ...]:
        """Return a shortest walk from the internet to a stop: the links, from the outside in."""
        links = []
        before = self._came.get(stop)
        while before is not None:
            stop, key = before
            links.append(key)
            before = self._came.get(stop)
        return tuple(reversed(links))

    def way_in(self, link_id: str) -> tuple[str, ...]:
        """Return a link and those on which what it carries is handed on unopened.

        Firewalls hand on what they let through, and so do balancers that only pass connections.
        """
        found = dict.fromkeys((link_id,))
        todo = [link_id]
        for key in todo:
            onward = [item for item in self._onward(key) if item not in found]
            found.update(dict.fromkeys(onward))
            todo.extend(onward)
        return tuple(found)

    def ends(self, link_id: str) -> tuple[str, ...]:
        """Return the links of a way in that end at the part which opens what was sent."""
        if self.design.links[link_id].target not in self._passing:
            return (link_id,)
        if link_id not in self._ends:
            ends = (key for key in self.way_in(link_id) if not self._onward(key))
            self._ends[link_id] = tuple(ends)
        return self._ends[link_id]

    def receivers(self, links: Iterable[str]) -> tuple[str, ...]:
        """Return the parts that open what is sent on some links; for clusters their members."""
        ends = (self.design.links[end].target for key in links for end in self.ends(key))
        return tuple(dict.fromkeys(part for end in ends for part in self.behind(end)))

    def _onward(self, link_id: str) -> list[str]:
        """Return the links with the same role on which a part hands on what it was sent."""
        links = self.design.links
        target, role = links[link_id].target, links[link_id].role
        if target not in self._passing:
            return []
        return [key for key in self._ways_on(target) if links[key].role == role]

    @cached_property
    def _passing(self) -> frozenset[str]:
        """What hands on unopened what it was sent."""
        parts = self.design.components.items()
        tcp = {key for key, item in parts if getattr(item, "layer", "http") == "tcp"}
        balancers = {key for key, behind in self._behind.items() if tcp.issuperset(behind)}
        return self.having(Trait.FILTERS_TRAFFIC) | balancers


def _leads_on(exposure: Exposure, link: Link) -> bool:
    return link.role in GUARDED_ROLES and not exposure.outside(link.target)


def _is_guarded(exposure: Exposure, link: Link) -> bool:
    return exposure.guarded(link)


def _is_walled(_: Exposure, link: Link) -> bool:
    return bool(link.via)


def _enters(exposure: Exposure, link: Link) -> bool:
    crosses = exposure.outside(link.source) and not exposure.outside(link.target)
    return crosses and link.role in GUARDED_ROLES


def _enters_unguarded(exposure: Exposure, link: Link) -> bool:
    return _enters(exposure, link) and not exposure.guarded(link)
