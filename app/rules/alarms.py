"""What the monitoring misses: logs, copies that fall behind, certificates, the watcher itself."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Server
from app.model.design import Design
from app.model.stores import Alerting, Database, LogStore, MonitoringAgent
from app.model.traits import Trait
from app.rules import watching
from app.rules.evidence import along_each, name, names
from app.rules.hardening import Terminating
from app.rules.monitoring import ALARMS, LOGGING
from app.rules.registry import Fix, Problem, Witness, rule


@rule(
    "MON008",
    "local-logs",
    "Logs stay on the machines",
    severity="low",
    category="monitoring",
    student="When the machine is gone, the evidence is gone with it.",
    references=(LOGGING, "OWASP Top 10:2021, A09 Security Logging and Monitoring Failures"),
)
def local_logs(analysis: Analysis) -> Iterator[Problem]:
    """Finds machines that send no logs to the log store that the drawing has.

    Told once for all of them. A drawing without a log store says nothing about logs. Machines that
    only watch others are left out.
    """
    design = analysis.design
    stores = list(design.of(LogStore))
    sending = _sending(analysis) | {design.host(key) for key in stores}
    silent = tuple(
        key
        for key, item in design.of(Server).items()
        if key not in sending and _logging(design, key)
    )
    if stores and silent:
        message = f"What happens on {names(design, silent)} is written down there only."
        fix = Fix(
            f"Send the logs to {name(design, stores[0])}",
            partial(_logged, hosts=silent, store=stores[0]),
        )
        yield Problem(silent, message, Witness(path=(*silent, stores[0]), cut=silent), (fix,))


def _sending(analysis: Analysis) -> set[str | None]:
    """Return the machines from which logs are sent, or fetched."""
    design = analysis.design
    ends = {
        part
        for link in design.links_for("log").values()
        for end in (link.source, link.target)
        for part in analysis.exposure.behind(end)
    }
    return {*ends, *(design.host(part) for part in ends)}


def _logging(design: Design, host: str) -> list[str]:
    """Return the programs on a machine whose logs somebody may want to read one day."""
    inside = design.children[host]
    return [key for key in inside if Trait.WATCHES not in design.components[key].traits]


def _logged(design: Design, hosts: tuple[str, ...], store: str) -> Design:
    for host in hosts:
        inside = design.children[host]
        agents = [key for key in inside if isinstance(design.components[key], MonitoringAgent)]
        sender = (*agents, *_logging(design, host))[0]
        design, _ = edits.connect(design, sender, store, role="log", protocol="syslog-tls")
    return design


@rule(
    "MON010",
    "lag-unwatched",
    "Replication lag not watched",
    severity="medium",
    category="monitoring",
    student="An old replica gives old answers, and loses data when it is promoted.",
    references=("Amazon RDS User Guide: Monitoring MariaDB read replicas",),
)
def lag_unwatched(analysis: Analysis) -> Iterator[Problem]:
    """Finds replicas of which the drawing says that nobody is told when they fall behind."""
    design = analysis.design
    copied = {link.target for link in design.links_for("replicate").values()}
    parts = tuple(
        key
        for key, item in design.of(Database).items()
        if (item.role, item.lag) == ("replica", "unwatched") and key in copied
    )
    if parts and watching.collectors(design):
        message = f"Nobody is told when {names(design, parts, 'or')} falls behind."
        fix = Fix("Measure the lag, with an alarm", partial(_set_each, parts=parts, lag="watched"))
        yield Problem(parts, message, Witness(path=parts), (fix,))


def _set_each(design: Design, parts: tuple[str, ...], **values: str) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, **values)
    return design


@rule(
    "MON011",
    "expiry-unwatched",
    "Certificate expiry not watched",
    severity="medium",
    category="monitoring",
    student="The day is known a year ahead, and still it takes teams by surprise.",
    references=("RFC 8555, Automatic Certificate Management Environment (ACME)",),
)
def expiry_unwatched(analysis: Analysis) -> Iterator[Problem]:
    """Finds certificates that a person renews whom nothing reminds, once for all of them."""
    parts = _renewed(analysis.design, "by-hand")
    if parts:
        whose = names(analysis.design, parts)
        message = f"Somebody has to remember when the certificate of {whose} ends."
        renewed = partial(_set_each, parts=parts, renewal="automatic")
        yield Problem(parts, message, Witness(path=parts), (Fix("Renew by a program", renewed),))


@rule(
    "TLS008",
    "renewed-by-hand",
    "Certificate renewed by hand",
    severity="low",
    category="https",
    student="Certificates live shorter every year: soon nobody keeps up by hand.",
    references=(
        "DigiCert: TLS certificate lifetimes reduce to 47 days (CA/Browser Forum, ballot SC-081v3)",
        "RFC 8555, Automatic Certificate Management Environment (ACME)",
    ),
)
def renewed_by_hand(analysis: Analysis) -> Iterator[Problem]:
    """Finds certificates that a person renews whom the monitoring reminds, once for all of them.

    A certificate may be valid for 200 days since March 2026, and for 47 from March 2029 on. Where
    nothing reminds that person, MON011 says it.
    """
    parts = _renewed(analysis.design, "watched")
    if parts:
        message = f"Somebody renews the certificate of {names(analysis.design, parts)} by hand."
        renewed = partial(_set_each, parts=parts, renewal="automatic")
        yield Problem(parts, message, Witness(path=parts), (Fix("Renew by a program", renewed),))


def _renewed(design: Design, how: str) -> tuple[str, ...]:
    """Return the parts whose certificate is renewed in some way."""
    return tuple(
        key
        for key, item in design.components.items()
        if isinstance(item, Terminating) and item.renewal == how and item.certificate
    )


@rule(
    "MON013",
    "watcher-unwatched",
    "Nobody watches the watcher",
    severity="low",
    category="monitoring",
    student="Silence looks like health.",
    references=("Prometheus documentation: Alerting",),
)
def watcher_unwatched(analysis: Analysis) -> Iterator[Problem]:
    """Finds the only monitoring server of a design that promises something to its users.

    Quiet where a second one looks after it, or where it gives a sign of life to the alerting, which
    cries when the sign is missing: a link of the role monitor between the two. Without a promised
    availability nobody has to be told that the monitoring is down.
    """
    design = analysis.design
    collectors = watching.collectors(design)
    promised = any(flow.target_availability for flow in design.flows.values())
    if not promised or len(collectors) != 1:
        return
    collector = collectors[0]
    bells = _bells(design, collector)
    if bells and not _heard(design, collector):
        message = f"When {name(design, collector)} dies, {names(design, bells)} stays silent."
        alive = partial(_sign_of_life, collector=collector, bell=bells[0])
        fix = Fix(f"Let {name(design, bells[0])} wait for a sign of life", alive)
        witness = Witness(path=(collector, *bells), cut=(collector,))
        yield Problem((collector,), message, witness, (fix,))


def _bells(design: Design, collector: str) -> tuple[str, ...]:
    """Return the alerting that a monitoring server raises alarms by."""
    links = (design.links[key] for key in design.outgoing[collector])
    return tuple(
        dict.fromkeys(
            link.target
            for link in links
            if link.role == "alert" and isinstance(design.components[link.target], Alerting)
        )
    )


def _heard(design: Design, collector: str) -> bool:
    return any(
        collector in (link.source, link.target)
        and any(isinstance(design.components[e], Alerting) for e in (link.source, link.target))
        for link in design.links_for("monitor").values()
    )


def _sign_of_life(design: Design, collector: str, bell: str) -> Design:
    return edits.connect(design, collector, bell, role="monitor", protocol="https", tls="1.3")[0]


@rule(
    "MON014",
    "alarm-shares-fate",
    "Alert path uses the watched system",
    severity="medium",
    category="monitoring",
    student="The alarm bell hangs on the wire that is cut.",
    references=(ALARMS,),
)
def alarm_shares_fate(analysis: Analysis) -> Iterator[Problem]:
    """Finds alarms that can only leave by what users need themselves.

    The alerting stands on a machine or in a site with parts that serve users, or the alarm passes
    a part on the way of a flow. Quiet where another alarm leaves independently; where the
    monitoring server stands in the same place, MON006 says it.
    """
    design = analysis.design
    for collector in watching.collectors(design):
        alarms = [key for key in design.outgoing[collector] if design.links[key].role == "alert"]
        shared = {key: _shared(analysis, collector, key) for key in alarms}
        if alarms and all(shared.values()):
            parts = tuple(dict.fromkeys(part for group in shared.values() for part in group))
            message = (
                f"When {names(design, parts, 'or')} fails, no alarm of {name(design, collector)} "
                "leaves any more."
            )
            fix = Fix("Let the alarm leave by a way of its own", partial(_apart, alarms=alarms))
            witness = along_each(design, alarms, parts)
            yield Problem((collector,), message, witness, (fix,))


def _shared(analysis: Analysis, collector: str, alarm: str) -> tuple[str, ...]:
    """Return what an alarm and users both rest on, the places of the monitoring server aside."""
    design = analysis.design
    link = design.links[alarm]
    used = analysis.in_service
    places = {place for part in used for place in analysis.domains(part)}
    passed = {link.target, *(part for group in link.guards for part in group)}
    around = analysis.domains(link.target) - analysis.domains(collector)
    return tuple(sorted((passed & (used | analysis.in_cones)) | (around & places)))


def _apart(design: Design, alarms: list[str]) -> Design:
    """Let alarms go straight to an alerting outside every machine and site."""
    for key in alarms:
        link = design.links[key]
        if isinstance(design.components[link.target], Alerting):
            moved = edits.nest(design, (link.target,), None)
            moved, place = watching.below(moved)
            design = edits.move(moved, {link.target: place})
            design = edits.set_fields(design, key, via=())
        else:
            design = watching.alert(edits.remove(design, (key,)), link.source)
    return design
