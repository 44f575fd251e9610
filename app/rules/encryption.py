"""HTTPS and its kin: what can be read, or forged, on the way."""

from collections.abc import Iterable, Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.exposure import Exposure
from app.model import edits
from app.model.design import Design
from app.model.links import Link
from app.model.protocols import PROTOCOLS
from app.model.stores import Store
from app.model.traffic import LoadBalancer
from app.model.traits import Trait
from app.rules import hardening
from app.rules.evidence import along_each, link_name, name, names
from app.rules.registry import Fix, Problem, rule

CLEAR_TEXT = "CWE-319: Cleartext Transmission of Sensitive Information"
CRYPTO = "OWASP Top 10:2021, A02 Cryptographic Failures"
IN_TRANSIT = "CIS Critical Security Controls v8, 3.10: Encrypt Sensitive Data in Transit"
OLD = frozenset(("ssl3", "1.0", "1.1"))
SECRETS = frozenset(("credentials", "confidential"))
CLEAR_OPERATIONS = frozenset(("telnet", "ftp", "http", "snmp", "syslog"))
OPERATION_ROLES = frozenset(("admin", "monitor", "log", "deploy"))


def _readable(exposure: Exposure, link: Link) -> bool:
    """Whether somebody between two machines can read a link."""
    return not link.encrypted and not exposure.local(link)


def _grouped(keys: Iterable[tuple[object, str]]) -> Iterator[tuple[str, ...]]:
    """Yield the links that have one cause in common, each group once."""
    groups: dict[object, list[str]] = {}
    for cause, key in keys:
        groups.setdefault(cause, []).append(key)
    yield from (tuple(group) for group in groups.values())


def _spoken(design: Design, links: Iterable[str]) -> str:
    titles = {PROTOCOLS[design.links[key].protocol].title for key in links}
    return " and ".join(sorted(titles))


def _ends(design: Design, links: tuple[str, ...], end: str, joint: str = "and") -> str:
    drawn = design.links
    if len(links) == 1:
        return name(design, getattr(drawn[links[0]], end))
    return names(design, sorted({getattr(drawn[key], end) for key in links}), joint)


@rule(
    "TLS001",
    "no-https",
    "Public traffic without HTTPS",
    severity="critical",
    category="https",
    student="Passwords and pages travel like postcards: anyone on the way can read or change them.",
    references=(CLEAR_TEXT, CRYPTO, "RFC 9110, HTTP Semantics, section 4.2.2: https URI scheme"),
)
def no_https(analysis: Analysis) -> Iterator[Problem]:
    """Finds links from the internet whose content can be read on the way.

    Plain HTTP beside HTTPS is fine where every entrance redirects it. Told once for each protocol.
    """
    exposure = analysis.exposure
    design = analysis.design
    redirected = _redirected(exposure)
    clear = (
        (design.links[key].protocol, key)
        for key in exposure.entering
        if design.links[key].is_traffic
        and not design.links[key].encrypted
        and key not in redirected
    )
    for links in _grouped(clear):
        message = (
            f"{_ends(design, links, 'source')} and {_ends(design, links, 'target', 'or')} talk "
            f"plain {_spoken(design, links)} over the internet."
        )
        fix = Fix("Use HTTPS with a certificate", partial(hardening.secure_entrance, links=links))
        yield Problem(links, message, along_each(design, links), (fix,))


def _doors(exposure: Exposure) -> Iterator[tuple[str, str, str]]:
    """Yield for each way in over HTTP the link, its last link, and the part that opens it."""
    design = exposure.design
    for key in exposure.entering:
        if design.links[key].is_traffic:
            for end in exposure.ends(key):
                for part in exposure.behind(design.links[end].target):
                    if isinstance(design.components[part], hardening.Terminating):
                        yield key, end, part


def _redirected(exposure: Exposure) -> set[str]:
    """Return the ways in over plain HTTP that are answered by a redirect to HTTPS alone."""
    design = exposure.design
    doors = list(_doors(exposure))
    secured = {part for key, _, part in doors if design.links[key].encrypted}
    answered: dict[str, bool] = {}
    for key, _, part in doors:
        redirects = part in secured and getattr(design.components[part], "redirect", False)
        answered[key] = answered.get(key, True) and redirects
    return {key for key, redirects in answered.items() if redirects}


