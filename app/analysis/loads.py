"""Load: how many requests a second each part gets at the busiest time, along the drawn links.

Each request of a flow asks every group of links that a part needs (`requirements.groups`), and of
alternatives one, by equal or weighted shares; so every part has its visit ratio and every pool of
servers is a station of an open Jackson network. Soft links, such as to a cache, carry nothing
that must be served elsewhere; a cache takes off the reads that its hit ratio says. Which caches
that are is asked for part by part, so the exposure of the design, which remembers where links end,
is what is passed on. Source: J. R. Jackson, Networks of waiting lines (1957).
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate

from app.analysis.alternatives import groups, leader
from app.analysis.exposure import Exposure
from app.model.containers import Cluster
from app.model.design import Design
from app.model.stores import Cache
from app.model.traffic import Dns, LoadBalancer
from app.model.traits import Trait

Shares = Mapping[str, float]
_ASKING = ("cache", "read", "request")  # what a link to a cache is for where it is asked
_ROUNDING = 1 + 1e-9  # shares of a load are added up


def shares_of(exposure: Exposure, component_id: str, operation: str) -> dict[str, float]:
    """Return to which parts a part hands each request of an operation, and what share of them.

    The shares of one group add up to 1, or to k where k alternatives are asked; of what is read,
    to the share of it that no cache answers.
    """
    found: dict[str, float] = {}
    for part, share in _shares(exposure, component_id, operation):
        found[part] = found.get(part, 0.0) + share
    return found


def _shares(exposure: Exposure, component_id: str, operation: str) -> Iterator[tuple[str, float]]:
    design = exposure.design
    item = design.components[component_id]
    if isinstance(item, Cluster):
        yield from _among_members(design, item, operation)
        return
    for group in groups(design, component_id, operation):
        targets = [design.links[key].target for key in group.links]
        if isinstance(design.components[targets[0]], Dns):
            continue  # a look-up beside the way, and most of them are remembered
        alone = serving(design, targets, operation)
        links = [design.links[key] for key in group.links]
        weights = [link.weight for link in links if not alone or link.target in alone]
        missed = _missed(exposure, component_id, group.links, operation)
        asked = min(group.needed, len(weights)) * missed
        yield from (
            (target, asked * weight / sum(weights))
            for target, weight in zip(alone or targets, weights, strict=True)
        )


def caches_of(exposure: Exposure, component_id: str) -> tuple[str, ...]:
    """Return the caches that a part asks before it reads: those its links lead to, or itself.

    What only hands requests on, a firewall or a balancer, asks none by itself.
    """
    design = exposure.design
    item = design.components[component_id]
    if isinstance(item, LoadBalancer) or Trait.FILTERS_TRAFFIC in item.traits:
        return ()
    members = design.components[design.cluster_of.get(component_id, component_id)]
    own = members.members if isinstance(members, Cluster) else (component_id,)
    keys = [key for key in design.outgoing[component_id] if design.links[key].role in _ASKING]
    parts = dict.fromkeys((*own, *_reached(exposure, keys)))
    return tuple(part for part in parts if isinstance(design.components[part], Cache))


def _reached(exposure: Exposure, links: Sequence[str]) -> tuple[str, ...]:
    """Return the parts that requests on links come to: behind firewalls, balancers and clusters."""
    design = exposure.design
    found = dict.fromkeys(exposure.receivers(links))
    todo = [part for part in found if isinstance(design.components[part], LoadBalancer)]
    for balancer in todo:
        doors = (balancer, design.cluster_of.get(balancer, balancer))
        onward = [key for door in doors for key in design.outgoing[door]
                  if design.links[key].is_traffic]  # fmt: skip
        new = [part for part in exposure.receivers(onward) if part not in found]
        found.update(dict.fromkeys(new))
        todo.extend(part for part in new if isinstance(design.components[part], LoadBalancer))
    return tuple(part for part in found if part not in todo)


def _missed(exposure: Exposure, component_id: str, links: Sequence[str], operation: str) -> float:
    """Return the share of what a part asks on a group of links that its caches do not answer.

    Of several caches the one that answers least counts: which of them is asked is not drawn. One
    of which nobody says how much it answers keeps other things, or as much as the others.
    """
    design = exposure.design
    if not any(item.hit_ratio for item in design.of(Cache).values()):
        return 1.0
    caches = caches_of(exposure, component_id)
    known = [ratio for key in caches if (ratio := _hit_ratio(design, key)) is not None]
    return 1.0 - min(known) if known and _reads(exposure, component_id, links, operation) else 1.0


def _hit_ratio(design: Design, cache: str) -> float | None:
    item = design.components[cache]
    return item.hit_ratio if isinstance(item, Cache) else None


def _reads(exposure: Exposure, component_id: str, links: Sequence[str], operation: str) -> bool:
    """Whether what a part asks on links is what its caches are there for.

    That is what it reads, by a request as well where that comes to data, or where the part is a
    cache and hands on what it does not know. A way to caches alone is how they are asked.
    """
    design = exposure.design
    role = design.links[links[0]].role
    items = [design.components[part] for part in _reached(exposure, links)]
    if all(isinstance(item, Cache) for item in items):
        return False
    if role == "request" and operation == "read":
        handed_on = isinstance(design.components[component_id], Cache)
        return handed_on or all(Trait.HOLDS_DATA in item.traits for item in items)
    return role == "read"


def _among_members(design: Design, cluster: Cluster, operation: str) -> Iterator[tuple[str, float]]:
    members = serving(design, list(cluster.members), operation) or list(cluster.members)
    yield from ((member, 1 / len(members)) for member in members)


def serving(design: Design, parts: Sequence[str], operation: str) -> list[str]:
    """Return which of some alternatives serves, where a cluster says that one does alone."""
    cluster = design.cluster(parts[0]) if parts else None
    if cluster is None:
        return []
    if cluster.mode == "active-passive":
        return [part for part in cluster.members[:1] if part in parts]
    if cluster.mode == "primary-replica" and operation == "write":
        return [part for part in (leader(design, cluster),) if part in parts]
    return []


def visits(exposure: Exposure, flow_id: str) -> dict[str, float]:
    """Return how many times each part is asked for one request of a flow, on average.

    What leads back to where a request has come through is not followed twice.
    """
    flow = exposure.design.flows[flow_id]
    order, onward = _walked(exposure, flow.client, flow.operation)
    found = dict.fromkeys(order, 0.0)
    found[flow.client] = 1.0
    for part in order:
        for target, share in onward[part].items():
            found[target] += found[part] * share
    return found


def _walked(exposure: Exposure, client: str, operation: str) -> tuple[list[str], dict[str, Shares]]:
    """Return the parts that a client leads to, each before what it asks, without circles."""
    onward: dict[str, Shares] = {}
    finished: list[str] = []
    open_parts: set[str] = set()
    todo = [(client, False)]
    while todo:
        part, done = todo.pop()
        if done:
            open_parts.discard(part)
            finished.append(part)
        elif part not in onward:
            open_parts.add(part)
            ways = shares_of(exposure, part, operation)
            onward[part] = {way: share for way, share in ways.items() if way not in open_parts}
            todo.append((part, True))
            todo.extend((way, False) for way in onward[part])
    return finished[::-1], onward


def loads(exposure: Exposure) -> dict[str, float]:
    """Return how many requests a second each part gets, by the flows for which a rate was given.

    Parts that none of them comes to are left out.
    """
    found: dict[str, float] = {}
    for key, flow in exposure.design.flows.items():
        if flow.requests_per_second is None:
            continue
        for part, share in visits(exposure, key).items():
            found[part] = found.get(part, 0.0) + share * flow.requests_per_second
    return found


def capacity(design: Design, component_id: str) -> float | None:
    """Return what one part can serve, requests a second; None where nobody has said it."""
    found = getattr(design.components[component_id], "capacity", None)
    return None if found is None else float(found)


def needed_at_peak(design: Design, known: Mapping[str, float], parts: Collection[str]) -> int:
    """Return how many of the parts that share a load have to work at the busiest time.

    ⌈load / capacity of a part⌉, one more than there are where all of them are too few; of unequal
    parts so many that any of them can serve it. `known` are the `loads` of the design. 0 where
    one has no capacity, or no load is known. Source: static stability, AWS Well-Architected,
    Reliability, REL11-BP05.
    """
    load = math.fsum(known.get(part, 0.0) for part in parts)
    able = sorted(capacity(design, part) or 0.0 for part in parts)
    if not load or 0.0 in able:
        return 0
    return 1 + sum(served * _ROUNDING < load for served in accumulate(able))
