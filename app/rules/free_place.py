"""Where a fix puts a new part: near another one, on the grid, on nothing else."""

from collections.abc import Iterator
from dataclasses import replace

from app.model import edits
from app.model.design import Design
from app.model.edits import is_container
from app.model.geometry import CARD_HEIGHT, CARD_WIDTH, GRID, PADDING, TITLE, Rect, bounds, extent
from app.model.links import Place

MOST_STEPS = 200
FARTHEST = 40  # steps of the grid that a copy may be away from its original
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


def make_room(design: Design, frame: Rect, parent: str | None) -> tuple[Design, float, float]:
    """Find how far to shift a rectangle until it lies free in a container, pixels.

    Below, right, above or left of where it is, as near as there is room without any container
    growing over something else. Where there is none, what lies lower is moved down instead.
    """
    around = _around(design, parent)
    for dx, dy in _shifts(frame):
        if _fits(_shifted(frame, dx, dy), around):
            return design, dx, dy
    _, top, _, height = frame
    down = _up_to_grid(height + GRID)
    places = {
        key: replace(place, y=place.y + down)
        for key, place in design.layout.items()
        if place.y >= top + height
    }
    return edits.move(design, places), 0.0, down


def _around(design: Design, parent: str | None) -> list[tuple[Rect | None, list[Rect]]]:
    """Return for the container, and for each one around it, its rectangle and its neighbours'."""
    levels: list[tuple[Rect | None, list[Rect]]] = []
    inside: str | None = None
    here = parent
    while True:
        holder = bounds(design, inside) if inside and not _empty(design, inside) else None
        siblings = [
            bounds(design, key)
            for key, item in design.components.items()
            if item.parent == here and key != inside and not _empty(design, key)
        ]
        levels.append((holder, siblings))
        if here is None:
            return levels
        inside, here = here, design.components[here].parent


def _empty(design: Design, component_id: str) -> bool:
    """Whether a container was just made: it has no place yet."""
    return component_id not in design.layout and not design.children[component_id]


def _fits(frame: Rect, around: list[tuple[Rect | None, list[Rect]]]) -> bool:
    grown = frame
    for holder, siblings in around:
        grown = _union(holder, grown) if holder else grown
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


def _shifts(frame: Rect) -> Iterator[tuple[float, float]]:
    width, height = _up_to_grid(frame[2] + GRID), _up_to_grid(frame[3] + GRID)
    for step in range(FARTHEST):
        far = step * GRID
        yield 0.0, height + far
        yield width + far, 0.0
        yield 0.0, -height - far
        yield -width - far, 0.0


def _up_to_grid(length: float) -> float:
    return -(-length // GRID) * GRID
