"""The caches and queues that a shipped program uses: which stand in for each other, and for what.

As in the analysis, links to the members of one cluster are alternatives, and so are links to parts
of one kind that are in none, unless a group of their own is drawn.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.model.compute import AppServer, OwnProgram
from app.model.stores import Cache, Queue
from exporters.plan.draft import Context
from exporters.plan.queues import Broker, broker_of, port_of
from exporters.plan.reaches import Reach
from exporters.plan.stores import secret_file
from exporters.programs import CA_FILE

CACHE_PORTS = {"redis": 6379, "valkey": 6379, "memcached": 11211}
Settings = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What a program is told of its caches and queues, and what it needs for them."""

    caches: tuple[Settings, ...]
    queues: tuple[Settings, ...]
    secrets: tuple[str, ...]
    awaited: tuple[str, ...]  # services that have to answer before the program starts
    tls: bool


def neighbours_of(context: Context, component_id: str, role: str) -> Neighbours:
    """Return the caches and queues of a program, which publishes or consumes (`role`)."""
    reaches = tuple(context.out(component_id))
    caches = [r for r in reaches if r.link.is_traffic and _is(context, r, Cache)]
    queues = [r for r in reaches if r.role == role and _is(context, r, Queue)]
    brokers = {reach.target: broker_of(context, reach.target) for reach in queues}
    # Who takes jobs takes them from all; who leaves one leaves it in one.
    by_queue = _grouped((brokers[r.target].name, r) for r in queues) if role == "consume" else (
        _grouped((_alternatives(context, reach), reach) for reach in queues)
    )  # fmt: skip
    by_cache = _grouped(((_alternatives(context, r), _engine(context, r)), r) for r in caches)
    return Neighbours(
        caches=tuple(_cache(context, group) for group in by_cache.values()),
        queues=tuple(_queue(context, group, brokers) for group in by_queue.values()),
        secrets=tuple(dict.fromkeys(broker.password for broker in brokers.values())),
        awaited=tuple(context.name(group[0].target) for group in by_queue.values()),
        tls=any(broker.tls for broker in brokers.values()),
    )


def engines_used(context: Context) -> frozenset[str]:
    """Return the engines of all caches and queues that some shipped program is linked to."""
    return frozenset(
        _engine(context, reach)
        for reach in context.reaches
        if isinstance(source := context.item(reach.source), OwnProgram)
        and not source.brings_its_own
    )


def _is(context: Context, reach: Reach, kind: type) -> bool:
    return isinstance(context.item(reach.target), kind)


def _engine(context: Context, reach: Reach) -> str:
    item = context.item(reach.target)
    return item.engine if isinstance(item, Cache | Queue) else ""


def _alternatives(context: Context, reach: Reach) -> str:
    """Return what the links have in common of which one is enough."""
    return reach.link.choice or context.design.cluster_of.get(reach.target) or ""


def _grouped(pairs: Iterable[tuple[Hashable, Reach]]) -> Mapping[Hashable, list[Reach]]:
    found: dict[Hashable, list[Reach]] = {}
    for key, reach in pairs:
        found.setdefault(key, []).append(reach)
    return found


def _cache(context: Context, group: list[Reach]) -> Settings:
    engine = _engine(context, group[0])
    hosts = [{"host": context.name(r.target), "port": CACHE_PORTS[engine]} for r in group]
    return {**_common(context, group), "engine": engine, "hosts": hosts}


def _queue(context: Context, group: list[Reach], brokers: Mapping[str, Broker]) -> Settings:
    return {**_common(context, group), "hosts": list(_places(context, group, brokers))}


def _places(
    context: Context, group: list[Reach], brokers: Mapping[str, Broker]
) -> Iterator[Settings]:
    for reach in group:
        broker, tls = brokers[reach.target], reach.link.encrypted
        yield {
            "host": context.name(reach.target),
            "port": port_of(reach.link),
            "password_file": secret_file(broker.password),
            "ca": CA_FILE if tls else "",
        }


def _common(context: Context, group: list[Reach]) -> Settings:
    needed = any(not context.design.is_soft(reach.link) for reach in group)
    return {
        "name": context.name(group[0].target),
        "needed": needed,
        "own": needed and _others_do_without(context, group),
    }


def _others_do_without(context: Context, group: list[Reach]) -> bool:
    """Whether some application is linked to none of these, and can answer when they are lost."""
    targets = {reach.target for reach in group}
    users = {reach.source for reach in context.reaches if reach.target in targets}
    return not users.issuperset(context.design.of(AppServer))
