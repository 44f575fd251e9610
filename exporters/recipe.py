"""What a project says of itself to whoever drills it: what each part is, how flows are probed.

The file lies in the project as drill.json, beside the design that it was made from. Whoever reads
it needs no knowledge of how the project was made.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from exporters.deployment import BorderProbe, Deployment, Entrance, FlowProbe, Note, Port, Watcher
from exporters.errors import ExportError

RECIPE = "drill.json"
VERSION = 1
_T = TypeVar("_T")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_PATH = re.compile(r"/[!-~]{0,199}|")
_LONGEST = 3600  # seconds until an alarm is raised
_HIGHEST_PORT, _LEAST_STATUS, _MOST_STATUS = 65535, 100, 599


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The services that realise each part, how flows and firewalls are probed, ports, remarks.

    `watchers` say which alarms are raised; a project of before them has none.
    """

    parts: Mapping[str, tuple[str, ...]]
    probes: tuple[FlowProbe, ...]
    variables: tuple[str, ...]  # each holds the number of a published port
    notes: tuple[Note, ...]
    watchers: tuple[Watcher, ...] = ()
    borders: tuple[BorderProbe, ...] = ()


def recipe_of(deployment: Deployment) -> Recipe:
    """Return what a deployment says of itself."""
    parts: dict[str, tuple[str, ...]] = {}
    for service in deployment.services:
        if service.component:
            parts[service.component] = (*parts.get(service.component, ()), service.name)
    return Recipe(
        parts=parts,
        probes=deployment.probes,
        variables=tuple(port.variable for port in deployment.ports),
        notes=tuple(note for note in deployment.notes if note.components),
        watchers=deployment.watchers,
        borders=deployment.borders,
    )


def text(recipe: Recipe) -> bytes:
    """Return a recipe as a file."""
    found = {"version": VERSION, **asdict(recipe)}
    return (json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def parse(content: bytes) -> Recipe:
    """Return the recipe in a file, which anybody may have written.

    Raises:
        ExportError: it is none; the message names the place.
    """
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        raise ExportError(f"{RECIPE}: is no JSON") from None
    root = _object("", found)
    if root.get("version") != VERSION:
        raise ExportError(f"{RECIPE}: its version is {root.get('version')!r}, known is {VERSION}")
    parts = _object("parts", root.get("parts"))
    return Recipe(
        parts={
            key: _items(f"parts.{key}", names, _word(_SERVICE, "service"))
            for key, names in parts.items()
        },
        probes=_items("probes", root.get("probes"), _probe),
        variables=_items("variables", root.get("variables"), _word(_VARIABLE, "variable")),
        notes=_items("notes", root.get("notes"), _note),
        watchers=_items("watchers", root.get("watchers", []), _watcher),
        borders=_items("borders", root.get("borders", []), _border),  # older projects have none
    )


Read = Callable[[str, Any], _T]  # (where, what was found there)


def _wrong(where: str, wanted: str) -> ExportError:
    return ExportError(f"{RECIPE}: {where}: {wanted} is missing there")


def _object(where: str, found: Any) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise _wrong(where or "at its top", "an object")
    return found


def _items(where: str, found: Any, read: Read[_T]) -> tuple[_T, ...]:
    if not isinstance(found, list):
        raise _wrong(where, "a list")
    return tuple(read(f"{where}[{number}]", item) for number, item in enumerate(found))


def _text(where: str, found: Any) -> str:
    if not isinstance(found, str):
        raise _wrong(where, "a text")
    return found


def _word(pattern: re.Pattern[str], what: str) -> Read[str]:
    def read(where: str, found: Any) -> str:
        if pattern.fullmatch(_text(where, found)) is None:
            raise _wrong(where, f"a valid {what}")
        return str(found)

    return read


def _number(least: int, most: int) -> Read[int]:
    def read(where: str, found: Any) -> int:
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            raise _wrong(where, f"a number from {least} to {most}")
        return found

    return read


def _choice(where: str, found: Any, choices: Mapping[str, _T]) -> _T:
    if not isinstance(found, str) or found not in choices:
        raise _wrong(where, f"one of {', '.join(choices)}")
    return choices[found]


def _probe(where: str, found: Any) -> FlowProbe:
    item = _object(where, found)
    path = _word(_PATH, "path")
    least_and_most = _items(
        f"{where}.statuses", item.get("statuses"), _number(_LEAST_STATUS, _MOST_STATUS)
    )
    if len(least_and_most) != len(("least", "most")):
        raise _wrong(f"{where}.statuses", "the least and the greatest status")
    return FlowProbe(
        flow=_text(f"{where}.flow", item.get("flow")),
        entrances=_items(f"{where}.entrances", item.get("entrances"), _entrance),
        method=_choice(f"{where}.method", item.get("method"), {"GET": "GET", "POST": "POST"}),
        path=path(f"{where}.path", item.get("path")),
        statuses=(least_and_most[0], least_and_most[1]),
        read_back=path(f"{where}.read_back", item.get("read_back")),
        why=_text(f"{where}.why", item.get("why")),
    )


def _entrance(where: str, found: Any) -> Entrance:
    item = _object(where, found)
    return Entrance(
        service=_word(_SERVICE, "service")(f"{where}.service", item.get("service")),
        port=_port(f"{where}.port", item.get("port")),
    )


def _port(where: str, found: Any) -> Port:
    port, number = _object(where, found), _number(1, _HIGHEST_PORT)
    return Port(
        variable=_word(_VARIABLE, "variable")(f"{where}.variable", port.get("variable")),
        default=number(f"{where}.default", port.get("default")),
        target=number(f"{where}.target", port.get("target")),
        scheme=_choice(f"{where}.scheme", port.get("scheme"), {"http": "http", "https": "https"}),
    )


def _watcher(where: str, found: Any) -> Watcher:
    item, service = _object(where, found), _word(_SERVICE, "service")
    return Watcher(
        service=service(f"{where}.service", item.get("service")),
        port=_port(f"{where}.port", item.get("port")),
        alert=_word(_VARIABLE, "alarm")(f"{where}.alert", item.get("alert")),
        within=_number(1, _LONGEST)(f"{where}.within", item.get("within")),
        parts=_items(f"{where}.parts", item.get("parts"), service),
    )


def _border(where: str, found: Any) -> BorderProbe:
    item = _object(where, found)
    service, port = _word(_SERVICE, "service"), _number(1, _HIGHEST_PORT)
    names = ("gateway", "source", "target", "host", "drawn_rule", "undrawn_rule")
    read = {name: service(f"{where}.{name}", item.get(name)) for name in names}
    return BorderProbe(
        firewall=_text(f"{where}.firewall", item.get("firewall")),
        drawn=port(f"{where}.drawn", item.get("drawn")),
        undrawn=port(f"{where}.undrawn", item.get("undrawn")),
        **read,
    )


def _note(where: str, found: Any) -> Note:
    item = _object(where, found)
    return Note(
        text=_text(f"{where}.text", item.get("text")),
        components=_items(f"{where}.components", item.get("components"), _text),
    )
