"""Where the labels of links lie: on a long run, off cards, off other labels and other links."""

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

    def discard(self, link_id: str) -> None:
        """Free the area of a label."""
        self._taken.discard(link_id)

    def under(self, area: Box) -> set[str]:
        """Return the links whose labels lie in an area."""
        return self._taken.meeting(area)

    def find(self, link_id: str, link: Link, route: Route) -> tuple[Label, float, float] | None:
        """Return the fullest label that fits with its corner, and take the area.

        None where none fits. Lying across another link is the last choice.
        """
        self._taken.discard(link_id)
        crossed: tuple[Label, Box] | None = None
        for label in labels(link, self._theme):
            for spot in spots(route, label.width):
                if not self._free(spot):
                    continue
                if not self.ground.tracks.through(spot) - {link_id}:
                    return self._take(link_id, label, spot)
                crossed = crossed or (label, spot)
        return self._take(link_id, *crossed) if crossed and crossed[0].text else None

    def _free(self, spot: Box) -> bool:
        area = Box(spot.left - _AIR, spot.top - _AIR, spot.right + _AIR, spot.bottom + _AIR)
        return not self.ground.obstacles.meeting(area) and not self._taken.meeting(area)

    def _take(self, link_id: str, label: Label, spot: Box) -> tuple[Label, float, float]:
        self._taken.put(link_id, spot)
        return label, spot.left, spot.top
