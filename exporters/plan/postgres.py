"""PostgreSQL: a primary, and streaming replicas that copy themselves from it.

Settings and scripts: the chapters "Log-Shipping Standby Servers" and "Streaming Replication" of
the PostgreSQL manual. A replica copies aside and renames, so that a copy cut short is never taken
for a database.
"""

from dataclasses import replace

from app.model.stores import Database
from exporters import images
from exporters.deployment import Bind, ConfigFile, Mount, Note, Service
from exporters.plan.draft import Context, Part
from exporters.plan.stores import (
    CERTIFICATES,
    DATABASE,
    INIT,
    Store,
    certificate,
    secret_file,
)

_FOLDER = "config/postgres"
_SCRIPTS = ("20-roles.sh", "25-replication.sh", "30-schema.sh")
ROLE_CHECK = "rolecheck"  # the account with which balancers ask who leads
_ENTRYPOINT = "/usr/local/bin/replica.sh"


def plan(context: Context, component_id: str, item: Database, store: Store) -> Part:
    """Plan one PostgreSQL server of a store, whose replicas people promote."""
    name = context.name(component_id)
    image, remarks = release(store, component_id, item)
    service = server(name, component_id, item, image)
    if component_id == store.primary:
        service = _primary(context, service, store)
        files = [ConfigFile(path=f"{_FOLDER}/{name}", template=f"postgres/{name}")
                 for name in _SCRIPTS]  # fmt: skip
    else:
        service = _replica(context, service, store)
        files = [ConfigFile(path=f"{_FOLDER}/replica.sh", template="postgres/replica.sh")]
    return Part(
        services=(service,),
        files=tuple(files),
        certificates=(certificate(name, image, map(context.name, store.balancers)),)
        if store.tls
        else (),
        notes=remarks,
    )


def server(name: str, component_id: str, item: Database, image: images.Image) -> Service:
    """Return what every PostgreSQL server has in common."""
    return Service(
        name=name,
        title=item.name,
        role="database",
        component=component_id,
        image=image.tag,
        environment={"PGDATA": _home(image)},
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
        stop_seconds=60,
        shared_memory=256,
        init=False,
    )


def release(
    store: Store, component_id: str, item: Database
) -> tuple[images.Image, tuple[Note, ...]]:
    """Return the image of the release to take, and a remark where it is not the drawn one."""
    image = image_of(store)
    if not store.version.strip() or _major(store) in images.POSTGRES:
        return image, ()
    newest = image.tag.split(":")[1]
    text = f"{item.name}: PostgreSQL {newest} takes the place of the release drawn."
    return image, (Note(components=(component_id,), text=text),)


def image_of(store: Store) -> images.Image:
    """Return the image of the drawn release, else of the newest."""
    newest = next(iter(images.POSTGRES.values()))
    return images.POSTGRES.get(_major(store), newest)


def _major(store: Store) -> str:
    return store.version.strip().split(".")[0]


def _home(image: images.Image) -> str:
    """Return the data directory: always below the mount, because a mount cannot be renamed."""
    major = image.tag.split(":")[1]
    return f"{image.data}/pgdata" if major == "17" else f"{image.data}/{major}/docker"


def _command(store: Store) -> tuple[str, ...]:
    settings = [
        "wal_level=replica", "max_wal_senders=10", "max_replication_slots=10",
        "wal_keep_size=256MB", "max_slot_wal_keep_size=2GB", "wal_log_hints=on",
        "hot_standby=on", "password_encryption=scram-sha-256", "shared_buffers=128MB",
    ]  # fmt: skip
    if store.tls:
        key = f"{CERTIFICATES}/tls"
        settings += ["ssl=on", f"ssl_cert_file={key}.crt", f"ssl_key_file={key}.key"]
    return ("postgres", *(word for setting in settings for word in ("-c", setting)))


def _primary(context: Context, service: Service, store: Store) -> Service:
    secrets = tuple(store.secret(what) for what in store.purposes)
    admin, app, replication, monitor, *backup = map(secret_file, secrets)
    slots = " ".join(_slot(context.name(key)) for key in store.replicas)
    environment = {
        **service.environment,
        "POSTGRES_PASSWORD_FILE": admin,
        "POSTGRES_DB": DATABASE,
        "APP_PASSWORD_FILE": app,
        "REPLICATION_PASSWORD_FILE": replication,
        "MONITOR_PASSWORD_FILE": monitor,
        "REPLICATION_SLOTS": slots,
    }
    if backup:
        environment["BACKUP_PASSWORD_FILE"] = backup[0]
    if store.balancers:
        environment["ROLE_CHECK"] = ROLE_CHECK
    binds = tuple(Bind(source=f"{_FOLDER}/{name}", target=f"{INIT}/{name}") for name in _SCRIPTS)
    return replace(
        service, command=_command(store), environment=environment, secrets=secrets, binds=binds
    )


def _replica(context: Context, service: Service, store: Store) -> Service:
    primary, secret = context.name(store.primary), store.secret("replication")
    environment = {
        **service.environment,
        "PRIMARY_HOST": primary,
        "REPLICATION_PASSWORD_FILE": secret_file(secret),
        "REPLICATION_SLOT": _slot(service.name),
    }
    return replace(
        service,
        entrypoint=("bash", _ENTRYPOINT),
        command=_command(store),
        environment=environment,
        secrets=(secret,),
        binds=(Bind(source=f"{_FOLDER}/replica.sh", target=_ENTRYPOINT),),
        needs={primary: "healthy"},
    )


def _slot(name: str) -> str:
    """Return a service name as the name of a replication slot."""
    return name.replace("-", "_")
