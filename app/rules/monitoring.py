"""Monitoring: who would notice, and how soon."""

from collections.abc import Iterable, Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.monitored import joined, monitored
from app.model import edits
from app.model.component import Program
from app.model.compute import WebServer
from app.model.containers import Server
from app.model.design import Design
from app.model.stores import MonitoringServer
from app.model.traffic import LoadBalancer
from app.model.traits import Trait
from app.rules import watching
from app.rules.evidence import flow_names, name, names
from app.rules.registry import Fix, Problem, Witness, rule

SRE = "Site Reliability Engineering, chapter 6: Monitoring Distributed Systems"
LOGGING = "CWE-778: Insufficient Logging"


ALARMS = "AWS Well-Architected, Reliability REL06-BP03: Send notifications"
COMPONENTS = "AWS Well-Architected, Reliability REL06-BP01: Monitor all components"
DETECT = "AWS Well-Architected, Reliability REL11-BP01: Monitor all components to detect failures"


def _watched(design: Design) -> bool:
    return bool(watching.collectors(design) or watching.agents(design))


@rule(
    "MON001",
    "no-monitoring",
    "No monitoring at all",
    severity="high",
    category="monitoring",
    student="If it breaks, the first to know is a customer.",
    references=(
        SRE,
        COMPONENTS,
        LOGGING,
        "OWASP Top 10:2021, A09 Security Logging and Monitoring Failures",
    ),
)
def no_monitoring(analysis: Analysis) -> Iterator[Problem]:
    """Finds a design that can fail and has neither a monitoring server nor an agent."""
    design = analysis.design
    if design.having(Trait.FAILS) and not _watched(design):
        message = "No part of this design measures anything or wakes anybody."
        fix = Fix("Add monitoring, agents and alerting", watching.watch_everything)
        yield Problem((), message, fixes=(fix,))


@rule(
    "MON002",
    "unwatched-host",
    "Server without a monitoring agent",
    severity="medium",
    category="monitoring",
    student="You are blind on this machine.",
    references=(COMPONENTS,),
)
def unwatched_host(analysis: Analysis) -> Iterator[Problem]:
    """Finds machines that no agent runs on and that no monitoring server asks.

    Silent where nothing is monitored at all: that is one finding of its own.
    """
    design = analysis.design
    if not _watched(design):
        return
    covered = _seen(design)
    covered |= {design.host(part) for part in watching.collectors(design)}
    for key, item in design.of(Server).items():
        if key not in covered:
            message = f"Nothing measures {item.name}."
            fix = Fix(f"Add an agent to {item.name}", partial(watching.watch, host=key))
            yield Problem((key,), message, Witness(path=(key,)), (fix,))


def _seen(design: Design) -> set[str | None]:
    """Return what monitoring servers and agents measure, and the machines that it runs on."""
    agents = {design.host(part) for part in watching.agents(design)}
    return (agents | _hosts_watched(design, watching.collectors(design))) - {None}


def _hosts_watched(design: Design, collectors: Iterable[str]) -> set[str | None]:
    """Return what monitoring servers measure, and the machines that it runs on."""
    seen = {part for collector in collectors for part in monitored(design, collector)}
    return seen | {design.host(part) for part in seen}


@rule(
    "MON003",
    "no-own-metrics",
    "Service without its own metrics",
    severity="low",
    category="monitoring",
    student="The machine is fine and the program is dead: only its own metrics show it.",
    references=(SRE,),
)
def no_own_metrics(analysis: Analysis) -> Iterator[Problem]:
    """Finds programs of which the drawing says that only their machine is measured.

    Told once for all of them, and only on machines that something measures: else MON001 or MON002
    says it. One that a link of the role monitor joins is measured itself. What balancers and web
    servers count is MON012.
    """
    design = analysis.design
    silent = [
        key
        for key, item in design.of(Program).items()
        if getattr(item, "own_metrics", "unknown") == "none"
    ]
    if not silent:
        return
    seen = _seen(design)
    itself = {part for key in watching.collectors(design) for part in joined(design, key)}
    parts = tuple(key for key in silent if design.host(key) in seen and key not in itself)
    if parts:
        message = f"{names(design, parts, 'or')} may be dead while its machine looks well."
        fix = Fix("Measure the programs too", partial(_report_own, parts=parts))
        yield Problem(parts, message, Witness(path=parts), (fix,))


def _report_own(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, own_metrics="reported")
    return design


@rule(
    "MON004",
    "agent-reports-nowhere",
    "Agent that reports nowhere",
    severity="medium",
    category="monitoring",
    student="What nobody collects is noise.",
    references=(COMPONENTS,),
)
def agent_reports_nowhere(analysis: Analysis) -> Iterator[Problem]:
    """Finds agents that report to no monitoring server and that none asks."""
    design = analysis.design
    exposure = analysis.exposure
    heard: set[str] = set()
    for link in design.links_for("monitor").values():
        ends = (exposure.behind(link.source), exposure.behind(link.target))
        for near, far in (ends, ends[::-1]):
            if all(isinstance(design.components[key], MonitoringServer) for key in far):
                heard.update(near)
    for agent in watching.agents(design):
        if agent not in heard:
            message = f"{name(design, agent)} measures, but nobody collects it."
            fix = Fix("Report to the monitoring server", partial(watching.report, agent=agent))
            yield Problem((agent,), message, Witness(path=(agent,)), (fix,))


