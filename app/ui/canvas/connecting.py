"""Drawing a link: from a handle with the mouse, or from the selection with the keyboard."""

from PySide6.QtCore import QPointF

from app.model import wiring
from app.model.errors import DesignError
from app.ui.canvas import editing, picking
from app.ui.canvas.routes import port_on
from app.ui.canvas.routing import Box, shapes, sides
from app.ui.canvas.scene import PartItem
from app.ui.canvas.tools import Board, Pointer

DIMMED = 0.35
_WORDS = {"request": "requests", "read": "reads", "write": "writes", "replicate": "replication"}


class Connect:
    """Draws a link from a component to the one under the mouse, or chosen by the keyboard."""

    def __init__(self, board: Board, source: str) -> None:
        """Begin at a component: what it may be linked to is lit, the rest is dimmed."""
        self._board = board
        self.source = source
        self.target: str | None = None
        self._dimmed: list[PartItem] = []
        design, scene = board.document.design, board.scene
        seen = board.seen()
        box = Box(seen.left(), seen.top(), seen.right(), seen.bottom())
        near = scene.routes.ground.obstacles.meeting(box) - {source}
        self.legal = {key for key in near if wiring.refusal(design, source, key) is None}
        board.overlay.show_lights(scene.placing.rects[key] for key in sorted(self.legal))
        for key in near - self.legal:
            part = scene.parts.get(key)
            if part is not None:
                part.setOpacity(DIMMED)
                self._dimmed.append(part)

    def move(self, pointer: Pointer) -> None:
        """Follow the mouse, and say what a release would do."""
        self.aim(picking.part_at(self._board.scene, pointer.at), pointer.at)

    def aim(self, target: str | None, at: QPointF) -> None:
        """Point at a component, or at nothing."""
        board = self._board
        self.target = target if target != self.source else None
        why = self.refusal()
        lit = self.target if self.target and why is None else None
        rects = board.scene.placing.rects
        board.overlay.show_target(rects[lit] if lit else None)
        x, y, width, height = rects[lit] if lit else (at.x() - 1, at.y() - 1, 2.0, 2.0)
        start, end = _box(rects[self.source]), Box(x, y, x + width, y + height)
        leave, enter = sides(start, end)
        ports = port_on(start, leave, 0, 1), port_on(end, enter, 0, 1)
        board.overlay.show_link(next(iter(shapes(*ports, start, end)), None))
        board.hint(self._says(why))
        board.tip(why or "")

    def refusal(self) -> str | None:
        """Say why the component that is pointed at cannot be the target."""
        if self.target is None:
            return None
        return wiring.refusal(self._board.document.design, self.source, self.target)

    def _says(self, why: str | None) -> str:
        design = self._board.document.design
        if self.target is None:
            return f"Drop on a lit part to link {design.components[self.source].name} to it"
        if why is not None:
            return why
        links = wiring.propose(design, self.source, self.target)
        roles = " and ".join(_WORDS.get(link.role, link.role) for link in links)
        names = (design.components[key].name for key in (self.source, self.target))
        return f"Link {' to '.join(names)}: {roles}, {links[0].protocol}"

    def finish(self, pointer: Pointer) -> None:
        """Draw the links that make sense, as one step; an illegal target says why."""
        self.move(pointer)
        self.complete()

    def complete(self) -> None:
        """Draw the links to the component that is pointed at."""
        target, board = self.target, self._board
        self.cancel()
        if target is None:
            return
        design = board.document.design
        try:
            after, made = editing.connected(design, self.source, target)
        except DesignError as error:
            board.hint(str(error))
            return
        names = [design.components[key].name for key in (self.source, target)]
        board.document.apply(f"Link {names[0]} to {names[1]}", after)
        board.select(made)

    def cancel(self) -> None:
        """Draw nothing."""
        for part in self._dimmed:
            part.setOpacity(1.0)
        self._dimmed = []
        self._board.overlay.clear()
        self._board.hint("")
        self._board.tip("")


def _box(rect: tuple[float, float, float, float]) -> Box:
    x, y, width, height = rect
    return Box(x, y, x + width, y + height)
