"""Firewalls: what the internet and the neighbours can reach unguarded."""

from collections.abc import Iterable, Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.exposure import GUARDED_ROLES, Exposure, Stop
from app.model import edits
from app.model.design import Design
from app.model.links import ADMIN_ROLES, Link
from app.model.protocols import PROTOCOLS, Protocol
from app.model.traffic import Bastion
from app.model.traits import Trait
from app.rules import hardening
from app.rules.evidence import along_each, link_name, name, names
from app.rules.registry import Fix, Problem, Witness, rule

NIST = "NIST SP 800-41 Rev. 1, Guidelines on Firewalls and Firewall Policy"
LAYERS = "AWS Well-Architected, Security SEC05-BP01: Create network layers"
SEGMENTS = "CWE-653: Improper Isolation or Compartmentalization"
EXPOSED = "CWE-668: Exposure of Resource to Wrong Sphere"
HOST_FIREWALLS = "CIS Critical Security Controls v8, 4.4: Manage a Firewall on Servers"
REGISTRY = "IANA Service Name and Transport Protocol Port Number Registry (RFC 6335)"
# SSH, Telnet, remote desktops, Docker, Kubernetes, Proxmox, Elasticsearch: never for everybody.
ADMIN_PORTS = frozenset((22, 23, 2375, 2376, 3389, 5900, 6443, 8006, 9200, 10250))
STORES = frozenset(("mysql", "postgres", "redis", "amqp", "memcached"))
SHELLS = frozenset(("ssh", "telnet"))
LAST_SYSTEM_PORT = 1023  # RFC 6335, section 6
FREE_PORTS = range(8001, 9000)
MOST_NAMED = 2  # links in a sentence; the others are counted


