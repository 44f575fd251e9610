"""Names and addresses: what nobody has named, what two parts share, what leads elsewhere."""

from collections.abc import Iterator, Mapping
from functools import partial
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Literal

from app.analysis.analysis import Analysis
from app.analysis.exposure import Exposure
from app.model import edits, wiring
from app.model.compute import Service
from app.model.containers import Cluster, Note, Server, Site, Zone
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.traffic import Client, Dns
from app.rules.evidence import along_each, link_name, names
from app.rules.hardening import host_firewalls
from app.rules.network import FREE_PORTS
from app.rules.pools import hard_links
from app.rules.registry import Fix, Problem, Witness, rule

Record = Literal["A", "AAAA", "CNAME"]
BARE = ("tcp", "udp")  # how it travels, not what is said
SEVERAL = 2
NAMELESS = (Client, Note, Site, Zone)  # nobody connects to them by a name
NAMED = 3  # links that a sentence names
MOST_NAMED = 200  # links that one fix names
PRIVATE = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
# Not of the internet either: this host, providers' own, loopback, link-local.
RESERVED = tuple(map(ip_network, ("0.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16")))
INNER = frozenset(("app", "data", "management"))
ADDRESSES = "RFC 1035 section 3.4.1, A RDATA format"


@rule(
    "MOD001",
    "unknown-protocol",
    "Unknown kind or protocol",
    severity="info",
    category="other",
    student="Checks cannot judge what they cannot name.",
    references=("Threagile: Incomplete Model",),
)
def unknown_protocol(analysis: Analysis) -> Iterator[Problem]:
    """Finds links of which only TCP or UDP is known, without a port, and services without an image.

    One finding for all such links and one for all such services. A port says enough: it is what
    firewalls and exports need. Of very many links nobody wants all named at once.
    """
    design = analysis.design
    links = tuple(analysis.exposure.links_that(_is_unknown))
    if links:
        told = names_of_links(design, links)
        message = f"Nobody has said what is spoken on {told}."
        known = {key: usual for key in links[:MOST_NAMED] if (usual := _usual(design, key))}
        fix = Fix("Speak what is usual between these parts", partial(_spoken, usual=known))
        fixes = (fix,) if len(known) == len(links) else ()
        yield Problem(links, message, along_each(design, links), fixes)
    unnamed = tuple(
        key
        for key, item in design.of(Service).items()
        if not (item.image or item.external) and _linked(design, key)
    )
    if unnamed:
        message = f"Nobody has said what program {names(design, unnamed, 'or')} is."
        yield Problem(unnamed, message, Witness(path=unnamed))


def _is_unknown(_: Exposure, link: Link) -> bool:
    return link.protocol in BARE and link.number is None


def names_of_links(design: Design, links: tuple[str, ...]) -> str:
    """Return the first of some links as a list in prose, and how many more there are."""
    told = [link_name(design, key) for key in links[:NAMED]]
    more = len(links) - len(told)
    return ", ".join(told) + (f" and {more} more" if more else "")


def _linked(design: Design, key: str) -> bool:
    return bool(design.outgoing[key] or design.incoming[key])


def _usual(design: Design, link_id: str) -> Link | None:
    """Return the link that is usually drawn between two parts for the same purpose."""
    link = design.links[link_id]
    if wiring.refusal(design, link.source, link.target) is not None:
        return None
    proposed = wiring.propose(design, link.source, link.target)
    named = (usual for usual in proposed if usual.role == link.role)
    return next(
        (usual for usual in named if usual.protocol not in BARE or usual.number is not None), None
    )


def _spoken(design: Design, usual: Mapping[str, Link]) -> Design:
    for key, link in usual.items():
        port = _port(design, key, link)
        design = edits.set_fields(design, key, protocol=link.protocol, port=port)
    return design


def _port(design: Design, link_id: str, usual: Link) -> int | None:
    """Return the port that others reach the target by, else the usual one, else a free one."""
    target = design.links[link_id].target
    host = design.host(target)
    others = [link for link in design.links.values() if link.number is not None]
    known = [link.port for link in others
             if link.target == target and link.protocol == usual.protocol]  # fmt: skip
    if known:
        return known[0]
    used = {link.number for link in others if host and design.host(link.target) == host}
    free = (number for number in FREE_PORTS if number not in used)
    return usual.port if usual.number not in used else next(free, usual.port)


