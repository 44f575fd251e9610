"""Where everything is shown: the places of the design, changed by what a gesture holds."""

from collections.abc import Iterable, Iterator, Mapping

from app.model.design import Design
from app.model.diff import diff
from app.model.geometry import Rect, frame, leaf
from app.model.links import FARTHEST, Place
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH, GRID
from app.model.traits import Trait

_BESIDE = CARD_HEIGHT + GRID
_UNPLACED = Place()  # a container without a place is where its content is


class Placing:
    """Rectangles by component id, in scene coordinates.

    A gesture shifts parts and lends them another container without touching the design; `reset`
    forgets that.
    """

    def __init__(self, design: Design, before: "Placing | None" = None) -> None:
        """Compute the rectangles of all components; those that stay are taken from `before`.

        Where all stay the rectangles are the same object.
        """
        self.design = design
        self.rects: dict[str, Rect] = {}
        self._lent: dict[str, str | None] = {}
        self._places: dict[str, Place] = {}
        if before is None:
            stale = set(design.components)
        else:
            stale = _stale(before.design, design)
            known, kept = before.rects, design.components.keys() - stale
            unchanged = not stale and kept == known.keys()
            self.rects = known if unchanged else {key: known[key] for key in kept}
        for key in sorted(stale, key=self._depth, reverse=True):
            self._measure(key, design.children[key])

    def _measure(self, key: str, children: Iterable[str]) -> None:
        item = self.design.components[key]
        place = self._places.get(key) or self.design.layout.get(key)
        if Trait.CONTAINER in item.traits:
            inner = [self.rects[child] for child in children]
            around = _UNPLACED if inner else self._beside(key)
            self.rects[key] = frame(place or around, inner)
        else:
            self.rects[key] = leaf(item, place or self._beside(key))

    def _beside(self, key: str) -> Place:
        """A place for a part that has none: under a neighbour that has one."""
        for other in _neighbours(self.design, key):
            place = self.design.layout.get(other)
            if place is not None:
                return Place(x=place.x, y=min(place.y + _BESIDE, FARTHEST))
        return Place(x=0.0, y=-_BESIDE - CARD_WIDTH)

    def parent(self, key: str) -> str | None:
        """Return the container that a component is shown in."""
        return self._lent.get(key, self.design.components[key].parent)

    def shift(self, rects: Mapping[str, tuple[float, float]], parents: Mapping[str, str | None]
              ) -> set[str]:  # fmt: skip
        """Show components at other corners and in other containers; returns all that changed.

        Containers around them, before and after, fit their children.
        """
        touched = set(rects)
        around: list[str] = []
        for key in parents:
            around += self._around(self.parent(key))
        self._lent.update(parents)
        for key, (x, y) in rects.items():
            _, _, width, height = self.rects[key]
            self.rects[key] = (x, y, width, height)
            around += self._around(self.parent(key))
        for key in sorted(set(around) - touched, key=self._depth, reverse=True):
            before = self.rects[key]
            self._measure(key, self.children(key))
            if self.rects[key] != before:
                touched.add(key)
        return touched

    def resize(self, key: str, place: Place) -> set[str]:
        """Show a container or a note with another place; returns all that changed."""
        self._places[key] = place
        chain = [key, *self._around(self.parent(key))]
        for name in chain:
            self._measure(name, self.children(name))
        return set(chain)

    def reset(self) -> set[str]:
        """Show what the design says again; returns all that may have changed."""
        chain = {name for key in self._lent for name in self._around(self.parent(key))}
        self._lent.clear()
        self._places.clear()
        return chain

    def restore(self, keys: Iterable[str]) -> None:
        """Measure components, and what is around them, as the design has them."""
        wanted = set(keys)
        wanted |= {name for key in keys for name in self._around(self.parent(key))}
        for key in sorted(wanted, key=self._depth, reverse=True):
            self._measure(key, self.design.children[key])

    def children(self, key: str) -> list[str]:
        """Return what a container is shown with."""
        held = self.design.children[key]
        if not self._lent:
            return list(held)
        kept = [child for child in held if self._lent.get(child, key) == key]
        lent = [child for child, parent in self._lent.items() if parent == key]
        return kept + [child for child in lent if child not in kept]

    def _around(self, parent: str | None) -> list[str]:
        chain: list[str] = []
        while parent is not None:
            chain.append(parent)
            parent = self.parent(parent)
        return chain

    def _depth(self, key: str) -> int:
        return len(self._around(self.parent(key)))


def _stale(before: Design, design: Design) -> set[str]:
    """Return the components whose rectangles may differ between two versions of a design.

    Those that changed or were placed elsewhere, those that lie beside others for want of a place
    and of content, and what is around all of these.
    """
    changed = diff(before.components, design.components)
    moved = diff(before.layout, design.layout)
    stale = {*changed.added, *changed.changed, *moved.added, *moved.removed, *moved.changed}
    unplaced = design.components.keys() - design.layout.keys()
    stale.update(key for key in unplaced if not design.children[key])
    around = {outer for key in stale & design.components.keys() for outer in design.ancestors(key)}
    for key in stale & before.components.keys() | changed.removed:
        around.update(before.ancestors(key))
    return (stale | around) & design.components.keys()


def _neighbours(design: Design, key: str) -> Iterator[str]:
    for link in design.outgoing[key]:
        yield design.links[link].target
    for link in design.incoming[key]:
        yield design.links[link].source
    item = design.components[key]
    if item.parent is not None:
        yield from (name for name in design.children[item.parent] if name != key)
        yield item.parent
    yield from getattr(item, "members", ())
    cluster = design.cluster_of.get(key)
    if cluster is not None:
        yield cluster
