"""Requirements as text: `files-1 and (db-1.read or db-2.read)`, `2 of (a, b, c)`, `reach(a, b)`.

Grammar (there is no negation: a requirement is monotone, more working parts never hurt):

    expression = term { "or" term }
    term       = factor { "and" factor }
    factor     = number "of" "(" expression { "," expression } ")" | "(" expression ")"
               | "reach" "(" id ( "," id { "," id } | "->" id { "," id } ) ")"
               | "true" | id [ "." capability ]

`reach(a, b, c)` says that working links and parts join all of these, whichever way the links are
drawn; `reach(a -> b, c)` that they lead from the first to each of the others, as they are drawn.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.model.errors import DesignError

DEEPEST = 60
LONGEST = 20_000
_LONGEST_SHOWN = 40  # characters of a word in a message
_LONGEST_COUNT = 6  # digits of a count
_RESERVED = frozenset((")", ",", "->", "and", "or", "of"))
_TOKEN = re.compile(r"\s*([0-9]+|[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*(?:\.[a-z][a-z0-9_-]*)?|[(),]|->)")


class ExpressionError(DesignError):
    """An expression that cannot be read; `position` counts characters from 0."""

    def __init__(self, why: str, position: int) -> None:
        """Keep the reason and the place."""
        super().__init__(f"{why} at character {position + 1}")
        self.why = why
        self.position = position


@dataclass(frozen=True, slots=True)
class Need:
    """A capability of a component: `read`, `write`, `alive`, or one that the user named.

    Without a capability it is what the flow in question does.
    """

    component: str
    capability: str = ""


@dataclass(frozen=True, slots=True)
class AtLeast:
    """At least `count` of the items; all of them, or any one, are the two ends of it."""

    count: int
    items: tuple["Requirement", ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Two parts or more that working links and parts join; none of them twice.

    `directed`: the links lead from the first part to each of the others, as they are drawn.
    """

    parts: tuple[str, ...]
    directed: bool = False


Requirement = Need | AtLeast | Reach
ALWAYS = AtLeast(0, ())


def all_of(*items: Requirement) -> Requirement:
    """Return the requirement that every item holds."""
    return items[0] if len(items) == 1 else AtLeast(len(items), items)


def any_of(*items: Requirement) -> Requirement:
    """Return the requirement that one item holds."""
    return items[0] if len(items) == 1 else AtLeast(1, items)


@lru_cache(maxsize=4096)
def parse(text: str) -> Requirement:
    """Read an expression.

    Raises:
        ExpressionError: with the reason and the position of the character.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has at most {LONGEST} characters", LONGEST)
    reader = _Reader(text)
    found = reader.expression(0)
    reader.end()
    return found


def check_expression(field: str, text: str) -> None:
    """Refuse a text that is no expression, naming the field that holds it.

    Raises:
        ExpressionError: with the reason and the position of the character.
    """
    try:
        parse(text)
    except ExpressionError as error:
        raise ExpressionError(f"{field}: {error.why}", error.position) from None


def _cut(token: str) -> str:
    return token if len(token) <= _LONGEST_SHOWN else f"{token[:_LONGEST_SHOWN]}…"


class _Reader:
    """Recursive descent over the tokens, with a bound on the depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.tokens: list[tuple[str, int]] = []
        self._split()

    def _split(self) -> None:
        end = len(self.text.rstrip())
        position = 0
        while position < end:
            found = _TOKEN.match(self.text, position)
            if found is None:
                start = len(self.text) - len(self.text[position:].lstrip())
                raise ExpressionError(f"{self.text[start]!r} is not expected", start)
            self.tokens.append((found[1], found.start(1)))
            position = found.end()
        self.tokens.append(("", len(self.text)))

    def peek(self) -> str:
        return self.tokens[self.position][0]

    def take(self, wanted: str = "") -> str:
        token, place = self.tokens[self.position]
        if wanted and token != wanted:
            raise ExpressionError(f"expected {wanted!r}", place)
        self.position += 1
        return token

    def end(self) -> None:
        token, place = self.tokens[self.position]
        if token:
            raise ExpressionError(f"{_cut(token)!r} is not expected", place)

    def expression(self, depth: int) -> Requirement:
        if depth > DEEPEST:
            place = self.tokens[self.position][1]
            raise ExpressionError(f"more than {DEEPEST} brackets inside each other", place)
        items = [self.term(depth)]
        while self.peek() == "or":
            self.take()
            items.append(self.term(depth))
        return any_of(*items)

    def term(self, depth: int) -> Requirement:
        items = [self.factor(depth)]
        while self.peek() == "and":
            self.take()
            items.append(self.factor(depth))
        return all_of(*items)

    def factor(self, depth: int) -> Requirement:
        word, place = self.tokens[self.position]
        if word == "(":
            self.take()
            inner = self.expression(depth + 1)
            self.take(")")
            return inner
        if word.isdigit():
            return self.at_least(depth)
        if not word or word in _RESERVED:
            raise ExpressionError("expected the id of a part", place)
        self.take()
        if word == "reach" and self.peek() == "(":
            return self.reach()
        if word == "true":
            return ALWAYS
        component, _, capability = word.partition(".")
        return Need(component, capability)

    def at_least(self, depth: int) -> Requirement:
        token, place = self.tokens[self.position]
        self.take()
        self.take("of")
        self.take("(")
        items = [self.expression(depth + 1)]
        while self.peek() == ",":
            self.take()
            items.append(self.expression(depth + 1))
        self.take(")")
        count = int(token[:_LONGEST_COUNT])
        if len(token) > _LONGEST_COUNT or count < 1:
            raise ExpressionError(f"{_cut(token)} is no number of parts", place)
        return AtLeast(count, tuple(items))

    def reach(self) -> Requirement:
        self.take("(")
        found = [self.part(())]
        directed = self.peek() == "->"
        while self.peek() == "," or (self.peek() == "->" and len(found) == 1):
            self.take()
            found.append(self.part(found))
        place = self.tokens[self.position][1]
        self.take(")")
        if len(found) == 1:
            raise ExpressionError("reach needs two parts or more", place)
        return Reach(tuple(found), directed)

    def part(self, before: Sequence[str]) -> str:
        """Take the id of a part as a whole, which is not among those before it."""
        word, place = self.tokens[self.position]
        if not word or word in _RESERVED or not word[0].isalpha():
            raise ExpressionError("expected the id of a part", place)
        if "." in word:
            raise ExpressionError("reach takes whole parts", place + word.index("."))
        if word in before:
            raise ExpressionError(f"{_cut(word)!r} is named twice", place)
        return self.take()


