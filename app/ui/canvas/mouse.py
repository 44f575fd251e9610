"""Which gesture a press of the mouse begins, and what shows while it hovers."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QMouseEvent

from app.model.containers import Note, Server
from app.model.geometry import Rect
from app.model.traits import Trait
from app.ui.canvas import picking
from app.ui.canvas.cards import BADGE
from app.ui.canvas.component_item import BADGE_AT
from app.ui.canvas.connecting import Connect
from app.ui.canvas.creeping import Creep
from app.ui.canvas.overlays import grip_points, handle_points
from app.ui.canvas.tools import Gesture, Move, Pan, Pointer, Resize, RubberBand

if TYPE_CHECKING:
    from app.ui.canvas.view import CanvasView

FAR_ENOUGH = 4.0  # pixels from which a press is a drag
GRAB = 9.0  # pixels around a handle
LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
_CURSORS = {
    (1, 1): Qt.CursorShape.SizeFDiagCursor,
    (-1, -1): Qt.CursorShape.SizeFDiagCursor,
    (1, -1): Qt.CursorShape.SizeBDiagCursor,
    (-1, 1): Qt.CursorShape.SizeBDiagCursor,
    (1, 0): Qt.CursorShape.SizeHorCursor,
    (-1, 0): Qt.CursorShape.SizeHorCursor,
    (0, 1): Qt.CursorShape.SizeVerCursor,
    (0, -1): Qt.CursorShape.SizeVerCursor,
}


class Mouse:
    """Begins, feeds and ends gestures."""

    def __init__(self, view: "CanvasView") -> None:
        """Work for a view."""
        self._view = view
        self.gesture: Gesture | None = None
        self.space = False
        self._pressed: tuple[Pointer, str | None] | None = None
        self._hovered: str | None = None
        self._creep = Creep(view, self._feed)

    def pointer(self, event: QMouseEvent) -> Pointer:
        """Return where an event is."""
        spot = event.position()
        return Pointer(self._view.scene_point(spot), spot, event.modifiers())

    def press(self, event: QMouseEvent) -> None:
        """Begin a gesture, or wait whether this is a click."""
        pointer, view = self.pointer(event), self._view
        if event.button() == MIDDLE or (event.button() == LEFT and self.space):
            self._begin(Pan(pointer.screen, view.scroll_by))
            view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif event.button() == LEFT and self.gesture is None:
            self._press_left(pointer)

    def _press_left(self, pointer: Pointer) -> None:
        view = self._view
        grip = self._grip_at(pointer)
        if grip is not None:
            self._begin(Resize(view.board, view.selection()[0], grip))
            return
        if self._hovered is not None and self._handle_at(pointer, self._hovered):
            self._begin(Connect(view.board, self._hovered))
            return
        found = picking.element_at(view.stage, pointer.at, picking.REACH / view.zoom)
        self._pressed = pointer, found
        if found is not None and not pointer.adds and found not in view.selection():
            view.select((found,))

    def _begin(self, gesture: Gesture) -> None:
        self.cancel()
        self.gesture = gesture
        self._hide_handles()

    def move(self, event: QMouseEvent) -> None:
        """Feed the gesture, begin one that a press announced, or hover."""
        pointer = self.pointer(event)
        if self.gesture is None and self._pressed is not None:
            self._drag(pointer)
        if self.gesture is not None:
            self._feed(pointer)
        elif not event.buttons():
            self.hover(pointer)

    def _feed(self, pointer: Pointer) -> None:
        if self.gesture is not None:
            self.gesture.move(pointer)
            if not isinstance(self.gesture, Pan):
                self._creep.watch(pointer)

    def _drag(self, pointer: Pointer) -> None:
        if self._pressed is None:
            return
        start, found = self._pressed
        if (pointer.screen - start.screen).manhattanLength() < FAR_ENOUGH:
            return
        view = self._view
        if found is None:
            self._begin(RubberBand(view.board, start, view.selection()))
        elif found in view.document.design.components:
            chosen = view.selection() if found in view.selection() else (found,)
            parts = [key for key in chosen if key in view.document.design.components]
            self._begin(Move(view.board, start, parts, found))

    def release(self, event: QMouseEvent) -> None:
        """End the gesture, or click."""
        pointer = self.pointer(event)
        pressed, self._pressed = self._pressed, None
        self._creep.stop()
        if self.gesture is not None:
            gesture, self.gesture = self.gesture, None
            gesture.finish(pointer)
            self._view.viewport().unsetCursor()
            self._view.show_grips()
        elif pressed is not None and event.button() == LEFT:
            self._click(*pressed)

    def _click(self, pointer: Pointer, found: str | None) -> None:
        view = self._view
        if found is None:
            if not pointer.adds:
                view.select(())
        elif pointer.adds:
            chosen = view.selection()
            view.select(
                tuple(key for key in chosen if key != found)
                if found in chosen
                else (*chosen, found)
            )
        else:
            view.select((found,))
            if found in view.stage.marks.severities and self._on_badge(found, pointer.at):
                view.finding_requested.emit(found)

    def _on_badge(self, key: str, at: QPointF) -> bool:
        x, y, width, _ = self._view.stage.placing.rects[key]
        corner = QPointF(x + width - BADGE / 2 - 5, y + BADGE_AT.y())
        return QRectF(corner.x(), corner.y(), BADGE, BADGE).contains(at)

    def double_click(self, event: QMouseEvent) -> None:
        """Rename on the name, edit on the body, ask for a part on the ground."""
        pointer, view = self.pointer(event), self._view
        self._pressed = None
        found = picking.element_at(view.stage, pointer.at, picking.REACH / view.zoom)
        if found is None:
            view.quick_add_requested.emit()
            return
        view.select((found,))
        if found in view.document.design.components and picking.on_name(
            view.stage, found, pointer.at
        ):
            view.hands.rename()
        else:
            view.edit_requested.emit(found)

    def cancel(self) -> bool:
        """Restore the state before the gesture; returns whether there was one."""
        gesture, self.gesture, self._pressed = self.gesture, None, None
        self._creep.stop()
        if gesture is None:
            return False
        gesture.cancel()
        self._view.viewport().unsetCursor()
        self._view.show_grips()
        return True

    # --- hovering ---------------------------------------------------------------------------

    def hover(self, pointer: Pointer) -> None:
        """Show the handles of the part under the mouse."""
        view = self._view
        if self._hovered is not None and self._handle_at(pointer, self._hovered):
            view.viewport().setCursor(Qt.CursorShape.CrossCursor)
            return
        grip = self._grip_at(pointer)
        if grip is not None:
            view.viewport().setCursor(_CURSORS[grip])
            return
        view.viewport().unsetCursor()
        found = picking.part_at(view.stage, pointer.at)
        if found is not None and not self._may_link(found):
            found = None
        if found != self._hovered:
            self._hovered = found
            rect = self._rect(found)
            view.overlay.show_handles(handle_points(rect).values() if rect else ())

    def _may_link(self, key: str) -> bool:
        """Notes and places are no ends of links; a selected server shows how to resize it."""
        item = self._view.document.design.components[key]
        if isinstance(item, Server):
            return key not in self._view.selection()
        return not isinstance(item, Note) and Trait.CONTAINER not in item.traits

    def review(self) -> None:
        """Hide the handles of what is gone, or shows how to resize it instead."""
        key = self._hovered
        if key is None:
            return
        if key not in self._view.document.design.components or not self._may_link(key):
            self._hide_handles()

    def leave(self) -> None:
        """Hide what shows while hovering."""
        self._hide_handles()

    def _hide_handles(self) -> None:
        self._hovered = None
        self._view.overlay.show_handles(())

    def _rect(self, key: str | None) -> Rect | None:
        return self._view.stage.placing.rects.get(key) if key is not None else None

    def _handle_at(self, pointer: Pointer, key: str) -> bool:
        rect = self._rect(key)
        reach = GRAB / self._view.zoom
        return rect is not None and any(
            (point - pointer.at).manhattanLength() <= reach
            for point in handle_points(rect).values()
        )

    def _grip_at(self, pointer: Pointer) -> tuple[int, int] | None:
        rect = self._rect(self._view.resizable())
        if rect is None:
            return None
        reach = GRAB / self._view.zoom
        for way, point in grip_points(rect).items():
            if (point - pointer.at).manhattanLength() <= reach:
                return way
        return None
