"""Chains: how many calls wait for each other before a user has an answer."""

from collections.abc import Iterator, Mapping
from functools import partial

from app.analysis.analysis import Analysis
from app.analysis.exposure import Exposure
from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Link, Role
from app.model.traffic import Firewall
from app.rules.evidence import name
from app.rules.registry import Problem, Witness, parameter, rule

WAITING: frozenset[Role] = frozenset(("request", "read", "write"))
PASSING_ON = (Cluster, Firewall)
LONGEST = 5

# How many calls end here or further on, and the link and the part that come next.
Chain = tuple[int, str, str]


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
    a cache or read from files, and not firewalls, which only pass them on. One finding for each
    end of such a chain, about the longest to it; which call may wait, only its author knows.
    """
    design = analysis.design
    waiting = analysis.exposure.links_that(_waits)
    chains: dict[str, Chain] = {}
    longest: dict[str, list[str]] = {}
    for client in dict.fromkeys(flow.client for flow in design.flows.values()):
        _follow(design, client, waiting, chains)
        if _length(chains, client) > calls:
            longest.setdefault(_calls(design, client, chains)[-1], []).append(client)
    for end, clients in longest.items():
        yield _told(design, end, clients, chains)


def _told(design: Design, end: str, clients: list[str], chains: dict[str, Chain]) -> Problem:
    client = max(clients, key=partial(_length, chains))
    calls = _calls(design, client, chains)
    message = (
        f"{name(design, client)} wait for {len(calls)} calls in a row, from "
        f"{name(design, calls[0])} to {name(design, end)}."
    )
    flows = tuple(key for key, flow in design.flows.items() if flow.client in clients)
    path = [part for step in _steps(client, chains) for part in step if part]
    witness = Witness((client, *path), flows=flows, numbers={"calls": len(calls)})
    return Problem((client, end), message, witness)


def _calls(design: Design, client: str, chains: dict[str, Chain]) -> list[str]:
    return [part for _, part in _steps(client, chains) if _is_call(design, part)]


def _length(chains: dict[str, Chain], client: str) -> int:
    """Return how many calls a client waits for, which does not call itself."""
    _, _, first = chains[client]
    return chains[first][0] if first else 0


def _steps(part: str, chains: dict[str, Chain]) -> Iterator[tuple[str, str]]:
    """Yield the links and parts of the longest chain from a part on."""
    while chains[part][2]:
        _, link, part = chains[part]
        yield link, part


def _waits(_: Exposure, link: Link) -> bool:
    return link.role in WAITING and link.protocol != "file"


def _follow(
    design: Design, client: str, waiting: Mapping[str, Link], chains: dict[str, Chain]
) -> None:
    """Note the longest chain from each part that a client waits for; what closes a ring is cut.

    Each part once, after those that it waits for: the time is that of a walk. A cluster stands
    before its members.
    """
    needed, clusters = design.needed, design.of(Cluster)
    ways: dict[str, list[tuple[str, str]]] = {}
    todo = [client]
    while todo:
        here = todo[-1]
        if here not in ways and here not in chains:
            ways[here] = [(key, waiting[key].target) for key in needed[here] if key in waiting]
            if here in clusters:
                ways[here] += [("", member) for member in clusters[here].members]
            todo += [to for _, to in ways[here] if to not in ways and to not in chains]
            continue
        todo.pop()
        if here not in chains:
            longest: Chain = (0, "", "")
            for link, to in ways[here]:
                if to in chains and (not longest[2] or chains[to][0] > longest[0]):
                    longest = (chains[to][0], link, to)
            calls, link, to = longest
            chains[here] = calls + _is_call(design, here), link, to


def _is_call(design: Design, part: str) -> bool:
    return not isinstance(design.components[part], PASSING_ON)
