"""The canvas without a mouse: walk, nudge, link, rename, delete."""

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from app.model.geometry import Rect
from app.model.sizes import GRID
from app.ui.canvas.connecting import Connect

if TYPE_CHECKING:
    from app.ui.canvas.view import CanvasView

Key = Qt.Key
Held = Qt.KeyboardModifier
_WAYS = {Key.Key_Left: (-1, 0), Key.Key_Right: (1, 0), Key.Key_Up: (0, -1), Key.Key_Down: (0, 1)}
_SCROLL = 48


class Keyboard:
    """Turns keys into commands of a view."""

    def __init__(self, view: "CanvasView") -> None:
        """Work for a view."""
        self._view = view
        hands = view.hands
        view_keys = QKeySequence.StandardKey
        self._standard = {
            view_keys.Delete: hands.delete,
            view_keys.Copy: hands.copy,
            view_keys.Cut: hands.cut,
            view_keys.Paste: hands.paste,
            view_keys.SelectAll: view.select_all,
        }
        self._plain: dict[Qt.Key, Callable[[], None]] = {
            Key.Key_Backspace: hands.delete,
            Key.Key_F2: hands.rename,
            Key.Key_L: hands.connect,
            Key.Key_Escape: view.escape,
            Key.Key_Return: self._enter,
            Key.Key_Enter: self._enter,
            Key.Key_Tab: lambda: self._tab(1),
        }

    def press(self, event: QKeyEvent) -> bool:
        """Do what a key says; returns whether it says anything."""
        held = event.modifiers() & ~Held.KeypadModifier
        key = Key(event.key())
        if key in _WAYS:
            return self._arrow(_WAYS[key], held)
        for standard, command in self._standard.items():
            if event.matches(standard):
                command()
                return True
        if held == Held.NoModifier and key in self._plain:
            self._plain[key]()
            return True
        return self._with_modifier(key, held)

    def _with_modifier(self, key: Qt.Key, held: Qt.KeyboardModifier) -> bool:
        view = self._view
        if held == Held.ControlModifier and key == Key.Key_D:
            view.hands.duplicate()
        elif key == Key.Key_Backtab:
            self._tab(-1)
        elif held == Held.ShiftModifier and key in (Key.Key_1, Key.Key_Exclam):
            view.fit_all()
        elif held == Held.ShiftModifier and key in (Key.Key_2, Key.Key_At, Key.Key_QuoteDbl):
            view.fit_selection()
        else:
            return False
        return True

    def _arrow(self, way: tuple[int, int], held: Qt.KeyboardModifier) -> bool:
        view = self._view
        if isinstance(view.gesture, Connect):
            self._aim(view.gesture, way)
        elif held == Held.AltModifier:
            self._walk(way)
        elif held & (Held.ControlModifier | Held.MetaModifier):
            return False
        elif view.selection():
            step = GRID if held & Held.ShiftModifier else 1
            view.hands.nudge(way[0] * step, way[1] * step)
        else:
            view.scroll_by(way[0] * _SCROLL, way[1] * _SCROLL)
        return True

    def _enter(self) -> None:
        view = self._view
        gesture = view.gesture
        if isinstance(gesture, Connect):
            view.begin(None)
            gesture.complete()
        elif view.selection():
            view.edit_requested.emit(view.selection()[0])

    def _tab(self, way: int) -> None:
        """Go to the next part as one reads; without a selection ask for a part to add."""
        view = self._view
        rects = view.stage.placing.rects
        order = sorted(rects, key=lambda key: (round(rects[key][1] / GRID), rects[key][0]))
        chosen = [key for key in view.selection() if key in rects]
        if not chosen:
            view.quick_add_requested.emit()
            return
        following = order[(order.index(chosen[-1]) + way) % len(order)]
        view.select((following,))
        view.reveal(following)

    def _walk(self, way: tuple[int, int]) -> None:
        """Go to a part that is linked in this direction, else to the next that lies there."""
        view = self._view
        design, rects = view.stage.design, view.stage.placing.rects
        chosen = [key for key in view.selection() if key in rects]
        if not chosen:
            start = next(iter(design.components), None)
            if start is not None:
                view.select((start,))
                view.reveal(start)
            return
        here = chosen[-1]
        linked = {design.links[link].target for link in design.outgoing[here]}
        linked |= {design.links[link].source for link in design.incoming[here]}
        found = nearest(here, linked, rects, way) or nearest(here, rects.keys(), rects, way)
        if found is not None:
            view.select((found,))
            view.reveal(found)

    def _aim(self, gesture: Connect, way: tuple[int, int]) -> None:
        view = self._view
        rects = view.stage.placing.rects
        here = gesture.target or gesture.source
        found = nearest(here, gesture.legal, rects, way)
        if found is not None:
            gesture.aim(found, QPointF(*_middle(rects[found])))
            view.reveal(found)
            view.announce(view.describe(found))


def nearest(
    here: str, keys: Collection[str], rects: dict[str, Rect], way: tuple[int, int]
) -> str | None:
    """Return the component that lies next to another in a direction, among some."""
    x, y = _middle(rects[here])
    best: tuple[float, str] | None = None
    for key in keys:
        if key == here:
            continue
        there_x, there_y = _middle(rects[key])
        along = (there_x - x) * way[0] + (there_y - y) * way[1]
        aside = abs((there_x - x) * way[1]) + abs((there_y - y) * way[0])
        if along > 1 and aside <= 3 * along and (best is None or along + 2 * aside < best[0]):
            best = along + 2 * aside, key
    return best[1] if best else None


def _middle(rect: Rect) -> tuple[float, float]:
    return rect[0] + rect[2] / 2, rect[1] + rect[3] / 2
