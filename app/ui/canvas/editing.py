"""What gestures do to a design, as pure functions; the view applies the result as one step."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from app.model import edits, wiring
from app.model.design import Design
from app.model.geometry import Rect
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID
from app.model.traits import Trait
from app.ui.canvas.picking import outermost

Corners = Mapping[str, tuple[float, float]]


def moved(
    design: Design, corners: Corners, parents: Mapping[str, str | None], rects: Mapping[str, Rect]
) -> Design:
    """Put components at corners and into containers.

    Containers that lose a part are pinned where they are (`rects`): the last part that leaves
    must not take them along.
    """
    left = {design.components[key].parent for key, parent in parents.items()
            if design.components[key].parent != parent}  # fmt: skip
    places = {
        key: replace(design.layout.get(key, Place()), x=rects[key][0], y=rects[key][1])
        for key in left
        if key is not None
    }
    for key, (x, y) in corners.items():
        places[key] = replace(design.layout.get(key, Place()), x=x, y=y)
    after = edits.move(design, places)
    for key, parent in parents.items():
        after = edits.nest(after, (key,), parent)
    return after


def with_contents(design: Design, keys: Iterable[str]) -> list[str]:
    """Return components with everything inside them, each once."""
    found: dict[str, None] = {}
    for key in outermost(design, keys):
        found[key] = None
        found.update(dict.fromkeys(design.descendants(key)))
    return list(found)


def nudged(design: Design, keys: Iterable[str], dx: float, dy: float, rects: Mapping[str, Rect]
           ) -> Design:  # fmt: skip
    """Move components, with what is inside them, by a few pixels."""
    corners = {key: (rects[key][0] + dx, rects[key][1] + dy) for key in with_contents(design, keys)}
    return moved(design, corners, {}, rects)


def connected(design: Design, source: str, target: str) -> tuple[Design, tuple[str, ...]]:
    """Draw the links that make sense between two components.

    Raises:
        DesignError: none does; the message says why.
    """
    made = []
    for link in wiring.propose(design, source, target):
        values = {name: value for name, value in vars(link).items()
                  if name not in ("source", "target")}  # fmt: skip
        design, key = edits.connect(design, link.source, link.target, **values)
        made.append(key)
    return design, tuple(made)


def duplicated(design: Design, keys: Collection[str], dx: float, dy: float
               ) -> tuple[Design, tuple[str, ...]]:  # fmt: skip
    """Copy components with what is inside them and the links between them, in the same places."""
    roots = outermost(design, keys)
    fragment = edits.extract(design, roots)
    homes = {key: design.components[key].parent for key in roots}
    after, new = edits.paste(design, fragment, dx, dy, homes)
    names = dict(zip(fragment.components, new, strict=True))
    return after, tuple(names[key] for key in roots)


def cards(design: Design, rects: Mapping[str, Rect]) -> list[Rect]:
    """Return the rectangles of what is no container."""
    return [rect for key, rect in rects.items()
            if key not in design.components
            or Trait.CONTAINER not in design.components[key].traits]  # fmt: skip


def free_spot(x: float, y: float, taken: Collection[Rect]) -> tuple[float, float]:
    """Return a corner near a point, on the grid, where a card covers no other."""
    x, y = round(x / GRID) * GRID, round(y / GRID) * GRID
    step_x, step_y = CARD_WIDTH + 2 * GRID - CARD_WIDTH % GRID + GRID, CARD_HEIGHT + 1.5 * GRID
    for ring in range(12):
        for across, down in _ring(ring):
            spot = x + across * step_x, round((y + down * step_y) / GRID) * GRID
            if not any(_covers(card, spot) for card in taken):
                return spot
    return x, y


def _ring(ring: int) -> Iterable[tuple[int, int]]:
    if ring == 0:
        return [(0, 0)]
    cells = [(a, b) for a in range(-ring, ring + 1) for b in range(-ring, ring + 1)]
    edge = [cell for cell in cells if max(map(abs, cell)) == ring]
    return sorted(edge, key=lambda cell: (abs(cell[0]) + abs(cell[1]), -cell[1], -cell[0]))


def _covers(card: Rect, spot: tuple[float, float]) -> bool:
    x, y, width, height = card
    return (
        x < spot[0] + CARD_WIDTH + 12
        and spot[0] < x + width + 12
        and y < spot[1] + CARD_HEIGHT + 12
        and spot[1] < y + height + 12
    )


def tidied(design: Design) -> Design:
    """Lay the whole design out in layers."""
    from app.ui.canvas.arrange import arrange

    return edits.move(design, arrange(design))
