"""What no design may contradict: ids, names, parents, ends of links, memberships, references."""

import re
from typing import TYPE_CHECKING, NoReturn

from app.model.containers import Cluster, Server, Site, Zone
from app.model.errors import DesignError
from app.model.fields import unprintable
from app.model.links import Link
from app.model.traits import Trait

if TYPE_CHECKING:
    from app.model.design import Design
    from app.model.kinds import AnyComponent  # the first paint does without the other kinds

ID = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
LONGEST_ID = 80
LONGEST_NAME = 200
LONGEST_KEY = 4_000  # of a finding: a rule and its subjects
DEEPEST = 20  # containers inside each other
LONGEST_RULE_ID = 20
LONGEST_PATH = 200
_RULE_ID = re.compile(r"[A-Z][A-Z0-9]*")


def _refuse(where: str, why: str) -> NoReturn:
    message = f"{where}: {why}"
    raise DesignError(message)


def check(design: "Design") -> None:
    """Refuse a design that contradicts itself.

    Raises:
        DesignError: it does; the message names the place.
    """
    _check_name(design.name)
    _check_ids(design)
    for key, component in design.components.items():
        if component.parent is not None:
            _check_parent(design, key, component, component.parent)
    for key, link in design.links.items():
        _check_link(design, key, link)
    _check_memberships(design)
    _check_references(design)
    _check_rules(design)


def _check_references(design: "Design") -> None:
    for key, flow in design.flows.items():
        if flow.client not in design.components:
            _refuse(f"flows.{key}.client", f"there is no component {flow.client!r}")
    for key in design.layout:
        if key not in design.components:
            _refuse(f"layout.{key}", f"there is no component {key!r}")
    for key in design.waivers:
        if not 0 < len(key) <= LONGEST_KEY or unprintable(key):
            _refuse(f"waivers.{key}", "this is no key of a finding")


def _check_rules(design: "Design") -> None:
    for key in design.rules:
        if len(key) > LONGEST_RULE_ID or not _RULE_ID.fullmatch(key):
            _refuse(f"rules.{key[:LONGEST_ID]}", "this is no id of a rule, such as SPOF004")
    if design.team_rules and not _is_inner_path(design.team_rules):
        why = "expected a Python file in the folder of the design or below it, such as rules.py"
        _refuse("team_rules", why)


def _is_inner_path(text: str) -> bool:
    """Whether a text is a path of a Python file that stays in its folder, on every system."""
    foreign = len(text) > LONGEST_PATH or unprintable(text) or set(text) & set('\\:<>"|?*')
    steps = text.split("/")
    return not foreign and text.endswith(".py") and not any(s in ("", ".", "..") for s in steps)


def _check_name(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME:
        _refuse("name", f"must have between 1 and {LONGEST_NAME} characters")
    if fault := unprintable(name):
        _refuse("name", f"holds the character {fault}, which cannot be shown")


def _check_ids(design: "Design") -> None:
    seen: dict[str, str] = {}
    for table in ("components", "links", "flows"):
        for key in getattr(design, table):
            if len(key) > LONGEST_ID or not ID.fullmatch(key):
                why = "an id has small letters, digits and dashes, and begins with a letter"
                _refuse(f"{table}.{key[:LONGEST_ID]}", why)
            if key in seen:
                _refuse(f"{table}.{key}", f"this id is taken in {seen[key]}")
            seen[key] = table


def _check_parent(design: "Design", key: str, component: "AnyComponent", parent_id: str) -> None:
    where = f"components.{key}.parent"
    parent = design.components.get(parent_id)
    if parent is None:
        _refuse(where, f"there is no component {parent_id!r}")
    if Trait.CONTAINER not in parent.traits:
        _refuse(where, f"{parent_id!r} is a {parent.title.lower()}, which holds nothing")
    if isinstance(parent, Server) and isinstance(component, Zone | Site):
        _refuse(where, f"a server cannot hold a {component.title.lower()}")
    around: str | None = parent_id
    passed = [key]
    for _ in range(DEEPEST):
        holder = design.components.get(around) if around else None
        if holder is None or around is None:
            return
        if around in passed:  # which may be a container further out
            _refuse(f"components.{around}.parent", f"{around!r} would lie inside itself")
        passed.append(around)
        around = holder.parent
    _refuse(where, f"{key!r} lies in more than {DEEPEST} containers")


def _check_link(design: "Design", key: str, link: Link) -> None:
    for end in ("source", "target"):
        if (component_id := getattr(link, end)) not in design.components:
            _refuse(f"links.{key}.{end}", f"there is no component {component_id!r}")
    if link.source == link.target:
        _refuse(f"links.{key}", "a link cannot end where it starts")
    for guard in (name for group in link.guards for name in group):
        if guard not in design.components:
            _refuse(f"links.{key}.via", f"there is no component {guard!r}")


def _check_memberships(design: "Design") -> None:
    taken: dict[str, str] = {}
    for key, cluster in design.components.items():
        if not isinstance(cluster, Cluster):
            continue
        for member in cluster.members:
            where = f"components.{key}.members"
            found = design.components.get(member)
            if found is None:
                _refuse(where, f"there is no component {member!r}")
            if isinstance(found, Cluster) or Trait.CONTAINER in found.traits:
                _refuse(where, f"a {found.title.lower()} cannot be a member of a cluster")
            if member in taken:
                _refuse(where, f"{member!r} is already a member of {taken[member]!r}")
            taken[member] = key
