"""How databases and caches are watched.

An exporter that asks a dead database stays up itself: alarms look at what it found.
"""

from collections.abc import Iterator, Mapping, Sequence

from exporters import images
from exporters.deployment import Secret, Service
from exporters.plan.caches import SENTINEL_PORT
from exporters.plan.draft import Context, Part
from exporters.plan.stores import PORTS, Store, secret_file
from exporters.plan.watch import State, Watch, exporter, names
from exporters.programs import Alert, Case, Job, Panel, Series

_POSTGRES, _MYSQL, _REDIS = 9187, 9104, 9121
# A replica that may take over keeps slots too, which nobody reads from.
_ON_PRIMARY = " and on (instance) pg_replication_is_replica == 0"
_POSTGRES_PANELS = (
    Panel(
        title="Transactions a second",
        query="sum by (part) (rate(pg_stat_database_xact_commit{PARTS}[1m]))",
    ),
    Panel(title="Connections", query="sum by (part) (pg_stat_database_numbackends{PARTS})"),
    Panel(title="Replica (1) or primary (0)", query="pg_replication_is_replica{PARTS}"),
    Panel(title="Seconds behind", query="pg_replication_lag_seconds{PARTS}", unit="s"),
)
_MYSQL_PANELS = (
    Panel(title="Queries a second", query="rate(mysql_global_status_queries{PARTS}[1m])"),
    Panel(title="Connections", query="mysql_global_status_threads_connected{PARTS}"),
    Panel(
        title="Replication runs (1) or not (0)",
        query="mysql_slave_status_slave_sql_running{PARTS}",
    ),
)
_REDIS_PANELS = (
    Panel(title="Commands a second", query="rate(redis_commands_processed_total{PARTS}[1m])"),
    Panel(title="Memory", query="redis_memory_used_bytes{PARTS}", unit="bytes"),
    Panel(title="Replicas of each", query="redis_connected_slaves{PARTS}"),
)


def postgres(
    context: Context, services: Sequence[Service], stores: Mapping[str, Store]
) -> Iterator[Watch]:
    """Yield what watches PostgreSQL."""
    chosen = _by_engine(context, services, stores, "postgres")
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
        targets=frozenset().union(*chosen.values()),
        jobs=tuple(
            Job(
                name=f"postgres-{store.name}",
                targets=tuple(f"{member}:5432" for member in members),
                path="/probe",
                exporter=f"{name}:{_POSTGRES}",
                parameters=(("auth_module", store.name),),
            )
            for store, members in chosen.items()
        ),
        state=_state("pg_up", "postgres", chosen),
        alerts=tuple(
            alert
            for store, members in chosen.items()
            for alert in _postgres_alerts(context, store, members)
        ),
        panels=_POSTGRES_PANELS,
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


def _by_engine(
    context: Context, services: Sequence[Service], stores: Mapping[str, Store], *engines: str
) -> dict[Store, tuple[str, ...]]:
    """Return the stores of some engines, with those of their members that are measured."""
    running = {service.name for service in services}
    found = {store.name: store for store in stores.values() if store.engine in engines}
    members = {
        found[name]: tuple(
            member for member in map(context.name, found[name].members) if member in running
        )
        for name in sorted(found)
    }
    return {store: here for store, here in members.items() if here}


def _state(metric: str, stem: str, chosen: Mapping[Store, tuple[str, ...]]) -> State:
    return State(
        metric=metric,
        jobs=tuple(f"{stem}-{store.name}" for store in chosen),
        parts=tuple(member for members in chosen.values() for member in members),
    )


def _postgres_alerts(context: Context, store: Store, members: Sequence[str]) -> Iterator[Alert]:
    stem = "".join(word.capitalize() for word in store.name.split("-"))
    job = f'job="postgres-{store.name}"'
    primary = context.name(store.primary)
    replicas = tuple(name for name in map(context.name, store.replicas) if name in members)
    if store.replicas and primary in members:
        yield Alert(
            name=f"{stem}ReplicationSlotInactive",
            expression=f"pg_replication_slot_slot_is_active{{{job}}} == 0{_ON_PRIMARY}",
            lasts=30,
            severity="critical",
            summary="No replica reads from slot {{ $labels.slot_name }} of {{ $labels.part }}",
            covers=tuple(map(context.name, store.replicas)),
            cases=(_slot_case(job, primary),),
        )
    for replica in replicas[:1]:
        yield Alert(
            name=f"{stem}ReplicationLag",
            # On a primary that nobody writes to, the seconds since the last write are no lag.
            expression=f"pg_replication_lag_seconds{{{job}}} > 30 and on (job) "
            f"max by (job) (pg_stat_replication_pg_wal_lsn_diff{{{job}}}) > 0",
            lasts=60,
            severity="warning",
            summary="{{ $labels.part }} is more than 30 seconds behind",
            covers=replicas,
            cases=(_lag_case(job, store, primary, replica),),
        )
    for replica in replicas[:1] if primary in members else ():
        yield Alert(
            name=f"{stem}TwoPrimaries",
            expression=f"count(pg_replication_is_replica{{{job}}} == 0) > 1",
            lasts=10,
            severity="critical",
            summary="Two servers take writes",
            covers=(primary, *replicas),
            cases=(_two_primaries_case(job, primary, replica),),
        )


