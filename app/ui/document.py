"""The document: the current design on an undo stack, and the one signal that drives every view."""

from collections.abc import Hashable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

if TYPE_CHECKING:
    from app.model.design import Design

UNDO_LIMIT = 500
UNTITLED = "Untitled"  # what a design is called before anybody names it


class Document(QObject):
    """Holds the design that is being edited. Views show it and never write to it."""

    changed = Signal(object, object)  # the design before and after
    path_changed = Signal(object)  # Path or None

    def __init__(self, design: "Design | None" = None, path: Path | None = None) -> None:
        """Begin with a design, saved under a path or never saved."""
        super().__init__()
        if design is not None:
            self.design = design
        self.path = path
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_LIMIT)

    @cached_property
    def design(self) -> "Design":
        """The current design; an empty one until something is drawn or opened."""
        from app.model.design import Design  # the first paint does without the model

        return Design()

    @property
    def empty(self) -> bool:
        """Whether nothing is drawn."""
        return "design" not in self.__dict__ or not self.design.components

    @property
    def name(self) -> str:
        """The name of the design."""
        return self.design.name if "design" in self.__dict__ else UNTITLED

    def apply(self, label: str, after: "Design", merge: Hashable = None) -> None:
        """Make a design the current one, as one step that can be undone.

        Steps with the same `merge` that follow each other become one, as typing in one field does.
        A design that is the current one already is no step.
        """
        if after is not self.design:
            self.undo_stack.push(_Step(self, label, after, merge))

    def reset(self, design: "Design", path: Path | None) -> None:
        """Show another design, for instance one that was opened; its past is empty."""
        before, self.design, self.path = self.design, design, path
        self.undo_stack.clear()
        self.changed.emit(before, design)
        self.path_changed.emit(path)

    def saved_as(self, path: Path, design: "Design") -> None:
        """Note that a design is on disk under a path: nothing is unsaved if it is this one."""
        self.path = path
        if design is self.design:
            self.undo_stack.setClean()
        self.path_changed.emit(path)

    @property
    def modified(self) -> bool:
        """Whether there are changes that are not saved."""
        return not self.undo_stack.isClean()

    def show(self, design: "Design") -> None:
        """Make a design current without a new step: what undo and redo do."""
        before, self.design = self.design, design
        self.changed.emit(before, design)


class _Step(QUndoCommand):
    """The one undo command: it swaps the design before with the design after."""

    def __init__(self, document: Document, label: str, after: "Design", merge: Hashable) -> None:
        super().__init__(label)
        self._document = document
        self.before = document.design
        self.after = after
        self.merge = merge

    def id(self) -> int:
        """Steps that may merge share the id of this class; Qt never merges others."""
        return 1 if self.merge is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over the end of a later step of the same gesture."""
        if not isinstance(other, _Step) or other.merge != self.merge:
            return False
        self.after = other.after
        return True

    def redo(self) -> None:
        """Show the design after."""
        self._document.show(self.after)

    def undo(self) -> None:
        """Show the design before."""
        self._document.show(self.before)
