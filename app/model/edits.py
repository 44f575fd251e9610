"""Edits: pure functions from a design to the next one. Undo keeps the old design.

An edit that raises `DesignError` changes nothing, because there is nothing to change.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from app.model import expressions
from app.model.containers import Cluster
from app.model.design import Design
from app.model.errors import DesignError
from app.model.fields import field_of, fields_of
from app.model.invariants import LONGEST_ID
from app.model.kinds import AnyComponent, kind_named
from app.model.links import Flow, Link, Place, Waiver
from app.model.rule_settings import DEFAULT
from app.model.traffic import Client
from app.model.traits import Trait

Edit = Callable[[Design], Design]
_NUMBER = re.compile(r"[-_ ]?[0-9]+$")
_LONGEST_STEM = 100  # characters of a name before its number
_T = TypeVar("_T")


def free_id(taken: Iterable[str], stem: str) -> str:
    """Return the first of stem-1, stem-2, … that is not taken."""
    return _Names(taken).numbered(stem[: LONGEST_ID - 8].strip("-_"))


def _ids(design: Design) -> set[str]:
    return {*design.components, *design.links, *design.flows}


def new_component(design: Design, kind: str, **values: Any) -> tuple[str, AnyComponent]:
    """Return a free id and a component of a kind with a readable name, not yet in the design.

    Raises:
        DesignError: no such kind, or a value outside its range.
    """
    cls = kind_named(kind)
    names = {item.name for item in design.components.values()}
    component_id = free_id(names | _ids(design), cls.prefix)
    return component_id, cls(**{"name": component_id} | values)


def add(design: Design, kind: str, place: Place | None = None, **values: Any) -> tuple[Design, str]:
    """Add a component of a kind; the first client brings the flows `browse` and `checkout`.

    Raises:
        DesignError: no such kind, or a value outside its range.
    """
    component_id, component = new_component(design, kind, **values)
    after = put(design, component_id, component, place)
    if isinstance(component, Client) and not any(
        isinstance(item, Client) for item in design.components.values()
    ):
        flows = {
            "browse": Flow(name="browse", client=component_id, operation="read"),
            "checkout": Flow(name="checkout", client=component_id, operation="write"),
        }
        free = {key: flow for key, flow in flows.items() if key not in _ids(after)}
        after = _changed(after, flows={**after.flows, **free} if free else after.flows)
    return after, component_id


def put(
    design: Design, component_id: str, component: AnyComponent, place: Place | None = None
) -> Design:
    """Put a component under an id, in place of what was there."""
    layout = design.layout if place is None else {**design.layout, component_id: place}
    components = {**design.components, component_id: component}
    return replace(design, components=components, layout=layout)


def connect(design: Design, source: str, target: str, **values: Any) -> tuple[Design, str]:
    """Add a link.

    Raises:
        DesignError: an end does not exist, both ends are one, or a value is out of range.
    """
    link_id = free_id(_ids(design), "link")
    link = Link(source=source, target=target, **values)
    return replace(design, links={**design.links, link_id: link}), link_id


def remove(design: Design, ids: Iterable[str]) -> Design:
    """Remove components with what they hold, links and flows; and everything that hangs on them.

    Expressions lose the parts that are gone, and so do clusters. A waiver that names one goes too:
    its id may be given to another part later.
    """
    chosen = set(ids)
    gone = chosen & design.components.keys()
    for key in tuple(gone):
        gone.update(design.descendants(key))
    return _changed(
        design,
        components=_each(design.components, lambda key, item: _part_without(key, item, gone)),
        links=_each(design.links, lambda key, link: _link_without(key, link, chosen, gone)),
        flows=_each(design.flows, lambda key, flow: _flow_without(key, flow, chosen, gone)),
        waivers=_each(
            design.waivers, lambda key, waiver: None if _names(key) & (gone | chosen) else waiver
        ),
        layout=_each(design.layout, lambda key, place: None if key in gone else place),
    )


def _changed(design: Design, **changes: Any) -> Design:
    """Return the design with changes; the very same one where nothing changes."""
    real = {name: value for name, value in changes.items() if value is not getattr(design, name)}
    return replace(design, **real) if real else design


def _each(mapping: Mapping[str, _T], change: Callable[[str, _T], _T | None]) -> Mapping[str, _T]:
    """Return the changed values without the Nones; the very same mapping where nothing changes."""
    after = {key: change(key, value) for key, value in mapping.items()}
    if all(after[key] is value for key, value in mapping.items()):
        return mapping
    return {key: value for key, value in after.items() if value is not None}


def _part_without(key: str, item: AnyComponent, gone: set[str]) -> AnyComponent | None:
    return None if key in gone else _without_needs(_without_members(item, gone), gone)


def _link_without(key: str, link: Link, chosen: set[str], gone: set[str]) -> Link | None:
    if key in chosen or not gone.isdisjoint((link.source, link.target)):
        return None
    return _without_guards(link, gone)


def _flow_without(key: str, flow: Flow, chosen: set[str], gone: set[str]) -> Flow | None:
    if key in chosen or flow.client in gone:
        return None
    requires = _expression_without(flow.requires, gone)
    return flow if requires == flow.requires else replace(flow, requires=requires)


def _names(waiver_key: str) -> set[str]:
    return set(waiver_key.partition("@")[2].split("+"))


def _expression_without(text: str, gone: set[str]) -> str:
    if not text or gone.isdisjoint(expressions.parts(text)):
        return text
    return expressions.renamed(text, lambda name: None if name in gone else name)


def _without_needs(item: AnyComponent, gone: set[str]) -> AnyComponent:
    after = {key: _expression_without(text, gone) for key, text in item.requires.items()}
    if after == item.requires:
        return item
    return replace(item, requires={key: text for key, text in after.items() if text})


def _without_members(item: AnyComponent, gone: set[str]) -> AnyComponent:
    if isinstance(item, Cluster) and not gone.isdisjoint(item.members):
        return replace(item, members=tuple(key for key in item.members if key not in gone))
    return item


def _without_guards(link: Link, gone: set[str]) -> Link:
    if not link.via or gone.isdisjoint(name for group in link.guards for name in group):
        return link
    groups = (tuple(name for name in group if name not in gone) for group in link.guards)
    return replace(link, via=tuple("|".join(group) for group in groups if group))


def set_fields(design: Design, element_id: str, **values: Any) -> Design:
    """Set fields of a component, link or flow; values that it has already change nothing.

    Raises:
        DesignError: there is no such element or field, or a value is out of its range.
    """
    for name in ("components", "links", "flows"):
        mapping: Mapping[str, Any] = getattr(design, name)
        if element_id in mapping:
            element = mapping[element_id]
            for field in values:
                field_of(type(element), field)
            after = replace(element, **values)
            if after == element:
                return design
            return _changed(design, **{name: {**mapping, element_id: after}})
    message = f"there is no component, link or flow {element_id!r}"
    raise DesignError(message)


def change_kind(design: Design, component_id: str, kind: str) -> Design:
    """Make a component another kind; fields that both kinds know keep their values.

    Raises:
        DesignError: the kind does not exist, or what hangs on the component forbids it.
    """
    before = design.component(component_id)
    cls = kind_named(kind)
    if isinstance(before, cls):
        return design
    known = {name: getattr(before, name) for name in _shared_fields(before, cls)}
    return put(design, component_id, cls(**known))


def _shared_fields(before: AnyComponent, cls: type[AnyComponent]) -> list[str]:
    known = {facts.name: facts for facts in fields_of(cls)}
    return [
        facts.name
        for facts in fields_of(type(before))
        if facts.name not in ("kind", "image")
        and (other := known.get(facts.name))
        and (facts.type, facts.choices, facts.max_length)
        == (other.type, other.choices, other.max_length)
    ]


def move(design: Design, places: Mapping[str, Place]) -> Design:
    """Put components at places; components and links stay the same objects.

    Raises:
        DesignError: there is no such component.
    """
    moved = {key: place for key, place in places.items() if design.layout.get(key) != place}
    return _changed(design, layout=_with(design.layout, moved))


def nest(design: Design, ids: Iterable[str], parent: str | None) -> Design:
    """Put components into a container, or on the free canvas.

    Raises:
        DesignError: the container does not exist, holds nothing, or lies inside one of them.
    """
    moved = {
        key: replace(item, parent=parent)
        for key in ids
        if (item := design.component(key)).parent != parent
    }
    return _changed(design, components=_with(design.components, moved))


def join(design: Design, cluster_id: str, members: Iterable[str]) -> Design:
    """Make components members of a cluster, and of no other.

    Raises:
        DesignError: `cluster_id` is no cluster, or a member cannot be one.
    """
    wanted = tuple(dict.fromkeys(members))
    cluster = design.component(cluster_id)
    if not isinstance(cluster, Cluster):
        message = f"{cluster_id!r} is no cluster"
        raise DesignError(message)
    joined = cluster if cluster.members == wanted else replace(cluster, members=wanted)

    def change(key: str, item: AnyComponent) -> AnyComponent:
        return joined if key == cluster_id else _without_members(item, set(wanted))

    return _changed(design, components=_each(design.components, change))


def add_flow(design: Design, client: str, name: str, **values: Any) -> tuple[Design, str]:
    """Add a user flow.

    Raises:
        DesignError: there is no such client.
    """
    flow_id = free_id(_ids(design), "flow")
    flow = Flow(name=name, client=client, **values)
    return replace(design, flows={**design.flows, flow_id: flow}), flow_id


def waive(design: Design, key: str, waiver: Waiver | None) -> Design:
    """Accept the finding with this key for a reason; None takes the acceptance back."""
    if design.waivers.get(key) == waiver:
        return design
    waivers = {name: kept for name, kept in design.waivers.items() if name != key}
    if waiver is not None:
        waivers[key] = waiver
    return replace(design, waivers=waivers)


def set_rule(design: Design, rule_id: str, **values: Any) -> Design:
    """Set how a rule judges this design: `off`, `severity`, `parameters`.

    What is set to the defaults again is not kept.

    Raises:
        DesignError: this is no id of a rule, or a value outside its range.
    """
    before = design.rules.get(rule_id, DEFAULT)
    after = replace(before, **values)
    if after == before:
        return design
    rules = {key: kept for key, kept in design.rules.items() if key != rule_id}
    if after != DEFAULT:
        rules[rule_id] = after
    return replace(design, rules=rules)


def set_team_rules(design: Design, path: str) -> Design:
    """Name the Python file with the team's own rules, relative to the design; empty for none.

    Raises:
        DesignError: the path would leave the folder of the design, or is no Python file.
    """
    return design if path == design.team_rules else replace(design, team_rules=path)


def rename(design: Design, name: str) -> Design:
    """Give the design itself another name.

    Raises:
        DesignError: the name is empty or too long.
    """
    return design if name == design.name else replace(design, name=name)


def extract(design: Design, ids: Iterable[str]) -> Design:
    """Return what a copy of these components carries: what they hold, inner links, users' flows."""
    chosen = set(ids) & design.components.keys()
    for key in tuple(chosen):
        chosen.update(design.descendants(key))
    outside = design.components.keys() - chosen
    return Design(
        name=design.name,
        components={
            key: _inside(item, outside) for key, item in design.components.items() if key in chosen
        },
        links={
            key: _without_guards(link, outside)
            for key, link in design.links.items()
            if link.source in chosen and link.target in chosen
        },
        flows={
            key: replace(flow, requires=_expression_without(flow.requires, outside))
            for key, flow in design.flows.items()
            if flow.client in chosen
        },
        layout={key: place for key, place in design.layout.items() if key in chosen},
    )


