"""Queues: RabbitMQ, alone, or as servers that keep copies of each message and vote.

Settings: the RabbitMQ documentation, chapters "Configuration", "Cluster Formation", "Quorum
Queues" and "TLS Support". A cluster in the mode quorum becomes one of RabbitMQ; in every other
mode each queue keeps its own messages, and whoever publishes takes one that answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from app.model.links import Link
from app.model.stores import Queue
from exporters import images
from exporters.deployment import (
    Bind,
    ConfigFile,
    Mount,
    Note,
    Secret,
    Service,
    Volume,
)
from exporters.pki import CA_CERTIFICATE
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.stores import CERTIFICATES, certificate, secret_file
from exporters.programs import CA_FILE, MOST_JOBS

_PORT, _TLS_PORT = 5672, 5671
USER = "app"
_CONFIG = "/etc/rabbitmq-accounts.conf"
_START = "config/rabbitmq/start.sh"
_KEY = "/tmp/tls.key"  # noqa: S108  # in the container, where start.sh puts it


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """One RabbitMQ, of one server or of several; `members` are component ids."""

    name: str
    members: tuple[str, ...]
    tls: bool

    @property
    def password(self) -> str:
        """Return the name of the secret that lets applications in."""
        return f"{self.name}-password"

    @property
    def clustered(self) -> bool:
        """Whether several servers keep copies of each message."""
        return len(self.members) > 1


def broker_of(context: Context, component_id: str) -> Broker:
    """Return the broker that a drawn queue is, or is a server of."""
    cluster = context.design.cluster(component_id)
    members: tuple[str, ...] = (component_id,)
    if cluster is not None and cluster.mode == "quorum":
        members = tuple(key for key in cluster.members if isinstance(context.item(key), Queue))
    roles = ("publish", "consume")
    reaches = [reach for key in members for reach in context.into(key) if reach.role in roles]
    return Broker(
        name=context.name(members[0]),
        members=members,
        tls=any(reach.link.encrypted for reach in reaches),
    )


def port_of(link: Link) -> int:
    """Return the port at which a queue is reached over a link."""
    return _TLS_PORT if link.encrypted else _PORT


def queue(context: Context, component_id: str, item: Queue) -> Part:
    """Plan one server of a message queue."""
    name, image = context.name(component_id), images.RABBITMQ
    broker = broker_of(context, component_id)
    scripted = broker.tls or broker.clustered
    accounts, cookie = f"{broker.name}-accounts", f"{broker.name}-cookie"
    service = Service(
        name=name,
        title=item.name,
        role="queue",
        component=component_id,
        image=image.tag,
        hostname=name,  # part of the path of its data, and of its name in a cluster
        entrypoint=("bash", f"/{_START}") if scripted else (),
        command=("rabbitmq-server",) if scripted else (),
        environment={
            "RABBITMQ_CONFIG_FILE": _CONFIG,
            **({"COOKIE_FILE": secret_file(cookie)} if broker.clustered else {}),
        },
        binds=(
            Bind(source=f"secrets/{accounts}", target=_CONFIG),
            *((Bind(source=_START, target=f"/{_START}"),) if scripted else ()),
            *((Bind(source=CA_CERTIFICATE, target=CA_FILE),) if broker.tls else ()),
        ),
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
        secrets=(cookie,) if broker.clustered else (),
        init=False,
    )
    return Part(
        services=(service,),
        volumes=(Volume(name=f"{name}-data"),),
        secrets=(
            Secret(name=broker.password),
            Secret(
                name=accounts,
                text="".join(f"{line}\n" for line in _settings(context, broker)),
                sources=(broker.password,),
            ),
            *((Secret(name=cookie),) if broker.clustered else ()),
        ),
        files=(ConfigFile(path=_START, template="rabbitmq/start.sh"),) if scripted else (),
        certificates=(certificate(name, image),) if broker.tls else (),
        notes=tuple(_notes(context, component_id, item, broker)),
        wires=tuple(
            Wire(source=name, target=context.name(key), label="cluster")
            for key in broker.members
            if key != component_id
        ),
    )


def _settings(context: Context, broker: Broker) -> Iterator[str]:
    """Yield the lines of its configuration, in which the password is still to be filled in."""
    yield "loopback_users = none"
    yield f"default_user = {USER}"
    yield f"default_pass = {{{broker.password}}}"
    if broker.tls:
        yield f"listeners.ssl.default = {_TLS_PORT}"
        yield f"ssl_options.cacertfile = {CA_FILE}"
        yield f"ssl_options.certfile = {CERTIFICATES}/tls.crt"
        yield f"ssl_options.keyfile = {_KEY}"
        yield "ssl_options.verify = verify_none"
        yield "ssl_options.fail_if_no_peer_cert = false"
    if broker.clustered:
        formation, growth = "cluster_formation", "quorum_queue.continuous_membership_reconciliation"
        yield f"{formation}.peer_discovery_backend = classic_config"
        for number, key in enumerate(broker.members, 1):
            yield f"{formation}.classic_config.nodes.{number} = rabbit@{context.name(key)}"
        yield f"{formation}.discovery_retry_limit = 240"  # the first may start the last
        yield f"{growth}.enabled = true"
        yield f"{growth}.auto_remove = false"
        yield f"{growth}.target_group_size = {len(broker.members)}"
        yield f"{growth}.trigger_interval = 5000"


def _notes(context: Context, component_id: str, item: Queue, broker: Broker) -> Iterator[Note]:
    def note(text: str) -> Note:
        return Note(components=(component_id,), text=text)

    roles = {reach.role for key in broker.members for reach in context.into(key)}
    if component_id == broker.members[0] and "publish" in roles and "consume" not in roles:
        yield note(
            f"{item.name}: nobody is drawn who takes its jobs; it keeps the newest {MOST_JOBS} and "
            "forgets the oldest."
        )
    cluster = context.design.cluster(component_id)
    if cluster is None:
        return
    if broker.clustered:
        if component_id == broker.members[0]:
            names = ", ".join(map(context.name, broker.members))
            yield note(
                f"{cluster.name}: {names} are one RabbitMQ, and each has a copy of every job; "
                f"{len(broker.members) // 2 + 1} of them must work for one to be taken."
            )
        return
    yield note(
        f"{cluster.name}: {cluster.mode} is not exported for queues, quorum is; {item.name} keeps "
        "its messages itself, and whoever publishes takes one queue that answers."
        if cluster.mode != "quorum"
        else f"{cluster.name}: a quorum of one has no copies; {item.name} is alone in it."
    )
