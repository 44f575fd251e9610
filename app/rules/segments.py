"""Segments of the network: ways out of them, walls inside them, tiers that traffic leaves out."""

from collections.abc import Iterable, Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.exposure import GUARDED_ROLES, Exposure
from app.model import edits
from app.model.compute import AppServer, WebServer, Worker
from app.model.containers import Zone
from app.model.design import Design
from app.model.links import Link
from app.model.stores import Backup, Database, LogStore, MonitoringServer
from app.model.traffic import Cdn, Firewall
from app.model.traits import Trait
from app.rules import hardening
from app.rules.encryption import SECRETS
from app.rules.evidence import along_each, name, names
from app.rules.network import LAYERS, NIST, SEGMENTS, fronts, listed_links
from app.rules.registry import Fix, Problem, Witness, rule

WEB = frozenset(("http", "https", "ws", "wss"))


@rule(
    "NET008",
    "no-egress-control",
    "No egress control",
    severity="medium",
    category="firewall",
    student="A stolen server can phone home freely.",
    references=(NIST, "CWE-918: Server-Side Request Forgery (SSRF)"),
)
def no_egress_control(analysis: Analysis) -> Iterator[Problem]:
    """Finds links out to the internet that no firewall stands on.

    Told once for all that leave segments of one trust. Asking for a name there is no way out for
    anybody.
    """
    exposure = analysis.exposure
    design = analysis.design
    borders: dict[str, list[str]] = {}
    for key, link in exposure.links_that(_leaves).items():
        if link.role != "resolve":
            borders.setdefault(exposure.trust(link.source), []).append(key)
    for keys in borders.values():
        links = tuple(keys)
        message = (
            f"{listed_links(design, links)} {'leave' if len(links) > 1 else 'leaves'} for the "
            "internet with no firewall in between."
        )
        fix = Fix("Put a firewall on the way out", partial(hardening.border, links=links))
        yield Problem(links, message, along_each(design, links), (fix,))


def _leaves(exposure: Exposure, link: Link) -> bool:
    out = exposure.outside(link.target) and not exposure.outside(link.source)
    return out and link.role in GUARDED_ROLES and not exposure.guarded(link)


@rule(
    "NET009",
    "flat-network",
    "Flat network",
    severity="medium",
    category="firewall",
    student="One zone means no inner walls.",
    references=(LAYERS, SEGMENTS),
)
def flat_network(analysis: Analysis) -> Iterator[Problem]:
    """Finds a design whose only segment holds both the application and the data.

    Without zones a drawing says nothing about segments; where the data also stands beside what
    answers the internet, NET007 says it.
    """
    design = analysis.design
    inside: dict[str, list[str]] = {}
    for key, item in design.components.items():
        zone = design.zone(key)
        if zone is not None and Trait.CONTAINER not in item.traits:
            inside.setdefault(zone, []).append(key)
    zones = (design.components[zone] for zone in inside)
    networks = {
        zone.network or key
        for key, zone in zip(inside, zones, strict=True)
        if isinstance(zone, Zone)
    }
    apps = [key for keys in inside.values() for key in keys if _is_app(design, key)]
    beside = fronts(analysis.exposure)
    stores = tuple(
        key
        for zone, keys in inside.items()
        for key in keys
        if Trait.HOLDS_DATA in design.components[key].traits and zone not in beside
    )
    if len(networks) == 1 and apps and stores:
        message = f"{names(design, apps)} and {names(design, stores)} share the only zone there is."
        fix = Fix("Move the data to a zone of its own", partial(_own_zones, stores=stores))
        yield Problem(stores, message, Witness(path=(*apps, *stores), cut=stores), (fix,))


def _is_app(design: Design, component_id: str) -> bool:
    return isinstance(design.components[component_id], AppServer | WebServer | Worker)


def _own_zones(design: Design, stores: tuple[str, ...]) -> Design:
    """Move stores to zones for data, one in each zone that they are in."""
    zones: dict[str | None, tuple[str, ...]] = {}
    for store in stores:
        zone = design.zone(store)
        zones[zone] = (*zones.get(zone, ()), store)
    for chosen in zones.values():
        design = hardening.own_zone(design, chosen, "data")
    return design


@rule(
    "NET010",
    "no-web-application-firewall",
    "No web application firewall",
    severity="low",
    category="firewall",
    student="A packet filter does not read the request; a web application firewall does.",
    references=(
        NIST,
        "Threagile: Missing Web Application Firewall (WAF)",
    ),
)
def no_web_application_firewall(analysis: Analysis) -> Iterator[Problem]:
    """Finds ways in over HTTP that carry confidential data past packet filters only.

    Told once for all of them. A way in without any firewall is NET001; what a delivery network
    filters a drawing does not say.
    """
    exposure = analysis.exposure
    design = analysis.design
    found: dict[str, tuple[str, ...]] = {}
    for key in exposure.entering:
        walls = _walls_along(exposure, key)
        if _confidential(design, key) and walls and not any(_reads(design, one) for one in walls):
            found[key] = walls
    if found:
        walls = tuple(dict.fromkeys(wall for group in found.values() for wall in group))
        message = f"{names(design, walls)} never {_look(walls)} into requests that carry secrets."
        first = tuple(dict.fromkeys(group[0] for group in found.values()))
        fix = Fix(f"Let {names(design, first)} read requests", partial(_reading, walls=first))
        yield Problem(walls, message, along_each(design, found, walls), (fix,))


