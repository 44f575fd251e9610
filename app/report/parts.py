"""The way of a request, and why each part is there: what it does, needs, and what stops without."""

from collections.abc import Iterator, Mapping
from itertools import groupby, takewhile

from app.analysis.paths import Walk, surviving_path
from app.analysis.what_if import Outcome
from app.analysis.words import listed, requirement_words
from app.model.containers import Cluster, Server, Site, Zone
from app.model.links import Link
from app.model.protocols import PROTOCOLS
from app.model.traffic import Client, Dns
from app.report.content import Bullets, Item, Section
from app.report.facts import Facts, see, verb

_TIERS = frozenset(("web_server", "app_server", "database"))

# --- the way of a request -------------------------------------------------------------------


def requests(facts: Facts) -> Section:
    """Tell the way of each flow, step by step; flows that go the same way are told once."""
    flows = facts.design.flows
    walks: dict[Walk, list[str]] = {}
    for key in flows:
        walks.setdefault(surviving_path(facts.analysis.recoverable, key, ()), []).append(key)
    told = dict[Walk, str]()
    sections = []
    for walk, keys in walks.items():
        title = listed(f"{flows[key].name} ({flows[key].operation})" for key in keys)
        sections.append(Section(title, tuple(_way(facts, keys[0], walk, told))))
        told[walk] = facts.flow_names(keys)
    clients = dict.fromkeys(flow.client for flow in flows.values())
    first = tuple(text for client in clients for text in _look_ups(facts, client))
    return Section("The way of a request", first, tuple(sections))


def _way(facts: Facts, flow: str, walk: Walk, told: dict[Walk, str]) -> Iterator[str | Bullets]:
    """Yield the steps of a way; those that it shares with one that was told are not told again."""
    if facts.analysis.recoverable.dead(flow):
        yield "This cannot work as it is drawn: no way leads to all that it needs."
        return
    steps = [*_steps(facts, walk)]
    if not steps:
        yield "The drawn links show no way of it from the users on."
        return
    other = max(told, key=lambda other: len(_shared(walk, other)), default=())
    shared = _shared(walk, other)
    begun = [*_steps(facts, shared)]
    if len(begun) > 1:
        yield f"As {told[other]} up to {facts.name(shared[-1])}; from there:"
        steps = steps[len(begun) :]
    yield Bullets(tuple(map(Item, steps)), numbered=True)
    if not told:
        yield "The answer takes the same way back, over the connections that the request opened."


