"""All that is measured of a project: by whom, with which jobs, and which alarms follow."""

from collections.abc import Iterator, Mapping, Sequence

from exporters.deployment import Service
from exporters.plan.draft import Context
from exporters.plan.stores import Store
from exporters.plan.watch import Watch
from exporters.plan.watch_data import mysql, postgres, redis
from exporters.plan.watch_traffic import blackbox, direct, nginx
from exporters.programs import Alert


def watches_of(
    context: Context,
    services: Sequence[Service],
    stores: Mapping[str, Store],
    *,
    probes: bool,
) -> Iterator[Watch]:
    """Yield what watches the services; `probes` adds a look at the site as its users have it."""
    found = [
        *direct(services),
        *nginx(context, services),
        *postgres(context, stores),
        *mysql(context, stores),
        *redis(context, services),
        *blackbox(context, services, probes=probes),
    ]
    yield from found
    exporters = [watch.collector for watch in found if watch.collector]
    asked = [service for watch in found if not watch.collector for service in watch.targets]
    down = Alert(
        name="TargetDown",
        expression="up == 0",
        lasts="15s",
        severity="critical",
        summary="{{ $labels.instance }} ({{ $labels.job }}) does not answer",
        covers=tuple(sorted({*exporters, *asked})),
    )
    yield Watch(alerts=(down,))
