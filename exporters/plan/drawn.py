"""What the drawing says of how a program runs: restarts, limits, and whose rights it has."""

from collections.abc import Iterator
from dataclasses import replace

from app.model.component import Program
from app.model.design import Design
from exporters.deployment import Note, Service
from exporters.plan.draft import Context
from exporters.plan.names import natural
from exporters.plan.own_programs import OWN_ROLES

_BROUGHT = (*OWN_ROLES, "service")  # of these no image is known that has a user of its own


def as_drawn(design: Design, service: Service) -> Service:
    """Return a service with what was drawn in place of what every other one has."""
    item = design.components.get(service.component)
    if not isinstance(item, Program):
        return service
    reasons = dict(service.reasons)
    if item.restart == "never":
        service = replace(service, restarts=False)
        reasons["restart"] = "drawn: nothing starts it again"
    if item.limits == "none":
        service = replace(service, limits=None)
        reasons["limits"] = "drawn: neither memory nor processors are limited"
    if item.runs_as == "root" and service.role in _BROUGHT:
        service = replace(service, user="0:0")
        reasons["user"] = "drawn: it runs as root"
    return replace(service, reasons=reasons)


def rights(context: Context, services: tuple[Service, ...]) -> Iterator[Note]:
    """Yield notes about rights that are drawn, and that no program gets here."""
    roles = {service.component: service.role for service in services}
    for key in sorted(roles.keys() & context.design.components.keys(), key=natural):
        item = context.item(key)
        if not isinstance(item, Program):
            continue
        if item.runs_as == "root" and roles[key] not in _BROUGHT:
            yield Note(
                components=(key,),
                text=f"{item.name} is drawn as running as root; here it has the user of its image.",
            )
        if item.runs_as == "host":
            yield Note(
                components=(key,),
                text=f"{item.name} is drawn as allowed to do everything on its machine; here it is "
                "not.",
            )
