"""Tables of the links that pass a test, kept from one version of a design to the next."""

from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.model.diff import Changes

if TYPE_CHECKING:
    from app.model.links import Link

Table = Mapping[str, "Link"]
_NO_CHANGES = Changes(frozenset(), frozenset(), frozenset())


class LinkTables:
    """The links of one design that pass tests, by the names of these."""

    def __init__(
        self, links: Table, before: "LinkTables | None" = None, changes: Changes = _NO_CHANGES
    ) -> None:
        """Begin with no table, or with those of another version and what has changed since.

        The links that both have must stand in the same order.
        """
        self._links = links
        self._known: dict[Hashable, Table] = {}
        self._before: Mapping[Hashable, Table] = {} if before is None else before.known
        self._changes = changes

    @property
    def known(self) -> Mapping[Hashable, Table]:
        """The tables that were asked for."""
        return self._known

    def passing(self, name: Hashable, test: "Callable[[Link], bool]") -> Table:
        """Return the links that pass a test, in their order.

        Who asks under the same name, here or of another version, has to ask the same.
        """
        if name not in self._known:
            self._known[name] = self._found(name, test)
        return self._known[name]

    def _found(self, name: Hashable, test: "Callable[[Link], bool]") -> Table:
        before, changes = self._before.get(name), self._changes
        if before is None:
            return MappingProxyType({key: link for key, link in self._links.items() if test(link)})
        gone = (changes.removed | changes.changed) & before.keys()
        new = {key for key in changes.added | changes.changed if test(self._links[key])}
        if not gone and not new:
            return before
        kept = (before.keys() - gone) | new
        return MappingProxyType({key: link for key, link in self._links.items() if key in kept})
