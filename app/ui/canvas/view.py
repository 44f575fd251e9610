"""The canvas: shows the design of a document and turns gestures into edits.

What gestures and commands need is loaded at their first use: the first paint shows no hand.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip

from app.model.traits import Trait
from app.ui.canvas.empty import EmptyHint
from app.ui.canvas.zooming import FAR, ZoomView
from app.ui.document import Document
from app.ui.theme import Theme

if TYPE_CHECKING:
    from app.analysis.what_if import Outcome
    from app.model.design import Design
    from app.rules.registry import Finding, Witness
    from app.ui.canvas.dropping import Drop
    from app.ui.canvas.evidence import Evidence
    from app.ui.canvas.hands import Hands
    from app.ui.canvas.keyboard import Keyboard
    from app.ui.canvas.mouse import Mouse
    from app.ui.canvas.overlays import Overlay
    from app.ui.canvas.tokens import Tokens
    from app.ui.canvas.tools import Board, Gesture

Ids = tuple[str, ...]


class CanvasView(ZoomView):
    """The drawing area of a window."""

    selection_changed = Signal(object)  # ids of components and links
    hint = Signal(str)  # what a gesture is about to do, for the status bar
    edit_requested = Signal(str)  # a component or link, by double click or Enter
    finding_requested = Signal(str)  # a component whose badge was clicked
    restored = Signal()  # what was taken for failed is to work again
    quick_add_requested = Signal()  # Tab, or a double click on the ground
    menu_requested = Signal(object)  # a QPoint of the screen; what is under it is selected

    def __init__(self, document: Document, theme: Theme) -> None:
        """Show the design of a document and follow it."""
        super().__init__(document, theme)
        self._selection: Ids = ()
        self._found: tuple[Finding, ...] = ()  # worst first
        self._preview: Design | None = None
        self._witness: Witness | None = None
        self._failed: tuple[str, ...] = ()
        self._outcomes: Mapping[str, Outcome] = {}
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Canvas")
        self._empty = EmptyHint(self)
        document.changed.connect(self._follow)
        self._empty.setVisible(document.empty)

    def furnish(self) -> None:
        """Make ready what gestures need, before the first of them."""
        _ = self.hands, self._mouse, self._keyboard, self._drop, self.board, self.evidence

    @cached_property
    def hands(self) -> "Hands":
        """The commands on what is selected."""
        from app.ui.canvas.hands import Hands

        return Hands(self)

    @cached_property
    def _mouse(self) -> "Mouse":
        from app.ui.canvas.mouse import Mouse

        return Mouse(self)

    @cached_property
    def _keyboard(self) -> "Keyboard":
        from app.ui.canvas.keyboard import Keyboard

        return Keyboard(self)

    @cached_property
    def _drop(self) -> "Drop":
        from app.ui.canvas.dropping import Drop

        return Drop(self)

    @cached_property
    def overlay(self) -> "Overlay":
        """What gestures draw over the design."""
        from app.ui.canvas.overlays import Overlay

        _ = self.stage  # whatever lies in the bare ground goes with it
        return Overlay(self.scene(), self.theme)

    @cached_property
    def evidence(self) -> "Evidence":
        """What findings draw over the design."""
        from app.ui.canvas.evidence import Evidence

        return Evidence(self.stage)

    @cached_property
    def tokens(self) -> "Tokens":
        """What a simulation draws over the design."""
        from app.ui.canvas.tokens import Tokens

        return Tokens(self.stage)

    @cached_property
    def board(self) -> "Board":
        """What gestures work on."""
        from app.ui.canvas.tools import Board

        return Board(
            self.document,
            self.stage,
            self.overlay,
            self.select,
            self.hint.emit,
            self._tip,
            lambda: self.zoom,
            self.seen_area,
        )

    def _follow(self, before: "Design", after: "Design") -> None:
        """Show what the document has become."""
        self._mouse.cancel()
        self.evidence.clear()
        if self.stage.design is not after:  # it is, where the stage was made just now
            self.stage.show(before, after)
        self._witness = self._preview = None
        self._empty.setVisible(not after.components)
        kept = tuple(k for k in self._selection if k in after.components or k in after.links)
        if kept != self._selection:
            self.select(kept)
        self._mouse.review()
        self.show_grips()
        self.start_work()
        self.make_seen()

    def set_theme(self, theme: Theme) -> None:
        """Draw everything in the colours of another theme."""
        self.theme = theme
        self.dot_the_ground()
        if self.staged:
            self._set_again()

    def _set_again(self) -> None:
        self._mouse.cancel()
        self._mouse.leave()
        self._drop.clear()
        from app.ui.canvas.scene import Scene

        old, self.stage = self.stage, Scene(self.theme)
        self.stage.cover(old.sceneRect())
        if "tokens" in self.__dict__:
            self.tokens.clear()
        for drawn in ("far", "overlay", "evidence", "board", "tokens"):
            self.__dict__.pop(drawn, None)  # in the old colours; made anew at their next use
        super().show_far(self.zoom < FAR)
        old.deleteLater()
        self._follow_scene()
        self.stage.show(None, self.document.design)
        self.stage.select(self._selection)
        self.show_findings(self._found)
        self.start_work()
        self._rest.start()
        self.preview(self._preview)
        self.show_grips()
        self._seen()

    def show_far(self, far: bool) -> None:
        """Take along what gestures draw."""
        before = self.scene()
        super().show_far(far)
        if self.scene() is not before and "overlay" in self.__dict__:  # else it begins there
            self.overlay.enter(self.scene())

    # --- selection --------------------------------------------------------------------------

    def selection(self) -> Ids:
        """Return the ids of what is selected, in the order in which it was."""
        return self._selection

    def select(self, ids: Collection[str]) -> None:
        """Select components and links, and nothing else."""
        design = self.document.design
        order = [key for key in self._selection if key in ids]
        order += [key for key in ids if key not in self._selection]
        wanted = tuple(k for k in order if k in design.components or k in design.links)
        if wanted == self._selection:
            return
        self._selection = wanted
        self.stage.select(wanted)
        self._mouse.review()
        self.show_grips()
        self.selection_changed.emit(wanted)
        self.announce(self._words())

    def _words(self) -> str:
        if len(self._selection) == 1:
            return self.describe(self._selection[0])
        return f"{len(self._selection)} selected" if self._selection else ""

    def describe(self, key: str) -> str:
        """Return a component or link in words."""
        from app.ui.canvas import speech

        return speech.described(self.document.design, key, speech.about(self._found, key))

    def _tip(self, text: str) -> None:
        QToolTip.showText(QCursor.pos(), text, self.viewport())

    def announce(self, text: str) -> None:
        """Have a text read out by screen readers."""
        from app.ui.canvas import speech

        speech.announce(self, text)

    def select_all(self) -> None:
        """Select all components and links."""
        design = self.document.design
        self.select((*design.components, *design.links))

    def resizable(self) -> str | None:
        """Return the selected container or note, if it is the only thing that is selected."""
        if len(self._selection) != 1:
            return None
        from app.model.containers import Note

        item = self.document.design.components.get(self._selection[0])
        if item is None or not (isinstance(item, Note) or Trait.CONTAINER in item.traits):
            return None
        return self._selection[0]

    def show_grips(self) -> None:
        """Show the handles of what can be resized, where it is now."""
        from app.ui.canvas.overlays import grip_points

        key = self.resizable()
        rect = self.stage.placing.rects.get(key) if key is not None else None
        self.overlay.show_grips(grip_points(rect).values() if rect else ())

    def fit_selection(self) -> None:
        """Show what is selected as large as it goes."""
        links = self.document.design.links
        keys = [k for k in self._selection if k not in links]
        keys += [end for k in self._selection if k in links
                 for end in (links[k].source, links[k].target)]  # fmt: skip
        self.fit(self.stage.content(keys))

    def reveal(self, key: str) -> None:
        """Scroll as little as needed to see a component."""
        if key in self.stage.placing.rects:
            self.ensureVisible(QRectF(*self.stage.placing.rects[key]), 48, 48)

    # --- gestures ---------------------------------------------------------------------------

    @property
    def gesture(self) -> "Gesture | None":
        """What goes on between a press and a release."""
        return self._mouse.gesture

    def begin(self, gesture: "Gesture | None") -> None:
        """Leave the gesture that goes on, and take up another or none."""
        self._mouse.cancel()
        self._mouse.gesture = gesture

    def escape(self) -> None:
        """Leave the gesture; without one, what is previewed; without that, the selection."""
        if self._mouse.cancel():
            return
        if self._failed:
            self.restored.emit()
            return
        if self.evidence.shown:
            self.show_evidence(None)
            return
        self.select(())

    # --- findings ---------------------------------------------------------------------------

    def show_findings(self, findings: "Iterable[Finding]") -> None:
        """Mark the components that findings are about; the findings come worst first."""
        from app.ui.canvas import speech

        self._found = tuple({finding.key: finding for finding in findings}.values())
        components = self.document.design.components
        worst = speech.severities(self._found)
        self.stage.mark({key: worst[key] for key in worst if key in components})

    def show_evidence(self, witness: "Witness | None") -> None:
        """Draw what a finding rests on over the design; None takes it away."""
        self._witness = witness
        if witness is None:
            self.evidence.clear()
            if self._preview is not None:
                self.evidence.show_preview(self._preview)
            elif self._failed:
                self.evidence.show_failure(self._failed, self._outcomes)
        else:
            self.evidence.show_witness(witness)

    def show_failure(self, failed: tuple[str, ...], outcomes: "Mapping[str, Outcome]") -> None:
        """Draw what has failed and what becomes of the flows; nothing failed takes it away."""
        self._failed, self._outcomes = failed, outcomes
        self.show_evidence(None)

    def preview(self, design: "Design | None") -> None:
        """Draw what another design would change, without changing anything; None ends that."""
        self._preview = design
        if design is not None:
            self.evidence.show_preview(design)
            self._reveal_new(design)
        else:
            self.show_evidence(self._witness)

    def _reveal_new(self, design: "Design") -> None:
        """Scroll as little as needed to see what another design would add."""
        from app.ui.canvas.placing import Placing

        rects = Placing(design).rects
        area = QRectF()
        for key in design.components.keys() - self.document.design.components.keys():
            area = area.united(QRectF(*rects[key]))
        if not area.isEmpty():
            self.ensureVisible(area, 24, 24)

    # --- events -----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a gesture."""
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with a gesture, or hover."""
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a gesture."""
        self._mouse.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Rename or edit."""
        self._mouse.double_click(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide what shows while hovering."""
        self._mouse.leave()
        super().leaveEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is under the mouse, but keep a selection that holds it."""
        from app.ui.canvas import picking

        if event.reason() == QContextMenuEvent.Reason.Mouse:
            at = self.scene_point(QPointF(event.pos()))
            found = picking.element_at(self.stage, at, picking.REACH / self.zoom)
            if found is None:
                self.select(())
            elif found not in self._selection:
                self.select((found,))
        self.menu_requested.emit(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what a key says."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._mouse.space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        elif not self._keyboard.press(event):
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Stop panning with Space."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._mouse.space = False
            self.viewport().unsetCursor()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Forget Space: its release would go elsewhere."""
        super().focusOutEvent(event)
        if "_mouse" in self.__dict__ and self._mouse.space:
            self._mouse.space = False
            self.viewport().unsetCursor()

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Keep Tab: it walks through the parts. Ctrl+Tab leaves the canvas."""
        return False

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what is under the mouse."""
        if isinstance(event, QHelpEvent):
            self._help(event)
            return True
        return super().viewportEvent(event)

    def _help(self, event: QHelpEvent) -> None:
        from app.ui.canvas import picking, speech

        at = self.scene_point(QPointF(event.pos()))
        found = picking.element_at(self.stage, at, picking.REACH / self.zoom)
        if found is not None and self.gesture is None:
            words = speech.tip(self.document.design, found, speech.about(self._found, found))
            QToolTip.showText(event.globalPos(), words, self.viewport())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the hint in the middle."""
        super().resizeEvent(event)
        self._empty.fill(self.rect())
        self._seen()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take kinds from the palette."""
        self._drop.enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the part would come."""
        self._drop.move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget the part."""
        self._drop.clear()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add the part."""
        self._drop.finish(event)
