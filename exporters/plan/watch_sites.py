"""What is asked from outside: entrances and flows as users have them, certificates, ports."""

from collections.abc import Iterator, Mapping, Sequence

from app.model.compute import Service as AnyService
from exporters import images
from exporters.deployment import Bind, ConfigFile, FlowProbe, Service
from exporters.plan.draft import Context, Part
from exporters.plan.logs import PORT as LOG_PORT
from exporters.plan.names import slug
from exporters.plan.watch import State, Watch, exporter
from exporters.plan.watch_traffic import FRONTS
from exporters.programs import (
    AUTHORITY,
    CA_FILE,
    HTTP_PORT,
    HTTPS_PORT,
    WRITE_PORT,
    Alert,
    Blackbox,
    Case,
    Job,
    Panel,
    Series,
)

FLOW_STATE = "flow:up:max"
_BLACKBOX = 9115
_PORTS = {"memcached": 11211, "pooler": WRITE_PORT, "log-store": LOG_PORT}
_DAY = 86400
_PUBLIC = 'job=~"public-.+"'  # the jobs of all public names, of which none has to be escaped
_SIGNED = "probe_ssl_last_chain_info"  # whose `issuer` is that of the certificate that was served
_OURS = f"CN={AUTHORITY}"
_PANELS = (
    Panel(title="Answers as users expect", query="probe_success{PARTS}", legend="{{instance}}"),
    Panel(
        title="Answers in", query="probe_duration_seconds{PARTS}", legend="{{instance}}", unit="s"
    ),
)
_CERTIFICATES = Panel(
    title="The certificate lasts",
    query="probe_ssl_earliest_cert_expiry{PARTS} - time()",
    legend="{{instance}}",
    unit="s",
)


