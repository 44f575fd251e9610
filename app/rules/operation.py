"""Operation: who starts, checks and renews what runs, and whether equal parts are equal."""

from collections.abc import Iterator, Mapping
from functools import partial

from app.analysis.alternatives import groups
from app.analysis.analysis import Analysis
from app.model import edits
from app.model.component import Program
from app.model.compute import AppFiles
from app.model.containers import Cluster
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.traffic import LoadBalancer
from app.rules.evidence import along_each, name, names
from app.rules.registry import Fix, Problem, Witness, rule
from app.rules.versions import release_of

CHANGES = "AWS Well-Architected, Reliability: deploy changes with automation"
PAIR = 2


@rule(
    "OPS002",
    "unequal-servers",
    "Servers of one group differ",
    severity="medium",
    category="other",
    student="Some visitors get another site than the others, and nobody can say which.",
    references=(CHANGES, "CIS Critical Security Controls v8, 4.1: Secure Configuration Process"),
)
def unequal_servers(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that stand in for each other and run different releases of one program.

    Members of a cluster, and alternatives of one source, of the same kind; of application servers
    the application files as well. What names no version is not compared.
    """
    design = analysis.design
    for members in _equals(design) if design.of_parts(_varied) else ():
        for field, values in _told(design, members).items():
            if len(set(values.values())) > 1:
                parts = tuple(values)
                listed = " and ".join(sorted(set(values.values())))
                message = f"{names(design, parts)} do the same work, but have {listed}."
                first = next(iter(values))
                fix = Fix(
                    f"Give all of them what {name(design, first)} has",
                    partial(_like_the_first, parts=parts, field=field),
                )
                yield Problem(parts, message, Witness(path=parts), (fix,))


def _equals(design: Design) -> Iterator[tuple[str, ...]]:
    """Yield each group of parts that do the same work, with the files that they run as groups."""
    found: dict[frozenset[str], tuple[str, ...]] = {}
    for members in (*_clusters(design), *_alternatives(design)):
        kinds = {design.components[key].kind for key in members}
        if len(members) >= PAIR and len(kinds) == 1:
            found[frozenset(members)] = members
            files = _files(design, members)
            found[frozenset(files)] = files
    yield from found.values()


def _clusters(design: Design) -> Iterator[tuple[str, ...]]:
    yield from (cluster.members for cluster in design.of(Cluster).values())


def _alternatives(design: Design) -> Iterator[tuple[str, ...]]:
    for source, links in design.needed.items():
        for group in groups(design, source, "read") if len(links) >= PAIR else ():
            targets = dict.fromkeys(design.links[key].target for key in group.links)
            if group.needed < len(targets):
                yield tuple(targets)


def _files(design: Design, members: tuple[str, ...]) -> tuple[str, ...]:
    targets = (design.links[key].target for part in members for key in design.outgoing[part])
    return tuple(
        dict.fromkeys(key for key in targets if isinstance(design.components[key], AppFiles))
    )


def _told(design: Design, members: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Return the values that make members comparable, by the field that they stand in."""
    told: dict[str, dict[str, str]] = {}
    for key in members:
        if runs := _runs(design.components[key]):
            told.setdefault(runs[0], {})[key] = runs[1]
    return told


def _runs(item: AnyComponent) -> tuple[str, str] | None:
    """Return the field that says what a part runs, and what it says."""
    if isinstance(item, AppFiles):
        return "version", item.version
    release = release_of(item)
    return (release.field, release.text) if release else None


def _varied(components: Mapping[str, AnyComponent]) -> bool:
    """Whether any two parts of one kind say that they run different things."""
    told = {(item.kind, *runs) for item in components.values() if (runs := _runs(item))}
    return len({said[:2] for said in told}) < len(told)


def _like_the_first(design: Design, parts: tuple[str, ...], field: str) -> Design:
    value = getattr(design.components[parts[0]], field)
    for part in parts[1:]:
        design = edits.set_fields(design, part, **{field: value})
    return design


@rule(
    "OPS003",
    "no-restart",
    "No restart supervision",
    severity="low",
    category="other",
    student="A crash at night stays a crash until morning.",
    references=("Docker documentation: Start containers automatically",),
)
def no_restart(analysis: Analysis) -> Iterator[Problem]:
    """Finds programs that users need and of which the drawing says that nothing restarts them."""
    design = analysis.design
    used = analysis.in_service
    left = tuple(
        key for key, item in design.of(Program).items() if item.restart == "never" and key in used
    )
    if left:
        message = f"When {names(design, left, 'or')} crashes, it stays down until somebody comes."
        fix = Fix("Start again automatically", partial(_restarted, parts=left))
        yield Problem(left, message, Witness(path=left, cut=left), (fix,))


def _restarted(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, restart="automatic")
    return design


@rule(
    "OPS004",
    "no-deployment",
    "No way to deploy to a server",
    severity="info",
    category="other",
    student="A new version that has no way to a server never gets there.",
    references=(CHANGES,),
)
def no_deployment(analysis: Analysis) -> Iterator[Problem]:
    """Finds application files that no deployment reaches, beside others that one reaches.

    A drawing without any deployment says nothing about it. A link to the files, to who runs them
    or to their machine will do.
    """
    design = analysis.design
    deploying = list(design.links_for("deploy"))
    reached = {design.links[key].target for key in deploying}
    files = list(design.of(AppFiles))
    left = tuple(key for key in files if reached.isdisjoint(_runners(design, key)))
    if deploying and left:
        message = f"A new version never reaches {names(design, left, 'or')}."
        fix = Fix("Deploy there as well", partial(_deployed, parts=left, like=deploying[0]))
        yield Problem(left, message, along_each(design, deploying, left), (fix,))


def _runners(design: Design, files: str) -> set[str | None]:
    """Return application files with who runs them and the machines of all of these."""
    parts = {files, *(design.links[key].source for key in design.incoming[files])}
    return {*parts, *(design.host(key) for key in parts)}


def _deployed(design: Design, parts: tuple[str, ...], like: str) -> Design:
    link = design.links[like]
    for part in parts:
        design, _ = edits.connect(
            design, link.source, part, role="deploy", protocol=link.protocol, tls=link.tls
        )
    return design


@rule(
    "OPS007",
    "no-health-endpoint",
    "No health endpoint",
    severity="low",
    category="monitoring",
    student="A port that opens is not a program that works.",
    references=("HAProxy Configuration Manual: option httpchk",),
)
def no_health_endpoint(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that read requests but only try whether the servers' ports open.

    A server that answers every request with an error keeps its port open. A balancer that passes
    connections cannot ask more; one that asks nothing is MON009.
    """
    for key, item in analysis.design.of(LoadBalancer).items():
        if (item.layer, item.health_check) == ("http", "tcp"):
            message = f"{item.name} takes a server for healthy as soon as its port opens."
            check = partial(edits.set_fields, element_id=key, health_check="http")
            yield Problem(
                (key,), message, Witness(path=(key,)), (Fix("Check by a request", check),)
            )
