"""Firewalls between parts that run: each becomes a gateway that forwards what is drawn, no more.

The gateway is the only member of both networks, the one of those who ask and the one of those who
answer. In the former it has the names of the latter, so nobody has to be told of it; what is sent
to such a name at a drawn port goes on to the part, and all else is dropped. Who asks and who is
asked share no other network: where they do, there is no gateway, and the notes say so.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.model.traffic import Firewall
from exporters import images
from exporters.deployment import (
    Bind,
    BorderProbe,
    Build,
    Condition,
    ConfigFile,
    Limits,
    Network,
    Note,
    Probe,
    Service,
)
from exporters.plan.borders import Border, borders_of
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.names import natural
from exporters.plan.networks import Tier, networks_of
from exporters.plan.stores import Store
from exporters.programs import GATEWAY_OPS_PORT, Base, Door, Gateway

SEGMENTS = "--firewalls segments"
_FOLDER, _INSIDE = "config/gateway", "/etc/gateway"
MOST_NETWORKS = 24  # of one project: an engine has about 30 subnets to give
_NEVER_DRAWN = 22  # no service of a project is asked there by another


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateways:
    """The gateways of a project, and where they stand."""

    part: Part = field(default_factory=Part)
    borders: tuple[Border, ...] = ()
    probes: tuple[BorderProbe, ...] = ()

    @property
    def gates(self) -> frozenset[str]:
        """The firewalls that became gateways, by id."""
        return frozenset(gate for border in self.borders for gate in border.gates)

    @property
    def networks(self) -> tuple[Network, ...]:
        """The networks of those who ask."""
        return tuple(
            Network(name=b.network, members=(*b.sources, *b.gateways)) for b in self.borders
        )

    def led(self, wires: Iterable[Wire]) -> tuple[Wire, ...]:
        """Return who must share a network when gateways stand between others."""
        crossing = {(source, b.target) for b in self.borders for source in b.sources}
        return tuple(wire for wire in wires if (wire.source, wire.target) not in crossing)

    def joined(self, services: Sequence[Service], networks: Sequence[Network]
               ) -> tuple[Service, ...]:  # fmt: skip
        """Return services with the names by which they meet; who asks waits for the gateways."""
        aliases: dict[str, dict[str, tuple[str, ...]]] = {}
        needs: dict[str, dict[str, Condition]] = {}
        for border in self.borders:
            for gateway in border.gateways:
                names = (border.target, border.entry(gateway))
                aliases.setdefault(gateway, {})[border.network] = names
            for network in _common(border, networks):
                aliases.setdefault(border.target, {})[network] = (border.exit,)
            for source in border.sources:
                needs.setdefault(source, {}).update(dict.fromkeys(border.gateways, "healthy"))
        return tuple(
            replace(
                service,
                aliases=aliases.get(service.name, {}),
                needs={**service.needs, **needs.get(service.name, {})},
            )
            for service in services
        )


def _common(border: Border, networks: Iterable[Network]) -> Iterator[str]:
    """Yield the networks in which a gateway and its target are."""
    for network in networks:
        if border.target in network.members and not {*border.gateways}.isdisjoint(network.members):
            yield network.name


def gateways(
    context: Context,
    parts: Mapping[str, Part],
    stores: Mapping[str, Store],
    wires: Sequence[Wire],
    tiers: Mapping[str, Tier],
) -> Gateways:
    """Return the gateways in the place of firewalls that stand between parts that run.

    `parts` are planned, by component; `wires` says who must reach whom if there is no firewall.
    """
    planned = [service for part in parts.values() for service in part.services]
    borders = borders_of(context, parts, stores)
    ids = {gate for border in borders for gate in border.gates}
    tiers = {**tiers, **{context.name(gate): Tier(role="firewall", segment="") for gate in ids}}
    notes: list[Note] = []
    while True:
        found = _gateways(context, borders)
        networks = networks_of(
            (*planned, *found.part.services), (*found.led(wires), *found.part.wires), tiers, {}
        )
        leaks = [border for border in borders if _leaks(border, networks)]
        crowd = [] if leaks else _crowd(borders, len(networks))
        if not leaks and not crowd:
            return replace(found, part=replace(found.part, notes=(*found.part.notes, *notes)))
        notes += [_leak_note(context, border) for border in leaks]
        notes += [_crowd_note(context, crowd)] if crowd else []
        borders = tuple(border for border in borders if border not in (*leaks, *crowd))


def _leaks(border: Border, networks: Iterable[Network]) -> bool:
    """Whether somebody who asks shares a network with the target, around the gateway."""
    return any(
        border.target in network.members and not {*border.sources}.isdisjoint(network.members)
        for network in networks
    )


def _crowd(borders: Sequence[Border], others: int) -> list[Border]:
    """Return what stands at the most crowded firewalls, if an engine has no subnets for it all."""
    if not borders or len(borders) + others <= MOST_NETWORKS:
        return []
    ((gates, _),) = Counter(border.gates for border in borders).most_common(1)
    return [border for border in borders if border.gates == gates]


def _crowd_note(context: Context, crowd: Sequence[Border]) -> Note:
    gates = crowd[0].gates
    return Note(
        components=gates,
        text=f"{', '.join(context.item(gate).name for gate in gates)}: a gateway needs a network "
        f"for each part behind it. For these {len(crowd)} an engine has too few, so they share "
        "networks with those who ask them, and what one sends the other passes no gateway.",
    )


def _leak_note(context: Context, border: Border) -> Note:
    walls = ", ".join(context.item(gate).name for gate in border.gates)
    return Note(
        components=border.gates,
        text=f"{walls}: {', '.join(border.sources)} and {border.target} share a network for "
        "another reason (both are published, or asked by the same part), so what one sends the "
        "other does not pass a gateway.",
    )


def _gateways(context: Context, borders: tuple[Border, ...]) -> Gateways:
    gates = sorted({gate for border in borders for gate in border.gates}, key=natural)
    own = {gate: [border for border in borders if gate in border.gates] for gate in gates}
    program = ConfigFile(
        path=f"{_FOLDER}/gateway.py", template="gateway/gateway.py", values=GATEWAY_OPS_PORT
    )
    image = ConfigFile(
        path="images/gateway/Dockerfile",
        template="gateway/Dockerfile",
        values=Base(tag=images.PYTHON.tag),
    )
    part = Part(
        services=tuple(_service(context, gate) for gate in gates),
        files=(*(_doors(context, gate, own[gate]) for gate in gates), program, image)
        if gates
        else (),
        notes=tuple(note for gate in gates for note in _notes(context, gate, own[gate])),
        wires=tuple(
            Wire(source=gateway, target=border.target, label="firewall")
            for border in borders
            for gateway in border.gateways
        ),
    )
    probes = tuple(_probe(context, gate, own[gate][0]) for gate in gates)
    return Gateways(part=part, borders=borders, probes=probes)


def _service(context: Context, gate: str) -> Service:
    name, program = context.name(gate), f"{_INSIDE}/gateway.py"
    return Service(
        name=name,
        title=context.item(gate).name,
        role="firewall",
        component=gate,
        image="",
        build=Build(folder="images/gateway"),
        entrypoint=("python3", program),
        user="0:0",
        binds=(
            Bind(source=f"{_FOLDER}/gateway.py", target=program),
            Bind(source=f"config/{name}/doors.json", target=f"{_INSIDE}/doors.json"),
        ),
        capabilities=("NET_ADMIN",),
        sysctls={"net.ipv4.ip_forward": "1"},
        reasons={
            "user": "only root sets the rules of a network",
            "cap_add": "it sets the rules of the networks in this container, and of no other",
        },
        probe=Probe(command=("nft", "list", "chain", "inet", "loadpath", "f_forward")),
        limits=Limits(cpus=0.25, memory=64),
    )


def _doors(context: Context, gate: str, borders: Iterable[Border]) -> ConfigFile:
    name = context.name(gate)
    doors = tuple(
        Door(name=b.network, entry=b.entry(name), exit=b.exit, ports=b.ports) for b in borders
    )
    return ConfigFile(
        path=f"config/{name}/doors.json",
        template="gateway/doors.json",
        values=Gateway(doors=doors),
    )


def _probe(context: Context, gate: str, border: Border) -> BorderProbe:
    port = border.ports[0]
    undrawn = next(n for n in (_NEVER_DRAWN, _NEVER_DRAWN + 1) if n not in border.ports)
    return BorderProbe(
        firewall=gate,
        gateway=context.name(gate),
        source=border.sources[0],
        target=border.target,
        host=border.entry(context.name(gate)),
        drawn=port,
        drawn_rule=f"open_{border.network}_{port}",
        undrawn=undrawn,
        undrawn_rule=f"closed_{border.network}",
    )


def _notes(context: Context, gate: str, borders: Iterable[Border]) -> Iterator[Note]:
    item, service = context.item(gate), context.name(gate)
    doors = "; ".join(
        f"{', '.join(b.sources)} to {b.target} at {', '.join(map(str, b.ports))}" for b in borders
    )
    yield Note(
        components=(gate,),
        text=f"{item.name} is a gateway that drops what is not drawn. It lets through: {doors}. "
        f"docker compose exec {service} python3 {_INSIDE}/gateway.py counters shows what each "
        "rule has counted. Those behind it see its address in the place of the asker's. "
        "Its container has NET_ADMIN for networks of its own; an engine that gives no such right "
        f"starts an export with {SEGMENTS}.",
    )
    if isinstance(item, Firewall) and item.lets_all_through:
        yield Note(
            components=(gate,),
            text=f"{item.name} is drawn as letting everything through; here it lets through what "
            "is drawn.",
        )
