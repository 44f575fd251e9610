"""How balancers, web servers, applications, agents and the site itself are watched.

A killed container's name vanishes, so HAProxy shows its server as MAINT, not DOWN: alarms look
for the absence of UP.
"""

from collections.abc import Iterator, Mapping, Sequence

from app.model.compute import Service as AnyService
from exporters import images
from exporters.deployment import Bind, ConfigFile, Service
from exporters.images import Image
from exporters.plan.draft import Context, Part
from exporters.plan.watch import Watch, exporter, names
from exporters.programs import (
    APP_PORT,
    BALANCER_OPS_PORT,
    CA_FILE,
    GATEWAY_OPS_PORT,
    HTTP_PORT,
    PROXY_OPS_PORT,
    Alert,
    Job,
)

_FRONTS = ("balancer", "edge", "proxy", "web")
_DIRECT: dict[str, tuple[tuple[str, ...], Image | None, int]] = {
    "haproxy": ((*_FRONTS, "data-balancer"), images.HAPROXY, BALANCER_OPS_PORT),
    "caddy": (_FRONTS, images.CADDY, BALANCER_OPS_PORT),
    "traefik": (_FRONTS, images.TRAEFIK, BALANCER_OPS_PORT),
    "app": (("app",), None, APP_PORT),
    "gateway": (("firewall",), None, GATEWAY_OPS_PORT),
    "queue": (("queue",), None, 15692),
    "etcd": (("voter",), None, 2379),
    "agent": (("agent",), None, 9100),
    "alerting": (("alerting",), None, 9093),
}
# What a product calls a server behind it: the measure, and the label that names the server.
_SERVERS = {
    "caddy": ("caddy_reverse_proxy_upstreams_healthy", "upstream"),
    "traefik": ("traefik_service_server_up", "url"),
}
_NGINX, _BLACKBOX = 9113, 9115
_PORTS = {"memcached": 11211}
# Of the servers of a database one leads and the others do not: half of all checks fail.
_FAIR = 'state="UP",proxy!~"be_leads|be_follows"'
_RATE = "sum by (proxy) (rate(haproxy_backend_http_responses_total{%s}[5m]))"


def direct(services: Sequence[Service]) -> Iterator[Watch]:
    """Yield what Prometheus asks without an exporter."""
    for job, (roles, image, port) in _DIRECT.items():
        asked = names(services, *roles, image=image)
        if asked:
            yield Watch(
                targets=frozenset(asked),
                jobs=(Job(name=job, targets=tuple(f"{name}:{port}" for name in asked)),),
                alerts=tuple(_direct_alerts(job, services)),
            )


def _direct_alerts(job: str, services: Sequence[Service]) -> Iterator[Alert]:
    if job == "haproxy":
        yield from _balancer_alerts(services)
    if job in _SERVERS:
        yield _server_down(job, services)
    if job == "agent":
        yield _memory(names(services, "agent"))


def _server_down(job: str, services: Sequence[Service]) -> Alert:
    measure, label = _SERVERS[job]
    return Alert(
        name=f"{job.capitalize()}ServerDown",
        expression=f"{measure} == 0",
        lasts="5s",
        severity="warning",
        summary=f"{{{{ $labels.{label} }}}} is out of {{{{ $labels.instance }}}}",
        covers=names(services, "balancer", "web", "proxy", "app"),
    )


def _memory(agents: tuple[str, ...]) -> Alert:
    return Alert(
        name="MemoryLow",
        expression="node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1",
        lasts="5m",
        severity="warning",
        summary="Less than a tenth of the memory of {{ $labels.instance }} is free",
        covers=agents,
    )


