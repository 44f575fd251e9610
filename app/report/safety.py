"""Security and monitoring: what firewalls, HTTPS and agents do in this design, and what is open."""

from collections.abc import Iterator

from app.model.compute import WebServer
from app.model.containers import Server
from app.model.links import Link
from app.model.stores import Alerting, Backup, LogStore, MonitoringAgent, MonitoringServer
from app.model.traffic import Firewall, LoadBalancer, ReverseProxy
from app.model.traits import Trait
from app.report.content import Block, Bullets, Item, Section, Table
from app.report.facts import Facts, counted
from app.report.issues import issues
from app.report.parts import spoken

_FIREWALLS = (
    "A firewall is there to let the declared traffic through and drop the rest, so that a program which was "
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
    if walls or own or exposure.entering:
        yield _FIREWALLS
    if walls:
        yield Bullets(tuple(Item(_wall(facts, key), facts.part(key)) for key in walls))
    if own:
        yield f"A firewall of the machine itself filters on {facts.names(own)}."
    if exposure.unguarded:
        ways = "; ".join(facts.link(design.links[key]) for key in exposure.unguarded)
        yield f"No firewall is on the way in from the internet: {ways}."
    elif exposure.entering:
        yield "Everything that comes in from the internet meets a firewall first."
    yield from issues(facts, "firewall").blocks


def _wall(facts: Facts, key: str) -> str:
    design = facts.design
    wall = design.components[key]
    assert isinstance(wall, Firewall)  # noqa: S101  # it was chosen by this
    senders, receivers = set[str](), set[str]()
    for link in filter(lambda link: link.is_traffic, design.links.values()):
        if key in (link.target, *(guard for group in link.guards for guard in group)):
            senders.add(link.source)
        if key in (link.source, *(guard for group in link.guards for guard in group)):
            receivers.add(link.target)
    what = "Goes by addresses and ports." if wall.inspects == "packets" else (
        "A web application firewall: it reads the requests."
    )  # fmt: skip
    where = "No traffic crosses it."
    if senders and receivers:
        sent, met = (facts.names(facts.sorted(ends)) for ends in (senders, receivers))
        where = f"The traffic from {sent} to {met} crosses it."
    rest = "dropped" if wall.default_policy == "deny" else "let through"
    return f"{where} {what} What no rule names is {rest}."


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
        yield _share(len([link for link in links if not link.encrypted]), len(links))
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


def _share(clear: int, links: int) -> str:
    if links == 1:
        return f"The one link between machines can{'' if clear else 'not'} be read on the way."
    share = {0: "none", links: "all"}.get(clear, str(clear))
    return f"Of {links} links between machines, {share} can be read on the way."


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
    if any(Trait.FAILS in item.traits for item in design.components.values()):
        yield _MONITORING
    if agents or collectors:
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
        to = _ends(facts, key, "monitor")
        by = [
            link.source for link in map(design.link, design.incoming[key]) if link.role == "monitor"
        ]
        where = f"Measures {facts.name(host)}" if host else "Stands on no machine"
        told = f" and sends what it measures to {facts.names(to)}" if to else ""
        told += f", is asked by {facts.names(by)}" if by else ""
        yield Item(f"{where}{told}.", facts.part(key))
    for key in collectors:
        yield Item(" ".join(_collector(facts, key)), facts.part(key))
    for key in facts.of_kind(Alerting):
        yield Item(
            f"Reaches a person by {getattr(design.components[key], 'channel', 'mail')}.",
            facts.part(key),
        )


def _collector(facts: Facts, key: str) -> Iterator[str]:
    design = facts.design
    asked = _ends(facts, key, "monitor")
    if asked:
        yield f"Asks {facts.names(asked)}."
    told = _ends(facts, key, "alert")
    yield f"Tells {facts.names(told)} when a figure leaves its limits." if told else (
        "Tells nobody what it finds."
    )  # fmt: skip
    if getattr(design.components[key], "probes", False):
        yield "Opens the site from outside as well, as a user would."


def _ends(facts: Facts, key: str, role: str) -> tuple[str, ...]:
    """Return the parts that links of a role lead to from a part."""
    links = map(facts.design.link, facts.design.outgoing[key])
    return facts.sorted({link.target for link in links if link.role == role})


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
