"""Design to deployment: every decision of an export is taken here, and told in the notes."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from app.model.containers import Zone
from app.model.design import Design
from exporters.deployment import Deployment, Note, Service
from exporters.plan import acme, logs, patroni, vrrp
from exporters.plan.certificates import installer, with_certificates
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.drawn import as_drawn, rights
from exporters.plan.entrances import behind_edge
from exporters.plan.facts import with_facts
from exporters.plan.gateways import Gateways, gateways
from exporters.plan.kinds import plan_part
from exporters.plan.monitoring import monitoring
from exporters.plan.names import Names, names_of, natural, slug
from exporters.plan.networks import Tier, crowded, joined, networks_of
from exporters.plan.probes import probes
from exporters.plan.reaches import TIERED, reaches_of
from exporters.plan.remarks import remarks
from exporters.plan.running import Running
from exporters.plan.stores import Store, stores_of

_T = TypeVar("_T")


def plan(
    design: Design,
    *,
    firewalls: str = "gateways",
    takeover: str = "emulated",
    certificates: str = "local",
) -> Deployment:
    """Return what runs for a design, with notes on what was assumed or left out.

    `firewalls` says what those between parts become: "gateways", or "segments", which are networks
    and no more. `takeover` says how an active-passive pair of balancers takes over: "emulated" by
    the edge before it, or by an address that moves, "vrrp". `certificates` says who signs that of
    the entrance: the authority of the project, "local", or a public one for the names that are
    drawn, "acme".

    Raises:
        ExportError: a part asks for what no program can do.
    """
    names = Names()
    context = Context(
        design=design,
        names=names,
        slugs=names_of(design, names),
        reaches=reaches_of(design),
        takeover=takeover,
    )
    if certificates == "acme":
        context = replace(context, public=acme.public_names(context))
    stores = stores_of(context)
    ids = sorted(design.components, key=natural)
    planned = {key: plan_part(context, key, design.components[key], stores) for key in ids}
    parts = [*planned.values(), patroni.voters(stores)]
    walls = _gateways(context, planned, parts, stores) if firewalls == "gateways" else Gateways()
    owners = {s.name: key for key, part in planned.items() for s in part.services}
    owners |= {s.name: s.component for s in walls.part.services}
    flows = tuple(probes(context, _services(parts)))
    parts.append(walls.part)
    running = Running(
        services=_services(parts),
        owners=owners,
        stores=stores,
        flows=flows,
        certified=frozenset(item.service for part in parts for item in part.certificates),
    )
    watched = monitoring(context, running)
    parts += watched.parts
    collected = logs.logging(context, running.with_services(_services(watched.parts)))
    parts.append(collected.part)
    keys = tuple(item for part in parts for item in part.certificates)
    issued = next((part.issued for part in parts if part.issued), None)  # there is one entrance
    installer_name = names.claim("pki-install")
    parts.append(installer(installer_name, keys, issued))
    services = with_certificates(_services(parts), keys, installer_name)
    services = tuple(as_drawn(design, with_facts(service)) for service in services)
    services = tuple(replace(s, logs_to=collected.ports.get(s.name)) for s in services)
    wires = walls.led(_wires(context, services, parts))
    networks = networks_of(services, wires, _tiers(context, services), watched.asks, walls.networks)
    services = walls.joined(joined(services, networks), networks)
    services = vrrp.named(services, networks, vrrp.pairs(context))
    told = chain.from_iterable(part.notes for part in parts)
    notes = (*remarks(context, walls.gates), *told, *rights(context, services))
    return Deployment(
        name=slug(design.name, "design"),
        title=design.name,
        services=services,
        networks=networks,
        volumes=tuple(item for part in parts for item in part.volumes),
        secrets=_unique((item.name, item) for part in parts for item in part.secrets),
        files=_unique((item.path, item) for part in parts for item in part.files),
        sources=_unique((item.target, item) for part in parts for item in part.sources),
        certificates=keys,
        issued=issued,
        databases=_unique((store.name, store.servers(context)) for store in stores.values()),
        caches=tuple(item for part in parts for item in part.caches),
        copies=tuple(item for part in parts for item in part.copies),
        logs=collected.logs,
        notes=_notes((*notes, *crowded(networks))),
        probes=flows,
        watchers=watched.watchers,
        borders=walls.probes,
    )


def _gateways(
    context: Context, planned: Mapping[str, Part], parts: list[Part], stores: Mapping[str, Store]
) -> Gateways:
    services = _services(parts)
    wires = _wires(context, services, parts)
    return gateways(context, planned, stores, wires, _tiers(context, services))


def _services(parts: Iterable[Part]) -> tuple[Service, ...]:
    return tuple(service for part in parts for service in part.services)


def _unique(pairs: Iterable[tuple[str, _T]]) -> tuple[_T, ...]:
    return tuple(dict(pairs).values())


def _notes(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(dict.fromkeys(replace(note, text=" ".join(note.text.split())) for note in notes))


def _wires(context: Context, services: tuple[Service, ...], parts: list[Part]) -> list[Wire]:
    running = {service.component: service.name for service in services if service.component}
    drawn = [
        Wire(source=running[reach.source], target=running[reach.target], label=reach.role)
        for reach in context.reaches
        if reach.role in TIERED and reach.source in running and reach.target in running
    ]
    edges = [
        Wire(source=running[cluster], target=service.name, label="edge")
        for service in services
        if service.role == "balancer" and (cluster := behind_edge(context, service.component))
    ]
    return [*drawn, *edges, *(wire for part in parts for wire in part.wires)]


def _tiers(context: Context, services: tuple[Service, ...]) -> Mapping[str, Tier]:
    return {
        service.name: Tier(
            role=service.role,
            segment=_segment(context.design, service.component),
        )
        for service in services
    }


def _segment(design: Design, component_id: str) -> str:
    """Return the network segment that a part is drawn in: zones of one name are one segment."""
    zone_id = design.zone(component_id) if component_id else None
    zone = design.components[zone_id] if zone_id else None
    return (zone.network if isinstance(zone, Zone) else "") or zone_id or ""
