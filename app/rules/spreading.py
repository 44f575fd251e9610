"""Fixes that spread copies: over servers, over sites, so that none of these takes them all."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.analysis.alternatives import groups
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Server, Site, Zone
from app.model.design import Design
from app.model.geometry import Rect, bounds
from app.model.traits import Trait
from app.rules import redundancy
from app.rules.causes import causes, crowds
from app.rules.copying import agents_on, copy_onto, empty_server, own_files
from app.rules.free_place import make_room, shift

PAIR = 2
MOST_REPAIRS = 40  # single parts that are doubled when a site gets a second


def spread_host(design: Design, host: str) -> Design:
    """Move copies from a server to a new one, so that a flow survives the loss of either.

    Tries the copies one after the other, each with what it alone uses and is used by on the
    server, then to part all clusters on it, and takes the first that helps.
    """
    for after in _attempts(design, host):
        if not any(cause.part == host for cause in causes(Analysis(after), "SPOF002")):
            return after
    return design


def _attempts(design: Design, host: str) -> Iterator[Design]:
    programs = [key for key in design.children[host] if _works_for_users(design, key)]
    for part in reversed(programs):
        stack = _stack(design, part, set(programs))
        if len(stack) < len(programs):
            yield moved_to_new(design, host, stack)
    for cluster in sorted({design.cluster_of[key] for key in programs if key in design.cluster_of}):
        design = _over_servers(design, cluster)
    yield design


def _works_for_users(design: Design, component_id: str) -> bool:
    traits = design.components[component_id].traits
    return Trait.FAILS in traits and Trait.WATCHES not in traits


def _stack(design: Design, part: str, programs: set[str]) -> list[str]:
    """Return a part with one each of what it needs, and is needed by, on the same server."""
    stack = [part]
    for here in stack:
        for operation in ("read", "write"):
            for group in groups(design, here, operation):
                targets = [design.links[key].target for key in group.links]
                if set(targets) <= programs and not set(targets) & set(stack):
                    stack.append(targets[-1])
        users = {design.links[key].source for key in design.incoming[here]}
        if users and users <= programs and not users & set(stack):
            stack.append(max(users))
    return stack


def moved_to_new(design: Design, host: str, moving: Iterable[str]) -> Design:
    """Move parts, with the files that they alone use, to a new server that is watched alike."""
    design, server = empty_server(design, host)
    moved = [part for key in moving for part in (key, *own_files(design, key))]
    moved = [key for key in dict.fromkeys(moved) if design.components[key].parent == host]
    design = _shifted(design, moved, server, bounds(design, host))
    agents = agents_on(design, host)
    return copy_onto(design, agents, server)[0] if agents else design


def _shifted(
    design: Design, parts: list[str], parent: str, frame: tuple[float, float, float, float]
) -> Design:
    """Move parts into a container, as far as their frame has to go to be free there."""
    design, dx, dy = make_room(design, frame, parent)
    inner = [key for part in parts for key in (part, *design.descendants(part))]
    return shift(edits.nest(design, parts, parent), inner, dx, dy)


def spread_cluster(design: Design, cluster_id: str, domain: str) -> Design:
    """Move members of a cluster out of one place until it can spare those that are left there."""
    if isinstance(design.components[domain], Server):
        return _over_servers(design, cluster_id)
    return _over_sites(design, cluster_id)


def _over_servers(design: Design, cluster_id: str) -> Design:
    seen: set[str] = set()
    for member in redundancy.members_of(design, cluster_id):
        host = design.host(member)
        if host in seen and host is not None:
            design = moved_to_new(design, host, (member,))
        elif host is not None:
            seen.add(host)
    return design


def _over_sites(design: Design, cluster_id: str) -> Design:
    """Spread members over sites, as evenly as can be, in a third site where votes need one."""
    members = redundancy.members_of(design, cluster_id)
    first = next(site for member in members if (site := design.site(member)))
    sites = list(design.of(Site))
    mode = getattr(design.components[cluster_id], "mode", "")
    while len(sites) < (redundancy.VOTES if mode == "quorum" else PAIR):
        design, fresh = _new_site(design, first)
        sites.append(fresh)
    most = -(-len(members) // len(sites))
    held = Counter(design.site(member) for member in members)
    for member in reversed(members):
        here = design.site(member)
        target = min(sites, key=lambda site: (held[site], sites.index(site)))
        if here is not None and held[here] > most and held[target] < most:
            held.update({here: -1, target: 1})
            design = _into_site(design, [design.host(member) or member], here, target)
    return design


def replicate_apart(design: Design, database: str) -> Design:
    """Let a replica take over: on another server, and in another site where there is one."""
    design = redundancy.add_replica(design, database)
    cluster = design.cluster_of[database]
    for crowd in crowds(Analysis(design)):
        if crowd.cluster == cluster:
            design = spread_cluster(design, cluster, crowd.domain)
    return design


def spread_site(design: Design, site: str) -> Design:
    """Give everything in a site that users need a second in another site.

    What is there once is doubled first; then the second half of what is there several times moves
    to a new site, in zones of the same network.
    """
    for _ in range(MOST_REPAIRS):
        part = _single_in(design, site)
        if part is None:
            break
        design = redundancy.duplicate(design, part)
    halves = [key for same in _equals(design, site) for key in same[(len(same) + 1) // 2 :]]
    if not halves:
        return design
    design, other = _new_site(design, site)
    return _into_site(design, halves, site, other)


def _single_in(design: Design, site: str) -> str | None:
    """Return a part of a site that is a single point of failure by itself."""
    lost = Analysis(design).flows_lost
    for key in design.descendants(site):
        if key in lost and not edits.is_container(design.components[key]):
            return key
    return None


def _equals(design: Design, site: str) -> list[list[str]]:
    """Return the servers of a site, and the parts outside servers, that do the same work."""
    found: dict[frozenset[str], list[str]] = {}
    for key in design.descendants(site):
        item = design.components[key]
        if isinstance(item, Server):
            inside = (design.components[child] for child in design.children[key])
            work = frozenset(part.kind for part in inside if Trait.WATCHES not in part.traits)
        elif design.host(key) is None and not edits.is_container(item):
            work = frozenset((item.kind,)) if _works_for_users(design, key) else frozenset()
        else:
            continue
        if work:
            found.setdefault(work, []).append(key)
    return [same for same in found.values() if len(same) >= PAIR]


def _new_site(design: Design, like: str) -> tuple[Design, str]:
    """Add an empty site of the same sort beside another one."""
    pattern = design.components[like]
    site, fresh = edits.new_component(design, pattern.kind)
    copied = replace(pattern, name=fresh.name, requires={})
    return edits.put(design, site, copied), site


def _into_site(design: Design, parts: list[str], site: str, other: str) -> Design:
    """Move parts to another site, into zones that are one network with the ones they leave."""
    zones: dict[str, str] = {}
    by_zone: dict[str, list[str]] = {}
    for part in parts:
        design, zone = _zone_again(design, part, other, zones)
        by_zone.setdefault(zone, []).append(part)
    if any(design.children[zone] for zone in by_zone):
        design, dx, dy = _room_in(design, parts, other)
    else:
        design, dx, dy = make_room(design, bounds(design, site), design.components[other].parent)
    inner = [key for part in parts for key in (part, *design.descendants(part))]
    for zone, moved in by_zone.items():
        design = edits.nest(design, moved, zone)
    return shift(design, inner, dx, dy)


def _room_in(design: Design, parts: list[str], site: str) -> tuple[Design, float, float]:
    """Return how far parts have to go to lie beside what is in another site already."""
    first = next(key for key in design.descendants(site) if key in design.layout)
    x, y, _, _ = bounds(design, design.host(first) or first)
    _, _, width, height = _around(design, parts)
    design, dx, dy = make_room(design, (x, y, width, height), site)
    left, top, _, _ = _around(design, parts)
    return design, x + dx - left, y + dy - top


def _around(design: Design, parts: list[str]) -> Rect:
    rects = [bounds(design, part) for part in parts]
    left, top = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
    right, bottom = (max(rect[side] + rect[side + 2] for rect in rects) for side in (0, 1))
    return left, top, right - left, bottom - top


def _zone_again(design: Design, part: str, site: str, zones: dict[str, str]) -> tuple[Design, str]:
    """Return the zone of a part again in another site: one segment in two places."""
    zone = design.zone(part)
    if zone is None or zone == site:
        return design, site
    if zone not in zones:
        before = design.components[zone]
        assert isinstance(before, Zone)  # noqa: S101  # `zone` returns nothing else
        network = before.network or zone
        known = _zone_in(design, site, network)
        if known is not None:
            zones[zone] = known
        else:
            copy_id, fresh = edits.new_component(design, "zone")
            copy = replace(before, name=fresh.name, parent=site, network=network)
            design = edits.put(edits.set_fields(design, zone, network=network), copy_id, copy)
            zones[zone] = copy_id
    return design, zones[zone]


def _zone_in(design: Design, site: str, network: str) -> str | None:
    for key in design.children[site]:
        item = design.components[key]
        if isinstance(item, Zone) and item.network == network:
            return key
    return None
