"""Undo as a state machine: real edits on the real stack of Qt give back the very same designs."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.model import edits
from app.model.design import Design
from app.storage.codec import dump, load
from app.ui.document import UNDO_LIMIT, Document
from tests.strategies import edited_designs_of


class DocumentMachine(RuleBasedStateMachine):
    """A document beside a plain list of the designs that it went through."""

    def __init__(self) -> None:
        """Begin with an empty document that was just saved."""
        super().__init__()
        self.document = Document()
        self.history: list[Design] = [self.document.design]
        self.place = 0
        self.saved = 0
        self.typed: list[bool] = [False]  # whether each design came by typing
        self.signals: list[tuple[Design, Design]] = []
        self.document.changed.connect(lambda *pair: self.signals.append(pair))

    def _moved(self, before: Design) -> None:
        """Expect one signal, from what was shown to what is shown."""
        assert len(self.signals) == 1
        assert self.signals[0][0] is before
        assert self.signals[0][1] is self.document.design
        self.signals.clear()

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        """One gesture: one step, and what was undone is gone."""
        before = self.document.design
        after = data.draw(edited_designs_of(before))
        self.document.apply("Edit", after)
        if after is before:
            assert not self.signals
            return
        self._moved(before)
        self._pushed(after, typed=False)

    def _pushed(self, after: Design, *, typed: bool) -> None:
        del self.history[self.place + 1 :], self.typed[self.place + 1 :]
        self.history.append(after)
        self.typed.append(typed)
        self.place += 1
        if self.saved >= self.place:
            self.saved = -1

    @rule(letter=st.sampled_from("abc"))
    def type_into_a_field(self, letter: str) -> None:
        """Letters that follow each other are one step, unless a save lies between.

        Qt joins a step to the one on top of it, also after an undo that laid that one bare.
        """
        before = self.document.design
        after = edits.rename(before, before.name[-20:] + letter)
        joins = self.typed[self.place] and self.place != self.saved
        self.document.apply("Type", after, merge="name")
        self._moved(before)
        if joins:
            self.place -= 1
        self._pushed(after, typed=True)

    @precondition(lambda self: self.place > 0)
    @rule()
    def undo(self) -> None:
        """The design before is back: the same object."""
        before = self.document.design
        self.document.undo_stack.undo()
        self.place -= 1
        self._moved(before)

    @precondition(lambda self: self.place + 1 < len(self.history))
    @rule()
    def redo(self) -> None:
        """The design after is back: the same object."""
        before = self.document.design
        self.document.undo_stack.redo()
        self.place += 1
        self._moved(before)

    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        """As a click in the history panel does: any number of steps at once."""
        self.place = data.draw(st.integers(0, len(self.history) - 1))
        self.document.undo_stack.setIndex(self.place)
        self.signals.clear()

    @rule()
    def save(self) -> None:
        """What is saved is what is shown."""
        assert load(dump(self.document.design)) == self.document.design
        self.document.undo_stack.setClean()
        self.saved = self.place

    @invariant()
    def the_design_is_the_one_of_its_place(self) -> None:
        """Not an equal design: the very object, so that views find what changed by identity."""
        assert self.document.design is self.history[self.place]
        assert self.document.undo_stack.index() == self.place
        assert self.document.undo_stack.count() == len(self.history) - 1

    @invariant()
    def what_is_saved_is_known(self) -> None:
        """Unsaved work is asked about, saved work is not."""
        assert self.document.modified == (self.place != self.saved)

    def teardown(self) -> None:
        """Undo everything: the first design is back."""
        while self.document.undo_stack.canUndo():
            self.document.undo_stack.undo()
        assert self.document.design is self.history[0]


DocumentMachine.TestCase.settings = settings(stateful_step_count=30)
TestDocumentMachine = DocumentMachine.TestCase


def test_the_past_is_bounded(qapp: object) -> None:
    document = Document()
    for number in range(UNDO_LIMIT + 50):
        document.apply("Rename", edits.rename(document.design, f"Design {number}"))
    assert document.undo_stack.count() == UNDO_LIMIT
