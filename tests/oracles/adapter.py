"""Turns the oracles' formats into designs of the product's own model."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, product
from typing import Any

from app.model.design import Design
from app.model.kinds import kind_named as _kind_named
from app.model.links import Flow, Link

KINDS = {
    "loadbalancer": "load_balancer",
    "webserver": "web_server",
    "appserver": "app_server",
    "appfiles": "app_files",
    "storage": "object_store",
    "monitor_client": "monitoring_agent",
    "monitor_collector": "monitoring_server",
    "waf": "firewall",
    "external": "alerting",
}


def kind_named(kind: str) -> Any:
    """Return the class of a kind; the values of a case are checked when it is called."""
    return _kind_named(kind)


class Names:
    """Ids of the oracles may hold what ours may not; this keeps both."""

    def __init__(self) -> None:
        self._own: dict[str, str] = {}
        self._theirs: dict[str, str] = {}

    def own(self, theirs: str) -> str:
        """Return our id for one of theirs, always the same."""
        if theirs not in self._own:
            plain = re.sub(r"[^a-z0-9]+", "-", theirs.lower()).strip("-") or "x"
            plain = plain if plain[0].isalpha() else f"x-{plain}"
            stem, number = plain, 1
            while plain in self._theirs or plain in {"and", "or", "of", "true"}:
                number += 1
                plain = f"{stem}-{number}"
            self._own[theirs] = plain
            self._theirs[plain] = theirs
        return self._own[theirs]

    def theirs(self, own: str) -> str:
        """Return their id for one of ours."""
        return self._theirs[own].removeprefix("host ").lstrip("@#")


def topology(case: Mapping[str, Any]) -> tuple[Design, Names]:
    """Return a topology as a design: its expressions become requirements of the components."""
    names = Names()
    components: dict[str, Any] = {}
    for name in case.get("domains", {}):
        names.own(f"@{name}")
    for name, domain in case.get("domains", {}).items():
        needs = [f"{names.own('@' + parent)}.alive" for parent in domain.get("in", ())]
        if "any_in" in domain:
            needs.append(_joined(" or ", (f"{names.own('@' + x)}.alive" for x in domain["any_in"])))
        alive = _joined(" and ", needs)
        components[names.own(f"@{name}")] = _part("server", name, domain, {"alive": alive})
    for name, component in case.get("components", {}).items():
        capabilities = {
            f"c-{_capability(capability)}": _expression(expression, names)
            for capability, expression in component.get("needs", {}).items()
        }
        places = (f"{names.own('@' + place)}.alive" for place in component.get("on", ()))
        capabilities["alive"] = _joined(" and ", places)
        components[names.own(name)] = _part("service", name, component, capabilities)
    for name, event in case.get("events", {}).items():
        components[names.own(f"#{name}")] = _part("service", name, event, {})
    components["observer"] = kind_named("client")(name="observer")
    flows = {
        names.own(f"flow {name}"): Flow(
            name=name, client="observer", requires=_expression(expression, names)
        )
        for name, expression in case["flows"].items()
    }
    return Design(name=case["id"], components=components, flows=flows), names


def fault_tree(case: Mapping[str, Any]) -> tuple[Design, Names]:
    """Return a fault tree as a design whose one flow works where the top event does not happen.

    A gate of failures turns round: what fails with any of its inputs works with all of them.
    """
    names = Names()
    components: dict[str, Any] = {
        names.own(event): kind_named("service")(name=event, availability=1 - chance)
        for event, chance in case["q"].items()
    }
    for name, gate in case["gates"].items():
        (kind, inputs), *rest = ((key, gate[key]) for key in ("and", "or", "of") if key in gate)
        assert not rest
        needed = {"and": 1, "or": len(inputs), "of": len(inputs) + 1 - gate.get("k", 0)}[kind]
        works = ", ".join(f"{names.own(item)}.{_mode(item, case)}" for item in inputs)
        components[names.own(name)] = kind_named("service")(
            name=name, availability=1.0, requires={"c-works": f"{needed} of ({works})"}
        )
    components["observer"] = kind_named("client")(name="observer")
    top = Flow(name="top", client="observer", requires=f"{names.own(case['top'])}.c-works")
    return Design(name=case["id"], components=components, flows={"visit": top}), names


def network(case: Mapping[str, Any]) -> tuple[Design, Names]:
    """Return a network as a design whose one flow works where its terminals are joined."""
    names, edges = Names(), [edge for edge in _edges_of(case) if edge[1] != edge[2]]
    nodes = dict.fromkeys(end for edge in edges for end in edge[1:3])
    figures = case.get("node_p", {})
    components = {
        names.own(f"node:{node}"): kind_named("service")(
            name=node, availability=figures.get(node, 1.0)
        )
        for node in nodes
    }
    links = {
        names.own(name): Link(
            source=names.own(f"node:{start}"), target=names.own(f"node:{end}"), availability=chance
        )
        for name, start, end, chance in edges
    }
    components["observer"] = kind_named("client")(name="observer")
    terminals = nodes if case["terminals"] == "all" else case["terminals"]
    first, *others = (names.own(f"node:{node}") for node in terminals)
    text = f"reach({first}{' -> ' if case.get('directed') else ', '}{', '.join(others)})"
    flows = {"visit": Flow(name="visit", client="observer", requires=text)}
    return Design(name=case["id"], components=components, links=links, flows=flows), names


def _edges_of(case: Mapping[str, Any]) -> Iterator[tuple[str, str, str, float | None]]:
    """Yield the edges of a network: name, ends and the chance that it works."""
    graph, chance = case["graph"], case.get("p")
    for number, (start, end, *own) in enumerate(graph.get("edges", ()), 1):
        yield f"e{number}", start, end, own[0] if own else chance
    rows, columns = graph.get("grid", (0, 0))
    for row, column in product(range(rows), range(columns)):
        for name, (below, right) in {"v": (row + 1, column), "h": (row, column + 1)}.items():
            if below < rows and right < columns:
                here, there = f"{row},{column}", f"{below},{right}"
                yield f"{name}{row}.{column}", here, there, chance
    for start, end in combinations(range(graph.get("complete", 0)), 2):
        yield f"{start}-{end}", str(start), str(end), chance


def _mode(item: str, case: Mapping[str, Any]) -> str:
    return "c-works" if item in case["gates"] else "alive"


def _capability(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _part(kind: str, name: str, figures: Mapping[str, Any], requires: Mapping[str, str]) -> Any:
    values: dict[str, Any] = {}
    if "a" in figures:
        values["availability"] = figures["a"]
    elif "mtbf_h" in figures:
        values |= {"mtbf_hours": figures["mtbf_h"], "mttr_hours": figures["mttr_h"]}
    else:
        values["availability"] = 1.0
    kept = {key: text for key, text in requires.items() if text}
    return kind_named(kind)(name=name, requires=kept, **values)


def _joined(joint: str, parts: Iterable[str]) -> str:
    items = list(parts)
    return f"({joint.join(items)})" if items else ""


def _expression(expression: Any, names: Names) -> str:
    if isinstance(expression, str):
        return _reference(expression, names)
    for key, write in _GATES.items():
        if key in expression:
            return write(expression, [_expression(item, names) for item in expression[key]])
    message = f"no gate in {expression}"
    raise AssertionError(message)


_GATES: Mapping[str, Callable[[Any, list[str]], str]] = {
    "all": lambda _, items: _joined(" and ", items) or "true",
    "any": lambda _, items: _joined(" or ", items),
    "of": lambda gate, items: f"{gate['k']} of ({', '.join(items)})",
}


def _reference(text: str, names: Names) -> str:
    if text == "true":
        return "true"
    if text.startswith(("@", "#")):
        return f"{names.own(text)}.alive"
    component, _, capability = text.partition(".")
    return f"{names.own(component)}.{'c-' + _capability(capability) if capability else 'alive'}"


def drawing(case: Mapping[str, Any]) -> tuple[Design, Names]:
    """Return a drawing of the oracles as a design."""
    names = Names()
    components: dict[str, Any] = {}
    for zone in case.get("zones", ()):
        components[names.own(f"zone {zone['id']}")] = kind_named("zone")(
            name=zone["id"], trust=zone["trust"]
        )
    for host in case.get("hosts", ()):
        parent = names.own(f"zone {host['zone']}") if host.get("zone") else None
        components[names.own(f"host {host['id']}")] = kind_named("server")(
            name=host["id"], parent=parent, firewall=bool(host.get("firewall"))
        )
    primaries = {cluster.get("primary") for cluster in case.get("clusters", ())}
    replicas = {
        member
        for cluster in case.get("clusters", ())
        if cluster["mode"] == "primary-replica"
        for member in cluster["members"]
    } - primaries
    for node in case["nodes"]:
        components[names.own(node["id"])] = _node(node, names, replicas)
    for cluster in case.get("clusters", ()):
        components[names.own(f"cluster {cluster['id']}")] = kind_named("cluster")(
            name=cluster["id"],
            members=tuple(names.own(member) for member in cluster["members"]),
            mode=cluster["mode"],
            needed=cluster.get("k"),
            failover=cluster.get("failover", "none"),
        )
    links = {f"link-{number}": _edge(edge, names) for number, edge in enumerate(case["edges"], 1)}
    flows = {
        names.own(f"flow {flow['id']}"): Flow(
            name=flow["id"], client=names.own(flow["from"]), operation=flow["op"]
        )
        for flow in case["flows"]
    }
    design = Design(name=case["title"], components=components, links=links, flows=flows)
    return design, names


def _node(node: Mapping[str, Any], names: Names, replicas: set[str]) -> Any:
    kind = KINDS.get(node["kind"], node["kind"])
    values: dict[str, Any] = {"name": node["id"]}
    for holder in ("zone", "host"):
        if node.get(holder):
            values["parent"] = names.own(f"{holder} {node[holder]}")
    if "algorithm" in node:
        values["algorithm"] = node["algorithm"]
    if node["id"] in replicas:
        values["role"] = "replica"
    return kind_named(kind)(**values)


def _edge(edge: Mapping[str, Any], names: Names) -> Link:
    via = tuple(
        "|".join(names.own(name) for name in (group if isinstance(group, list) else [group]))
        for group in edge.get("via", ())
    )
    hardness = "soft" if edge.get("soft") else "hard" if edge.get("hard") else "default"
    values: dict[str, Any] = {
        "role": edge["role"],
        "protocol": edge.get("protocol", "tcp"),
        "port": edge.get("port") or None,
        "tls": edge.get("tls") or "none",
        "dependency": hardness,
        "choice": edge.get("group") or "",
    }
    return Link(source=names.own(edge["from"]), target=names.own(edge["to"]), via=via, **values)
