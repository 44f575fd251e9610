"""Varnish: a cache for HTTP, for a proxy that was drawn as one and in the place of a CDN.

It speaks no TLS. Where that is drawn, HAProxy ends it in front of Varnish, and begins it anew
behind it.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.model.traffic import Cdn
from exporters.deployment import Note
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.entrances import Entrance, entrance_of
from exporters.plan.fronts import backend_of, behind, tested_by
from exporters.plan.proxies import proxy
from exporters.programs import HTTP_PORT, Backend, Front

_INSIDE = Entrance(plain=True, tls=False)


def cdn(context: Context, component_id: str, item: Cdn) -> Part:
    """Plan a cache in the place of the machines of a CDN."""
    entrance = entrance_of(context, component_id)
    reaches, notes = behind(context, component_id)
    check, health, health_notes = tested_by(context, component_id, "http", reaches)
    front = Front(
        name=context.name(component_id),
        header="",
        check=check,
        health=health,
        backends=tuple(backend_of(context, reach) for reach in reaches),
        plain=entrance.plain,
        tls=entrance.tls,
    )
    part = cache_proxy(context, component_id, front, entrance, wanted="")
    note = Note(
        components=(component_id,),
        text=f"{item.name}: one cache on this machine stands for the machines of somebody else. It "
        "keeps what may be kept, but is near to nobody, and is one where there are many.",
    )
    return replace(part, notes=(note, *part.notes, *notes, *health_notes))


def cache_proxy(
    context: Context, component_id: str, front: Front, entrance: Entrance, *, wanted: str
) -> Part:
    """Plan Varnish, with what speaks TLS for it; `wanted` are the names on its certificate."""
    return _joined(_parts(context, component_id, front, entrance, wanted))


def _parts(
    context: Context, component_id: str, front: Front, entrance: Entrance, wanted: str
) -> Iterator[Part]:
    """Yield the services in the order in which a request meets them."""
    first = front.name
    if entrance.tls:
        cache = context.names.claim(f"{first}-cache")
        ends_tls = Front(
            name=first,
            header="",
            balance="roundrobin",
            check="tcp",  # it has pages to give also when nothing behind it answers
            backends=(Backend(host=cache, port=HTTP_PORT),),
            plain=entrance.plain,
            tls=True,
            redirect=entrance.redirect,
        )
        part = proxy(
            context, component_id, ends_tls, entrance, "haproxy",
            role="proxy", names=(first,), wanted=wanted,
        )  # fmt: skip
        yield replace(part, wires=(Wire(source=first, target=cache, label="cache"),))
        yield Part(notes=(_tls_note(context, component_id, first),))
        front, entrance = replace(front, name=cache, tls=False, plain=True), _INSIDE
    behind_it = front.backends
    if front.upstream_tls:
        begins = context.names.claim(f"{first}-origin")
        front = replace(front, backends=(Backend(host=begins, port=HTTP_PORT),))
    part = proxy(
        context, component_id, front, entrance, "varnish", role="proxy", names=(), wanted=""
    )
    yield part if front.name == first else _unnamed(part)
    if front.backends == behind_it:
        yield Part(wires=_wires(front.name, behind_it))
        return
    yield Part(wires=(Wire(source=front.name, target=begins, label="origin"),))
    begins_tls = replace(
        front, name=begins, header="", balance="roundrobin", backends=behind_it, plain=True
    )
    part = proxy(
        context, component_id, begins_tls, _INSIDE, "haproxy", role="proxy", names=(), wanted=""
    )
    yield _unnamed(replace(part, wires=_wires(begins, behind_it)))


def _wires(source: str, backends: tuple[Backend, ...]) -> tuple[Wire, ...]:
    return tuple(Wire(source=source, target=b.host, label="request") for b in backends)


def _tls_note(context: Context, component_id: str, name: str) -> Note:
    return Note(
        components=(component_id,),
        text=f"{context.item(component_id).name}: Varnish speaks no TLS; {name} is a HAProxy that "
        "ends it in front of Varnish.",
    )


def _unnamed(part: Part) -> Part:
    """Return a helper: the drawn part is the service that its users meet."""
    services = tuple(
        replace(service, component="", title=service.name) for service in part.services
    )
    return replace(part, services=services)


def _joined(parts: Iterator[Part]) -> Part:
    found = tuple(parts)
    return Part(
        services=tuple(item for part in found for item in part.services),
        files=tuple(item for part in found for item in part.files),
        certificates=tuple(item for part in found for item in part.certificates),
        notes=tuple(item for part in found for item in part.notes),
        wires=tuple(item for part in found for item in part.wires),
    )
