"""Who gets the next request: how balancers notice dead servers, take turns, and agree."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.words import listed
from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.kinds import AnyComponent
from app.model.stores import Cache
from app.model.traffic import LoadBalancer, ReverseProxy
from app.rules.availability import share_state
from app.rules.evidence import name, names
from app.rules.pools import by_pool, hard_links, pool, sticky
from app.rules.registry import Fix, Problem, Witness, rule
from app.rules.versions import release_of

PAIR = 2
EQUAL = 1.2  # the largest capacity over the smallest, up to which turns are fair
IN_TURN = ("roundrobin", "static-rr")
MOVED = {"uri": "key", "source": "address"}  # what an algorithm hashes
# What a balancer and its stand-in have to have in common; names and figures are their own.
SETTINGS = ("algorithm", "hashing", "layer", "health_check", "certificate", "redirect")


@rule(
    "AVL003",
    "no-detector",
    "Redundancy without a detector",
    severity="high",
    category="other",
    student="Nobody notices the dead copy, so one request in n keeps failing.",
    references=(
        "AWS Well-Architected, Reliability REL11-BP01: monitor all components to detect failures",
        "HAProxy Configuration Manual: check",
    ),
)
def no_detector(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that choose among several servers and never ask whether these are alive.

    The analysis takes it that a dead server is left out, so all figures of such a design are too
    good. Names that are handed out unchecked are LB008.
    """
    design = analysis.design
    for servers, balancers in by_pool(analysis).items():
        blind = [key for key in balancers if _of(design, key).health_check == "none"]
        if blind and len(servers) >= PAIR:
            verb = "does" if len(blind) == 1 else "do"
            message = (
                f"{names(design, blind)} {verb} not notice when {names(design, servers, 'or')} is "
                f"dead: one request in {len(servers)} would go on failing."
            )
            fix = Fix("Check the servers", partial(_checking, balancers=blind))
            path = [part for key in blind for part in (key, *hard_links(design, key))]
            witness = Witness((*path, *servers), numbers={"servers": len(servers)})
            yield Problem(tuple(blind), message, witness, (fix,))


def _of(design: Design, balancer: str) -> LoadBalancer:
    item = design.components[balancer]
    assert isinstance(item, LoadBalancer)  # noqa: S101  # the pools are those of balancers
    return item


def _checking(design: Design, balancers: list[str]) -> Design:
    for key in balancers:
        design = edits.set_fields(design, key, health_check=_of(design, key).layer)
    return design


def _with_algorithm(design: Design, balancers: list[str]) -> Design:
    for key in balancers:
        design = edits.set_fields(design, key, algorithm="leastconn")
    return design


