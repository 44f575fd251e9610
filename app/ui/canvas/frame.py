"""What belongs together on the canvas, as one item to Qt."""

from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QAbstractGraphicsShapeItem, QGraphicsItem, QGraphicsRectItem

Shape = TypeVar("Shape", bound=QAbstractGraphicsShapeItem)
_Flag = QGraphicsItem.GraphicsItemFlag


class Frame(QGraphicsRectItem):
    """An invisible rectangle around its children.

    Qt keeps it alone in its index, and looks at what is inside only where the frame meets what is
    to be painted.
    """

    def __init__(self) -> None:
        """Begin without children."""
        super().__init__()
        self.setPen(QPen(Qt.PenStyle.NoPen))
        self.setFlag(_Flag.ItemContainsChildrenInShape)

    def enclose(self) -> None:
        """Enclose the children where they are now; to be called when one has changed."""
        self.setRect(self.childrenBoundingRect())


def unlined(item: Shape) -> Shape:
    """Return an item that shall be filled only."""
    item.setPen(QPen(Qt.PenStyle.NoPen))
    return item
