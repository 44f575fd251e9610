"""Remarks about the drawing as a whole, and about the parts that become no service."""

from collections.abc import Collection, Iterator

from app.model.compute import AppFiles
from app.model.containers import Server, Site, Zone
from app.model.stores import MonitoringAgent, MonitoringServer
from app.model.traffic import Client, Dns, Firewall
from exporters.deployment import Note
from exporters.plan.draft import Context
from exporters.plan.names import natural

_COLLECTED = frozenset(("monitor", "alert"))


def remarks(context: Context, gateways: Collection[str]) -> Iterator[Note]:
    """Yield what the reader must know before anything else; some firewalls became gateways."""
    if not _of(context, Client):
        yield Note(text="No users are drawn: what no other part calls was published.")
    yield from _places(context)
    yield from _firewalls(context, gateways)
    yield from _passed(context)
    yield from _files(context)
    yield from _agents(context)
    if any(reach.role in _COLLECTED and reach.link.encrypted for reach in context.reaches):
        yield Note(
            text="Measurements and alarms travel unencrypted inside the networks of the project, "
            "also where the link is drawn as encrypted."
        )


def _of(context: Context, kind: type) -> tuple[str, ...]:
    """Return the ids of all parts of a kind."""
    items = context.design.components
    return tuple(key for key in sorted(items, key=natural) if isinstance(items[key], kind))


def _names(context: Context, ids: tuple[str, ...]) -> str:
    return ", ".join(context.item(key).name for key in ids)


def _places(context: Context) -> Iterator[Note]:
    servers = _of(context, Server)
    if servers:
        yield Note(
            components=servers,
            text=f"All services run on one machine, which stands for {_names(context, servers)}: "
            "a lost server is shown by stopping the services drawn in it.",
        )
    borders = (*_of(context, Site), *_of(context, Zone))
    if borders:
        yield Note(
            components=borders,
            text=f"{_names(context, borders)}: sites and zones are no services and cannot fail "
            "here; all services run on one machine, and those of two zones share a network only "
            "where a link is drawn.",
        )
    dns = _of(context, Dns)
    if dns:
        domains = {item.domain for key in dns if isinstance(item := context.item(key), Dns)}
        yield Note(
            components=dns,
            text=f"{_names(context, dns)}: names are not served; on this machine the site is at "
            f"localhost. In production, {', '.join(sorted(domains))} has to point at the entrance.",
        )


def _firewalls(context: Context, gateways: Collection[str]) -> Iterator[Note]:
    firewalls = _of(context, Firewall)
    if not firewalls:
        return
    yield Note(
        components=firewalls,
        text=f"{_names(context, firewalls)}: services share a network only where a link is drawn, "
        "and only the entrances are published. That decides who reaches whom on this machine, "
        "which itself is not protected: it reaches every service, ports within a network stay "
        "open to its members, and copies, measurements and votes go past all firewalls.",
    )
    segments = tuple(key for key in firewalls if key not in gateways)
    if segments:
        yield Note(
            components=segments,
            text=f"{_names(context, segments)}: these firewalls become segmentation alone, and no "
            "service that could fail: they stand before an entrance, where what is published is "
            "all that is open, or no gateway can take their place.",
        )
    items = {key: context.item(key) for key in firewalls}
    inspecting = tuple(
        key
        for key, item in items.items()
        if isinstance(item, Firewall) and item.inspects == "requests"
    )
    if inspecting:
        yield Note(
            components=inspecting,
            text=f"{_names(context, inspecting)}: nothing inspects requests in this project.",
        )


def _passed(context: Context) -> Iterator[Note]:
    links = context.design.links.values()
    passed = {key for link in links for group in link.guards for key in group}
    others = tuple(sorted(passed.difference(_of(context, Firewall)), key=natural))
    if others:
        yield Note(
            components=others,
            text=f"{_names(context, others)}: links are drawn as passing what is no firewall. Here "
            "they go straight to their targets, and nothing of them is filtered there.",
        )


def _files(context: Context) -> Iterator[Note]:
    files = _of(context, AppFiles)
    if not files:
        return
    folders = ", ".join(f"config/{context.name(key)}" for key in files)
    yield Note(
        components=files,
        text=f"{_names(context, files)}: application files are folders ({folders}), mounted "
        "read-only into the servers that link to them, not services that could be stopped.",
    )


def _agents(context: Context) -> Iterator[Note]:
    agents = _of(context, MonitoringAgent)
    if not agents:
        return
    collected = (
        ""
        if _of(context, MonitoringServer)
        else " No monitoring server collects it: none is drawn."
    )
    yield Note(
        components=agents,
        text=f"{_names(context, agents)}: all agents show the one machine that the project runs "
        f"on.{collected}",
    )
