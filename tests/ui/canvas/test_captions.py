"""The names that are read from afar."""

from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage

from app.model import edits
from app.model.design import Design
from app.model.links import Place
from app.rules.check import check
from app.rules.registry import Witness
from app.ui.canvas.captions import LONGEST, Captions
from app.ui.canvas.view import CanvasView
from app.ui.document import Document


def seen(view: CanvasView) -> QImage:
    return view.grab().toImage()


def named(view: CanvasView) -> list[str]:
    """Return the names that are written, after a paint."""
    seen(view)
    return [name for name, _, _ in view.far.captions.shown]


def areas(captions: Captions, scale: float) -> list[QRectF]:
    """Return where names lie, as wide as they are at least: half of it is left of the middle."""
    return [
        QRectF(spot * scale + offset, spot * scale + offset + QPointF(-2 * offset.x(), 10))
        for _, spot, offset in captions.shown
    ]


def crowd(count: int, apart: float) -> Design:
    design = Design()
    for number in range(count):
        design, _ = edits.add(design, "cache", Place(x=number * apart, y=0), name=f"cache {number}")
    return design


def test_parts_in_trouble_are_named_from_afar_and_others_are_not(
    view: CanvasView, document: Document
) -> None:
    view.show_findings(check(document.design))
    view.zoom_to(0.15)
    critical = {key for key, worst in view.stage.marks.severities.items() if worst == "critical"}
    names = {document.design.components[key].name for key in critical}
    assert {*named(view)} == names
    assert names


def test_names_have_one_size_at_any_scale(view: CanvasView) -> None:
    view.stage.mark({"lb-1": "critical"})
    offsets = []
    for zoom in (0.19, 0.1, 0.05):
        view.zoom_to(zoom)
        assert named(view) == [view.document.design.components["lb-1"].name]
        offsets.append(view.far.captions.shown[0][2])
    assert offsets[0] == offsets[1] == offsets[2]


@pytest.mark.parametrize("apart", [0.0, 264.0, 1_000.0])
@pytest.mark.parametrize("zoom", [0.05, 0.15])
def test_no_name_lies_on_another(
    view: CanvasView, document: Document, apart: float, zoom: float
) -> None:
    design = crowd(60, apart)
    document.apply("Draw", design)
    view.stage.mark(dict.fromkeys(design.components, "critical"))
    view.fit_all()
    view.zoom_to(zoom)
    names = named(view)
    assert 1 <= len(names) <= 60
    assert len(names) == 60 or apart < 1_000
    pairs = combinations(areas(view.far.captions, zoom), 2)
    assert not any(one.intersects(other) for one, other in pairs)


def test_evidence_names_what_it_is_about(view: CanvasView, document: Document) -> None:
    view.stage.mark({"db-1": "critical"})
    view.zoom_to(0.1)
    view.show_evidence(Witness(path=("users-1", "lb-1"), cut=("lb-1",)))
    parts = document.design.components
    assert {*named(view)} == {parts["users-1"].name, parts["lb-1"].name}
    view.show_evidence(None)
    assert named(view) == [parts["db-1"].name]


def test_a_long_name_is_cut(view: CanvasView, document: Document) -> None:
    document.apply("Rename", edits.set_fields(document.design, "lb-1", name="n" * 120))
    view.stage.mark({"lb-1": "critical"})
    view.zoom_to(0.1)
    assert named(view) == ["n" * 120]
    assert -2 * view.far.captions.shown[0][2].x() <= LONGEST + 10


def test_a_name_can_be_seen(view: CanvasView) -> None:
    view.zoom_to(0.1)
    before = seen(view)
    view.stage.mark({"lb-1": "critical"})
    with_name = seen(view)
    view.far.captions.hide()
    view.viewport().update()
    assert before != seen(view) != with_name
