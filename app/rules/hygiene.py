"""Order in the drawing: rings, parts without links or machine, names and waivers of nothing."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.exposure import Exposure
from app.analysis.paths import in_order
from app.model import edits, expressions
from app.model.containers import Cluster, Server
from app.model.design import Design
from app.model.geometry import bounds, frame
from app.model.links import Link, Place
from app.model.traits import Trait
from app.rules.availability import gaps
from app.rules.evidence import along, name, names
from app.rules.free_place import make_room, place_at
from app.rules.registry import RULES, Fix, Problem, Witness, rule
from app.rules.unknown import leave_out, missing_parts, requirements_of

WITH_OWN_RULES = frozenset((Trait.CONTAINER, Trait.WATCHES, Trait.FILTERS_TRAFFIC))


@rule(
    "DEP001",
    "circular-dependency",
    "Circular dependency",
    severity="high",
    category="other",
    student="After a full stop neither can start before the other.",
    references=("AWS Well-Architected, Reliability: implement loosely coupled dependencies",),
)
def circular_dependency(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that cannot do without each other, directly or round a ring.

    They run as long as all of them run; the trouble comes at the first start after a full stop.
    """
    if not analysis.recoverable.order[1]:
        return
    import networkx as nx  # only rings need it

    design = analysis.design
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(
        (link.source, link.target) for link in design.traffic.values() if not design.is_soft(link)
    )
    graph.add_edges_from(_needs(design))
    for ring in nx.strongly_connected_components(graph):
        if len(ring) > 1:
            yield _ring(design, tuple(sorted(ring)))
    for key in nx.nodes_with_selfloops(graph):
        message = f"{name(design, key)} needs itself: what the requirement says of it says nothing."
        fix = Fix(f"Leave {key} out of its own requirement", partial(_unwind, parts=(key,)))
        yield Problem((key,), message, Witness(path=(key,)), (fix,))


def _needs(design: Design) -> Iterator[tuple[str, str]]:
    """Yield who needs whom by an expression; that a machine runs is no service of the other."""
    for key in design.demanding:
        item = design.components[key]
        for capability, text in item.requires.items():
            for need in expressions.needs(text):
                own = need.component == key and need.capability not in ("", capability)
                if need.component in design.components and need.capability != "alive" and not own:
                    yield key, need.component


def _unwind(design: Design, parts: tuple[str, ...]) -> Design:
    """Take parts out of the expressions of each other, and of their own."""

    def outside(part: str) -> str | None:
        return None if part in parts else part

    for key in parts:
        requires = design.components[key].requires
        kept = {what: expressions.renamed(text, outside) for what, text in requires.items()}
        left = {what: text for what, text in kept.items() if text}
        design = edits.set_fields(design, key, requires=left)
    return design


def _ring(design: Design, parts: tuple[str, ...]) -> Problem:
    inner = [
        key for key, link in design.links.items() if link.source in parts and link.target in parts
    ]
    message = f"{names(design, parts)} need each other, so none of them can start first."
    if any(one in parts and other in parts for one, other in _needs(design)):
        fix = Fix("Take them out of each other's requirements", partial(_unwind, parts=parts))
        return Problem(parts, message, Witness(path=(*parts, *inner), cut=parts), (fix,))
    fix = Fix("Let the later ones start without the earlier", partial(_unringed, links=inner))
    return Problem(parts, message, Witness(path=(*parts, *inner), cut=parts), (fix,))


def _unringed(design: Design, links: list[str]) -> Design:
    """Make the links that lead back towards the users soft: then all others lead on."""
    order = {part: number for number, part in enumerate(in_order(design))}
    last = len(order)
    for key in links:
        link = design.links[key]
        before, after = ((order.get(part, last), part) for part in (link.source, link.target))
        if before >= after:
            design = edits.set_fields(design, key, dependency="soft")
    return design


@rule(
    "DEP005",
    "waits-for-ever",
    "Optional dependency can still hang",
    severity="medium",
    category="other",
    student="A slow extra takes the page down with it.",
    references=(
        "AWS Well-Architected, Reliability REL05-BP05: Set client timeouts",
        "CWE-400: Uncontrolled Resource Consumption",
    ),
)
def waits_for_ever(analysis: Analysis) -> Iterator[Problem]:
    """Finds links to what a part can do without, on which it waits for an answer without end.

    The analysis takes it that a soft dependency never stops anybody, which holds only where the
    wait ends. Links of which nobody has said whether it does are left alone.
    """
    design = analysis.design
    for key, link in analysis.exposure.links_that(_hangs).items():
        if design.is_soft(link):
            message = (
                f"{name(design, link.source)} can do without {name(design, link.target)}, and "
                "still waits for it without end."
            )
            change = partial(edits.set_fields, element_id=key, gives_up="yes")
            yield Problem((key,), message, along(design, key), (Fix("Set a time limit", change),))


def _hangs(_: Exposure, link: Link) -> bool:
    return link.gives_up == "no" and link.is_traffic


@rule(
    "DEP002",
    "unconnected",
    "Connected to nothing",
    severity="low",
    category="other",
    student="It is drawn, but it does nothing.",
    references=("Threagile: Unnecessary Technical Asset",),
)
def unconnected(analysis: Analysis) -> Iterator[Problem]:
    """Finds parts that no link, cluster or requirement has to do with.

    Users, firewalls and parts of the monitoring have rules of their own.
    """
    design = analysis.design
    alone = {
        key: item
        for key, item in design.having(Trait.FAILS).items()
        if not (design.outgoing[key] or design.incoming[key] or item.requires)
        and item.traits.isdisjoint(WITH_OWN_RULES)
    }
    mentioned = _mentioned(analysis) if alone else ()
    for key, item in alone.items():
        if key in mentioned:
            continue
        fix = Fix(f"Remove {item.name}", partial(edits.remove, ids=(key,)))
        yield Problem((key,), f"{item.name} is linked to nothing.", Witness(path=(key,)), (fix,))


