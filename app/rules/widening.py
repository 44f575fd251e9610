"""Edits that raise availability although no finding asks for them: a third copy, a second way."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from app.analysis.alternatives import groups
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.compute import AppFiles, Service
from app.model.containers import Cluster
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.links import Operation
from app.model.stores import Database
from app.model.traits import Trait
from app.rules import redundancy
from app.rules.evidence import names
from app.rules.registry import Fix

PAIR = 2
MOST_WAYS = 16  # links between two pools, beyond which nobody draws each of them
OPERATIONS: tuple[Operation, Operation] = ("read", "write")


def widenings(analysis: Analysis) -> Iterator[Fix]:
    """Yield the edits that give a flow more to choose from than a single failure asks for.

    A third copy where there are two, a switch by itself where a person switches or nobody, and
    links by which each of several equal parts reaches all that one of them reaches. Each is about
    parts that a flow rests on; whether it helps is for the caller to find out.
    """
    seen: set[frozenset[str]] = set()
    for part in sorted(analysis.in_cones):
        pool = _pool(analysis.design, part)
        if len(pool) >= PAIR and pool not in seen:
            seen.add(pool)
            yield from _of_pool(analysis.design, tuple(sorted(pool)))
    yield from _switches(analysis)


def _switches(analysis: Analysis) -> Iterator[Fix]:
    for key, item in analysis.design.components.items():
        switched = isinstance(item, Cluster) and item.mode in redundancy.SWITCHED
        if isinstance(item, Cluster) and switched and item.failover != "automatic":
            switch = partial(redundancy.take_over, cluster_id=key)
            yield Fix(f"Let {item.name} switch over by itself", switch)


def _pool(design: Design, part: str) -> frozenset[str]:
    """Return the parts of one kind of which some caller, or a cluster, chooses one."""
    kind = design.components[part].kind
    cluster = design.cluster_of.get(part)
    together = redundancy.members_of(design, cluster) if cluster else ()
    found = {*redundancy.alternatives(design, part), *together}
    return frozenset(key for key in found if design.components[key].kind == kind)


def _of_pool(design: Design, pool: tuple[str, ...]) -> Iterator[Fix]:
    item = design.components[pool[0]]
    if len(pool) == PAIR and _may_be_copied(item):
        title = f"Add a third {item.title.lower()} beside {names(design, pool)}"
        yield Fix(title, partial(redundancy.duplicate, component_id=pool[-1]))
    for label in _uneven(design, pool):
        targets = _reached(design, pool, label)
        title = f"Let {names(design, pool)} each use {names(design, targets)}"
        yield Fix(title, partial(_crossed, pool=pool, label=label))


def _may_be_copied(item: AnyComponent) -> bool:
    """Whether one more of it can be run; what is a provider's cannot, and data has one leader."""
    external = isinstance(item, Service) and item.external
    return Trait.FAILS in item.traits and not external and not isinstance(item, Database)


def _uneven(design: Design, pool: tuple[str, ...]) -> tuple[str, ...]:
    """Return the groups of links of which some member of a pool reaches less than the others."""
    labels = dict.fromkeys(label for part in pool for label in _links(design, part))
    return tuple(
        label
        for label in labels
        if len({frozenset(_targets(design, part, label)) for part in pool} - {frozenset()}) > 1
        and len(pool) * len(_reached(design, pool, label)) <= MOST_WAYS
        and not any(_keeps(design.components[key]) for key in _reached(design, pool, label))
    )


def _keeps(item: AnyComponent) -> bool:
    """Whether a part has something of its own, so that another one of its kind is no other way."""
    return isinstance(item, AppFiles) or Trait.HOLDS_DATA in item.traits


def _links(design: Design, part: str) -> dict[str, tuple[str, ...]]:
    """Return the links of a part by the group in which they are alternatives for each other."""
    return {
        group.label: group.links
        for operation in OPERATIONS
        for group in groups(design, part, operation)
    }


def _targets(design: Design, part: str, label: str) -> tuple[str, ...]:
    return tuple(design.links[key].target for key in _links(design, part).get(label, ()))


def _reached(design: Design, pool: tuple[str, ...], label: str) -> tuple[str, ...]:
    found = dict.fromkeys(key for part in pool for key in _targets(design, part, label))
    return tuple(sorted(found))


def _crossed(design: Design, pool: tuple[str, ...], label: str) -> Design:
    """Let each part of a pool that uses one of some targets use all of them, by links alike."""
    reached, links = _reached(design, pool, label), dict(design.links)
    for part in pool:
        own, targets = _links(design, part).get(label, ()), _targets(design, part, label)
        for target in (key for key in reached if own and key not in targets):
            new = edits.free_id({*links, *design.components, *design.flows}, "link")
            links[new] = replace(design.links[own[0]], source=part, target=target)
    return replace(design, links=links)
