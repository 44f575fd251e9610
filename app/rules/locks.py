"""Locks: who proves who he is, which passwords and rights there are, what shares a machine."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from app.analysis.analysis import Analysis
from app.analysis.exposure import Exposure
from app.model import edits
from app.model.component import Program
from app.model.compute import AppFiles, Service, WebServer
from app.model.design import Design
from app.model.links import Link
from app.model.stores import Backup, Cache, Database, Queue, Store
from app.model.traffic import Bastion, Cdn, Dns, LoadBalancer, ReverseProxy
from app.model.traits import Trait
from app.rules import hardening
from app.rules.encryption import SECRETS
from app.rules.evidence import along_each, name, names
from app.rules.network import SEGMENTS, opening
from app.rules.registry import Fix, Problem, Witness, rule
from app.rules.spreading import moved_to_new

DOCKER = "OWASP Docker Security Cheat Sheet"
OWN_USER = "Run as a user of its own"
PRIVILEGES = "CWE-250: Execution with Unnecessary Privileges"
FOR_EVERYBODY = (WebServer, Cdn, Dns, LoadBalancer, ReverseProxy)
Fields = dict[str, Any]
_T = TypeVar("_T")


def _those(design: Design, cls: type[_T], wrong: Callable[[_T], bool]) -> tuple[str, ...]:
    """Return the parts of some kind that a drawing says something wrong of."""
    return tuple(key for key, item in design.of(cls).items() if wrong(item))


def _with_password(design: Design, source: str) -> tuple[str, ...]:
    return _those(design, Store, lambda item: item.credentials == source)


def _all_of(
    design: Design, parts: tuple[str, ...], message: str, title: str, fields: Fields
) -> Iterator[Problem]:
    """Yield one finding about parts that have one thing in common, and what sets it right.

    The message has braces where their names go.
    """
    if parts:
        fix = Fix(title, partial(_set, parts=parts, fields=fields))
        told = message.format(names(design, parts, "or"))
        yield Problem(parts, told, Witness(path=parts, cut=parts), (fix,))


def _set(design: Design, parts: Iterable[str], fields: Fields) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, **fields)
    return design


@rule(
    "SEC001",
    "no-authentication",
    "No authentication across a trust boundary",
    severity="high",
    category="other",
    student="The next room has no lock.",
    references=(
        "CWE-306: Missing Authentication for Critical Function",
        "Threagile: Missing Authentication",
    ),
)
def no_authentication(analysis: Analysis) -> Iterator[Problem]:
    """Finds links into a segment of another trust on which nobody proves who he is.

    Told once for each part that is reached so. What is there for everybody does not ask: web
    servers, balancers, proxies, delivery networks, names, and links that carry what is public. A
    link of which the drawing does not say how its source proves itself is not judged.
    """
    exposure = analysis.exposure
    design = analysis.design
    found: dict[str, list[str]] = {}
    for key, link in exposure.links_that(_asks_nothing).items():
        if link.data != "public" and link.role != "resolve":
            for target in _strangers(exposure, key):
                found.setdefault(target, []).append(key)
    for target, keys in found.items():
        links = tuple(keys)
        sources = _senders(exposure, links)
        message = f"{name(design, target)} answers {sources} without asking who it is."
        fix = Fix("Ask for a password", partial(_set, parts=links, fields={"auth": "password"}))
        yield Problem((target,), message, along_each(design, links, (target,)), (fix,))


def _asks_nothing(_: Exposure, link: Link) -> bool:
    return link.auth == "none"


def _strangers(exposure: Exposure, link_id: str) -> Iterator[str]:
    """Yield the parts that a link reaches in a segment of another trust and that should ask."""
    for end in _asked(exposure, link_id):
        target = exposure.design.links[end].target
        if _came_from(exposure, link_id) - {exposure.trust(target)}:
            yield target


def _asked(exposure: Exposure, link_id: str) -> Iterator[str]:
    """Yield the last links of a way to parts that are not there for everybody."""
    for end in exposure.ends(link_id):
        behind = exposure.behind(exposure.design.links[end].target)
        if not all(isinstance(exposure.design.components[part], FOR_EVERYBODY) for part in behind):
            yield end


def _came_from(exposure: Exposure, link_id: str) -> set[str]:
    """Return how far the segments are trusted that what travels on a link is from."""
    return {exposure.trust(key) for key in _origins(exposure, exposure.design.links[link_id])}


def _origins(exposure: Exposure, link: Link) -> tuple[str, ...]:
    """Return who sends what travels on a link; what leaves firewalls comes from before them."""
    design = exposure.design
    found = dict.fromkeys((link.source,))
    todo = [part for part in found if _filters(exposure, part)]
    for wall in todo:
        entrances = dict.fromkeys((wall, design.cluster_of.get(wall, wall)))
        before = (design.links[key] for part in entrances for key in design.incoming[part])
        new = {other.source: None for other in before if other.role == link.role}
        todo.extend(part for part in new if part not in found and _filters(exposure, part))
        found.update(new)
    return tuple(part for part in found if not _filters(exposure, part))


def _filters(exposure: Exposure, part: str) -> bool:
    return exposure.has(part, Trait.FILTERS_TRAFFIC)


def _senders(exposure: Exposure, links: Iterable[str]) -> str:
    """Name who sends what travels on links."""
    design = exposure.design
    found = (part for key in links for part in _origins(exposure, design.links[key]))
    return names(design, dict.fromkeys(found))


@rule(
    "TLS012",
    "no-mutual-authentication",
    "No mutual authentication between services",
    severity="info",
    category="https",
    student="Any machine inside may claim to be the application.",
    references=(
        "OWASP ASVS 5.0, 12.3.5: strong authentication of internal services",
        "CWE-306: Missing Authentication for Critical Function",
    ),
)
def no_mutual_authentication(analysis: Analysis) -> Iterator[Problem]:
    """Finds encrypted links inside a segment that carry secrets and whose source proves nothing.

    Told once for each part that is reached so; a link that stays on one machine and a third party
    are left out. Across a border of trust SEC001 says it, of caches and queues SEC017, and on a
    link in clear TLS004 comes first.
    """
    exposure = analysis.exposure
    design = analysis.design
    found: dict[str, list[str]] = {}
    for key, link in exposure.links_that(_asks_nothing).items():
        if link.data in SECRETS and link.encrypted:
            for target in _neighbours(exposure, key):
                found.setdefault(target, []).append(key)
    for target, keys in found.items():
        links = tuple(keys)
        sources = _senders(exposure, links)
        message = f"{name(design, target)} gives secrets to whoever claims to be {sources}."
        asked = partial(_set, parts=links, fields={"auth": "certificate"})
        witness = along_each(design, links, (target,))
        yield Problem((target,), message, witness, (Fix("Ask for a certificate", asked),))


def _neighbours(exposure: Exposure, link_id: str) -> Iterator[str]:
    """Yield the parts on other machines that a link reaches in its own segment, and should ask."""
    for end in _asked(exposure, link_id):
        link = exposure.design.links[end]
        told = exposure.outside(link.target) or _remembers(exposure, link.target)
        here = {exposure.trust(link.target)}
        origins = _origins(exposure, exposure.design.links[link_id])
        third = all(_third_party(exposure, part) for part in origins)
        elsewhere = third or _third_party(exposure, link.target) or exposure.local(link)
        if not (told or elsewhere) and _came_from(exposure, link_id) == here:
            yield link.target


def _third_party(exposure: Exposure, part: str) -> bool:
    item = exposure.design.components[part]
    return isinstance(item, Service) and item.external


@rule(
    "SEC002",
    "default-password",
    "Default or built-in password",
    severity="critical",
    category="other",
    student="Everybody knows it: it is in the manual.",
    references=("CWE-1392: Use of Default Credentials", "CWE-798: Use of Hard-coded Credentials"),
)
def default_password(analysis: Analysis) -> Iterator[Problem]:
    """Finds stores of data whose password is the one that they were delivered with."""
    design = analysis.design
    parts = _with_password(design, "default")
    message = "The password of {} is the one from the manual."
    title = "Make a password and keep it in a store of secrets"
    yield from _all_of(design, parts, message, title, {"credentials": "store"})


@rule(
    "SEC003",
    "secret-in-configuration",
    "Secrets in plain configuration",
    severity="medium",
    category="other",
    student="Whoever reads the file owns the data.",
    references=(
        "CWE-312: Cleartext Storage of Sensitive Information",
        "CWE-522: Insufficiently Protected Credentials",
    ),
)
def secret_in_configuration(analysis: Analysis) -> Iterator[Problem]:
    """Finds stores of data whose password is written in a file of the configuration."""
    design = analysis.design
    parts = _with_password(design, "configuration")
    message = "The password of {} can be read in the configuration."
    title = "Keep it in a store of secrets"
    yield from _all_of(design, parts, message, title, {"credentials": "store"})


@rule(
    "SEC004",
    "owns-its-host",
    "Container can take over its host",
    severity="critical",
    category="other",
    student="Breaking into the container means owning the machine.",
    references=(DOCKER, PRIVILEGES),
)
def owns_its_host(analysis: Analysis) -> Iterator[Problem]:
    """Finds programs that may do everything on their machine.

    A privileged container, one that holds the Docker socket, or one in the namespaces of the host.
    """
    design = analysis.design
    parts = _those(design, Program, lambda item: item.runs_as == "host")
    message = "Whoever breaks into {} has the whole machine."
    yield from _all_of(design, parts, message, OWN_USER, {"runs_as": "user"})


@rule(
    "SEC005",
    "runs-as-root",
    "Runs as root",
    severity="medium",
    category="other",
    student="A bug in it then has all rights.",
    references=(DOCKER, PRIVILEGES),
)
def runs_as_root(analysis: Analysis) -> Iterator[Problem]:
    """Finds programs of which the drawing says that they run as root."""
    design = analysis.design
    parts = _those(design, Program, lambda item: item.runs_as == "root")
    message = "Whoever breaks into {} has the rights of root."
    yield from _all_of(design, parts, message, OWN_USER, {"runs_as": "user"})


@rule(
    "SEC008",
    "mixed-trust",
    "Mixed trust on one machine",
    severity="medium",
    category="other",
    student="The careless tenant endangers the careful one.",
    references=(SEGMENTS, "NIST SP 800-190, Application Container Security Guide"),
)
def mixed_trust(analysis: Analysis) -> Iterator[Problem]:
    """Finds machines on which stores of data share with a part that answers the internet.

    In a drawing with zones the same is NET007, which moves the data farther away.
    """
    exposure = analysis.exposure
    design = analysis.design
    for front in opening(exposure):
        for part in exposure.behind(front):
            host = design.host(part)
            stores = _stores_on(design, host)
            if host is not None and stores and design.zone(part) is None:
                message = (
                    f"{names(design, stores)} {'shares' if len(stores) == 1 else 'share'} "
                    f"{name(design, host)} with {name(design, part)}, which answers the internet."
                )
                moved = partial(moved_to_new, host=host, moving=stores)
                fix = Fix("Move the data to a server of its own", moved)
                witness = Witness(path=(*stores, part), cut=(host,))
                yield Problem((host,), message, witness, (fix,))
                break


def _stores_on(design: Design, host: str | None) -> tuple[str, ...]:
    inside = design.children[host] if host is not None else ()
    return tuple(key for key in inside if Trait.HOLDS_DATA in design.components[key].traits)


@rule(
    "SEC009",
    "no-administration-path",
    "No controlled administration path",
    severity="medium",
    category="firewall",
    student="If you can repair it from anywhere at night, so can others.",
    references=(
        "CIS Critical Security Controls v8, 12: Network Infrastructure Management",
        "CWE-284: Improper Access Control",
    ),
)
def no_administration_path(analysis: Analysis) -> Iterator[Problem]:
    """Finds administration that starts neither at a bastion nor in a management zone.

    Told once for all of it. A drawing without administration says nothing about it; what comes in
    from the internet is NET006.
    """
    exposure = analysis.exposure
    design = analysis.design
    loose = tuple(
        key
        for key, link in design.links_for("admin").items()
        if exposure.trust(link.source) not in ("internet", "management")
        and not exposure.has(link.source, Trait.FILTERS_TRAFFIC)
        and not any(
            isinstance(design.components[part], Bastion)
            for end in (link.source, link.target)
            for part in exposure.behind(end)
        )
    )
    if loose:
        targets = tuple(dict.fromkeys(design.links[key].target for key in loose))
        sources = names(design, dict.fromkeys(design.links[key].source for key in loose))
        message = f"{sources} may administer {names(design, targets)}, with no bastion in between."
        fix = Fix("Go through a bastion", partial(_by_bastion, links=loose))
        yield Problem(targets, message, along_each(design, loose, targets), (fix,))


def _by_bastion(design: Design, links: tuple[str, ...]) -> Design:
    """Let the first part be administered through a new bastion, and the others through the same."""
    first = design.links[links[0]].target
    chosen = tuple(key for key in links if design.links[key].target == first)
    after = hardening.bastion(design, chosen)
    door = after.links[chosen[0]].target
    for key in links:
        if key not in chosen:
            after = hardening.handed_on(after, key, door)
    return after


@rule(
    "SEC010",
    "password-alone",
    "Administration without a second factor",
    severity="medium",
    category="other",
    student="One stolen password is enough.",
    references=(
        "CWE-308: Use of Single-factor Authentication",
        "AWS Well-Architected, Security SEC02-BP01: Use strong sign-in mechanisms",
    ),
)
def password_alone(analysis: Analysis) -> Iterator[Problem]:
    """Finds links of administration from the internet on which a password is all that is asked.

    One finding for all of them. A key or a token is a thing that a thief needs beside what he
    knows; from inside, or behind a bastion that asks for one, a password is the second factor.
    """
    design, exposure = analysis.design, analysis.exposure
    links = tuple(
        key
        for key, link in design.links_for("admin").items()
        if link.auth == "password" and exposure.outside(link.source)
    )
    if links:
        doors = dict.fromkeys(design.links[key].target for key in links)
        message = f"Whoever steals a password administers {names(design, doors)} from anywhere."
        fix = Fix("Ask for a key", partial(_set, parts=links, fields={"auth": "certificate"}))
        yield Problem(links, message, along_each(design, links, tuple(doors)), (fix,))


@rule(
    "SEC011",
    "writable-code",
    "Web server can write its code",
    severity="low",
    category="other",
    student="An intruder can plant pages of his own.",
    references=("CWE-732: Incorrect Permission Assignment for Critical Resource", DOCKER),
)
def writable_code(analysis: Analysis) -> Iterator[Problem]:
    """Finds application files that the servers which run them may change."""
    design = analysis.design
    files = _those(design, AppFiles, lambda item: item.writable)
    parts = tuple(key for key in files if design.incoming[key])
    message = "Whoever breaks into the server can change {}."
    yield from _all_of(design, parts, message, "Let the servers only read", {"writable": False})


@rule(
    "SEC013",
    "replica-accepts-writes",
    "Replica accepts writes",
    severity="medium",
    category="other",
    student="One stray write makes the copies differ for ever.",
    references=("MariaDB documentation: Read-Only Replicas",),
)
def replica_accepts_writes(analysis: Analysis) -> Iterator[Problem]:
    """Finds replicas of MySQL and MariaDB that let clients write; PostgreSQL's never do.

    Where a link writes to the replica already, DB003 says it.
    """
    design = analysis.design
    written = {link.target for link in design.links_for("write").values()}
    open_copies = _those(
        design,
        Database,
        lambda item: (
            (item.role, item.accepts) == ("replica", "writes") and item.engine != "postgres"
        ),
    )
    parts = tuple(key for key in open_copies if key not in written)
    message = "No other copy ever sees what is written to {}."
    yield from _all_of(design, parts, message, "Let it only read", {"accepts": "reads"})


@rule(
    "SEC017",
    "secrets-in-open-memory",
    "Cache or queue holds secrets unprotected",
    severity="medium",
    category="other",
    student="Short-term memory leaks too.",
    references=("CWE-306: Missing Authentication for Critical Function",
                "CWE-524: Use of Cache Containing Sensitive Information"),
)  # fmt: skip
def secrets_in_open_memory(analysis: Analysis) -> Iterator[Problem]:
    """Finds caches and queues that take confidential data from whoever sends it.

    Told once for each of them. Across a border between segments it is SEC001.
    """
    exposure = analysis.exposure
    design = analysis.design
    found: dict[str, list[str]] = {}
    for key, link in exposure.links_that(_asks_nothing).items():
        if link.data in SECRETS and not any(_strangers(exposure, key)):
            for end in exposure.ends(key):
                if _remembers(exposure, design.links[end].target):
                    found.setdefault(design.links[end].target, []).append(key)
    for target, keys in found.items():
        links = tuple(keys)
        message = f"{name(design, target)} holds secrets and asks nobody for a password."
        fix = Fix("Ask for a password", partial(_set, parts=links, fields={"auth": "password"}))
        yield Problem((target,), message, along_each(design, links, (target,)), (fix,))


def _remembers(exposure: Exposure, component_id: str) -> bool:
    parts = exposure.design.components
    return all(isinstance(parts[key], Cache | Queue) for key in exposure.behind(component_id))


@rule(
    "SEC019",
    "backup-unprotected",
    "Backup unprotected",
    severity="medium",
    category="other",
    student="A stolen backup is the whole database.",
    references=("CWE-311: Missing Encryption of Sensitive Data",),
)
def backup_unprotected(analysis: Analysis) -> Iterator[Problem]:
    """Finds backups of which the drawing says that they are not encrypted."""
    design = analysis.design
    parts = _those(design, Backup, lambda item: item.at_rest == "none")
    message = "Whoever takes the disks of {} can read all the data."
    yield from _all_of(design, parts, message, "Encrypt it", {"at_rest": "encrypted"})
