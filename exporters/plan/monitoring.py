"""Monitoring: Prometheus, the exporters that measure for it, agents, and what raises an alarm."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.analysis.monitored import monitored
from app.analysis.words import listed
from app.model.stores import Alerting, MonitoringAgent, MonitoringServer
from exporters import images
from exporters.deployment import (
    Bind,
    ConfigFile,
    FlowProbe,
    Mount,
    Note,
    Service,
    Volume,
    Watcher,
)
from exporters.plan.boards import grafana
from exporters.plan.draft import Context, Part
from exporters.plan.running import Running
from exporters.plan.watch import Watch
from exporters.plan.watch_traffic import FRONTS
from exporters.plan.watches import LASTS, PART_DOWN, parts_of, records, watches_of
from exporters.programs import APP_PORT, Inbox, Job, Monitoring

_FOLDER = "monitoring"
_PROMETHEUS = 9090
_ALERTMANAGER = 9093
_INBOX = 9094
# Until a dead part is asked again, waited for, and looked at: each at most so many seconds.
_ASKED, _ANSWERED, _EVALUATED = 5, 4, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What monitoring adds: parts, which services each collector asks, and who can be asked."""

    parts: tuple[Part, ...]
    asks: Mapping[str, frozenset[str]]
    watchers: tuple[Watcher, ...]


def agent(context: Context, component_id: str, item: MonitoringAgent) -> Part:
    """Plan a monitoring agent."""
    service = Service(
        name=context.name(component_id),
        title=item.name,
        role="agent",
        component=component_id,
        image=images.NODE_EXPORTER.tag,
    )
    return Part(services=(service,))


def alerting(context: Context, component_id: str, item: Alerting) -> Part:
    """Plan the service that tells people."""
    name = context.name(component_id)
    config = f"{_FOLDER}/{name}.yml"
    service = Service(
        name=name,
        title=item.name,
        role="alerting",
        component=component_id,
        image=images.ALERTMANAGER.tag,
        command=(
            "--config.file=/etc/alertmanager/alertmanager.yml",
            f"--storage.path={images.ALERTMANAGER.data}",
            "--cluster.listen-address=",
        ),
        ports=(context.ports.of(name, "http", _ALERTMANAGER, first=_ALERTMANAGER),),
        binds=(Bind(source=config, target="/etc/alertmanager/alertmanager.yml"),),
        mounts=(Mount(volume=f"{name}-data", target=images.ALERTMANAGER.data),),
    )
    inbox, kept = _inbox(context, name)
    note = Note(
        components=(component_id,),
        text=f"{item.name} hands alarms to {inbox.name}, a list that stands for the "
        f"{item.channel} of the person on duty: write where that really goes into {config}.",
    )
    unasked = Note(
        components=(component_id,),
        text=f"{item.name} is told nothing: no link of the role alert leads to it.",
    )
    told = any(reach.role == "alert" for reach in context.into(component_id))
    return Part(
        services=(service, inbox),
        volumes=(Volume(name=f"{name}-data"),),
        files=(
            ConfigFile(
                path=config,
                template="monitoring/alertmanager.yml",
                values=Inbox(url=f"http://{inbox.name}:{APP_PORT}/"),
            ),
            kept,
        ),
        notes=(note,) if told else (note, unasked),
    )


def _inbox(context: Context, alerting: str) -> tuple[Service, ConfigFile]:
    """Return the receiver of an Alertmanager, which shows what it was told."""
    name = context.names.claim(f"{alerting}-inbox")
    program = ConfigFile(path=f"{_FOLDER}/{name}.py", template="monitoring/inbox.py")
    service = Service(
        name=name,
        title=f"Alarms from {alerting}",
        role="inbox",
        image=images.PYTHON.tag,
        command=("python3", "-u", "/srv/inbox.py"),
        ports=(context.ports.of(name, "http", APP_PORT, first=_INBOX),),
        binds=(Bind(source=program.path, target="/srv/inbox.py"),),
    )
    return service, program


def monitoring(context: Context, running: Running) -> Watched:
    """Plan the monitoring servers, and the exporters and dashboards of each."""
    parts: list[Part] = []
    asks: dict[str, frozenset[str]] = {}
    watchers: list[Watcher] = []
    for component_id, item in context.design.of(MonitoringServer).items():
        name = context.name(component_id)
        seen = tuple(running.of(context, monitored(context.design, component_id)))
        watches = tuple(_watches(context, item, running, seen))
        server = _server(context, component_id, item, running, watches)
        parts += [*(watch.part for watch in watches), server]
        flows = _flows(item, running)
        added = (s for watch in watches for s in watch.part.services)
        everyone = (*running.services, *added)
        parts.append(grafana(context, name, _PROMETHEUS, flows, everyone, watches))
        asks |= {watch.collector: watch.targets for watch in watches if watch.collector}
        direct = (watch.targets for watch in watches if not watch.collector)
        asks[name] = frozenset().union(*direct)
        watchers.append(
            Watcher(
                service=name,
                port=server.services[0].ports[0],
                alert=PART_DOWN,
                within=_ASKED + _ANSWERED + _EVALUATED + LASTS,
                parts=parts_of(watches),
            )
        )
    return Watched(parts=tuple(parts), asks=asks, watchers=tuple(watchers))


