"""The gestures of the mouse: each begins with a press and ends in one edit, or in nothing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QPointF, QRectF, Qt

from app.model import edits
from app.model.design import Design
from app.model.geometry import bounds
from app.model.links import Place
from app.model.traits import Trait
from app.ui.canvas import editing, guides, picking
from app.ui.canvas.overlays import Overlay
from app.ui.canvas.scene import Scene
from app.ui.document import Document

Key = Qt.KeyboardModifier
SMALLEST = 48.0  # side of a container or a note


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the mouse is, and which keys are held."""

    at: QPointF  # of the scene
    screen: QPointF  # of the viewport
    keys: Qt.KeyboardModifier = Key.NoModifier

    @property
    def adds(self) -> bool:
        """Whether a click adds to the selection."""
        return bool(self.keys & (Key.ControlModifier | Key.ShiftModifier))

    @property
    def alt(self) -> bool:
        """Whether snapping is off."""
        return bool(self.keys & Key.AltModifier)

    @property
    def shift(self) -> bool:
        """Whether movement keeps to one axis."""
        return bool(self.keys & Key.ShiftModifier)


class Gesture(Protocol):
    """What goes on between a press and a release."""

    def move(self, pointer: Pointer) -> None:
        """Follow the mouse."""
        ...

    def finish(self, pointer: Pointer) -> None:
        """Do it."""
        ...

    def cancel(self) -> None:
        """Restore the state before the press."""
        ...


@dataclass(frozen=True, slots=True)
class Board:
    """What gestures work on."""

    document: Document
    scene: Scene
    overlay: Overlay
    select: Callable[[Collection[str]], None]
    hint: Callable[[str], None]
    tip: Callable[[str], None]  # at the mouse
    scale: Callable[[], float]
    seen: Callable[[], QRectF]


class Pan:
    """Moves the view."""

    def __init__(self, start: QPointF, scroll: Callable[[float, float], None]) -> None:
        """Take what scrolls the view by pixels."""
        self._start = self._last = start
        self._scroll = scroll

    def move(self, pointer: Pointer) -> None:
        """Let the scene follow the mouse."""
        self._to(pointer.screen)

    def _to(self, spot: QPointF) -> None:
        step, self._last = self._last - spot, spot
        self._scroll(step.x(), step.y())

    def finish(self, pointer: Pointer) -> None:
        """Stay there."""

    def cancel(self) -> None:
        """Go back."""
        self._to(self._start)


class RubberBand:
    """Selects what lies in a rectangle."""

    def __init__(self, board: Board, start: Pointer, kept: Collection[str]) -> None:
        """Begin at a point; with Ctrl or Shift `kept` stays selected."""
        self._board = board
        self._start = start.at
        self._before = set(kept)
        self._kept = set(kept) if start.adds else set()
        board.select(self._kept)

    def move(self, pointer: Pointer) -> None:
        """Select what lies in it now."""
        area = QRectF(self._start, pointer.at).normalized()
        self._board.overlay.show_band(area)
        self._board.select(self._kept | picking.within(self._board.scene, area))

    def finish(self, pointer: Pointer) -> None:
        """Keep the selection."""
        self._board.overlay.clear()

    def cancel(self) -> None:
        """Select what was selected."""
        self._board.overlay.clear()
        self._board.select(self._before)


