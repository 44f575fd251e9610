"""What changed between two mappings of a design, by identity of the values."""

from collections.abc import Mapping
from typing import NamedTuple


class Changes(NamedTuple):
    """The ids that are new, gone, or hold another value than before."""

    added: frozenset[str]
    removed: frozenset[str]
    changed: frozenset[str]

    def __bool__(self) -> bool:
        """Whether anything changed."""
        return bool(self.added or self.removed or self.changed)


_ABSENT = object()
_NONE = Changes(frozenset(), frozenset(), frozenset())


def diff(before: Mapping[str, object], after: Mapping[str, object]) -> Changes:
    """Compare two mappings; a mapping that is the same object costs nothing."""
    if before is after:
        return _NONE
    other = [key for key, value in after.items() if before.get(key, _ABSENT) is not value]
    added = frozenset(key for key in other if key not in before)
    shorter = len(before) + len(added) > len(after)
    return Changes(
        added=added,
        removed=frozenset(before.keys() - after.keys()) if shorter else frozenset(),
        changed=frozenset(other) - added,
    )
