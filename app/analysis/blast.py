"""Blast radius: what is lost with a failure beside the flows.

The masks of the requirement graph say for each statement in which cases it no longer holds; read
the other way round they say for each case what is lost. One pass answers for all cases.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from app.analysis.alternatives import can_lead, groups, leader, members_needed
from app.analysis.cutsets import DOWN, RequirementGraph
from app.analysis.requirements import Up
from app.analysis.words import listed
from app.model.containers import Cluster
from app.model.design import Design
from app.model.traffic import Client

MOST_NAMED = 4  # parts in a sentence


class Thinned(NamedTuple):
    """Parts that stand in for each other, of which `left` still work: enough, but not all."""

    parts: tuple[str, ...]
    left: int


@dataclass(slots=True)
class Blast:
    """What one failure takes away, beside what fails itself.

    `flows` stop. `capabilities` are those that a part has no longer: `read`, `write`, or one in
    the user's own words. `thinned` lose redundancy. `traffic` is the share of the requests a second
    that the stopped flows bring, None where no flow has a rate.
    """

    flows: list[str] = field(default_factory=list)
    capabilities: dict[str, list[str]] = field(default_factory=dict)
    thinned: list[Thinned] = field(default_factory=list)
    traffic: float | None = None


def blasts(graph: RequirementGraph, happened: Mapping[str, int], count: int) -> tuple[Blast, ...]:
    """Return what is lost in each of `count` cases.

    `happened` has for what fails its cases, as bits: for all components, also those that carry no
    failure event. What does not work as drawn is not lost.
    """
    masks = graph.masks_in(happened, count)
    found = tuple(Blast() for _ in range(count))
    for flow, number in graph.flows.items():
        for case in _cases(0 if graph.dead(flow) else masks[number]):
            found[case].flows.append(flow)
    for up, number in _abilities(graph):
        for case in _cases(masks[number] & ~happened.get(up.component, 0)):
            told = found[case].capabilities.setdefault(up.component, [])
            if up.capability not in told:
                told.append(up.capability)
    for parts, (needed, numbers) in _pools(graph).items():
        _thin(found, parts, needed, [masks[number] for number in numbers])
    for blast in found:
        blast.traffic = _traffic(graph.design, blast.flows)
    return found


def _cases(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        mask ^= low
        yield low.bit_length() - 1


def _abilities(graph: RequirementGraph) -> Iterator[tuple[Up, int]]:
    """Yield what the parts can do as drawn; what users can do is a flow."""
    for statement, number in graph.number.items():
        if not isinstance(statement, Up) or statement.capability == "alive":
            continue
        item = graph.design.components.get(statement.component)
        if item is not None and not isinstance(item, Client) and not graph.masks[number] & DOWN:
            yield statement, number


def _pools(graph: RequirementGraph) -> dict[tuple[str, ...], tuple[int, list[int]]]:
    """Return the parts that stand in for each other: how many are needed, and their statements."""
    found: dict[tuple[str, ...], tuple[int, list[int]]] = {}
    able = dict(_abilities(graph))
    for up in [statement for statement in graph.number if isinstance(statement, Up)]:
        for parts, needed in _alternatives(graph.design, up):
            known = {part: able.get(Up(part, up.capability)) for part in parts}
            numbers = {part: number for part, number in known.items() if number is not None}
            if len(numbers) > 1:
                found.setdefault(tuple(sorted(numbers)), (needed, list(numbers.values())))
    return found


def _alternatives(design: Design, up: Up) -> Iterator[tuple[tuple[str, ...], int]]:
    item = design.components.get(up.component)
    if item is None or up.capability not in ("read", "write"):
        return
    if not isinstance(item, Cluster):
        for group in groups(design, up.component, up.capability):
            yield tuple(design.links[key].target for key in group.links), group.needed
    elif item.mode == "primary-replica" and up.capability == "write":
        first = leader(design, item)
        yield tuple(member for member in item.members if can_lead(design, member, first)), 1
    else:
        yield item.members, members_needed(item)


def _thin(found: tuple[Blast, ...], parts: tuple[str, ...], needed: int, lost: list[int]) -> None:
    touched = 0
    for mask in lost:
        touched |= mask
    for case in _cases(touched):
        left = sum(not mask >> case & 1 for mask in lost)
        if left >= needed:
            found[case].thinned.append(Thinned(parts, left))


def _traffic(design: Design, lost: list[str]) -> float | None:
    rates = {key: flow.requests_per_second for key, flow in design.flows.items()}
    known = {key: rate for key, rate in rates.items() if rate}
    if not known:
        return None
    return math.fsum(known.get(key, 0.0) for key in lost) / math.fsum(known.values())


def blast_words(design: Design, blast: Blast) -> Iterator[str]:
    """Yield what is lost beside the flows, a sentence each."""
    if blast.traffic:
        yield f"{blast.traffic:.0%} of the requests at the busiest time are lost."
    alike: dict[tuple[str, ...], list[str]] = {}
    for part, lost in blast.capabilities.items():
        alike.setdefault(tuple(sorted(lost)), []).append(part)
    for lost_by_all, parts in alike.items():
        yield f"{_named(design, parts)} can no longer {listed(lost_by_all, 'or')}."
    for parts_left, left in blast.thinned:
        yield f"Of {_named(design, parts_left)}, {left} {'is' if left == 1 else 'are'} left."


def _named(design: Design, parts: tuple[str, ...] | list[str]) -> str:
    names = [design.components[part].name for part in parts]
    more = len(names) - MOST_NAMED
    return listed([*names[:MOST_NAMED], f"{more} more"] if more > 1 else names)
