"""Makes designs of any size: the web services of a company side by side, always the same ones.

A *stack* is one service: users, DNS, CDN, a load balancer, four servers with a web and an
application server each, a replicated database, cache, queue, search, storage, monitoring. A design
of n cards is n / 25 stacks on a grid, the last one cut short, and int(1.3 n) links; the containers
(four servers, a zone and a site around each stack) come on top of the n.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from app.model.containers import Server, Site, Zone
from app.model.design import Design
from app.model.kinds import AnyComponent, kind_named
from app.model.links import Flow, Link, Place

LINKS_PER_CARD = 1.3
LINKS_OF_FOCUS = 5
STEP_X, STEP_Y = 264.0, 144.0
STACK_WIDTH, STACK_HEIGHT = 6 * STEP_X, 6 * STEP_Y
ASPECT = 1.6
CHAIN = 5  # stacks that call each other in a row
SERVERS = range(1, 5)

# Name within the stack, kind, column, row, values. A stack that is cut short has the first ones.
_CARDS: tuple[tuple[str, str, int, int, dict[str, Any]], ...] = (
    ("users", "client", 0, 0, {}),
    ("dns", "dns", 0, 1, {}),
    ("cdn", "cdn", 0, 2, {"provider": "edge"}),
    ("fw", "firewall", 0, 3, {}),
    ("lb", "load_balancer", 1, 2, {"algorithm": "leastconn"}),
    ("web-1", "web_server", 2, 0, {}),
    ("app-1", "app_server", 3, 0, {"state": "shared"}),
    ("web-2", "web_server", 2, 1, {}),
    ("app-2", "app_server", 3, 1, {"state": "shared"}),
    ("db-1", "database", 4, 0, {"role": "primary"}),
    ("db-2", "database", 4, 1, {"role": "replica"}),
    ("db-3", "database", 4, 2, {"role": "replica"}),
    ("dbs", "cluster", 4, 3, {"mode": "primary-replica", "failover": "manual"}),
    ("cache", "cache", 1, 3, {}),
    ("queue", "queue", 1, 4, {}),
    ("web-3", "web_server", 2, 2, {}),
    ("app-3", "app_server", 3, 2, {"state": "shared"}),
    ("web-4", "web_server", 2, 3, {}),
    ("app-4", "app_server", 3, 3, {"state": "shared"}),
    ("worker", "worker", 2, 4, {}),
    ("storage", "object_store", 3, 4, {"copies": 3}),
    ("search", "search", 4, 4, {}),
    ("monitor", "monitoring_server", 1, 0, {}),
    ("bastion", "bastion", 0, 4, {}),
    ("backup", "backup", 1, 1, {}),
)
STACK = len(_CARDS)
_MEMBERS = ("db-1", "db-2", "db-3")
_WEB = {"role": "request", "protocol": "http"}
_TLS = {"role": "request", "protocol": "https", "tls": "1.3"}
_APP = {**_WEB, "port": 8000}
_WRITE = {"role": "write", "protocol": "postgres", "tls": "1.3"}
_WATCH = {"role": "monitor", "protocol": "http"}
# Source, target, values. The load balancer has five: four to the web servers, one from the CDN.
_LINKS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("cdn", "lb", {**_TLS, "via": ("fw",)}),
    *(("lb", f"web-{i}", _WEB) for i in SERVERS),
    ("users", "dns", {"role": "resolve", "protocol": "dns"}),
    ("users", "cdn", _TLS),
    *((f"web-{i}", f"app-{i}", _APP) for i in SERVERS),
    *((f"app-{i}", "dbs", _WRITE) for i in SERVERS),
    *((f"app-{i}", "cache", {"role": "cache", "protocol": "redis"}) for i in SERVERS),
    *(("db-1", f"db-{i}", {"role": "replicate", "protocol": "postgres"}) for i in (2, 3)),
    ("app-1", "queue", {"role": "publish", "protocol": "amqp"}),
    ("app-2", "queue", {"role": "publish", "protocol": "amqp"}),
    ("worker", "queue", {"role": "consume", "protocol": "amqp"}),
    ("worker", "storage", {"role": "write", "protocol": "s3"}),
    ("app-3", "search", {"role": "read", "protocol": "http"}),
    ("bastion", "web-1", {"role": "admin", "protocol": "ssh"}),
    ("db-2", "backup", {"role": "backup", "protocol": "postgres"}),
)
# What fills a stack up to int(1.3 n) links, in turn over all stacks.
_MORE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    *(("monitor", f"web-{i}", _WATCH) for i in SERVERS),
    *(("monitor", f"app-{i}", _WATCH) for i in SERVERS),
    ("backup", "storage", {"role": "backup", "protocol": "s3"}),
    ("worker", "dbs", _WRITE),
    ("app-4", "storage", {"role": "write", "protocol": "s3"}),
)


@dataclass(frozen=True)
class Subject:
    """A design and the card in the middle of it that the benchmarks drag: it has five links."""

    design: Design
    focus: str
    cards: tuple[str, ...]

    @property
    def drawing(self) -> dict[str, Any]:
        """The same cards and links for a program that knows no design: plain lists and numbers."""
        number = {key: index for index, key in enumerate(self.cards)}
        design = self.design
        return {
            "focus": number[self.focus],
            "size": len(self.cards),
            "cards": [
                (design.components[key].name, design.layout[key].x, design.layout[key].y)
                for key in self.cards
            ],
            "links": [(number[link.source], number[link.target]) for link in design.links.values()],
        }


def make(cards: int) -> Subject:
    """Return a design with this many cards, at least 25."""
    if cards < STACK:
        message = f"a design for the benchmarks has at least {STACK} cards"
        raise ValueError(message)
    stacks = math.ceil(cards / STACK)
    columns = max(1, round(math.sqrt(stacks * ASPECT * STACK_HEIGHT / STACK_WIDTH)))
    middle = (stacks // columns // 2) * columns + columns // 2
    focus = _id(min(middle, cards // STACK - 1), "lb")
    components: dict[str, AnyComponent] = {}
    layout: dict[str, Place] = {}
    for stack in range(stacks):
        shown = _CARDS[: min(STACK, cards - stack * STACK)]
        left, top = stack % columns * STACK_WIDTH, stack // columns * STACK_HEIGHT
        components |= _containers(stack, {name for name, *_ in shown})
        for name, kind, column, row, values in shown:
            key = _id(stack, name)
            components[key] = kind_named(kind)(
                name=f"{name}.{stack}", **_values(stack, name, values)
            )
            layout[key] = Place(x=left + column * STEP_X, y=top + row * STEP_Y)
    names = tuple(layout)
    design = Design(
        name=f"{cards} cards",
        components=components,
        links=_links(components, stacks, int(cards * LINKS_PER_CARD), focus),
        flows=dict(_flow(stack) for stack in range(stacks)),
        layout=layout,
    )
    return Subject(design, focus, names)


def _id(stack: int, name: str) -> str:
    return f"s{stack}-{name}"


def _values(stack: int, name: str, values: dict[str, Any]) -> dict[str, Any]:
    what, _, number = name.partition("-")
    if what in ("web", "app"):
        return values | {"parent": _id(stack, f"server-{number}")}
    if name == "dbs":
        members = tuple(_id(stack, member) for member in _MEMBERS)
        return values | {"parent": _id(stack, "data"), "members": members}
    return values | {"parent": _id(stack, "data")} if name in _MEMBERS else values


def _containers(stack: int, names: set[str]) -> dict[str, AnyComponent]:
    site = _id(stack, "site")
    found: dict[str, AnyComponent] = {site: Site(name=f"site {stack}")}
    for i in SERVERS:
        if f"web-{i}" in names:
            found[_id(stack, f"server-{i}")] = Server(name=f"server-{i}.{stack}", parent=site)
    if "db-1" in names:
        found[_id(stack, "data")] = Zone(name=f"data.{stack}", trust="data", parent=site)
    return found


def _flow(stack: int) -> tuple[str, Flow]:
    operation: Literal["read", "write"] = "write" if stack % 2 else "read"
    return _id(stack, "visit"), Flow(
        name=f"visit {stack}", client=_id(stack, "users"), operation=operation
    )


def _links(
    components: dict[str, AnyComponent], stacks: int, count: int, focus: str
) -> dict[str, Link]:
    wanted = (
        (source, target, values)
        for source, target, values in _wanted(stacks)
        if source in components and target in components
    )
    found: dict[str, Link] = {}
    of_focus = 0
    for source, target, values in wanted:
        of_focus += (touches := focus in (source, target))
        if len(found) == count:
            break
        if not (touches and of_focus > LINKS_OF_FOCUS):
            found[f"link-{len(found) + 1}"] = Link(source=source, target=target, **values)
    return found


def _wanted(stacks: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the links by importance, the five of each load balancer first."""
    for stack in range(stacks):
        for source, target, values in _LINKS:
            guards = tuple(_id(stack, name) for name in values.get("via", ()))
            yield _id(stack, source), _id(stack, target), {**values, "via": guards}
    for stack in range(stacks):
        if (stack + 1) % CHAIN:
            yield _id(stack, "app-1"), _id(stack + 1, "lb"), _WEB
    for source, target, values in _MORE:
        for stack in range(stacks):
            yield _id(stack, source), _id(stack, target), values
