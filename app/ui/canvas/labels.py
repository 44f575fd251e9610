"""Where the labels of links lie: on a long run, off cards, off other labels and other links."""

from itertools import islice

from app.model.links import Link
from app.model.sizes import TITLE
from app.ui.canvas.cards import Label
from app.ui.canvas.link_item import labels, spots
from app.ui.canvas.routes import Routes
from app.ui.canvas.routing import Box, Obstacles, Route
from app.ui.theme import Theme

_AIR = 2.0
_TITLE_WIDTH = 150.0  # of the title of a container that a label keeps off


class Labels:
    """The areas that labels take, by the id of the link."""

    def __init__(self, routes: Routes, theme: Theme) -> None:
        """Take the cards, containers and links that labels keep off."""
        self._routes = routes
        self._theme = theme
        self._taken = Obstacles()
        self._chosen: dict[str, tuple[Label, int]] = {}  # the label and its how manieth spot

    def discard(self, link_id: str) -> None:
        """Free the area of a label."""
        self._taken.discard(link_id)
        self._chosen.pop(link_id, None)

    def under(self, area: Box) -> set[str]:
        """Return the links whose labels lie in an area."""
        return self._taken.meeting(area)

    def find(self, link_id: str, link: Link, route: Route) -> tuple[Label, float, float] | None:
        """Return the fullest label that fits with its corner, and take the area.

        None where none fits off cards, edges and titles of containers, other labels and links.
        While a gesture goes on a label stays where it was on the link, if it can.
        """
        self._taken.discard(link_id)
        if self._routes.live:
            return self._same(link_id, route)
        through = self._routes.ground.tracks.through
        for label in labels(link, self._theme):
            for number, spot in enumerate(spots(route, label.width)):
                if self._free(spot) and not through(spot) - {link_id}:
                    self._chosen[link_id] = label, number
                    return self._take(link_id, label, spot)
        return None

    def _same(self, link_id: str, route: Route) -> tuple[Label, float, float] | None:
        """The label as it was on the link before, or near there."""
        if link_id not in self._chosen:
            return None
        label, number = self._chosen[link_id]
        for first in (number, 0):
            for spot in islice(spots(route, label.width), first, first + 2):
                if self._free(spot):
                    return self._take(link_id, label, spot)
        return None

    def _free(self, spot: Box) -> bool:
        area = Box(spot.left - _AIR, spot.top - _AIR, spot.right + _AIR, spot.bottom + _AIR)
        if self._routes.ground.obstacles.meets(area) or self._taken.meets(area):
            return False
        fields = self._routes.fields
        return all(_rests_in(fields.boxes[key], area) for key in fields.meeting(area))

    def _take(self, link_id: str, label: Label, spot: Box) -> tuple[Label, float, float]:
        self._taken.put(link_id, spot)
        fields = self._routes.fields
        around = min(fields.meeting(spot), key=lambda key: _size(fields.boxes[key]), default=None)
        kind = self._routes.design.components[around].kind if around else ""
        return label._replace(ground=kind), spot.left, spot.top


def _rests_in(field: Box, area: Box) -> bool:
    """Whether an area lies inside a container, off its edge and its title."""
    if area.top < field.top + TITLE and area.left < field.left + _TITLE_WIDTH:
        return False
    return (
        field.left <= area.left
        and area.right <= field.right
        and field.top <= area.top
        and area.bottom <= field.bottom
    )


def _size(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)
