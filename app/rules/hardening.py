"""Fixes that close what is open: firewalls in the way, encryption on links, zones, bastions."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from app.analysis.alternatives import groups
from app.analysis.exposure import Exposure
from app.model import edits
from app.model.compute import WebServer
from app.model.containers import Cluster
from app.model.design import Design
from app.model.errors import DesignError
from app.model.geometry import Rect, bounds
from app.model.kinds import AnyComponent
from app.model.links import Link, Place
from app.model.protocols import PROTOCOLS
from app.model.sizes import CARD_WIDTH, GRID
from app.model.stores import MonitoringAgent
from app.model.traffic import Dns, LoadBalancer, ReverseProxy
from app.model.traits import Trait
from app.rules.free_place import (
    BELOW,
    FRAME,
    RIGHT,
    can_shift,
    cleared,
    meet,
    place_at,
    place_near,
    shift,
)

Terminating = LoadBalancer | ReverseProxy | WebServer
HOST_NAME = "www.example.com"
SHELL: dict[str, Any] = {"protocol": "ssh", "port": None, "tls": "none"}
MOST_STEPS = 200  # of the grid, when room is looked for


def guard(design: Design, links: tuple[str, ...]) -> Design:
    """Put one new firewall in the way of links that lead to the same part."""
    target = design.links[links[0]].target
    source = design.links[links[0]].source
    design = _make_room(design, source, target)
    parent = _around_host(design, target)
    design, place = cleared(design, _between(design, source, target), parent)
    design, firewall = edits.add(design, "firewall", place, parent=parent)
    return through(design, links, firewall)


def guard_each(design: Design, links: tuple[str, ...]) -> Design:
    """Put a new firewall in the way of links, one in front of each part that they lead to."""
    for target in dict.fromkeys(design.links[key].target for key in links):
        design = guard(design, tuple(key for key in links if design.links[key].target == target))
    return design


def through(design: Design, links: tuple[str, ...], firewall: str) -> Design:
    """Lead links to one part through a firewall, which hands on each kind of them once."""
    design = _keep_alternatives(design, links)
    before = [design.links[key] for key in links]
    led = {key: replace(design.links[key], target=firewall) for key in links}
    design = replace(design, links={**design.links, **led})
    return _linked(design, (replace(link, source=firewall, choice="", via=()) for link in before))


def _linked(design: Design, links: Iterable[Link]) -> Design:
    """Add links, each of them once."""
    changed = dict(design.links)
    for link in links:
        if link not in changed.values():
            changed[edits.free_id({*design.components, *design.flows, *changed}, "link")] = link
    return replace(design, links=changed)


def _keep_alternatives(design: Design, links: tuple[str, ...]) -> Design:
    """Name the groups that links are in, so that they stay alternatives of those that remain."""
    changed = dict(design.links)
    for key in links:
        link = design.links[key]
        operation = "write" if link.role == "write" else "read"
        for group in groups(design, link.source, operation):
            if key in group.links and not set(group.links) <= set(links) and not link.choice:
                kind = design.components[link.target].kind
                for other in group.links:
                    changed[other] = replace(changed[other], choice=f"{kind} {link.role}")
    return replace(design, links=changed)


def border(design: Design, links: tuple[str, ...]) -> Design:
    """Put one firewall on links that cross the same border between zones.

    In the way where they lead to one part inside; else as one that each of them passes, near what
    is inside.
    """
    leaving = Exposure(design).outside(design.links[links[0]].target)
    targets = dict.fromkeys(design.links[key].target for key in links)
    if len(targets) == 1 and not leaving:
        return guard(design, links)
    inner = design.links[links[0]].source if leaving else next(iter(targets))
    parent = _around_host(design, inner)
    place = place_near(design, design.host(inner) or inner, BELOW, FRAME)
    design, place = cleared(design, place, parent)
    design, firewall = edits.add(design, "firewall", place, parent=parent)
    changed = {key: design.links[key] for key in links}
    passing = {key: replace(link, via=(*link.via, firewall)) for key, link in changed.items()}
    return replace(design, links={**design.links, **passing})


def _around_host(design: Design, component_id: str) -> str | None:
    """The zone or site that a firewall in front of a part belongs to: outside the machine."""
    host = design.host(component_id)
    return design.components[host or component_id].parent


def _make_room(design: Design, source: str, target: str) -> Design:
    """Shift what is right of the gap, where a card would not fit between the two.

    What is left of it where the edge of what may be drawn is in the way.
    """
    left, _, width, _ = bounds(design, source)
    edge = left + width
    gap = bounds(design, _outermost(design, target, source))[0] - edge
    needed = CARD_WIDTH + 5 * GRID
    if gap <= 0 or gap >= needed:
        return design
    wider = -(-(needed - gap) // GRID) * GRID
    right = {key for key, place in design.layout.items() if place.x >= edge}
    if can_shift(design, right, wider):
        return shift(design, right, wider)
    return shift(design, design.layout.keys() - right, -wider)


def _between(design: Design, source: str, target: str) -> Place:
    left, top, width, _ = bounds(design, source)
    edge = left + width
    free = bounds(design, _outermost(design, target, source))[0] - edge - CARD_WIDTH
    if free < GRID:
        return place_near(design, source, RIGHT)
    return place_at(round((edge + free / 2) / (GRID / 2)) * (GRID / 2), top)


def _outermost(design: Design, component_id: str, other: str) -> str:
    """Return the outermost container around a part that does not hold another part as well."""
    shared = {other, *design.ancestors(other)}
    return [component_id, *(key for key in design.ancestors(component_id) if key not in shared)][-1]


def host_firewalls(design: Design, servers: tuple[str, ...]) -> Design:
    """Let machines filter what comes in by themselves."""
    for server in servers:
        design = edits.set_fields(design, server, firewall=True)
    return design


def encrypt(design: Design, links: Iterable[str]) -> Design:
    """Put TLS 1.3 around links in clear; HTTP becomes HTTPS on its own port."""
    changed = {
        key: _encrypted(design.links[key]) for key in links if not design.links[key].encrypted
    }
    return replace(design, links={**design.links, **changed})


def _encrypted(link: Link) -> Link:
    if link.protocol == "telnet":
        return replace(link, **SHELL)
    own = PROTOCOLS[link.protocol]
    if not own.over_tls:
        return replace(link, tls="1.3")
    secured: dict[str, Any] = {"protocol": own.over_tls}
    secured["port"] = None if link.port in own.ports[:1] else link.port
    secured["tls"] = "none" if own.over_tls in ("sftp", "snmpv3") else "1.3"
    return replace(link, **secured)


def secure_entrance(design: Design, links: tuple[str, ...]) -> Design:
    """Make ways from the internet HTTPS as far as the parts that end it, with certificates."""
    exposure = Exposure(design)
    for key in links:
        ends = {design.links[end].target for end in exposure.ends(key)}
        design = encrypt(design, exposure.way_in(key))
        for part in _members(exposure, ends):
            design = certify(design, part, sites(design, design.links[key].source))
    return design


def encrypt_along(design: Design, links: tuple[str, ...]) -> Design:
    """Encrypt links, with the hops before and behind a firewall, and certify the far ends."""
    exposure = Exposure(design)
    for key in links:
        link = design.links[key]
        feeding = (
            before
            for before in design.incoming[link.source]
            if exposure.has(link.source, Trait.FILTERS_TRAFFIC)
            and design.links[before].role == link.role
        )
        design = encrypt(design, (*feeding, *exposure.way_in(key)))
        for part in _members(exposure, (link.target,)):
            item = design.components[part]
            if isinstance(item, Terminating) and not item.certificate:
                design = edits.set_fields(design, part, certificate=f"{part}.internal")
    return design


def _members(exposure: Exposure, parts: Iterable[str]) -> Iterator[str]:
    for part in sorted(parts):
        yield from exposure.behind(part)


def sites(design: Design, source: str) -> tuple[str, ...]:
    """Return the host names that a part looks up; those of the whole design if it looks up none."""
    known = design.of_parts(_domains)
    asked = [design.links[key].target for key in design.outgoing[source]]
    chosen = [key for key in asked if key in known] or known
    return tuple(dict.fromkeys(known[key] for key in chosen if known[key]))


def _domains(components: Mapping[str, AnyComponent]) -> Mapping[str, str]:
    """Return what each DNS answers for; empty where nobody has said it."""
    return {key: item.domain for key, item in components.items() if isinstance(item, Dns)}


def certify(design: Design, component_id: str, names: tuple[str, ...]) -> Design:
    """Give a part that ends TLS a certificate for host names, and let it redirect plain HTTP."""
    item = design.components[component_id]
    if not isinstance(item, Terminating):
        return design
    held = item.certificate.split()
    sites = names or ((HOST_NAME,) if not held else ())
    wanted = held + [host for host in sites if not covers(held, host)]
    return edits.set_fields(design, component_id, certificate=" ".join(wanted), redirect=True)


def covers(certificate: Iterable[str], host: str) -> bool:
    """Whether one of the names of a certificate is a host's, also by a wildcard for one label.

    Source: RFC 9525, section 6.3.
    """
    host = host.lower().rstrip(".")
    wildcard = f"*.{host.partition('.')[2]}"
    return any(name.lower() in (host, wildcard) for name in certificate)


def own_zone(design: Design, parts: tuple[str, ...], trust: str) -> Design:
    """Move parts to a zone of this trust, with the machines that hold nothing else.

    The parts are all in one zone. The machines in the new one filter what comes in, so that the
    border is guarded.

    Raises:
        DesignError: the parts are in no zone.
    """
    old = design.zone(parts[0])
    if old is None:
        message = f"{parts[0]!r} is in no zone"
        raise DesignError(message)
    parent = design.components[old].parent
    design, zone = edits.add(design, "zone", name=trust, trust=trust, parent=parent)
    for part in parts:
        if design.zone(part) != zone:  # it may have come with the machine of another one
            design = _into(design, part, zone, parts)
    design = _clusters_too(design, old, zone, parts)
    return _apart(design, zone, old)


def _into(design: Design, store: str, zone: str, leaving: tuple[str, ...]) -> Design:
    server = design.host(store)
    if server is None or not _holds_only(design, server, leaving):
        agents = [] if server is None else _agents(design, server)
        design, server = edits.add(design, "server", parent=zone, firewall=True)
        design = edits.nest(design, (store,), server)
        for agent in agents[:1]:
            design = _agent_like(design, agent, server, store)
        return design
    design = edits.nest(design, (server,), zone)
    return host_firewalls(design, (server,))


def _holds_only(design: Design, server: str, parts: tuple[str, ...]) -> bool:
    """Whether a machine holds nothing but these parts and agents."""
    return all(
        key in parts or isinstance(design.components[key], MonitoringAgent)
        for key in design.children[server]
    )


def _agents(design: Design, server: str) -> list[str]:
    children = design.children[server]
    return [key for key in children if isinstance(design.components[key], MonitoringAgent)]


def _agent_like(design: Design, agent: str, server: str, near: str) -> Design:
    """Put an agent on a machine that reports as another one does."""
    place = place_near(design, near, BELOW)
    design, copy = edits.add(design, "monitoring_agent", place, parent=server)
    reports = (design.links[key] for key in design.outgoing[agent])
    return _linked(design, [replace(link, source=copy) for link in reports])


def _clusters_too(design: Design, old: str, zone: str, stores: tuple[str, ...]) -> Design:
    moved = [
        key
        for key, item in design.of(Cluster).items()
        if item.parent == old and {*item.members} & {*stores}
    ]
    return edits.nest(design, moved, zone)


def _apart(design: Design, zone: str, old: str) -> Design:
    """Shift a new zone to the right until it lies on nothing that is not around it.

    To the left where the edge of what may be drawn is in the way.
    """
    around = {zone, *design.ancestors(zone)}
    inside = {*design.descendants(zone)}
    others = [
        bounds(design, key)
        for key, item in design.components.items()
        if key not in around | inside
        and (key == old or item.parent in around or item.parent is None)
    ]
    start = bounds(design, zone)
    steps = next(
        (
            step
            for step in (*range(MOST_STEPS), *range(-1, -MOST_STEPS, -1))
            if can_shift(design, inside, step * GRID)
            and not any(meet(_shifted(start, step * GRID), other) for other in others)
        ),
        0,
    )
    return shift(design, inside, steps * GRID)


def _shifted(rect: Rect, right: float) -> Rect:
    """Return a rectangle moved to the right, with a column of the grid free on both sides."""
    left, top, width, height = rect
    return left + right - GRID, top, width + 2 * GRID, height


def bastion(design: Design, links: tuple[str, ...]) -> Design:
    """Let administration of one part come in through a bastion on a machine of its own."""
    target = design.links[links[0]].target
    parent = _around_host(design, target)
    place = place_near(design, design.host(target) or target, BELOW, FRAME)
    design, server = edits.add(design, "server", parent=parent, firewall=True)
    design, door = edits.add(design, "bastion", place, parent=server)
    before = [design.links[key] for key in links]
    led = {key: replace(design.links[key], target=door, role="admin", **SHELL) for key in links}
    design = replace(design, links={**design.links, **led})
    return _linked(design, (replace(link, source=door, role="admin", via=()) for link in before))


def handed_on(design: Design, link_id: str, door: str) -> Design:
    """Lead a link of administration to a bastion that is there, and let the bastion hand it on."""
    before = design.links[link_id]
    led = replace(before, target=door, role="admin", **SHELL)
    design = replace(design, links={**design.links, link_id: led})
    return _linked(design, [replace(before, source=door, role="admin", via=())])
