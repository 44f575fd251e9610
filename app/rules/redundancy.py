"""Fixes that give a part a second: edits that duplicate it, join both and let one take over."""

from collections.abc import Sequence
from dataclasses import replace

from app.analysis.alternatives import groups
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Cluster, ClusterMode
from app.model.design import Design
from app.model.geometry import bounds
from app.model.kinds import AnyComponent
from app.model.links import Link, Tls
from app.model.stores import Database, ObjectStore, Queue
from app.model.traffic import Client, Dns, Firewall, LoadBalancer
from app.model.traits import Trait
from app.rules.copying import also_needed, copy_onto, copy_parts, own_files
from app.rules.free_place import make_room, place_at

VOTES = 3  # members of a voting cluster that may lose one
SWITCHED = ("active-passive", "primary-replica")  # modes in which one works and another may


def duplicate(design: Design, component_id: str) -> Design:
    """Give a part a second on another server, with its links and, where it has some, its files.

    Balancers, entrances and stores are joined in a cluster: balancers and entrances work at the
    same time, queues vote. A part that is in a cluster already gets another member beside it.
    """
    item = design.components[component_id]
    if isinstance(item, Database) and item.role == "primary":
        return add_replica(design, component_id)
    design, copy = _second(design, component_id)
    members = [component_id, copy]
    if isinstance(item, Queue) and design.cluster(component_id) is None:
        design, third = _second(design, component_id)
        members.append(third)
    if isinstance(item, ObjectStore):
        design = _replicated(design, component_id, copy, "s3", "none")
    mode = _mode(design, component_id)
    if design.cluster(component_id) is not None:
        return _enlarged(design, component_id, copy)
    if mode is None:
        return design
    design = _checked_names(design, component_id)
    # Who chooses among them would take a cluster of some for one more thing to need.
    others = sorted(alternatives(design, component_id) - {component_id, *members})
    equal = [key for key in others if design.components[key].kind == item.kind]
    members[1:1] = [key for key in equal if design.cluster(key) is None]
    return joined(design, members, mode)[0]


def _second(design: Design, component_id: str) -> tuple[Design, str]:
    originals = (component_id, *own_files(design, component_id))
    partner = _partner(design, component_id)
    if partner is not None:
        design, new = copy_onto(design, originals, partner)
    else:
        design, new = copy_parts(design, originals)
    return design, new[component_id]


def _partner(design: Design, component_id: str) -> str | None:
    """Return a server that backs up another part of the same server already, and lacks this one."""
    host = design.host(component_id)
    kind = design.components[component_id].kind
    for neighbour in design.children[host] if host else ():
        cluster = design.cluster(neighbour) if neighbour != component_id else None
        for member in cluster.members if cluster else ():
            other = design.host(member)
            if other not in (None, host) and kind not in _kinds(design, other):
                return other
    return None


def _kinds(design: Design, server: str | None) -> set[str]:
    children = design.children[server] if server else ()
    return {design.components[child].kind for child in children}


def _mode(design: Design, component_id: str) -> ClusterMode | None:
    """Return how a part and its second work together; None where their caller chooses."""
    item = design.components[component_id]
    if isinstance(item, Queue):
        return "quorum"
    if isinstance(item, Dns | Firewall):
        return None
    entrance = any(isinstance(caller, Client) for caller in callers(design, component_id))
    stores = Trait.HOLDS_DATA in item.traits and not isinstance(item, Database)
    return "active-active" if entrance or stores or isinstance(item, LoadBalancer) else None


def _checked_names(design: Design, component_id: str) -> Design:
    """Let the DNS that users ask leave out an entrance that does not answer."""
    clients = {
        design.links[key].source
        for key in design.incoming[component_id]
        if isinstance(design.components[design.links[key].source], Client)
    }
    for client in sorted(clients):
        for key in design.outgoing[client]:
            target = design.links[key].target
            if isinstance(design.components[target], Dns):
                design = edits.set_fields(design, target, health_check=True)
    return design


def _enlarged(design: Design, member: str, copy: str) -> Design:
    """Add a member to the cluster of another one; a spare that nobody switches to gets a switch."""
    cluster_id = design.cluster_of[member]
    cluster = design.components[cluster_id]
    design = edits.join(design, cluster_id, (*members_of(design, cluster_id), copy))
    if isinstance(cluster, Cluster) and cluster.mode in SWITCHED:
        return take_over(design, cluster_id)
    return design


def joined(
    design: Design, members: Sequence[str], mode: ClusterMode, **values: object
) -> tuple[Design, str]:
    """Draw a cluster around parts, near the last of them and outside their servers."""
    holder = _common_holder(design, members)
    near = design.host(members[-1]) or members[-1]
    frame = bounds(design, members[-1])
    if near != members[-1]:
        outer = bounds(design, near)
        frame = (frame[0], outer[1], frame[2], outer[3])
    design, dx, dy = make_room(design, frame, holder)
    place = place_at(frame[0] + dx, bounds(design, members[-1])[1] + dy)
    design, cluster = edits.add(design, "cluster", place, parent=holder, mode=mode, **values)
    return edits.join(design, cluster, members), cluster


