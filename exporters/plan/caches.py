"""Caches: single ones, and replica sets of Redis or Valkey whose sentinels choose who leads.

Settings: the Redis documentation, chapters "Replication" and "High availability with Sentinel".
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.model.containers import Cluster
from app.model.stores import Cache
from exporters import images
from exporters.deployment import Bind, ConfigFile, Mount, Note, Probe, Servers, Service, Volume
from exporters.plan.draft import Context, Part, Wire

SENTINEL_PORT = 26379
_IMAGES = {"redis": images.REDIS, "valkey": images.VALKEY, "memcached": images.MEMCACHED}
_FOLDER = "config/replica-set"
_START, _SENTINEL = "start.sh", "sentinel.sh"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Set:
    """Caches that repeat what the first of them does; `sentinels` are names, none by hand."""

    engine: str
    cluster: Cluster
    members: tuple[str, ...]
    sentinels: tuple[str, ...]


def cache(context: Context, component_id: str, item: Cache) -> Part:
    """Plan a cache; the first of a replica set stands for all of them."""
    cluster = context.design.cluster(component_id)
    alike = _alike(context, cluster, item.engine) if cluster else ()
    if cluster is None or alike == (component_id,):
        return _single(context, component_id, item)
    if item.engine == "memcached" or cluster.mode != "primary-replica":
        return _single(context, component_id, item, cluster)
    return (
        _replica_set(context, cluster, item.engine, alike) if component_id == alike[0] else Part()
    )


def _alike(context: Context, cluster: Cluster, engine: str) -> tuple[str, ...]:
    return tuple(
        key
        for key in cluster.members
        if isinstance(item := context.item(key), Cache) and item.engine == engine
    )


def _single(
    context: Context, component_id: str, item: Cache, cluster: Cluster | None = None
) -> Part:
    """Plan a cache of its own; it keeps nothing over a restart."""
    image = _IMAGES[item.engine]
    memcached = item.engine == "memcached"
    service = Service(
        name=context.name(component_id),
        title=item.name,
        role="memcached" if memcached else "redis",
        component=component_id,
        image=image.tag,
        command=("memcached", "-m", "64") if memcached else _command(item.engine, "--save", ""),
        tmpfs=(image.data,) if image.data else (),
    )
    notes = [_unlocked(component_id, item.name)]
    if cluster is not None:
        why = "Memcached copies nothing" if memcached else f"{cluster.mode} is not exported"
        text = f"{cluster.name}: {why}; {item.name} keeps what it is given itself."
        notes.append(Note(components=(component_id,), text=text))
    return Part(services=(service,), notes=tuple(notes))


def _command(engine: str, *more: str) -> tuple[str, ...]:
    return (f"{engine}-server", "--maxmemory", "64mb", *more)


def _unlocked(component_id: str, name: str) -> Note:
    text = f"{name} asks for no password: only its networks keep others away."
    return Note(components=(component_id,), text=text)


def _replica_set(context: Context, cluster: Cluster, engine: str, members: tuple[str, ...]) -> Part:
    """Plan all caches of a replica set, and three sentinels where it switches by itself."""
    stem = f"{context.name(members[0])}-sentinel"
    automatic = cluster.failover == "automatic"
    sentinels = tuple(context.names.claim(f"{stem}-{n}") for n in (1, 2, 3)) if automatic else ()
    found = _Set(engine=engine, cluster=cluster, members=members, sentinels=sentinels)
    services = (
        *(_member(context, key, found) for key in members),
        *(_sentinel(context, name, found) for name in sentinels),
    )
    scripts = (_START, _SENTINEL) if automatic else (_START,)
    program, names = "sentinel" if automatic else "redis", tuple(map(context.name, members))
    return Part(
        services=services,
        volumes=tuple(Volume(name=f"{context.name(key)}-data") for key in members),
        files=tuple(ConfigFile(path=f"{_FOLDER}/{s}", template=f"redis/{s}") for s in scripts),
        notes=tuple(_notes(context, found)),
        wires=tuple(
            Wire(source=one.name, target=other.name, label="replication")
            for one in services
            for other in services
            if one != other
        ),
        caches=(Servers(program=program, names=names),),
    )


def _member(context: Context, component_id: str, found: _Set) -> Service:
    name, image = context.name(component_id), _IMAGES[found.engine]
    names = tuple(map(context.name, found.members))
    return Service(
        name=name,
        title=context.item(component_id).name,
        role="redis",
        component=component_id,
        image=image.tag,
        entrypoint=("bash", f"/replica-set/{_START}"),
        # Whoever leads and restarts with nothing would have the others forget everything too.
        command=_command(found.engine, "--save", "", "--appendonly", "yes"),
        environment={
            "NODE": name,
            "CLIENT": f"{found.engine}-cli",
            "PRIMARY": names[0],
            "MEMBERS": " ".join(names),
            "SENTINELS": " ".join(found.sentinels),
        },
        binds=(Bind(source=f"{_FOLDER}/{_START}", target=f"/replica-set/{_START}"),),
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
    )


def _sentinel(context: Context, name: str, found: _Set) -> Service:
    image, client = _IMAGES[found.engine], f"{found.engine}-cli"
    ping = (client, "-h", "127.0.0.1", "-p", str(SENTINEL_PORT), "ping")
    return Service(
        name=name,
        title=name,
        role="sentinel",
        image=image.tag,
        entrypoint=("bash", f"/replica-set/{_SENTINEL}"),
        command=(f"{found.engine}-server", "/tmp/sentinel.conf", "--sentinel"),  # noqa: S108  # in the container
        environment={
            "CLIENT": client,
            "MEMBERS": " ".join(map(context.name, found.members)),
            "DETECTION": str(max(1000, round(found.cluster.detection_seconds * 1000))),
        },
        binds=(Bind(source=f"{_FOLDER}/{_SENTINEL}", target=f"/replica-set/{_SENTINEL}"),),
        tmpfs=(image.data,),
        probe=Probe(command=ping),
    )


def _notes(context: Context, found: _Set) -> Iterator[Note]:
    first, name = context.name(found.members[0]), found.cluster.name
    for key in found.members:
        yield _unlocked(key, context.item(key).name)
    if found.sentinels:
        who = (
            f"{', '.join(found.sentinels)} promote a replica by themselves when {first} is lost; "
            "two of them must work for it, and they are not drawn. ./ops status tells who leads."
        )
    else:
        who = (
            f"when {first} is lost, promote a replica by hand: ./ops promote "
            f"{context.name(found.members[1])}. The application finds who leads by itself; "
            "./ops rejoin lets the old one follow. Replicas follow the address that the leader "
            "had when they started: ./ops rejoin finds it if it comes back with another."
        )
    yield Note(
        components=(found.members[0],),
        text=f"{name}: {who} Replicas are a little behind, so the last writes before a loss may "
        "be gone.",
    )
