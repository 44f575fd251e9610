"""PostgreSQL that switches by itself: Patroni runs each server, three etcd decide who is primary.

Settings: the Patroni documentation, chapters "YAML configuration settings", "Replication modes"
and "DCS failsafe mode". The primary holds a lease in etcd; when it is not renewed, the replica that
has all that was acknowledged takes it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from app.analysis.failover import waits_for_replica
from app.model.stores import Database
from exporters import images
from exporters.deployment import (
    Bind,
    Build,
    Condition,
    ConfigFile,
    Mount,
    Probe,
    Service,
    Volume,
)
from exporters.plan import postgres
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.stores import DATABASE, Store, certificate, secret_file
from exporters.programs import Base, Patroni

REST_PORT = 8008
SLOWEST_SECONDS = 25  # from the death of a primary to the first write: the lease, and a promotion
_FOLDER = "config/postgres"
_SCRIPTS = ("20-roles.sh", "30-schema.sh", "bootstrap.sh", "patroni.sh", "ready.py")
_READY = ("python3", "/etc/patroni/ready.py", f"http://127.0.0.1:{REST_PORT}")
_CLIENTS, _PEERS = 2379, 2380


def plan(context: Context, component_id: str, item: Database, store: Store) -> Part:
    """Plan one PostgreSQL server of a store that switches by itself."""
    name = context.name(component_id)
    image, remarks = postgres.release(store, component_id, item)
    folder, config = f"images/patroni-{image.tag.split(':')[1]}", f"config/{name}/patroni.yml"
    service = postgres.server(name, component_id, item, image)
    primary = context.name(store.primary)
    needs: dict[str, Condition] = {} if name == primary else {primary: "healthy"}
    scripts = tuple(Bind(source=f"{_FOLDER}/{s}", target=f"/etc/patroni/{s}") for s in _SCRIPTS)
    service = replace(
        service,
        build=Build(folder=folder),
        entrypoint=("bash", "/etc/patroni/patroni.sh"),
        command=("patroni", "/etc/patroni/patroni.yml"),
        environment={**service.environment, **_environment(store)},
        binds=(*scripts, Bind(source=config, target="/etc/patroni/patroni.yml")),
        secrets=tuple(store.secret(what) for what in store.purposes),
        needs=needs,
        probe=Probe(command=_READY, start_period=120),
    )
    values = Patroni(
        scope=store.name,
        name=name,
        data=str(service.environment["PGDATA"]),
        hosts=tuple(f"{voter}:{_CLIENTS}" for voter in store.voters),
        synchronous=waits_for_replica(context.design),
        candidate=component_id == store.primary or component_id in store.candidates,
        tls=store.tls,
    )
    base = Base(tag=image.tag)
    return Part(
        services=(service,),
        files=(
            *(ConfigFile(path=f"{_FOLDER}/{s}", template=f"postgres/{s}") for s in _SCRIPTS),
            ConfigFile(path=config, template="postgres/patroni.yml", values=values),
            ConfigFile(path=f"{folder}/Dockerfile", template="postgres/Dockerfile", values=base),
        ),
        certificates=(certificate(name, image, map(context.name, store.balancers)),)
        if store.tls
        else (),
        notes=remarks,
        wires=tuple(_wires(context, component_id, store)),
    )


def _environment(store: Store) -> dict[str, str]:
    files = (secret_file(store.secret(what)) for what in store.purposes)
    admin, app, replication, monitor, *backup = files
    copied = {"BACKUP_PASSWORD_FILE": backup[0]} if backup else {}
    return {
        "POSTGRES_DB": DATABASE,
        "ADMIN_PASSWORD_FILE": admin,
        "APP_PASSWORD_FILE": app,
        "REPLICATION_PASSWORD_FILE": replication,
        "MONITOR_PASSWORD_FILE": monitor,
        **copied,
    }


def _wires(context: Context, component_id: str, store: Store) -> Iterator[Wire]:
    """Yield the connections to all whom a server may have to follow, and to those who vote."""
    name = context.name(component_id)
    for other in store.members:
        if other != component_id:
            yield Wire(source=name, target=context.name(other), label="replication")
    for voter in store.voters:
        yield Wire(source=name, target=voter, label="vote")


def voters(stores: Mapping[str, Store]) -> Part:
    """Plan the etcd servers that the stores share, or nothing where none of them switches."""
    found = next((store.voters for store in stores.values() if store.voters), ())
    return Part(
        services=tuple(_voter(name, found) for name in found),
        volumes=tuple(Volume(name=f"{name}-data") for name in found),
        wires=tuple(
            Wire(source=one, target=other, label="vote")
            for one in found
            for other in found
            if one != other
        ),
    )


def _voter(name: str, all_names: tuple[str, ...]) -> Service:
    image = images.ETCD
    cluster = ",".join(f"{other}=http://{other}:{_PEERS}" for other in all_names)
    return Service(
        name=name,
        title=name,
        role="voter",
        image=image.tag,
        command=(
            "etcd",
            f"--name={name}",
            f"--data-dir={image.data}/data",
            f"--listen-client-urls=http://0.0.0.0:{_CLIENTS}",
            f"--advertise-client-urls=http://{name}:{_CLIENTS}",
            f"--listen-peer-urls=http://0.0.0.0:{_PEERS}",
            f"--initial-advertise-peer-urls=http://{name}:{_PEERS}",
            f"--initial-cluster={cluster}",
            "--auto-compaction-retention=1",
        ),
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
    )
