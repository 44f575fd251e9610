"""Chains: how many calls wait for each other before a user has an answer."""

from collections.abc import Iterator, Mapping
from functools import partial

from app.analysis.analysis import Analysis
from app.model.containers import Cluster
from app.model.design import Design
from app.model.links import Role
from app.model.traffic import Firewall
from app.rules.evidence import name
from app.rules.registry import Problem, Witness, parameter, rule

WAITING: tuple[Role, ...] = ("request", "read", "write")
LONGEST = 5

# How many calls end here or further on, and the link and the part that come next.
Chain = tuple[int, str, str]
Ways = Mapping[str, list[tuple[str, str]]]  # what a part waits for, with the link there


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
    ways = _ways(design)
    chains: dict[str, Chain] = {}
    longest: dict[str, list[str]] = {}
    for client in dict.fromkeys(flow.client for flow in design.flows.values()):
        _follow(design, client, ways, chains)
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


def _ways(design: Design) -> Ways:
    """Return what each part waits for; a cluster stands before its members."""
    waiting = {
        key: (key, link.target)
        for key, link in design.links_for(*WAITING).items()
        if link.protocol != "file"
    }
    ways = {
        part: [waiting[key] for key in keys if key in waiting]
        for part, keys in design.needed.items()
    }
    for key, cluster in design.of(Cluster).items():
        ways[key] += [("", member) for member in cluster.members]
    return ways


def _follow(design: Design, client: str, ways: Ways, chains: dict[str, Chain]) -> None:
    """Note the longest chain from each part that a client waits for; what closes a ring is cut.

    Each part once, after those that it waits for: the time is that of a walk.
    """
    entered: set[str] = set()
    todo = [client]
    while todo:
        here = todo[-1]
        if here not in entered and here not in chains:
            entered.add(here)
            todo += [after for _, after in ways[here]
                     if after not in entered and after not in chains]  # fmt: skip
            continue
        todo.pop()
        if here not in chains:
            longest: Chain = (0, "", "")
            for link, after in ways[here]:
                if after in chains and (not longest[2] or chains[after][0] > longest[0]):
                    longest = (chains[after][0], link, after)
            calls, link, after = longest
            chains[here] = calls + _is_call(design, here), link, after


def _is_call(design: Design, part: str) -> bool:
    return not isinstance(design.components[part], Cluster | Firewall)