def _slot_case(job: str, primary: str) -> Case:
    on = f'{job},instance="{primary}:5432",part="{primary}"'
    labels = (("job", job.split('"')[1]), ("instance", f"{primary}:5432"), ("part", primary))
    return Case(
        series=(
            Series(selector=f'pg_replication_slot_slot_is_active{{{on},slot_name="one"}}'),
            Series(selector=f"pg_replication_is_replica{{{on}}}", good=(0, 0)),
        ),
        labels=(*labels, ("slot_name", "one")),
    )


def _lag_case(job: str, store: Store, primary: str, replica: str) -> Case:
    return Case(
        series=(
            Series(
                selector=f'pg_replication_lag_seconds{{{job},part="{replica}"}}',
                good=(1, 0), bad=(100, 0),
            ),
            Series(
                selector=f'pg_stat_replication_pg_wal_lsn_diff{{{job},part="{primary}"}}',
                good=(0, 0), bad=(9999, 0),
            ),
        ),
        labels=(("job", f"postgres-{store.name}"), ("part", replica)),
    )  # fmt: skip


def _two_primaries_case(job: str, primary: str, replica: str) -> Case:
    series = (
        Series(selector=f'pg_replication_is_replica{{{job},part="{primary}"}}', good=(0, 0)),
        Series(selector=f'pg_replication_is_replica{{{job},part="{replica}"}}'),
    )
    return Case(series=series)


def mysql(
    context: Context, services: Sequence[Service], stores: Mapping[str, Store]
) -> Iterator[Watch]:
    """Yield what watches MariaDB and MySQL."""
    chosen = _by_engine(context, services, stores, "mariadb", "mysql")
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
    replicas = tuple(
        member
        for store, members in chosen.items()
        for member in map(context.name, store.replicas)
        if member in members
    )
    yield Watch(
        part=Part(services=(service,), secrets=(secret,)),
        collector=name,
        targets=frozenset().union(*chosen.values()),
        jobs=tuple(
            Job(
                name=f"mysql-{store.name}",
                targets=tuple(f"{member}:{PORTS['mysql']}" for member in members),
                path="/probe",
                exporter=f"{name}:{_MYSQL}",
                parameters=(("auth_module", f"client.{store.name}"),),
            )
            for store, members in chosen.items()
        ),
        state=_state("mysql_up", "mysql", chosen),
        alerts=(_replication_stopped(replicas),) if replicas else (),
        panels=_MYSQL_PANELS,
    )


def _replication_stopped(replicas: tuple[str, ...]) -> Alert:
    running = ("io", "sql")
    return Alert(
        name="MysqlReplicationStopped",
        expression=" or ".join(f"mysql_slave_status_slave_{what}_running == 0" for what in running),
        lasts=30,
        severity="critical",
        summary="{{ $labels.part }} does not follow its primary",
        covers=replicas,
        cases=tuple(
            Case(
                series=(
                    Series(selector=f'mysql_slave_status_slave_{what}_running{{part="{replica}"}}'),
                ),
                labels=(("part", replica),),
            )
            for what in running
            for replica in replicas[:1]
        ),
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
    job = Job(
        name="redis",
        targets=tuple(f"redis://{door}:{port}" for door, port in doors.items()),
        path="/scrape",
        exporter=f"{name}:{_REDIS}",
    )
    yield Watch(
        part=Part(services=(service,)),
        collector=name,
        targets=frozenset(asked),
        jobs=(job,),
        state=State(metric="redis_up", jobs=(job.name,), parts=asked),
        panels=_REDIS_PANELS,
    )
