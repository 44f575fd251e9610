"""HTTPS and its kin: what can be read, or forged, on the way."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.components import LoadBalancer
from app.model.design import Design
from app.model.links import Link
from app.model.traits import Trait
from app.rules import hardening
from app.rules.evidence import along, link_name, name
from app.rules.registry import Fix, Problem, Witness, rule

CLEAR_TEXT = "CWE-319: Cleartext Transmission of Sensitive Information"
OLD = frozenset(("ssl3", "1.0", "1.1"))
SECRETS = frozenset(("credentials", "confidential"))
CLEAR_OPERATIONS = frozenset(("telnet", "ftp", "http", "snmp", "syslog"))
OPERATION_ROLES = frozenset(("admin", "monitor", "log", "deploy"))


def _holds_data(design: Design, component_id: str) -> bool:
    return Trait.HOLDS_DATA in design.components[component_id].traits


def _open(analysis: Analysis, link: Link) -> bool:
    """Whether somebody between two machines can read a link."""
    return not link.encrypted and not analysis.local(link)


@rule(
    "TLS001",
    "no-https",
    "Public traffic without HTTPS",
    severity="critical",
    category="https",
    student="Passwords and pages travel like postcards: anyone on the way can read or change them.",
    references=(
        CLEAR_TEXT,
        "OWASP Top 10:2021, A02 Cryptographic Failures",
        "RFC 9110, section 4.2.2",
    ),
)
def no_https(analysis: Analysis) -> Iterator[Problem]:
    """Finds links from the internet whose content can be read on the way."""
    design = analysis.design
    for key in analysis.entering:
        link = design.links[key]
        if link.is_traffic and not link.encrypted:
            message = f"{link_name(design, key)} is plain {link.protocol.upper()}."
            fix = Fix("Use HTTPS with a certificate",
                      partial(hardening.secure_entrance, link_id=key))  # fmt: skip
            yield Problem((key,), message, along(design, key), (fix,))


@rule(
    "TLS002",
    "no-redirect",
    "No redirect from HTTP to HTTPS",
    severity="low",
    category="https",
    student="Visitors who type the short name stay on the unsafe page.",
    references=("RFC 6797, HTTP Strict Transport Security, section 7.2",),
)
def no_redirect(analysis: Analysis) -> Iterator[Problem]:
    """Finds entrances that speak HTTPS and leave plain HTTP visitors where they are."""
    design = analysis.design
    for key, item in design.components.items():
        if isinstance(item, hardening.Terminating) and not item.redirect:
            ways = _public(analysis, key)
            if ways and all(design.links[way].encrypted for way in ways):
                fix = Fix("Redirect to HTTPS",
                          partial(edits.set_fields, element_id=key, redirect=True))  # fmt: skip
                message = f"{item.name} does not send plain HTTP visitors to HTTPS."
                yield Problem((key,), message, along(design, ways[0]), (fix,))


def _public(analysis: Analysis, component_id: str) -> list[str]:
    """The last links of the ways on which the internet reaches a part through firewalls only."""
    design = analysis.design
    found = []
    for key in design.incoming[component_id]:
        source = design.links[key].source
        fence = Trait.FILTERS_TRAFFIC in design.components[source].traits
        if key in analysis.entering or (fence and _public(analysis, source)):
            found.append(key)
    return [key for key in found if design.links[key].role == "request"]


@rule(
    "TLS003",
    "tls-ends-at-balancer",
    "TLS ends at the load balancer",
    severity="medium",
    category="https",
    student="From the balancer on, everything travels in clear inside your network.",
    references=(CLEAR_TEXT,),
)
def tls_ends_at_balancer(analysis: Analysis) -> Iterator[Problem]:
    """Finds links from a balancer that receives TLS and passes the content on in clear."""
    design = analysis.design
    for key, link in design.links.items():
        if not isinstance(design.components[link.source], LoadBalancer) or not link.is_traffic:
            continue
        target = design.components[link.target]
        inside = Trait.FILTERS_TRAFFIC not in target.traits and not _holds_data(design, link.target)
        ends = any(design.links[other].tls != "none" for other in design.incoming[link.source])
        if inside and ends and _open(analysis, link):
            message = f"{link_name(design, key)} is plain {link.protocol.upper()} behind HTTPS."
            fix = Fix("Encrypt it again", partial(_encrypt_backend, link_id=key))
            yield Problem((key,), message, along(design, key), (fix,))


def _encrypt_backend(design: Design, link_id: str) -> Design:
    target = design.links[link_id].target
    design = hardening.encrypt(design, (link_id,))
    item = design.components[target]
    if isinstance(item, hardening.Terminating) and not item.certificate:
        design = edits.set_fields(design, target, certificate=f"{target}.internal")
    return design


@rule(
    "TLS004",
    "secrets-in-clear",
    "Secrets on a link in clear",
    severity="high",
    category="https",
    student="Inside is not the same as safe.",
    references=(CLEAR_TEXT, "CWE-523: Unprotected Transport of Credentials"),
)
def secrets_in_clear(analysis: Analysis) -> Iterator[Problem]:
    """Finds inner links marked as carrying something secret that can be read on the way."""
    design = analysis.design
    for key, link in design.links.items():
        if link.data in SECRETS and _open(analysis, link) and not _elsewhere(analysis, key):
            message = f"{link_name(design, key)} carries {link.data} data in clear."
            fix = Fix("Encrypt the link", partial(hardening.encrypt, links=(key,)))
            yield Problem((key,), message, along(design, key), (fix,))


def _elsewhere(analysis: Analysis, key: str) -> bool:
    """Whether another rule names the same link: one finding for one cause."""
    link = analysis.design.links[key]
    return (
        key in analysis.entering
        or link.role == "replicate"
        or (link.is_traffic and _holds_data(analysis.design, link.target))
    )


@rule(
    "TLS005",
    "replication-in-clear",
    "Replication in clear",
    severity="medium",
    category="https",
    student="The whole database leaves the machine unprotected, row by row.",
    references=(CLEAR_TEXT,),
)
def replication_in_clear(analysis: Analysis) -> Iterator[Problem]:
    """Finds replication between machines that can be read on the way."""
    design = analysis.design
    for key, link in design.links.items():
        if link.role == "replicate" and _open(analysis, link):
            message = f"{link_name(design, key)} copies the database in clear."
            fix = Fix("Encrypt the replication", partial(hardening.encrypt, links=(key,)))
            yield Problem((key,), message, along(design, key), (fix,))


@rule(
    "TLS006",
    "outdated-tls",
    "Outdated TLS version",
    severity="high",
    category="https",
    student="Old locks have keys that everybody knows.",
    references=("RFC 8996, Deprecating TLS 1.0 and TLS 1.1", "RFC 7568, Deprecating SSL 3.0"),
)
def outdated_tls(analysis: Analysis) -> Iterator[Problem]:
    """Finds links on SSL 3, TLS 1.0 or TLS 1.1."""
    design = analysis.design
    for key, link in design.links.items():
        if link.tls in OLD:
            version = "SSL 3" if link.tls == "ssl3" else f"TLS {link.tls}"
            message = f"{link_name(design, key)} uses {version}."
            fix = Fix("Use TLS 1.3", partial(edits.set_fields, element_id=key, tls="1.3"))
            yield Problem((key,), message, along(design, key), (fix,))


@rule(
    "TLS007",
    "no-certificate",
    "Certificate missing or not matching",
    severity="high",
    category="https",
    student="Without a valid certificate the browser cannot know who answers.",
    references=(
        "CWE-295: Improper Certificate Validation",
        "RFC 9525, Service Identity in TLS",
    ),
)
def no_certificate(analysis: Analysis) -> Iterator[Problem]:
    """Finds entrances that end HTTPS without a certificate that covers the site's name.

    Silent where the design does not say certificates at all: then nothing contradicts.
    """
    design = analysis.design
    told = any(getattr(item, "certificate", "") for item in design.components.values())
    site = {item.domain for item in design.components.values() if hasattr(item, "domain")
            and item.kind == "dns"}  # fmt: skip
    for key, item in design.components.items():
        if not isinstance(item, hardening.Terminating) or not told:
            continue
        ways = [way for way in _public(analysis, key) if design.links[way].encrypted]
        covered = set(item.certificate.split())
        if ways and (not covered or (site and not any(_covers(covered, host) for host in site))):
            lacks = "no certificate" if not covered else f"a certificate for {item.certificate}"
            message = f"{item.name} ends HTTPS with {lacks}."
            fix = Fix("Attach a certificate for the site",
                      partial(hardening.certify, component_id=key))  # fmt: skip
            yield Problem((key,), message, Witness(path=(*along(design, ways[0]).path,)), (fix,))


def _covers(certificate: set[str], host: str) -> bool:
    parent = host.partition(".")[2]
    return host in certificate or f"*.{parent}" in certificate


@rule(
    "TLS009",
    "clear-administration",
    "Administration or monitoring in clear",
    severity="high",
    category="https",
    student="The keys of the house are shouted across the street.",
    references=(CLEAR_TEXT,),
)
def clear_administration(analysis: Analysis) -> Iterator[Problem]:
    """Finds administration, monitoring, logging and deployment over protocols in clear."""
    design = analysis.design
    for key, link in design.links.items():
        clear = link.role in OPERATION_ROLES and link.protocol in CLEAR_OPERATIONS
        if clear and _open(analysis, link):
            message = f"{link_name(design, key)} speaks plain {link.protocol}."
            fix = Fix("Use the encrypted protocol", partial(_safe_operation, link_id=key))
            yield Problem((key,), message, along(design, key), (fix,))


def _safe_operation(design: Design, link_id: str) -> Design:
    if design.links[link_id].protocol == "telnet":
        return edits.set_fields(design, link_id, protocol="ssh", port=None)
    return hardening.encrypt(design, (link_id,))


@rule(
    "TLS014",
    "database-link-in-clear",
    "Database link in clear",
    severity="medium",
    category="https",
    student="Queries and answers can be read by any neighbour.",
    references=(CLEAR_TEXT, "PostgreSQL documentation: Secure TCP/IP Connections with SSL"),
)
def database_link_in_clear(analysis: Analysis) -> Iterator[Problem]:
    """Finds links to stores of data on other machines that can be read on the way.

    Read and write links between the same two parts are one cause and one finding.
    """
    design = analysis.design
    seen: set[tuple[str, str]] = set()
    for key, link in design.links.items():
        pair = (link.source, link.target)
        wanted = link.is_traffic and _holds_data(design, link.target) and _open(analysis, link)
        if not wanted or pair in seen:
            continue
        seen.add(pair)
        same = tuple(
            other
            for other in design.outgoing[link.source]
            if design.links[other].target == link.target and _open(analysis, design.links[other])
        )
        asks = name(design, link.source)
        message = f"{asks} talks to {name(design, link.target)} in clear."
        fix = Fix("Encrypt the link", partial(hardening.encrypt, links=same))
        yield Problem((key,), message, along(design, key), (fix,))
