"""Cards and links lie in bundles: a frame looks at few items, and each stays where it was."""

from app.model import edits
from app.ui.canvas.bundles import SIZE, Raised
from app.ui.canvas.view import CanvasView
from app.ui.document import Document

ABOVE = 85.0


def _overlapping(document: Document) -> str:
    """Put a card on `lb-1`, and return its id."""
    place = document.design.layout["lb-1"]
    after, new = edits.add(document.design, "cache", place)
    document.apply("Add a cache", after)
    return new


def test_a_bundle_stands_for_many_links(view: CanvasView, document: Document) -> None:
    design = document.design
    while len(design.links) < 4 * SIZE:
        design = edits.paste(design, edits.extract(design, list(design.components)), 24, 24)[0]
    document.apply("Paste many times", design)
    view.stage.finish()
    bundles = {id(item.parentItem()) for item in view.stage.links.values()}
    assert None not in {item.parentItem() for item in view.stage.links.values()}
    assert len(bundles) <= len(design.links) / SIZE + 1


def test_what_is_raised_comes_back_under_what_it_was_under(
    view: CanvasView, document: Document
) -> None:
    _overlapping(document)
    stage = view.stage
    before = view.grab().toImage()
    raised = Raised(stage)
    for key in list(stage.parts):
        raised.add(stage.parts[key], ABOVE)
    for key in stage.links:
        raised.add(stage.links[key], ABOVE + 1)
    assert view.grab().toImage() != before

    raised.clear()

    assert not raised
    assert view.grab().toImage() == before


def test_one_card_is_lifted_over_another_and_let_down(view: CanvasView, document: Document) -> None:
    _overlapping(document)
    before = view.grab().toImage()
    raised = Raised(view.stage)

    raised.add(view.stage.parts["lb-1"], ABOVE)
    assert view.grab().toImage() != before
    raised.clear()

    assert view.grab().toImage() == before


def test_what_went_while_it_was_raised_does_not_come_back(
    view: CanvasView, document: Document
) -> None:
    new = _overlapping(document)
    raised = Raised(view.stage)
    lifted = view.stage.parts[new]
    raised.add(lifted, ABOVE)
    raised.add(view.stage.parts["lb-1"], ABOVE)
    document.undo_stack.undo()

    raised.clear()

    assert lifted.scene() is None
    assert view.stage.parts["lb-1"].scene() is view.stage