def _watches(
    context: Context, item: MonitoringServer, running: Running, seen: Sequence[Service]
) -> Iterator[Watch]:
    fronts = {*FRONTS, "app", "own-app"}
    sites = [s for s in running.services if item.probes and s.ports and s.role in fronts]
    flows = _flows(item, running)
    return watches_of(context, seen, running.stores, sites, flows, running.certified)


def _flows(item: MonitoringServer, running: Running) -> tuple[FlowProbe, ...]:
    """Return the flows that may be asked for again and again: those that write nothing."""
    asked = (flow for flow in running.flows if flow.entrances and flow.method == "GET")
    return tuple(asked) if item.probes else ()


def _server(
    context: Context,
    component_id: str,
    item: MonitoringServer,
    running: Running,
    watches: tuple[Watch, ...],
) -> Part:
    name = context.name(component_id)
    image = images.PROMETHEUS
    folder = f"{_FOLDER}/{name}"
    told = {r.target for r in context.out(component_id) if r.role == "alert"}
    managers = tuple(
        s.name for s in running.services if s.role == "alerting" and s.component in told
    )
    itself = Job(name="prometheus", targets=(f"127.0.0.1:{_PROMETHEUS}",), labels=(("part", name),))
    values = Monitoring(
        jobs=(itself, *(job for watch in watches for job in watch.jobs)),
        records=tuple(records(watches)),
        alerts=tuple(alert for watch in watches for alert in watch.alerts),
        alertmanagers=tuple(f"{manager}:{_ALERTMANAGER}" for manager in managers),
    )
    service = Service(
        name=name,
        title=item.name,
        role="monitoring",
        component=component_id,
        image=image.tag,
        command=(
            "--config.file=/etc/prometheus/prometheus.yml",
            f"--storage.tsdb.path={image.data}",
            "--storage.tsdb.retention.time=7d",
        ),
        ports=(context.ports.of(name, "http", _PROMETHEUS, first=_PROMETHEUS),),
        binds=(Bind(source=folder, target="/etc/prometheus"),),
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
    )
    return Part(
        services=(service,),
        volumes=(Volume(name=f"{name}-data"),),
        files=tuple(_files(folder, values)),
        notes=tuple(_notes(context, component_id, item, running, watches, managers)),
    )


def _files(folder: str, values: Monitoring) -> Iterator[ConfigFile]:
    for name in ("prometheus.yml", "alerts.yml", "alerts_test.yml"):
        yield ConfigFile(path=f"{folder}/{name}", template=f"monitoring/{name}", values=values)


def _notes(
    context: Context,
    component_id: str,
    item: MonitoringServer,
    running: Running,
    watches: Sequence[Watch],
    managers: Sequence[str],
) -> Iterator[Note]:
    seen = {*parts_of(watches), context.name(component_id)}
    unseen = [
        s.name for s in running.services if s.component and s.name not in seen and not s.one_shot
    ]
    if len(seen) == 1:
        text = (
            f"{item.name} measures itself alone, because no part is drawn as monitored. Draw links "
            "of the role monitor from it to parts or machines, or from agents to it."
        )
        yield Note(components=(component_id,), text=text)
    elif unseen:
        drawn = {s.name for s in running.of(context, monitored(context.design, component_id))}
        for text in _unmeasured(item, unseen, drawn):
            yield Note(components=(component_id,), text=text)
    if not managers:
        yield Note(
            components=(component_id,),
            text=f"{item.name} shows alarms on its page only: no alerting is drawn for it.",
        )
    if "prometheus" not in item.image:
        yield Note(
            components=(component_id,),
            text=f"{item.name} was drawn as another program; {images.PROMETHEUS.tag} takes its "
            "place.",
        )


def _unmeasured(
    item: MonitoringServer, unseen: Sequence[str], drawn: Collection[str]
) -> Iterator[str]:
    """Yield which services are not measured: nobody drew it, or nothing of them can be asked."""
    undrawn = [name for name in unseen if name not in drawn]
    if undrawn:
        left_out = listed(undrawn)
        yield f"{item.name} measures what is drawn as monitored, which leaves out {left_out}."
    mute = [name for name in unseen if name in drawn]
    if mute:
        yield f"{item.name} cannot measure {listed(mute)}: no port is known that could be asked."