class Move:
    """Moves parts with what is inside them: aligned with others, into and out of containers."""

    def __init__(self, board: Board, start: Pointer, keys: Collection[str], lead: str) -> None:
        """Take the parts, and the one under the mouse, whose edges are aligned."""
        self._board = board
        self._start = start.at
        self._copies = bool(start.keys & Key.ControlModifier)
        design = board.document.design
        self._roots = picking.outermost(design, keys)
        self._held = set(editing.with_contents(design, self._roots))
        self._rects = dict(board.scene.placing.rects)
        lead = lead if lead in self._held else self._roots[0]
        self._lead = self._rects[aligned_by(design, lead)]
        self._lit: str | None = None
        area = QRectF(board.seen())
        self._others = [
            rect
            for key, rect in self._rects.items()
            if key not in self._held
            and key not in board.scene.routes.fields.boxes
            and area.intersects(QRectF(*rect))
        ]
        wide = area.adjusted(-area.width(), -area.height(), area.width(), area.height())
        self._fields = sorted(
            (
                (key, self._rects[key])
                for key in board.scene.routes.fields.boxes
                if key not in self._held and wide.intersects(QRectF(*self._rects[key]))
            ),
            key=lambda entry: entry[1][2] * entry[1][3],
        )
        self._corners: dict[str, tuple[float, float]] = {}
        self._parents: dict[str, str | None] = {}

    def move(self, pointer: Pointer) -> None:
        """Show the parts where the mouse has taken them."""
        snap = self._follow(pointer, settle=False)
        self._board.overlay.show_guides(snap.guides)
        self._board.scene.hold(self._corners, self._parents)

    def _follow(self, pointer: Pointer, *, settle: bool) -> guides.Snap:
        dx, dy = pointer.at.x() - self._start.x(), pointer.at.y() - self._start.y()
        if pointer.shift:
            dx, dy = (dx, 0.0) if abs(dx) >= abs(dy) else (0.0, dy)
        x, y, width, height = self._lead
        snap = guides.Snap(0.0, 0.0)
        if not pointer.alt:
            stick = guides.STICK / self._board.scale()
            moving = (x + dx, y + dy, width, height)
            snap = guides.snapped(moving, self._others, stick, settle=settle)
            if pointer.shift:
                snap = snap._replace(dx=snap.dx if dx else 0.0, dy=snap.dy if dy else 0.0)
        dx, dy = round(dx + snap.dx, 1), round(dy + snap.dy, 1)
        self._corners = {
            key: (self._rects[key][0] + dx, self._rects[key][1] + dy) for key in self._held
        }
        self._nest(pointer)
        return snap

    def _nest(self, pointer: Pointer) -> None:
        """Lend the parts to the container under the mouse, as far as it may hold them."""
        board = self._board
        design = board.document.design
        inside = self._container_at(pointer.at)
        self._parents = {key: allowed(design, key, self._into(key, inside)) for key in self._roots}
        lit = inside if inside in self._parents.values() else None
        if lit != self._lit:
            for key, on in ((self._lit, False), (lit, True)):
                if key is not None and key in board.scene.parts:
                    board.scene.parts[key].set_lit(on)
            self._lit = lit

    def _into(self, key: str, inside: str | None) -> str | None:
        """The container under the mouse; the part's own one as long as half of it lies in that.

        So a container grows with what is pushed against its edge, and only a clear pull gets a
        part out of it.
        """
        design = self._board.document.design
        own = design.components[key].parent
        around = dict(self._fields).get(own or "")
        outward = own is not None and (inside is None or inside in design.ancestors(own))
        if around is None or not outward:
            return inside
        _, _, width, height = self._rects[key]
        common = QRectF(*around) & QRectF(*self._corners[key], width, height)
        return own if 2 * common.width() * common.height() >= width * height else inside

    def _container_at(self, at: QPointF) -> str | None:
        """The innermost container where it was at the start: those that grow must not hold on."""
        found = [key for key, rect in self._fields if picking.inside(rect, at)]
        return found[0] if found else None

    def finish(self, pointer: Pointer) -> None:
        """Move them, or with Ctrl a copy of them, as one step."""
        self._follow(pointer, settle=True)
        corners, parents = self._corners, self._parents
        self.cancel()
        document = self._board.document
        design = document.design
        if all(self._rects[key][:2] == corner for key, corner in corners.items()):
            return
        what = naming(design, self._roots)
        if self._copies:
            after, roots = editing.duplicated(design, self._roots, 0, 0)
            names = dict(zip(editing.with_contents(design, self._roots),
                             editing.with_contents(after, roots), strict=True))  # fmt: skip
            after = editing.moved(
                after,
                {names[key]: corner for key, corner in corners.items()},
                {names[key]: parent for key, parent in parents.items()},
                self._rects,
            )
            document.apply(f"Copy {what}", after)
            self._board.select(roots)
        else:
            document.apply(f"Move {what}", editing.moved(design, corners, parents, self._rects))

    def cancel(self) -> None:
        """Show them where they were."""
        board = self._board
        board.overlay.clear()
        if self._lit is not None and self._lit in board.scene.parts:
            board.scene.parts[self._lit].set_lit(False)
        self._lit = None
        board.scene.release()