def _mentioned(analysis: Analysis) -> frozenset[str]:
    """Return the parts that clusters, guards of links, and expressions name."""
    design = analysis.design
    found = set(design.cluster_of)
    for link in analysis.exposure.walled.values():
        for guards in link.guards:
            found.update(guards)
    for key in design.demanding:
        for text in design.components[key].requires.values():
            found.update(expressions.parts(text))
    for flow in design.flows.values():
        found.update(expressions.parts(flow.requires) if flow.requires else ())
    return frozenset(found)


@rule(
    "DEP003",
    "no-server",
    "Program on no server",
    severity="low",
    category="other",
    student="Programs need a machine, and its failure is missing from the sums.",
    references=("IEC 61025:2006, Fault tree analysis (FTA)",),
)
def no_server(analysis: Analysis) -> Iterator[Problem]:
    """Finds programs that are linked to others but drawn on no server.

    One finding names them all. A drawing without any server is a sketch of services, in which
    nobody asks for machines yet.
    """
    design = analysis.design
    if not design.of(Server):
        return
    homeless = tuple(
        key
        for key, item in design.having(Trait.NEEDS_HOST).items()
        if Trait.WATCHES not in item.traits  # monitoring may well be somebody else's service
        and design.host(key) is None
        and (design.outgoing[key] or design.incoming[key])
        and not getattr(item, "external", False)
    )
    if homeless:
        verb = "runs" if len(homeless) == 1 else "run"
        message = f"{names(design, homeless)} {verb} on no server."
        fix = Fix("Put each on a server of its own", partial(_housed, parts=homeless))
        yield Problem(homeless, message, Witness(path=homeless), (fix,))


def _housed(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        holder = design.components[part].parent
        x, y, width, height = bounds(design, part)
        machine = frame(Place(), [(x, y, width, height)])
        design, dx, dy = make_room(design, machine, holder, own=(part,))
        design = edits.move(design, {part: place_at(x + dx, y + dy)})
        corner = place_at(machine[0] + dx, machine[1] + dy)
        design, server = edits.add(design, "server", corner, parent=holder)
        design = edits.nest(design, (part,), server)
    return design


@rule(
    "MOD006",
    "unknown-part",
    "Requirement names a part that does not exist",
    severity="medium",
    category="other",
    student="What does not exist can never be up.",
    references=("IEC 61025:2006, Fault tree analysis (FTA)",),
)
def unknown_part(analysis: Analysis) -> Iterator[Problem]:
    """Finds expressions that name parts which the design does not have, or has no longer.

    The part counts as always down, so an alternative that names it is none. Where a flow cannot
    work because of it, AVL005 says so.
    """
    design = analysis.design
    told = gaps(analysis)
    for key in (*design.demanding, *design.flows):
        texts = requirements_of(design, key).values()
        missing = missing_parts(design, texts) if texts else ()
        if missing and key not in told:
            element = design.components.get(key) or design.flows[key]
            verb = "is" if len(missing) == 1 else "are"
            message = (
                f"The requirement of {element.name} names {', '.join(missing)}, which {verb} not "
                "there."
            )
            path = (key,) if key in design.components else ()
            yield Problem((key,), message, Witness(path), (leave_out(key, missing),))


@rule(
    "MOD008",
    "mixed-cluster",
    "Cluster of different kinds",
    severity="medium",
    category="other",
    student="A web server cannot stand in for a database.",
    references=("AWS Well-Architected, Reliability: fail over to healthy resources",),
)
def mixed_cluster(analysis: Analysis) -> Iterator[Problem]:
    """Finds clusters whose members are of different kinds, so that none can replace another."""
    design = analysis.design
    for key, cluster in design.of(Cluster).items():
        kinds = Counter(design.components[member].kind for member in cluster.members)
        if len(kinds) > 1:
            most = kinds.most_common(1)[0][0]
            same = [m for m in cluster.members if design.components[m].kind == most]
            others = [m for m in cluster.members if m not in same]
            message = f"{names(design, others)} of {cluster.name} cannot stand in for the rest."
            keep = partial(edits.join, cluster_id=key, members=same)
            fix = Fix(f"Leave {names(design, others)} out of it", keep)
            yield Problem((key,), message, Witness(path=(key, *cluster.members)), (fix,))


@rule(
    "MOD007",
    "orphan-waiver",
    "Waiver of something that is not there",
    severity="info",
    category="other",
    student="A reason is kept for something that cannot be found any more.",
    references=("ISO 31000:2018, Risk management, clause 6.6: Monitoring and review",),
)
def orphan_waiver(analysis: Analysis) -> Iterator[Problem]:
    """Finds waivers of rules that do not exist and of parts that are gone, all in one finding."""
    design = analysis.design
    orphans = tuple(key for key in design.waivers if _is_orphan(design, key))
    if orphans:
        fix = Fix("Remove them", partial(_without_waivers, keys=orphans))
        message = (
            f"The design keeps reasons for {', '.join(orphans)}: nothing of that name is there."
        )
        yield Problem((), message, fixes=(fix,))


def _is_orphan(design: Design, key: str) -> bool:
    rule_id, _, subjects = key.partition("@")
    known = {"design", *design.components, *design.links, *design.flows}
    return rule_id not in RULES or not known.issuperset(subjects.split("+"))


def _without_waivers(design: Design, keys: tuple[str, ...]) -> Design:
    for key in keys:
        design = edits.waive(design, key, None)
    return design
