"""What balancers choose from, and which servers keep state that a balancer ties users to."""

from functools import lru_cache

from app.analysis.analysis import Analysis
from app.model.compute import AppServer
from app.model.design import Design
from app.model.traffic import LoadBalancer


def hard_links(design: Design, component_id: str) -> list[str]:
    """Return the links on which a part hands requests on and that it cannot do without."""
    links = design.links
    return [
        key
        for key in design.outgoing[component_id]
        if links[key].is_traffic and not design.is_soft(links[key])
    ]


def pool(analysis: Analysis, component_id: str) -> tuple[str, ...]:
    """Return the parts that a part hands requests to: behind firewalls and inside clusters."""
    exposure, links = analysis.exposure, analysis.design.links
    ends = [
        links[end].target
        for key in hard_links(analysis.design, component_id)
        for end in exposure.ends(key)
    ]
    return tuple(dict.fromkeys(part for end in ends for part in exposure.behind(end)))


@lru_cache(maxsize=2)
def by_pool(analysis: Analysis) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Return the balancers that choose from the same parts, by those parts."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for key in analysis.design.by_kind.get("load_balancer", ()):
        servers = tuple(sorted(pool(analysis, key)))
        found[servers] = (*found.get(servers, ()), key)
    return found


@lru_cache(maxsize=2)
def sticky(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    """Return the balancers that tie users to servers which keep state, with those servers."""
    found = {}
    for key, item in analysis.design.of(LoadBalancer).items():
        if item.algorithm == "source":
            keeping = tuple(part for part in _tied(analysis, key) if _keeps(analysis.design, part))
            if keeping:
                found[key] = keeping
    return found


def _tied(analysis: Analysis, balancer: str) -> tuple[str, ...]:
    """Return the servers of a balancer and, where a server always asks the same one, that one."""
    tied = list(pool(analysis, balancer))
    for part in tied:
        onward = [
            key
            for key in pool(analysis, part)
            if isinstance(analysis.design.components[key], AppServer)
        ]
        if len(onward) == 1 and onward[0] not in tied:
            tied.append(onward[0])
    return tuple(tied)


def _keeps(design: Design, part: str) -> bool:
    item = design.components[part]
    return isinstance(item, AppServer) and item.state == "local"
