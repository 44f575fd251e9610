"""The commands of the canvas: each changes the document in one step, returns what is selected."""

from collections.abc import Collection, Mapping
from itertools import product
from math import hypot

from app.model import edits
from app.model.design import Design
from app.model.errors import DesignError
from app.model.geometry import Rect, bounds, extent
from app.model.kinds import kind_named
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID
from app.model.traits import Trait
from app.rules.free_place import meet
from app.ui.canvas import clipboard, editing
from app.ui.canvas.guides import to_grid
from app.ui.canvas.tools import allowed, naming
from app.ui.document import Document

Ids = tuple[str, ...]
OFFSET = 2 * GRID  # between a part and its copy
_STEPS = range(-16, 17)  # of OFFSET, in which room for what is pasted is looked for
_SEARCHED = sorted(product(_STEPS, repeat=2), key=lambda step: (hypot(*step), step))


def delete(document: Document, chosen: Ids) -> None:
    """Delete components and links."""
    if chosen:
        after = edits.remove(document.design, chosen)
        document.apply(f"Delete {naming(document.design, _components(document, chosen))}", after)


def duplicate(document: Document, chosen: Ids) -> Ids:
    """Copy components beside themselves."""
    keys = _components(document, chosen)
    if not keys:
        return chosen
    after, new = editing.duplicated(document.design, keys, OFFSET, OFFSET)
    document.apply(f"Duplicate {naming(document.design, keys)}", after)
    return new


def copy(document: Document, chosen: Ids) -> bool:
    """Put components on the clipboard."""
    return clipboard.put(document.design, _components(document, chosen))


def paste(document: Document, middle: tuple[float, float]) -> Ids | None:
    """Add what is on the clipboard around a point; None if it holds no design."""
    fragment = clipboard.get()
    if fragment is None or not fragment.components:
        return None
    left, top, width, height = extent(fragment)
    dx, dy = _free_offset(
        document.design,
        (left, top, width, height),
        to_grid(middle[0] - left - width / 2),
        to_grid(middle[1] - top - height / 2),
    )
    after, new = edits.paste(document.design, fragment, dx, dy)
    document.apply(f"Paste {naming(after, new)}", after)
    return new


def _free_offset(design: Design, area: Rect, dx: float, dy: float) -> tuple[float, float]:
    """Return the offset nearest to (dx, dy) at which an area lies on nothing, pixels."""
    taken = [bounds(design, key) for key, item in design.components.items() if item.parent is None]
    x, y, width, height = area
    for across, down in _SEARCHED:
        at = dx + across * OFFSET, dy + down * OFFSET
        spot = (x + at[0] - GRID, y + at[1] - GRID, width + 2 * GRID, height + 2 * GRID)
        if not any(meet(spot, other) for other in taken):
            return at
    return dx + OFFSET, dy + OFFSET


def nudge(
    document: Document, chosen: Ids, step: tuple[float, float], rects: Mapping[str, Rect]
) -> None:
    """Move components by pixels; steps that follow each other are one."""
    keys = _components(document, chosen)
    if keys:
        after = editing.nudged(document.design, keys, *step, rects)
        document.apply(f"Nudge {naming(document.design, keys)}", after, ("nudge", keys))


def rename(document: Document, key: str, name: str) -> str | None:
    """Give a component another name; returns why that is impossible, if it is."""
    try:
        after = edits.set_fields(document.design, key, name=name.strip())
    except DesignError as error:
        return str(error)
    document.apply(f"Rename {document.design.components[key].name}", after)
    return None


def add(
    document: Document, kind: str, corner: tuple[float, float], parent: str | None
) -> str | None:
    """Add a component of a kind with its corner at a point, in a container."""
    x, y = (to_grid(value) for value in corner)
    after, key = edits.add(document.design, kind, Place(x=x, y=y))
    parent = allowed(after, key, parent)
    if parent is not None:
        after = edits.nest(after, (key,), parent)
    document.apply(f"Add {after.components[key].name}", after)
    return key


def add_beside(
    document: Document,
    kind: str,
    chosen: Ids,
    middle: tuple[float, float],
    rects: Mapping[str, Rect],
) -> str | None:
    """Add a component: into a selected container, beside a selected part, or at a point."""
    design = document.design
    keys = _components(document, chosen)
    if not keys:
        x, y = middle[0] - CARD_WIDTH / 2, middle[1] - CARD_HEIGHT / 2
        return add(document, kind, editing.free_spot(x, y, editing.cards(design, rects)), None)
    x, y, width, _ = rects[keys[-1]]
    if Trait.CONTAINER in design.components[keys[-1]].traits:
        spot = _inside(design, keys[-1], rects)
        return add(document, kind, spot, keys[-1])
    spot = editing.free_spot(x + width + 3 * GRID, y, editing.cards(design, rects))
    parent = design.components[keys[-1]].parent
    if Trait.CONTAINER in kind_named(kind).traits:
        parent = None
    return add(document, kind, spot, parent)


def _inside(design: Design, key: str, rects: Mapping[str, Rect]) -> tuple[float, float]:
    """A free corner in a container: under the parts that it holds."""
    x, y, _, _ = rects[key]
    inner = [rects[child] for child in design.children[key]]
    if not inner:
        return x + GRID, y + 2 * GRID
    return min(rect[0] for rect in inner), max(rect[1] + rect[3] for rect in inner) + GRID


def _components(document: Document, chosen: Collection[str]) -> Ids:
    return tuple(key for key in chosen if key in document.design.components)