def write(requirement: Requirement) -> str:
    """Return the text of a requirement; `parse` gives the same requirement back."""
    if isinstance(requirement, Reach):
        first, *others = requirement.parts
        return f"reach({first}{' -> ' if requirement.directed else ', '}{', '.join(others)})"
    if isinstance(requirement, Need):
        if not requirement.capability:
            return requirement.component
        return f"{requirement.component}.{requirement.capability}"
    if not requirement.items:
        return "true"
    word = _word(requirement)
    if word:
        return word.join(_bracketed(item) for item in requirement.items)
    return f"{requirement.count} of ({', '.join(write(item) for item in requirement.items)})"


def _word(requirement: AtLeast) -> str:
    """Return what stands between the items; nothing where only `of` can say it."""
    several = len(requirement.items) > 1
    if several and requirement.count == len(requirement.items):
        return " and "
    return " or " if several and requirement.count == 1 else ""


def _bracketed(item: Requirement) -> str:
    text = write(item)
    return f"({text})" if isinstance(item, AtLeast) and _word(item) else text


@lru_cache(maxsize=4096)
def parts(text: str) -> frozenset[str]:
    """Return the ids of the components that an expression names.

    Raises:
        ExpressionError: with the reason and the position of the character.
    """
    return frozenset(need.component for need in needs(text))


@lru_cache(maxsize=4096)
def needs(text: str) -> frozenset[Need]:
    """Return the capabilities of components that an expression names.

    Raises:
        ExpressionError: with the reason and the position of the character.
    """
    found = {leaf for leaf in _leaves(text) if isinstance(leaf, Need)}
    found.update(Need(part, "alive") for reach in reaches(text) for part in reach.parts)
    return frozenset(found)


def reaches(text: str) -> frozenset[Reach]:
    """Return the parts that have to reach each other by an expression.

    Raises:
        ExpressionError: with the reason and the position of the character.
    """
    return frozenset(leaf for leaf in _leaves(text) if isinstance(leaf, Reach))


def _leaves(text: str) -> Iterator[Need | Reach]:
    todo = [parse(text)]
    for requirement in todo:
        if isinstance(requirement, AtLeast):
            todo.extend(requirement.items)
        else:
            yield requirement


def renamed(text: str, names: Callable[[str], str | None]) -> str:
    """Return an expression with other ids; what `names` has None for is left out of it.

    Of a count, no more than what remains is asked for. What is left of parts that should reach
    each other has to run, where nothing is left to reach. Empty where nothing remains.
    """
    changed = _renamed(parse(text), names)
    return "" if changed is None else write(changed)


def _renamed(requirement: Requirement, names: Callable[[str], str | None]) -> Requirement | None:
    if isinstance(requirement, Need):
        name = names(requirement.component)
        return None if name is None else Need(name, requirement.capability)
    if isinstance(requirement, Reach):
        return _reaching(requirement, names)
    kept = [item for item in (_renamed(part, names) for part in requirement.items) if item]
    if len(kept) == len(requirement.items):
        return AtLeast(requirement.count, tuple(kept))
    if len(kept) > 1:
        count = len(kept) if requirement.count == len(requirement.items) else requirement.count
        return AtLeast(min(count, len(kept)), tuple(kept))
    return kept[0] if kept else None


def _reaching(requirement: Reach, names: Callable[[str], str | None]) -> Requirement | None:
    new = {part: name for part in requirement.parts if (name := names(part)) is not None}
    kept = tuple(dict.fromkeys(new.values()))  # two may have become one
    lost_start = requirement.directed and requirement.parts[0] not in new
    if len(kept) > 1 and not lost_start:
        return Reach(kept, requirement.directed)
    return all_of(*(Need(name, "alive") for name in kept)) if kept else None
