"""Security and monitoring: what firewalls, HTTPS and agents do in this design, and what is open."""

from collections.abc import Iterator

from app.analysis.words import listed
from app.model.compute import WebServer
from app.model.containers import Note, Server
from app.model.links import Link
from app.model.stores import Alerting, Backup, LogStore, MonitoringAgent, MonitoringServer
from app.model.traffic import Firewall, LoadBalancer, ReverseProxy
from app.model.traits import Trait
from app.report.content import Block, Bullets, Cell, Item, Section, Table
from app.report.facts import Facts, verb
from app.report.issues import issues
from app.report.parts import spoken

_FIREWALLS = (
    "A firewall is there to let the declared traffic through and drop the rest, so that a program "
    "which was never meant for strangers cannot be reached by them."
)
_HTTPS = (
    "HTTPS is HTTP inside TLS: nobody on the way can read or change what is sent, and the "
    "certificate proves to the browser that it talks to the right server."
)
_MONITORING = (
    "Monitoring is there to say that something is wrong before the users do, and afterwards what "
    "it was. Agents measure the machines they run on, a monitoring server collects the figures and "
    "compares them with limits, and alerting wakes somebody."
)
_QPS = (
    "Requests a second (QPS) are a rate: count requests, and divide the growth of the count by the "
    "time between two looks."
)
_COUNT_THEM = (
    "switch the status page on (stub_status of nginx, the Prometheus page of HAProxy) or count the "
    "lines of the access log, and let the monitoring read that every few seconds."
)
Holder = LoadBalancer | ReverseProxy | WebServer


# --- security ---------------------------------------------------------------------------------


def security(facts: Facts) -> Section:
    """Say what keeps strangers out, what can be read on the way, and what is open."""
    sections = (
        Section("Firewalls", tuple(_firewalls(facts))),
        Section("HTTPS and what else is encrypted", tuple(_encryption(facts))),
    )
    return Section("Security", sections=tuple(filter(None, sections)))


def _firewalls(facts: Facts) -> Iterator[Block]:
    exposure = facts.analysis.exposure
    walls = facts.of_kind(Firewall)
    filtering = [key for key, item in facts.of_kind(Server).items() if item.firewall]
    if walls or filtering or exposure.entering:
        yield _FIREWALLS
    if walls:
        told = (Item(_wall(facts, key, wall), facts.part(key)) for key, wall in walls.items())
        yield Bullets(tuple(told))
    if filtering:
        yield f"A firewall of the machine itself filters on {facts.names(filtering)}."
    if exposure.unguarded:
        ways = "; ".join(facts.name(key) for key in exposure.unguarded)
        yield f"No firewall is on the way in from the internet: {ways}."
    elif exposure.entering:
        yield "Everything that comes in from the internet meets a firewall first."
    yield from issues(facts, "firewall").blocks


def _wall(facts: Facts, key: str, wall: Firewall) -> str:
    senders, receivers = set[str](), set[str]()
    for link in filter(lambda link: link.is_traffic, facts.design.links.values()):
        on_the_way = any(key in group for group in link.guards)
        if on_the_way or link.target == key:
            senders.add(link.source)
        if on_the_way or link.source == key:
            receivers.add(link.target)
    told = ["No traffic crosses it."]
    if senders and receivers:
        sent, met = (facts.names(facts.sorted(ends)) for ends in (senders, receivers))
        told = [f"The traffic from {sent} to {met} crosses it."]
    if wall.inspects == "packets":
        told.append("It goes by addresses and ports.")
    else:
        told.append("It is a web application firewall: it reads the requests.")
    rest = "dropped" if wall.default_policy == "deny" else "let through"
    return " ".join((*told, f"What no rule names is {rest}."))


def _encryption(facts: Facts) -> Iterator[Block]:
    links = [link for link in facts.design.links.values() if _travels(facts, link)]
    if any(facts.analysis.exposure.outside(link.source) for link in links):
        yield _HTTPS
    holders: dict[str, Holder] = {
        **facts.of_kind(LoadBalancer), **facts.of_kind(ReverseProxy), **facts.of_kind(WebServer)
    }  # fmt: skip
    told = [Item(_certificate(item), facts.part(key))
            for key, item in holders.items() if item.certificate.strip()]  # fmt: skip
    if told:
        yield Bullets(tuple(told))
    if links:
        yield _share(len([link for link in links if not link.encrypted]), len(links))
        head = ("From", "To", "For", "Spoken", "Encrypted")
        yield Table(head, tuple(_hop(facts, link) for link in links))
    yield from issues(facts, "https").blocks


