"""Single points of failure: parts and places whose loss alone stops a user flow."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from app.analysis.analysis import Analysis
from app.model.compute import AppFiles
from app.model.containers import Cluster
from app.model.design import Design
from app.model.edits import free_id, set_fields
from app.model.traffic import Client, Dns, Firewall
from app.rules import redundancy, spreading
from app.rules.causes import Cause, causes, users
from app.rules.evidence import along, flow_names, link_name, name, names, stops
from app.rules.registry import Fix, Problem, Witness, parameter, rule

IEC = "IEC 61025:2006, Fault tree analysis (FTA): minimal cut sets of order 1"
SPREAD = "AWS Well-Architected, Reliability: deploy the workload to multiple locations"
FAIL_OVER = "AWS Well-Architected, Reliability: fail over to healthy resources"
NETWORK = (
    "AWS Well-Architected, Reliability: provision redundant connectivity between private networks"
)
SOFTEN = "AWS Well-Architected, Reliability REL05-BP01: Implement graceful degradation"
FEWEST = parameter("fewest", "Name servers that a provider has at least", 2, minimum=1, maximum=13)


def problem(analysis: Analysis, cause: Cause, why: str, *fixes: Fix, alone: bool = True) -> Problem:
    """Return the finding of a root cause: what stops, why, and what stops only along with it.

    `alone` where there is no second one, not even one that does not help.
    """
    design = analysis.design
    message = f"{name(design, cause.part)} stops {flow_names(design, cause.flows)}: {why}"
    if cause.echoes:
        message += f" The same goes for {names(design, cause.echoes)}."
    witness = stops(analysis, cause.part, cause.flows, alone=alone)
    return Problem((cause.part,), message, witness, fixes)


def _second(design: Design, part: str, what: str = "") -> Fix:
    title = f"Add a second {what or design.components[part].title.lower()}"
    return Fix(title, partial(redundancy.duplicate, component_id=part))


@rule(
    "SPOF001",
    "single-point-of-failure",
    "Single point of failure",
    severity="critical",
    category="spof",
    student="When this one part stops, everything behind it stops, however much else still runs.",
    references=(IEC, SPREAD),
)
def single_part(analysis: Analysis) -> Iterator[Problem]:
    """Finds a part whose failure alone brings a user flow down.

    It is a minimal cut set of order one of what the flow requires, not a bottleneck of the
    drawing: a part at the edge of the picture can be one. What stops only along with it, such as
    the server that carries nothing else of importance, is named in the same finding; so are the
    members of a cluster that can spare none of them.
    """
    design = analysis.design
    for cause in causes(analysis, "SPOF001"):
        members = redundancy.members_of(design, cause.part)
        if members and cause.part not in analysis.flows_lost:
            fix = Fix(
                "Add one more member", partial(redundancy.duplicate, component_id=members[-1])
            )
            why = f"it needs all of {names(design, members)}."
            yield problem(analysis, cause, why, fix, alone=False)
        else:
            why, alone = _why(design, cause)
            yield problem(analysis, cause, why, *_fixes(design, cause), alone=alone)


def _why(design: Design, cause: Cause) -> tuple[str, bool]:
    """Say why a part is a single point of failure, and whether it is the only one of its kind."""
    using = sorted(_in_need(design, cause.part))
    readers = redundancy.readers_beside(design, cause.part)
    if readers:
        verb = "reads" if len(readers) == 1 else "read"
        return f"{names(design, readers)} beside it only {verb} the data.", False
    if design.cluster(cause.part) is not None:
        return "the other members of its cluster do not do this for it.", False
    if not using:
        return "it is needed and there is no second.", True
    item = design.components[cause.part]
    kind = item.title.lower()
    verb = "needs" if len(using) == 1 else "need"
    alone = len(design.by_kind[item.kind]) == 1
    why = f"there is no second {kind}" if alone else f"no other {kind} can stand in"
    return f"{names(design, using)} {verb} it and {why}.", alone


def _in_need(design: Design, part: str) -> set[str]:
    """Return who uses a part; for a firewall that leads to it, who sends through that."""
    found: set[str] = set()
    todo = list(users(design, part))
    seen = set(todo)
    for user in todo:
        through = users(design, user) if isinstance(design.components[user], Firewall) else ()
        found |= set() if through else {user}
        todo += [caller for caller in through if caller not in seen]
        seen.update(through)
    return found


def _fixes(design: Design, cause: Cause) -> tuple[Fix, ...]:
    if isinstance(design.components[cause.part], Cluster):
        return ()  # an address that fails by itself is no program that could be added
    second = _second(design, cause.part)
    readers = redundancy.readers_beside(design, cause.part)
    if not readers:
        return (second,)
    title = f"Let {names(design, readers)} write as well"
    share = partial(redundancy.write_as, component_id=cause.part, others=readers)
    return (Fix(title, share), second)


@rule(
    "SPOF002",
    "shared-host",
    "Hidden single point of failure: shared server",
    severity="critical",
    category="spof",
    student="Two copies on one machine die together, so the second exists only on paper.",
    references=(IEC, SPREAD),
)
def shared_host(analysis: Analysis) -> Iterator[Problem]:
    """Finds a server whose loss stops a flow although no single part on it would.

    Copies that share a machine are no copies when the machine fails. A server that matters only
    because of one part on it is named with that part instead.
    """
    design = analysis.design
    for cause in causes(analysis, "SPOF002"):
        on_it = [key for key in design.children[cause.part] if key in analysis.in_cones]
        why = f"{names(design, on_it)} run on it." if len(on_it) > 1 else "the flow needs it."
        move = partial(spreading.spread_host, host=cause.part)
        fixes = (Fix("Move copies to another server", move),) if len(on_it) > 1 else ()
        yield problem(analysis, cause, why, *fixes)


@rule(
    "SPOF003",
    "shared-site",
    "Everything in one place",
    severity="high",
    category="spof",
    student="One power cut or one provider's outage ends a service that is all in one place.",
    references=(IEC, SPREAD),
)
def shared_site(analysis: Analysis) -> Iterator[Problem]:
    """Finds a site, or a zone with a figure of its own, whose loss stops a flow.

    Of places inside each other that stop the same flows, the outermost is the cause.
    """
    for cause in causes(analysis, "SPOF003"):
        site = analysis.design.components[cause.part].kind == "site"
        spread = partial(spreading.spread_site, site=cause.part)
        fixes = (Fix("Spread it over a second site", spread),) if site else ()
        yield problem(analysis, cause, "all that could take over is in it too.", *fixes)


@rule(
    "SPOF004",
    "single-load-balancer",
    "Single load balancer",
    severity="critical",
    category="spof",
    student="The balancer protects the servers behind it, but nothing protects the balancer.",
    references=("RFC 9568, Virtual Router Redundancy Protocol (VRRP) Version 3", IEC),
)
def single_balancer(analysis: Analysis) -> Iterator[Problem]:
    """Finds a load balancer that every request has to cross.

    Two remedies are offered: two balancers that work at the same time, or one that stands by and
    takes over the address when the first dies. Both copy the configuration and the links.
    """
    design = analysis.design
    for cause in causes(analysis, "SPOF004"):
        fixes = [_second(design, cause.part)]
        if design.cluster(cause.part) is None:
            stand_by = partial(redundancy.standby, component_id=cause.part)
            fixes.append(Fix("Add a standby that takes over its address", stand_by))
        why = "every request passes it and there is no second balancer."
        yield problem(analysis, cause, why, *fixes)


@rule(
    "SPOF005",
    "single-write-database",
    "Single database for writes",
    severity="critical",
    category="spof",
    student="Replicas can answer reads, but while the primary is down nobody can save anything.",
    references=(FAIL_OVER, "PostgreSQL documentation: Failover", IEC),
)
def single_primary(analysis: Analysis) -> Iterator[Problem]:
    """Finds a database that all writes go to and that nothing replaces when it dies."""
    design = analysis.design
    for cause in causes(analysis, "SPOF005"):
        title, why = _take_over(design, cause.part)
        add = partial(_relieve, primary=cause.part)
        alone = not any(look(design, cause.part) for look in _OTHERS)
        yield problem(analysis, cause, why, Fix(title, add), alone=alone)


_OTHERS = (redundancy.spares, redundancy.rivals)


def _take_over(design: Design, primary: str) -> tuple[str, str]:
    spares, rivals = (look(design, primary) for look in _OTHERS)
    if spares:
        title = "Let a replica take over automatically"
        return title, f"it takes all writes, and {names(design, spares, 'or')} does not take over."
    if rivals:
        title = f"Make {name(design, rivals[0])} a replica that takes over"
        own = "has data of its own" if len(rivals) == 1 else "have data of their own"
        return title, f"{names(design, rivals)} {own} and cannot stand in for it."
    title = "Add a replica that takes over"
    return title, "it takes all writes, and there is no replica on another server."


def _relieve(design: Design, primary: str) -> Design:
    for rival in redundancy.rivals(design, primary):
        design = redundancy.demote(design, rival, primary)
    return spreading.replicate_apart(design, primary)


@rule(
    "SPOF006",
    "single-firewall",
    "Single firewall in line",
    severity="high",
    category="spof",
    student="A firewall that all traffic crosses is also a gate that can jam.",
    references=("NIST SP 800-41 Rev. 1, Guidelines on Firewalls and Firewall Policy", IEC),
)
def single_firewall(analysis: Analysis) -> Iterator[Problem]:
    """Finds a firewall that stands in the way of all traffic without a second beside it."""
    for cause in causes(analysis, "SPOF006"):
        why = "all traffic crosses it and there is no second one beside it."
        yield problem(analysis, cause, why, _second(analysis.design, cause.part))


@rule(
    "SPOF007",
    "single-name-server",
    "Single name server or DNS provider",
    severity="high",
    category="spof",
    student="When the name cannot be looked up, the site is down although every server runs.",
    references=("RFC 2182 section 3, Secondary Servers", IEC),
    parameters=(FEWEST,),
)
def single_dns(analysis: Analysis, fewest: int) -> Iterator[Problem]:
    """Finds a DNS provider without a second, or one with fewer than two name servers."""
    design = analysis.design
    found = causes(analysis, "SPOF007")
    for cause in found:
        why = "no other provider answers for the name."
        add = partial(_second_provider, component_id=cause.part, fewest=fewest)
        yield problem(analysis, cause, why, Fix("Add a second DNS provider", add))
    known = {cause.part for cause in found}
    for key, item in design.of(Dns).items():
        if design.incoming[key] and key not in known:
            yield from _few_name_servers(key, item, fewest)


def _second_provider(design: Design, component_id: str, fewest: int) -> Design:
    item = design.components[component_id]
    if isinstance(item, Dns) and item.name_servers < fewest:
        design = set_fields(design, component_id, name_servers=fewest)
    return redundancy.duplicate(design, component_id)


def _servers(number: int) -> str:
    words = {1: "one name server", 2: "two name servers"}
    return words.get(number, f"{number} name servers")


def _few_name_servers(key: str, item: Dns, fewest: int) -> Iterator[Problem]:
    if item.name_servers < fewest:
        change = partial(set_fields, element_id=key, name_servers=fewest)
        has, least = _servers(item.name_servers), _servers(fewest)
        ask = "the DNS asks for" if fewest == FEWEST.default else "this design asks for"
        message = f"{item.name} has {has}; {ask} {least} in different places."
        fix = Fix(f"Use {least}", change)
        yield Problem((key,), message, Witness(path=(key,), cut=(key,), missing=key), (fix,))


@rule(
    "SPOF008",
    "single-storage",
    "Single shared storage",
    severity="critical",
    category="spof",
    student="Servers that all need one disk are as weak as that disk.",
    references=(IEC, SPREAD),
)
def single_storage(analysis: Analysis) -> Iterator[Problem]:
    """Finds a store or a code base that several servers share and none can do without."""
    design = analysis.design
    for cause in causes(analysis, "SPOF008"):
        if isinstance(design.components[cause.part], AppFiles):
            copies = partial(redundancy.files_for_each, files=cause.part)
            fix = Fix("Give each server its own copy", copies)
        else:
            fix = _second(design, cause.part)
        using = sorted(users(design, cause.part))
        why = f"{names(design, using)} share it and there is no second copy."
        yield problem(analysis, cause, why, fix)


@rule(
    "SPOF009",
    "single-network-device",
    "Single switch or uplink",
    severity="high",
    category="spof",
    student="Cables and switches fail too: a pair on one switch is one failure away from silence.",
    references=(IEC, NETWORK),
)
def single_network_device(analysis: Analysis) -> Iterator[Problem]:
    """Finds a switch or an uplink, drawn as a site, that everything a flow needs hangs on.

    A link is one as well, where it has an availability of its own: else it is taken to never fail.
    """
    for cause in causes(analysis, "SPOF009"):
        spread = partial(spreading.spread_site, site=cause.part)
        fix = Fix("Connect the copies to a second one", spread)
        yield problem(analysis, cause, "all that could take over hangs on it too.", fix)
    for key, flows in analysis.links_lost.items():
        stopped = flow_names(analysis.design, flows)
        message = f"The link {link_name(analysis.design, key)} stops {stopped}: it is the only way."
        way = along(analysis.design, key).path
        witness = Witness(path=way, cut=(key,), flows=flows, missing=key)
        fix = Fix("Lay a second one", partial(_second_link, link_id=key))
        yield Problem((key,), message, witness, (fix,))


def _second_link(design: Design, link_id: str) -> Design:
    key = free_id({*design.components, *design.links, *design.flows}, "link")
    return replace(design, links={**design.links, key: design.links[link_id]})


@rule(
    "SPOF010",
    "single-rack",
    "Single power feed or rack",
    severity="high",
    category="spof",
    student="Twins plugged into the same socket go dark together.",
    references=(IEC, SPREAD),
)
def single_rack(analysis: Analysis) -> Iterator[Problem]:
    """Finds a rack or a power feed, drawn as a site, that everything a flow needs hangs on.

    As severe as a switch (SPOF009): what stops is the same.
    """
    for cause in causes(analysis, "SPOF010"):
        spread = partial(spreading.spread_site, site=cause.part)
        fix = Fix("Put the copies into a second one", spread)
        yield problem(analysis, cause, "all that could take over is fed by it too.", fix)


@rule(
    "SPOF015",
    "single-third-party",
    "Third party on the critical path",
    severity="medium",
    category="spof",
    student="You inherit every outage of a service that you do not run.",
    references=(SOFTEN, IEC),
)
def single_third_party(analysis: Analysis) -> Iterator[Problem]:
    """Finds a CDN or a service of somebody else that a flow cannot do without.

    Name servers are SPOF007. Whether users can be served without it, only worse, is for those who
    draw to say; where the users themselves call it, a second provider is the only way.
    """
    design = analysis.design
    for cause in causes(analysis, "SPOF015"):
        second = Fix(
            "Add a second provider", partial(redundancy.duplicate, component_id=cause.part)
        )
        soften = Fix("Do without it while it fails", partial(_softened, part=cause.part))
        direct = any(
            isinstance(caller, Client) for caller in redundancy.callers(design, cause.part)
        )
        fixes = (
            (second,) if direct or not redundancy.callers(design, cause.part) else (soften, second)
        )
        yield problem(analysis, cause, "somebody else runs it, and there is no other.", *fixes)


def _softened(design: Design, part: str) -> Design:
    for key in design.incoming[part]:
        if design.links[key].is_traffic:
            design = set_fields(design, key, dependency="soft", gives_up="yes")
    return design


UPDATED: frozenset[str] = frozenset(("web_server", "app_server", "reverse_proxy", "service"))


@rule(
    "SPOF020",
    "maintenance-downtime",
    "Maintenance means downtime",
    severity="medium",
    category="spof",
    student="With one copy every new version is an outage, even a planned one.",
    references=(
        "AWS Well-Architected, Reliability: deploy changes with automation",
        "Kubernetes documentation: Performing a Rolling Update",
    ),
)
def maintenance(analysis: Analysis) -> Iterator[Problem]:
    """Finds the programs that cannot be updated one copy after the other while users are served.

    One finding names them all, since a new version goes through the whole tier. Balancers and
    databases, which are updated rarely, have findings of their own.
    """
    design = analysis.design
    alone = tuple(
        sorted(part for part in analysis.flows_lost if design.components[part].kind in UPDATED)
    )
    if not alone:
        return
    flows = tuple(flow for flow in design.flows if not analysis.spofs[flow].isdisjoint(alone))
    message = f"A new version of {names(design, alone, 'or')} stops {flow_names(design, flows)}."
    fix = Fix("Add a second copy of each", partial(_second_of_each, parts=alone))
    yield Problem(alone, message, Witness(cut=alone, flows=flows, missing=alone[0]), (fix,))


def _second_of_each(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        if part in Analysis(design).flows_lost:  # else an earlier copy brought a second along
            design = redundancy.duplicate(design, part)
    return design
