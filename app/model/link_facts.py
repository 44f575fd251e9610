"""What was found out about links, kept from one version of a design to the next."""

from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from app.model.diff import Changes

if TYPE_CHECKING:
    from app.model.links import Link

Table = Mapping[str, "Link"]
_NO_CHANGES = Changes(frozenset(), frozenset(), frozenset())


class LinkFacts:
    """The links of one design that pass tests, by the names of these, and what is said of links."""

    def __init__(
        self, links: Table, before: "LinkFacts | None" = None, changes: Changes = _NO_CHANGES
    ) -> None:
        """Begin with nothing, or with what another version has and what has changed since.

        The links that both have must stand in the same order.
        """
        self._links = links
        self._changes = changes
        self._apart = frozenset().union(*changes)
        self.tables: dict[Hashable, Table] = {}
        self.sayings: dict[tuple[Hashable, tuple[str, ...]], Any] = {}
        self._before: Mapping[Hashable, Table] = {} if before is None else before.tables
        self._said_before = {} if before is None else before.sayings

    def passing(self, name: Hashable, test: "Callable[[Link], bool]") -> Table:
        """Return the links that pass a test, in their order.

        Who asks under the same name, here or of another version, has to ask the same.
        """
        if name not in self.tables:
            self.tables[name] = self._found(name, test)
        return self.tables[name]

    def said(self, name: Hashable, links: tuple[str, ...], say: Callable[[], Any]) -> Any:
        """Return what is said of some links, asked anew only where one of them has changed."""
        key = name, links
        if key not in self.sayings:
            known = key in self._said_before and self._apart.isdisjoint(links)
            self.sayings[key] = self._said_before[key] if known else say()
        return self.sayings[key]

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
