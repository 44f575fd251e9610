"""Which element of one design is which of another: by id, else by what people would go by."""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from operator import eq
from typing import Any

from app.model import expressions
from app.model.design import Design
from app.model.fields import FieldFacts

_GONE = "-"  # begins no id, so that what stands for a part that is gone is never another part


@dataclass(frozen=True, slots=True)
class Matching:
    """The ids that the elements of a design have in another one.

    `pairs`: id before → id after, of what is in both. `ids` has every id of the design before:
    what is not in the other one has an id there that nothing else has.
    """

    pairs: Mapping[str, str]
    ids: Mapping[str, str]

    @property
    def redrawn(self) -> Mapping[str, str]:
        """What has another id than before, and was recognised by other things."""
        return {old: new for old, new in self.pairs.items() if old != new}

    def id(self, key: str) -> str:
        """Return the id in the other design; what is no id stays as it is."""
        return self.ids.get(key, key)

    def value(self, facts: FieldFacts, value: Any) -> Any:
        """Return the value of a field with the ids in it as they are in the other design."""
        if facts.type == "id":
            return self.id(value)
        if facts.type == "ids":  # of the firewalls on a link, `a|b` are alternatives
            return tuple("|".join(map(self.id, entry.split("|"))) for entry in value)
        if facts.type == "mapping":
            return {key: self._expression(text) for key, text in value.items()}
        return self._expression(value) if facts.name == "requires" else value

    def _expression(self, text: str) -> str:
        names = expressions.parts(text) if text else frozenset[str]()
        # Only where an id differs is it written anew: else brackets and blanks stay as they were.
        return expressions.renamed(text, self.id) if set(map(self.id, names)) != names else text


def match(before: Design, after: Design) -> Matching:
    """Find the elements of one design in another.

    The same id is the same part where its kind or name is the same as well, and the same flow
    where its name or operation is. What is left was drawn again, and is matched by both where only
    one on each side is like that, or only one in the same container. Links get their ids as they
    are drawn, so their ends and role come first; the same id is the same link where one end is.
    """
    parts = _parts(
        {key: (item.kind, item.name) for key, item in before.components.items()},
        {key: (item.kind, item.name) for key, item in after.components.items()},
    )
    while more := _by_likeness(_nested(before, parts, parts), _nested(after, parts.values())):
        parts |= more  # and what they hold may be told apart now
    links = _links(
        {key: (parts.get(link.source), parts.get(link.target), link.role)
         for key, link in before.links.items()},
        {key: (link.source, link.target, link.role) for key, link in after.links.items()},
    )  # fmt: skip
    flows = _parts(
        {key: (flow.name, flow.operation) for key, flow in before.flows.items()},
        {key: (flow.name, flow.operation) for key, flow in after.flows.items()},
    )
    pairs = parts | links | flows
    every = (*before.components, *before.links, *before.flows)
    return Matching(pairs, {key: pairs.get(key, f"{_GONE}{key}") for key in every})


Alike = tuple[Hashable, ...]


def _parts(before: Mapping[str, Alike], after: Mapping[str, Alike]) -> dict[str, str]:
    found = _by_id(before, after, any)
    return found | _by_likeness(_left(before, found), _left(after, found.values()))


def _nested(
    design: Design, taken: Collection[str], names: Mapping[str, str] | None = None
) -> dict[str, Alike]:
    """Return what is left with what each part lies in, by its name in the other design."""
    items = {key: (item.kind, item.name, item.parent) for key, item in design.components.items()}
    if names is not None:
        items = {key: (kind, name, parent and names.get(parent, f"{_GONE}{parent}"))
                 for key, (kind, name, parent) in items.items()}  # fmt: skip
    return _left(items, taken)


def _links(before: Mapping[str, Alike], after: Mapping[str, Alike]) -> dict[str, str]:
    found = _by_id(before, after, all)
    found |= _by_likeness(_left(before, found), _left(after, found.values()))
    old, new = _left(before, found), _left(after, found.values())
    return found | _by_id(_ends(old), _ends(new), any)


def _ends(links: Mapping[str, Alike]) -> dict[str, Alike]:
    return {key: alike[:2] for key, alike in links.items()}


def _left(table: Mapping[str, Alike], taken: Collection[str]) -> dict[str, Alike]:
    gone = frozenset(taken)
    return {key: alike for key, alike in table.items() if key not in gone}


def _by_id(
    before: Mapping[str, Alike],
    after: Mapping[str, Alike],
    enough: Callable[[Iterable[bool]], bool],
) -> dict[str, str]:
    """Return what has the same id in both, and any or all of the rest in common."""
    both = {key: map(eq, alike, after[key]) for key, alike in before.items() if key in after}
    return {key: key for key, equal in both.items() if enough(equal)}


def _by_likeness(before: Mapping[str, Alike], after: Mapping[str, Alike]) -> dict[str, str]:
    old, new = _unique(before), _unique(after)
    return {key: new[alike] for alike, key in old.items() if alike in new}


def _unique(table: Mapping[str, Alike]) -> dict[Alike, str]:
    counts = Counter(table.values())
    return {alike: key for key, alike in table.items() if counts[alike] == 1}
