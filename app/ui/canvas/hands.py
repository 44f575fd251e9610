"""The commands of the canvas on what is selected: what actions, keys and the palette ask for."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.model.design import Design
from app.ui.background import Background
from app.ui.canvas import commands, editing, picking
from app.ui.canvas.connecting import Connect
from app.ui.canvas.renaming import NameEditor

if TYPE_CHECKING:
    from app.ui.canvas.view import CanvasView


class Hands:
    """Changes the document of a view, and keeps the selection with what has changed."""

    def __init__(self, view: "CanvasView") -> None:
        """Work for a view."""
        self._view = view
        self._background = Background(view)
        self._editor: NameEditor | None = None

    def delete(self) -> None:
        """Delete what is selected."""
        commands.delete(self._view.document, self._view.selection())

    def duplicate(self) -> None:
        """Copy what is selected beside itself."""
        self._view.select(commands.duplicate(self._view.document, self._view.selection()))

    def copy(self) -> None:
        """Put what is selected on the clipboard."""
        commands.copy(self._view.document, self._view.selection())

    def cut(self) -> None:
        """Put what is selected on the clipboard and delete it."""
        if commands.copy(self._view.document, self._view.selection()):
            self.delete()

    def paste(self) -> None:
        """Add what is on the clipboard in the middle of the view."""
        view = self._view
        middle = view.seen_area().center()
        new = commands.paste(view.document, (middle.x(), middle.y()))
        if new is None:
            view.hint.emit("The clipboard holds no part of a design.")
            return
        view.select(picking.outermost(view.document.design, new))
        view.reveal(new[0])

    def nudge(self, dx: float, dy: float) -> None:
        """Move what is selected by pixels."""
        view = self._view
        commands.nudge(view.document, view.selection(), (dx, dy), view.stage.placing.rects)

    def add(self, kind: str) -> str | None:
        """Add a component of a kind next to the selection, else in the middle of the view."""
        view = self._view
        middle = view.seen_area().center()
        key = commands.add_beside(
            view.document,
            kind,
            view.selection(),
            (middle.x(), middle.y()),
            view.stage.placing.rects,
        )
        if key is not None:
            view.select((key,))
            view.reveal(key)
        return key

    def rename(self) -> None:
        """Edit the name of the selected component in place."""
        key = self._selected_part()
        if key is not None:
            self._view.reveal(key)
            self._editor = NameEditor(self._view, key)

    def connect(self) -> None:
        """Draw a link from the selected component with the keyboard."""
        key = self._selected_part()
        if key is not None:
            self._view.begin(Connect(self._view.board, key))
            self._view.hint.emit("Arrows choose a part, Enter links to it, Esc leaves it")

    def _selected_part(self) -> str | None:
        parts = self._view.document.design.components
        return next((key for key in self._view.selection() if key in parts), None)

    def tidy(self) -> None:
        """Lay the design out in layers, in the background and as one step."""
        before = self._view.document.design
        self._view.hint.emit("Tidying up …")
        self._view.viewport().setCursor(Qt.CursorShape.BusyCursor)
        self._background.run(
            lambda: editing.tidied(before),
            lambda after: self._tidied(before, after),
            lambda: self._say_tidied("The layout failed."),
        )

    def _tidied(self, before: Design, after: Design) -> None:
        """Take a layout, unless the design has changed meanwhile."""
        document = self._view.document
        if document.design is not before:
            self._say_tidied("The design has changed: tidy up again.")
            return
        document.apply("Tidy up", after)
        self._view.fit_all()
        self._say_tidied("")

    def _say_tidied(self, text: str) -> None:
        self._view.viewport().unsetCursor()
        self._view.hint.emit(text)
