"""How balancers, web servers, applications and agents are watched.

A killed container's name vanishes, so HAProxy shows its server as MAINT, not DOWN: alarms look
for the absence of UP.
"""

from collections.abc import Iterator, Sequence

from exporters import images
from exporters.deployment import Service
from exporters.images import Image
from exporters.plan.draft import Context, Part
from exporters.plan.object_stores import METRICS_PORT
from exporters.plan.watch import State, Watch, exporter, names
from exporters.programs import (
    APP_PORT,
    BALANCER_OPS_PORT,
    GATEWAY_OPS_PORT,
    PROXY_OPS_PORT,
    Alert,
    Case,
    Job,
    Panel,
    Series,
)

FRONTS = ("balancer", "edge", "proxy", "web")
_DIRECT: dict[str, tuple[tuple[str, ...], Image | None, int]] = {
    "haproxy": ((*FRONTS, "data-balancer"), images.HAPROXY, BALANCER_OPS_PORT),
    "caddy": (FRONTS, images.CADDY, BALANCER_OPS_PORT),
    "traefik": (FRONTS, images.TRAEFIK, BALANCER_OPS_PORT),
    "app": (("app",), None, APP_PORT),
    "worker": (("worker",), None, APP_PORT),
    "gateway": (("firewall",), None, GATEWAY_OPS_PORT),
    "queue": (("queue",), None, 15692),
    "object-store": (("object-store",), None, METRICS_PORT),
    "etcd": (("voter",), None, 2379),
    "agent": (("agent",), None, 9100),
    "alerting": (("alerting",), None, 9093),
}
_PANELS: dict[str, tuple[Panel, ...]] = {
    "haproxy": (
        Panel(
            title="Requests or connections a second",
            query="sum by (part, proxy) (rate(haproxy_frontend_sessions_total"
            '{PARTS,proxy!="fe_operations"}[1m]))',
            legend="{{part}} {{proxy}}",
        ),
        Panel(
            title="Servers that work",
            query="haproxy_backend_active_servers{PARTS}",
            legend="{{part}} {{proxy}}",
        ),
        Panel(
            title="Answers in",
            query="haproxy_backend_total_time_average_seconds{PARTS}",
            legend="{{part}} {{proxy}}",
            unit="s",
        ),
    ),
    "caddy": (
        Panel(
            title="Requests a second",
            query="sum by (part) (rate(caddy_http_requests_total{PARTS}[1m]))",
        ),
        Panel(title="Memory", query="process_resident_memory_bytes{PARTS}", unit="bytes"),
    ),
    "traefik": (
        Panel(
            title="Requests a second",
            query="sum by (part, code) (rate(traefik_entrypoint_requests_total{PARTS}[1m]))",
            legend="{{part}} {{code}}",
        ),
    ),
    "app": (
        Panel(
            title="Requests a second",
            query="sum by (part, code) (rate(app_requests_total{PARTS}[1m]))",
            legend="{{part}} {{code}}",
        ),
        Panel(
            title="Answers in",
            query="rate(app_request_seconds_sum{PARTS}[1m])"
            " / rate(app_request_seconds_count{PARTS}[1m])",
            unit="s",
        ),
    ),
    "worker": (
        Panel(
            title="Jobs a second",
            query="sum by (part, kind) (rate(worker_jobs_total{PARTS}[1m]))",
            legend="{{part}} {{kind}}",
        ),
    ),
    "gateway": (
        Panel(
            title="Connections and dropped packets a second",
            query="sum by (part, rule) (rate(gateway_packets_total{PARTS}[1m]))",
            legend="{{part}} {{rule}}",
        ),
    ),
    "queue": (
        Panel(title="Messages that wait", query="rabbitmq_queue_messages{PARTS}"),
        Panel(title="Connections", query="rabbitmq_connections{PARTS}"),
    ),
    "object-store": (
        Panel(
            title="Requests a second",
            query="sum by (part, type, code) (rate(SeaweedFS_s3_request_total{PARTS}[1m]))",
            legend="{{part}} {{type}} {{code}}",
        ),
        Panel(
            title="Disk that is free",
            query='SeaweedFS_volumeServer_resource{PARTS,type="free"}',
            unit="bytes",
        ),
    ),
    "etcd": (Panel(title="Knows who leads", query="etcd_server_has_leader{PARTS}"),),
    "agent": (
        Panel(
            title="Processors in use",
            query='1 - avg by (part) (rate(node_cpu_seconds_total{PARTS,mode="idle"}[1m]))',
            unit="percentunit",
        ),
        Panel(
            title="Memory that is free",
            query="node_memory_MemAvailable_bytes{PARTS} / node_memory_MemTotal_bytes{PARTS}",
            unit="percentunit",
        ),
        Panel(title="Load", query="node_load1{PARTS}"),
    ),
    "alerting": (
        Panel(
            title="Alarms sent in an hour",
            query="sum by (part) (increase(alertmanager_notifications_total{PARTS}[1h]))",
        ),
    ),
}
# What a product calls a server behind it: the measure, and the label that names the server.
_SERVERS = {
    "caddy": ("caddy_reverse_proxy_upstreams_healthy", "upstream"),
    "traefik": ("traefik_service_server_up", "url"),
}
_NGINX = 9113
# Of the servers of a database one leads and the others do not: half of all checks fail.
_FAIR = 'state="UP",proxy!~"be_leads|be_follows"'
_RATE = "sum by (proxy) (rate(haproxy_backend_http_responses_total{%s}[1m]))"
_BEHIND = ("balancer", "web", "proxy", "app")


