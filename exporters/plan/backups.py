"""Backups: a service that copies each database in time, and the script that puts a copy back."""

from collections.abc import Iterator, Mapping

from app.model.stores import Backup
from exporters import images
from exporters.deployment import (
    Bind,
    Condition,
    ConfigFile,
    Copies,
    Mount,
    Note,
    Probe,
    Service,
    Volume,
)
from exporters.images import Image
from exporters.pki import CA_CERTIFICATE
from exporters.plan import postgres, simple
from exporters.plan.draft import Context, Part, Wire
from exporters.plan.stores import DATABASE, Store, secret_file
from exporters.programs import CA_FILE

KEPT = 7
_SCRIPT = "/backup.sh"
_HEALTHY = 'find {} -name "*.copy" -mmin -{} | grep -q .'


def backup(context: Context, component_id: str, item: Backup, stores: Mapping[str, Store]) -> Part:
    """Plan the copies of all stores that a backup is linked to: one service for each."""
    linked = tuple(_linked(context, component_id))
    found = {stores[key].name: stores[key] for key in linked if key in stores}
    if not found:
        return simple.left_out(component_id, item.name, "no database is linked to it")
    names = {
        store: context.name(component_id)
        if not number
        else context.names.claim(f"{context.name(component_id)}-{store}")
        for number, store in enumerate(sorted(found))
    }
    parts = [_one(context, component_id, item, names[key], found[key]) for key in sorted(found)]
    return Part(
        services=tuple(service for part in parts for service in part.services),
        volumes=tuple(volume for part in parts for volume in part.volumes),
        files=tuple(file for part in parts for file in part.files),
        wires=tuple(wire for part in parts for wire in part.wires),
        copies=tuple(copies for part in parts for copies in part.copies),
        notes=(
            *(note for part in parts for note in part.notes),
            *_notes(context, component_id, item, [key for key in linked if key not in stores]),
        ),
    )


def _linked(context: Context, component_id: str) -> Iterator[str]:
    """Yield what a backup copies, whichever of the two opens the connection."""
    for reach in context.reaches:
        if reach.role == "backup" and component_id in (reach.source, reach.target):
            yield reach.target if reach.source == component_id else reach.source


def _one(context: Context, component_id: str, item: Backup, name: str, store: Store) -> Part:
    image, program = _image(store), "postgres" if store.engine == "postgres" else "mysql"
    servers = tuple(map(context.name, (*store.replicas, store.primary)))
    secret = store.secret("backup")
    script = f"config/backup/{program}.sh"
    every = max(36, round(item.interval_hours * 3600))
    needs: dict[str, Condition] = {context.name(store.primary): "healthy"}
    trust = (Bind(source=CA_CERTIFICATE, target=CA_FILE),) if store.tls else ()
    service = Service(
        name=name,
        title=item.name,
        role="backup",
        component=component_id,
        image=image.tag,
        entrypoint=("bash", _SCRIPT),
        environment={
            "ENGINE": store.engine,
            "COPIES": image.data,  # the one folder that the user of the image may fill
            "SERVERS": " ".join(servers),
            "DATABASE": DATABASE,
            "PASSWORD_FILE": secret_file(secret),
            "EVERY": str(every),
            "KEEP": str(KEPT),
            **({"SSL_CERT_FILE": CA_FILE} if store.tls else {}),
        },
        binds=(Bind(source=script, target=_SCRIPT), *trust),
        mounts=(Mount(volume=f"{name}-copies", target=image.data),),
        secrets=(secret,),
        needs=needs,
        probe=Probe(
            command=("bash", "-c", _HEALTHY.format(image.data, 2 * every // 60 + 2)),
            start_period=60,
        ),
    )
    note = Note(
        components=(component_id,),
        text=f"{item.name} copies the database of {store.name} at once and then every "
        f"{item.interval_hours:g} h into the volume {name}-copies, and keeps the last {KEPT}: on "
        "the same machine, so carry them elsewhere. No alarm watches it; it is unhealthy in docker "
        f"compose ps when a copy is overdue. Put the newest one back with: ./ops restore {name}",
    )
    return Part(
        services=(service,),
        volumes=(Volume(name=f"{name}-copies"),),
        files=(ConfigFile(path=script, template=f"backup/{program}.sh"),),
        notes=(note,),
        wires=tuple(Wire(source=name, target=server, label="backup") for server in servers),
        copies=(Copies(service=name, copied=store.servers(context)),),
    )


def _image(store: Store) -> Image:
    if store.engine == "postgres":
        return postgres.image_of(store)
    return images.MARIADB if store.engine == "mariadb" else images.MYSQL


def _notes(context: Context, component_id: str, item: Backup, others: list[str]) -> Iterator[Note]:
    for key in others:
        yield Note(
            components=(component_id,),
            text=f"{item.name} copies databases only; {context.item(key).name} is left out.",
        )
