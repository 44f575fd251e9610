"""Evidence comes into view, and what is in view stays where it is."""

from app.ui.canvas.view import CanvasView
from tests.ui.canvas.conftest import Hands


def test_a_part_in_view_does_not_move(view: CanvasView, hands: Hands) -> None:
    before = hands.spot(*hands.middle("lb-1"))

    view.centre_on(("lb-1",))

    assert hands.spot(*hands.middle("lb-1")) == before


def test_a_part_out_of_view_comes_into_its_middle(view: CanvasView, hands: Hands) -> None:
    view.horizontalScrollBar().setValue(view.horizontalScrollBar().maximum())
    assert not view.viewport().rect().contains(hands.spot(*hands.middle("lb-1")))

    view.centre_on(("lb-1",))

    off = hands.spot(*hands.middle("lb-1")) - view.viewport().rect().center()
    assert off.manhattanLength() < 8
