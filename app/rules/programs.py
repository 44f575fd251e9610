"""Programs on their machines: on which addresses they answer, and how much they may take."""

from collections.abc import Iterator
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.exposure import Exposure
from app.model import edits
from app.model.component import Program
from app.model.design import Design
from app.model.traits import Trait
from app.rules.evidence import name, names
from app.rules.registry import Fix, Problem, Witness, rule

NEIGHBOURS = 2


@rule(
    "NET016",
    "listens-everywhere",
    "Internal service bound to all addresses",
    severity="medium",
    category="firewall",
    student="It listens to the whole world although only neighbours need it.",
    references=(
        "CWE-1327: Binding to an Unrestricted IP Address",
        "CWE-668: Exposure of Resource to Wrong Sphere",
    ),
)
def listens_everywhere(analysis: Analysis) -> Iterator[Problem]:
    """Finds programs that answer on all addresses of their machine although only neighbours ask.

    Neighbours are parts of the same zone. What a firewall hands on, or another zone asks, has to
    be reached from there. One finding names them all: they share one habit. A drawing that does
    not say where a program listens is not judged.
    """
    design = analysis.design
    left = tuple(
        key
        for key, item in design.of(Program).items()
        if item.listens == "everywhere" and not _asked_from_elsewhere(analysis.exposure, key)
    )
    if left:
        verb = "answers" if len(left) == 1 else "answer"
        message = f"{names(design, left)} {verb} on every address, and only neighbours ask."
        fix = Fix("Listen on the inner network alone", partial(_inside, parts=left))
        yield Problem(left, message, Witness(path=left, cut=left), (fix,))


def _asked_from_elsewhere(exposure: Exposure, part: str) -> bool:
    design = exposure.design
    zone = design.zone(part)
    return any(
        exposure.outside(caller)
        or exposure.has(caller, Trait.FILTERS_TRAFFIC)
        or any(design.zone(other) != zone for other in exposure.behind(caller))
        for caller in _callers(design, part)
    )


def _callers(design: Design, part: str) -> Iterator[str]:
    """Yield who opens connections to a part, or to the cluster that it is a member of."""
    for entrance in {part: None, design.cluster_of.get(part, part): None}:
        yield from (design.links[key].source for key in design.incoming[entrance])


def _inside(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, listens="inside")
    return design


@rule(
    "CAP010",
    "no-limits",
    "No limit on a container or service",
    severity="low",
    category="other",
    student="One greedy neighbour starves the others.",
    references=(
        "Docker documentation: Resource constraints",
        "CWE-770: Allocation of Resources Without Limits or Throttling",
    ),
)
def no_limits(analysis: Analysis) -> Iterator[Problem]:
    """Finds machines that several programs share and on which some may take all there is.

    One finding for each machine. Alone on its machine a program starves nobody, and a drawing
    that does not speak of limits is not judged.
    """
    design = analysis.design
    for host, parts in _greedy(design).items():
        others = [key for key in design.children[host] if _runs(design, key)]
        if len(others) >= NEIGHBOURS:
            message = (
                f"{names(design, parts, 'or')} may take all memory and processor time of "
                f"{name(design, host)} from what else runs there."
            )
            fix = Fix("Limit what each may take", partial(_limited, parts=parts))
            yield Problem(parts, message, Witness(path=(host, *others), cut=parts), (fix,))


def _greedy(design: Design) -> dict[str, tuple[str, ...]]:
    """Return the programs without limits by the machine that they run on."""
    found: dict[str, tuple[str, ...]] = {}
    for key, item in design.of(Program).items():
        host = design.host(key) if item.limits == "none" else None
        if host is not None:
            found[host] = (*found.get(host, ()), key)
    return found


def _runs(design: Design, part: str) -> bool:
    """Whether a part is a process of its own: files that are read take nothing by themselves."""
    item = design.components[part]
    return isinstance(item, Program) or Trait.WATCHES in item.traits


def _limited(design: Design, parts: tuple[str, ...]) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, limits="set")
    return design