class Resize:
    """Gives a container or a note another size by one of its eight handles."""

    def __init__(self, board: Board, key: str, grip: tuple[int, int]) -> None:
        """Take the component and the handle, as directions across and down."""
        self._board = board
        self._key = key
        self._grip = grip
        self._before = board.scene.placing.rects[key]
        self._place: Place | None = None

    def move(self, pointer: Pointer) -> None:
        """Let the edge follow the mouse."""
        self._place = self._sized(pointer)
        self._board.scene.hold_size(self._key, self._place)

    def _sized(self, pointer: Pointer) -> Place:
        x, y = pointer.at.x(), pointer.at.y()
        if not pointer.alt:
            x, y = (round(value / guides.SETTLE) * guides.SETTLE for value in (x, y))
        left, width = _edges(self._before[0], self._before[2], x, self._grip[0])
        top, height = _edges(self._before[1], self._before[3], y, self._grip[1])
        return Place(x=left, y=top, width=width, height=height)

    def finish(self, pointer: Pointer) -> None:
        """Keep the size, as one step; what the container has come to lie under, it holds."""
        place = self._place
        self.cancel()
        if place is not None:
            document = self._board.document
            after = edits.move(document.design, {self._key: place})
            covered = _covered(after, self._key)
            after = edits.nest(after, covered, self._key) if covered else after
            document.apply(f"Resize {naming(document.design, (self._key,))}", after)

    def cancel(self) -> None:
        """Show the size before."""
        self._board.scene.release()


def _covered(design: Design, key: str) -> tuple[str, ...]:
    """Return the neighbours of a container whose middle lies in it, as if it held them."""
    item, area = design.components[key], QRectF(*bounds(design, key))
    if Trait.CONTAINER not in item.traits:
        return ()
    return tuple(
        other
        for other, neighbour in design.components.items()
        if other != key
        and neighbour.parent == item.parent
        and area.contains(QRectF(*bounds(design, other)).center())
        and allowed(design, other, key) == key
    )


def _edges(start: float, size: float, at: float, way: int) -> tuple[float, float]:
    if way < 0:
        moved = min(at, start + size - SMALLEST)
        return moved, start + size - moved
    if way > 0:
        return start, max(SMALLEST, at - start)
    return start, size


def allowed(design: Design, key: str, parent: str | None) -> str | None:
    """Return the container that a component dropped on `parent` comes into.

    A zone or a site that is dropped on a server goes into what is around the server.
    """
    item = design.components[key]
    while parent is not None and design.components[parent].kind == "server":
        if item.kind not in ("zone", "site"):
            break
        parent = design.components[parent].parent
    return parent


def aligned_by(design: Design, key: str) -> str:
    """Return the part whose edges are aligned: of a container the first card in it."""
    while inner := design.children[key]:
        key = inner[0]
    return key


def naming(design: Design, keys: Collection[str]) -> str:
    """Return how to call some components in the name of a step."""
    names = [design.components[key].name for key in keys if key in design.components]
    if len(names) == 1:
        return names[0]
    return f"{len(keys)} parts" if names else "links"
