"""Where fixes put parts: near others, on the grid, on nothing else, where they may be drawn."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.model import edits
from app.model.design import Design
from app.model.edits import is_container
from app.model.geometry import Rect, bounds, extent
from app.model.links import FARTHEST, Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID, PADDING, TITLE

MOST_STEPS = 200
MOST_DOUBLE_STEPS = 14  # of the grid that a copy may be away from its original
FRAME = TITLE + PADDING  # what a new server adds around its card
Direction = tuple[int, int]
BELOW: Direction = (0, 1)
RIGHT: Direction = (1, 0)
ABOVE: Direction = (0, -1)
LEFT: Direction = (-1, 0)


def place_at(x: float, y: float) -> Place:
    """Return the place at a point, or the nearest one at which a part may be drawn."""
    return Place(x=_within(x), y=_within(y))


def shift(design: Design, parts: Iterable[str], dx: float = 0.0, dy: float = 0.0) -> Design:
    """Move parts that have a place, pixels; each as far as it may be drawn."""
    places = {
        key: replace(place, x=_within(place.x + dx), y=_within(place.y + dy))
        for key in parts
        if (place := design.layout.get(key)) is not None
    }
    return edits.move(design, places)


def can_shift(design: Design, parts: Iterable[str], dx: float = 0.0, dy: float = 0.0) -> bool:
    """Whether parts can all be moved so far, pixels."""
    places = (design.layout[key] for key in parts if key in design.layout)
    return all(abs(place.x + dx) <= FARTHEST and abs(place.y + dy) <= FARTHEST for place in places)


def _within(value: float) -> float:
    return min(max(value, -FARTHEST), FARTHEST)


def place_near(
    design: Design, component_id: str, direction: Direction = BELOW, frame: float = 0.0
) -> Place:
    """Return a free place beside a component for a card with `frame` pixels around it.

    It is on another side where there is none in the direction.
    """
    places = (
        place
        for side in dict.fromkeys((direction, BELOW, RIGHT, ABOVE, LEFT))
        for place in _row(design, component_id, side, frame)
        if not _taken(design, place, frame)
    )
    x, y, _, _ = bounds(design, component_id)
    return next(places, place_at(x + GRID, y + GRID))


def _row(design: Design, component_id: str, side: Direction, frame: float) -> Iterator[Place]:
    """Yield the places on one side of a component, nearest first."""
    x, y, width, height = bounds(design, component_id)
    dx, dy = side
    left = x + dx * ((width if dx > 0 else CARD_WIDTH) + GRID + frame)
    top = y + dy * ((height if dy > 0 else CARD_HEIGHT) + GRID + frame)
    if is_container(design.components[component_id]) and not dx:
        left = x + PADDING
    for step in range(MOST_STEPS):
        here, there = left + dx * step * GRID, top + dy * step * GRID
        if max(dx * here, dy * there) > FARTHEST:
            return
        yield place_at(_snap(here), _snap(there))


def corner(design: Design) -> tuple[Design, Place]:
    """Find a place to the left of everything, or the next free one."""
    left, top, _, _ = extent(design)
    wished = place_at(_snap(left - CARD_WIDTH - 3 * GRID), _snap(top + FRAME))
    return cleared(design, wished, None)


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
    none, it goes below, and what lies lower moves down with the machine that it is on; above where
    the edge of what may be drawn is in the way. The parts that are its `own` are in nobody's way,
    and it may stay where it is if they are given.
    """
    around = _around(edits.remove(design, own) if own else design, parent)
    in_x, in_y = _inwards(frame)
    near = _shifted(frame, in_x, in_y)
    stay = [(0.0, 0.0)] if own is not None else []
    for dx, dy in (*stay, *_shifts(frame)):
        tried = _shifted(near, dx, dy)
        if _may_be_drawn(tried) and _fits(tried, around):
            return design, in_x + dx, in_y + dy
    design, down = _opened(design, near)
    return design, in_x, in_y + down


def cleared(
    design: Design, place: Place, parent: str | None, frame: float = 0.0
) -> tuple[Design, Place]:
    """Return a place for a card in a container: the one that is wished, else the next free one.

    So many pixels around it are free as well.
    """
    left, top, width, height = place.x - frame, place.y - frame, 2 * frame, 2 * frame
    room = (left, top, CARD_WIDTH + width, CARD_HEIGHT + height)
    design, dx, dy = make_room(design, room, parent, own=())
    return design, place_at(place.x + dx, place.y + dy)


def _opened(design: Design, frame: Rect) -> tuple[Design, float]:
    """Move others until a rectangle has a gap below or above it; return how far down that is.

    0 pixels where neither they nor it can go as far out.
    """
    down = _up_to_grid(frame[3] + GRID)
    for way in (down, -down):
        others = beyond(design, frame, way)
        if _may_be_drawn(_shifted(frame, 0.0, way)) and can_shift(design, others, dy=way):
            return shift(design, others, dy=way), way
    return design, 0.0


def beyond(design: Design, frame: Rect, way: float) -> set[str]:
    """Return what begins below a rectangle, or ends above it; machines and their parts together."""
    rects = {key: bounds(design, design.host(key) or key) for key in design.layout}
    if way > 0:
        return {key for key, rect in rects.items() if rect[1] >= frame[1] + frame[3]}
    return {key for key, rect in rects.items() if rect[1] + rect[3] <= frame[1]}


def _inwards(frame: Rect) -> tuple[float, float]:
    """Return how far to shift a rectangle until the cards in it may be drawn, pixels."""
    left, top, width, height = frame
    right, bottom = left + max(width - CARD_WIDTH, 0.0), top + max(height - CARD_HEIGHT, 0.0)
    return _inwards_along(left, right), _inwards_along(top, bottom)


def _inwards_along(low: float, high: float) -> float:
    return _up_to_grid(max(-FARTHEST - low, 0.0)) - _up_to_grid(max(high - FARTHEST, 0.0))


def _may_be_drawn(frame: Rect) -> bool:
    return _inwards(frame) == (0.0, 0.0)


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
        *(
            sign * (width + step * 2 * GRID)
            for step in range(MOST_DOUBLE_STEPS)
            for sign in (1, -1)
        ),
    ]
    along = [
        0.0,
        *(
            sign * (height + step * 2 * GRID)
            for step in range(MOST_DOUBLE_STEPS)
            for sign in (1, -1)
        ),
    ]
    ways = [(dx, dy) for dx in across for dy in along if dx or dy]
    return sorted(ways, key=lambda way: (abs(way[0]) + abs(way[1]), way[0] != 0, -way[1], -way[0]))


def _up_to_grid(length: float) -> float:
    return -(-length // GRID) * GRID
