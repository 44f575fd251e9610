"""Security and monitoring: what firewalls, HTTPS and agents do in this design, and what is open."""

from collections.abc import Iterator

from app.model.compute import WebServer
from app.model.containers import Server
from app.model.links import Link
from app.model.stores import Alerting, Backup, LogStore, MonitoringAgent, MonitoringServer
from app.model.traffic import Cdn, Firewall, LoadBalancer, ReverseProxy
from app.report.content import Block, Bullets, Item, Section, Table
from app.report.facts import Facts, counted
from app.report.issues import issues
from app.report.parts import spoken

_FIREWALLS = (
    "A firewall lets the declared traffic through and drops the rest, so that a program which was "
    "never meant for strangers cannot be reached by them."
)
_HTTPS = (
    "HTTPS is HTTP inside TLS: nobody on the way can read or change what is sent, and the "
    "certificate proves to the browser that it talks to the right server."
)
_MONITORING = (
    "Monitoring says that something is wrong before the users do, and afterwards what it was. "
    "Agents measure the machines they run on, a monitoring server collects the figures and compares "
    "them with limits, and alerting wakes somebody."
)
_QPS = (
    "Requests a second (QPS) are a rate: count requests, and divide the growth of the count by the "
    "time between two looks. "
)


# --- security ---------------------------------------------------------------------------------


def security(facts: Facts) -> Section:
    """Say what keeps strangers out, what can be read on the way, and what is open."""
    sections = (
        Section("Firewalls", tuple(_firewalls(facts))),
        Section("HTTPS and what else is encrypted", tuple(_encryption(facts))),
    )
    return Section("Security", sections=tuple(item for item in sections if item))


def _firewalls(facts: Facts) -> Iterator[Block]:
    design, exposure = facts.design, facts.analysis.exposure
    walls = facts.of_kind(Firewall)
    own = [
        key for key in facts.of_kind(Server) if getattr(design.components[key], "firewall", False)
    ]
    if walls or own:
        yield _FIREWALLS
    if walls:
        yield Bullets(tuple(Item(_wall(facts, key), facts.part(key)) for key in walls))
    if own:
        yield (
            f"{counted(len(own), 'machine filters', 'machines filter')} by itself: "
            f"{facts.names(own)}."
            if len(own) == 1
            else (f"{len(own)} machines filter by themselves: {facts.names(own)}.")
        )
    if exposure.entering and not exposure.unguarded:
        yield "Everything that comes in from the internet meets a firewall first."
    elif exposure.unguarded:
        ways = "; ".join(facts.link(design.links[key]) for key in exposure.unguarded)
        yield f"Comes in from the internet with no firewall on the way: {ways}."
    found = issues(facts, "firewall")
    yield from found.blocks


def _wall(facts: Facts, key: str) -> str:
    design = facts.design
    wall = design.components[key]
    assert isinstance(wall, Firewall)  # noqa: S101  # it was chosen by this
    before = {
        design.links[link].source for link in design.incoming[key] if design.links[link].is_traffic
    }
    behind = {
        design.links[link].target for link in design.outgoing[key] if design.links[link].is_traffic
    }
    for link in design.links.values():
        if any(key in group for group in link.guards):
            before.add(link.source)
            behind.add(link.target)
    what = (
        "a web application firewall, which reads requests"
        if wall.inspects == "requests"
        else ("a packet filter, which goes by addresses and ports")
    )
    rest = "dropped" if wall.default_policy == "deny" else "let through"
    where = "no traffic crosses it"
    if before and behind:
        where = f"it stands between {facts.names(facts.sorted(before))} and {facts.names(facts.sorted(behind))}"
    return f"{what[:1].upper()}{what[1:]}; {where}. What no rule names is {rest}."


def _encryption(facts: Facts) -> Iterator[Block]:
    design = facts.design
    links = [link for link in design.links.values() if _travels(facts, link)]
    if any(facts.analysis.exposure.outside(link.source) for link in links):
        yield _HTTPS
    holders = [
        (key, item.certificate)
        for key in facts.of_kind(WebServer, LoadBalancer, ReverseProxy)
        if (item := design.components[key]) and getattr(item, "certificate", "")
    ]
    if holders:
        yield Bullets(
            tuple(
                Item(
                    f"Holds a certificate for {' and '.join(names.split())}."
                    + (
                        " Sends visitors who come by plain HTTP to HTTPS."
                        if getattr(design.components[key], "redirect", False)
                        else ""
                    ),
                    facts.part(key),
                )
                for key, names in holders
            )
        )
    if links:
        clear = [link for link in links if not link.encrypted]
        yield (
            f"Of {counted(len(links), 'link')} that carry traffic or copies of data from one place to another, "
            f"{len(clear)} can be read on the way."
        )
        yield Table(
            ("From", "To", "For", "Spoken", "Encrypted"),
            tuple(
                (
                    facts.part(link.source),
                    facts.part(link.target),
                    link.role,
                    spoken(link).removesuffix(", in clear"),
                    "yes" if link.encrypted else "no",
                )
                for link in links
            ),
        )
    yield from issues(facts, "https").blocks


