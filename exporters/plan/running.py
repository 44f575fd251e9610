"""What is planned to run, and which of it a drawn part stands for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from app.model.containers import Cluster
from exporters.deployment import FlowProbe, Service
from exporters.plan.draft import Context
from exporters.plan.stores import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What is planned already: services, the part that each was planned for, and more of them."""

    services: tuple[Service, ...]
    owners: Mapping[str, str]
    stores: Mapping[str, Store]
    flows: tuple[FlowProbe, ...]
    certified: frozenset[str]

    def with_services(self, services: tuple[Service, ...]) -> "Running":
        """Return this with services that were planned later, for the part that each realises."""
        owners = {service.name: service.component for service in services}
        return replace(self, services=(*self.services, *services), owners={**owners, **self.owners})

    def of(self, context: Context, drawn: Collection[str]) -> Iterator[Service]:
        """Yield the services of drawn parts: those of a cluster with any of its members."""
        parts = frozenset(drawn)
        stores = self.stores.values()
        voters = {voter for s in stores if parts.intersection(s.members) for voter in s.voters}
        for service in self.services:
            owner = self.owners.get(service.name, "")
            item = context.design.components.get(owner)
            members = item.members if isinstance(item, Cluster) else ()
            if service.name in voters or owner in parts or parts.intersection(members):
                yield service
