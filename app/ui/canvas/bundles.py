"""Items in bundles: before each frame Qt looks at every item that has none above it.

With 10,000 cards and their links that took a quarter of a frame in which one card moved.
"""

from typing import NamedTuple

from PySide6.QtWidgets import QGraphicsItem, QGraphicsRectItem, QGraphicsScene

SIZE = 16  # items; a bundle of which one is seen has all of them asked whether they are


class _Bundle(QGraphicsRectItem):
    """Nothing by itself."""

    def __init__(self, level: float) -> None:
        super().__init__()
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemHasNoContents)
        self.setZValue(level)


class Bundles:
    """The items of one level, one bundle after the other: they lie in the order of their coming."""

    def __init__(self, scene: QGraphicsScene, level: float) -> None:
        """Put bundles into a scene, at this level of it."""
        self._scene = scene
        self._level = level
        self._bundles: list[_Bundle] = []
        self._room = 0  # for so many more in the last one

    def add(self, item: QGraphicsItem) -> None:
        """Put an item on top of the others of its level."""
        if not self._room:
            self._bundles.append(_Bundle(self._level))
            self._scene.addItem(self._bundles[-1])
            self._room = SIZE
        self._room -= 1
        item.setParentItem(self._bundles[-1])

    def clear(self) -> None:
        """Take the bundles, and what is left in them, out of the scene."""
        for bundle in self._bundles:
            self._scene.removeItem(bundle)
        self._bundles, self._room = [], 0


class Raised:
    """Items that lie above everything for a while."""

    def __init__(self, scene: QGraphicsScene) -> None:
        """Begin with none."""
        self._scene = scene
        self._before: list[tuple[QGraphicsItem, float, _Place | None]] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._before)

    def add(self, item: QGraphicsItem, level: float) -> None:
        """Lift an item to a level of the scene, out of its bundle; a label only within its link."""
        self._before.append((item, item.zValue(), _place(item)))
        if isinstance(item.parentItem(), _Bundle):
            item.setParentItem(None)  # type: ignore[arg-type]  # Qt takes none, its stubs do not say
        item.setZValue(level)

    def clear(self) -> None:
        """Put back what is still there, under what it was under: the one above it comes first."""
        for item, level, place in reversed(self._before):
            item.setZValue(level)
            if place is not None and item.scene() is self._scene:
                item.setParentItem(place.bundle)
                if place.above is not None and place.above.parentItem() is place.bundle:
                    item.stackBefore(place.above)
        self._before = []


class _Place(NamedTuple):
    bundle: _Bundle
    above: QGraphicsItem | None


def _place(item: QGraphicsItem) -> _Place | None:
    bundle = item.parentItem()
    if not isinstance(bundle, _Bundle):
        return None
    above = bundle.childItems()[bundle.childItems().index(item) + 1 :]
    return _Place(bundle, above[0] if above else None)
