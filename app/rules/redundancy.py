"""Fixes that give a part a second: edits that duplicate, join and spread."""

from dataclasses import replace

from app.analysis.requirements import groups
from app.model import edits
from app.model.components import AppFiles
from app.model.containers import Cluster, Server, Zone
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.stores import Database
from app.rules.free_place import BELOW, FRAME, place_near
from app.rules.watching import watch

SPREADABLE = frozenset(("web_server", "app_server", "load_balancer", "reverse_proxy", "database"))


def duplicate(design: Design, component_id: str) -> Design:
    """Add a copy of a component on another server, with its links, and join both in a cluster."""
    design, copy = twin(design, component_id)
    design = _copy_links(design, component_id, copy)
    return join_pair(design, component_id, copy)


def twin(design: Design, component_id: str) -> tuple[Design, str]:
    """Add an unlinked copy of a component, with its own application files, on another server."""
    design, parent = _other_server(design, component_id)
    design, copy = _copy(design, component_id, parent)
    for files in private_files(design, component_id):
        design, files_copy = _copy(design, files, parent)
        for key in design.outgoing[component_id]:
            link = design.links[key]
            if link.target == files:
                design = _again(design, link, source=copy, target=files_copy)
    return _watched_too(design, component_id, copy), copy


def _watched_too(design: Design, original: str, copy: str) -> Design:
    """Put an agent on the machine of a copy where the original's machine has one."""
    hosts = [design.host(original), design.host(copy)]
    agents = ["monitoring_agent" in _kinds(design, host) for host in hosts]
    if hosts[1] is not None and agents == [True, False]:
        return watch(design, hosts[1])
    return design


def _copy(design: Design, component_id: str, parent: str | None) -> tuple[Design, str]:
    item = design.components[component_id]
    copy_id, _ = edits.new_component(design, item.kind)
    inside = parent is not None and bool(design.children[parent])
    near = design.children[parent][-1] if inside and parent else component_id
    fresh = parent is not None and not inside
    host = design.host(component_id) or component_id
    place = place_near(design, host, BELOW, FRAME) if fresh else place_near(design, near, BELOW)
    copied = replace(item, name=copy_id, parent=parent)
    return edits.put(design, copy_id, copied, place), copy_id


def private_files(design: Design, component_id: str) -> tuple[str, ...]:
    """Return the application files that only this component uses, on its own server."""
    found = []
    for key in design.outgoing[component_id]:
        target = design.links[key].target
        callers = {design.links[link].source for link in design.incoming[target]}
        if isinstance(design.components[target], AppFiles) and callers == {component_id}:
            found.append(target)
    return tuple(found)


def _other_server(design: Design, component_id: str) -> tuple[Design, str | None]:
    """Return the server for a copy: one that already backs up this one's parts, else a new one."""
    host = design.host(component_id)
    if host is None:
        return design, design.components[component_id].parent
    kind = design.components[component_id].kind
    for neighbour in design.children[host]:
        cluster = design.cluster(neighbour)
        for member in cluster.members if cluster else ():
            other = design.host(member)
            if other not in (None, host) and kind not in _kinds(design, other):
                return design, other
    return new_server(design, host)


def _kinds(design: Design, server: str | None) -> set[str]:
    children = design.children[server] if server else ()
    return {design.components[child].kind for child in children}


def new_server(design: Design, like: str) -> tuple[Design, str]:
    """Add an empty server beside another one, in the same zone or site."""
    pattern = design.components[like]
    server_id, _ = edits.new_component(design, "server")
    server = replace(pattern, name=server_id)
    return edits.put(design, server_id, server), server_id


def _copy_links(design: Design, original: str, copy: str) -> Design:
    """Give a copy the links of the original, apart from those that follow one machine's data."""
    skipped = set(private_files(design, original))
    for link in tuple(design.links.values()):
        if link.role in ("replicate", "monitor") or link.target in skipped:
            continue
        if link.source == original:
            design = _again(design, link, source=copy)
        elif link.target == original:
            design = _again(design, link, target=copy)
    return _watch_too(design, original, copy)


def _watch_too(design: Design, original: str, copy: str) -> Design:
    """Whoever measures the original from outside measures the copy as well."""
    for link in tuple(design.links.values()):
        if link.role == "monitor" and link.target == original:
            design = _again(design, link, target=copy)
    return design


def _again(design: Design, link: Link, source: str = "", target: str = "") -> Design:
    fresh = replace(link, source=source or link.source, target=target or link.target)
    if fresh in design.links.values():
        return design
    return replace(design, links={**design.links, edits.free_id(design.links, "link"): fresh})


def join_pair(design: Design, original: str, copy: str) -> Design:
    """Make two equal parts members of one cluster that works while one of them does."""
    own = design.cluster_of.get(original)
    if own is not None:
        cluster = design.components[own]
        members = cluster.members if isinstance(cluster, Cluster) else ()
        return edits.join(design, own, (*members, copy))
    place = place_near(design, copy, BELOW)
    design, cluster_id = edits.add(
        design, "cluster", place, mode="active-active", failover="automatic", virtual_address=True
    )
    return edits.join(design, cluster_id, (original, copy))


