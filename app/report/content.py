"""What a write-up is made of. It is plain text: each rendering escapes it for its own form."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ref:
    """A word that leads to the entry of a part (`part-ID`) or of a finding (its key)."""

    text: str
    to: str


Cell = str | Ref


@dataclass(frozen=True, slots=True)
class Item:
    """A point of a list: what it is about, sentences about it, and where to read more.

    `anchor` is the name under which a `Ref` finds it; empty where none does.
    """

    text: str
    term: str | Ref = ""
    anchor: str = ""
    see: tuple[Ref, ...] = ()


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of points; `numbered` where their order matters."""

    items: tuple[Item, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """The place of the drawing."""


Block = str | Bullets | Table | Drawing  # a text by itself is a paragraph


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything below the heading."""
        return bool(self.blocks or self.sections)


@dataclass(frozen=True, slots=True)
class WriteUp:
    """The whole page."""

    title: str
    summary: tuple[Block, ...]
    sections: tuple[Section, ...]
