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
    PURPOSES,
    Store,
    certificate,
    secret_file,
)

_FOLDER = "config/postgres"
_SCRIPTS = ("20-roles.sh", "30-schema.sh")
_ENTRYPOINT = "/usr/local/bin/replica.sh"


def plan(context: Context, component_id: str, item: Database, store: Store) -> Part:
    """Plan one PostgreSQL server of a store."""
    name = context.name(component_id)
    major, remark = _release(store, item.name)
    image = images.POSTGRES[major]
    service = Service(
        name=name,
        title=item.name,
        role="database",
        component=component_id,
        image=image.tag,
        environment={"PGDATA": _home(major, image.data)},
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
        stop_seconds=60,
        shared_memory=256,
        init=False,
    )
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
        certificates=(certificate(name, image),) if store.tls else (),
        notes=(Note(components=(component_id,), text=remark),) if remark else (),
    )


def _release(store: Store, name: str) -> tuple[str, str]:
    """Return the release of PostgreSQL to take, and a remark where it is not the drawn one."""
    wanted = store.version.strip().split(".")[0]
    newest = next(iter(images.POSTGRES))
    if not wanted or wanted in images.POSTGRES:
        return wanted or newest, ""
    return newest, f"{name}: PostgreSQL {newest} takes the place of the release drawn."


def _home(major: str, mount: str) -> str:
    """Return the data directory: always below the mount, because a mount cannot be renamed."""
    return f"{mount}/pgdata" if major == "17" else f"{mount}/{major}/docker"


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
    secrets = tuple(store.secret(what) for what in PURPOSES)
    admin, app, replication, monitor = map(secret_file, secrets)
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