def _shared(walk: Walk, other: Walk) -> Walk:
    """Return what two ways have in common; it ends at a part, since a link has one target."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(walk, other, strict=False))
    return tuple(key for key, _ in pairs)


def _look_ups(facts: Facts, client: str) -> Iterator[str]:
    """Yield what the users ask name servers for, and what the answer means."""
    asked = [item for key in facts.ends(client, "resolve")
             if isinstance(item := facts.design.components[key], Dns)]  # fmt: skip
    if asked:
        yield " ".join(
            (
                f"{facts.name(client)} first look up the name of the site.",
                *(f"{item.name} answers for {item.domain} {_record(item)}." for item in asked),
                "That stands beside the path: no page travels through a name server.",
            )
        )


def _record(item: Dns) -> str:
    where = item.address or "which one, the design does not say"
    if item.record == "CNAME":
        return f"with a CNAME record, which gives another name to look up: {where}"
    if item.record == "A":
        return f"with an A record, which gives an IPv4 address: {where}"
    return f"with an AAAA record, which gives an IPv6 address: {where}"


def _steps(facts: Facts, walk: tuple[str, ...]) -> Iterator[str]:
    """Yield a sentence for each link of a way; behind a cluster stands the member it meets."""
    design = facts.design
    for number, key in enumerate(walk):
        link = design.links.get(key)
        if link is not None:
            yield _step(facts, link, walk[number - 1], walk[number + 1])
        elif number and walk[number - 1] in design.components:
            yield f"{facts.name(walk[number - 1])} is a cluster: here {facts.name(key)} answers."


def _step(facts: Facts, link: Link, source: str, target: str) -> str:
    what = {"read": ", to read", "write": ", to write", "publish": ", to leave a message"}
    return f"{facts.name(source)} → {facts.name(target)}{what.get(link.role, '')}: {spoken(link)}."


def spoken(link: Link) -> str:
    """Return what is spoken on a link, on which port, and whether it can be read on the way."""
    protocol = PROTOCOLS[link.protocol]
    if link.protocol == "file":
        return "files on the same machine" if link.tls == "none" else "files over TLS"
    port = f" on port {link.number}" if link.number is not None else ""
    tls = "" if link.tls == "none" else f", TLS {link.tls}"
    tls = ", SSL 3" if link.tls == "ssl3" else tls
    return f"{protocol.title}{port}{tls or ('' if link.encrypted else ', in clear')}"


# --- the parts --------------------------------------------------------------------------------


def parts(facts: Facts) -> Section:
    """Say of each part why it is there, in this design."""
    kinds = groupby(facts.ordered, key=lambda key: facts.design.components[key].kind)
    sections = (_kind(facts, tuple(keys)) for _, keys in kinds)
    return Section("Why each part is there", sections=tuple(sections))


def _kind(facts: Facts, keys: tuple[str, ...]) -> Section:
    item = facts.design.components[keys[0]]
    items = tuple(
        Item(
            " ".join(_about(facts, key)),
            facts.part(key),
            f"part-{key}",
            see(facts.findings_of.get(key, ())),
        )
        for key in keys
    )
    general = f"In general: {item.summary[:1].lower()}{item.summary[1:]}"
    return Section(item.title, (general, Bullets(items)))


def _about(facts: Facts, key: str) -> Iterator[str]:
    item = facts.design.components[key]
    if item.description.strip():
        yield f"“{' '.join(item.description.split())}”"
    yield from _contents(facts, key)
    yield from _needs(facts, key)
    if key in facts.losses:
        yield from without(facts, key, facts.losses[key])
    elif isinstance(item, Client):
        flows = [name for name, flow in facts.design.flows.items() if flow.client == key]
        if flows:
            yield f"{facts.flow_names(flows)} {verb(flows, 'begin')} here."


def _contents(facts: Facts, key: str) -> Iterator[str]:
    item, design = facts.design.components[key], facts.design
    if isinstance(item, Server | Zone | Site):
        inside = facts.sorted(design.children[key])
        yield f"Holds {facts.names(inside)}." if inside else "Nothing is in it."
    if isinstance(item, Cluster) and item.members:
        yield f"Joins {facts.names(item.members)}: {item.mode}."
    tiers = {design.components[part].kind for part in design.children[key]} & _TIERS
    if isinstance(item, Server) and len(tiers) > 1:
        yield "They share its processor, memory and disks, so none of them can be sized by itself."


def _needs(facts: Facts, key: str) -> Iterator[str]:
    """Yield what a part that serves some flow needs for it, unless that is nothing."""
    item, design = facts.design.components[key], facts.design
    if key not in facts.analysis.in_cones or isinstance(item, Server | Zone | Site):
        return
    found: dict[str, list[str]] = {}
    for operation in dict.fromkeys(flow.operation for flow in design.flows.values()):
        _, _, needs = requirement_words(design, key, operation).partition(f"{item.name} needs ")
        found.setdefault(needs.removesuffix("."), []).append(operation)
    for needs, operations in found.items():
        if needs and needs != "nothing else":
            yield f"To {' or '.join(operations)} it needs {needs}."


def without(facts: Facts, key: str, losses: Mapping[str, Outcome]) -> Iterator[str]:
    """Yield what becomes of the flows without a part, and what does its work then."""
    flows = {state: [flow for flow, told in losses.items() if told.state == state]
             for state in ("down", "degraded", "up")}  # fmt: skip
    name = facts.name(key)
    dead = [flow for flow in flows["down"] if facts.analysis.recoverable.dead(flow)]
    down = [flow for flow in flows["down"] if flow not in dead]
    if down:
        yield f"Without {name}, {facts.flow_names(down)} {verb(down, 'stop')}."
    same: dict[frozenset[str], list[str]] = {}
    for flow in flows["degraded"]:
        same.setdefault(losses[flow].exposed, []).append(flow)
    for exposed, names in same.items():
        goes = f"Without {name}, {facts.flow_names(names)} {verb(names, 'go', 'goes')} on"
        if exposed:
            yield f"{goes}, resting on {facts.resting(exposed, key)}, which nothing replaces then."
        else:
            yield f"{goes}, and no other part becomes a single point of failure by that."
    if not down and not same and flows["up"]:
        yield _spare(facts, key)


def _spare(facts: Facts, key: str) -> str:
    asked = [facts.design.links[link] for link in facts.design.incoming[key]]
    if any(link.is_traffic and facts.design.is_soft(link) for link in asked):
        return "No flow stops without it: it is drawn as optional (soft) for what asks it."
    return "No flow needs it."
