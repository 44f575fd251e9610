"""Copies of parts with everything that hangs on them: links, needs, places, who watches them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from app.model import edits, expressions
from app.model.compute import AppFiles
from app.model.design import Design
from app.model.expressions import AtLeast, Need, Reach, Requirement
from app.model.geometry import Rect, bounds
from app.model.kinds import AnyComponent
from app.model.links import Link
from app.model.stores import MonitoringAgent
from app.rules.free_place import make_room, place_at, shift

Keep = Callable[[Link], bool]


def not_replication(link: Link) -> bool:
    """Whether a copy needs a link as well: replication follows the data, not the program."""
    return link.role != "replicate"


def copy_parts(
    design: Design, originals: Sequence[str], keep: Keep = not_replication, *, equal: bool = True
) -> tuple[Design, dict[str, str]]:
    """Add copies of parts of one server on a new server, or beside them where there is none.

    The new server is watched as the old one is. Returns the design and the copy of each original;
    see `copy_onto` for the rest.
    """
    host = design.host(originals[0])
    if host is None:
        return copy_onto(
            design, originals, design.components[originals[0]].parent, keep, equal=equal
        )
    agents = agents_on(design, host)
    design, server = empty_server(design, host)
    return copy_onto(design, [*originals, *agents], server, keep, equal=equal)


def copy_onto(
    design: Design,
    originals: Iterable[str],
    parent: str | None,
    keep: Keep = not_replication,
    *,
    equal: bool = True,
) -> tuple[Design, dict[str, str]]:
    """Add copies of parts in a container, with the links that `keep` says.

    Where copies are `equal` to their originals, every requirement is content with either.
    """
    originals = tuple(dict.fromkeys(originals))
    design, dx, dy = make_room(design, _frame(design, originals, parent), parent)
    fragment = replace(edits.extract(design, originals), links={})
    fragment = shift(fragment, fragment.layout, dx, dy)
    homes = dict.fromkeys(fragment.components, parent)
    after, copies = edits.paste(design, fragment, parents=homes)
    new = dict(zip(fragment.components, copies, strict=True))
    components = dict(after.components)
    for original, copy in new.items():
        components[copy] = _needing(components[copy], design.components[original], new)
    after = replace(after, components=components)
    after = _linked(after, new, keep)
    return (also_needed(after, new) if equal else after), new


def _frame(design: Design, originals: Sequence[str], parent: str | None) -> Rect:
    """Return the room that copies take: that of their server, where they get a new one."""
    host = design.host(originals[0])
    if host is not None and parent != host and parent and not design.children[parent]:
        return bounds(design, host)
    rects = [bounds(design, key) for key in originals]
    left, top = min(rect[0] for rect in rects), min(rect[1] for rect in rects)
    right = max(rect[0] + rect[2] for rect in rects)
    bottom = max(rect[1] + rect[3] for rect in rects)
    return left, top, right - left, bottom - top


def empty_server(design: Design, like: str, parent: str | None = None) -> tuple[Design, str]:
    """Add an empty server that is as another one is, in the same place or in `parent`."""
    pattern = design.components[like]
    server, fresh = edits.new_component(design, "server")
    copied = replace(pattern, name=fresh.name, parent=parent or pattern.parent, requires={})
    return edits.put(design, server, copied), server


def on_new_server(design: Design, kind: str, like: str, **values: object) -> tuple[Design, str]:
    """Add a part on a server of its own, near another part and watched as that one is."""
    host = design.host(like)
    x, y, _, _ = bounds(design, like)
    if host is None:
        parent = design.components[like].parent
        design, dx, dy = make_room(design, bounds(design, like), parent)
        return edits.add(design, kind, place_at(x + dx, y + dy), parent=parent, **values)
    design, server = empty_server(design, host)
    design, dx, dy = make_room(design, bounds(design, host), server)
    place = place_at(x + dx, y + dy)
    design, key = edits.add(design, kind, place, parent=server, **values)
    agents = agents_on(design, host)
    return (copy_onto(design, agents, server)[0] if agents else design), key


def agents_on(design: Design, server: str) -> tuple[str, ...]:
    """Return the monitoring agents on a server."""
    children = design.children[server]
    return tuple(key for key in children if isinstance(design.components[key], MonitoringAgent))


def own_files(design: Design, component_id: str) -> tuple[str, ...]:
    """Return the application files that only this component uses."""
    return tuple(
        target
        for target in dict.fromkeys(
            design.links[key].target for key in design.outgoing[component_id]
        )
        if isinstance(design.components[target], AppFiles)
        and {design.links[key].source for key in design.incoming[target]} == {component_id}
    )


def _needing(copy: AnyComponent, original: AnyComponent, new: Mapping[str, str]) -> AnyComponent:
    """Let a copy need what its original needs, where that was copied the copy of it."""
    if not original.requires:
        return copy
    needs = {
        capability: expressions.renamed(text, lambda name: new.get(name, name))
        for capability, text in original.requires.items()
    }
    return replace(copy, requires=needs)


def _linked(design: Design, new: Mapping[str, str], keep: Keep) -> Design:
    """Give copies the links of their originals: among themselves, from outside and to outside."""
    links = dict(design.links)
    for link in design.links.values():
        ends = new.get(link.source), new.get(link.target)
        if any(ends) and keep(link):
            fresh = replace(link, source=ends[0] or link.source, target=ends[1] or link.target)
            links[edits.free_id(links, "link")] = fresh
    return replace(design, links=links) if len(links) > len(design.links) else design


def also_needed(design: Design, new: Mapping[str, str]) -> Design:
    """Let every expression, and every link that passes an original, be content with its copy."""
    copies = set(new.values())
    components = {
        key: item if key in copies else _content(item, new)
        for key, item in design.components.items()
    }
    flows = {
        key: replace(flow, requires=_either(flow.requires, new)) if flow.requires else flow
        for key, flow in design.flows.items()
    }
    links = {
        key: replace(link, via=tuple(_passing(group, new) for group in link.guards))
        if any(name in new for group in link.guards for name in group) else link
        for key, link in design.links.items()
    }  # fmt: skip
    return replace(design, components=components, flows=flows, links=links)


def _passing(group: Sequence[str], new: Mapping[str, str]) -> str:
    return "|".join(dict.fromkeys((*group, *(new[name] for name in group if name in new))))


def _content(item: AnyComponent, new: Mapping[str, str]) -> AnyComponent:
    if not item.requires:
        return item
    return replace(item, requires={key: _either(text, new) for key, text in item.requires.items()})


def _either(text: str, new: Mapping[str, str]) -> str:
    return expressions.write(_eased(expressions.parse(text), new))


def _eased(requirement: Requirement, new: Mapping[str, str]) -> Requirement:
    if isinstance(requirement, AtLeast):
        return AtLeast(requirement.count, tuple(_eased(item, new) for item in requirement.items))
    if isinstance(requirement, Reach):
        parts = tuple(new.get(part, part) for part in requirement.parts)
        if parts == requirement.parts:
            return requirement
        return expressions.any_of(requirement, Reach(parts, requirement.directed))
    if requirement.component not in new:
        return requirement
    return expressions.any_of(requirement, Need(new[requirement.component], requirement.capability))