def _by_target(design: Design, links: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in links:
        target = design.links[key].target
        found[target] = (*found.get(target, ()), key)
    return found


def _sources(design: Design, links: Iterable[str]) -> str:
    return names(design, dict.fromkeys(design.links[key].source for key in links))


def _firewall_fixes(exposure: Exposure, links: Iterable[str]) -> list[Fix]:
    """Offer firewalls in front of what links lead to, or on the machines that it runs on.

    Together with all other open doors.
    """
    design = exposure.design
    doors = tuple(dict.fromkeys((*links, *exposure.unguarded)))
    targets = tuple(_by_target(design, doors))
    what = "a firewall" if len(targets) == 1 else "firewalls"
    title = f"Put {what} in front of {names(design, targets)}"
    return [
        Fix(title, partial(hardening.guard_each, links=doors)),
        *_host_fixes(exposure, targets),
    ]


def _host_fixes(exposure: Exposure, targets: Iterable[str]) -> Iterator[Fix]:
    """Offer the firewalls of the machines that parts run on, if all of them run on one."""
    hosts = {host for target in targets for host in exposure.hosts(target)}
    servers = tuple(sorted(host for host in hosts if host is not None))
    if servers and len(servers) == len(hosts):
        title = f"Turn on the firewall of {names(exposure.design, servers)}"
        yield Fix(title, partial(hardening.host_firewalls, servers=servers))


@rule(
    "NET001",
    "open-to-internet",
    "No firewall towards the internet",
    severity="critical",
    category="firewall",
    student="Anyone on the internet can try every door of this machine.",
    references=(NIST, EXPOSED, HOST_FIREWALLS),
)
def open_to_internet(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that traffic from the internet reaches without crossing a firewall.

    A firewall counts at either end of the link, on its way, or on the target's own machine.
    Without one, every port that some program happens to open is open to the world. All open doors
    are one finding: a firewall before one of them would only be led round.
    """
    exposure = analysis.exposure
    design = analysis.design
    doors = tuple(exposure.unguarded)
    if doors:
        targets = tuple(_by_target(design, doors))
        message = (
            f"No firewall stands between {_sources(design, doors)} and "
            f"{names(design, targets, 'or')}."
        )
        fixes = tuple(_firewall_fixes(exposure, doors))
        yield Problem(targets, message, along_each(design, doors, targets), fixes)


@rule(
    "NET002",
    "data-open-to-internet",
    "Data store open to the internet",
    severity="critical",
    category="firewall",
    student="The most valuable box is the easiest one to reach.",
    references=(EXPOSED, "CWE-284: Improper Access Control", LAYERS),
)
def data_open_to_internet(analysis: Analysis) -> Iterator[Problem]:
    """Finds stores of data that the internet reaches directly, with no firewall on the way.

    Databases, caches and queues are made for a friendly network: behind an application that
    decides who may ask what.
    """
    exposure = analysis.exposure
    design = analysis.design
    for target, links in _by_target(design, exposure.links_that(_opens_data)).items():
        message = f"{name(design, target)} answers {_sources(design, links)} directly."
        fixes = (
            Fix("Remove the link from the internet", partial(edits.remove, ids=links)),
            *_firewall_fixes(exposure, links),
        )
        yield Problem((target,), message, along_each(design, links, (target,)), fixes)


def _opens_data(exposure: Exposure, link: Link) -> bool:
    asks = exposure.outside(link.source) and exposure.has(link.target, Trait.HOLDS_DATA)
    return asks and link.role in GUARDED_ROLES and not exposure.guarded(link)


@rule(
    "NET003",
    "no-firewall-between-zones",
    "No firewall between zones",
    severity="high",
    category="firewall",
    student="Once the front is broken into, nothing stops the walk to the next room.",
    references=(NIST, LAYERS, SEGMENTS),
)
def no_firewall_between_zones(analysis: Analysis) -> Iterator[Problem]:
    """Finds links from one segment to another of different trust that no firewall stands on.

    All links that cross the same border are one finding, and one firewall repairs them. A link
    out to the internet is NET008.
    """
    design = analysis.design
    borders: dict[tuple[str, str], list[str]] = {}
    exposure = analysis.exposure
    for key, link in exposure.links_that(_crosses).items():
        border = exposure.trust(link.source), exposure.trust(link.target)
        borders.setdefault(border, []).append(key)
    for (here, there), keys in borders.items():
        links = tuple(keys)
        message = (
            f"{listed_links(design, links)} {'cross' if len(links) > 1 else 'crosses'} from the "
            f"{here} zone to the {there} zone with no firewall in between."
        )
        inside = [design.links[key].target for key in links]
        fixes = (
            Fix("Put a firewall between the zones", partial(hardening.border, links=links)),
            *_host_fixes(exposure, inside),
        )
        yield Problem(links, message, along_each(design, links), fixes)


def _crosses(exposure: Exposure, link: Link) -> bool:
    """Whether a link leads unguarded from one inner segment to another of another trust."""
    here, there = exposure.trust(link.source), exposure.trust(link.target)
    crosses = here != there and "internet" not in (here, there)
    return crosses and link.role in GUARDED_ROLES and not exposure.guarded(link)


def listed_links(design: Design, links: Iterable[str]) -> str:
    """Return links by name, or the first of many and how many more there are."""
    different = list(dict.fromkeys(link_name(design, key) for key in links))
    if len(different) > MOST_NAMED:
        return f"{different[0]} and {len(different) - 1} other links"
    return " and ".join(different)


@rule(
    "NET004",
    "firewall-bypassed",
    "Firewall bypassed",
    severity="critical",
    category="firewall",
    student="There is a guarded front door and an open back door.",
    references=(NIST, "CWE-693: Protection Mechanism Failure"),
)
def firewall_bypassed(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that the internet reaches through a firewall on one way, without on another.

    Told once for each open door, with everything behind it that a firewall was meant to guard.
    """
    exposure = analysis.exposure
    design = analysis.design
    doors: dict[str, list[str]] = {}
    for part in sorted(stop.component for stop in exposure.stops if not stop.guarded):
        twice = Stop(part, guarded=True) in exposure.stops
        if twice and not exposure.has(part, Trait.FILTERS_TRAFFIC):
            doors.setdefault(exposure.walk(Stop(part, guarded=False))[0], []).append(part)
    for door, parts in doors.items():
        message = (
            f"A firewall guards {names(design, parts)}, but {link_name(design, door)} leads round "
            "it."
        )
        walk = exposure.walk(Stop(parts[-1], guarded=False))
        beside = _beside(exposure, door)
        what = "link that leads" if len(beside) == 1 else "links that lead"
        fixes = [
            Fix(f"Remove the {what} round it", partial(edits.remove, ids=beside)),
            *_firewall_fixes(exposure, beside),
        ]
        if Stop(design.links[door].target, guarded=True) not in exposure.stops:
            fixes = fixes[1:]  # the only way to it: without the link it would be cut off
        witness = along_each(design, walk, tuple(parts))
        yield Problem(tuple(parts), message, witness, tuple(fixes))


def _beside(exposure: Exposure, door: str) -> tuple[str, ...]:
    """Return all links by which the internet enters the part behind a door, unguarded."""
    links = exposure.design.links
    doors = (key for key in exposure.unguarded if links[key].target == links[door].target)
    return tuple(dict.fromkeys((door, *doors)))


@rule(
    "NET006",
    "admin-port-open",
    "Administration reachable from the internet",
    severity="critical",
    category="firewall",
    student="Attackers try these doors all day long.",
    references=(
        "CWE-284: Improper Access Control",
        "CIS Critical Security Controls v8, 12: Network Infrastructure Management",
    ),
)
def admin_port_open(analysis: Analysis) -> Iterator[Problem]:
    """Finds ports of administration that the internet reaches, through firewalls or not.

    The way in for administrators is a bastion or a VPN: one guarded door instead of many.
    """
    exposure = analysis.exposure
    design = analysis.design
    doors = dict.fromkeys(
        end
        for key in exposure.entering
        if _administers(design.links[key])
        for end in exposure.ends(key)
        if not _is_bastion(exposure, design.links[end].target)
    )
    for target, links in _by_target(design, doors).items():
        ports = sorted({number for key in links if (number := design.links[key].number)})
        port = f"Port {', '.join(map(str, ports))}" if ports else "The administration"
        message = f"{port} of {name(design, target)} can be reached from the internet."
        fix = Fix("Go through a bastion", partial(hardening.bastion, links=links))
        yield Problem((target,), message, along_each(design, links, (target,)), (fix,))


def _administers(link: Link) -> bool:
    shell = link.role in ADMIN_ROLES and link.protocol in SHELLS
    return shell or link.number in ADMIN_PORTS


def _is_bastion(exposure: Exposure, component_id: str) -> bool:
    parts = exposure.design.components
    return all(isinstance(parts[key], Bastion) for key in exposure.behind(component_id)) or (
        exposure.has(component_id, Trait.FILTERS_TRAFFIC)
    )


@rule(
    "NET007",
    "data-beside-front",
    "Data in the same zone as the front",
    severity="high",
    category="firewall",
    student="If the web server falls, the database is in the same room.",
    references=(SEGMENTS, LAYERS, NIST),
)
def data_beside_front(analysis: Analysis) -> Iterator[Problem]:
    """Finds stores in a zone that also holds a part which answers the internet.

    Told once for each zone; a design without zones says nothing about its segments.
    """
    design = analysis.design
    inside: dict[str | None, list[str]] = {}
    for key in design.having(Trait.HOLDS_DATA):
        inside.setdefault(design.zone(key), []).append(key)
    for zone, front in fronts(analysis.exposure).items():
        stores = tuple(inside.get(zone, ()))
        if stores:
            are = "is" if len(stores) == 1 else "are"
            message = (
                f"{names(design, stores)} {are} in {name(design, zone)} together with "
                f"{name(design, front)}, which answers the internet."
            )
            fix = Fix("Move the data to a zone of its own",
                      partial(hardening.own_zone, parts=stores, trust="data"))  # fmt: skip
            yield Problem(stores, message, Witness(path=(*stores, front), cut=stores), (fix,))


def fronts(exposure: Exposure) -> dict[str, str]:
    """Return for each zone the first part in it that opens what the internet sends."""
    design = exposure.design
    found: dict[str, str] = {}
    for front in opening(exposure):
        for part in exposure.behind(front):
            zone = design.zone(part)
            if zone is not None:
                found.setdefault(zone, front)
    return found


def opening(exposure: Exposure) -> tuple[str, ...]:
    """Return the parts that open what the internet sends, stores of data aside."""
    links = exposure.design.links
    ends = (links[end].target for key in exposure.entering for end in exposure.ends(key))
    return tuple(key for key in dict.fromkeys(ends) if not exposure.has(key, Trait.HOLDS_DATA))


@rule(
    "NET014",
    "port-conflict",
    "Two programs on one port",
    severity="high",
    category="other",
    student="Two programs cannot answer the same door.",
    references=("bind(2): EADDRINUSE, the address is already in use",),
)
def port_conflict(analysis: Analysis) -> Iterator[Problem]:
    """Finds a machine on which users' traffic goes to two programs on the same port."""
    design = analysis.design
    doors: dict[tuple[str, int], dict[str, None]] = {}
    for link in design.traffic.values():
        host = design.host(link.target)
        if host and link.number:
            doors.setdefault((host, link.number), {})[link.target] = None
    for (host, port), programs in doors.items():
        if len(programs) > 1:
            message = f"{names(design, programs)} both listen on {port} of {name(design, host)}."
            last = tuple(programs)[-1]
            fix = Fix(f"Give {name(design, last)} another port",
                      partial(_other_port, component_id=last, taken=port))  # fmt: skip
            witness = Witness(path=tuple(programs), cut=(host,), numbers={"port": port})
            yield Problem(tuple(programs), message, witness, (fix,))


def _other_port(design: Design, component_id: str, taken: int) -> Design:
    host = design.host(component_id)
    used = {link.number for link in design.links.values() if design.host(link.target) == host}
    port = next((number for number in FREE_PORTS if number not in used), FREE_PORTS.start)
    for key in design.incoming[component_id]:
        if design.links[key].number == taken:
            design = edits.set_fields(design, key, port=port)
    return design


@rule(
    "NET015",
    "unusual-port",
    "Port and protocol disagree",
    severity="low",
    category="other",
    student="It is probably a typing mistake, or somebody hides something.",
    references=(REGISTRY,),
)
def unusual_port(analysis: Analysis) -> Iterator[Problem]:
    """Finds links on a well-known port that belongs to another protocol, such as MySQL on 443.

    A port of nobody in particular is fine: programs listen on 3000 or 8081 every day.
    """
    design = analysis.design
    for key, link in analysis.exposure.links_that(_is_misplaced).items():
        protocol = PROTOCOLS[link.protocol]
        message = (
            f"{link_name(design, key)} speaks {protocol.title} on {link.port}, the port of "
            f"{_owner(link)}."
        )
        fix = Fix(f"Use port {protocol.ports[0]}",
                  partial(edits.set_fields, element_id=key, port=None))  # fmt: skip
        yield Problem((key,), message, along_each(design, (key,)), (fix,))


def _is_misplaced(_: Exposure, link: Link) -> bool:
    return _owner(link) is not None


def _owner(link: Link) -> str | None:
    """Return the protocol whose well-known port a link uses for another one."""
    own = PROTOCOLS[link.protocol]
    ports = {*own.ports}
    if link.encrypted and own.over_tls:
        ports |= {*PROTOCOLS[own.over_tls].ports}
    if not own.ports or link.port is None or link.port in ports:
        return None
    return next((other.title for other in PROTOCOLS.values() if _claims(other, link.port)), None)


def _claims(protocol: Protocol, port: int) -> bool:
    """Whether everybody takes a port for this protocol's."""
    known = port <= LAST_SYSTEM_PORT or protocol.name in STORES
    return known and port in protocol.ports[:1]


@rule(
    "NET018",
    "idle-firewall",
    "Firewall that guards nothing",
    severity="low",
    category="firewall",
    student="It is drawn, but no packet passes it.",
    references=(NIST,),
)
def idle_firewall(analysis: Analysis) -> Iterator[Problem]:
    """Finds firewalls that no traffic leads through and that no link passes."""
    exposure = analysis.exposure
    design = analysis.design
    passed = {part for link in exposure.walled.values() for group in link.guards for part in group}
    for key, item in design.having(Trait.FILTERS_TRAFFIC).items():
        if key not in passed and not _hands_on(design, key):
            message = f"Nothing passes through {item.name}."
            fixes = [
                Fix(f"Put it in front of {name(design, target)}",
                    partial(hardening.through, links=links, firewall=key))
                for target, links in _by_target(design, exposure.entering).items()
                if not any(exposure.guarded(design.links[link]) for link in links)
                and not _touches(design, key)
            ]  # fmt: skip
            fixes.append(Fix("Remove it", partial(edits.remove, ids=(key,))))
            yield Problem((key,), message, Witness(path=(key,)), tuple(fixes))


def _hands_on(design: Design, wall: str) -> bool:
    """Whether links that firewalls are there for lead to one, or to its cluster, and on from it."""
    doors = (wall, design.cluster_of.get(wall, wall))
    return all(
        any(design.links[key].role in GUARDED_ROLES for door in doors for key in links[door])
        for links in (design.incoming, design.outgoing)
    )


def _touches(design: Design, component_id: str) -> bool:
    return bool(design.incoming[component_id] or design.outgoing[component_id])