@rule(
    "LB003",
    "unfair-turns",
    "Algorithm does not fit the servers",
    severity="low",
    category="other",
    student="Equal turns are unfair between a small and a big server.",
    references=("HAProxy Configuration Manual: balance",),
)
def unfair_turns(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that give equal turns to servers whose capacities differ by over a fifth.

    Only where the capacity of every one of them is known.
    """
    design = analysis.design
    for servers, balancers in by_pool(analysis).items():
        turning = [key for key in balancers if _of(design, key).algorithm in IN_TURN]
        known = [getattr(design.components[part], "capacity", None) or 0.0 for part in servers]
        if not turning or len(servers) < PAIR or not all(known):
            continue
        least, most = min(known), max(known)
        if most > EQUAL * least:
            small, big = servers[known.index(least)], servers[known.index(most)]
            verb = "gives" if len(turning) == 1 else "give"
            message = (
                f"{names(design, turning)} {verb} {name(design, small)}, which serves {least:g} "
                f"requests a second, as many as {name(design, big)}, which serves {most:g}."
            )
            fix = Fix("Choose the least busy one", partial(_with_algorithm, balancers=turning))
            witness = Witness((*turning, small, big), numbers={"smallest": least, "largest": most})
            yield Problem(tuple(turning), message, witness, (fix,))


@rule(
    "LB009",
    "blind-to-requests",
    "Layer-7 feature on a layer-4 balancer",
    severity="low",
    category="other",
    student="It cannot see what it should decide on.",
    references=("HAProxy Configuration Manual: balance", "HAProxy Configuration Manual: redirect"),
)
def blind_to_requests(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that pass connections and are to choose or redirect by what requests say.

    That is by the URI, or from HTTP to HTTPS. A check by HTTP is a request of its own and works.
    To let it read requests is offered where it can: where it opens what is encrypted, or nothing
    is.
    """
    design = analysis.design
    for key, item in design.of(LoadBalancer).items():
        if item.layer != "tcp":
            continue
        wanted = {"choose by the URI": item.algorithm == "uri", "redirect": item.redirect}
        told = [what for what, is_set in wanted.items() if is_set]
        if told:
            message = f"{item.name} passes connections and cannot {listed(told, 'or')}."
            yield Problem((key,), message, Witness(path=(key,)), _seeing(design, key, item))


def _seeing(design: Design, key: str, item: LoadBalancer) -> tuple[Fix, ...]:
    entrances = {key: None, design.cluster_of.get(key, key): None}
    links = [design.links[link] for part in entrances for link in design.incoming[part]]
    reads = Fix("Let it read requests", partial(edits.set_fields, element_id=key, layer="http"))
    algorithm = "source" if item.algorithm == "uri" else item.algorithm
    without = partial(edits.set_fields, element_id=key, algorithm=algorithm, redirect=False)
    drops = Fix("Decide by the connection alone", without)
    sees = item.certificate or not any(link.tls != "none" for link in links)
    return (reads, drops) if sees else (drops,)


@rule(
    "LB010",
    "modulo-before-caches",
    "Modulo hashing in front of caches",
    severity="low",
    category="other",
    student="One cache more moves almost everything: all caches start empty again.",
    references=("HAProxy Configuration Manual: hash-type",),
)
def modulo_before_caches(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that choose among several caches by the remainder of a hash.

    When a cache comes or goes, nearly every key belongs to another one, or by `source` nearly every
    address, and what stands behind the caches gets all requests at once. A proxy with Varnish is a
    cache as well.
    """
    design = analysis.design
    found: dict[tuple[str, ...], list[str]] = {}
    for key, item in design.of(LoadBalancer).items():
        caches = _caches(analysis, key) if item.hashes_by_modulo else ()
        if len(caches) >= PAIR:
            found.setdefault(caches, []).append(key)
    for caches, balancers in found.items():
        verb = "sends" if len(balancers) == 1 else "send"
        by = {MOVED[_of(design, key).algorithm] for key in balancers}
        message = (
            f"{names(design, balancers)} {verb} almost every {listed(sorted(by))} to another one "
            f"of {names(design, caches)} when a cache comes or goes."
        )
        fix = Fix("Hash consistently", partial(_consistent, balancers=balancers))
        witness = Witness(path=(*balancers, *caches))
        yield Problem(tuple(balancers), message, witness, (fix,))


def _caches(analysis: Analysis, balancer: str) -> tuple[str, ...]:
    """Return the caches that a balancer hands requests to."""
    design = analysis.design
    links = (key for key in design.outgoing[balancer] if design.links[key].is_traffic)
    parts = analysis.exposure.receivers(links)
    return tuple(sorted(part for part in parts if _is_cache(design, part)))


def _is_cache(design: Design, part: str) -> bool:
    item = design.components[part]
    if isinstance(item, ReverseProxy):
        release = release_of(item)
        return release is not None and release.product == "varnish"
    return isinstance(item, Cache)


def _consistent(design: Design, balancers: list[str]) -> Design:
    for key in balancers:
        design = edits.set_fields(design, key, hashing="consistent")
    return design


@rule(
    "LB004",
    "sticky-state",
    "Users tied to a server that keeps their state",
    severity="medium",
    category="other",
    student="When that server dies its users are logged out.",
    references=("The Twelve-Factor App, VI: Processes", "HAProxy Configuration Manual: balance"),
)
def sticky_state(analysis: Analysis) -> Iterator[Problem]:
    """Finds balancers that send each user to the same server because that one keeps the state.

    It works until the server dies or the users' addresses change, and no server can be taken out
    without logging its users out. State that no balancer looks after is OPS001.
    """
    design = analysis.design
    tying: dict[tuple[str, ...], list[str]] = {}
    for key, servers in sticky(analysis).items():
        tying.setdefault(tuple(sorted(servers)), []).append(key)
    for servers, balancers in tying.items():
        verb = "ties" if len(balancers) == 1 else "tie"
        message = (
            f"{names(design, balancers)} {verb} each user to one server, so that what "
            f"{names(design, servers, 'or')} keeps of its users is lost with it."
        )
        untie = partial(_untied, balancers=balancers, servers=servers)
        fix = Fix("Keep the state in a shared cache", untie)
        witness = Witness(path=(*balancers, *servers), cut=servers)
        yield Problem(tuple(balancers), message, witness, (fix,))


def _untied(design: Design, balancers: list[str], servers: tuple[str, ...]) -> Design:
    return _with_algorithm(share_state(design, servers), balancers)


@rule(
    "LB007",
    "balancers-differ",
    "Balancers of one cluster differ",
    severity="medium",
    category="other",
    student="After the switch users meet another system.",
    references=("AWS Well-Architected, Reliability: deploy changes with automation",),
)
def balancers_differ(analysis: Analysis) -> Iterator[Problem]:
    """Finds clusters of balancers or proxies that are not set up alike or lead to other servers.

    Names, figures and places are their own, and releases are OPS002. In different sites each may
    lead to the servers of its own site, so those are not compared.
    """
    design = analysis.design
    for key, cluster in design.of(Cluster).items():
        if len(cluster.members) < PAIR:
            continue
        kinds = {design.components[member].kind for member in cluster.members}
        if len(kinds) != 1 or not isinstance(
            design.components[cluster.members[0]], LoadBalancer | ReverseProxy
        ):
            continue
        first, *others = cluster.members
        for other in others:
            what = _differences(analysis, first, other)
            if what:
                yield _differing(design, key, cluster, other, what)
                break


def _differences(analysis: Analysis, first: str, other: str) -> list[str]:
    design = analysis.design
    one, two = design.components[first], design.components[other]
    found = [setting.replace("_", " ") for setting in SETTINGS
             if _effect(one, setting) != _effect(two, setting)]  # fmt: skip
    near = design.site(first) == design.site(other)
    if near and set(pool(analysis, first)) != set(pool(analysis, other)):
        found.append("servers")
    return found


def _effect(item: AnyComponent, setting: str) -> object:
    """Return what a setting does; how to hash is nothing to an algorithm that hashes nothing."""
    return getattr(item, "hashes_by_modulo" if setting == "hashing" else setting, None)


def _differing(design: Design, key: str, cluster: Cluster, other: str, what: list[str]) -> Problem:
    first = cluster.members[0]
    message = (
        f"{names(design, (first, other))} of {cluster.name} differ in {listed(what)}, so users "
        "meet another system after a switch."
    )
    fix = Fix(f"Set all up as {name(design, first)} is", partial(_alike, members=cluster.members))
    return Problem((key,), message, Witness(path=(key, first, other)), (fix,))


def _alike(design: Design, members: tuple[str, ...]) -> Design:
    """Give balancers the settings of the first, and each the servers that any of them has."""
    first = design.components[members[0]]
    wanted = {
        design.links[key].target: design.links[key]
        for member in members
        for key in hard_links(design, member)
    }
    for member in members:
        values = {key: getattr(first, key) for key in SETTINGS if hasattr(first, key)}
        design = edits.set_fields(design, member, **values)
        known = {design.links[key].target for key in hard_links(design, member)}
        for target, link in wanted.items():
            if target not in known:
                free = edits.free_id({*design.components, *design.links, *design.flows}, "link")
                design = replace(design, links={**design.links, free: replace(link, source=member)})
    return design
