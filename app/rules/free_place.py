"""Where a fix puts a new part: near another one, on the grid, on nothing else."""

from app.model.design import Design
from app.model.edits import is_container
from app.model.geometry import CARD_HEIGHT, CARD_WIDTH, GRID, PADDING, TITLE, Rect, bounds, extent
from app.model.links import Place

MOST_STEPS = 200
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
