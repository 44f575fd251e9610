"""Fixes that close what is open: firewalls in the way, encryption on links, eyes on machines."""

from collections.abc import Iterable
from dataclasses import replace

from app.model import edits
from app.model.components import Client, Dns, LoadBalancer, ReverseProxy, WebServer
from app.model.containers import Server
from app.model.design import Design
from app.model.geometry import CARD_WIDTH, GRID, bounds, extent
from app.model.links import Link, Place
from app.model.protocols import PROTOCOLS
from app.rules.free_place import BELOW, FRAME, RIGHT, place_near

Terminating = LoadBalancer | ReverseProxy | WebServer
HOST_NAME = "www.example.com"


def guard(design: Design, links: tuple[str, ...]) -> Design:
    """Put one new firewall in the way of links that lead to the same part."""
    target = design.links[links[0]].target
    source = design.links[links[0]].source
    design = _make_room(design, source, target)
    place = _between(design, source, target)
    parent = _around_host(design, target)
    design, firewall = edits.add(design, "firewall", place, parent=parent)
    moved = dict(design.links)
    for key in links:
        moved[key] = replace(moved[key], target=firewall)
    onward = replace(design.links[links[0]], source=firewall, target=target)
    moved[edits.free_id(moved, "link")] = onward
    return replace(design, links=moved)


def _around_host(design: Design, component_id: str) -> str | None:
    """The zone or site that a firewall in front of a part belongs to: outside the machine."""
    host = design.host(component_id)
    return design.components[host or component_id].parent


