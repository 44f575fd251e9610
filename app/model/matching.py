"""Which element of one design is which of another: by id, else by what people would go by."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
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

    The same id is the same element where the kind or the name of a part, or an end of a link, is
    the same as well. What is left is matched by kind and name, links by their ends and role, flows
    by name and operation, where only one on each side is like that: somebody drew it again.
    """
    parts = _pairs(
        {key: (item.kind, item.name) for key, item in before.components.items()},
        {key: (item.kind, item.name) for key, item in after.components.items()},
    )
    links = _pairs(
        {key: (parts.get(link.source), parts.get(link.target), link.role)
         for key, link in before.links.items()},
        {key: (link.source, link.target, link.role) for key, link in after.links.items()},
    )  # fmt: skip
    flows = _pairs(
        {key: (flow.name, flow.operation) for key, flow in before.flows.items()},
        {key: (flow.name, flow.operation) for key, flow in after.flows.items()},
    )
    pairs = parts | links | flows
    every: Iterable[str] = (*before.components, *before.links, *before.flows)
    return Matching(pairs, {key: pairs.get(key, f"{_GONE}{key}") for key in every})


Likeness = tuple[Hashable, Hashable] | tuple[Hashable, Hashable, Hashable]


def _pairs(before: Mapping[str, Likeness], after: Mapping[str, Likeness]) -> dict[str, str]:
    """Match two tables by id where the first or the second thing is the same, then by all."""
    found = {
        key: key
        for key, like in before.items()
        if key in after and (like[0] == after[key][0] or like[1] == after[key][1])
    }
    old = _unique({key: like for key, like in before.items() if key not in found})
    new = _unique({key: like for key, like in after.items() if key not in found})
    return found | {key: new[like] for like, key in old.items() if like in new}


def _unique(likenesses: Mapping[str, Likeness]) -> dict[Likeness, str]:
    counts = Counter(likenesses.values())
    return {like: key for key, like in likenesses.items() if counts[like] == 1}
