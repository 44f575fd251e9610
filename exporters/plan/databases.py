"""Databases, whatever their engine: what they have in common, and what the reader must know."""

from collections.abc import Iterator
from dataclasses import replace

from app.analysis.requirements import switches
from app.model.containers import Cluster
from app.model.stores import Database
from exporters.deployment import Note, Volume
from exporters.plan import mariadb, mysql, postgres
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.stores import Store

_ENGINES = {"postgres": postgres.plan, "mariadb": mariadb.plan, "mysql": mysql.plan}
_PROMOTE = {
    "postgres": "docker compose exec REPLICA psql -U postgres -c 'select pg_promote()'",
    "mariadb": "STOP SLAVE; RESET SLAVE ALL; SET GLOBAL read_only = OFF on the replica",
    "mysql": "STOP REPLICA; RESET REPLICA ALL; SET PERSIST super_read_only = OFF; "
    "SET PERSIST read_only = OFF on the replica",
}


def database(context: Context, component_id: str, item: Database, store: Store) -> Part:
    """Plan one database of a store."""
    part = _ENGINES[store.engine](context, component_id, item, store)
    return replace(
        part,
        volumes=(Volume(name=f"{context.name(component_id)}-data"),),
        secrets=store.secrets,
        notes=(*part.notes, *_notes(context, component_id, item, store)),
        wires=tuple(_replication(context, component_id, store)),
    )


def _replication(context: Context, component_id: str, store: Store) -> Iterator[Wire]:
    if component_id != store.primary:
        source, target = context.name(component_id), context.name(store.primary)
        yield Wire(source=source, target=target, label="replication")


def _notes(context: Context, component_id: str, item: Database, store: Store) -> Iterator[Note]:
    if component_id != store.primary:
        return
    if item.role == "replica":
        yield Note(
            components=(component_id,),
            text=f"{item.name} is drawn as a replica, but no primary of its engine is: "
            "it runs as a primary of its own.",
        )
    cluster = context.design.cluster(component_id)
    if cluster is None:
        return
    if cluster.mode == "primary-replica":
        yield from _promotion(context, component_id, cluster, store)
    else:
        yield Note(
            components=(component_id,),
            text=f"{cluster.name}: {cluster.mode} is not exported; {item.name} takes its own "
            "writes, and replicas among the members follow a primary.",
        )


def _promotion(
    context: Context, component_id: str, cluster: Cluster, store: Store
) -> Iterator[Note]:
    if not switches(cluster, "recoverable") or not store.replicas:
        return
    manager = (
        "automatic failover needs a cluster manager such as Patroni, which is not exported: "
        if switches(cluster, "continuity")
        else ""
    )
    yield Note(
        components=(component_id,),
        text=f"{cluster.name}: {manager}when {context.name(store.primary)} is lost for good, "
        f"promote a replica by hand ({_PROMOTE[store.engine]}). The application finds the new "
        "primary by itself.",
    )
