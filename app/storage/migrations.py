"""From each version of the file format to the next: functions on plain dictionaries.

Nothing here may import the model: a migration describes a file as it was and stays as it is,
whatever becomes of the classes. A table that is not a table is left for the check that follows.
"""

from collections.abc import Callable
from typing import Any

Document = dict[str, Any]


def _ends_and_layout(document: Document) -> Document:
    """Version 0 called the ends of a link `from` and `to` and kept places inside components."""
    after = dict(document)
    components, links = document.get("components"), document.get("links")
    if isinstance(components, dict):
        after["components"] = {key: _without(item, "x", "y") for key, item in components.items()}
        after["layout"] = {
            key: {name: item[name] for name in ("x", "y") if name in item}
            for key, item in components.items()
            if isinstance(item, dict) and not item.keys().isdisjoint(("x", "y"))
        }
    if isinstance(links, dict):
        after["links"] = {key: _ends(link) for key, link in links.items()}
    return after


def _without(item: Any, *names: str) -> Any:
    if not isinstance(item, dict):
        return item
    return {key: value for key, value in item.items() if key not in names}


def _ends(link: Any) -> Any:
    if not isinstance(link, dict):
        return link
    names = {"from": "source", "to": "target"}
    return {names.get(key, key): value for key, value in link.items()}


MIGRATIONS: tuple[Callable[[Document], Document], ...] = (_ends_and_layout,)
VERSION = len(MIGRATIONS)


def migrate(document: Document, version: int) -> Document:
    """Return a document of some version (0 or newer) in the form of today's."""
    for step in MIGRATIONS[version:]:
        document = step(document)
    return document
