"""What a shipped program uses beside its databases: what stands in for each other, and for what.

As in the analysis, links to the members of one cluster are alternatives, and so are links to parts
of one kind that are in none, unless a group of their own is drawn.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.model.compute import AppServer, OwnProgram
from app.model.stores import Cache, ObjectStore, Queue
from exporters.plan import object_stores
from exporters.plan.draft import Context
from exporters.plan.queues import Broker, broker_of, port_of
from exporters.plan.reaches import Reach
from exporters.plan.stores import secret_file
from exporters.programs import BUCKET, CA_FILE

CACHE_PORTS = {"redis": 6379, "valkey": 6379, "memcached": 11211}
Settings = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """What a program is told of its caches and queues, and what it needs for them."""

    caches: tuple[Settings, ...]
    queues: tuple[Settings, ...]
    objects: tuple[Settings, ...]
    secrets: tuple[str, ...]
    awaited: tuple[str, ...]  # services that have to answer before the program starts
    tls: bool


def neighbours_of(context: Context, component_id: str, role: str) -> Neighbours:
    """Return what a program uses, which publishes or consumes (`role`); workers keep no objects."""
    reaches = tuple(context.out(component_id))
    caches = [r for r in reaches if r.link.is_traffic and _is(context, r, Cache)]
    queues = [r for r in reaches if r.role == role and _is(context, r, Queue)]
    stores = [r for r in reaches if role == "publish" and _is_object_store(context, r)]
    brokers = {reach.target: broker_of(context, reach.target) for reach in queues}
    # Who takes jobs takes them from all; who leaves one leaves it in one.
    by_queue = _grouped((brokers[r.target].name, r) for r in queues) if role == "consume" else (
        _grouped((_alternatives(context, reach), reach) for reach in queues)
    )  # fmt: skip
    by_cache = _grouped(((_alternatives(context, r), _engine(context, r)), r) for r in caches)
    by_store = _grouped(((_alternatives(context, r), r.role), r) for r in stores)
    passwords = (object_stores.password(context.name(reach.target)) for reach in stores)
    hard = (group for group in by_store.values() if _needed(context, group))
    return Neighbours(
        caches=tuple(_cache(context, group) for group in by_cache.values()),
        queues=tuple(_queue(context, group, brokers) for group in by_queue.values()),
        objects=tuple(_objects(context, group) for group in by_store.values()),
        secrets=tuple(
            dict.fromkeys((*(broker.password for broker in brokers.values()), *passwords))
        ),
        awaited=tuple(context.name(group[0].target) for group in (*by_queue.values(), *hard)),
        tls=any(broker.tls for broker in brokers.values())
        or any(object_stores.over_tls(context, reach.target) for reach in stores),
    )


def engines_used(context: Context) -> frozenset[str]:
    """Return the engines of all that some shipped program is linked to, beside its databases."""
    return frozenset(
        _engine(context, reach)
        for reach in context.reaches
        if isinstance(source := context.item(reach.source), OwnProgram)
        and not source.brings_its_own
    )


def _is(context: Context, reach: Reach, kind: type) -> bool:
    return isinstance(context.item(reach.target), kind)


def _is_object_store(context: Context, reach: Reach) -> bool:
    return reach.role in object_stores.ROLES and _is(context, reach, ObjectStore)


def _engine(context: Context, reach: Reach) -> str:
    """Return what is spoken there: the engine of a cache or queue; S3 is one language."""
    if _is_object_store(context, reach):
        return "s3"
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


def _objects(context: Context, group: list[Reach]) -> Settings:
    role = group[0].role
    return {
        **_common(context, group),
        "bucket": BUCKET,
        "user": object_stores.USER,
        "read": role != "write",
        "write": role != "read",
        "hosts": [_object_host(context, reach.target) for reach in group],
    }


def _object_host(context: Context, component_id: str) -> Settings:
    name = context.name(component_id)
    return {
        "host": name,
        "port": object_stores.PORT,
        "password_file": secret_file(object_stores.password(name)),
        "ca": CA_FILE if object_stores.over_tls(context, component_id) else "",
    }


def _needed(context: Context, group: list[Reach]) -> bool:
    return any(not context.design.is_soft(reach.link) for reach in group)


def _common(context: Context, group: list[Reach]) -> Settings:
    needed = _needed(context, group)
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
