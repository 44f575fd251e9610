"""The scene: shows a design, follows its changes, and holds what a gesture moves meanwhile."""

import time
from collections.abc import Collection, Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QGraphicsPixmapItem, QGraphicsScene

from app.model.containers import Cluster, Note
from app.model.design import Design
from app.model.diff import Changes, diff
from app.model.geometry import Rect
from app.model.links import Place
from app.model.traits import Trait
from app.ui.canvas.bundles import Bundles
from app.ui.canvas.cards import Label, Pictures
from app.ui.canvas.clusters import ClusterItem
from app.ui.canvas.component_item import CARD_LEVEL, ComponentItem, VectorCard
from app.ui.canvas.container_item import ContainerItem, NoteItem
from app.ui.canvas.labels import Labels
from app.ui.canvas.link_item import LINK_LEVEL, LinkItem, label_item
from app.ui.canvas.overview import Marks
from app.ui.canvas.placing import Placing
from app.ui.canvas.routes import Routes
from app.ui.canvas.routing import Box
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.model.kinds import AnyComponent

PartItem = ComponentItem | VectorCard | ContainerItem | NoteItem
MANY = 500  # parts above which the scene is built in steps after the first paint
MARGIN = 4_000.0  # of the scene round the design: room to pan

_NOTHING = Design()