def _inside(item: AnyComponent, outside: set[str]) -> AnyComponent:
    item = _without_needs(_without_members(item, outside), outside)
    return replace(item, parent=None) if item.parent in outside else item


def paste(
    design: Design,
    fragment: Design,
    dx: float = 0,
    dy: float = 0,
    parents: Mapping[str, str | None] | None = None,
) -> tuple[Design, tuple[str, ...]]:
    """Add a copy of a fragment, shifted by (dx, dy) pixels, under new ids and names.

    `parents` places the outermost parts of the fragment into containers of the design.
    Returns the design and the new ids of the components.

    Raises:
        DesignError: a parent does not exist or holds nothing, or a place is too far out.
    """
    taken = _ids(design) | {item.name for item in design.components.values()}
    ids, names = _Names(taken, longest=LONGEST_ID - 8), _Names(taken)
    new = {key: ids.numbered(item.prefix) for key, item in fragment.components.items()}
    homes = parents or {}
    components: dict[str, AnyComponent] = {}
    for key, item in fragment.components.items():
        parent = new[item.parent] if item.parent else homes.get(key)
        components[new[key]] = replace(
            _readdressed(item, new), name=names.like(item.name), parent=parent
        )
    links = {ids.numbered("link"): _redirected(link, new) for link in fragment.links.values()}
    called = _Names((flow.name for flow in design.flows.values()), first=2)
    flows = {
        ids.like(key): _flow_of_copies(flow, new, called.like(flow.name))
        for key, flow in fragment.flows.items()
    }
    layout = {
        new[key]: replace(place, x=place.x + dx, y=place.y + dy)
        for key, place in fragment.layout.items()
    }
    after = _changed(
        design,
        components=_with(design.components, components),
        links=_with(design.links, links),
        flows=_with(design.flows, flows),
        layout=_with(design.layout, layout),
    )
    return after, tuple(new.values())


