"""Rectangles of what is drawn, in pixels at 100 %: for the canvas, the samples and the exports."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.model.containers import Note
from app.model.design import Design
from app.model.links import Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, EMPTY_CONTAINER, NOTE_HEIGHT, PADDING, TITLE
from app.model.traits import Trait

if TYPE_CHECKING:
    from app.model.kinds import AnyComponent

Rect = tuple[float, float, float, float]  # x, y, width, height
_NOWHERE = Place()


def bounds(design: Design, component_id: str) -> Rect:
    """Return the rectangle of a component in scene coordinates, pixels.

    A container spans its children with padding and a band for its title, and is never smaller
    than the size that it was given.
    """
    item = design.components[component_id]
    place = design.layout.get(component_id, _NOWHERE)
    if Trait.CONTAINER not in item.traits:
        return leaf(item, place)
    return frame(place, [bounds(design, child) for child in design.children[component_id]])


def leaf(item: "AnyComponent", place: Place) -> Rect:
    """Return the rectangle of what holds nothing: a card, or a note with a size of its own."""
    if isinstance(item, Note):
        return place.x, place.y, place.width or CARD_WIDTH, place.height or NOTE_HEIGHT
    return place.x, place.y, CARD_WIDTH, CARD_HEIGHT


def frame(place: Place, inner: Sequence[Rect]) -> Rect:
    """Return the rectangle of a container around the rectangles of what it holds."""
    if not inner:
        width, height = EMPTY_CONTAINER
        return place.x, place.y, place.width or width, place.height or height
    left = min(x for x, _, _, _ in inner) - PADDING
    top = min(y for _, y, _, _ in inner) - TITLE - PADDING / 2
    right = max(x + width for x, _, width, _ in inner) + PADDING
    bottom = max(y + height for _, y, _, height in inner) + PADDING
    if place.width is not None and place.height is not None:
        left, top = min(left, place.x), min(top, place.y)
        right = max(right, place.x + place.width)
        bottom = max(bottom, place.y + place.height)
    return left, top, right - left, bottom - top


def extent(design: Design) -> Rect:
    """Return the rectangle around everything that is drawn, in pixels; empty for nothing."""
    rects = [bounds(design, key) for key, item in design.components.items() if item.parent is None]
    if not rects:
        return 0.0, 0.0, 0.0, 0.0
    left = min(x for x, _, _, _ in rects)
    top = min(y for _, y, _, _ in rects)
    right = max(x + width for x, _, width, _ in rects)
    bottom = max(y + height for _, y, _, height in rects)
    return left, top, right - left, bottom - top
