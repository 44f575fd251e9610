"""Root causes: which rule each single point of failure belongs to, and what is only its echo."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from app.analysis.alternatives import members_needed
from app.analysis.analysis import Analysis
from app.model.compute import AppFiles, Service
from app.model.containers import Cluster, Server, Site, Zone
from app.model.design import Design
from app.model.stores import Database, ObjectStore

_PLACES = (Server, Site, Zone)
_OF_SITE = {"switch": "SPOF009", "uplink": "SPOF009", "rack": "SPOF010", "power": "SPOF010"}


@dataclass(frozen=True, slots=True)
class Cause:
    """A part whose loss stops flows, the rule that says so, and what stops only along with it."""

    rule: str
    part: str
    flows: tuple[str, ...]
    echoes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Crowd:
    """A cluster that loses more members with one server or site than it can spare."""

    cluster: str
    domain: str
    inside: tuple[str, ...]
    needed: int


def causes(analysis: Analysis, rule_id: str) -> tuple[Cause, ...]:
    """Return the single points of failure that belong to a rule, in order of their parts."""
    return tuple(cause for cause in _causes(analysis) if cause.rule == rule_id)


@lru_cache(maxsize=2)
def _causes(analysis: Analysis) -> tuple[Cause, ...]:
    """Sort every single point of failure into root causes and their echoes.

    Application files fall with their only user, a server with the one part on it that matters, a
    site inside another site with that one, members with a cluster that cannot spare any of them;
    and what LB005 and SPOF012 say about a cluster is not said again of its members and places.
    """
    echoes = _echoes(analysis)
    own: dict[str, list[str]] = {}
    for echo, of in echoes.items():
        for part in of:
            own.setdefault(part, []).append(echo)
    found = []
    for part, flows in analysis.flows_lost.items():
        if part not in echoes:
            rule = _rule_of(analysis.design, part, flows)
            found.append(Cause(rule, part, flows, tuple(own.get(part, ()))))
    found += _without_spare(analysis)
    return tuple(sorted(found, key=lambda cause: cause.part))


def _rule_of(design: Design, part: str, flows: tuple[str, ...]) -> str:
    item = design.components[part]
    if isinstance(item, Site):
        return _OF_SITE.get(item.domain, "SPOF003")
    if isinstance(item, Service) and item.external:
        return "SPOF015"
    if isinstance(item, Database):
        return _of_database(design, part, flows)
    if isinstance(item, ObjectStore | AppFiles) and len(users(design, part)) > 1:
        return "SPOF008"
    return _OF_KIND.get(item.kind, "SPOF001")


_OF_KIND = {
    "server": "SPOF002",
    "zone": "SPOF003",
    "load_balancer": "SPOF004",
    "firewall": "SPOF006",
    "dns": "SPOF007",
    "cdn": "SPOF015",
}


def _of_database(design: Design, part: str, flows: tuple[str, ...]) -> str:
    if any(design.flows[flow].operation == "write" for flow in flows):
        return "SPOF005"
    return "DB001" if design.cluster(part) is None else "SPOF001"


def users(design: Design, part: str) -> frozenset[str]:
    """Return the parts that send traffic to a part."""
    traffic = design.traffic
    return frozenset(traffic[key].source for key in design.incoming[part] if key in traffic)


def _echoes(analysis: Analysis) -> Mapping[str, tuple[str, ...]]:
    """Return the parts that are no causes of their own, each with the parts that it falls with."""
    found: dict[str, tuple[str, ...]] = {}
    for cluster, members in _clusters_at_fault(analysis):
        found |= {member: (cluster,) for member in members if member in analysis.flows_lost}
    for kinds, add in _ECHOES:
        for part in analysis.flows_lost:
            if isinstance(analysis.design.components[part], kinds):
                add(analysis, part, found)
    for crowd in crowds(analysis):
        if _alone_in(analysis, crowd):
            found[crowd.domain] = (crowd.cluster,)
    return found


def _clusters_at_fault(analysis: Analysis) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the clusters that are the reason why their members, or their first one, matter."""
    for key, cluster in analysis.design.of(Cluster).items():
        if len(cluster.members) > 1:
            if cluster.mode == "active-passive" and cluster.failover == "none":
                yield key, cluster.members[:1]
            elif _needs_all(cluster):
                yield key, cluster.members