class Scene(QGraphicsScene):
    """Shows one design. With `vector` nothing is a picture of pixels: for files."""

    reshaped = Signal()  # something was added, removed or moved
    remarked = Signal()  # the selection or the findings changed

    def __init__(self, theme: Theme, *, vector: bool = False) -> None:
        """Begin empty."""
        super().__init__()
        self.theme = theme
        self.vector = vector
        self.pictures = Pictures(theme, 1.0)
        self.marks = Marks()
        self.setBackgroundBrush(QColor(theme.background))
        self._area = QRectF()
        self._cards = Bundles(self, CARD_LEVEL)
        self._lines = Bundles(self, LINK_LEVEL)
        self._begin(_NOTHING)

    def _begin(self, design: Design) -> None:
        self.design = design
        self.placing = Placing(design)
        self.routes = Routes(design, self.placing.rects)
        self.labels = Labels(self.routes, self.theme)
        self.parts: dict[str, PartItem] = {}
        self.links: dict[str, LinkItem] = {}
        self.clusters: dict[str, ClusterItem] = {}
        self._held: set[str] = set()
        self._unmade: dict[str, None] = {}
        self._unlinked: dict[str, None] = {}
        self._unlabelled: dict[str, None] = {}

    # --- following the document -------------------------------------------------------------

    def show(self, before: Design | None, design: Design) -> None:
        """Show a design; only what differs from `before`, if that is what is shown, is touched."""
        rects = self.placing.rects
        if before is None or before is not self.design or _is_another(before, design):
            self._show_anew(design)
        else:
            self.release()
            self._show_changes(before, design)
        if self.placing.rects is not rects:
            self._fit_scene_rect()
        self.reshaped.emit()

    def _show_anew(self, design: Design) -> None:
        for item in (*self.parts.values(), *self.links.values(), *self.clusters.values()):
            self.removeItem(item)
        self._cards.clear()
        self._lines.clear()
        self._begin(design)
        self._unmade = dict.fromkeys(design.components)
        self._unlinked = dict.fromkeys(design.links)
        if self.vector or len(design.components) <= MANY:
            self.finish()

    def _show_changes(self, before: Design, design: Design) -> None:
        components = diff(before.components, design.components)
        links = diff(before.links, design.links)
        rects, self.placing = self.placing.rects, Placing(design, self.placing)
        now = self.placing.rects
        moved = set() if now is rects else {k for k, rect in now.items() if rects.get(k) != rect}
        self.design = design
        self.routes.follow(design, now, components.removed, links.removed, moved)
        self._remove(components.removed, links.removed)
        self._change_parts(before, components)
        for key in components.added:
            self._make(key)
        ends = {end for key in links.added | links.changed for end in _ends(design, key)}
        ends |= {end for key in links.removed | links.changed for end in _ends(before, key)}
        self._place(moved, ends & design.components.keys())
        for key in links.changed & self.links.keys():
            self.links[key].show_link(design.links[key])
        self._draw_links(links.added | links.changed)
        self._show_clusters(components.added | components.changed | moved, before)

    def _remove(self, components: Collection[str], links: Collection[str]) -> None:
        for key in links:
            self._unlinked.pop(key, None)
            self._unlabelled.pop(key, None)
            self.labels.discard(key)
            item = self.links.pop(key, None)
            if item is not None:
                self.removeItem(item)
        for key in components:
            self._unmade.pop(key, None)
            self._remove_part(key)
        self.marks.selected -= {*components, *links}

    def _remove_part(self, key: str) -> None:
        part = self.parts.pop(key, None)
        if part is not None:
            self.removeItem(part)
        outline = self.clusters.pop(key, None)
        if outline is not None:
            self.removeItem(outline)

    def _change_parts(self, before: Design, changes: Changes) -> None:
        for key in changes.changed & self.parts.keys():
            item = self.design.components[key]
            if before.components[key].kind != item.kind:
                self._remove_part(key)
                self._make(key)
            else:
                self.parts[key].show_component(item)
            if before.components[key].parent != item.parent:
                self._raise(key)

    def _raise(self, key: str) -> None:
        """Put containers on the level of their depth."""
        for name in (key, *self.design.descendants(key)):
            part = self.parts.get(name)
            if isinstance(part, ContainerItem):
                part.setZValue(float(sum(1 for _ in self.design.ancestors(name))))

    # --- making items -----------------------------------------------------------------------

    def finish(self) -> None:
        """Make all that is not made yet."""
        while self.build(1.0):
            pass

    def build(self, seconds: float) -> bool:
        """Go on making items for so long; returns whether there is more to do."""
        end = time.perf_counter() + seconds
        for queue, make in (
            (self._unmade, self._make),
            (self._unlinked, self._draw_link),
            (self._unlabelled, self._label),
        ):
            while queue:
                make(next(iter(queue)))
                if time.perf_counter() > end:
                    return True
        return False

    def need(self, area: QRectF) -> None:
        """Make now what lies in an area that is about to be seen."""
        if not (self._unmade or self._unlinked or self._unlabelled):
            return
        box = Box(area.left(), area.top(), area.right(), area.bottom())
        seen = self.routes.ground.obstacles.meeting(box)
        seen |= self.routes.fields.meeting(box)
        for key in seen & self._unmade.keys():
            self._make(key)
        links = {link for key in seen for link in self.routes.links_at(key)}
        for link in links & self._unlinked.keys():
            self._draw_link(link)
        for link in links & self._unlabelled.keys():
            self._label(link)

    def need_items(self, parts: Iterable[str], links: Iterable[str]) -> None:
        """Make now the items of some components and links."""
        for key in self._unmade.keys() & parts:
            self._make(key)
        for key in self._unlinked.keys() & links:
            self._draw_link(key)
            self._label(key)

    def _make(self, key: str) -> None:
        self._unmade.pop(key, None)
        item = self.design.components[key]
        part = self.parts[key] = self._part(item)
        part.place(self.placing.rects[key])
        if isinstance(part, ComponentItem | VectorCard):
            self._cards.add(part)
        else:
            self.addItem(part)
        if key in self.marks.selected:
            part.set_selected(True)
        severity = self.marks.severities.get(key)
        if severity:
            part.set_severity(severity)
        self._raise(key) if isinstance(part, ContainerItem) else None
        if isinstance(item, Cluster):
            self._show_cluster(key)

    def _part(self, item: "AnyComponent") -> PartItem:
        if Trait.CONTAINER in item.traits:
            return ContainerItem(item, self.pictures, vector=self.vector)
        if isinstance(item, Note):
            return NoteItem(item, self.theme)
        if self.vector:
            return VectorCard(item, self.theme)
        return ComponentItem(item, self.pictures)

    def _draw_link(self, key: str) -> None:
        self._unlinked.pop(key, None)
        item = self.links.get(key)
        if item is None:
            item = self.links[key] = LinkItem(
                self.design.links[key], self.theme, vector=self.vector
            )
            item.selected = key in self.marks.selected
            self._lines.add(item)
        item.follow(self.routes.route(key))
        self._unlabelled[key] = None

    def _label(self, key: str) -> None:
        self._unlabelled.pop(key, None)
        item = self.links[key]
        found = self.labels.find(key, item.link, item.route)
        if found is None:
            self._drop_label(item)
            return
        label, x, y = found
        if item.label is None or item.writing != label:
            self._drop_label(item)
            item.label, item.writing = (
                label_item(label, self.pictures, item, vector=self.vector),
                label,
            )
        item.label.setPos(x, y)
        item.enclose()

    def _drop_label(self, item: LinkItem) -> None:
        if item.label is not None:
            self.removeItem(item.label)
            item.label = item.writing = None

    # --- moving -----------------------------------------------------------------------------

    def hold(
        self, corners: Mapping[str, tuple[float, float]], parents: Mapping[str, str | None]
    ) -> None:
        """Show parts elsewhere while a gesture goes on; the design stays as it is."""
        self.routes.live = True
        changed = self.placing.shift(corners, parents)
        self._held |= changed
        self._place(changed)

    def hold_size(self, key: str, place: Place) -> None:
        """Show a container or a note with another size while a gesture goes on."""
        changed = self.placing.resize(key, place)
        self._held |= changed
        self._place(changed)

    def release(self) -> None:
        """Show everything where the design has it again."""
        self.routes.live = False
        if self._held:
            held = self._held | self.placing.reset()
            self._held = set()
            self.placing.restore(held)
            self._place(held)

    def _place(self, keys: Collection[str], rewired: Collection[str] = ()) -> None:
        for key in keys:
            part = self.parts.get(key)
            if part is not None:
                part.place(self.placing.rects[key])
        stale = self.routes.touched(keys, rewired)
        self._draw_links(stale & self.links.keys())
        if not self.routes.live:
            self._clear_labels(keys)
        tied = {self.routes.ties[tie][0] for tie in stale & self.routes.ties.keys()}
        self._show_clusters({*keys, *tied}, self.design)
        self.reshaped.emit()

    def _clear_labels(self, keys: Collection[str]) -> None:
        """Move the labels that cards have come to lie on."""
        boxes = self.routes.ground.obstacles.boxes
        for key in keys & boxes.keys():
            for link in self.labels.under(boxes[key]):
                self._label(link)

    def _draw_links(self, keys: Iterable[str]) -> None:
        ordered = sorted(keys)
        for key in ordered:
            self._draw_link(key)
        if not self.routes.live:
            ordered += sorted(self._run_over(ordered) - set(ordered))
        for key in ordered:
            self._label(key)

    def _run_over(self, keys: Iterable[str]) -> set[str]:
        """The links whose labels other links run through."""
        return {
            other
            for key in keys
            for (x1, y1), (x2, y2) in pairwise(self.routes.route(key))
            for other in self.labels.under(Box(min(x1, x2), min(y1, y2), max(x1, x2), max(y1, y2)))
        }

    def _show_clusters(self, keys: Collection[str], before: Design) -> None:
        wanted = {key for key in keys if key in self.clusters}
        for design in (before, self.design):
            wanted |= {design.cluster_of[key] for key in keys if key in design.cluster_of}
        for key in wanted & self.parts.keys():
            self._show_cluster(key)

    def _show_cluster(self, key: str) -> None:
        cluster = self.design.components[key]
        if not isinstance(cluster, Cluster):
            return
        item = self.clusters.get(key)
        if item is None:
            item = self.clusters[key] = ClusterItem(self.theme)
            self.addItem(item)
        item.show_cluster(key, cluster, self.routes)

    def _fit_scene_rect(self) -> None:
        """Keep the rectangle that the index divides close to the design, and stable."""
        content = self.content()
        if self._area.isEmpty() or not self._area.contains(content):
            self.cover(content.adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN))

    def cover(self, area: QRectF) -> None:
        """Take an area as the one that can be scrolled to, as long as the design is in it."""
        self._area = area
        self.setSceneRect(area)

    def content(self, keys: Iterable[str] | None = None) -> QRectF:
        """Return the rectangle around all parts, or around some."""
        rects = self.placing.rects
        chosen: list[Rect] = (
            list(rects.values()) if keys is None else [rects[key] for key in keys if key in rects]
        )
        if not chosen:
            return QRectF()
        left, top = min(rect[0] for rect in chosen), min(rect[1] for rect in chosen)
        right = max(rect[0] + rect[2] for rect in chosen)
        bottom = max(rect[1] + rect[3] for rect in chosen)
        return QRectF(left, top, right - left, bottom - top)

    # --- marks ------------------------------------------------------------------------------

    def select(self, keys: Collection[str]) -> None:
        """Show these components and links as selected, and no others."""
        wanted = set(keys)
        for key in wanted ^ self.marks.selected:
            item = self.parts.get(key) or self.links.get(key)
            if item is not None:
                item.set_selected(key in wanted)
        self.marks.selected = wanted
        self.remarked.emit()

    def mark(self, severities: Mapping[str, str]) -> None:
        """Show the worst severity of each component; the others have none."""
        changed = {key for key, _ in self.marks.severities.items() ^ severities.items()}
        if not changed:
            return
        self.marks.severities = severities
        for key in changed & self.parts.keys():
            self.parts[key].set_severity(severities.get(key, ""))
        self.remarked.emit()

    def sharpen(self, keys: Iterable[str]) -> None:
        """Let parts and their links take the pictures of the current scale."""
        for key in keys:
            part = self.parts.get(key)
            if part is not None:
                part.sharpen(self.pictures)
            for link in self.design.outgoing[key] if key in self.design.components else ():
                item = self.links.get(link)
                if item is not None and isinstance(item.label, QGraphicsPixmapItem):
                    item.label.setPixmap(self.pictures.label(item.writing or Label("", "", "")))


def _is_another(before: Design, after: Design) -> bool:
    """Whether so much is new that the scene is made anew, in steps: another file was opened."""
    new = len(after.components.keys() - before.components.keys())
    return new > MANY or (not new and len(before.components) > len(after.components) + MANY)


def _ends(design: Design, link_id: str) -> tuple[str, str]:
    link = design.links[link_id]
    return link.source, link.target
