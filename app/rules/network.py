"""Firewalls: what the internet and the neighbours can reach unguarded."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.components import Bastion
from app.model.containers import Server
from app.model.design import Design
from app.model.protocols import PROTOCOLS
from app.model.traits import Trait
from app.rules import hardening
from app.rules.evidence import along, link_name, name, names
from app.rules.free_place import place_near
from app.rules.registry import Fix, Problem, Witness, rule

NIST = "NIST SP 800-41 Rev. 1, Guidelines on Firewalls and Firewall Policy"
SEGMENTS = "CWE-653: Improper Isolation or Compartmentalization"
EXPOSED = "CWE-668: Exposure of Resource to Wrong Sphere"
LAST_SYSTEM_PORT = 1023  # RFC 6335, section 6
ADMIN_PORTS = frozenset((22, 23, 3389, 5900, 2375, 2376, 6443, 8006, 9200, 10250))


def _unguarded(analysis: Analysis) -> list[str]:
    links = analysis.design.links
    return [key for key in analysis.entering if not analysis.guarded(links[key])]


def _by_target(design: Design, links: list[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for key in links:
        target = design.links[key].target
        found[target] = (*found.get(target, ()), key)
    return found


@rule(
    "NET001",
    "open-to-internet",
    "No firewall towards the internet",
    severity="critical",
    category="firewall",
    student="Anyone on the internet can try every door of this machine.",
    references=(NIST, EXPOSED),
)
def open_to_internet(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that traffic from the internet reaches without crossing a firewall.

    A firewall counts at either end of the link, on its way, or on the target's own machine.
    """
    design = analysis.design
    for target, links in _by_target(design, _unguarded(analysis)).items():
        fixes = [Fix("Put a firewall in front", partial(hardening.guard, links=links))]
        host = design.host(target)
        if host is not None:
            title = f"Turn on the firewall of {name(design, host)}"
            fixes.append(Fix(title, partial(hardening.host_firewall, server=host)))
        sources = names(design, dict.fromkeys(design.links[key].source for key in links))
        message = f"{sources} reaches {name(design, target)} with no firewall in between."
        witness = along(design, links[0], cut=(target,))
        yield Problem((target,), message, witness, tuple(fixes))


@rule(
    "NET002",
    "data-open-to-internet",
    "Data store open to the internet",
    severity="critical",
    category="firewall",
    student="The most valuable box is the easiest one to reach.",
    references=(EXPOSED, "CWE-284: Improper Access Control"),
)
def data_open_to_internet(analysis: Analysis) -> Iterator[Problem]:
    """Finds stores of data that a link from the internet leads to directly and unguarded."""
    design = analysis.design
    stores = [
        key
        for key in _unguarded(analysis)
        if Trait.HOLDS_DATA in design.components[design.links[key].target].traits
    ]
    for target, links in _by_target(design, stores).items():
        message = f"{name(design, target)} answers the internet directly."
        fix = Fix("Remove the link from the internet", partial(edits.remove, ids=links))
        yield Problem((target,), message, along(design, links[0], cut=(target,)), (fix,))


@rule(
    "NET003",
    "no-firewall-between-zones",
    "No firewall between zones",
    severity="high",
    category="firewall",
    student="Once the front is broken into, nothing stops the walk to the next room.",
    references=(NIST, SEGMENTS),
)
def no_firewall_between_zones(analysis: Analysis) -> Iterator[Problem]:
    """Finds links between segments of different trust that no firewall stands on."""
    design = analysis.design
    for key, link in design.links.items():
        trusts = design.trust(link.source), design.trust(link.target)
        inner = trusts[0] != "internet" and trusts[0] != trusts[1]
        if not inner or not analysis.exposed(link) or analysis.guarded(link):
            continue
        message = f"{link_name(design, key)} goes from {trusts[0]} to {trusts[1]} unguarded."
        same = tuple(
            other
            for other in design.incoming[link.target]
            if design.links[other].source == link.source and analysis.exposed(design.links[other])
        )
        fix = Fix("Put a firewall between them", partial(_guard_pair, links=same))
        yield Problem((key,), message, along(design, key), (fix,))


def _guard_pair(design: Design, links: tuple[str, ...]) -> Design:
    """Guard every link between two parts, each by the same new firewall."""
    target = design.links[links[0]].target
    outer = design.host(target) or target
    place = place_near(design, outer)
    parent = design.components[outer].parent
    design, firewall = edits.add(design, "firewall", place, parent=parent)
    for key in links:
        link = design.links[key]
        design = edits.set_fields(design, key, via=(*link.via, firewall))
    return design


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
    """Finds parts that the internet reaches on one way through a firewall and on another without.

    Told once for each open door, not for everything behind it.
    """
    design = analysis.design
    reached = analysis.reached
    for part in dict.fromkeys(place for place, _ in reached):
        both = (part, False) in reached and (part, True) in reached
        if not both or Trait.FILTERS_TRAFFIC in design.components[part].traits:
            continue
        walk = reached[part, False]
        door = (design.links[walk[0]].target,)
        message = (
            f"{name(design, part)} is behind a firewall, but {names(design, door)} leads round."
        )
        fix = Fix("Guard the open door", partial(hardening.guard, links=(walk[0],)))
        path = tuple(end for key in walk for end in (key, design.links[key].target))
        yield Problem((part,), message, Witness(path=path, cut=(part,)), (fix,))


