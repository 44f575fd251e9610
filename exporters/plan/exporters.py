"""What is measured of each kind of service: by whom, with which jobs, and which alarms follow.

Metric names are those of the pinned images. A killed container's name vanishes, so HAProxy shows
its server as MAINT, not DOWN: alarms look for the absence of UP. An exporter that asks a dead
database stays up itself: alarms look at what it found.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from exporters import images
from exporters.deployment import Bind, ConfigFile, Secret, Service
from exporters.plan.draft import Context, Part
from exporters.plan.stores import PORTS, Store, secret_file
from exporters.programs import (
    APP_PORT,
    BALANCER_OPS_PORT,
    CA_FILE,
    HTTP_PORT,
    HTTPS_PORT,
    PROXY_OPS_PORT,
    Alert,
    Job,
)

_DIRECT = {"balancer": BALANCER_OPS_PORT, "edge": BALANCER_OPS_PORT, "app": APP_PORT}
_AGENTS = {"agent": 9100, "alerting": 9093}
_NGINX, _POSTGRES, _MYSQL, _REDIS, _BLACKBOX = 9113, 9187, 9104, 9121, 9115
_MIDDLE = "sum by (proxy) (rate(haproxy_backend_http_responses_total{%s}[5m]))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """One way of measuring: the exporter where one is needed, its jobs and alarms.

    `collector` is the service that asks `targets`; empty where Prometheus asks them itself.
    """

    part: Part = field(default_factory=Part)
    collector: str = ""
    targets: frozenset[str] = frozenset()
    jobs: tuple[Job, ...] = ()
    alerts: tuple[Alert, ...] = ()


def watches_of(
    context: Context,
    services: Sequence[Service],
    stores: Mapping[str, Store],
    *,
    probes: bool,
) -> Iterator[Watch]:
    """Yield what watches the services; `probes` adds a look at the site as its users have it."""
    found = [
        *_direct(services),
        *_nginx(context, services),
        *_postgres(context, stores),
        *_mysql(context, stores),
        *_redis(context, services),
        *_blackbox(context, services, probes=probes),
    ]
    yield from found
    exporters = [watch.collector for watch in found if watch.collector]
    asked = [service for watch in found if not watch.collector for service in watch.targets]
    agents = [service.name for service in services if service.role in _AGENTS]
    yield Watch(
        alerts=(
            Alert(
                name="TargetDown",
                expression="up == 0",
                lasts="30s",
                severity="critical",
                summary="{{ $labels.instance }} ({{ $labels.job }}) does not answer",
                covers=tuple(sorted({*exporters, *asked, *agents})),
            ),
        )
    )


def _names(services: Sequence[Service], *roles: str) -> tuple[str, ...]:
    return tuple(service.name for service in services if service.role in roles)


def _direct(services: Sequence[Service]) -> Iterator[Watch]:
    for job, roles in {"haproxy": ("balancer", "edge"), "app": ("app",)}.items():
        names = _names(services, *roles)
        if names:
            targets = tuple(f"{name}:{_DIRECT[roles[0]]}" for name in names)
            yield Watch(
                targets=frozenset(names),
                jobs=(Job(name=job, targets=targets),),
                alerts=_balancer_alerts(services) if job == "haproxy" else (),
            )
    for role, port in _AGENTS.items():
        names = _names(services, role)
        if names:
            targets = tuple(f"{name}:{port}" for name in names)
            yield Watch(
                jobs=(Job(name=role, targets=targets),),
                alerts=(_memory(names),) if role == "agent" else (),
            )


def _memory(names: tuple[str, ...]) -> Alert:
    return Alert(
        name="MemoryLow",
        expression="node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1",
        lasts="5m",
        severity="warning",
        summary="Less than a tenth of the memory of {{ $labels.instance }} is free",
        covers=names,
    )


def _balancer_alerts(services: Sequence[Service]) -> tuple[Alert, ...]:
    errors, all_answers = _MIDDLE % 'code="5xx"', _MIDDLE % ""
    fronts = _names(services, "balancer", "edge")
    return (
        Alert(
            name="BalancerServerDown",
            expression='min by (proxy, server) (haproxy_server_status{state="UP"}) == 0',
            lasts="5s",
            severity="warning",
            summary="{{ $labels.server }} is out of {{ $labels.proxy }}",
            covers=_names(services, "balancer", "web", "proxy", "app"),
        ),
        Alert(
            name="BalancerEmpty",
            expression='min by (proxy) (haproxy_backend_status{state="UP"}) == 0',
            lasts="5s",
            severity="critical",
            summary="{{ $labels.proxy }} has no server left",
            covers=fronts,
        ),
        Alert(
            name="ManyErrors",
            expression=f"{errors} / {all_answers} > 0.05",
            lasts="2m",
            severity="warning",
            summary="More than one answer in twenty of {{ $labels.proxy }} is an error",
            covers=fronts,
        ),
    )


def _exporter(name: str, image: images.Image, **values: object) -> Service:
    return Service(
        name=name,
        title=name,
        role="exporter",
        image=image.tag,
        limits=image.limits,
        **values,  # type: ignore[arg-type]  # fields of a service, by name
    )


def _nginx(context: Context, services: Sequence[Service]) -> Iterator[Watch]:
    names = _names(services, "web", "proxy")
    if not names:
        return
    exporter = context.names.claim("nginx-exporter")
    uris = tuple(
        f"--nginx.scrape-uri=http://{name}:{PROXY_OPS_PORT}/stub_status" for name in names
    )
    yield Watch(
        part=Part(services=(_exporter(exporter, images.NGINX_EXPORTER, command=uris),)),
        collector=exporter,
        targets=frozenset(names),
        jobs=(Job(name="nginx", targets=(f"{exporter}:{_NGINX}",)),),
        alerts=(
            Alert(
                name="NginxDown",
                expression="nginx_up == 0",
                lasts="10s",
                severity="critical",
                summary="nginx at {{ $labels.addr }} does not answer",
                covers=names,
            ),
        ),
    )


def _by_engine(stores: Mapping[str, Store], *engines: str) -> list[Store]:
    found = {store.name: store for store in stores.values() if store.engine in engines}
    return [found[name] for name in sorted(found)]


def _postgres(context: Context, stores: Mapping[str, Store]) -> Iterator[Watch]:
    chosen = _by_engine(stores, "postgres")
    if not chosen:
        return
    exporter = context.names.claim("postgres-exporter")
    secret = Secret(
        name=f"{exporter}-config",
        text="auth_modules:\n"
        + "".join(
            f"  {store.name}:\n    type: userpass\n    userpass:\n      username: exporter\n"
            f"      password: \"{{{store.secret('monitor')}}}\"\n"
            "    options:\n      sslmode: prefer\n      dbname: postgres\n"
            for store in chosen
        ),
        sources=tuple(store.secret("monitor") for store in chosen),
    )
    command = (f"--config.file={secret_file(secret.name)}", "--no-collector.wal")
    service = _exporter(
        exporter, images.POSTGRES_EXPORTER, command=command, secrets=(secret.name,)
    )
    yield Watch(
        part=Part(services=(service,), secrets=(secret,)),
        collector=exporter,
        targets=_members(context, chosen),
        jobs=tuple(
            Job(
                name=f"postgres-{store.name}",
                targets=tuple(f"{context.name(key)}:5432" for key in store.members),
                path="/probe",
                exporter=f"{exporter}:{_POSTGRES}",
                parameters=(("auth_module", store.name),),
            )
            for store in chosen
        ),
        alerts=tuple(_postgres_alerts(context, chosen)),
    )


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
        expression=f"pg_replication_slot_slot_is_active{{{job}}} == 0",
        lasts="30s",
        severity="critical",
        summary="No replica reads from slot {{ $labels.slot_name }} of {{ $labels.instance }}",
        covers=replicas,
    )
    yield Alert(
        name=f"{stem}ReplicationLag",
        expression=f"pg_replication_lag_seconds{{{job}}} > 30",
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


def _mysql(context: Context, stores: Mapping[str, Store]) -> Iterator[Watch]:
    chosen = _by_engine(stores, "mariadb", "mysql")
    if not chosen:
        return
    exporter = context.names.claim("mysqld-exporter")
    sections = [
        f"[client.{store.name}]\nuser=exporter\npassword={{{store.secret('monitor')}}}\n"
        for store in chosen
    ]
    secret = Secret(
        name=f"{exporter}-config",
        text="[client]\nuser=exporter\n" + "".join(sections),
        sources=tuple(store.secret("monitor") for store in chosen),
    )
    command = (f"--config.my-cnf={secret_file(secret.name)}",)
    service = _exporter(exporter, images.MYSQLD_EXPORTER, command=command, secrets=(secret.name,))
    yield Watch(
        part=Part(services=(service,), secrets=(secret,)),
        collector=exporter,
        targets=_members(context, chosen),
        jobs=tuple(
            Job(
                name=f"mysql-{store.name}",
                targets=tuple(f"{context.name(key)}:{PORTS['mysql']}" for key in store.members),
                path="/probe",
                exporter=f"{exporter}:{_MYSQL}",
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


def _redis(context: Context, services: Sequence[Service]) -> Iterator[Watch]:
    names = _names(services, "redis")
    if not names:
        return
    exporter = context.names.claim("redis-exporter")
    service = _exporter(exporter, images.REDIS_EXPORTER, environment={"REDIS_ADDR": ""})
    yield Watch(
        part=Part(services=(service,)),
        collector=exporter,
        targets=frozenset(names),
        jobs=(
            Job(
                name="redis",
                targets=tuple(f"redis://{name}:6379" for name in names),
                path="/scrape",
                exporter=f"{exporter}:{_REDIS}",
            ),
        ),
        alerts=(
            Alert(
                name="RedisDown",
                expression="redis_up == 0",
                lasts="10s",
                severity="critical",
                summary="{{ $labels.instance }} does not answer",
                covers=names,
            ),
        ),
    )


def _blackbox(
    context: Context, services: Sequence[Service], *, probes: bool
) -> Iterator[Watch]:
    fronts = [s for s in services if s.ports and s.role not in ("monitoring", "alerting")]
    sites = [service for service in fronts if probes or service.role == "service"]
    ports = {"memcached": 11211, "queue": 5672}
    closed = {f"{s.name}:{ports[s.role]}": s.name for s in services if s.role in ports}
    if not (sites or closed):
        return
    exporter = context.names.claim("blackbox-exporter")
    config = "monitoring/blackbox.yml"
    tls = any(port.scheme == "https" for service in sites for port in service.ports)
    ca = (Bind(source="pki/ca.crt", target=CA_FILE),) if tls else ()
    service = _exporter(
        exporter,
        images.BLACKBOX_EXPORTER,
        command=("--config.file=/etc/blackbox.yml",),
        binds=(Bind(source=config, target="/etc/blackbox.yml"), *ca),
    )
    names = tuple(service.name for service in sites)
    yield Watch(
        part=Part(
            services=(service,),
            files=(ConfigFile(path=config, template="monitoring/blackbox.yml", values=tls),),
        ),
        collector=exporter,
        targets=frozenset((*names, *closed.values())),
        jobs=tuple(_probes(exporter, sites, closed)),
        alerts=(
            Alert(
                name="SiteDown",
                expression="probe_success == 0",
                lasts="5s",
                severity="critical",
                summary="{{ $labels.instance }} does not answer as its users expect",
                covers=(*names, *closed.values()),
            ),
            Alert(
                name="CertificateExpires",
                expression="probe_ssl_earliest_cert_expiry - time() < 14 * 86400",
                lasts="1m",
                severity="warning",
                summary="The certificate of {{ $labels.instance }} ends within two weeks",
                covers=names,
            ),
        ),
    )


def _probes(exporter: str, sites: Sequence[Service], closed: Mapping[str, str]) -> Iterator[Job]:
    address = f"{exporter}:{_BLACKBOX}"
    for scheme, number in {"http": HTTP_PORT, "https": HTTPS_PORT}.items():
        targets = tuple(
            f"{scheme}://{service.name}:{port.target}/"
            for service in sites
            for port in service.ports
            if port.scheme == scheme
        )
        if targets:
            assert number
            yield Job(
                name=f"site-{scheme}",
                targets=targets,
                path="/probe",
                exporter=address,
                parameters=(("module", scheme),),
            )
    open_ports = (
        *closed,
        *(f"{s.name}:{p.target}" for s in sites for p in s.ports if p.scheme == "tcp"),
    )
    if open_ports:
        yield Job(
            name="ports",
            targets=open_ports,
            path="/probe",
            exporter=address,
            parameters=(("module", "tcp"),),
        )
