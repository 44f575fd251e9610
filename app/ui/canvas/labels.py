"""Where the labels of links lie: on a long run, off cards, off other labels and other links."""

from itertools import islice

from app.model.links import Link
from app.ui.canvas.cards import Label
from app.ui.canvas.link_item import labels, spots
from app.ui.canvas.routing import Box, Ground, Obstacles, Route
from app.ui.theme import Theme

_AIR = 2.0


class Labels:
    """The areas that labels take, by the id of the link."""

    def __init__(self, ground: Ground, theme: Theme) -> None:
        """Take the cards and links that labels keep off."""
        self.ground = ground
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

    def find(
        self, link_id: str, link: Link, route: Route, *, live: bool = False
    ) -> tuple[Label, float, float] | None:
        """Return the fullest label that fits with its corner, and take the area.

        None where none fits off cards, other labels and other links. A `live` label stays where it
        was on the link, if it can.
        """
        self._taken.discard(link_id)
        before = self._chosen.get(link_id) if live else None
        if before is not None:
            spot = next(islice(spots(route, before[0].width), before[1], before[1] + 1), None)
            if spot is not None and self._free(spot):
                return self._take(link_id, before[0], spot)
        for label in labels(link, self._theme):
            for number, spot in enumerate(spots(route, label.width)):
                if self._free(spot) and not self.ground.tracks.through(spot) - {link_id}:
                    self._chosen[link_id] = label, number
                    return self._take(link_id, label, spot)
        return None

    def _free(self, spot: Box) -> bool:
        area = Box(spot.left - _AIR, spot.top - _AIR, spot.right + _AIR, spot.bottom + _AIR)
        return not self.ground.obstacles.meeting(area) and not self._taken.meeting(area)

    def _take(self, link_id: str, label: Label, spot: Box) -> tuple[Label, float, float]:
        self._taken.put(link_id, spot)
        return label, spot.left, spot.top