def blackbox(
    context: Context,
    services: Sequence[Service],
    sites: Sequence[Service],
    flows: Sequence[FlowProbe],
    certified: frozenset[str],
) -> Iterator[Watch]:
    """Yield what asks sites and flows as users do, and ports that nothing else watches.

    `certified` are the services that own a certificate.
    """
    doors = dict(_doors(context, services))
    keys = {
        service.name: service.component
        for service in (*sites, *services)
        if service.name in certified and service.role in (*FRONTS, "app")
    }
    asked = tuple(dict.fromkeys((*(site.name for site in sites), *keys, *doors)))
    if not asked:
        return
    name = context.names.claim("blackbox-exporter")
    config = f"monitoring/{name}.yml"
    address = f"{name}:{_BLACKBOX}"
    tls = bool(keys) or any(port.scheme == "https" for site in sites for port in site.ports)
    ca = (Bind(source="pki/ca.crt", target=CA_FILE),) if tls else ()
    service = exporter(
        name,
        images.BLACKBOX_EXPORTER,
        command=("--config.file=/etc/blackbox.yml",),
        binds=(Bind(source=config, target="/etc/blackbox.yml"), *ca),
    )
    public = {key: context.public.get(component, ()) for key, component in keys.items()}
    names = tuple(name for found in public.values() for name in found)
    values = Blackbox(tls=tls, public=names)
    file = ConfigFile(path=config, template="monitoring/blackbox.yml", values=values)
    jobs = (*_site_jobs(address, sites), *_flow_jobs(address, flows))
    ports = _door_job(address, doors)
    secured = (*_certificate_job(address, tuple(keys)), *_public_jobs(address, public))
    yield Watch(
        part=Part(services=(service,), files=(file,)),
        collector=name,
        targets=frozenset(asked),
        jobs=(*jobs, *secured, *ports),
        state=State(metric="probe_success", jobs=("ports",), parts=tuple(doors)) if doors else None,
        alerts=(
            *_site_alerts(sites),
            *_flow_alerts(flows, sites),
            *_certificate_alerts(tuple(keys), public=bool(names)),
            *_public_alerts(names),
        ),
        panels=(*(_PANELS if jobs or doors else ()), *((_CERTIFICATES,) if keys else ())),
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


def _site_jobs(address: str, sites: Sequence[Service]) -> Iterator[Job]:
    for scheme in ("http", "https"):
        targets = tuple(
            f"{scheme}://{site.name}:{port.target}/"
            for site in sites
            for port in site.ports
            if port.scheme == scheme
        )
        if targets:
            yield _probe(address, f"site-{scheme}", scheme, targets)


def flow_name(probe: FlowProbe) -> str:
    """Return what a flow is called in measurements."""
    return slug(probe.flow, "flow")


def _flow_jobs(address: str, flows: Sequence[FlowProbe]) -> Iterator[Job]:
    for probe in flows:
        schemes = {entrance.port.scheme for entrance in probe.entrances}
        for scheme in sorted(schemes):
            targets = tuple(
                f"{scheme}://{entrance.service}:{entrance.port.target}{probe.path}"
                for entrance in probe.entrances
                if entrance.port.scheme == scheme
            )
            labels = (("flow", flow_name(probe)),)
            name = f"flow-{flow_name(probe)}-{scheme}"
            yield _probe(address, name, scheme, targets, labels)


def _certificate_job(address: str, keys: Sequence[str]) -> Iterator[Job]:
    if keys:
        targets = tuple(f"{name}:{HTTPS_PORT}" for name in keys)
        yield _probe(address, "certificates", "certificate", targets)


def _public_jobs(address: str, public: Mapping[str, tuple[str, ...]]) -> Iterator[Job]:
    """Yield what asks for the certificates that come by ACME, each of which has its own name."""
    for service, names in public.items():
        for name in names:
            job = f"public-{name}"  # no slug, which two names may have in common
            yield _probe(address, job, job, (f"{service}:{HTTPS_PORT}",))


def _door_job(address: str, doors: Mapping[str, int]) -> Iterator[Job]:
    if doors:
        targets = tuple(f"{name}:{number}" for name, number in doors.items())
        yield _probe(address, "ports", "tcp", targets)


def _probe(
    address: str,
    job: str,
    module: str,
    targets: tuple[str, ...],
    labels: tuple[tuple[str, str], ...] = (),
) -> Job:
    return Job(
        name=job,
        targets=targets,
        path="/probe",
        exporter=address,
        parameters=(("module", module),),
        labels=labels,
    )


def _site_alerts(sites: Sequence[Service]) -> Iterator[Alert]:
    if sites:
        labels = (("job", "site-http"), ("instance", "one"))
        series = Series(selector='probe_success{job="site-http",instance="one"}')
        yield Alert(
            name="SiteDown",
            expression='probe_success{job=~"site-https?"} == 0',
            lasts=5,
            severity="critical",
            summary="{{ $labels.instance }} does not answer as its users expect",
            covers=tuple(site.name for site in sites),
            cases=(Case(series=(series,), labels=labels),),
        )


def _flow_alerts(flows: Sequence[FlowProbe], sites: Sequence[Service]) -> Iterator[Alert]:
    if flows:
        cases = [
            Case(
                series=(Series(selector=f'probe_success{{job="x",flow="{flow_name(flow)}"}}'),),
                labels=(("flow", flow_name(flow)),),
            )
            for flow in flows
        ]
        yield Alert(
            name="FlowDown",
            expression=f"{FLOW_STATE} == 0",
            lasts=10,
            severity="critical",
            summary="{{ $labels.flow }}: its users get no answer at any entrance",
            covers=tuple(site.name for site in sites),
            cases=tuple(cases),
        )


def _public_alerts(names: tuple[str, ...]) -> Iterator[Alert]:
    """Yield the alarm of an entrance that lives and has no certificate by ACME.

    Without one Caddy refuses the connection, and Traefik serves what the project signed. An
    entrance that is dead is told by others: it answers under no name, so this covers nobody.
    """
    if names:
        job = f"public-{names[0]}"
        yield Alert(
            name="PublicCertificateMissing",
            expression=f"probe_success{{{_PUBLIC}}} unless on (job, part) "
            f'{_SIGNED}{{{_PUBLIC},issuer!="{_OURS}"}} == 1 '
            'and on (part) probe_success{job="certificates"} == 1',
            lasts=300,
            severity="warning",
            summary="{{ $labels.part }} serves no certificate by ACME: {{ $labels.job }}",
            covers=(),
            cases=(_missing(job, "one", serves=0), _missing(job, "two", serves=1)),
        )


def _missing(job: str, part: str, *, serves: float) -> Case:
    """Return the loss of a certificate by ACME; `serves` is 1 where another takes its place."""
    labels = (("job", job), ("part", part))
    here = f'job="{job}",part="{part}"'
    alive = Series(selector=f'probe_success{{job="certificates",part="{part}"}}', bad=(1, 0))
    asked = Series(selector=f"probe_success{{{here}}}", bad=(serves, 0))
    theirs = Series(selector=f'{_SIGNED}{{{here},issuer="CN=R12"}}')
    ours = Series(selector=f'{_SIGNED}{{{here},issuer="{_OURS}"}}', good=(0, 0), bad=(serves, 0))
    return Case(series=(alive, asked, theirs, ours), labels=labels)


def _certificate_alerts(owners: tuple[str, ...], *, public: bool) -> Iterator[Alert]:
    if owners:
        jobs = 'job=~"certificates|public-.+"' if public else 'job="certificates"'
        series = Series(
            selector='probe_ssl_earliest_cert_expiry{job="certificates",part="one"}',
            good=(40 * _DAY, 0),
            bad=(_DAY, 0),
        )
        yield Alert(
            name="CertificateExpires",
            expression=f"probe_ssl_earliest_cert_expiry{{{jobs}}} - time() < 14 * 86400",
            lasts=60,
            severity="warning",
            summary="The certificate of {{ $labels.part }} ends within two weeks",
            covers=owners,
            cases=(Case(series=(series,), labels=(("job", "certificates"), ("part", "one"))),),
        )
