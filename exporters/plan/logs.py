"""Log stores: rsyslog, to which the engine sends the output of what is drawn as sending logs.

The engine sends by UDP: over TCP no container starts while the store is down. It keeps a bounded
copy of its own, which `docker compose logs` shows. Sources: RFC 5424, The Syslog Protocol; Docker
manual, "Syslog logging driver" and "Use docker logs with remote logging drivers".
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from app.analysis.monitored import logged
from app.analysis.words import listed
from app.model.stores import LogStore
from exporters import images
from exporters.deployment import (
    Bind,
    Build,
    ConfigFile,
    Logs,
    Mount,
    Note,
    Port,
    Probe,
    Service,
    Volume,
)
from exporters.plan.draft import Context, Part
from exporters.plan.running import Running
from exporters.programs import Base

PORT = 1514  # by UDP for lines, by TCP for whoever asks whether it works
DAYS, MEBIBYTES = 14, 64  # kept of each service
_FOLDER, _KEPT, _INSIDE = "images/rsyslog", "/var/log/services", "/etc/loadpath"
_FILES = ("rsyslog.conf", "start.sh")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What keeps logs: the files and notes of the stores, and the port that each service sends to.

    `logs` says of each store whose output it gets.
    """

    part: Part
    ports: Mapping[str, Port]
    logs: tuple[Logs, ...]


def store(context: Context, component_id: str, item: LogStore) -> Part:
    """Plan a log store; whose lines it gets is known once all else is planned."""
    name = context.name(component_id)
    service = Service(
        name=name,
        title=item.name,
        role="log-store",
        component=component_id,
        image="",
        build=Build(folder=_FOLDER),
        entrypoint=("sh", f"{_INSIDE}/start.sh"),
        user="10514:10514",
        ports=(_port(context, name),),
        binds=tuple(
            Bind(source=f"config/{name}/{file}", target=f"{_INSIDE}/{file}") for file in _FILES
        ),
        mounts=(Mount(volume=f"{name}-data", target=_KEPT),),
        probe=Probe(command=("bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{PORT}")),
    )
    image = ConfigFile(
        path=f"{_FOLDER}/Dockerfile",
        template="rsyslog/Dockerfile",
        values=Base(tag=images.DEBIAN.tag),
    )
    return Part(services=(service,), volumes=(Volume(name=f"{name}-data"),), files=(image,))


def _port(context: Context, name: str) -> Port:
    return context.ports.of(name, "udp", PORT)


def logging(context: Context, running: Running) -> Collected:
    """Return what keeps the output of services; the engine sends that of each to one store."""
    notes: list[Note] = []
    stores: dict[str, str] = {}  # of each service
    found: list[Logs] = []
    for key in context.design.of(LogStore):
        name = context.name(key)
        drawn = [s.name for s in running.of(context, logged(context.design, key))]
        senders = tuple(sender for sender in drawn if stores.setdefault(sender, name) == name)
        notes += _notes(context, key, running, senders, set(drawn).difference(senders))
        found.append(
            Logs(
                store=name,
                port=PORT,
                folder=_KEPT,
                senders=senders,
                days=DAYS,
                mebibytes=MEBIBYTES,
            )
        )
    ports = {sender: _port(context, name) for sender, name in stores.items()}
    files = tuple(file for logs in found for file in _configs(logs))
    part = Part(files=files, notes=tuple(notes))
    return Collected(part=part, ports=ports, logs=tuple(found))


def _configs(logs: Logs) -> Iterator[ConfigFile]:
    for file in _FILES:
        yield ConfigFile(
            path=f"config/{logs.store}/{file}", template=f"rsyslog/{file}", values=logs
        )


def _notes(
    context: Context,
    component_id: str,
    running: Running,
    senders: Collection[str],
    elsewhere: Collection[str],
) -> Iterator[Note]:
    item, here = context.item(component_id), (component_id,)
    if elsewhere:
        yield Note(
            components=here,
            text=f"{item.name} is drawn as keeping what {listed(sorted(elsewhere))} "
            f"{'write' if len(elsewhere) > 1 else 'writes'} as well; the engine sends what a "
            "service writes to one log store, the first that is drawn.",
        )
    if not senders:
        yield Note(
            components=here, text=f"{item.name} gets no logs: no link of the role log is for it."
        )
        return
    unsent = [
        s.name
        for s in running.services
        if s.component and s.name not in {*senders, *elsewhere, context.name(component_id)}
    ]
    if unsent:
        yield Note(
            components=here,
            text=f"{item.name} keeps what services write to their standard output that are drawn "
            f"as sending logs, which leaves out {listed(unsent)}.",
        )
    yield from _travel(context, component_id)


def _travel(context: Context, component_id: str) -> Iterator[Note]:
    """Yield by which way lines get to a store, and what of the drawing does not hold for it."""
    item, here = context.item(component_id), (component_id,)
    drawn = [
        reach
        for reach in context.reaches
        if reach.role == "log" and component_id in (reach.source, reach.target)
    ]
    yield Note(
        components=here,
        text=f"The engine sends lines to {item.name} by UDP, which keeps nobody waiting and "
        "nothing from starting when it is down. Lines of that time are not in it, and some of "
        "hundreds that are written at once may be missing; docker compose logs has them.",
    )
    ignored = [
        *(("unencrypted",) if any(reach.link.encrypted for reach in drawn) else ()),
        *(("past all firewalls",) if any(reach.gates - {""} for reach in drawn) else ()),
    ]
    if ignored:
        yield Note(
            components=here,
            text=f"Lines go from the engine to {item.name} {listed(ignored)}, whatever is drawn: "
            "over the loopback of this machine, which nobody else reaches.",
        )