def _flow_of_copies(flow: Flow, new: Mapping[str, str], name: str) -> Flow:
    requires = expressions.renamed(flow.requires, new.get) if flow.requires else ""
    return replace(flow, client=new[flow.client], name=name, requires=requires)


def _with(mapping: Mapping[str, _T], more: Mapping[str, _T]) -> Mapping[str, _T]:
    """Return both; the very same mapping where there is nothing more."""
    return {**mapping, **more} if more else mapping


def _redirected(link: Link, new: Mapping[str, str]) -> Link:
    via = tuple("|".join(new[name] for name in group) for group in link.guards)
    return replace(link, source=new[link.source], target=new[link.target], via=via)


def _readdressed(item: AnyComponent, new: Mapping[str, str]) -> AnyComponent:
    """Let a copied part name the copies of the other parts."""
    if isinstance(item, Cluster):
        item = replace(item, members=tuple(new[member] for member in item.members))
    requires = {key: expressions.renamed(text, new.get) for key, text in item.requires.items()}
    kept = {key: text for key, text in requires.items() if text}
    return replace(item, requires=kept) if item.requires else item


class _Names:
    """Hands out names that are free, and takes them."""

    def __init__(self, taken: Iterable[str], first: int = 1, longest: int = _LONGEST_STEM) -> None:
        self.taken = set(taken)
        self.longest = longest
        self.before = first - 1
        self.last: dict[str, int] = {}

    def numbered(self, stem: str) -> str:
        number = self.last.get(stem, self.before) + 1
        while f"{stem}-{number}" in self.taken:
            number += 1
        self.last[stem] = number
        self.taken.add(f"{stem}-{number}")
        return f"{stem}-{number}"

    def like(self, name: str) -> str:
        """Return the name itself where it is free, else the same with another number."""
        if name in self.taken:
            return self.numbered(_NUMBER.sub("", name)[: self.longest] or "copy")
        self.taken.add(name)
        return name


def is_container(item: AnyComponent) -> bool:
    """Whether other components can be placed in it."""
    return Trait.CONTAINER in item.traits