def add_replica(design: Design, component_id: str) -> Design:
    """Give a database a replica on another server that takes over by itself."""
    design, copy = twin(design, component_id)
    design = edits.set_fields(design, copy, role="replica", promotable=True)
    engine = design.components[component_id]
    links = [design.links[key] for key in design.incoming[component_id]]
    for link in links:
        if link.role in ("read", "backup"):
            design = _again(design, link, target=copy)
    tls = "1.3" if links and all(link.encrypted for link in links if link.is_traffic) else "none"
    protocol = getattr(engine, "engine", "postgres")
    design, _ = edits.connect(
        design, component_id, copy, role="replicate", tls=tls,
        protocol="postgres" if protocol == "postgres" else "mysql",
    )  # fmt: skip
    own = design.cluster_of.get(component_id)
    if own is None:
        place = place_near(design, copy, BELOW)
        design, own = edits.add(design, "cluster", place, mode="primary-replica")
        members: tuple[str, ...] = (component_id, copy)
    else:
        members = (*_members(design, own), copy)
    design = edits.join(design, own, members)
    return edits.set_fields(design, own, mode="primary-replica", failover="automatic")


def _members(design: Design, cluster_id: str) -> tuple[str, ...]:
    cluster = design.components[cluster_id]
    return cluster.members if isinstance(cluster, Cluster) else ()


def fail_over(design: Design, cluster_id: str) -> Design:
    """Let a cluster switch by itself."""
    return edits.set_fields(design, cluster_id, failover="automatic")


def has_spare(design: Design, database: str) -> bool:
    """Whether a promotable replica of a database runs on another server than it does."""
    cluster = design.cluster(database)
    host = design.host(database)
    return cluster is not None and any(
        isinstance(item := design.components[member], Database)
        and item.role == "replica"
        and item.promotable
        and (host is None or design.host(member) != host)
        for member in cluster.members
    )


def own_files(design: Design, files: str) -> Design:
    """Give every application server its own copy of files that they share."""
    callers = [design.links[key] for key in design.incoming[files]]
    for link in callers[1:]:
        host = design.host(link.source)
        copy_id, _ = edits.new_component(design, design.components[files].kind)
        item = replace(design.components[files], name=copy_id, parent=host)
        design = edits.put(design, copy_id, item, place_near(design, link.source))
        moved = {
            key: replace(known, target=copy_id) if known is link else known
            for key, known in design.links.items()
        }
        design = replace(design, links=moved)
    return design


def spread_host(design: Design, host: str) -> Design:
    """Move the second of each pair of equal parts from a server to a new one."""
    seen: set[str] = set()
    moving: list[str] = []
    for child in design.children[host]:
        kind = design.components[child].kind
        if kind in seen and kind in SPREADABLE:
            moving += [child, *private_files(design, child)]
        seen.add(kind)
    if not moving:
        return design
    design, server = new_server(design, host)
    for key in moving:
        place = (
            place_near(design, design.children[server][-1])
            if design.children[server]
            else place_near(design, host, BELOW, FRAME)
        )
        design = edits.move(edits.nest(design, (key,), server), {key: place})
    return design


def spread_site(design: Design, site: str) -> Design:
    """Move the second of each pair of equal servers from a site to a new site."""
    seen: list[frozenset[str]] = []
    moving: list[str] = []
    for key in design.descendants(site):
        if isinstance(design.components[key], Server):
            kinds = frozenset(_kinds(design, key) & SPREADABLE)
            if kinds and kinds in seen:
                moving.append(key)
            seen.append(kinds)
    if not moving:
        return design
    design, other = edits.add(design, "site", name=edits.free_id(_names(design), "site"))
    design = edits.set_fields(design, other, domain=getattr(design.components[site], "domain"))  # noqa: B009  # a site has one
    zones: dict[str, str] = {}
    for server in moving:
        design, parent = _same_zone(design, server, other, zones)
        inner = [server, *design.descendants(server)]
        leaf = inner[-1]
        place = place_near(design, site, BELOW, 3 * FRAME)
        before = design.layout.get(leaf, place)
        shift = place.y - before.y
        moved = {
            key: replace(design.layout[key], y=design.layout[key].y + shift)
            for key in inner
            if key in design.layout
        }
        design = edits.move(edits.nest(design, (server,), parent), moved)
    return design


def _names(design: Design) -> list[str]:
    return [*design.components, *(item.name for item in design.components.values())]


def _same_zone(design: Design, server: str, site: str, zones: dict[str, str]) -> tuple[Design, str]:
    """Return the zone of a server again in another site: one segment in two places."""
    zone = design.zone(server)
    if zone is None:
        return design, site
    if zone not in zones:
        before = design.components[zone]
        assert isinstance(before, Zone)  # noqa: S101  # `zone` returns nothing else
        network = before.network or zone
        copy_id, _ = edits.new_component(design, "zone")
        copy = replace(before, name=copy_id, parent=site, network=network)
        design = edits.put(edits.set_fields(design, zone, network=network), copy_id, copy)
        zones[zone] = copy_id
    return design, zones[zone]


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


def in_service(design: Design) -> frozenset[str]:
    """Return what users' requests reach: what a flow may rest on."""
    todo = [flow.client for flow in design.flows.values()]
    seen = set(todo)
    for here in todo:
        for key in design.outgoing[here]:
            link = design.links[key]
            if link.is_traffic:
                for target in (link.target, *_members(design, link.target)):
                    if target not in seen:
                        seen.add(target)
                        todo.append(target)
    return frozenset(seen)
