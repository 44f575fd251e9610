"""MySQL: a primary, and replicas that follow its global transaction ids over TLS.

MySQL makes its own certificate when it starts; replication uses it, because an account without
TLS could not log in. `super_read_only` is set last: on the command line it would stop the init.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.model.stores import Database
from exporters import images
from exporters.deployment import Bind, ConfigFile, Mount, Probe, Service
from exporters.plan.draft import Context, Part
from exporters.plan.roles import in_its_role, role_script
from exporters.plan.stores import (
    CERTIFICATES,
    DATABASE,
    INIT,
    USER,
    Store,
    certificate,
    secret_file,
)

_FOLDER = "config/mysql"
_PRIMARY = "20-roles.sh"
_REPLICA = "zz-replica.sh"
_HEALTH = (
    "mysql", "--protocol=TCP", "-h", "127.0.0.1", "-u", "health", "--batch",
    "-e", "SELECT 1",
)  # fmt: skip


def plan(context: Context, component_id: str, item: Database, store: Store) -> Part:
    """Plan one MySQL server of a store."""
    name = context.name(component_id)
    image = images.MYSQL
    service = Service(
        name=name,
        title=item.name,
        role="database",
        component=component_id,
        image=image.tag,
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
        stop_seconds=60,
        probe=Probe(command=_HEALTH, start_period=120),
    )
    if component_id == store.primary:
        service, script = _primary(service, store), _PRIMARY
    else:
        service, script = _replica(context, service, store), _REPLICA
    source = f"{_FOLDER}/{script}"
    service = replace(service, binds=(Bind(source=source, target=f"{INIT}/{script}"),))
    files: tuple[ConfigFile, ...] = (ConfigFile(path=source, template=f"mysql/{script}"),)
    if store.replicas:
        service = in_its_role(service, _FOLDER)
        files += (role_script(_FOLDER, "--super-read-only"),)
    return Part(
        services=(service,),
        files=files,
        certificates=(certificate(name, image),) if store.tls else (),
    )


def _command(number: int, store: Store) -> Iterator[str]:
    yield "mysqld"
    yield f"--server-id={number}"
    yield "--gtid-mode=ON"
    yield "--enforce-gtid-consistency=ON"
    yield "--log-bin=binlog"
    yield "--binlog-expire-logs-seconds=604800"
    yield "--host-cache-size=0"
    if store.replicas:
        # By itself it is named after the container, and a new container would not find it.
        yield "--relay-log=relay-bin"
    if number > 1:
        yield "--read-only=ON"
    if store.tls:
        yield f"--ssl-cert={CERTIFICATES}/tls.crt"
        yield f"--ssl-key={CERTIFICATES}/tls.key"


def _primary(service: Service, store: Store) -> Service:
    secrets = tuple(store.secret(what) for what in store.purposes)
    admin, app, replication, monitor, *backup = map(secret_file, secrets)
    environment = {
        "MYSQL_ROOT_PASSWORD_FILE": admin,
        "MYSQL_ROOT_HOST": "localhost",
        "MYSQL_INITDB_SKIP_TZINFO": "1",
        "MYSQL_DATABASE": DATABASE,
        "MYSQL_USER": USER,
        "MYSQL_PASSWORD_FILE": app,
        "REPLICATION_PASSWORD_FILE": replication,
        "MONITOR_PASSWORD_FILE": monitor,
    }
    if backup:
        environment["BACKUP_PASSWORD_FILE"] = backup[0]
    command = tuple(_command(1, store))
    return replace(service, command=command, environment=environment, secrets=secrets)


def _replica(context: Context, service: Service, store: Store) -> Service:
    primary = context.name(store.primary)
    secrets = (store.secret("admin"), store.secret("replication"))
    number = 2 + store.replicas.index(service.component)
    environment = {
        "MYSQL_ROOT_PASSWORD_FILE": secret_file(secrets[0]),
        "MYSQL_ROOT_HOST": "localhost",
        "MYSQL_INITDB_SKIP_TZINFO": "1",
        "PRIMARY_HOST": primary,
        "REPLICATION_PASSWORD_FILE": secret_file(secrets[1]),
    }
    return replace(
        service,
        command=tuple(_command(number, store)),
        environment=environment,
        secrets=secrets,
        needs={primary: "healthy"},
    )