@rule(
    "MOD002",
    "duplicate-name",
    "Duplicate name or address",
    severity="medium",
    category="other",
    student="Two houses with one number: nobody knows which is meant.",
    references=("RFC 1178, Choosing a Name for Your Computer",),
)
def duplicate_name(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts of one network zone that have the same name, and parts that share an address.

    Zones and sites are left out: a zone of two sites has one name. So are users and notes, which
    nobody connects to. A program has the address of its machine, and a cluster may have that of
    a member; which of two others has to give way only the user knows.
    """
    design = analysis.design
    named: dict[tuple[str | None, str], list[str]] = {}
    for called, keys in design.of_parts(_namesakes).items():
        for key in keys:
            named.setdefault((design.zone(key), called), []).append(key)
    for same in named.values():
        if len(same) >= SEVERAL:
            called = design.components[same[0]].name
            message = f"{len(same)} parts are called {called}, so that nobody can tell them apart."
            fix = Fix("Number the others", partial(_numbered, parts=tuple(same[1:])))
            yield Problem(tuple(same), message, Witness(path=tuple(same)), (fix,))
    for address, keys in _sharing(design).items():
        message = f"{names(design, keys)} both have the address {address}."
        yield Problem(keys, message, Witness(path=keys))


def _namesakes(components: Mapping[str, AnyComponent]) -> Mapping[str, tuple[str, ...]]:
    """Return the parts that have a name in common, in small letters, wherever they are."""
    called: dict[str, list[str]] = {}
    for key, item in components.items():
        if not isinstance(item, NAMELESS):
            called.setdefault(item.name.casefold(), []).append(key)
    return {name: tuple(keys) for name, keys in called.items() if len(keys) >= SEVERAL}


def _with_address(components: Mapping[str, AnyComponent]) -> Mapping[str, str]:
    """Return the parts that have an address of their own, in small letters."""
    addresses = {key: getattr(item, "address", "") for key, item in components.items()
                 if not isinstance(item, Dns)}  # fmt: skip
    return {key: address.casefold() for key, address in addresses.items() if address}


def _sharing(design: Design) -> dict[str, tuple[str, str]]:
    """Return the addresses of two parts that are neither in, nor members of, each other."""
    found: dict[str, tuple[str, str]] = {}
    first: dict[str, list[str]] = {}
    for key, address in design.of_parts(_with_address).items():
        others = first.setdefault(address, [])
        apart = [other for other in others if not _related(design, key, other)]
        if apart:
            found.setdefault(address, (apart[0], key))
        others.append(key)
    return found


def _related(design: Design, one: str, other: str) -> bool:
    """Whether two parts may well be reached by one address."""
    around = {part: {part, *design.ancestors(part), design.cluster_of.get(part)}
              for part in (one, other)}  # fmt: skip
    return one in around[other] or other in around[one]


def _numbered(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        taken = {item.name.casefold() for item in design.components.values()}
        called = design.components[part].name
        number = next(n for n in range(SEVERAL, len(taken) + SEVERAL + 1)
                      if f"{called[:110]}-{n}".casefold() not in taken)  # fmt: skip
        design = edits.set_fields(design, part, name=f"{called[:110]}-{number}")
    return design


@rule(
    "MOD004",
    "record-leads-elsewhere",
    "Domain does not lead to the entrance",
    severity="medium",
    category="other",
    student="The sign points to another house.",
    references=(ADDRESSES, "RFC 1035 section 3.3.1, CNAME RDATA format"),
)
def record_leads_elsewhere(analysis: Analysis) -> Iterator[Problem]:
    """Finds records of a domain that no user can follow to where the drawing lets users in.

    A record of the wrong sort, such as an A record that holds a name, leads nowhere. One that
    holds an address is compared with those of the entrances, where each of them has one.
    """
    design = analysis.design
    for client in design.of(Client):
        for link in design.outgoing[client]:
            key = design.links[link].target
            dns = design.components[key]
            if isinstance(dns, Dns) and dns.address:
                yield from _misled(analysis, (client, link, key), dns)


def _misled(analysis: Analysis, path: tuple[str, ...], dns: Dns) -> Iterator[Problem]:
    record = _record_for(dns.address)
    key = path[-1]
    if record != dns.record:
        what = "a name" if record == "CNAME" else "an address"
        kind = {"A": "an IPv4 address", "AAAA": "an IPv6 address", "CNAME": "a name"}[dns.record]
        message = (
            f"The {dns.record} record of {dns.domain} has to hold {kind}; {dns.address} is "
            f"{what if dns.record == 'CNAME' or record == 'CNAME' else 'not one'}."
        )
        change = partial(edits.set_fields, element_id=key, record=record)
        yield Problem((key,), message, Witness(path), (Fix(f"Make it a {record} record", change),))
        return
    doors = _doors(analysis, path[0])
    known = [[text for text in _addresses(analysis.design, door) if _record_for(text) == record]
             for door in doors]  # fmt: skip
    if not doors or not all(known) or dns.address.casefold() in {t for ts in known for t in ts}:
        return
    message = (
        f"{dns.domain} leads to {dns.address}, and users enter by "
        f"{names(analysis.design, doors, 'or')} at {known[0][0]}."
    )
    change = partial(edits.set_fields, element_id=key, address=known[0][0])
    fix = Fix(f"Point it to {known[0][0]}", change)
    yield Problem((key,), message, Witness((*path, *doors)), (fix,))


def _record_for(text: str) -> Record:
    """Return the record that may hold an address or a name."""
    try:
        return "A" if ip_address(text.strip()).version == 4 else "AAAA"  # noqa: PLR2004  # IPv4
    except ValueError:
        return "CNAME"


def _doors(analysis: Analysis, client: str) -> tuple[str, ...]:
    """Return what users of a client connect to: the first part on each way in."""
    design = analysis.design
    ends = (design.links[key].target for key in hard_links(design, client))
    return tuple(dict.fromkeys(end for end in ends if not isinstance(design.components[end], Dns)))


def _addresses(design: Design, part: str) -> tuple[str, ...]:
    """Return the addresses of a part: its own, and those of its machine and its cluster."""
    item = design.components[part]
    behind = item.members if isinstance(item, Cluster) and not item.virtual_address else ()
    around = (part, design.host(part), design.cluster_of.get(part), *behind)
    texts = (getattr(design.components[key], "address", "") for key in around if key)
    return tuple(text.casefold() for text in texts if text)


@rule(
    "MOD003",
    "private-and-public",
    "Private and public address confused",
    severity="medium",
    category="other",
    student="The internet cannot find a private number, and must not find the inner ones.",
    references=("RFC 1918 section 3, Private Address Space",),
)
def private_and_public(analysis: Analysis) -> Iterator[Problem]:
    """Finds domains that lead users on the internet to a private address, and the opposite.

    That is a machine of an inner zone with a public IPv4 address and no firewall in front of any
    of its links or on itself. A domain that leads past the entrance is MOD004. In IPv6 all
    addresses may be public.
    """
    yield from _unreachable_names(analysis)
    design = analysis.design
    bare = tuple(
        key
        for key in design.by_kind.get("server", ())
        if design.trust(key) in INNER and _is_bare(analysis, key)
    )
    if bare:
        verb = "has a public address" if len(bare) == 1 else "have public addresses"
        message = f"{names(design, bare)} {verb} and no firewall, in a zone that is an inner one."
        closed = partial(host_firewalls, servers=bare)
        yield Problem(bare, message, Witness(bare, bare), (Fix("Filter on the machine", closed),))


def _unreachable_names(analysis: Analysis) -> Iterator[Problem]:
    design = analysis.design
    for client in design.by_kind.get("client", ()):
        for link in design.outgoing[client] if analysis.exposure.outside(client) else ():
            path = (client, link, design.links[link].target)
            dns = design.components[path[-1]]
            if not isinstance(dns, Dns) or _sort(dns.address) != "private":
                continue
            if not any(_misled(analysis, path, dns)):
                message = f"{dns.domain} leads to {dns.address}, which the internet cannot find."
                yield Problem((path[-1],), message, Witness(path))


def _sort(text: str) -> str:
    """Return whether an IPv4 address is private or public; empty for what is neither."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return ""
    if not isinstance(address, IPv4Address) or any(address in net for net in RESERVED):
        return ""
    return "private" if any(address in net for net in PRIVATE) else "public"


def _is_bare(analysis: Analysis, server: str) -> bool:
    design = analysis.design
    item = design.components[server]
    if not isinstance(item, Server) or item.firewall or _sort(item.address) != "public":
        return False
    inside = (server, *design.children[server])
    links = (design.links[key] for part in inside for key in design.incoming[part])
    return not any(analysis.exposure.guarded(link) for link in links)