def _make_room(design: Design, source: str, target: str) -> Design:
    """Shift what is right of the gap, where a card would not fit between the two."""
    left, _, width, _ = bounds(design, source)
    gap = bounds(design, design.host(target) or target)[0] - (left + width)
    needed = CARD_WIDTH + 3 * GRID
    if gap <= 0 or gap >= needed:
        return design
    shift = -(-(needed - gap) // GRID) * GRID
    border = left + width
    moved = {
        key: replace(place, x=place.x + shift)
        for key, place in design.layout.items()
        if place.x >= border
    }
    return edits.move(design, moved)


def _between(design: Design, source: str, target: str) -> Place:
    left, top, width, _ = bounds(design, source)
    right = bounds(design, design.host(target) or target)[0]
    free = right - (left + width) - CARD_WIDTH
    if free < GRID:
        return place_near(design, source, RIGHT)
    x = left + width + free / 2
    return Place(x=round(x / 12) * 12, y=top)


def guard_each(design: Design, links: tuple[str, ...]) -> Design:
    """Put a firewall in the way of each of several links, one for each target."""
    targets = dict.fromkeys(design.links[key].target for key in links)
    for target in targets:
        design = guard(design, tuple(key for key in links if design.links[key].target == target))
    return design


def host_firewall(design: Design, server: str) -> Design:
    """Let a machine filter what comes in by itself."""
    return edits.set_fields(design, server, firewall=True)


def encrypt(design: Design, links: Iterable[str]) -> Design:
    """Put TLS 1.3 around links; HTTP becomes HTTPS on its own port."""
    changed = {key: _encrypted(design.links[key]) for key in links}
    return replace(design, links={**design.links, **changed})


def _encrypted(link: Link) -> Link:
    over_tls = PROTOCOLS[link.protocol].over_tls
    if not over_tls:
        return replace(link, tls="1.3")
    port = None if link.port in (None, *PROTOCOLS[link.protocol].ports[:1]) else link.port
    secured = {"http": "https", "ws": "wss", "ftp": "sftp", "snmp": "snmpv3",
               "syslog": "syslog-tls", "smtp": "smtps"}  # fmt: skip
    protocol = secured[link.protocol]
    tls = "none" if protocol in ("sftp", "snmpv3") else "1.3"
    return replace(link, protocol=protocol, port=port, tls=tls)


def secure_entrance(design: Design, link_id: str) -> Design:
    """Make a way from the internet HTTPS as far as the part that ends it, with a certificate."""
    walked = {link_id}
    todo = [design.links[link_id].target]
    for place in todo:
        item = design.components[place]
        if isinstance(item, Terminating):
            certificate = item.certificate or _host_name(design)
            design = edits.set_fields(design, place, certificate=certificate, redirect=True)
            continue
        if item.kind != "firewall":
            continue
        for key in design.outgoing[place]:
            if design.links[key].is_traffic and key not in walked:
                walked.add(key)
                todo.append(design.links[key].target)
    plain = [key for key in walked if not design.links[key].encrypted]
    return encrypt(design, plain)


def _host_name(design: Design) -> str:
    names = [item.domain for item in design.components.values() if isinstance(item, Dns)]
    return names[0] if names and names[0] else HOST_NAME


def certify(design: Design, component_id: str) -> Design:
    """Give a part a certificate for the host name of the site."""
    return edits.set_fields(design, component_id, certificate=_host_name(design))


def data_zone(design: Design, database: str) -> Design:
    """Move a store, with its machine where it has one for itself, to a zone for data."""
    moving = design.host(database) or database
    alone = moving == database or design.children[moving] == (database,)
    home = design.components[design.zone(database) or database]
    place = place_near(design, design.zone(database) or moving, BELOW, 2 * FRAME)
    design, zone = edits.add(design, "zone", trust="data", parent=home.parent)
    if alone:
        design = edits.nest(design, (moving,), zone)
    else:
        design, server = edits.add(design, "server", parent=zone)
        design = edits.nest(design, (database,), server)
    design = edits.move(design, {database: place})
    crossing = tuple(
        key
        for key in design.incoming[database]
        if design.trust(design.links[key].source) != "data" and design.links[key].is_traffic
    )
    return guard(design, crossing) if crossing else design


def bastion(design: Design, links: tuple[str, ...]) -> Design:
    """Let administration come in through one bastion."""
    target = design.links[links[0]].target
    place = place_near(design, target, BELOW, FRAME)
    design, door = edits.add(design, "bastion", place, parent=_around_host(design, target))
    moved = dict(design.links)
    for key in links:
        inner = replace(moved[key], source=door)
        moved[key] = replace(moved[key], target=door, protocol="ssh", port=None)
        moved[edits.free_id(moved, "link")] = inner
    return replace(design, links=moved)


def watch_everything(design: Design) -> Design:
    """Add a monitoring server, an agent on each machine, and somebody to wake."""
    left, _, _, _ = extent(design)
    bottom = extent(design)[1] + extent(design)[3]
    x = round((left + FRAME) / 12) * 12
    y = round((bottom + FRAME + 3 * GRID) / 12) * 12
    design, server = edits.add(design, "server")
    design, collector = edits.add(
        design, "monitoring_server", Place(x=x, y=y), parent=server, probes=True
    )
    design = alert(design, collector)
    hosts = [
        key for key, item in design.components.items() if isinstance(item, Server) and key != server
    ]
    for host in hosts:
        design = watch(design, host)
    return design


def alert(design: Design, collector: str) -> Design:
    """Let a monitoring server wake somebody."""
    place = place_near(design, collector, RIGHT, FRAME)
    design, alerting = edits.add(design, "alerting", place)
    design, _ = edits.connect(
        design, collector, alerting, role="alert", protocol="https", tls="1.3"
    )
    return design


def watch(design: Design, host: str) -> Design:
    """Put an agent on a machine that reports to the first monitoring server."""
    near = design.children[host][-1] if design.children[host] else host
    design, agent = edits.add(
        design, "monitoring_agent", place_near(design, near, BELOW), parent=host
    )
    return report(design, agent)


def report(design: Design, agent: str) -> Design:
    """Let an agent report to the first monitoring server; one is added where there is none."""
    collectors = [
        key for key, item in design.components.items() if item.kind == "monitoring_server"
    ]
    if not collectors:
        place = place_near(design, design.host(agent) or agent, BELOW, FRAME)
        design, collector = edits.add(design, "monitoring_server", place)
        collectors = [collector]
    design, _ = edits.connect(
        design, agent, collectors[0], role="monitor", protocol="https", tls="1.3"
    )
    return design


def own_place(design: Design, collector: str) -> Design:
    """Move a monitoring server to a machine, and a site, of its own."""
    place = place_near(design, design.host(collector) or collector, BELOW, 3 * FRAME)
    site = design.site(collector)
    parent = None
    if site is not None:
        design, parent = edits.add(design, "site")
    design, server = edits.add(design, "server", parent=parent)
    return edits.move(edits.nest(design, (collector,), server), {collector: place})


def in_the_way(design: Design, firewall: str) -> Design:
    """Put a firewall that guards nothing in the way that leads in from the users."""
    for key, link in design.links.items():
        if isinstance(design.components[link.source], Client) and link.role == "request":
            through = replace(link, target=firewall)
            onward = replace(link, source=firewall)
            links = {**design.links, key: through}
            links[edits.free_id(links, "link")] = onward
            return replace(design, links=links)
    return design
