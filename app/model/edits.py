"""Edits: pure functions from a design to the next one. Undo keeps the old design.

An edit that raises `DesignError` changes nothing, because there is nothing to change.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from app.model.components import Client
from app.model.containers import Cluster
from app.model.design import LONGEST_ID, Design
from app.model.errors import DesignError
from app.model.fields import field_of
from app.model.kinds import AnyComponent, kind_named
from app.model.links import Flow, Link, Place, Waiver
from app.model.traits import Trait

Edit = Callable[[Design], Design]
_NUMBERED = re.compile(r"(.*?)[-_ ]?\d*")


def free_id(taken: Iterable[str], stem: str) -> str:
    """Return the first of stem-1, stem-2, … that is not taken."""
    known = set(taken)
    stem = stem[: LONGEST_ID - 8].strip("-_")
    number = 1
    while f"{stem}-{number}" in known:
        number += 1
    return f"{stem}-{number}"


def new_component(design: Design, kind: str, **values: Any) -> tuple[str, AnyComponent]:
    """Return a free id and a component of a kind with a readable name, not yet in the design.

    Raises:
        DesignError: no such kind, or a value outside its range.
    """
    cls = kind_named(kind)
    names = {item.name for item in design.components.values()}
    component_id = free_id({*design.components, *names}, cls.prefix)
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
        after = replace(after, flows=flows | dict(after.flows))
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
    link_id = free_id(design.links, "link")
    link = Link(source=source, target=target, **values)
    return replace(design, links={**design.links, link_id: link}), link_id


def remove(design: Design, ids: Iterable[str]) -> Design:
    """Remove components with what they hold, and links; and everything that hangs on them."""
    chosen = set(ids)
    gone = chosen & design.components.keys()
    for key in tuple(gone):
        gone.update(design.descendants(key))
    components = {
        key: _without_members(item, gone)
        for key, item in design.components.items()
        if key not in gone
    }
    links = {
        key: _without_guards(link, gone)
        for key, link in design.links.items()
        if key not in chosen and link.source not in gone and link.target not in gone
    }
    flows = {
        key: flow
        for key, flow in design.flows.items()
        if key not in chosen and flow.client not in gone
    }
    layout = {key: place for key, place in design.layout.items() if key not in gone}
    return replace(design, components=components, links=links, flows=flows, layout=layout)


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
    """Set fields of a component, link or flow.

    Raises:
        DesignError: there is no such element or field, or a value is out of its range.
    """
    for name in ("components", "links", "flows"):
        mapping: Mapping[str, Any] = getattr(design, name)
        if element_id in mapping:
            element = mapping[element_id]
            for field in values:
                field_of(type(element), field)
            after: Any = {**mapping, element_id: replace(element, **values)}
            return replace(design, **{name: after})
    message = f"there is no component, link or flow {element_id!r}"
    raise DesignError(message)


def change_kind(design: Design, component_id: str, kind: str) -> Design:
    """Make a component another kind; fields that both kinds know keep their values.

    Raises:
        DesignError: the kind does not exist, or what hangs on the component forbids it.
    """
    before = design.component(component_id)
    cls = kind_named(kind)
    known = {facts: getattr(before, facts) for facts in _shared_fields(before, cls)}
    return put(design, component_id, cls(**known))


def _shared_fields(before: AnyComponent, cls: type[AnyComponent]) -> list[str]:
    shared = []
    for name in before.__dataclass_fields__:
        if name == "kind" or name not in cls.__dataclass_fields__:
            continue
        kept = field_of(type(before), name)
        if kept.choices == field_of(cls, name).choices and name != "image":
            shared.append(name)
    return shared


def move(design: Design, places: Mapping[str, Place]) -> Design:
    """Put components at places; components and links stay the same objects."""
    return replace(design, layout={**design.layout, **places})


def nest(design: Design, ids: Iterable[str], parent: str | None) -> Design:
    """Put components into a container, or on the free canvas.

    Raises:
        DesignError: the container does not exist, holds nothing, or lies inside one of them.
    """
    moved = {key: replace(design.component(key), parent=parent) for key in ids}
    return replace(design, components={**design.components, **moved})


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
    components = {
        key: _without_members(item, set(wanted)) if key != cluster_id else item
        for key, item in design.components.items()
    }
    components[cluster_id] = replace(cluster, members=wanted)
    return replace(design, components=components)


def add_flow(design: Design, client: str, name: str, **values: Any) -> tuple[Design, str]:
    """Add a user flow.

    Raises:
        DesignError: there is no such client.
    """
    flow_id = free_id(design.flows, "flow")
    flow = Flow(name=name, client=client, **values)
    return replace(design, flows={**design.flows, flow_id: flow}), flow_id


def waive(design: Design, key: str, waiver: Waiver | None) -> Design:
    """Accept the finding with this key for a reason; None takes the acceptance back."""
    waivers = {name: kept for name, kept in design.waivers.items() if name != key}
    if waiver is not None:
        waivers[key] = waiver
    return replace(design, waivers=waivers)


def rename(design: Design, name: str) -> Design:
    """Give the design itself another name.

    Raises:
        DesignError: the name is empty or too long.
    """
    return replace(design, name=name)


def extract(design: Design, ids: Iterable[str]) -> Design:
    """Return what a copy of these components carries: what they hold, and the inner links."""
    chosen = set(ids) & design.components.keys()
    for key in tuple(chosen):
        chosen.update(design.descendants(key))
    components = {
        key: _inside(design.components[key], chosen) for key in design.components if key in chosen
    }
    links = {
        key: _without_guards(link, design.components.keys() - chosen)
        for key, link in design.links.items()
        if link.source in chosen and link.target in chosen
    }
    layout = {key: place for key, place in design.layout.items() if key in chosen}
    return Design(name=design.name, components=components, links=links, layout=layout)


def _inside(item: AnyComponent, chosen: set[str]) -> AnyComponent:
    if isinstance(item, Cluster):
        item = replace(item, members=tuple(key for key in item.members if key in chosen))
    return item if item.parent in chosen else replace(item, parent=None)


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
    """
    new: dict[str, str] = {}
    names: dict[str, str] = {}
    taken = {*design.components, *(item.name for item in design.components.values())}
    for key, item in fragment.components.items():
        new[key] = free_id(taken, item.prefix)
        names[key] = _free_name(taken, item.name)
        taken.update((new[key], names[key]))
    homes = parents or {}
    components = dict(design.components)
    for key, item in fragment.components.items():
        parent = new[item.parent] if item.parent else homes.get(key)
        copied = replace(item, name=names[key], parent=parent)
        if isinstance(copied, Cluster):
            copied = replace(copied, members=tuple(new[member] for member in copied.members))
        components[new[key]] = copied
    links = dict(design.links)
    for link in fragment.links.values():
        via = tuple("|".join(new[name] for name in group) for group in link.guards)
        link_id = free_id(links, "link")
        links[link_id] = replace(link, source=new[link.source], target=new[link.target], via=via)
    layout = dict(design.layout)
    for key, place in fragment.layout.items():
        layout[new[key]] = replace(place, x=place.x + dx, y=place.y + dy)
    after = replace(design, components=components, links=links, layout=layout)
    return after, tuple(new.values())


def _free_name(taken: set[str], name: str) -> str:
    if name not in taken:
        return name
    found = _NUMBERED.fullmatch(name)
    stem = found.group(1) if found else name
    number = 1
    while f"{stem or 'copy'}-{number}" in taken:
        number += 1
    return f"{(stem or 'copy')[:100]}-{number}"


def is_container(item: AnyComponent) -> bool:
    """Whether other components can be placed in it."""
    return Trait.CONTAINER in item.traits
