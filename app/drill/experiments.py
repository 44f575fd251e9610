"""What is made to fail, one experiment at a time, and what the analysis predicts of it.

Predicted is the view in which nobody acts: what waits for a hand is down (`continuity`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from app.analysis import failover
from app.analysis.analysis import Analysis
from app.analysis.events import fails
from app.analysis.failure_table import failure_of, failure_table
from app.analysis.what_if import with_contents
from app.analysis.words import listed
from app.drill import DrillError
from app.model.containers import Server
from app.model.design import Design
from exporters.recipe import Recipe

How = Literal["kill", "pause", "cut"]
State = Literal["up", "down"]
LIKELIEST = 10  # pairs, where none are chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Parts that fail together, with the services that are stopped for it.

    `allowed` is for how many seconds a flow may be interrupted that is predicted to survive;
    `may_lose` whether the design lets acknowledged writes be lost.
    """

    failed: tuple[str, ...]
    name: str
    services: tuple[str, ...]
    predicted: Mapping[str, State]
    allowed: float
    may_lose: bool
    missing: tuple[str, ...] = ()  # names of parts that fail in the prediction, and run nowhere


class Program(NamedTuple):
    """The experiments of a drill, and in sentences what is no part of it."""

    experiments: tuple[Experiment, ...]
    left_out: tuple[str, ...]


class Wanted(NamedTuple):
    """What is to fail: single parts, whole servers, pairs; the last two of them chosen or all."""

    singles: bool = True
    hosts: bool = False
    pairs: bool = False
    chosen: tuple[tuple[str, str], ...] = ()  # pairs of ids; none: the likeliest
    only: frozenset[str] = frozenset()  # ids; empty: all


def program(analysis: Analysis, recipe: Recipe, wanted: Wanted, how: How) -> Program:
    """Return the experiments on a project, in the order in which they are carried out.

    Raises:
        DrillError: nothing that was asked for can be made to fail.
    """
    design = analysis.design
    able = tuple(key for key in recipe.parts if _fails(design, key))
    failing: list[tuple[str, ...]] = []
    if wanted.singles:
        failing += [(key,) for key in able]
    if wanted.hosts:
        failing += [(key,) for key in _hosts(design, recipe)]
    if wanted.pairs:
        failing += wanted.chosen or _likeliest(analysis, able)
    kept = [keys for keys in failing if not wanted.only or wanted.only.issuperset(keys)]
    if not kept:
        raise DrillError("nothing of what was asked for runs in this project and can fail")
    experiments = tuple(_experiment(analysis, recipe, keys, how) for keys in dict.fromkeys(kept))
    return Program(experiments, tuple(_left_out(design, recipe, able)) if wanted.singles else ())


def _fails(design: Design, key: str) -> bool:
    """Whether something is a part that can fail; what stands for a moving address is none."""
    return key in design.components and fails(design.components[key])


def _services(design: Design, recipe: Recipe, keys: Iterable[str]) -> tuple[str, ...]:
    """Return the services that stand for parts and for all that is in them."""
    inside = with_contents(design, tuple(keys))
    found = (
        service
        for key, services in recipe.parts.items()
        if key in inside and _fails(design, key)
        for service in services
    )
    return tuple(dict.fromkeys(found))


def _hosts(design: Design, recipe: Recipe) -> Iterator[str]:
    for key, item in design.components.items():
        if isinstance(item, Server) and _services(design, recipe, (key,)):
            yield key


def _likeliest(analysis: Analysis, able: Collection[str]) -> list[tuple[str, ...]]:
    """Return the pairs of parts that do more harm together than apart, the likeliest first."""
    table = failure_table(analysis, pairs=True)
    pairs = [item for item in table.failures if len(item.failed) > 1]
    pairs = [item for item in pairs if set(item.failed) <= set(able)]
    return [
        item.failed for item in sorted(pairs, key=lambda item: -(item.share or 0.0))[:LIKELIEST]
    ]


def _experiment(analysis: Analysis, recipe: Recipe, keys: tuple[str, ...], how: How) -> Experiment:
    design = analysis.design
    inside = with_contents(design, keys)
    states = failure_of(analysis, keys).states
    return Experiment(
        failed=keys,
        name=listed(design.components[key].name for key in keys),
        services=_services(design, recipe, keys),
        predicted={
            flow: "down" if state in ("down", "by hand") else "up" for flow, state in states.items()
        },
        allowed=failover.interruption(design, inside, silent=how != "kill"),
        may_lose=failover.may_lose_writes(design, inside),
        missing=tuple(
            design.components[key].name
            for key in sorted(inside)
            if key not in recipe.parts and fails(design.components[key]) and key not in keys
        ),
    )


def _left_out(design: Design, recipe: Recipe, able: Sequence[str]) -> Iterator[str]:
    """Yield what can fail in the design, and cannot be made to in the project."""
    absent = [
        design.components[key].name
        for key, item in design.components.items()
        if fails(item) and key not in able and not _services(design, recipe, (key,))
    ]
    if absent:
        yield f"No service stands for {listed(absent)}: nothing there can be made to fail."
