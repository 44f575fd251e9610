"""Certificates for a public name by ACME (RFC 8555): who gets one, for which names, kept where.

Caddy and Traefik ask for theirs themselves and renew them. The CA reaches them at port 443
(tls-alpn-01, RFC 8737), Caddy at port 80 as well (http-01). Sources: Caddy 2.11, global options
`acme_ca`, `acme_ca_root` and `email`; Traefik 3.7, `certificatesResolvers`, and the variable
LEGO_CA_CERTIFICATES of its library; Let's Encrypt, "Rate Limits".
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain

from app.model.compute import WebServer
from app.model.traffic import Client, Dns, LoadBalancer, ReverseProxy
from exporters.deployment import Bind, ConfigFile, Issued, Mount, Note, Port, Setting, Volume
from exporters.errors import ExportError
from exporters.images import CADDY, TRAEFIK, Image
from exporters.plan.draft import Context, Part
from exporters.plan.entrances import Entrance, behind_edge, secure_entrances
from exporters.plan.names import is_public_name, natural
from exporters.plan.products import product_of

_STORE, _ROOTS = "/acme", "/etc/acme"
_PUBLISHED = {"http": 80, "https": 443}  # RFC 8555, section 8.3, and RFC 8737, section 3
_STAGING = "https://acme-staging-v02.api.letsencrypt.org/directory"
_OTHERWISE = "or choose the certificates of the project's own authority (local)"
_MAIL = Setting("ACME_EMAIL", "", "Where the CA may write to about certificates; empty: nowhere")
_DIRECTORY = Setting(
    "ACME_DIRECTORY",
    "https://acme-v02.api.letsencrypt.org/directory",
    f"The CA; to try without its limits: {_STAGING}",
)
_SYSTEM = "/etc/ssl/certs/ca-certificates.crt"  # of both images


def public_names(context: Context) -> Mapping[str, tuple[str, ...]]:
    """Return the names for which the entrance gets a certificate by ACME, by its id.

    Raises:
        ExportError: there is no such entrance, more than one, or one that cannot get it.
    """
    found = secure_entrances(context)
    if not found:
        raise ExportError(
            f"{context.design.name}: its users reach nothing over HTTPS, so there is nothing to "
            f"get a certificate for by ACME; draw their link as encrypted, {_OTHERWISE}"
        )
    told = " and ".join(context.item(key).name for key in found)
    if any(behind_edge(context, key) for key in found):
        raise ExportError(
            f"{told}: a CA reaches only the active one of a pair, and the other one would have no "
            f"certificate by ACME; draw one balancer, {_OTHERWISE}"
        )
    if len(found) > 1:
        raise ExportError(
            f"{told}: only one can have port 443 of the public address, at which ACME asks; let "
            f"the users come in at one of them, {_OTHERWISE}"
        )
    _refuse_programs(context, found[0])
    return {found[0]: _names(context, found[0])}


def _refuse_programs(context: Context, component_id: str) -> None:
    """Refuse an entrance that is no program with ACME, naming the nearest that is."""
    item = context.item(component_id)
    if not isinstance(item, LoadBalancer | ReverseProxy | WebServer):
        raise ExportError(
            f"{item.name}: what runs for it gets no certificate by ACME; draw a reverse proxy "
            f"before it with the image {CADDY.tag} or {TRAEFIK.tag}, {_OTHERWISE}"
        )
    server = isinstance(item, WebServer)
    if product_of(item.image) not in (("caddy",) if server else ("caddy", "traefik")):
        nearest = CADDY.tag if server else f"{CADDY.tag} or {TRAEFIK.tag}"
        raise ExportError(
            f"{item.name}: {item.image or 'what runs for it'} gets no certificate by ACME; choose "
            f"the image {nearest}, {_OTHERWISE}"
        )
    if isinstance(item, LoadBalancer) and item.layer == "tcp":
        raise ExportError(
            f"{item.name}: a balancer that passes connections needs no name, and gets no "
            f"certificate by ACME here; set its layer to http, {_OTHERWISE}"
        )


def _names(context: Context, component_id: str) -> tuple[str, ...]:
    """Return the names drawn at an entrance, else those for which its users ask a DNS."""
    item = context.item(component_id)
    drawn = str(getattr(item, "certificate", "")).split() or [*_asked_for(context, component_id)]
    if not drawn:
        raise ExportError(
            f"{item.name}: ACME needs the public name of the site; write it into the field "
            f"Certificate of {item.name}, or let its users ask a DNS with it as domain"
        )
    for name in drawn:
        if not is_public_name(name):
            raise ExportError(
                f'{item.name}: no public CA signs for "{name}" by ACME at ports 80 and 443; write '
                f"a host name that the internet resolves into the field Certificate of {item.name},"
                f" or into the domain of the DNS, {_OTHERWISE}"
            )
    return tuple(dict.fromkeys(name.lower() for name in drawn))


def _asked_for(context: Context, component_id: str) -> Iterator[str]:
    """Yield the domain of each DNS that a client of an entrance asks: others are for others."""
    callers = {reach.source for reach in context.into(component_id)}
    users = (key for key in sorted(callers, key=natural) if isinstance(context.item(key), Client))
    for reach in chain.from_iterable(map(context.out, users)):
        if isinstance(dns := context.item(reach.target), Dns):
            yield dns.domain


def issued(
    context: Context, component_id: str, part: Part, entrance: Entrance, image: Image
) -> Part:
    """Return the plan of an entrance that gets a certificate by ACME beside its local one."""
    (service,) = part.services
    names, volume = context.public[component_id], f"{service.name}-acme"
    folder = f"config/{context.names.claim('acme')}"
    told = f"By what to know that CA; put the root of a company's into {folder}/, say {_ROOTS}/FILE"
    root = Setting("ACME_CA_ROOT", _SYSTEM, told)
    service = replace(
        service,
        environment={
            **service.environment,
            "ACME_EMAIL": _MAIL,
            "ACME_DIRECTORY": _DIRECTORY,
            "LEGO_CA_CERTIFICATES" if image is TRAEFIK else "ACME_CA_ROOT": root,
        },
        binds=(*service.binds, Bind(source=folder, target=_ROOTS)),
        mounts=(*service.mounts, Mount(volume=volume, target=_STORE)),
    )
    certificate = Issued(
        service=service.name,
        names=names,
        volume=volume,
        owner=image.key_owner,
        ports=_asked(entrance, image),
    )
    return replace(
        part,
        services=(service,),
        volumes=(*part.volumes, Volume(name=volume)),
        files=(*part.files, ConfigFile(path=f"{folder}/README.md", template="acme.md")),
        issued=certificate,
        notes=(*part.notes, _note(context, component_id, certificate)),
    )


def _asked(entrance: Entrance, image: Image) -> tuple[Port, ...]:
    """Return the ports at which a CA asks: of Traefik only that of tls-alpn-01 is set up."""
    return tuple(p for p in entrance.ports if p.scheme == "https" or image is not TRAEFIK)


def wanted_ports(certificate: Issued) -> tuple[tuple[Port, int], ...]:
    """Return the ports at which a CA asks, each with the number that it has to be published at."""
    return tuple((port, _PUBLISHED[port.scheme]) for port in certificate.ports)


def _note(context: Context, component_id: str, certificate: Issued) -> Note:
    ports = ", ".join(f"{port.variable}={number}" for port, number in wanted_ports(certificate))
    return Note(
        components=(component_id,),
        text=f"{context.item(component_id).name} gets the certificate for "
        f"{', '.join(certificate.names)} from the CA in .env (ACME_DIRECTORY) by ACME, and renews "
        "it by itself. For that these names have to lead to this machine from the internet, and "
        f".env has to say BIND_ADDRESS=0.0.0.0, {ports}. Let's Encrypt bears five failures an hour "
        "and signs five times a week for the same names: try with its staging directory first. "
        f"What it signed lies in the volume {certificate.volume}, which ./ops reset and docker "
        "compose down --volumes delete as well. At localhost the certificate of the project's own "
        "authority is served.",
    )
