"""A part dragged in from the palette: shown under the mouse, added where it is dropped."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QGraphicsItem

from app.model.edits import new_component
from app.model.kinds import KINDS
from app.model.sizes import CARD_HEIGHT, CARD_WIDTH
from app.model.traits import Trait
from app.ui.canvas import commands, picking
from app.ui.canvas.clipboard import KIND
from app.ui.canvas.component_item import ComponentItem
from app.ui.canvas.container_item import ContainerItem
from app.ui.canvas.guides import to_grid
from app.ui.canvas.overlays import LEVEL

if TYPE_CHECKING:
    from app.ui.canvas.view import CanvasView

SEE_THROUGH = 0.75


class Drop:
    """Takes kinds by drag and drop."""

    def __init__(self, view: "CanvasView") -> None:
        """Work for a view."""
        self._view = view
        self._ghost: QGraphicsItem | None = None
        self._kind = ""
        self._lit: str | None = None

    def enter(self, event: QDragMoveEvent) -> None:
        """Accept a kind that exists; anything else is for the window."""
        data = event.mimeData()
        kind = bytes(data.data(KIND).data()).decode("utf-8", "replace")
        if not data.hasFormat(KIND) or kind not in KINDS:
            event.ignore()
            return
        self.clear()
        self._kind = kind
        self._ghost = self._make(kind)
        event.acceptProposedAction()
        self._follow(event.position())

    def _make(self, kind: str) -> QGraphicsItem:
        stage = self._view.stage
        _, item = new_component(stage.design, kind)
        ghost: ComponentItem | ContainerItem
        if Trait.CONTAINER in item.traits:
            ghost = ContainerItem(item, stage.pictures, vector=False)
            ghost.place((0.0, 0.0, CARD_WIDTH, CARD_HEIGHT))
        else:
            ghost = ComponentItem(item, stage.pictures)
        ghost.setOpacity(SEE_THROUGH)
        ghost.setZValue(LEVEL)
        stage.addItem(ghost)
        return ghost

    def move(self, event: QDragMoveEvent) -> None:
        """Follow the mouse."""
        if self._ghost is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self._follow(event.position())

    def _follow(self, spot: QPointF) -> None:
        if self._ghost is None:
            return
        corner = self._corner(spot)
        self._ghost.setPos(*corner)
        self._light(self._container(spot))

    def _corner(self, spot: QPointF) -> tuple[float, float]:
        at = self._view.scene_point(spot)
        return to_grid(at.x() - CARD_WIDTH / 2), to_grid(at.y() - CARD_HEIGHT / 2)

    def _container(self, spot: QPointF) -> str | None:
        stage = self._view.stage
        return picking.container_at(stage, self._view.scene_point(spot))

    def _light(self, key: str | None) -> None:
        if key == self._lit:
            return
        for name, lit in ((self._lit, False), (key, True)):
            part = self._view.stage.parts.get(name) if name is not None else None
            if part is not None:
                part.set_lit(lit)
        self._lit = key

    def finish(self, event: QDropEvent) -> None:
        """Add the part where it was dropped."""
        if self._ghost is None:
            event.ignore()
            return
        spot, kind = event.position(), self._kind
        corner, parent = self._corner(spot), self._container(spot)
        self.clear()
        event.acceptProposedAction()
        view = self._view
        key = commands.add(view.document, kind, corner, parent)
        if key is not None:
            view.select((key,))
        view.setFocus()

    def clear(self) -> None:
        """Show nothing."""
        self._light(None)
        if self._ghost is not None:
            self._view.stage.removeItem(self._ghost)
            self._ghost = None
