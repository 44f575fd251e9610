"""MariaDB: a primary, and replicas that follow its binary log by global transaction ids.

The image sets replication up from its documented variables. Only the primary is given the
database and the user: replicas receive both through the log.
"""

from collections.abc import Iterator
from dataclasses import replace

from app.model.stores import Database
from exporters import images
from exporters.deployment import Bind, ConfigFile, Mount, Probe, Service
from exporters.pki import CA_CERTIFICATE
from exporters.plan.draft import Context, Part
from exporters.plan.roles import ROLE_FILE, in_its_role, role_script
from exporters.plan.stores import (
    CERTIFICATES,
    DATABASE,
    INIT,
    USER,
    Store,
    certificate,
    secret_file,
)
from exporters.programs import CA_FILE

_SCRIPT = "20-roles.sh"
_FOLDER = "config/mariadb"
# Once it is promoted it has nobody to be behind.
_REPLICA_HEALTH = (
    f"grep -qs primary {ROLE_FILE} && set --; "
    'exec healthcheck.sh --connect --innodb_initialized "$@"'
)


def plan(context: Context, component_id: str, item: Database, store: Store) -> Part:
    """Plan one MariaDB server of a store."""
    name = context.name(component_id)
    image = images.MARIADB
    service = Service(
        name=name,
        title=item.name,
        role="database",
        component=component_id,
        image=image.tag,
        mounts=(Mount(volume=f"{name}-data", target=image.data),),
        stop_seconds=60,
    )
    files: tuple[ConfigFile, ...] = ()
    if component_id == store.primary:
        service = _primary(service, store)
        files = (ConfigFile(path=f"{_FOLDER}/{_SCRIPT}", template=f"mariadb/{_SCRIPT}"),)
    else:
        service = _replica(context, service, store)
    if store.replicas:
        service = in_its_role(service, _FOLDER)
        files += (role_script(_FOLDER, "--read-only"),)
    if store.tls:
        service = _trusting(service)
    return Part(
        services=(service,),
        files=files,
        certificates=(certificate(name, image),) if store.tls else (),
    )


def _trusting(service: Service) -> Service:
    """Let what connects from here know the project's authority.

    From 11.4 MariaDB's clients verify the server, also those of the image itself that set it up
    and ask for its health; without a file of their own they trust what OpenSSL trusts.
    """
    return replace(
        service,
        environment={**service.environment, "SSL_CERT_FILE": CA_FILE},
        binds=(*service.binds, Bind(source=CA_CERTIFICATE, target=CA_FILE)),
    )


def _command(number: int, name: str, store: Store) -> Iterator[str]:
    yield "mariadbd"
    yield f"--server-id={number}"
    yield "--log-bin"
    yield f"--log-basename={name}"
    yield "--gtid-strict-mode=ON"
    yield "--binlog-format=ROW"
    if store.replicas:
        yield "--log-slave-updates=ON"  # whoever is promoted hands on what it had received
    if number > 1:
        yield "--read-only=ON"
    if store.tls:
        yield f"--ssl-cert={CERTIFICATES}/tls.crt"
        yield f"--ssl-key={CERTIFICATES}/tls.key"


def _primary(service: Service, store: Store) -> Service:
    secrets = tuple(store.secret(what) for what in store.purposes)
    admin, app, replication, monitor, *backup = map(secret_file, secrets)
    environment = {
        "MARIADB_ROOT_PASSWORD_FILE": admin,
        "MARIADB_ROOT_HOST": "localhost",
        "MARIADB_DATABASE": DATABASE,
        "MARIADB_USER": USER,
        "MARIADB_PASSWORD_FILE": app,
        "MARIADB_REPLICATION_USER": "replicator",
        "MARIADB_REPLICATION_PASSWORD_FILE": replication,
        "MARIADB_HEALTHCHECK_GRANTS": "REPLICA MONITOR",
        "MONITOR_PASSWORD_FILE": monitor,
    }
    if backup:
        environment["BACKUP_PASSWORD_FILE"] = backup[0]
    return replace(
        service,
        command=tuple(_command(1, service.name, store)),
        environment=environment,
        secrets=secrets,
        binds=(Bind(source=f"{_FOLDER}/{_SCRIPT}", target=f"{INIT}/{_SCRIPT}"),),
    )


def _replica(context: Context, service: Service, store: Store) -> Service:
    primary = context.name(store.primary)
    secrets = (store.secret("admin"), store.secret("replication"))
    number = 2 + store.replicas.index(service.component)
    environment = {
        "MARIADB_ROOT_PASSWORD_FILE": secret_file(secrets[0]),
        "MARIADB_ROOT_HOST": "localhost",
        "MARIADB_MASTER_HOST": primary,
        "MARIADB_REPLICATION_USER": "replicator",
        "MARIADB_REPLICATION_PASSWORD_FILE": secret_file(secrets[1]),
        "MARIADB_HEALTHCHECK_GRANTS": "REPLICA MONITOR",
    }
    checks = ("--replication_sql", "--replication_seconds_behind_master=30")
    return replace(
        service,
        command=tuple(_command(number, service.name, store)),
        environment=environment,
        secrets=secrets,
        needs={primary: "healthy"},
        probe=Probe(command=("bash", "-c", _REPLICA_HEALTH, "bash", *checks), start_period=120),
    )
