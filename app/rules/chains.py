"""Chains: how many calls wait for each other before a user has an answer."""

from collections.abc import Iterator

from app.analysis.analysis import Analysis
from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Link, Role
from app.model.traffic import Client, Firewall
from app.rules.evidence import name, names
from app.rules.registry import Problem, Witness, parameter, rule

WAITING: frozenset[Role] = frozenset(("request", "read", "write"))
LONGEST = 5

Chain = tuple[int, str, str]  # calls from here on, and the link and the part that come next
_END: Chain = (0, "", "")


@rule(
    "DEP004",
    "long-chain",
    "Long synchronous chain",
    severity="low",
    category="other",
    student="Delays and failures add up with every link.",
    references=("AWS Well-Architected, Reliability: implement loosely coupled dependencies",),
    parameters=(
        parameter("calls", "Calls in a row that are not too many", LONGEST, minimum=1, maximum=100),
    ),
)
def long_chain(analysis: Analysis, calls: int) -> Iterator[Problem]:
    """Finds users who wait for more than five calls, each of which waits for the next.

    Counted are calls that the caller cannot do without: not what is published to a queue, kept in
    a cache or read from files, and not firewalls, which only pass them on. One finding for the
    users of a client, about their longest chain; which call may wait, only its author knows.
    """
    design = analysis.design
    for client, item in design.components.items():
        flows = tuple(key for key, flow in design.flows.items() if flow.client == client)
        if not isinstance(item, Client) or not flows:
            continue
        chains = _chains(design, client)
        if chains[client][0] > calls:
            yield _told(design, client, flows, chains)


def _told(design: Design, client: str, flows: tuple[str, ...], chains: dict[str, Chain]) -> Problem:
    path, parts, here = [client], [], client
    while chains[here][2]:
        count, link, after = chains[here]
        path += [link, after] if link else [after]
        if count > chains[after][0]:
            parts.append(after)
        here = after
    message = (
        f"{name(design, client)} wait for {len(parts)} calls in a row: {names(design, parts)}."
    )
    witness = Witness(tuple(path), flows=flows, numbers={"calls": len(parts)})
    return Problem((client, parts[-1]), message, witness)


def _chains(design: Design, client: str) -> dict[str, Chain]:
    """Return the longest chain from each part that a client waits for; rings are cut.

    Each part once, those that it waits for before it: the time is that of a walk.
    """
    found: dict[str, Chain] = {}
    opened: set[str] = set()
    todo = [client]
    while todo:
        here = todo[-1]
        if here not in opened:
            opened.add(here)
            todo.extend(after for _, after in _next(design, here) if after not in opened)
            continue
        todo.pop()
        if here not in found:
            found[here] = max(
                ((found[after][0] + _is_call(design, after), link, after)
                 for link, after in _next(design, here) if after in found),
                key=lambda chain: chain[0], default=_END,
            )  # fmt: skip
    return found


def _next(design: Design, part: str) -> Iterator[tuple[str, str]]:
    """Yield what a part waits for, with the link there; a cluster stands before its members."""
    item = design.components[part]
    if isinstance(item, Cluster):
        yield from (("", member) for member in item.members)
    for key in design.outgoing[part]:
        if _waits(design, design.links[key]):
            yield key, design.links[key].target


def _waits(design: Design, link: Link) -> bool:
    return link.role in WAITING and link.protocol != "file" and not design.is_soft(link)


def _is_call(design: Design, part: str) -> bool:
    return not isinstance(design.components[part], Cluster | Firewall)
