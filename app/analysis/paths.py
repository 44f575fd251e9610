"""Ways through the drawing, as evidence: to a part, and round a part that failed."""

from collections.abc import Iterable

from app.model.design import Design

Walk = tuple[str, ...]  # components and links in turn, from the first component to the last


def path_to(design: Design, flow_id: str, part: str) -> Walk:
    """Return a shortest way of a flow from its client to a part, or to what is in it.

    The way runs along traffic links; it is empty when there is none.
    """
    wanted = {part, *design.descendants(part)}
    return _walk(design, design.flows[flow_id].client, wanted, frozenset())


def surviving_path(design: Design, flow_id: str, without: Iterable[str]) -> Walk:
    """Return a way of a flow to where its links end that avoids some parts and all in them."""
    gone = {key for part in without for key in (part, *design.descendants(part))}
    client = design.flows[flow_id].client
    ends = {
        key
        for key in design.components
        if key != client and not any(design.links[link].is_traffic for link in design.outgoing[key])
    }
    return _walk(design, client, ends - gone, frozenset(gone))


def _walk(design: Design, start: str, wanted: set[str], gone: frozenset[str]) -> Walk:
    came: dict[str, tuple[str, str]] = {}
    todo = [start]
    seen = {start, *gone}
    for here in todo:
        for key in design.outgoing[here]:
            link = design.links[key]
            if not link.is_traffic or link.target in seen:
                continue
            seen.add(link.target)
            came[link.target] = (here, key)
            if link.target in wanted:
                return _traced(came, link.target)
            todo.append(link.target)
    return ()


def _traced(came: dict[str, tuple[str, str]], end: str) -> Walk:
    steps = [end]
    while end in came:
        before, link = came[end]
        steps += [link, before]
        end = before
    return tuple(reversed(steps))
