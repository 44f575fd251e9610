"""What is drawn in pieces on the screen looks like what is drawn in one piece for a file."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsItem, QGraphicsScene

from app.model.links import Link
from app.ui.canvas.field import TiledField, VectorField
from app.ui.canvas.frame import Frame
from app.ui.canvas.link_item import LinkItem
from app.ui.theme import LIGHT

Route = list[tuple[float, float]]
ROUTES: tuple[Route, ...] = (
    [(10, 20), (90, 20)],
    [(10, 20), (50, 20), (50, 80), (90, 80)],
    [(10, 45), (80, 45), (80, 60), (20, 60), (20, 90)],
    [(10, 20), (15, 20), (15, 27), (90, 27)],  # corners with less room than their radius
)

LINK = Link(source="a", target="b", role="request", protocol="http")


def drawn(item: QGraphicsItem, scale: float) -> QImage:
    """Return 100 × 100 pixels of a scene with one item."""
    scene = QGraphicsScene(QRectF(0, 0, 100, 100))
    scene.addItem(item)
    side = round(100 * scale)
    image = QImage(side, side, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scene.render(painter, QRectF(0, 0, side, side), scene.sceneRect())
    painter.fillRect(QRectF(0, 0, 0.14 * side, side), QColor("white"))  # as if by a card
    painter.end()
    return image


def differences(one: QImage, other: QImage) -> list[int]:
    """Return by how much each pixel differs, of 255."""
    pairs = zip(bytes(one.constBits()), bytes(other.constBits()), strict=True)
    return [abs(a - b) for a, b in pairs]


def alike(make: Callable[[bool], QGraphicsItem], scale: float) -> None:
    """Assert that two items look the same; at odd scales but for some pixels at the seams."""
    found = differences(drawn(make(True), scale), drawn(make(False), scale))
    if scale in (1, 2):
        assert max(found) <= 32
    assert sum(each > 8 for each in found) < len(found) / 300


@pytest.mark.parametrize("scale", [1, 2, 1.25, 0.73])
def test_the_ground_of_a_container(scale: float, qapp: QApplication) -> None:
    def make(vector: bool) -> Frame:
        frame = Frame()
        field = VectorField(frame) if vector else TiledField(frame)
        field.resize(80, 60)
        field.colour(QColor(LIGHT.server), QColor(LIGHT.server_line))
        frame.setPos(10, 10)
        frame.enclose()
        return frame

    alike(make, scale)


@pytest.mark.parametrize("scale", [1, 2, 1.25, 0.73])
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("selected", [False, True])
def test_a_link(route: Route, scale: float, selected: bool, qapp: QApplication) -> None:
    def make(vector: bool) -> LinkItem:
        link = LinkItem(LINK, LIGHT, vector=vector)
        link.follow(route)
        link.set_selected(selected)
        return link

    alike(make, scale)


def test_a_link_that_loses_a_corner_leaves_no_piece_behind(qapp: QApplication) -> None:
    bent, straight = ROUTES[1], ROUTES[0]
    link = LinkItem(LINK, LIGHT)
    link.follow(bent)
    link.follow(straight)
    fresh = LinkItem(LINK, LIGHT)
    fresh.follow(straight)
    assert link.rect() == fresh.rect()
    assert max(differences(drawn(link, 1), drawn(fresh, 1))) == 0
