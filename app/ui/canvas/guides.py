"""Snapping: parts that are moved stick to the grid and to the edges and middles of others."""

from collections.abc import Iterable
from typing import NamedTuple

from app.model.geometry import Rect
from app.model.sizes import GRID

STICK = 6.0  # pixels on screen from which an edge attracts
MAGNET = 4.0  # pixels of the scene from which a line of the grid does
SETTLE = GRID / 2


class Guide(NamedTuple):
    """A line along which things are aligned: upright at x or level at y."""

    upright: bool
    at: float
    start: float
    end: float


class Snap(NamedTuple):
    """How far to move so that things are aligned, and the lines that show it."""

    dx: float
    dy: float
    guides: tuple[Guide, ...] = ()


def snapped(moving: Rect, others: Iterable[Rect], stick: float, *, settle: bool = False) -> Snap:
    """Return the shift that aligns a rectangle that is `moving` with others, or with the grid.

    Absolute positions are snapped, never distances. `settle` is for the end of a gesture: what no
    edge attracts then goes to the next half line of the grid.
    """
    near = list(others)
    dx, upright = _axis(moving, near, stick, axis=0)
    dy, level = _axis(moving, near, stick, axis=1)
    if upright is None:
        dx = _to_grid(moving[0], settle=settle)
    if level is None:
        dy = _to_grid(moving[1], settle=settle)
    return Snap(dx, dy, tuple(guide for guide in (upright, level) if guide))


def to_grid(value: float) -> float:
    """Return the line of the grid next to a coordinate."""
    return round(value / GRID) * GRID


def _to_grid(value: float, *, settle: bool) -> float:
    if settle:
        return round(value / SETTLE) * SETTLE - value
    off = to_grid(value) - value
    return off if abs(off) <= MAGNET else 0.0


def _axis(moving: Rect, others: list[Rect], stick: float, axis: int) -> tuple[float, Guide | None]:
    at, size = moving[axis], moving[axis + 2]
    best: tuple[float, float, float, Rect] | None = None
    for other in others:
        there, length = other[axis], other[axis + 2]
        pairs = (
            (at, there), (at + size / 2, there + length / 2), (at + size, there + length),
        )  # fmt: skip
        away = _gap(moving, other, axis)
        for mine, theirs in pairs:
            off = theirs - mine
            if abs(off) <= stick and (best is None or (abs(off), away) < (abs(best[0]), best[2])):
                best = off, theirs, away, other
    if best is None:
        return 0.0, None
    off, line, _, other = best
    cross = 1 - axis
    start = min(moving[cross], other[cross])
    end = max(moving[cross] + moving[cross + 2], other[cross] + other[cross + 2])
    return off, Guide(axis == 0, line, start, end)


def _gap(moving: Rect, other: Rect, axis: int) -> float:
    cross = 1 - axis
    return abs(moving[cross] - other[cross])