def direct(services: Sequence[Service]) -> Iterator[Watch]:
    """Yield what Prometheus asks without an exporter."""
    for job, (roles, image, port) in _DIRECT.items():
        asked = names(services, *roles, image=image)
        if asked:
            yield Watch(
                targets=frozenset(asked),
                jobs=(Job(name=job, targets=tuple(f"{name}:{port}" for name in asked)),),
                state=State(metric="up", jobs=(job,), parts=asked),
                alerts=tuple(_direct_alerts(job, services)),
                panels=_PANELS[job],
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
    labels = ((label, "one"), ("part", "front"))
    series = Series(selector=f'{measure}{{{label}="one",part="front"}}')
    return Alert(
        name=f"{job.capitalize()}ServerDown",
        expression=f"{measure} == 0",
        lasts=5,
        severity="warning",
        summary=f"{{{{ $labels.{label} }}}} is out of {{{{ $labels.part }}}}",
        covers=names(services, *_BEHIND),
        cases=(Case(series=(series,), labels=labels),),
    )


def _memory(agents: tuple[str, ...]) -> Alert:
    on = f'{{part="{agents[0]}"}}'
    return Alert(
        name="MemoryLow",
        expression="node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes < 0.1",
        lasts=300,
        severity="warning",
        summary="Less than a tenth of the memory of {{ $labels.part }} is free",
        covers=agents,
        cases=(
            Case(
                series=(
                    Series(
                        selector=f"node_memory_MemAvailable_bytes{on}", good=(50, 0), bad=(9, 0)
                    ),
                    Series(selector=f"node_memory_MemTotal_bytes{on}", good=(100, 0), bad=(100, 0)),
                ),
                labels=(("part", agents[0]),),
            ),
        ),
    )


def _balancer_alerts(services: Sequence[Service]) -> tuple[Alert, ...]:
    errors, all_answers = _RATE % 'code="5xx"', _RATE % ""
    fronts = names(services, *FRONTS, "data-balancer", image=images.HAPROXY)
    server = Series(selector='haproxy_server_status{state="UP",proxy="be_x",server="one"}')
    backend = Series(selector='haproxy_backend_status{state="UP",proxy="be_x"}')
    answers = 'haproxy_backend_http_responses_total{proxy="be_x",code="%s"}'
    return (
        Alert(
            name="BalancerServerDown",
            expression=f"min by (proxy, server) (haproxy_server_status{{{_FAIR}}}) == 0",
            lasts=5,
            severity="warning",
            summary="{{ $labels.server }} is out of {{ $labels.proxy }}",
            covers=names(services, *_BEHIND),
            cases=(Case(series=(server,), labels=(("proxy", "be_x"), ("server", "one"))),),
        ),
        Alert(
            name="BalancerEmpty",
            expression='min by (proxy) (haproxy_backend_status{state="UP"}) == 0',
            lasts=5,
            severity="critical",
            summary="{{ $labels.proxy }} has no server left",
            covers=fronts,
            cases=(Case(series=(backend,), labels=(("proxy", "be_x"),)),),
        ),
        Alert(
            name="ManyErrors",
            expression=f"{errors} / {all_answers} > 0.05",
            lasts=120,
            severity="warning",
            summary="More than one answer in twenty of {{ $labels.proxy }} is an error",
            covers=fronts,
            cases=(
                Case(
                    series=(
                        Series(selector=answers % "2xx", good=(0, 5), bad=(60, 0)),
                        Series(selector=answers % "5xx", good=(0, 0), bad=(0, 5)),
                    ),
                    labels=(("proxy", "be_x"),),
                ),
            ),
        ),
    )


def nginx(context: Context, services: Sequence[Service]) -> Iterator[Watch]:
    """Yield what watches nginx, as a web server, proxy or balancer."""
    asked = names(services, *FRONTS, image=images.NGINX)
    if not asked:
        return
    name = context.names.claim("nginx-exporter")
    # It waits for less than Prometheus waits for it: one that is silent does not hide the others.
    uris = (f"--nginx.scrape-uri=http://{web}:{PROXY_OPS_PORT}/stub_status" for web in asked)
    command = ("--nginx.timeout=2s", *uris)
    # The exporter says which of several servers it means, and nothing where it asks one alone.
    several = len(asked) > 1
    job = Job(
        name="nginx",
        targets=(f"{name}:{_NGINX}",),
        labels=() if several else (("part", asked[0]),),
        named_by="addr" if several else "",
    )
    yield Watch(
        part=Part(services=(exporter(name, images.NGINX_EXPORTER, command=command),)),
        collector=name,
        targets=frozenset(asked),
        jobs=(job,),
        state=State(metric="nginx_up", jobs=(job.name,), parts=asked, singly=False),
        panels=(
            Panel(title="Requests a second", query="rate(nginx_http_requests_total{PARTS}[1m])"),
            Panel(title="Connections", query="nginx_connections_active{PARTS}"),
        ),
    )
