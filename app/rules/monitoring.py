"""Monitoring: who would notice, and how soon."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.components import LoadBalancer, WebServer
from app.model.containers import Server
from app.model.design import Design
from app.model.stores import MonitoringAgent, MonitoringServer
from app.rules import hardening
from app.rules.evidence import name, names
from app.rules.redundancy import in_service
from app.rules.registry import Fix, Problem, Witness, rule

SRE = "Site Reliability Engineering, chapter 6: Monitoring Distributed Systems"
LOGGING = "CWE-778: Insufficient Logging"


def _collectors(design: Design) -> list[str]:
    found = design.components.items()
    return [key for key, item in found if isinstance(item, MonitoringServer)]


def _agents(design: Design) -> list[str]:
    found = design.components.items()
    return [key for key, item in found if isinstance(item, MonitoringAgent)]


def _watched(design: Design) -> bool:
    return bool(_collectors(design) or _agents(design))


@rule(
    "MON001",
    "no-monitoring",
    "No monitoring at all",
    severity="high",
    category="monitoring",
    student="If it breaks, the first to know is a customer.",
    references=(SRE, LOGGING, "OWASP Top 10:2021, A09 Security Logging and Monitoring Failures"),
)
def no_monitoring(analysis: Analysis) -> Iterator[Problem]:
    """Finds a design without a monitoring server and without an agent."""
    design = analysis.design
    if design.components and not _watched(design):
        message = "Nothing here watches anything."
        fix = Fix("Add monitoring, agents and alerting", hardening.watch_everything)
        yield Problem((), message, fixes=(fix,))


@rule(
    "MON002",
    "unwatched-host",
    "Server without a monitoring agent",
    severity="medium",
    category="monitoring",
    student="You are blind on this machine.",
    references=(SRE,),
)
def unwatched_host(analysis: Analysis) -> Iterator[Problem]:
    """Finds machines that no agent runs on and that no monitoring server asks."""
    design = analysis.design
    if not _watched(design):
        return
    covered = {design.host(agent) for agent in _agents(design)}
    covered |= {design.host(collector) for collector in _collectors(design)}
    for link in design.links.values():
        if link.role == "monitor" and isinstance(design.components[link.source], MonitoringServer):
            covered |= {design.host(link.target), link.target}
    for key, item in design.components.items():
        if isinstance(item, Server) and key not in covered:
            message = f"Nothing measures {item.name}."
            fix = Fix("Add an agent", partial(hardening.watch, host=key))
            yield Problem((key,), message, Witness(path=(key,), missing=key), (fix,))


@rule(
    "MON004",
    "agent-reports-nowhere",
    "Agent that reports nowhere",
    severity="medium",
    category="monitoring",
    student="What nobody collects is noise.",
    references=(SRE,),
)
def agent_reports_nowhere(analysis: Analysis) -> Iterator[Problem]:
    """Finds agents without a link to a monitoring server, and without one that asks them."""
    design = analysis.design
    for agent in _agents(design):
        partners = [design.links[key].target for key in design.outgoing[agent]]
        partners += [design.links[key].source for key in design.incoming[agent]]
        if not any(isinstance(design.components[key], MonitoringServer) for key in partners):
            message = f"{name(design, agent)} measures, but nobody collects it."
            fix = Fix("Report to the monitoring server", partial(hardening.report, agent=agent))
            yield Problem((agent,), message, Witness(path=(agent,)), (fix,))


@rule(
    "MON005",
    "no-alerting",
    "Monitoring that wakes nobody",
    severity="medium",
    category="monitoring",
    student="A red dashboard at three in the morning helps nobody.",
    references=(SRE,),
)
def no_alerting(analysis: Analysis) -> Iterator[Problem]:
    """Finds monitoring servers without a link to an alerting channel."""
    design = analysis.design
    for collector in _collectors(design):
        if not any(design.links[key].role == "alert" for key in design.outgoing[collector]):
            message = f"{name(design, collector)} tells nobody what it finds."
            fix = Fix("Add alerting", partial(hardening.alert, collector=collector))
            yield Problem((collector,), message, Witness(path=(collector,)), (fix,))


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
    """Finds the only monitoring server on a machine, or in a site, that users depend on."""
    design = analysis.design
    collectors = _collectors(design)
    for collector in collectors:
        others = [key for key in collectors if key != collector]
        shared = sorted(
            domain
            for domain in analysis.domains(collector)
            for part in in_service(design)
            if domain in analysis.domains(part)
        )
        elsewhere = any(analysis.domains(key).isdisjoint(shared) for key in others)
        if shared and not elsewhere:
            place = name(design, shared[0])
            message = f"{name(design, collector)} is in {place}, like what it watches."
            fix = Fix("Give it a place of its own",
                      partial(hardening.own_place, collector=collector))  # fmt: skip
            witness = Witness(path=(collector,), cut=(shared[0],))
            yield Problem((collector,), message, witness, (fix,))


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
    asking = any(
        isinstance(item, MonitoringServer) and item.probes for item in design.components.values()
    )
    collectors = tuple(_collectors(design))
    if collectors and design.flows and not asking:
        message = f"{names(design, collectors)} never asks the site from outside."
        fix = Fix("Probe the site from outside",
                  partial(edits.set_fields, element_id=collectors[0], probes=True))  # fmt: skip
        yield Problem(collectors, message, Witness(path=collectors), (fix,))


@rule(
    "MON009",
    "no-health-check",
    "Load balancer without health checks",
    severity="high",
    category="monitoring",
    student="It keeps sending visitors to a dead server.",
    references=("HAProxy Configuration Manual: option httpchk",),
)
def no_health_check(analysis: Analysis) -> Iterator[Problem]:
    """Finds load balancers that do not ask their servers whether they live."""
    for key, item in analysis.design.components.items():
        if isinstance(item, LoadBalancer) and item.health_check == "none":
            fix = Fix("Check by a request",
                      partial(edits.set_fields, element_id=key, health_check="http"))  # fmt: skip
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