@rule(
    "NET006",
    "admin-port-open",
    "Administration reachable from the internet",
    severity="critical",
    category="firewall",
    student="Attackers try these doors all day long.",
    references=("CWE-284: Improper Access Control", "CIS Critical Security Controls v8: 12"),
)
def admin_port_open(analysis: Analysis) -> Iterator[Problem]:
    """Finds administration ports that a link from the internet leads to, past any bastion."""
    design = analysis.design
    doors = [
        key
        for key in analysis.entering
        if (design.links[key].number in ADMIN_PORTS or design.links[key].role == "admin")
        and not isinstance(design.components[design.links[key].target], Bastion)
    ]
    for target, links in _by_target(design, doors).items():
        port = design.links[links[0]].number
        message = f"Port {port} of {name(design, target)} can be reached from the internet."
        fix = Fix("Go through a bastion", partial(hardening.bastion, links=links))
        yield Problem((target,), message, along(design, links[0], cut=(target,)), (fix,))


@rule(
    "NET007",
    "data-beside-front",
    "Data in the same zone as the front",
    severity="high",
    category="firewall",
    student="If the web server falls, the database is in the same room.",
    references=(SEGMENTS, NIST),
)
def data_beside_front(analysis: Analysis) -> Iterator[Problem]:
    """Finds stores in a zone that also holds a part which answers the internet."""
    design = analysis.design
    fronts = {
        design.zone(design.links[key].target): design.links[key].target for key in analysis.entering
    }
    for key, item in design.components.items():
        zone = design.zone(key)
        if Trait.HOLDS_DATA in item.traits and zone is not None and zone in fronts:
            front = fronts[zone]
            message = f"{item.name} is in {name(design, zone)} together with {name(design, front)}."
            fix = Fix("Move it to a zone for data", partial(hardening.data_zone, database=key))
            yield Problem((key,), message, Witness(path=(key, front), cut=(key,)), (fix,))


@rule(
    "NET014",
    "port-conflict",
    "Two programs on one port",
    severity="high",
    category="other",
    student="Two programs cannot answer the same door.",
    references=("RFC 6335, Service Name and Transport Protocol Port Number Registry",),
)
def port_conflict(analysis: Analysis) -> Iterator[Problem]:
    """Finds a machine on which two programs listen on the same port."""
    design = analysis.design
    doors: dict[tuple[str, int], list[str]] = {}
    for link in design.links.values():
        host, port = design.host(link.target), link.number
        if host and port and not isinstance(design.components[link.target], Server):
            programs = doors.setdefault((host, port), [])
            if link.target not in programs:
                programs.append(link.target)
    for (host, port), programs in doors.items():
        if len(programs) > 1 and not _reported_to(analysis, programs):
            message = f"{names(design, programs)} both listen on {port} of {name(design, host)}."
            yield Problem(tuple(programs), message, Witness(path=tuple(programs), cut=(host,)))


def _reported_to(analysis: Analysis, programs: list[str]) -> bool:
    """Whether the shared port is only the one that the monitoring asks each program on."""
    design = analysis.design
    roles = {design.links[key].role for part in programs for key in design.incoming[part]}
    return roles <= {"monitor"} or "monitor" in roles


@rule(
    "NET015",
    "unusual-port",
    "Port and protocol disagree",
    severity="low",
    category="other",
    student="It is probably a typing mistake, or somebody hides something.",
    references=("IANA Service Name and Transport Protocol Port Number Registry",),
)
def unusual_port(analysis: Analysis) -> Iterator[Problem]:
    """Finds links on a port that belongs to another protocol."""
    design = analysis.design
    owners = {
        port: protocol.name
        for protocol in reversed(tuple(PROTOCOLS.values()))
        for port in protocol.ports
        if port <= LAST_SYSTEM_PORT or protocol.name in ("mysql", "postgres", "redis", "amqp")
    }
    for key, link in design.links.items():
        own = PROTOCOLS[link.protocol].ports
        owner = owners.get(link.port or 0)
        plain = not own or link.port is None or link.port in own or owner is None
        if not plain and link.role not in ("monitor", "alert"):
            message = (
                f"{link_name(design, key)} speaks {link.protocol} on {link.port}, {owner}'s port."
            )
            fix = Fix(f"Use port {own[0]}", partial(edits.set_fields, element_id=key, port=own[0]))
            yield Problem((key,), message, along(design, key), (fix,))


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
    """Finds firewalls that no way leads through and that no link names."""
    design = analysis.design
    guards = {part for link in design.links.values() for group in link.guards for part in group}
    for key, item in design.components.items():
        if Trait.FILTERS_TRAFFIC not in item.traits or key in guards:
            continue
        if design.incoming[key] and design.outgoing[key]:
            continue
        message = f"Nothing passes through {item.name}."
        fixes = (Fix("Put it in front of the entrance",
                     partial(hardening.in_the_way, firewall=key)),)  # fmt: skip
        yield Problem((key,), message, Witness(path=(key,)), fixes)