def _look(walls: tuple[str, ...]) -> str:
    return "looks" if len(walls) == 1 else "look"


def _confidential(design: Design, link_id: str) -> bool:
    link = design.links[link_id]
    asked = link.is_traffic and link.protocol in WEB and link.data in SECRETS
    return asked and not isinstance(design.components[link.source], Cdn)


def _walls_along(exposure: Exposure, link_id: str) -> tuple[str, ...]:
    """Return the firewalls on a way in, as far as the part that opens what was sent."""
    links = exposure.design.links
    met = dict.fromkeys(
        part
        for key in exposure.way_in(link_id)
        for end in (links[key].target, *(one for group in links[key].guards for one in group))
        for part in exposure.behind(end)
    )
    return tuple(key for key in met if isinstance(exposure.design.components[key], Firewall))


def _reads(design: Design, wall: str) -> bool:
    return getattr(design.components[wall], "inspects", "") == "requests"


def _reading(design: Design, walls: tuple[str, ...]) -> Design:
    for wall in walls:
        design = edits.set_fields(design, wall, inspects="requests")
    return design


@rule(
    "NET012",
    "tier-skipped",
    "Tier skipped",
    severity="medium",
    category="firewall",
    student="Who skips a tier skips its checks.",
    references=(SEGMENTS, LAYERS),
)
def tier_skipped(analysis: Analysis) -> Iterator[Problem]:
    """Finds links that lead past a tier which is there for what they do.

    From the internet to an application server that web servers or balancers stand before, and from
    a web server to a database that an application server asks for it. Files, caches and searches
    may well have two tiers of users. A store open to the internet is NET002.
    """
    exposure = analysis.exposure
    design = analysis.design
    found: dict[tuple[str, str, tuple[str, ...]], tuple[str, ...]] = {}
    for key, link in exposure.links_that(_may_skip).items():
        tier = _tier_before(exposure, link)
        if tier:
            way = (link.source, link.target, tier)
            found[way] = (*found.get(way, ()), key)
    for (source, target, tier), links in found.items():
        message = (
            f"{name(design, source)} talks to {name(design, target)} directly, past "
            f"{names(design, tier)}."
        )
        fix = Fix("Remove what leads past the tier", partial(edits.remove, ids=links))
        yield Problem(links, message, along_each(design, links, tier), (fix,))


def _may_skip(exposure: Exposure, link: Link) -> bool:
    """Whether traffic leads from the internet to an application, or from the web to a database."""
    parts = exposure.design.components
    if exposure.outside(link.source) and isinstance(parts[link.target], AppServer):
        return link.is_traffic
    web = isinstance(parts[link.source], WebServer)
    stores = (parts[key] for key in exposure.behind(link.target))
    return web and link.is_traffic and all(isinstance(item, Database) for item in stores)


def _tier_before(exposure: Exposure, link: Link) -> tuple[str, ...]:
    """Return the parts that a link leads past; none where it skips nothing."""
    design = exposure.design
    if isinstance(design.components[link.target], AppServer):
        doors = {stop.component for stop in exposure.stops}
        return tuple(key for key in _askers(design, link) if key in doors and _is_door(design, key))
    asked = {design.links[key].target for key in design.outgoing[link.source]}
    asked |= {part for key in asked for part in exposure.behind(key)}
    return tuple(
        key
        for key in _askers(design, link)
        if key in asked and isinstance(design.components[key], AppServer)
    )


def _askers(design: Design, link: Link) -> tuple[str, ...]:
    """Return who else sends traffic to the target of a link, or to its cluster."""
    sources = (
        design.links[key].source
        for part in {link.target: None, design.cluster_of.get(link.target, link.target): None}
        for key in design.incoming[part]
        if design.links[key].is_traffic
    )
    return tuple(key for key in dict.fromkeys(sources) if key != link.source)


def _is_door(design: Design, component_id: str) -> bool:
    return isinstance(design.components[component_id], hardening.Terminating)


@rule(
    "NET017",
    "management-beside-front",
    "Management shares the user network",
    severity="low",
    category="firewall",
    student="The staff entrance is the customers' entrance.",
    references=(NIST, SEGMENTS),
)
def management_beside_front(analysis: Analysis) -> Iterator[Problem]:
    """Finds monitoring, logs and backups in a zone whose parts answer the internet.

    Who breaks into the front finds them in the same room: what was recorded and what was saved.
    Agents belong on the machines that they measure, and a bastion may stand at the border.
    """
    design = analysis.design
    beside = fronts(analysis.exposure)
    found: dict[str, list[str]] = {}
    for key, item in design.components.items():
        zone = design.zone(key)
        if zone in beside and isinstance(item, MonitoringServer | LogStore | Backup):
            found.setdefault(str(zone), []).append(key)
    for zone, keys in found.items():
        parts, front = tuple(keys), beside[zone]
        message = (
            f"{names(design, parts)} {_is(parts)} in {name(design, zone)} together with "
            f"{name(design, front)}, which answers the internet."
        )
        moved = partial(hardening.own_zone, parts=parts, trust="management")
        fix = Fix("Move management to a zone of its own", moved)
        yield Problem(parts, message, Witness(path=(*parts, front), cut=parts), (fix,))


def _is(parts: Iterable[str]) -> str:
    return "is" if len(tuple(parts)) == 1 else "are"