@rule(
    "MON005",
    "no-alerting",
    "Monitoring that wakes nobody",
    severity="medium",
    category="monitoring",
    student="A red dashboard at three in the morning helps nobody.",
    references=(ALARMS, SRE),
)
def no_alerting(analysis: Analysis) -> Iterator[Problem]:
    """Finds monitoring servers that no alarm leaves."""
    design = analysis.design
    for collector in watching.collectors(design):
        if not any(design.links[key].role == "alert" for key in design.outgoing[collector]):
            message = f"{name(design, collector)} tells nobody what it finds."
            fix = Fix("Add alerting", partial(watching.alert, collector=collector))
            witness = Witness(path=(collector,))
            yield Problem((collector,), message, witness, (fix,))


@rule(
    "MON006",
    "watcher-shares-fate",
    "Monitoring shares the fate of what it watches",
    severity="medium",
    category="monitoring",
    student="If the house burns, the smoke alarm burns with it.",
    references=(SRE,),
)
def watcher_shares_fate(analysis: Analysis) -> Iterator[Problem]:
    """Finds monitoring on a machine, or in a site, with what users need and it watches.

    Silent where another monitoring server stands elsewhere.
    """
    design = analysis.design
    collectors = watching.collectors(design)
    for collector in collectors:
        shared = _shared(analysis, collector)
        others = (analysis.domains(key) for key in collectors if key != collector)
        if shared and not any(domains.isdisjoint(shared) for domains in others):
            places = names(design, shared)
            message = (
                f"{name(design, collector)} is in {places} with what it watches: when it is lost, "
                "nobody is told."
            )
            fix = Fix(
                "Give it a place of its own", partial(watching.own_place, collector=collector)
            )
            witness = Witness(path=(collector, *shared), cut=shared)
            yield Problem((collector,), message, witness, (fix,))


def _shared(analysis: Analysis, collector: str) -> tuple[str, ...]:
    """Return the machine and site of a monitoring server that watched parts in service share."""
    design = analysis.design
    watched = _hosts_watched(design, (collector,)) - {None}
    around = analysis.domains(collector)
    if not around:
        return ()
    shared = {
        domain
        for part in analysis.in_service
        if design.host(part) in watched
        for domain in analysis.domains(part) & around
    }
    return tuple(sorted(shared))


@rule(
    "MON007",
    "no-outside-probe",
    "No outside check of what users do",
    severity="medium",
    category="monitoring",
    student="All parts can be green while the users see an error.",
    references=(SRE,),
)
def no_outside_probe(analysis: Analysis) -> Iterator[Problem]:
    """Finds monitoring that looks at the parts but never asks the site as a user would."""
    design = analysis.design
    asking = any(item.probes for item in design.of(MonitoringServer).values())
    collectors = watching.collectors(design)
    if collectors and design.flows and not asking:
        flows = flow_names(design, design.flows)
        message = f"{names(design, collectors)} never tries {flows} from outside."
        fix = Fix(
            "Probe the site from outside",
            partial(edits.set_fields, element_id=collectors[0], probes=True),
        )
        witness = Witness(path=collectors, flows=tuple(design.flows))
        yield Problem(collectors, message, witness, (fix,))


@rule(
    "MON009",
    "no-health-check",
    "Load balancer without health checks",
    severity="high",
    category="monitoring",
    student="It keeps sending visitors to a dead server.",
    references=("HAProxy Configuration Manual: option httpchk", DETECT),
)
def no_health_check(analysis: Analysis) -> Iterator[Problem]:
    """Finds load balancers that do not ask their servers whether they live."""
    for key, item in analysis.design.of(LoadBalancer).items():
        if item.health_check == "none":
            how = "a request" if item.layer == "http" else "a connection"
            check = "http" if item.layer == "http" else "tcp"
            fix = Fix(
                f"Check by {how}", partial(edits.set_fields, element_id=key, health_check=check)
            )
            message = f"{item.name} does not notice when a server behind it dies."
            yield Problem((key,), message, Witness(path=(key,)), (fix,))


@rule(
    "MON012",
    "rate-not-measured",
    "Request rate not measured",
    severity="info",
    category="monitoring",
    student="You cannot plan for a number that you do not measure.",
    references=(SRE,),
)
def rate_not_measured(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers and web servers whose requests a second are not counted.

    Asked only where something is monitored at all, and told once for all of them.
    """
    design = analysis.design
    unknown = tuple(
        key
        for key, item in design.components.items()
        if isinstance(item, LoadBalancer | WebServer) and not item.metrics
    )
    if unknown and _watched(design):
        message = f"Nobody counts the requests a second of {names(design, unknown)}."
        fix = Fix("Count them", partial(_count, parts=unknown))
        yield Problem(unknown, message, Witness(path=unknown), (fix,))


def _count(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, metrics=True)
    return design