def _travels(facts: Facts, link: Link) -> bool:
    """Whether what a link carries leaves the machine, as traffic or as a copy of data."""
    wanted = link.is_traffic or link.role in ("replicate", "backup")
    return wanted and not facts.analysis.exposure.local(link) and link.role != "resolve"


# --- monitoring -------------------------------------------------------------------------------


def monitoring(facts: Facts) -> Section:
    """Say what is watched, how figures travel, what is not watched, and how to count requests."""
    return Section("Monitoring", tuple(_monitoring(facts)))


def _monitoring(facts: Facts) -> Iterator[Block]:
    design = facts.design
    agents, collectors = facts.of_kind(MonitoringAgent), facts.of_kind(MonitoringServer)
    if agents or collectors:
        yield _MONITORING
        yield Bullets(tuple(_watchers(facts, agents, collectors)))
    for key in facts.of_kind(LogStore):
        senders = {design.links[link].source for link in design.incoming[key]}
        if senders:
            yield f"{facts.name(key)} keeps the logs of {facts.names(facts.sorted(senders))}."
    counting = facts.of_kind(WebServer, LoadBalancer)
    if counting:
        yield _rate(facts, counting)
    yield from issues(facts, "monitoring").blocks


def _watchers(facts: Facts, agents: tuple[str, ...], collectors: tuple[str, ...]) -> Iterator[Item]:
    design = facts.design
    for key in agents:
        host = design.host(key)
        to = [
            link.target for link in map(design.link, design.outgoing[key]) if link.role == "monitor"
        ]
        by = [
            link.source for link in map(design.link, design.incoming[key]) if link.role == "monitor"
        ]
        where = f"Measures {facts.name(host)}" if host else "Stands on no machine"
        told = f", sends what it measures to {facts.names(to)}" if to else ""
        told += f", is asked by {facts.names(by)}" if by else ""
        yield Item(f"{where}{told}.", facts.part(key))
    for key in collectors:
        item = design.components[key]
        tells = [
            link.target for link in map(design.link, design.outgoing[key]) if link.role == "alert"
        ]
        probes = (
            "It also opens the site from outside, as a user would."
            if getattr(item, "probes", False)
            else ("It does not open the site from outside, as a user would.")
        )
        told = (
            f"Tells {facts.names(tells)} when a figure leaves its limits. "
            if tells
            else "It tells nobody. "
        )
        yield Item(told + probes, facts.part(key))
    for key in facts.of_kind(Alerting):
        yield Item(
            f"Reaches a person by {getattr(design.components[key], 'channel', 'mail')}.",
            facts.part(key),
        )


def _rate(facts: Facts, counting: tuple[str, ...]) -> str:
    design = facts.design
    known = [key for key in counting if getattr(design.components[key], "metrics", False)]
    unknown = [key for key in counting if key not in known]
    told = _QPS
    if known:
        told += f"{facts.names(known)} report{'' if len(known) > 1 else 's'} the count. "
    if unknown:
        told += (
            f"{facts.names(unknown)} {'do' if len(unknown) > 1 else 'does'} not report it yet: switch the status page on "
            "(stub_status of nginx, the Prometheus page of HAProxy) or count the lines of the access "
            "log, and let the monitoring read that every few seconds."
        )
    return told.strip()


def others(facts: Facts) -> Section:
    """Return the findings that belong nowhere else, and what is kept for the worst day."""
    blocks: list[Block] = []
    for key in facts.of_kind(Backup):
        sources = {
            link.source
            for link in map(facts.design.link, facts.design.incoming[key])
            if link.role == "backup"
        }
        every = getattr(facts.design.components[key], "interval_hours", 24)
        if sources:
            blocks.append(
                f"{facts.name(key)} keeps old copies of {facts.names(facts.sorted(sources))}, one every {every:g} hours."
            )
    return Section("Data and the rest", (*blocks, *issues(facts, "other").blocks))
