"""Monitoring: Prometheus, the exporters that measure for it, agents, and what raises an alarm."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from app.model.stores import Alerting, MonitoringAgent, MonitoringServer
from exporters import images
from exporters.deployment import Bind, ConfigFile, Mount, Note, Service, Volume
from exporters.plan.draft import Context, Part
from exporters.plan.stores import Store
from exporters.plan.watch import Watch
from exporters.plan.watches import watches_of
from exporters.programs import Job, Monitoring

_FOLDER = "monitoring"
_PROMETHEUS = 9090
_ALERTMANAGER = 9093
_NODE = 9100


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What monitoring adds: parts, and which services each collector asks."""

    parts: tuple[Part, ...]
    asks: Mapping[str, frozenset[str]]


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
    note = Note(
        components=(component_id,),
        text=f"{item.name} shows alarms on its page and sends none: write where the {item.channel} "
        f"goes into {config}.",
    )
    return Part(
        services=(service,),
        volumes=(Volume(name=f"{name}-data"),),
        files=(ConfigFile(path=config, template="monitoring/alertmanager.yml"),),
        notes=(note,),
    )


def monitoring(
    context: Context, services: Sequence[Service], stores: Mapping[str, Store]
) -> Watched:
    """Plan the monitoring servers and the exporters that they need."""
    servers = [
        (key, item)
        for key, item in context.design.components.items()
        if isinstance(item, MonitoringServer)
    ]
    if not servers:
        return Watched(parts=(), asks={})
    probes = any(item.probes for _, item in servers)
    watches = tuple(watches_of(context, services, stores, probes=probes))
    parts = [watch.part for watch in watches]
    asks = {watch.collector: watch.targets for watch in watches if watch.collector}
    direct = frozenset().union(*(watch.targets for watch in watches if not watch.collector))
    for component_id, item in servers:
        parts.append(_server(context, component_id, item, services, watches))
        asks[context.name(component_id)] = direct
    return Watched(parts=tuple(parts), asks=asks)


def _server(
    context: Context,
    component_id: str,
    item: MonitoringServer,
    services: Sequence[Service],
    watches: tuple[Watch, ...],
) -> Part:
    name = context.name(component_id)
    image = images.PROMETHEUS
    folder = f"{_FOLDER}/{name}"
    managers = tuple(f"{s.name}:{_ALERTMANAGER}" for s in services if s.role == "alerting")
    values = Monitoring(
        jobs=(
            Job(name="prometheus", targets=(f"127.0.0.1:{_PROMETHEUS}",)),
            *(job for watch in watches for job in watch.jobs),
        ),
        alerts=tuple(alert for watch in watches for alert in watch.alerts),
        alertmanagers=managers,
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
        notes=tuple(_notes(component_id, item, watched=bool(managers))),
    )


def _files(folder: str, values: Monitoring) -> Iterator[ConfigFile]:
    for name in ("prometheus.yml", "alerts.yml"):
        yield ConfigFile(path=f"{folder}/{name}", template=f"monitoring/{name}", values=values)


def _notes(component_id: str, item: MonitoringServer, *, watched: bool) -> Iterator[Note]:
    yield Note(
        components=(component_id,),
        text=f"{item.name} watches every part of the project, also where no link is drawn.",
    )
    if not watched:
        yield Note(
            components=(component_id,),
            text=f"{item.name} shows alarms on its page only: no alerting is drawn.",
        )
    if "prometheus" not in item.image:
        yield Note(
            components=(component_id,),
            text=f"{item.name} was drawn as another program; {images.PROMETHEUS.tag} takes its "
            "place.",
        )
