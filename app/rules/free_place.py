"""Where a fix puts a new part: near another one, on the grid, on nothing else."""

from collections.abc import Iterable
from dataclasses import replace

from app.model import edits
from app.model.design import Design
from app.model.edits import is_container
from app.model.geometry import Rect, bounds, extent
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID, PADDING, TITLE

MOST_STEPS = 200
FARTHEST = 14  # double steps of the grid that a copy may be away from its original
FRAME = TITLE + PADDING  # what a new server adds around its card
Direction = tuple[int, int]
BELOW: Direction = (0, 1)
RIGHT: Direction = (1, 0)


def place_near(
    design: Design, component_id: str, direction: Direction = BELOW, frame: float = 0.0
) -> Place:
    """Return a free place beside a component for a card with `frame` pixels around it."""
    x, y, width, height = bounds(design, component_id)
    dx, dy = direction
    left = x + dx * (width + GRID) + frame * dx
    top = y + dy * (height + GRID) + frame * dy
    if is_container(design.components[component_id]) and not dx:
        left = x + PADDING
    for _ in range(MOST_STEPS):
        place = Place(x=_snap(left), y=_snap(top))
        if not _taken(design, place, frame):
            return place
        left, top = left + dx * GRID, top + dy * GRID
    return Place(x=_snap(left), y=_snap(top))


def corner(design: Design) -> Place:
    """Return a place to the left of everything."""
    left, top, _, _ = extent(design)
    return Place(x=_snap(left - CARD_WIDTH - 3 * GRID), y=_snap(top + FRAME))


def _snap(value: float) -> float:
    return round(value / (GRID / 2)) * (GRID / 2)


def _taken(design: Design, place: Place, frame: float) -> bool:
    room = 12.0 + frame
    mine = (place.x - room, place.y - room, CARD_WIDTH + 2 * room, CARD_HEIGHT + 2 * room)
    return any(
        meet(mine, bounds(design, key))
        for key, item in design.components.items()
        if not is_container(item) or (frame and item.kind == "server")
    )


def meet(one: Rect, other: Rect) -> bool:
    """Whether two rectangles lie on each other."""
    return (
        one[0] < other[0] + other[2]
        and other[0] < one[0] + one[2]
        and one[1] < other[1] + other[3]
        and other[1] < one[1] + one[3]
    )


def make_room(
    design: Design, frame: Rect, parent: str | None, own: Iterable[str] | None = None
) -> tuple[Design, float, float]:
    """Find how far to shift a rectangle until it lies free in a container, pixels.

    As near as there is room without any container growing over something else. Where there is
    none, it goes below, and what lies lower moves down with the machine that it is on. The parts
    that are its `own` are in nobody's way, and it may stay where it is if they are given.
    """
    around = _around(edits.remove(design, own) if own else design, parent)
    stay = [(0.0, 0.0)] if own is not None else []
    for dx, dy in (*stay, *_shifts(frame)):
        if _fits(_shifted(frame, dx, dy), around):
            return design, dx, dy
    down = _up_to_grid(frame[3] + GRID)
    return _moved_down(design, frame[1] + frame[3], down), 0.0, down


def cleared(design: Design, place: Place, parent: str | None) -> tuple[Design, Place]:
    """Return a place for a card in a container: the one that is wished, else the next free one."""
    frame = (place.x, place.y, CARD_WIDTH, CARD_HEIGHT)
    design, dx, dy = make_room(design, frame, parent, own=())
    return design, replace(place, x=place.x + dx, y=place.y + dy)


def _moved_down(design: Design, line: float, down: float) -> Design:
    """Move down whatever begins below a line; machines and their parts stay together."""
    places = {}
    for key, place in design.layout.items():
        host = design.host(key)
        top = bounds(design, host)[1] if host else place.y
        if top >= line:
            places[key] = replace(place, y=place.y + down)
    return edits.move(design, places)


def _around(design: Design, parent: str | None) -> list[tuple[Rect | None, list[Rect]]]:
    """Return for the container, and for each one around it, its rectangle and its neighbours'."""
    fresh = _fresh(design)
    while parent in fresh:
        parent = design.components[parent].parent
    drawn = edits.remove(design, fresh)
    levels: list[tuple[Rect | None, list[Rect]]] = []
    inside: str | None = None
    here = parent
    while True:
        siblings = [
            bounds(drawn, key)
            for key, item in drawn.components.items()
            if item.parent == here and key != inside
        ]
        levels.append((bounds(drawn, inside) if inside else None, siblings))
        if here is None:
            return levels
        inside, here = here, drawn.components[here].parent


def _fresh(design: Design) -> frozenset[str]:
    """Return the containers that a fix has just made: they have no place and hold nothing yet."""
    holding = {
        holder
        for key, item in design.components.items()
        if key in design.layout or not is_container(item)
        for holder in design.ancestors(key)
    }
    return frozenset(
        key
        for key, item in design.components.items()
        if is_container(item) and key not in design.layout and key not in holding
    )


def _fits(frame: Rect, around: list[tuple[Rect | None, list[Rect]]]) -> bool:
    grown = frame
    for holder, siblings in around:
        if holder is not None:
            grown = _union(holder, grown)
            if grown == holder:
                return True  # nothing further out changes
        if any(meet(_with_margin(grown), other) for other in siblings):
            return False
    return True


def _union(holder: Rect, inner: Rect) -> Rect:
    """Return a container's rectangle after it has grown around what is put into it."""
    left = min(holder[0], inner[0] - PADDING)
    top = min(holder[1], inner[1] - TITLE - PADDING / 2)
    right = max(holder[0] + holder[2], inner[0] + inner[2] + PADDING)
    bottom = max(holder[1] + holder[3], inner[1] + inner[3] + PADDING)
    return left, top, right - left, bottom - top


def _with_margin(rect: Rect) -> Rect:
    room = GRID / 2 - 1
    return rect[0] - room, rect[1] - room, rect[2] + 2 * room, rect[3] + 2 * room


def _shifted(rect: Rect, dx: float, dy: float) -> Rect:
    return rect[0] + dx, rect[1] + dy, rect[2], rect[3]


def _shifts(frame: Rect) -> list[tuple[float, float]]:
    """Return the ways to go, nearest first: straight before aslant, down before up."""
    width, height = _up_to_grid(frame[2] + GRID), _up_to_grid(frame[3] + GRID)
    across = [
        0.0,
        *(sign * (width + step * 2 * GRID) for step in range(FARTHEST) for sign in (1, -1)),
    ]
    along = [
        0.0,
        *(sign * (height + step * 2 * GRID) for step in range(FARTHEST) for sign in (1, -1)),
    ]
    ways = [(dx, dy) for dx in across for dy in along if dx or dy]
    return sorted(ways, key=lambda way: (abs(way[0]) + abs(way[1]), way[0] != 0, -way[1], -way[0]))


def _up_to_grid(length: float) -> float:
    return -(-length // GRID) * GRID
