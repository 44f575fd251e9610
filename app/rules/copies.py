"""Where copies stand: backups beside the original, idle and far replicas, tiers on one machine."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.containers import Server, Site
from app.model.design import Design
from app.model.stores import Backup, Database
from app.model.traffic import Client
from app.rules import redundancy, spreading, watching
from app.rules.data import BACKUP, REPLICATION
from app.rules.evidence import along_each, name, names
from app.rules.registry import Fix, Problem, Witness, rule

PAIR = 2
LONGEST_CHAIN = 2  # links from the primary to a replica
TIERS = ("web_server", "app_server", "database")


@rule(
    "DB011",
    "backup-beside-original",
    "Backup beside the original",
    severity="high",
    category="spof",
    student="The copy burns with the original.",
    references=(BACKUP,),
)
def backup_beside_original(analysis: Analysis) -> Iterator[Problem]:
    """Finds data all of whose backups are on its server or, of several sites, in its site.

    One backup elsewhere is enough. A site counts only where another one is drawn: in a drawing of
    one place nobody says where that place ends.
    """
    design = analysis.design
    for key in _saved(design):
        backups = _backups(design, key)
        places = [_shared(analysis, key, backup) for backup in backups]
        if not places or not all(places):
            continue
        message = (
            f"{names(design, backups)} would be lost together with {name(design, key)}, "
            f"in {name(design, places[0])}."
        )
        fix = Fix(
            f"Move {name(design, backups[0])} to a place of its own",
            partial(watching.own_place, collector=backups[0]),
        )
        witness = Witness(path=(key, *backups), cut=(places[0],), missing=places[0])
        yield Problem((key, *backups), message, witness, (fix,))


def _saved(design: Design) -> tuple[str, ...]:
    """Return the stores that some backup keeps copies of, in the order of the parts."""
    links = [
        link
        for link in design.links_for("backup").values()
        if not design.of(Backup).keys().isdisjoint((link.source, link.target))
    ]
    ends = {end for link in links for end in (link.source, link.target)}
    return tuple(key for key in design.components if key in ends) if ends else ()


def _backups(design: Design, store: str) -> tuple[str, ...]:
    """Return the backups that keep old copies of a store, whoever of the two opens the link."""
    kept: dict[str, None] = {}
    for key in (*design.outgoing[store], *design.incoming[store]):
        link = design.links[key]
        if link.role == "backup":
            end = link.target if link.source == store else link.source
            if isinstance(design.components[end], Backup):
                kept[end] = None
    return tuple(kept)


def _shared(analysis: Analysis, store: str, backup: str) -> str:
    """Return the place that holds a store and its backup: a server, or one of several sites."""
    design = analysis.design
    common = analysis.domains(store) & analysis.domains(backup)
    found = [key for key in analysis.around(backup) if key in common]
    if found and isinstance(design.components[found[0]], Server):
        return found[0]
    return next((key for key in found if _one_of_several(design, key)), "")


def _one_of_several(design: Design, site: str) -> bool:
    return any(
        key != site and site not in design.ancestors(key) and key not in design.ancestors(site)
        for key in design.of(Site)
    )


@rule(
    "DB004",
    "idle-replica",
    "Replica that nobody reads from",
    severity="info",
    category="other",
    student="The copies could answer reads and relieve the primary.",
    references=("PostgreSQL documentation: Hot Standby", REPLICATION),
)
def idle_replica(analysis: Analysis) -> Iterator[Problem]:
    """Finds primaries that answer every read although they have replicas."""
    design = analysis.design
    for key, item in design.of(Database).items():
        if item.role != "primary" or not _read(design, key):
            continue
        copies = _copies(design, key)
        cluster = design.cluster_of.get(key)
        if copies and not any(_read(design, part) for part in (*copies, cluster) if part):
            verb = "answers" if len(copies) == 1 else "answer"
            message = f"{item.name} answers all reads; {names(design, copies)} {verb} none."
            read = partial(redundancy.read_too, primary=key, replica=copies[0])
            fix = Fix(f"Read from {name(design, copies[0])} as well", read)
            direct = any(isinstance(caller, Client) for caller in redundancy.callers(design, key))
            fixes = (fix,) if cluster or not direct else ()  # users need an address for both
            yield Problem((key,), message, Witness(path=(key, *copies)), fixes)


def _read(design: Design, part: str) -> bool:
    links = (design.links[key] for key in design.incoming[part])
    return any(link.role in ("read", "request") for link in links)


def _copies(design: Design, primary: str) -> tuple[str, ...]:
    """Return the replicas that a primary sends its data to."""
    links = (design.links[key] for key in design.outgoing[primary])
    return tuple(
        link.target
        for link in links
        if link.role == "replicate"
        and getattr(design.components[link.target], "role", "") == "replica"
    )


@rule(
    "DB014",
    "long-replication-chain",
    "Long replication chain",
    severity="low",
    category="other",
    student="Every hop adds delay and one more part that can break it.",
    references=("PostgreSQL documentation: Log-Shipping Standby Servers",),
)
def long_chain(analysis: Analysis) -> Iterator[Problem]:
    """Finds replicas that get their data over more than two other databases, counting the primary.

    Rings have no end to count from; they are DB006.
    """
    design = analysis.design
    sources = {
        link.target: (key, link.source)
        for key, link in design.links_for("replicate").items()
        if isinstance(design.components[link.target], Database)
    }
    feeding = {source for _, source in sources.values()}
    for last in (key for key in sources if key not in feeding):
        links, parts = _chain(sources, last)
        if len(links) > LONGEST_CHAIN:
            message = (
                f"What is written to {name(design, parts[-1])} reaches {name(design, last)} over "
                f"{len(links)} links, each of which can lag or break."
            )
            turn = partial(_attach, links=links[:-1], primary=parts[-1])
            fix = Fix(f"Attach all replicas to {name(design, parts[-1])}", turn)
            witness = along_each(design, reversed(links))
            yield Problem((last,), message, witness, (fix,))


def _chain(sources: dict[str, tuple[str, str]], last: str) -> tuple[list[str], list[str]]:
    """Return the links and the databases from a replica up to where its data comes from."""
    links, parts = [], [last]
    while parts[-1] in sources:
        link, source = sources[parts[-1]]
        if source in parts:
            return [], parts
        links.append(link)
        parts.append(source)
    return links, parts


def _attach(design: Design, links: list[str], primary: str) -> Design:
    for link in links:
        design = edits.set_fields(design, link, source=primary)
    return design


@rule(
    "DB015",
    "all-tiers-together",
    "All tiers on every server",
    severity="low",
    category="other",
    student="The parts fight for memory and cannot grow separately.",
    references=("Azure Architecture Center: N-tier architecture style",),
)
def all_tiers_together(analysis: Analysis) -> Iterator[Problem]:
    """Finds several servers that each run a web server, an application server and a database.

    A single server with everything on it is a beginning; a second one just like it was a choice.
    One finding names them all.
    """
    design = analysis.design
    same = tuple(
        key
        for key, item in design.of(Server).items()
        if {design.components[child].kind for child in design.children[key]}.issuperset(TIERS)
    )
    if len(same) >= PAIR:
        message = (
            f"{names(design, same)} each run a web server, an application server and a database: "
            "none of these can be sized, updated or shielded by itself."
        )
        fix = Fix("Give each tier servers of its own", partial(_split, servers=same))
        yield Problem(same, message, Witness(path=same), (fix,))


def _split(design: Design, servers: tuple[str, ...]) -> Design:
    for server in servers:
        for kind in ("database", "app_server"):
            parts = [key for key in design.children[server] if design.components[key].kind == kind]
            design = spreading.moved_to_new(design, server, parts)
    return design