def _certificate(item: Holder) -> str:
    told = f"Holds a certificate for {' and '.join(item.certificate.split())}."
    return f"{told} Sends visitors who come by plain HTTP to HTTPS." if item.redirect else told


def _hop(facts: Facts, link: Link) -> tuple[Cell, ...]:
    encrypted = "yes" if link.encrypted else "no"
    words = spoken(link).removesuffix(", in clear")
    return facts.part(link.source), facts.part(link.target), link.role, words, encrypted


def _share(clear: int, links: int) -> str:
    if links == 1:
        return f"The one link between machines can{'' if clear else 'not'} be read on the way."
    share = {0: "none", links: "all"}.get(clear, str(clear))
    return f"Of {links} links between machines, {share} can be read on the way."


def _travels(facts: Facts, link: Link) -> bool:
    """Whether what a link carries leaves the machine, as traffic or as a copy of data."""
    wanted = link.role != "resolve" and (link.is_traffic or link.role in ("replicate", "backup"))
    ends = (facts.design.components[key] for key in (link.source, link.target))
    between_parts = not any(isinstance(item, Note) for item in ends)
    return wanted and between_parts and not facts.analysis.exposure.local(link)


# --- monitoring -------------------------------------------------------------------------------


def monitoring(facts: Facts) -> Section:
    """Say what is watched, how figures travel, what is not watched, and how to count requests."""
    return Section("Monitoring", tuple(_monitoring(facts)))


def _monitoring(facts: Facts) -> Iterator[Block]:
    if any(Trait.FAILS in item.traits for item in facts.design.components.values()):
        yield _MONITORING
    watchers = tuple(_watchers(facts))
    if watchers:
        yield Bullets(watchers)
    counting: dict[str, LoadBalancer | WebServer] = {
        **facts.of_kind(LoadBalancer), **facts.of_kind(WebServer)
    }  # fmt: skip
    if counting:
        known = [key for key, item in counting.items() if item.metrics]
        yield _rate(facts, known, [key for key in counting if key not in known])
    yield from issues(facts, "monitoring").blocks


def _watchers(facts: Facts) -> Iterator[Item]:
    for key in facts.of_kind(MonitoringAgent):
        yield Item(_agent(facts, key), facts.part(key))
    for key, collector in facts.of_kind(MonitoringServer).items():
        yield Item(" ".join(_collector(facts, key, collector)), facts.part(key))
    for key, alerting in facts.of_kind(Alerting).items():
        yield Item(f"Reaches a person by {alerting.channel}.", facts.part(key))
    for key in facts.of_kind(LogStore):
        senders = facts.starts(key, "log")
        told = f"Keeps the logs of {facts.names(senders)}." if senders else "Gets no logs."
        yield Item(told, facts.part(key))


def _agent(facts: Facts, key: str) -> str:
    host = facts.design.host(key)
    told = [f"measures {facts.name(host)}" if host else "stands on no machine"]
    if collectors := facts.ends(key, "monitor"):
        told.append(f"sends what it measures to {facts.names(collectors)}")
    if askers := facts.starts(key, "monitor"):
        told.append(f"is asked by {facts.names(askers)}")
    text = listed(told)
    return f"{text[:1].upper()}{text[1:]}."


def _collector(facts: Facts, key: str, item: MonitoringServer) -> Iterator[str]:
    if asked := facts.ends(key, "monitor"):
        yield f"Asks {facts.names(asked)}."
    if told := facts.ends(key, "alert"):
        yield f"Tells {facts.names(told)} when a figure leaves its limits."
    else:
        yield "Tells nobody what it finds."
    if item.probes:
        yield "Opens the site from outside as well, as a user would."


def _rate(facts: Facts, known: list[str], unknown: list[str]) -> str:
    told = [_QPS]
    if known:
        told.append(f"{facts.names(known)} {verb(known, 'report')} the count.")
    if unknown:
        told.append(
            f"{facts.names(unknown)} {verb(unknown, 'do', 'does')} not report it yet: {_COUNT_THEM}"
        )
    return " ".join(told)


def others(facts: Facts) -> Section:
    """Return the findings that belong nowhere else, and what is kept for the worst day."""
    kept = (
        f"{item.name} keeps old copies of {facts.names(sources)}, one every "
        f"{item.interval_hours:g} hours."
        for key, item in facts.of_kind(Backup).items()
        if (sources := facts.starts(key, "backup"))
    )
    return Section("Data and the rest", (*kept, *issues(facts, "other").blocks))