def _balancer_alerts(services: Sequence[Service]) -> tuple[Alert, ...]:
    errors, all_answers = _RATE % 'code="5xx"', _RATE % ""
    fronts = names(services, *_FRONTS, "data-balancer", image=images.HAPROXY)
    return (
        Alert(
            name="BalancerServerDown",
            expression=f"min by (proxy, server) (haproxy_server_status{{{_FAIR}}}) == 0",
            lasts="5s",
            severity="warning",
            summary="{{ $labels.server }} is out of {{ $labels.proxy }}",
            covers=names(services, "balancer", "web", "proxy", "app"),
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


def nginx(context: Context, services: Sequence[Service]) -> Iterator[Watch]:
    """Yield what watches nginx, as a web server, proxy or balancer."""
    asked = names(services, *_FRONTS, image=images.NGINX)
    if not asked:
        return
    name = context.names.claim("nginx-exporter")
    uris = tuple(f"--nginx.scrape-uri=http://{web}:{PROXY_OPS_PORT}/stub_status" for web in asked)
    down = Alert(
        name="NginxDown",
        expression="nginx_up == 0",
        lasts="10s",
        severity="critical",
        summary="nginx does not answer {{ $labels.instance }} {{ $labels.addr }}",
        covers=asked,
    )
    yield Watch(
        part=Part(services=(exporter(name, images.NGINX_EXPORTER, command=uris),)),
        collector=name,
        targets=frozenset(asked),
        jobs=(Job(name="nginx", targets=(f"{name}:{_NGINX}",)),),
        alerts=(down,),
    )


def blackbox(context: Context, services: Sequence[Service], *, probes: bool) -> Iterator[Watch]:
    """Yield what asks from outside: the site if wanted, and ports that nothing else watches."""
    fronts = {*_FRONTS, "app", "own-app"}
    sites = [s for s in services if probes and s.ports and s.role in fronts]
    doors = dict(_doors(context, services))
    if not (sites or doors):
        return
    name = context.names.claim("blackbox-exporter")
    config = "monitoring/blackbox.yml"
    tls = any(port.scheme == "https" for service in sites for port in service.ports)
    ca = (Bind(source="pki/ca.crt", target=CA_FILE),) if tls else ()
    service = exporter(
        name,
        images.BLACKBOX_EXPORTER,
        command=("--config.file=/etc/blackbox.yml",),
        binds=(Bind(source=config, target="/etc/blackbox.yml"), *ca),
    )
    files = (ConfigFile(path=config, template="monitoring/blackbox.yml", values=tls),)
    asked = (*(site.name for site in sites), *doors)
    yield Watch(
        part=Part(services=(service,), files=files),
        collector=name,
        targets=frozenset(asked),
        jobs=tuple(_probes(f"{name}:{_BLACKBOX}", sites, doors)),
        alerts=tuple(_probe_alerts(asked, tls=tls)),
    )


def _doors(context: Context, services: Sequence[Service]) -> Iterator[tuple[str, int]]:
    """Yield the port of each service that nothing but a connection can test."""
    for service in services:
        if service.role in _PORTS:
            yield service.name, _PORTS[service.role]
        elif service.image == images.VARNISH.tag:
            yield service.name, HTTP_PORT
        elif service.role == "own-app":
            yield service.name, int(str(service.environment["PORT"]))
        elif service.role == "service":
            item = context.item(service.component)
            if isinstance(item, AnyService) and item.port is not None:
                yield service.name, item.port


def _probe_alerts(asked: tuple[str, ...], *, tls: bool) -> Iterator[Alert]:
    yield Alert(
        name="SiteDown",
        expression="probe_success == 0",
        lasts="5s",
        severity="critical",
        summary="{{ $labels.instance }} does not answer as its users expect",
        covers=asked,
    )
    if tls:
        yield Alert(
            name="CertificateExpires",
            expression="probe_ssl_earliest_cert_expiry - time() < 14 * 86400",
            lasts="1m",
            severity="warning",
            summary="The certificate of {{ $labels.instance }} ends within two weeks",
            covers=asked,
        )


def _probes(address: str, sites: Sequence[Service], doors: Mapping[str, int]) -> Iterator[Job]:
    for scheme in ("http", "https"):
        targets = tuple(
            f"{scheme}://{site.name}:{port.target}/"
            for site in sites
            for port in site.ports
            if port.scheme == scheme
        )
        if targets:
            yield _probe(address, f"site-{scheme}", scheme, targets)
    if doors:
        targets = tuple(f"{name}:{number}" for name, number in doors.items())
        yield _probe(address, "ports", "tcp", targets)


def _probe(address: str, job: str, module: str, targets: tuple[str, ...]) -> Job:
    return Job(
        name=job,
        targets=targets,
        path="/probe",
        exporter=address,
        parameters=(("module", module),),
    )