@rule(
    "TLS002",
    "no-redirect",
    "No redirect from HTTP to HTTPS",
    severity="low",
    category="https",
    student="Visitors who type the short name stay on the unsafe page.",
    references=("RFC 6797, HTTP Strict Transport Security, section 7.2", CLEAR_TEXT),
)
def no_redirect(analysis: Analysis) -> Iterator[Problem]:
    """Finds entrances that answer on HTTP and on HTTPS and leave the first as it is."""
    exposure = analysis.exposure
    design = analysis.design
    ways: dict[str, dict[bool, str]] = {}
    for key, end, part in _doors(exposure):
        ways.setdefault(part, {})[design.links[key].encrypted] = end
    for part, found in ways.items():
        item = design.components[part]
        if len(found) > 1 and not getattr(item, "redirect", True):
            message = f"{item.name} answers plain HTTP beside HTTPS and does not redirect it."
            fix = Fix("Redirect to HTTPS",
                      partial(edits.set_fields, element_id=part, redirect=True))  # fmt: skip
            witness = along_each(design, found.values(), (part,))
            yield Problem((part,), message, witness, (fix,))


@rule(
    "TLS003",
    "tls-ends-at-balancer",
    "TLS ends at the load balancer",
    severity="medium",
    category="https",
    student="From the balancer on, everything travels in clear inside your network.",
    references=(CLEAR_TEXT, IN_TRANSIT),
)
def tls_ends_at_balancer(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that receive TLS and pass the content on in clear to another machine.

    A firewall behind the balancer hands on what it gets: the hop behind it counts as well.
    """
    exposure = analysis.exposure
    design = analysis.design
    ends: dict[tuple[str, ...], list[str]] = {}
    for balancer in design.of(LoadBalancer):
        if _receives_tls(exposure, balancer):
            links = tuple(dict.fromkeys(_clear_backends(exposure, balancer)))
            ends.setdefault(links, []).append(balancer)
    for links, balancers in ends.items():
        if links:
            message = (
                f"HTTPS ends at {names(design, balancers)}: from there on "
                f"{_ends(design, links, 'target')} {'gets' if len(links) == 1 else 'get'} plain "
                f"{_spoken(design, links)}."
            )
            fix = Fix("Encrypt it again", partial(hardening.encrypt_along, links=links))
            yield Problem(links, message, along_each(design, links, tuple(balancers)), (fix,))


def _receives_tls(exposure: Exposure, balancer: str) -> bool:
    design = exposure.design
    cluster = design.cluster_of.get(balancer)
    incoming = (*design.incoming[balancer], *(design.incoming[cluster] if cluster else ()))
    links = (design.links[key] for key in incoming)
    return any(link.is_traffic and link.encrypted for link in links)


def _clear_backends(exposure: Exposure, balancer: str) -> Iterator[str]:
    """Yield the links on which a balancer's content arrives in clear on another machine."""
    design = exposure.design
    traffic = (key for key in design.outgoing[balancer] if design.links[key].is_traffic)
    for end in (end for key in traffic for end in exposure.ends(key)):
        link = design.links[end]
        kinds = (Trait.FILTERS_TRAFFIC, Trait.HOLDS_DATA)  # a wall opens nothing; stores: TLS014
        opens = not any(exposure.has(link.target, trait) for trait in kinds)
        same = exposure.hosts(balancer) == exposure.hosts(link.target) != {None}
        if opens and not same and _bare(link):
            yield end


def _bare(link: Link) -> bool:
    """Whether a link is in clear and carries no more than usual: secrets are told by TLS004."""
    return not link.encrypted and link.data not in SECRETS


@rule(
    "TLS004",
    "secrets-in-clear",
    "Secrets on a link in clear",
    severity="high",
    category="https",
    student="Inside is not the same as safe.",
    references=(CLEAR_TEXT, "CWE-523: Unprotected Transport of Credentials", IN_TRANSIT),
)
def secrets_in_clear(analysis: Analysis) -> Iterator[Problem]:
    """Finds inner links that carry something confidential, or passwords, in clear.

    What comes from the internet, and clear administration, are findings of their own.
    """
    exposure = analysis.exposure
    design = analysis.design
    for key, link in exposure.links_that(_tells_secrets).items():
        if key not in exposure.entering:
            what = "passwords or keys" if link.data == "credentials" else "confidential data"
            message = f"{link_name(design, key)} carries {what} in clear."
            fix = Fix("Encrypt the link", partial(hardening.encrypt_along, links=(key,)))
            yield Problem((key,), message, along_each(design, (key,)), (fix,))


def _tells_secrets(exposure: Exposure, link: Link) -> bool:
    told = link.data in SECRETS and _readable(exposure, link)
    return told and not _clear_operation(exposure, link)


@rule(
    "TLS005",
    "replication-in-clear",
    "Replication in clear",
    severity="medium",
    category="https",
    student="The whole database leaves the machine unprotected, row by row.",
    references=(CLEAR_TEXT, IN_TRANSIT),
)
def replication_in_clear(analysis: Analysis) -> Iterator[Problem]:
    """Finds replication between machines that can be read on the way, once for each source."""
    exposure = analysis.exposure
    design = analysis.design
    clear = ((link.source, key) for key, link in exposure.links_that(_clear_replication).items())
    for links in _grouped(clear):
        yield design.said_of(links, _told_of_replication)


def _told_of_replication(design: Design, links: tuple[str, ...]) -> Problem:
    source, targets = _ends(design, links, "source"), _ends(design, links, "target")
    message = f"{source} sends all that it stores to {targets} in clear."
    fix = Fix("Encrypt the replication", partial(hardening.encrypt_along, links=links))
    return Problem(links, message, along_each(design, links), (fix,))


def _clear_replication(exposure: Exposure, link: Link) -> bool:
    return link.role == "replicate" and _bare(link) and not exposure.local(link)


@rule(
    "TLS006",
    "outdated-tls",
    "Outdated TLS version",
    severity="high",
    category="https",
    student="Old locks have keys that everybody knows.",
    references=(
        "RFC 8996, Deprecating TLS 1.0 and TLS 1.1",
        "RFC 7568, Deprecating Secure Sockets Layer Version 3.0",
        "CWE-327: Use of a Broken or Risky Cryptographic Algorithm",
    ),
)
def outdated_tls(analysis: Analysis) -> Iterator[Problem]:
    """Finds links on SSL 3.0, TLS 1.0 or TLS 1.1, once for each part that accepts them."""
    design = analysis.design
    accepted = analysis.exposure.links_that(_on_old_tls)
    old = ((link.target, key) for key, link in accepted.items())
    for links in _grouped(old):
        versions = sorted({_version(design.links[key].tls) for key in links})
        message = f"{_ends(design, links, 'target')} still accepts {' and '.join(versions)}."
        fix = Fix("Use TLS 1.3", partial(_renew, links=links))
        yield Problem(links, message, along_each(design, links), (fix,))


def _on_old_tls(_: Exposure, link: Link) -> bool:
    return link.tls in OLD


def _version(tls: str) -> str:
    return "SSL 3.0" if tls == "ssl3" else f"TLS {tls}"


def _renew(design: Design, links: tuple[str, ...]) -> Design:
    for key in links:
        design = edits.set_fields(design, key, tls="1.3")
    return design


@rule(
    "TLS007",
    "no-certificate",
    "Certificate missing or not matching",
    severity="high",
    category="https",
    student="Without a valid certificate the browser cannot know who answers.",
    references=(
        "RFC 9525, Service Identity in TLS",
        "CWE-297: Improper Validation of Certificate with Host Mismatch",
    ),
)
def no_certificate(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that end HTTPS from the internet without a certificate for the site's name.

    The names are those that the users look up; a wildcard stands for one label (RFC 9525).
    """
    exposure = analysis.exposure
    design = analysis.design
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for key, end, part in _doors(exposure):
        if design.links[key].encrypted:
            found.setdefault(part, (end, hardening.sites(design, design.links[key].source)))
    for part, (end, sites) in found.items():
        held = str(getattr(design.components[part], "certificate", "")).split()
        missing = [site for site in sites if not hardening.covers(held, site)]
        if held and not missing:
            continue
        lacks = "has no certificate" if not held else f"has no certificate for {missing[0]}"
        message = f"{name(design, part)} ends HTTPS from the internet, but {lacks}."
        fix = Fix(
            "Attach a certificate for the site",
            partial(hardening.certify, component_id=part, names=sites),
        )
        yield Problem((part,), message, along_each(design, (end,), (part,)), (fix,))


@rule(
    "TLS009",
    "clear-administration",
    "Administration or monitoring in clear",
    severity="high",
    category="https",
    student="The keys of the house are shouted across the street.",
    references=(CLEAR_TEXT, IN_TRANSIT),
)
def clear_administration(analysis: Analysis) -> Iterator[Problem]:
    """Finds administration, monitoring, logging and deployment over protocols in clear.

    Once for each part that is reached so, and for each purpose.
    """
    exposure = analysis.exposure
    design = analysis.design
    clear = (
        ((link.target, link.role), key)
        for key, link in exposure.links_that(_clear_operation).items()
    )
    for links in _grouped(clear):
        yield design.said_of(links, _told_of_operation)


def _told_of_operation(design: Design, links: tuple[str, ...]) -> Problem:
    sources, targets = _ends(design, links, "source"), _ends(design, links, "target")
    message = f"{sources} to {targets}: {_spoken(design, links)} can be read on the way."
    fix = Fix("Use the encrypted protocol", partial(hardening.encrypt, links=links))
    return Problem(links, message, along_each(design, links), (fix,))


def _clear_operation(exposure: Exposure, link: Link) -> bool:
    operation = link.role in OPERATION_ROLES and link.protocol in CLEAR_OPERATIONS
    return operation and _readable(exposure, link)


@rule(
    "TLS014",
    "database-link-in-clear",
    "Database link in clear",
    severity="medium",
    category="https",
    student="Queries and answers can be read by any neighbour.",
    references=(CLEAR_TEXT, IN_TRANSIT),
)
def database_link_in_clear(analysis: Analysis) -> Iterator[Problem]:
    """Finds traffic to stores of data on other machines that can be read on the way.

    Once for each store or cluster of stores: it is the store that does not ask for TLS.
    """
    exposure = analysis.exposure
    design = analysis.design
    clear = (
        (design.cluster_of.get(link.target, link.target), key)
        for key, link in exposure.links_that(_clear_to_store).items()
    )
    for links in _grouped(clear):
        yield design.said_of(links, _told_of_stores)


def _told_of_stores(design: Design, links: tuple[str, ...]) -> Problem:
    sources, targets = _ends(design, links, "source"), _ends(design, links, "target")
    several = len({design.links[key].source for key in links}) > 1
    message = f"{sources} {'talk' if several else 'talks'} to {targets} in clear."
    fix = Fix("Encrypt the links", partial(hardening.encrypt_along, links=links))
    return Problem(links, message, along_each(design, links), (fix,))


def _clear_to_store(exposure: Exposure, link: Link) -> bool:
    asks = link.is_traffic and exposure.has(link.target, Trait.HOLDS_DATA)
    return asks and _bare(link) and not exposure.local(link)


@rule(
    "TLS011",
    "peer-not-verified",
    "Peer certificate not verified",
    severity="high",
    category="https",
    student="Encryption without checking who is at the other end.",
    references=("CWE-295: Improper Certificate Validation",),
)
def peer_not_verified(analysis: Analysis) -> Iterator[Problem]:
    """Finds encrypted links whose source takes any certificate, once for each target.

    Whoever stands on the way can then show one of his own and read everything.
    """
    design = analysis.design
    blind = ((link.target, key) for key, link in analysis.exposure.links_that(_blind).items())
    for links in _grouped(blind):
        sources, targets = _ends(design, links, "source"), _ends(design, links, "target")
        several = len({design.links[key].source for key in links}) > 1
        message = f"{sources} {'believe' if several else 'believes'} anybody who says {targets}."
        fix = Fix("Check the certificate", partial(_verified, links=links))
        yield Problem(links, message, along_each(design, links), (fix,))


def _blind(_: Exposure, link: Link) -> bool:
    return link.encrypted and link.verify == "no"


def _verified(design: Design, links: tuple[str, ...]) -> Design:
    for key in links:
        design = edits.set_fields(design, key, verify="yes")
    return design


@rule(
    "TLS013",
    "readable-at-rest",
    "Confidential data at rest not encrypted",
    severity="medium",
    category="other",
    student="A lost disk is a lost secret.",
    references=("CWE-311: Missing Encryption of Sensitive Data", CRYPTO),
)
def readable_at_rest(analysis: Analysis) -> Iterator[Problem]:
    """Finds stores that confidential data or passwords are sent to and whose disks are in clear.

    Told once for all of them. A backup is SEC019.
    """
    exposure = analysis.exposure
    design = analysis.design
    secret: dict[str, str] = {}
    for key in exposure.links_that(_is_secret):
        for end in exposure.ends(key):
            for part in exposure.behind(design.links[end].target):
                secret.setdefault(part, end)
    stores = tuple(
        key for key, item in design.of(Store).items() if item.at_rest == "none" and key in secret
    )
    if stores:
        message = f"Whoever takes the disks of {names(design, stores, 'or')} can read the secrets."
        fix = Fix("Encrypt the disks", partial(_encrypted_at_rest, stores=stores))
        witness = along_each(design, (secret[key] for key in stores), stores)
        yield Problem(stores, message, witness, (fix,))


def _is_secret(_: Exposure, link: Link) -> bool:
    return link.data in SECRETS


def _encrypted_at_rest(design: Design, stores: tuple[str, ...]) -> Design:
    for key in stores:
        design = edits.set_fields(design, key, at_rest="encrypted")
    return design
