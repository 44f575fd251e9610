"""The canvas of the product, in a window of its own."""

from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from app.model.sizes import CARD_HEIGHT, CARD_WIDTH
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from app.ui.raster import fill_in_one_thread
from app.ui.theme import LIGHT
from benchmarks import designs


class LoadpathCanvas:
    """The cards of the drawing and its links, with the containers around them on top."""

    def __init__(self, drawing: dict[str, Any]) -> None:
        """Take the design that the drawing was made from."""
        fill_in_one_thread()  # as the program does
        self._subject = designs.make(drawing["size"])
        self._document = Document(self._subject.design)

    @property
    def focus(self) -> int:
        """The place of the card to look at among all cards."""
        return self._subject.cards.index(self._subject.focus)

    def build(self) -> None:
        """Make the view."""
        self._view = CanvasView(self._document, LIGHT)

    def viewport(self) -> QWidget:
        """Return the widget that paints."""
        return self._view.viewport()

    def fit_all(self) -> None:
        """Bring everything into view."""
        self._view.fit_all()

    def actual_size(self, index: int) -> None:
        """Show a card in the middle at 100 %."""
        self._view.zoom_reset()
        x, y = self.card_position(index)
        self._view.centerOn(x + CARD_WIDTH / 2, y + CARD_HEIGHT / 2)

    def card_point(self, index: int) -> QPoint:
        """Return the middle of a card."""
        x, y = self.card_position(index)
        return self._view.mapFromScene(x + CARD_WIDTH / 2, y + CARD_HEIGHT / 2)

    def free_point(self) -> QPoint:
        """Return a point low in the view: the middle button pans from anywhere."""
        return QPoint(800, 930)

    def card_position(self, index: int) -> tuple[float, float]:
        """Return where the document has a card."""
        place = self._document.design.layout[self._subject.cards[index]]
        return place.x, place.y


make = LoadpathCanvas