def _common_holder(design: Design, members: Sequence[str]) -> str | None:
    """Return the nearest zone or site around all of some parts."""
    common = [
        key
        for key in design.ancestors(members[0])
        if design.components[key].kind != "server"
        and all(key in design.ancestors(member) for member in members)
    ]
    return common[0] if common else None


def standby(design: Design, component_id: str) -> Design:
    """Give a balancer a second that takes over its address, and send callers to that address."""
    design, copy = _second(design, component_id)
    kept = {key: link for key, link in design.links.items()
            if not (link.target == copy and link.is_traffic)}  # fmt: skip
    design = replace(design, links=kept)
    design, cluster = joined(
        design, (component_id, copy), "active-passive", failover="automatic", virtual_address=True
    )
    moved = {
        key: replace(link, target=cluster)
        if link.target == component_id and link.is_traffic else link
        for key, link in design.links.items()
    }  # fmt: skip
    return replace(design, links=moved)


def add_replica(design: Design, component_id: str) -> Design:
    """Let a replica on another server take over from a database; add one where there is none."""
    spare = next(iter(spares(design, component_id)), None)
    if spare is None:
        design, spare = _replica(design, component_id)
    design = edits.set_fields(design, spare, promotable=True)
    cluster = design.cluster_of.get(component_id)
    if cluster is None:
        design, cluster = joined(design, (component_id, spare), "primary-replica")
    elif spare not in members_of(design, cluster):
        design = edits.join(design, cluster, (*members_of(design, cluster), spare))
    design = edits.set_fields(
        design, cluster, mode="primary-replica", failover="automatic", witness=True
    )
    design = also_needed(design, {component_id: cluster})
    if Analysis(design).flows_lost.get(component_id):
        design = read_too(design, component_id, spare)
    return design


def spares(design: Design, database: str) -> tuple[str, ...]:
    """Return the replicas of a database, in its cluster or not, that run on another server."""
    cluster = design.cluster_of.get(database)
    host = design.host(database)
    copies = [design.links[key].target for key in design.outgoing[database]
              if design.links[key].role == "replicate"]  # fmt: skip
    return tuple(
        member
        for member in dict.fromkeys((*(members_of(design, cluster) if cluster else ()), *copies))
        if isinstance(item := design.components[member], Database)
        and item.role == "replica"
        and (host is None or design.host(member) != host)
    )


def rivals(design: Design, database: str) -> tuple[str, ...]:
    """Return the other members of a database's cluster that are primaries as well."""
    cluster = design.cluster_of.get(database)
    return tuple(
        member
        for member in (members_of(design, cluster) if cluster else ())
        if member != database and is_primary(design, member)
    )


def is_primary(design: Design, component_id: str) -> bool:
    """Whether a part is a database that takes writes."""
    item = design.components[component_id]
    return isinstance(item, Database) and item.role == "primary"


def demote(design: Design, database: str, primary: str) -> Design:
    """Make a database the replica of another one, which gets the writes that went to it."""
    design = edits.set_fields(design, database, role="replica")
    writers = {
        design.links[key].source
        for key in design.incoming[primary]
        if design.links[key].role == "write"
    }
    for key in design.incoming[database]:
        link = design.links[key]
        if link.role == "write" and link.source in writers:
            design = edits.remove(design, (key,))
        elif link.role == "write":
            design = edits.set_fields(design, key, target=primary)
    back = {key for key in design.outgoing[database] if design.links[key].role == "replicate"}
    back &= set(design.incoming[primary])
    design = edits.remove(design, back) if back else design
    if primary in {design.links[key].source for key in design.incoming[database]}:
        return design
    return replicate(design, source=primary, target=database)


def _replica(design: Design, primary: str) -> tuple[Design, str]:
    """Add a replica on another server: it is read from, and watched, as the primary is."""

    def keep(link: Link) -> bool:
        reads = link.role in ("read", "request", "monitor", "log")
        return reads and not isinstance(design.components[link.source], Client)

    partner = _partner(design, primary)
    if partner is not None:
        design, new = copy_onto(design, (primary,), partner, keep, equal=False)
    else:
        design, new = copy_parts(design, (primary,), keep, equal=False)
    replica = new[primary]
    design = edits.set_fields(design, replica, role="replica")
    return replicate(design, primary, replica), replica


def replicate(design: Design, source: str, target: str) -> Design:
    """Let a database copy another one, encrypted as the other links are."""
    engine = getattr(design.components[source], "engine", "")
    protocol = "postgres" if engine == "postgres" else "mysql"
    return _replicated(design, source, target, protocol, _tls(design, source))


