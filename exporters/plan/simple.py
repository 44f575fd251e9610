"""Services of any image, and parts that do not run: nothing has to be arranged for them."""

from collections.abc import Mapping
from types import MappingProxyType

from app.model.compute import Service as AnyService
from app.model.traffic import Client
from exporters.deployment import Note, Service
from exporters.plan.draft import Context, Part
from exporters.plan.names import is_image

# Why a program that users bring keeps what its image says.
UNKNOWN: Mapping[str, str] = MappingProxyType(
    {
        "read_only": "nobody has said where this program writes",
        "user": "nobody has said as whom this program works; its image does",
    }
)


def any_service(context: Context, component_id: str, item: AnyService) -> Part:
    """Plan a service of any image, or say why it has none."""
    if item.external:
        return left_out(component_id, item.name, "somebody else runs it")
    if not is_image(item.image):
        why = "it names no container image with a fixed tag"
        return left_out(component_id, item.name, why)
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
