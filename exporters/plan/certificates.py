"""Keys and certificates on their way: a one-shot service hands each consumer its own volume.

A file of the project cannot carry a key, because the programs insist on its owner and mode, which
a bind mount does not set.
"""

from collections.abc import Sequence
from dataclasses import replace

from exporters import images
from exporters.deployment import (
    Bind,
    Certificate,
    ConfigFile,
    Issued,
    Mount,
    Note,
    Service,
    Volume,
)
from exporters.plan.draft import Part
from exporters.plan.stores import CERTIFICATES
from exporters.programs import Keys


def installer(name: str, certificates: Sequence[Certificate], issued: Issued | None) -> Part:
    """Plan the service that copies the keys, or nothing where nobody has one.

    Who gets another certificate by ACME gets the volume for it as its own.
    """
    if not certificates:
        return Part()
    acme = (Mount(volume=issued.volume, target=f"/acme/{issued.service}"),) if issued else ()
    # Not the whole folder: the key of the authority enters no container.
    keys = (f"{item.service}.{ending}" for item in certificates for ending in ("crt", "key"))
    files = ("install.sh", *keys)
    service = Service(
        name=name,
        title="Installs the certificates",
        role="installer",
        image=images.NGINX.tag,
        entrypoint=("sh", "/pki/install.sh"),
        user="0:0",
        binds=tuple(Bind(source=f"pki/{file}", target=f"/pki/{file}") for file in files),
        mounts=(
            *(Mount(volume=_volume(i.service), target=f"/out/{i.service}") for i in certificates),
            *acme,
        ),
        capabilities=("CHOWN", "DAC_OVERRIDE", "FOWNER"),
        restarts=False,
        one_shot=True,
        reasons={
            "restart": "it ends when each service has its key",
            "user": "only root gives files to other users",
            "cap_add": "it gives keys of this folder to the users of the services",
        },
    )
    return Part(
        services=(service,),
        volumes=tuple(Volume(name=_volume(item.service)) for item in certificates),
        files=(
            ConfigFile(
                path="pki/install.sh",
                template="pki/install.sh",
                values=Keys(certificates=tuple(certificates), issued=issued),
            ),
        ),
        notes=(
            Note(
                text=f"{_whose(issued)} from an authority made for this project and its names "
                f"alone: browsers warn until you import pki/ca.crt. {_advice(issued)}"
                "Certificates last 397 days; ./ops renew makes new ones, signed with pki/ca.key. "
                "Nothing that runs reads that key: carry it away, or delete it, and the next "
                "renewal begins a new authority."
            ),
        ),
    )


def with_certificates(
    services: Sequence[Service], certificates: Sequence[Certificate], installer_name: str
) -> tuple[Service, ...]:
    """Return the services; those that own a certificate mount it and wait for it."""
    owners = {item.service for item in certificates}
    return tuple(
        replace(
            service,
            mounts=(
                *service.mounts,
                Mount(volume=_volume(service.name), target=CERTIFICATES, read_only=True),
            ),
            needs={**service.needs, installer_name: "completed"},
        )
        if service.name in owners
        else service
        for service in services
    )


def _whose(issued: Issued | None) -> str:
    if issued is None:
        return "The certificates come"
    return f"All certificates but that for {', '.join(issued.names)} come"


def _advice(issued: Issued | None) -> str:
    return "" if issued else "Use a public one in production. "


def _volume(service: str) -> str:
    return f"{service}-certs"