def _tls(design: Design, database: str) -> Tls:
    """Return how a new replication link is encrypted: as other replication, else as the queries."""
    others = [link.tls for link in design.links_for("replicate").values()]
    here = [design.links[key] for key in design.incoming[database]]
    others = others or [link.tls for link in here if link.is_traffic]
    return others[0] if others else "1.3"


def _replicated(design: Design, source: str, target: str, protocol: str, tls: Tls) -> Design:
    return edits.connect(design, source, target, role="replicate", protocol=protocol, tls=tls)[0]


def read_too(design: Design, primary: str, replica: str) -> Design:
    """Let whoever reads from a primary read from its replica as well."""
    known = {design.links[key].source for key in design.incoming[replica]
             if design.links[key].role in ("read", "request")}  # fmt: skip
    links = dict(design.links)
    for key in design.incoming[primary]:
        link = design.links[key]
        if link.role not in ("read", "request") or link.source in known:
            continue
        if isinstance(design.components[link.source], Client):  # no second way in for users
            links[key] = replace(link, target=design.cluster_of[primary])
        else:
            # How the copy asks who it is has not been drawn yet: a mistake need not be copied.
            auth = "unknown" if link.auth == "none" else link.auth
            links[edits.free_id(links, "link")] = replace(link, target=replica, auth=auth)
    return replace(design, links=links)


def members_of(design: Design, cluster_id: str) -> tuple[str, ...]:
    """Return the members of a cluster; none for any other part."""
    cluster = design.components[cluster_id]
    return cluster.members if isinstance(cluster, Cluster) else ()


def take_over(design: Design, cluster_id: str) -> Design:
    """Let a cluster switch by itself: a pair that takes turns by an address that moves.

    Where the members hold data, a third vote settles who leads.
    """
    cluster = design.component(cluster_id)
    if isinstance(cluster, Cluster) and cluster.mode == "active-passive":
        return edits.set_fields(design, cluster_id, failover="automatic", virtual_address=True)
    voted = isinstance(cluster, Cluster) and cluster.mode == "primary-replica"
    values = {"failover": "automatic"} | ({"witness": True} if voted else {})
    return edits.set_fields(design, cluster_id, **values)


def files_for_each(design: Design, files: str) -> Design:
    """Give every user of shared application files its own copy, on its own server."""
    users = [
        key for key in design.incoming[files] if design.links[key].is_traffic
    ]  # the first keeps the original
    for key in users[1:]:
        user = design.links[key].source
        parent = design.components[user].parent
        design, new = copy_onto(design, (files,), parent, keep=lambda _: False)
        moved = replace(design.links[key], target=new[files])
        design = replace(design, links={**design.links, key: moved})
        design = _beside(design, new[files], user)
    return design


def _beside(design: Design, component_id: str, near: str) -> Design:
    """Place a part beside another one in the same container."""
    design, dx, dy = make_room(design, bounds(design, near), design.components[near].parent)
    x, y, _, _ = bounds(design, near)
    return edits.move(design, {component_id: place_at(x + dx, y + dy)})


def callers(design: Design, component_id: str) -> tuple[AnyComponent, ...]:
    """Return who opens traffic to a component."""
    links = (design.links[key] for key in design.incoming[component_id])
    return tuple(design.components[link.source] for link in links if link.is_traffic)


def alternatives(design: Design, component_id: str) -> frozenset[str]:
    """Return the parts that some caller may use instead of this one, itself among them."""
    found = {component_id}
    for key in design.incoming[component_id]:
        for group in groups(design, design.links[key].source, "read"):
            if key in group.links:
                found.update(design.links[link].target for link in group.links)
    return frozenset(found)


def readers_beside(design: Design, component_id: str) -> tuple[str, ...]:
    """Return the parts of the same kind that only read the data which a part writes."""
    leading, kind = design.writers, design.components[component_id].kind
    written = {_data_set(design, design.links[key].target) for key in _writes(design, component_id)}
    if not written:
        return ()
    found = {
        link.source
        for link in design.links.values()
        if link.role == "read"
        and link.source not in leading
        and design.components[link.source].kind == kind
        and _data_set(design, link.target) in written
    }
    return tuple(sorted(found))


def _data_set(design: Design, database: str) -> str:
    return design.cluster_of.get(database, database)


def _writes(design: Design, component_id: str) -> list[str]:
    return [key for key in design.outgoing[component_id] if design.links[key].role == "write"]


def write_as(design: Design, component_id: str, others: Sequence[str]) -> Design:
    """Let other parts write wherever a part does."""
    links = dict(design.links)
    for other in others:
        for key in _writes(design, component_id):
            links[edits.free_id(links, "link")] = replace(design.links[key], source=other)
    return replace(design, links=links)
