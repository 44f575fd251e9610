"""Networks: only services that are linked, and what stands beside them in a tier, share one.

Links between the same tiers, whose targets have the same sources, share a network. One whose
members are all members of another adds nothing and is dropped, because engines have few subnets
to give. Collectors join the networks of what they watch: a network common to all tiers would lead
past every border.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from exporters.deployment import Network, Note, Service
from exporters.plan.draft import Wire
from exporters.plan.names import Names

MANY = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """What a service has in common with those beside it: what it does, and its zone."""

    role: str
    segment: str


def networks_of(
    services: Sequence[Service],
    wires: Iterable[Wire],
    tiers: Mapping[str, Tier],
    watches: Mapping[str, frozenset[str]],
    borders: Sequence[Network] = (),
) -> tuple[Network, ...]:
    """Return the networks of services.

    `wires` says who must reach whom, `watches` which services each collector asks. `borders` are
    networks in which gateways have the names of others: no collector finds anybody there.
    """
    names = Names(())
    collectors = _collectors(services, watches)
    found = [
        Network(name=names.claim("public"), members=members, internal=False)
        for members in (_published(services, collectors),)
        if members
    ]
    found += _segments(wires, tiers, names)
    found = _without_subsets(found)
    covered = {member for network in found for member in network.members}
    watched = frozenset[str]().union(*watches.values())
    covered |= {m for network in borders for m in network.members if m not in watched}
    alone = [s.name for s in services if s.name not in covered | collectors and not s.one_shot]
    found += [Network(name=names.claim(name), members=(name,)) for name in alone]
    found = _with_collectors(found, watches)
    if collectors:
        members = tuple(sorted(collectors))
        found.append(Network(name=names.claim("monitoring"), members=members, internal=False))
    return (*found, *borders)


def _collectors(services: Sequence[Service], watches: Mapping[str, frozenset[str]]) -> set[str]:
    roles = ("monitoring", "exporter", "agent", "alerting", "inbox", "dashboards", "log-store")
    return {service.name for service in services if service.role in roles} | watches.keys()


def _published(services: Sequence[Service], collectors: set[str]) -> tuple[str, ...]:
    return tuple(s.name for s in services if s.ports and s.name not in collectors)


def _segments(wires: Iterable[Wire], tiers: Mapping[str, Tier], names: Names) -> list[Network]:
    sources: dict[tuple[Tier, str], set[str]] = {}
    for wire in wires:
        sources.setdefault((tiers[wire.source], wire.target), set()).add(wire.source)
    groups: dict[tuple[Tier, Tier, frozenset[str]], list[str]] = {}
    for (tier, target), callers in sources.items():
        groups.setdefault((tier, tiers[target], frozenset(callers)), []).append(target)
    return [
        Network(
            name=names.claim(f"{first.role}-{second.role}"),
            members=tuple(dict.fromkeys((*sorted(callers), *targets))),
        )
        for (first, second, callers), targets in groups.items()
    ]


def _without_subsets(networks: list[Network]) -> list[Network]:
    """Drop networks that connect nobody who is not connected by another that is as open."""
    members = {network.name: frozenset(network.members) for network in networks}
    joining: dict[str, set[str]] = {}  # the networks that each member is in, less those dropped
    for network in networks:
        for member in network.members:
            joining.setdefault(member, set()).add(network.name)
    kept: list[Network] = []
    for network in networks:
        around = [joining[member] for member in network.members]
        if network.internal and len(set.intersection(*around)) > 1:
            for member in members[network.name]:
                joining[member].discard(network.name)
        else:
            kept.append(network)
    return kept


def _with_collectors(networks: list[Network], watches: Mapping[str, frozenset[str]]
                     ) -> list[Network]:  # fmt: skip
    """Let each collector join the networks in which it finds what it watches."""
    covers = {collector: _cover(networks, targets) for collector, targets in watches.items()}
    return [
        replace(
            network,
            members=(*network.members, *(c for c in sorted(covers) if network.name in covers[c])),
        )
        for network in networks
    ]


def _cover(networks: list[Network], targets: frozenset[str]) -> set[str]:
    """Return few networks in which all targets are found: the one with most of them first."""
    found = {network.name: targets.intersection(network.members) for network in networks}
    missing, chosen = set(targets), set[str]()
    while missing and found:
        best = max(found, key=lambda name: len(missing & found[name]))
        gained = missing & found.pop(best)
        if not gained:
            break
        chosen.add(best)
        missing -= gained
    return chosen


def joined(services: Sequence[Service], networks: Sequence[Network]) -> tuple[Service, ...]:
    """Return the services with the names of their networks."""
    return tuple(
        replace(
            service,
            networks=tuple(n.name for n in networks if service.name in n.members),
        )
        for service in services
    )


def crowded(networks: Sequence[Network]) -> tuple[Note, ...]:
    """Warn where an engine may run out of subnets."""
    if len(networks) <= MANY:
        return ()
    return (
        Note(
            text=f"The project needs {len(networks)} networks. An engine has about 30 subnets to "
            "give: remove networks of other projects if it finds none."
        ),
    )
