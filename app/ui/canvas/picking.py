"""What lies under a point: a card, a link, a container, from the top down."""

from collections.abc import Iterable
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF

from app.model.design import Design
from app.model.geometry import Rect
from app.model.sizes import TITLE
from app.model.traits import Trait
from app.ui.canvas.cards import TEXT_LEFT
from app.ui.canvas.routing import Box, Route
from app.ui.canvas.scene import Scene

REACH = 5.0  # pixels beside a link that still hit it


def card_at(scene: Scene, at: QPointF) -> str | None:
    """Return the card or note at a point of the scene; of several the one drawn on top."""
    found = scene.routes.ground.obstacles.meeting(_spot(at))
    if len(found) < 2:  # most of the time, and then there is nothing to order
        return next(iter(found), None)
    drawn = {key: order for order, key in enumerate(scene.parts)}
    return max(found, key=lambda key: (drawn.get(key, -1), key))


def link_at(scene: Scene, at: QPointF, reach: float = REACH) -> str | None:
    """Return the link nearest to a point, within reach of it."""
    x, y = at.x(), at.y()
    near = scene.routes.ground.tracks.through(Box(x - reach, y - reach, x + reach, y + reach))
    near |= scene.labels.under(Box(x - 1, y - 1, x + 1, y + 1))
    near &= scene.design.links.keys()
    if not near:
        return None
    return min(near, key=lambda key: (_distance(scene.routes.route(key), x, y), key))


def _distance(route: Route, x: float, y: float) -> float:
    return min(
        max(min(a[0], b[0]) - x, x - max(a[0], b[0]), min(a[1], b[1]) - y, y - max(a[1], b[1]))
        for a, b in pairwise(route)
    )


def container_at(scene: Scene, at: QPointF) -> str | None:
    """Return the innermost container at a point."""
    rects = scene.placing.rects
    found = scene.routes.fields.meeting(_spot(at))
    return min(found, key=lambda key: (rects[key][2] * rects[key][3], key), default=None)


def _spot(at: QPointF) -> Box:
    return Box(at.x() - 0.5, at.y() - 0.5, at.x() + 0.5, at.y() + 0.5)


def part_at(scene: Scene, at: QPointF) -> str | None:
    """Return the component at a point: a card, else the innermost container."""
    return card_at(scene, at) or container_at(scene, at)


def element_at(scene: Scene, at: QPointF, reach: float = REACH) -> str | None:
    """Return the component or link at a point, from the top down."""
    return card_at(scene, at) or link_at(scene, at, reach) or container_at(scene, at)


def within(scene: Scene, area: QRectF) -> set[str]:
    """Return what a rubber band takes: cards that it touches, containers and links inside it."""
    box = Box(area.left(), area.top(), area.right(), area.bottom())
    rects = scene.placing.rects
    found = scene.routes.ground.obstacles.meeting(box)
    fields = scene.routes.fields.meeting(box)
    found |= {key for key in fields if area.contains(QRectF(*rects[key]))}
    links = {link for key in found for link in scene.routes.links_at(key)}
    links &= scene.design.links.keys()
    return found | {key for key in links if found.issuperset(scene.routes.ends(key))}


def inside(rect: Rect, at: QPointF) -> bool:
    """Whether a point lies in a rectangle."""
    x, y, width, height = rect
    return x <= at.x() <= x + width and y <= at.y() <= y + height


def on_name(scene: Scene, key: str, at: QPointF) -> bool:
    """Whether a point is on the name of a component: there a double click renames."""
    name = name_area(scene, key)
    return name.contains(at)


def name_area(scene: Scene, key: str) -> QRectF:
    """Return where the name of a component is written, in scene coordinates."""
    x, y, width, _ = scene.placing.rects[key]
    item = scene.design.components[key]
    if Trait.CONTAINER in item.traits:
        return QRectF(x + 32, y + 3, min(width - 48, 220.0), TITLE - 4)
    if item.kind == "note":
        return QRectF(x + 8, y + 5, width - 16, 24)
    return QRectF(x + TEXT_LEFT - 4, y + 8, width - TEXT_LEFT - 4, 24)


def outermost(design: Design, keys: Iterable[str]) -> list[str]:
    """Return the components among some that lie in none of the others, in order of the design."""
    chosen = set(keys)
    return [
        key
        for key in design.components
        if key in chosen and chosen.isdisjoint(design.ancestors(key))
    ]
