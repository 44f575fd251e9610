"""What the topics share to say why: names in prose, the way to a part, what stops with it."""

from collections.abc import Iterable

from app.analysis.analysis import Analysis
from app.analysis.words import listed
from app.model.design import Design
from app.rules.registry import Witness


def name(design: Design, component_id: str) -> str:
    """Return what people call a component."""
    return design.components[component_id].name


def names(design: Design, ids: Iterable[str], joint: str = "and") -> str:
    """Return the names of components as a list in prose."""
    parts = design.components
    return listed([parts[key].name for key in ids], joint)


def flow_names(design: Design, flows: Iterable[str]) -> str:
    """Return the names of flows as a list in prose."""
    return listed([design.flows[key].name for key in flows])


def link_name(design: Design, link_id: str) -> str:
    """Return a link as "from → to"."""
    link = design.links[link_id]
    return f"{name(design, link.source)} → {name(design, link.target)}"


def stops(analysis: Analysis, part: str, flows: tuple[str, ...], *, alone: bool = True) -> Witness:
    """Return the evidence that flows stop with a part: the way to it, and that it is alone."""
    path = analysis.path_to(flows[0], part) if flows else ()
    return Witness(path=path, cut=(part,), flows=flows, missing=part if alone else "")


def along(design: Design, link_id: str, cut: tuple[str, ...] = ()) -> Witness:
    """Return the evidence that a link is as it is: the link with its two ends."""
    link = design.links[link_id]
    return Witness(path=(link.source, link_id, link.target), cut=cut)


def along_each(design: Design, links: Iterable[str], cut: tuple[str, ...] = ()) -> Witness:
    """Return the evidence that several links are as they are: each with its two ends."""
    drawn = design.links
    path = {part: None for key in links
            for part in (drawn[key].source, key, drawn[key].target)}  # fmt: skip
    return Witness(path=tuple(path), cut=cut)
