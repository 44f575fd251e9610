"""What firewalls let through: too much, nothing that is needed, what nobody needs."""

from collections.abc import Iterable, Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.design import Design
from app.model.traffic import Firewall
from app.rules.evidence import along_each
from app.rules.network import NIST
from app.rules.registry import Fix, Problem, Witness, rule

ACCESS = "CWE-284: Improper Access Control"


def _naming_ports(design: Design) -> Iterator[tuple[str, Firewall]]:
    """Yield the firewalls that let through some ports and no others."""
    for key, wall in design.of(Firewall).items():
        if wall.opened and not wall.lets_all_through:
            yield key, wall


def _through(design: Design, wall: str) -> tuple[str, ...]:
    """Return the links that cross a firewall: into it, or past it on their way."""
    entrances = {wall, design.cluster_of.get(wall, wall)}
    return tuple(
        key
        for key, link in design.links.items()
        if link.target in entrances or any(wall in group for group in link.guards)
    )


def _needed(design: Design, links: Iterable[str]) -> frozenset[int]:
    numbers = (design.links[key].number for key in links)
    return frozenset(number for number in numbers if number is not None)


def _ports(numbers: Iterable[int]) -> str:
    return " ".join(map(str, sorted(numbers)))


def _told(numbers: Iterable[int]) -> str:
    chosen = sorted(numbers)
    return f"{'port' if len(chosen) == 1 else 'ports'} {', '.join(map(str, chosen))}"


@rule(
    "NET005",
    "allow-all",
    "Allow-all firewall rule",
    severity="high",
    category="firewall",
    student="A firewall that lets everything through is a decoration.",
    references=(NIST, ACCESS),
)
def allow_all(analysis: Analysis) -> Iterator[Problem]:
    """Finds packet filters that allow what no rule names, or any port.

    A web application firewall lets all requests through but the bad ones: that is its work.
    """
    design = analysis.design
    for key, wall in design.of(Firewall).items():
        if wall.lets_all_through and wall.inspects == "packets":
            message = f"{wall.name} lets through whatever nobody thought of."
            links = _through(design, key)
            ports = _ports(_needed(design, links)) if wall.opened else ""
            closed = partial(
                edits.set_fields, element_id=key, default_policy="deny", open_ports=ports
            )
            fix = Fix("Deny all but what is drawn", closed)
            witness = along_each(design, links, (key,))
            yield Problem((key,), message, witness, (fix,))


@rule(
    "NET011",
    "open-port-unused",
    "Open port without a declared flow",
    severity="medium",
    category="firewall",
    student="An open door that nobody uses is only useful to a burglar.",
    references=(NIST, "CWE-1125: Excessive Attack Surface"),
)
def open_port_unused(analysis: Analysis) -> Iterator[Problem]:
    """Finds ports that a firewall names as open and that no link through it goes to.

    A firewall that nothing passes is NET018.
    """
    design = analysis.design
    for key, wall in _naming_ports(design):
        links = _through(design, key)
        spare = wall.opened - _needed(design, links)
        if links and spare:
            message = f"{wall.name} opens {_told(spare)}, to which nothing drawn goes."
            kept = _ports(wall.opened & _needed(design, links))
            shut = partial(edits.set_fields, element_id=key, open_ports=kept)
            yield Problem((key,), message, Witness(path=(key,)), (Fix("Close it", shut),))


@rule(
    "NET019",
    "flow-blocked",
    "Declared flow blocked",
    severity="high",
    category="firewall",
    student="The design needs this traffic, and its own firewall drops it.",
    references=(NIST,),
)
def flow_blocked(analysis: Analysis) -> Iterator[Problem]:
    """Finds links through a firewall to a port that is not among those which it names as open.

    A firewall that names none lets through what is drawn.
    """
    design = analysis.design
    for key, wall in _naming_ports(design):
        links = _through(design, key)
        missing = _needed(design, links) - wall.opened
        if missing:
            blocked = [link for link in links if design.links[link].number in missing]
            message = f"{wall.name} drops what is drawn to {_told(missing)}."
            ports = _ports(wall.opened | missing)
            opened = partial(edits.set_fields, element_id=key, open_ports=ports)
            fix = Fix(f"Open {_told(missing)}", opened)
            yield Problem((key,), message, along_each(design, blocked, (key,)), (fix,))
