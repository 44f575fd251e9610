"""Queues and services of any image: one container each, with nothing to arrange."""

from collections.abc import Mapping
from types import MappingProxyType

from app.model.compute import Service as AnyService
from app.model.stores import Queue
from app.model.traffic import Client
from exporters import images
from exporters.deployment import Bind, Mount, Note, Secret, Service, Volume
from exporters.plan.draft import Context, Part
from exporters.plan.names import is_image

# Why a program that users bring keeps what its image says.
UNKNOWN: Mapping[str, str] = MappingProxyType(
    {
        "read_only": "nobody has said where this program writes",
        "user": "nobody has said as whom this program works; its image does",
    }
)
_RABBITMQ_CONFIG = "/etc/rabbitmq-accounts.conf"


def queue(context: Context, component_id: str, item: Queue) -> Part:
    """Plan a message queue."""
    name = context.name(component_id)
    secret = Secret(name=f"{name}-password")
    accounts = Secret(
        name=f"{name}-accounts",
        text=f"loopback_users = none\ndefault_user = app\ndefault_pass = {{{secret.name}}}\n",
        sources=(secret.name,),
    )
    service = Service(
        name=name,
        title=item.name,
        role="queue",
        component=component_id,
        image=images.RABBITMQ.tag,
        hostname=name,  # part of the path of its data
        environment={"RABBITMQ_CONFIG_FILE": _RABBITMQ_CONFIG},
        binds=(Bind(source=f"secrets/{accounts.name}", target=_RABBITMQ_CONFIG),),
        mounts=(Mount(volume=f"{name}-data", target=images.RABBITMQ.data),),
        init=False,
    )
    return Part(
        services=(service,), volumes=(Volume(name=f"{name}-data"),), secrets=(secret, accounts)
    )


def any_service(context: Context, component_id: str, item: AnyService) -> Part:
    """Plan a service of any image, or say why it has none."""
    if not is_image(item.image):
        why = "it names no container image with a fixed tag"
        return left_out(component_id, item.name, "somebody else runs it" if item.external else why)
    name = context.name(component_id)
    public = item.port is not None and any(
        isinstance(context.item(reach.source), Client) for reach in context.into(component_id)
    )
    service = Service(
        name=name,
        title=item.name,
        role="service",
        component=component_id,
        image=item.image,
        read_only=False,
        reasons=UNKNOWN,
        ports=(context.ports.of(name, "tcp", item.port),) if public and item.port else (),
    )
    note = Note(
        components=(component_id,),
        text=f"{item.name} runs {item.image} as it is: nothing about its settings, data or user "
        "is drawn, so it keeps its own.",
    )
    return Part(services=(service,), notes=(note,))


def left_out(component_id: str, name: str, why: str) -> Part:
    """Return the note about a part that does not run."""
    return Part(notes=(Note(components=(component_id,), text=f"{name} was left out: {why}."),))
