"""What the script `ops` of a project has to know: databases, copies, ports, keys and sums."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from exporters.deployment import Certificate, ConfigFile, Port, Secret, Service
from exporters.pki import CA_CERTIFICATE, FOLDER
from exporters.plan.draft import Context, Part
from exporters.plan.stores import DATABASE, Store
from exporters.programs import Copies, Operations, Servers
from exporters.secrets import path_of

SCRIPT = "ops"
_DISK = 2048  # MiB: images, and the first data


def operations(
    context: Context,
    name: str,
    services: Sequence[Service],
    stores: Mapping[str, Store],
    parts: Sequence[Part],
) -> ConfigFile:
    """Return the script that looks after a project of this name."""
    certificates = tuple(item for part in parts for item in part.certificates)
    servers = tuple(_servers(context, stores))
    values = Operations(
        name=name,
        database=DATABASE,
        ports=tuple(_ports(services)),
        private=tuple(_private((s for part in parts for s in part.secrets), certificates)),
        disk=_DISK,
        memory=sum(service.limits.memory for service in services if service.limits),
        stores=servers,
        copies=tuple(copies for part in parts for copies in part.copies),
        certified=tuple(sorted(item.service for item in certificates)),
        trusting=tuple(s.name for s in services if not s.one_shot and _trusts(s, certificates)),
        installer=next((s.name for s in services if s.role == "installer"), ""),
    )
    return ConfigFile(path=SCRIPT, template=SCRIPT, values=values)


def program_of(store: Store) -> str:
    """Return what runs the servers of a store."""
    return "patroni" if store.voters else store.engine


def _servers(context: Context, stores: Mapping[str, Store]) -> Iterator[Servers]:
    for store in {store.name: store for store in stores.values()}.values():
        yield Servers(
            program=program_of(store), servers=tuple(map(context.name, store.members))
        )


def _ports(services: Iterable[Service]) -> Iterator[Port]:
    return (port for service in services for port in service.ports)


def _private(secrets: Iterable[Secret], certificates: Iterable[Certificate]) -> Iterator[str]:
    """Yield the files that no repository carries."""
    yield from sorted({path_of(secret.name) for secret in secrets})
    yield from sorted(f"{FOLDER}/{item.service}.key" for item in certificates)


def _trusts(service: Service, certificates: Iterable[Certificate]) -> bool:
    """Whether a service has to read a new authority: it knows it, or was certified by it."""
    knows = any(bind.source == CA_CERTIFICATE for bind in service.binds)
    return knows or any(item.service == service.name for item in certificates)
