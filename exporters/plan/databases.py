"""Databases, whatever their engine: what they have in common, and what the reader must know."""

from collections.abc import Iterator
from dataclasses import replace

from app.analysis.failover import waits_for_replica
from app.analysis.requirements import switches
from app.model.containers import Cluster
from app.model.stores import Database
from exporters.deployment import Note, Volume
from exporters.plan import mariadb, mysql, patroni, postgres
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.stores import Store

_ENGINES = {"postgres": postgres.plan, "mariadb": mariadb.plan, "mysql": mysql.plan}
_TITLES = {"mariadb": "MariaDB", "mysql": "MySQL"}
_LOSS = {
    True: "a write is acknowledged when a replica has it too, so a switch loses none; while no "
    "replica runs the primary goes on alone, and nothing is promoted.",
    False: "the promises of the design let recent writes be lost: a write is acknowledged before a "
    "replica has it.",
}


def database(context: Context, component_id: str, item: Database, store: Store) -> Part:
    """Plan one database of a store."""
    planner = patroni.plan if store.candidates else _ENGINES[store.engine]
    part = planner(context, component_id, item, store)
    return replace(
        part,
        volumes=(Volume(name=f"{context.name(component_id)}-data"),),
        secrets=store.secrets,
        notes=(*part.notes, *_notes(context, component_id, item, store)),
        wires=part.wires or tuple(_replication(context, component_id, store)),
    )


def _replication(context: Context, component_id: str, store: Store) -> Iterator[Wire]:
    """Yield the connections to all others: whoever is promoted, the others follow it."""
    for other in store.members if store.replicas else ():
        if other != component_id:
            source, target = context.name(component_id), context.name(other)
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
        yield from _beside_another(context, component_id, cluster)
        yield from _promotion(context, component_id, cluster, store)
    else:
        yield Note(
            components=(component_id,),
            text=f"{cluster.name}: {cluster.mode} is not exported; {item.name} takes its own "
            "writes, and replicas among the members follow a primary.",
        )


def _beside_another(context: Context, component_id: str, cluster: Cluster) -> Iterator[Note]:
    """Yield that a cluster has a primary before this one, which writes of its own go to."""
    databases = context.design.of(Database)
    primaries = [
        key for key in cluster.members if key in databases and databases[key].role == "primary"
    ]
    if component_id in primaries[1:]:
        own, first = databases[component_id], databases[primaries[0]]
        yield Note(
            components=(component_id,),
            text=f"{cluster.name}: {own.name} is drawn as a primary beside {first.name}. Each has "
            "data of its own, and nothing is copied from one to the other.",
        )


def _promotion(
    context: Context, component_id: str, cluster: Cluster, store: Store
) -> Iterator[Note]:
    if store.candidates:
        yield from _switching(context, component_id, cluster, store)
        return
    if not switches(cluster, "recoverable") or not store.replicas:
        return
    yield Note(
        components=(component_id,),
        text=f"{cluster.name}: {_why_by_hand(cluster, store)}when {context.name(store.primary)} is "
        f"lost, promote a replica by hand: ./ops promote {context.name(store.replicas[0])}. The "
        "application finds the new primary by itself; ./ops rejoin lets the old one follow it.",
    )


def _why_by_hand(cluster: Cluster, store: Store) -> str:
    if cluster.failover != "automatic":
        return ""
    if store.engine == "postgres":
        return "no replica among its members may be promoted, so nothing switches by itself; "
    return (
        "automatic failover is exported for PostgreSQL alone, because no image of this project "
        f"decides who leads among servers of {_TITLES[store.engine]}; "
    )


def _switching(
    context: Context, component_id: str, cluster: Cluster, store: Store
) -> Iterator[Note]:
    name = context.name(store.primary)
    promised = cluster.detection_seconds + cluster.switch_seconds
    yield Note(
        components=(component_id,),
        text=f"{cluster.name}: Patroni promotes a replica by itself, at most about "
        f"{patroni.SLOWEST_SECONDS} seconds after the primary is lost. {', '.join(store.voters)} "
        "decide who leads; two of them must work for a switch, and they are not drawn. See who "
        f"leads: docker compose exec {name} patronictl -c /etc/patroni/patroni.yml list",
    )
    if promised < patroni.SLOWEST_SECONDS:
        yield Note(
            components=(component_id,),
            text=f"{cluster.name}: the design promises a switch within {promised:g} seconds; "
            "Patroni cannot be set to less than a lease of 20 seconds.",
        )
    yield Note(
        components=(component_id,),
        text=f"{cluster.name}: {_LOSS[waits_for_replica(context.design)]}",
    )