def _needs_all(cluster: Cluster) -> bool:
    switched = cluster.mode in ("active-passive", "primary-replica")
    return not switched and members_needed(cluster) == len(cluster.members)


def _without_spare(analysis: Analysis) -> Iterator[Cause]:
    """Yield the clusters that need every member, where that stops a flow."""
    for key, members in _clusters_at_fault(analysis):
        cluster = analysis.design.components[key]
        flows = dict.fromkeys(
            flow for member in members for flow in analysis.flows_lost.get(member, ())
        )
        if isinstance(cluster, Cluster) and _needs_all(cluster) and flows:
            hosts = {analysis.design.host(member) for member in members} - {None}
            echoes = tuple(sorted({*members, *(host for host in hosts if host)}))
            yield Cause("SPOF001", key, tuple(flows), echoes)


def _add_files(analysis: Analysis, files: str, found: dict[str, tuple[str, ...]]) -> None:
    own = users(analysis.design, files)
    if len(own) == 1 and own <= analysis.flows_lost.keys():
        found[files] = tuple(own)


def _add_server(analysis: Analysis, server: str, found: dict[str, tuple[str, ...]]) -> None:
    """A server is an echo where every flow that it stops is stopped by one part on it already."""
    lost = set(analysis.flows_lost[server])
    inside = [key for key in analysis.design.children[server] if key in analysis.flows_lost]
    for part in inside:
        lost.difference_update(analysis.flows_lost[part])
    if not lost:
        found[server] = tuple(inside)


def _add_place(analysis: Analysis, place: str, found: dict[str, tuple[str, ...]]) -> None:
    """A place is an echo of a larger place that stops the same, or of the one part in it."""
    design, lost = analysis.design, analysis.flows_lost
    around = [key for key in design.ancestors(place) if set(lost.get(key, ())) >= set(lost[place])]
    if around:
        found[place] = (around[-1],)
        return
    parts = [*islice(_resting_on(analysis, place), 2)]
    if len(parts) == 1 and set(lost.get(parts[0], ())) >= set(lost[place]):
        found[place] = (parts[0],)


def _resting_on(analysis: Analysis, place: str) -> Iterator[str]:
    """Yield the parts in a place, itself no place, that some flow may feel the failure of."""
    design, felt = analysis.design, analysis.in_cones
    for key in design.descendants(place):
        if key in felt and not isinstance(design.components[key], _PLACES):
            yield key


_Add = Callable[[Analysis, str, dict[str, tuple[str, ...]]], None]
_ECHOES: tuple[tuple[type | tuple[type, ...], _Add], ...] = (
    (AppFiles, _add_files),
    (Server, _add_server),
    ((Site, Zone), _add_place),
)


@lru_cache(maxsize=2)
def crowds(analysis: Analysis) -> tuple[Crowd, ...]:
    """Return the clusters that one server or site would empty, with the first such place."""
    return tuple(_crowds(analysis))


def _crowds(analysis: Analysis) -> Iterator[Crowd]:
    for key, cluster in analysis.design.of(Cluster).items():
        if len(cluster.members) < 2:  # noqa: PLR2004  # a pair
            continue
        needed = members_needed(cluster)
        spare = len(cluster.members) - needed
        inside: dict[str, list[str]] = {}
        for member in cluster.members:
            for domain in analysis.around(member):
                inside.setdefault(domain, []).append(member)
        for domain, members in inside.items():
            if 0 < spare < len(members) and _splits(analysis.design, domain):
                yield Crowd(key, domain, tuple(members), needed)
                break


def _splits(design: Design, domain: str) -> bool:
    """Whether a place is one of several: a server always is, a site where there is another one."""
    item = design.components[domain]
    return isinstance(item, Server) or any(
        key != domain and not _encloses(design, key, domain) for key in design.of(Site)
    )


def _encloses(design: Design, outer: str, inner: str) -> bool:
    return outer in design.ancestors(inner) or inner in design.ancestors(outer)


def _alone_in(analysis: Analysis, crowd: Crowd) -> bool:
    """Whether a voting cluster is all that makes a place matter: SPOF012 says it better."""
    cluster = analysis.design.components[crowd.cluster]
    if not isinstance(cluster, Cluster) or cluster.mode != "quorum":
        return False
    return set(_resting_on(analysis, crowd.domain)) <= set(cluster.members)
