"""All that is measured of a project: by whom, with which jobs, and which alarms follow."""

from collections.abc import Iterator, Mapping, Sequence

from exporters.deployment import FlowProbe, Service
from exporters.plan.draft import Context
from exporters.plan.stores import Store
from exporters.plan.watch import State, Watch, among
from exporters.plan.watch_data import mysql, postgres, redis
from exporters.plan.watch_sites import FLOW_STATE, blackbox
from exporters.plan.watch_traffic import direct, nginx
from exporters.programs import Alert, Case, Record, Series

PART_DOWN = "PartDown"
PART_STATE = "part:up:min"
LASTS = 10


def watches_of(
    context: Context,
    services: Sequence[Service],
    stores: Mapping[str, Store],
    sites: Sequence[Service],
    flows: Sequence[FlowProbe],
    certified: frozenset[str],
) -> Iterator[Watch]:
    """Yield what watches services, and looks at sites and flows as their users have them.

    `certified` are the services that own a certificate.
    """
    found = [
        *direct(services),
        *nginx(context, services),
        *postgres(context, services, stores),
        *mysql(context, services, stores),
        *redis(context, services),
        *blackbox(context, services, sites, flows, certified),
    ]
    yield from found
    yield Watch(alerts=(*_part_down(found), *_exporter_down(found)))


def _states(watches: Sequence[Watch]) -> list[State]:
    return [watch.state for watch in watches if watch.state]


def parts_of(watches: Sequence[Watch]) -> tuple[str, ...]:
    """Return the services of which it is known whether they work."""
    return tuple(sorted({part for state in _states(watches) for part in state.parts}))


def records(watches: Sequence[Watch]) -> Iterator[Record]:
    """Yield what is kept under one name, whatever measures it: the state of parts and flows."""
    states = [state.expression for state in _states(watches)]
    if states:
        yield Record(name=PART_STATE, expression=f"min by (part) ({' or '.join(states)})")
    if any("flow" in dict(job.labels) for watch in watches for job in watch.jobs):
        yield Record(name=FLOW_STATE, expression='max by (flow) (probe_success{flow!=""})')


def _part_down(watches: Sequence[Watch]) -> Iterator[Alert]:
    cases = [case for state in _states(watches) for case in state.cases()]
    if cases:
        yield Alert(
            name=PART_DOWN,
            expression=f"{PART_STATE} == 0",
            lasts=LASTS,
            severity="critical",
            summary="{{ $labels.part }} does not answer",
            covers=parts_of(watches),
            cases=tuple(cases),
        )


def _exporter_down(watches: Sequence[Watch]) -> Iterator[Alert]:
    """Yield the alarm about exporters: without them nothing is known of what they ask."""
    asking = [watch for watch in watches if watch.collector]
    jobs = tuple(job.name for watch in asking for job in watch.jobs)
    if jobs:
        series = Series(selector=f'up{{job="{jobs[0]}"}}')
        yield Alert(
            name="ExporterDown",
            expression=f"max by (job) (up{{{among('job', jobs)}}}) == 0",
            lasts=LASTS,
            severity="critical",
            summary="Nothing is known of {{ $labels.job }}: its exporter does not answer",
            covers=tuple(sorted(watch.collector for watch in asking)),
            cases=(Case(series=(series,), labels=(("job", jobs[0]),)),),
        )
