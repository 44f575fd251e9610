"""Cards that lie on each other: the mouse takes the one that is seen."""

from app.model import edits
from app.ui.canvas.view import CanvasView
from app.ui.document import Document
from tests.ui.canvas.conftest import Hands


def test_a_click_takes_the_card_on_top(view: CanvasView, document: Document, hands: Hands) -> None:
    at = hands.middle("web-1")
    x, y = hands.corner("web-1")
    place = document.design.layout["web-1"]
    after, new = edits.add(document.design, "cache", place)  # "cache-1" comes before "web-1"
    document.apply("Add cache-1", after)
    assert hands.corner(new) == (x, y)

    hands.click(*at)

    assert view.selection() == (new,)
