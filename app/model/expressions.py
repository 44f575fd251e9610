"""Requirements as text: `files-1 and (db-1.read or db-2.read)`, `2 of (a, b, c)`, `true`.

Grammar (there is no negation: a requirement is monotone, more working parts never hurt):

    expression = term { "or" term }
    term       = factor { "and" factor }
    factor     = number "of" "(" expression { "," expression } ")" | "(" expression ")"
               | "true" | id [ "." capability ]
"""

import re
from dataclasses import dataclass
from functools import cache

from app.model.errors import DesignError

DEEPEST = 60
LONGEST = 20_000
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+)|(?P<word>[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*(?:\.[a-z][a-z0-9_-]*)?)"
    r"|(?P<mark>[(),]))"
)


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


Requirement = Need | AtLeast
ALWAYS = AtLeast(0, ())


def all_of(*items: Requirement) -> Requirement:
    """Return the requirement that every item holds."""
    return items[0] if len(items) == 1 else AtLeast(len(items), items)


def any_of(*items: Requirement) -> Requirement:
    """Return the requirement that one item holds."""
    return items[0] if len(items) == 1 else AtLeast(1, items)


@cache
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


class _Reader:
    """Recursive descent over the tokens, with a bound on the depth."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.tokens: list[tuple[str, int]] = []
        self._split()

    def _split(self) -> None:
        position = 0
        while self.text[position:].strip():
            found = _TOKEN.match(self.text, position)
            if found is None:
                start = position + len(self.text[position:]) - len(self.text[position:].lstrip())
                raise ExpressionError(f"{self.text[start]!r} is not expected", start)
            self.tokens.append((found.group().strip(), found.end() - len(found.group().strip())))
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
            raise ExpressionError(f"{token!r} is not expected", place)

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
        token, place = self.tokens[self.position]
        if token == "(":
            self.take()
            inner = self.expression(depth + 1)
            self.take(")")
            return inner
        if token.isdigit():
            return self.at_least(depth)
        if not token or token in {")", ",", "and", "or", "of"}:
            raise ExpressionError("expected the id of a part", place)
        self.take()
        if token == "true":
            return ALWAYS
        component, _, capability = token.partition(".")
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
        if len(token) > 6 or not 1 <= int(token) <= len(items):
            raise ExpressionError(f"{token} of {len(items)} can never hold", place)
        return AtLeast(int(token), tuple(items))


def write(requirement: Requirement) -> str:
    """Return the text of a requirement; `parse` gives the same requirement back."""
    if isinstance(requirement, Need):
        if not requirement.capability:
            return requirement.component
        return f"{requirement.component}.{requirement.capability}"
    if not requirement.items:
        return "true"
    parts = [
        f"({text})" if isinstance(item, AtLeast) and item.items else text
        for item in requirement.items
        for text in [write(item)]
    ]
    if requirement.count == len(parts) and len(parts) > 1:
        return " and ".join(parts)
    if requirement.count == 1 and len(parts) > 1:
        return " or ".join(parts)
    return f"{requirement.count} of ({', '.join(parts)})"
