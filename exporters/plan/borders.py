"""Where firewalls stand between parts that run: who asks whom, by which gates, at which ports."""

from collections.abc import Container, Iterable, Mapping
from typing import NamedTuple

from app.model.compute import Service as AnyService
from app.model.stores import Cache, Database, ObjectStore, Queue
from exporters.plan import object_stores, queues
from exporters.plan.draft import Context, Part
from exporters.plan.fronts import SPEAKS_HTTP, backend_of
from exporters.plan.names import natural
from exporters.plan.neighbours import CACHE_PORTS
from exporters.plan.patroni import REST_PORT
from exporters.plan.poolers import is_pooler
from exporters.plan.reaches import TIERED, Reach
from exporters.plan.stores import PORTS, Store
from exporters.programs import READ_PORT, WRITE_PORT


class Border(NamedTuple):
    """What lies before one target: the firewalls, each a way to it, the ports, and who may ask.

    `gates` are firewalls by id; `gateways`, `sources` and `target` are services.
    """

    network: str
    target: str
    gates: tuple[str, ...]
    gateways: tuple[str, ...]
    ports: tuple[int, ...]
    sources: tuple[str, ...]

    def entry(self, gateway: str) -> str:
        """Return the name that a gateway alone has in this network; no service has a dot in it."""
        return f"{gateway}.{self.network}"

    @property
    def exit(self) -> str:
        """Return the name that the target has on its own side alone."""
        return f"{self.target}.inside"


class _Before(NamedTuple):
    target: str
    gates: tuple[str, ...]
    ports: tuple[int, ...]


def borders_of(
    context: Context, parts: Mapping[str, Part], stores: Mapping[str, Store]
) -> tuple[Border, ...]:
    """Return where firewalls stand; those who ask the same, at the same ports, stand together.

    Unless a firewall stands between these as well.

    `parts` are planned, by component.
    """
    services = {s.component: s.name for part in parts.values() for s in part.services}
    gates: dict[tuple[str, str], frozenset[str]] = {}
    ports: dict[tuple[str, str], frozenset[int]] = {}
    for reach in context.reaches:
        pair = (reach.source, reach.target)
        if reach.role in TIERED and services.keys() >= {*pair}:
            gates[pair] = gates.get(pair, frozenset()) | reach.gates
            ports[pair] = ports.get(pair, frozenset()) | _ports(context, stores, reach)
    found_before = {
        pair: _Before(services[pair[1]], tuple(sorted(found, key=natural)), tuple(sorted(at)))
        for pair, found in gates.items()
        if "" not in found and (at := ports[pair])
    }
    walled = {(services[source], before.target) for (source, _), before in found_before.items()}
    together: dict[_Before, list[list[str]]] = {}
    for (source, _), before in found_before.items():
        askers = [services[source], *_helpers(parts[source], before.target)]
        groups = together.setdefault(before, [])
        group = next((group for group in groups if not _kept_apart(askers, group, walled)), None)
        if group is None:
            groups.append(askers)
        else:
            group += askers
    return tuple(
        _border(context, before, sources)
        for before, groups in together.items()
        for sources in groups
    )


def _kept_apart(some: Iterable[str], others: list[str], walled: Container[tuple[str, str]]) -> bool:
    """Whether a firewall stands between some services and others, which must not meet then."""
    return any((one, other) in walled or (other, one) in walled for one in some for other in others)


def _helpers(part: Part, target: str) -> Iterable[str]:
    """Yield the services of a part that ask a target in its place."""
    return (wire.source for wire in part.wires if wire.target == target)


def _border(context: Context, before: _Before, sources: Iterable[str]) -> Border:
    return Border(
        network=context.names.claim(f"to-{before.target}"),
        target=before.target,
        gates=before.gates,
        gateways=tuple(map(context.name, before.gates)),
        ports=before.ports,
        sources=tuple(dict.fromkeys(sources)),
    )


def _ports(context: Context, stores: Mapping[str, Store], reach: Reach) -> frozenset[int]:
    """Return the ports at which a connection meets a service; none where nobody knows them."""
    target = context.item(reach.target)
    store = stores.get(reach.target)
    if store and isinstance(target, Database):
        asks_who_leads = store.voters and reach.source in store.balancers
        return frozenset(
            (PORTS[store.engine], REST_PORT) if asks_who_leads else (PORTS[store.engine],)
        )
    if store:
        alone = is_pooler(target)  # which tells reads and writes apart by the database
        return frozenset((WRITE_PORT,) if alone else (WRITE_PORT, READ_PORT))
    if isinstance(target, SPEAKS_HTTP) and not isinstance(target, AnyService):
        return frozenset((backend_of(context, reach).port,))
    if isinstance(target, Cache):
        return frozenset((CACHE_PORTS[target.engine],))
    if isinstance(target, Queue):
        return frozenset((queues.port_of(reach.link),))
    if isinstance(target, ObjectStore):
        return frozenset((object_stores.PORT,))
    number = getattr(target, "port", None) or reach.link.number
    return frozenset((number,) if number else ())
