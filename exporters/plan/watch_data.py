"""How databases and caches are watched.

An exporter that asks a dead database stays up itself: alarms look at what it found.
"""

from collections.abc import Iterator, Mapping, Sequence

from exporters import images
from exporters.deployment import Secret, Service
from exporters.plan.caches import SENTINEL_PORT
from exporters.plan.draft import Context, Part
from exporters.plan.stores import PORTS, Store, secret_file
from exporters.plan.watch import Watch, exporter, names
from exporters.programs import Alert, Job

_POSTGRES, _MYSQL, _REDIS = 9187, 9104, 9121
# A replica that may take over keeps slots too, which nobody reads from.
_ON_PRIMARY = " and on (instance) pg_replication_is_replica == 0"


def postgres(context: Context, stores: Mapping[str, Store]) -> Iterator[Watch]:
    """Yield what watches PostgreSQL."""
    chosen = _by_engine(stores, "postgres")
    if not chosen:
        return
    name = context.names.claim("postgres-exporter")
    secret = Secret(
        name=f"{name}-config",
        text="auth_modules:\n" + "".join(map(_auth_module, chosen)),
        sources=tuple(store.secret("monitor") for store in chosen),
    )
    command = (f"--config.file={secret_file(secret.name)}", "--no-collector.wal")
    service = exporter(name, images.POSTGRES_EXPORTER, command=command, secrets=(secret.name,))
    yield Watch(
        part=Part(services=(service,), secrets=(secret,)),
        collector=name,
        targets=_members(context, chosen),
        jobs=tuple(
            Job(
                name=f"postgres-{store.name}",
                targets=tuple(f"{context.name(key)}:5432" for key in store.members),
                path="/probe",
                exporter=f"{name}:{_POSTGRES}",
                parameters=(("auth_module", store.name),),
            )
            for store in chosen
        ),
        alerts=tuple(_postgres_alerts(context, chosen)),
    )


def _auth_module(store: Store) -> str:
    mode = "require" if store.tls else "disable"
    return (
        f"  {store.name}:\n"
        "    type: userpass\n"
        "    userpass:\n"
        "      username: exporter\n"
        f'      password: "{{{store.secret("monitor")}}}"\n'
        "    options:\n"
        f"      sslmode: {mode}\n"
        "      dbname: postgres\n"
    )


def _by_engine(stores: Mapping[str, Store], *engines: str) -> list[Store]:
    found = {store.name: store for store in stores.values() if store.engine in engines}
    return [found[name] for name in sorted(found)]


def _members(context: Context, stores: Sequence[Store]) -> frozenset[str]:
    return frozenset(context.name(key) for store in stores for key in store.members)


def _postgres_alerts(context: Context, stores: Sequence[Store]) -> Iterator[Alert]:
    yield Alert(
        name="PostgresDown",
        expression="pg_up == 0",
        lasts="10s",
        severity="critical",
        summary="PostgreSQL at {{ $labels.instance }} does not answer",
        covers=tuple(sorted(_members(context, stores))),
    )
    for store in stores:
        if store.replicas:
            yield from _postgres_replicas(context, store)


def _postgres_replicas(context: Context, store: Store) -> Iterator[Alert]:
    stem = "".join(word.capitalize() for word in store.name.split("-"))
    job = f'job="postgres-{store.name}"'
    replicas = tuple(context.name(key) for key in store.replicas)
    yield Alert(
        name=f"{stem}ReplicationSlotInactive",
        expression=f"pg_replication_slot_slot_is_active{{{job}}} == 0{_ON_PRIMARY}",
        lasts="30s",
        severity="critical",
        summary="No replica reads from slot {{ $labels.slot_name }} of {{ $labels.instance }}",
        covers=replicas,
    )
    yield Alert(
        name=f"{stem}ReplicationLag",
        # On a primary that nobody writes to, the seconds since the last write are no lag.
        expression=f"pg_replication_lag_seconds{{{job}}} > 30 and on (job) "
        f"max by (job) (pg_stat_replication_pg_wal_lsn_diff{{{job}}}) > 0",
        lasts="1m",
        severity="warning",
        summary="{{ $labels.instance }} is more than 30 seconds behind",
        covers=replicas,
    )
    yield Alert(
        name=f"{stem}TwoPrimaries",
        expression=f"count(pg_replication_is_replica{{{job}}} == 0) > 1",
        lasts="10s",
        severity="critical",
        summary="Two servers take writes",
        covers=(context.name(store.primary), *replicas),
    )


def mysql(context: Context, stores: Mapping[str, Store]) -> Iterator[Watch]:
    """Yield what watches MariaDB and MySQL."""
    chosen = _by_engine(stores, "mariadb", "mysql")
    if not chosen:
        return
    name = context.names.claim("mysqld-exporter")
    sections = [
        f"[client.{store.name}]\nuser=exporter\npassword={{{store.secret('monitor')}}}\n"
        for store in chosen
    ]
    secret = Secret(
        name=f"{name}-config",
        text="[client]\nuser=exporter\n" + "".join(sections),
        sources=tuple(store.secret("monitor") for store in chosen),
    )
    command = (f"--config.my-cnf={secret_file(secret.name)}",)
    service = exporter(name, images.MYSQLD_EXPORTER, command=command, secrets=(secret.name,))
    yield Watch(
        part=Part(services=(service,), secrets=(secret,)),
        collector=name,
        targets=_members(context, chosen),
        jobs=tuple(
            Job(
                name=f"mysql-{store.name}",
                targets=tuple(f"{context.name(key)}:{PORTS['mysql']}" for key in store.members),
                path="/probe",
                exporter=f"{name}:{_MYSQL}",
                parameters=(("auth_module", f"client.{store.name}"),),
            )
            for store in chosen
        ),
        alerts=tuple(_mysql_alerts(context, chosen)),
    )


def _mysql_alerts(context: Context, stores: Sequence[Store]) -> Iterator[Alert]:
    yield Alert(
        name="MysqlDown",
        expression="mysql_up == 0",
        lasts="10s",
        severity="critical",
        summary="{{ $labels.instance }} does not answer",
        covers=tuple(sorted(_members(context, stores))),
    )
    replicas = tuple(context.name(key) for store in stores for key in store.replicas)
    if replicas:
        yield Alert(
            name="MysqlReplicationStopped",
            expression="mysql_slave_status_slave_io_running == 0"
            " or mysql_slave_status_slave_sql_running == 0",
            lasts="30s",
            severity="critical",
            summary="{{ $labels.instance }} does not follow its primary",
            covers=replicas,
        )


def redis(context: Context, services: Sequence[Service]) -> Iterator[Watch]:
    """Yield what watches Redis and Valkey."""
    ports = {"redis": 6379, "sentinel": SENTINEL_PORT}
    doors = {name: port for role, port in ports.items() for name in names(services, role)}
    asked = tuple(doors)
    if not asked:
        return
    name = context.names.claim("redis-exporter")
    service = exporter(name, images.REDIS_EXPORTER, environment={"REDIS_ADDR": ""})
    yield Watch(
        part=Part(services=(service,)),
        collector=name,
        targets=frozenset(asked),
        jobs=(
            Job(
                name="redis",
                targets=tuple(f"redis://{door}:{port}" for door, port in doors.items()),
                path="/scrape",
                exporter=f"{name}:{_REDIS}",
            ),
        ),
        alerts=(
            Alert(
                name="RedisDown",
                expression="redis_up == 0",
                lasts="10s",
                severity="critical",
                summary="{{ $labels.instance }} does not answer",
                covers=asked,
            ),
        ),
    )
