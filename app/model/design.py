"""The design: one immutable value, whose invariants hold from the moment that it exists."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from app.model.containers import Cluster, Server, Site, Zone
from app.model.diff import Changes, diff
from app.model.errors import DesignError
from app.model.invariants import check
from app.model.link_facts import LinkFacts
from app.model.links import TRAFFIC_ROLES, Flow, Link, Place, Role, Waiver
from app.model.traits import Trait

if TYPE_CHECKING:
    import networkx as nx

    # The first paint does without the other kinds, and what a design asks of the check.
    from app.model.kinds import AnyComponent
    from app.model.rule_settings import RuleSettings

TABLES = ("components", "links", "flows", "waivers", "rules", "layout")
Lists = MappingProxyType[str, tuple[str, ...]]  # of ids, by an id
# What follows from the components alone, whatever else is drawn.
_OF_COMPONENTS = (
    "by_kind", "children", "cluster_of", "demanding", "_by_class", "_having", "_host", "_inside",
    "_of", "_of_parts", "_zone",
)  # fmt: skip
# What follows from the links between these.
_OF_LINKS = frozenset(("outgoing", "incoming", "needed", "_link_facts", "_writing"))
_K = TypeVar("_K", bound=Hashable)
_T = TypeVar("_T")


def _empty() -> Mapping[str, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, kw_only=True, eq=False)
class Design:
    """A web infrastructure as drawn.

    `components`, `links` and `flows` are keyed by ids that mean nothing and never change;
    `waivers` by the key of the finding; `rules` by the id of the rule; `layout` by the id of the
    component. `team_rules` names a Python file with more rules, relative to the design's folder.
    """

    name: str = "Untitled"
    components: "Mapping[str, AnyComponent]" = field(default_factory=_empty)
    links: Mapping[str, Link] = field(default_factory=_empty)
    flows: Mapping[str, Flow] = field(default_factory=_empty)
    waivers: Mapping[str, Waiver] = field(default_factory=_empty)
    rules: "Mapping[str, RuleSettings]" = field(default_factory=_empty)
    layout: Mapping[str, Place] = field(default_factory=_empty)
    team_rules: str = ""

    def __post_init__(self) -> None:
        """Freeze the mappings and refuse a design that contradicts itself."""
        for name in TABLES:
            mapping = getattr(self, name)
            if not isinstance(mapping, MappingProxyType):
                object.__setattr__(self, name, MappingProxyType(dict(mapping)))
        check(self)

    def __eq__(self, other: object) -> bool:
        """Compare by content."""
        if not isinstance(other, Design):
            return NotImplemented
        return self._content == other._content

    def __hash__(self) -> int:
        """Hash by identity of the version: equal designs rarely meet in one table."""
        return hash((self.name, len(self.components), len(self.links)))

    def __reduce__(self) -> tuple[object, tuple[dict[str, Any]]]:
        """Let copies and worker processes carry it; read-only mappings cannot travel."""
        values = {"name": self.name, "team_rules": self.team_rules}
        return _rebuild, (values | {key: dict(getattr(self, key)) for key in TABLES},)

    @property
    def _content(self) -> tuple[object, ...]:
        tables = (dict(getattr(self, name)) for name in TABLES)
        return (self.name, self.team_rules, *tables)

    def take_over(self, before: "Design") -> None:
        """Take over what is known of a version with the very same components.

        What follows from the links is made anew for the parts at which some of them differ.
        """
        if self.components is not before.components:
            return
        known, own = vars(before), vars(self)
        own.update((name, known[name]) for name in _OF_COMPONENTS if name in known)
        changes = diff(before.links, self.links)
        if known.keys() >= _OF_LINKS and _same_order(before.links, self.links, changes):
            differing = [links[key] for links in (before.links, self.links)
                         for key in frozenset().union(*changes) & links.keys()]  # fmt: skip
            own["outgoing"] = _renewed(before.outgoing, self.links, differing, "source")
            own["incoming"] = _renewed(before.incoming, self.links, differing, "target")
            sources = {link.source for link in differing}
            needed = {key: self._needed_by(key) for key in sources}
            own["needed"] = MappingProxyType(before.needed | needed)
            own["_link_facts"] = LinkFacts(self.links, known["_link_facts"], changes)
            own["_writing"] = known["_writing"] - sources | {*filter(self._writes, sources)}

    def component(self, component_id: str) -> "AnyComponent":
        """Return a component by its id.

        Raises:
            DesignError: there is none.
        """
        return _get(self.components, component_id, "component")

    def link(self, link_id: str) -> Link:
        """Return a link by its id.

        Raises:
            DesignError: there is none.
        """
        return _get(self.links, link_id, "link")

    @cached_property
    def outgoing(self) -> Lists:
        """The ids of the links that start at each component, in order of the links."""
        return _index(self.components, ((link.source, key) for key, link in self.links.items()))

    @cached_property
    def incoming(self) -> Lists:
        """The ids of the links that end at each component, in order of the links."""
        return _index(self.components, ((link.target, key) for key, link in self.links.items()))

    @cached_property
    def children(self) -> Lists:
        """The ids of what each container holds directly."""
        pairs = ((item.parent, key) for key, item in self.components.items() if item.parent)
        return _index(self.components, pairs)

    @cached_property
    def cluster_of(self) -> Mapping[str, str]:
        """The cluster that each member belongs to."""
        return MappingProxyType(
            {member: key for key, item in self.of(Cluster).items() for member in item.members}
        )

    @cached_property
    def demanding(self) -> tuple[str, ...]:
        """The ids of the components that need something in the user's own words."""
        return tuple(key for key, item in self.components.items() if item.requires)

    @cached_property
    def needed(self) -> Lists:
        """The ids of the links that each component cannot serve without: hard links of traffic."""
        return MappingProxyType({key: self._needed_by(key) for key in self.components})

    def _needed_by(self, component_id: str) -> tuple[str, ...]:
        links = self.links
        return tuple(
            [
                key
                for key in self.outgoing[component_id]
                if (link := links[key]).role in TRAFFIC_ROLES and not self.is_soft(link)
            ]
        )

    @cached_property
    def writers(self) -> frozenset[str]:
        """The parts that lead to a write: by a hard link of their own, or by whom they ask.

        A request to a primary, or to a cluster that has one, may write, and what is published is
        written by somebody else later; what a part needs in its own words may be anything.
        """
        found = {key for key in self.demanding if "write" in self.components[key].requires}
        found |= self._writing
        requests = self.links_for("request")
        todo = list(found)
        for here in todo:
            above = [requests[key].source for key in self.incoming[here] if key in requests]
            if here in self.cluster_of:
                above.append(self.cluster_of[here])
            for part in above:
                if part not in found:
                    found.add(part)
                    todo.append(part)
        return frozenset(found)

    @cached_property
    def _writing(self) -> frozenset[str]:
        """The parts with a hard link of their own that leads to a write."""
        return frozenset(filter(self._writes, self.components))

    def _writes(self, component_id: str) -> bool:
        return any(self._is_write(self.links[key]) for key in self.needed[component_id])

    def _is_write(self, link: Link) -> bool:
        if link.role != "request":
            return link.role in ("write", "publish")
        target = self.components[link.target]
        parts = target.members if isinstance(target, Cluster) else (link.target,)
        return any(getattr(self.components[part], "role", "") == "primary" for part in parts)

    def is_soft(self, link: Link) -> bool:
        """Whether the source of a link can serve without it, only worse."""
        if link.dependency != "default":
            return link.dependency == "soft"
        return link.role == "cache" or Trait.SOFT in self.components[link.target].traits

    def cluster(self, member: str) -> Cluster | None:
        """Return the cluster that a component is a member of."""
        key = self.cluster_of.get(member)
        found = self.components[key] if key else None
        return found if isinstance(found, Cluster) else None

    def ancestors(self, component_id: str) -> Iterator[str]:
        """Yield the containers around a component, nearest first."""
        parent = self.components[component_id].parent
        while parent is not None:
            yield parent
            parent = self.components[parent].parent

    def descendants(self, component_id: str) -> Iterator[str]:
        """Yield everything inside a container, outer parts first."""
        todo = [*reversed(self.children[component_id])]
        while todo:
            here = todo.pop()
            yield here
            todo += reversed(self.children[here])

    def host(self, component_id: str) -> str | None:
        """Return the server that a component runs on: the nearest one around it."""
        return self._host[component_id]

    def zone(self, component_id: str) -> str | None:
        """Return the network zone that a component is in: the nearest one around it."""
        return self._zone[component_id]

    def site(self, component_id: str) -> str | None:
        """Return the site that a component is in: the nearest one around it."""
        return self._inside[self.components[component_id].parent].get(Site)

    @cached_property
    def _host(self) -> Mapping[str, str | None]:
        return self._nearest(Server)

    @cached_property
    def _zone(self) -> Mapping[str, str | None]:
        return self._nearest(Zone)

    def _nearest(self, kind: type) -> dict[str, str | None]:
        found = {key: around.get(kind) for key, around in self._inside.items()}
        return {key: found[item.parent] for key, item in self.components.items()}

    @cached_property
    def _inside(self) -> Mapping[str | None, Mapping[type, str]]:
        """For all that is directly in a container: the nearest container of each kind."""
        found: dict[str | None, dict[type, str]] = {None: {}}
        for key, held in self.children.items():
            around = (key, *self.ancestors(key)) if held else ()
            found[key] = {type(self.components[outer]): outer for outer in reversed(around)}
        return found

    def of(self, cls: type[_T]) -> Mapping[str, _T]:
        """Return the components of a kind, or of all kinds with this base, in their order."""
        if cls not in self._of:
            kinds = {kind for kind in self._by_class if issubclass(kind, cls)}
            found = {key: self.components[key] for kind in kinds for key in self._by_class[kind]}
            if len(kinds) > 1:
                found = {key: item for key, item in self.components.items() if key in found}
            self._of[cls] = MappingProxyType(found)
        return self._of[cls]

    @cached_property
    def _of(self) -> dict[type, Mapping[str, Any]]:
        return {}

    def having(self, trait: Trait) -> Mapping[str, "AnyComponent"]:
        """Return the components with a trait, in their order."""
        if trait not in self._having:
            found = {key: item for key, item in self.components.items() if trait in item.traits}
            self._having[trait] = MappingProxyType(found)
        return self._having[trait]

    @cached_property
    def _having(self) -> dict[Trait, Mapping[str, "AnyComponent"]]:
        return {}

    def of_parts(self, find: Callable[["Mapping[str, AnyComponent]"], _T]) -> _T:
        """Return what a function finds in the components; asked once while these are the same.

        A function of a module: versions share what it found. It asks nothing else, not the date.
        """
        if find not in self._of_parts:
            self._of_parts[find] = find(self.components)
        return cast("_T", self._of_parts[find])

    @cached_property
    def _of_parts(self) -> dict[Callable[..., Any], Any]:
        return {}

    def links_for(self, *roles: Role) -> Mapping[str, Link]:
        """Return the links that are there for one of some purposes, in their order."""
        return self.links_that(roles, lambda link: link.role in roles)

    def links_that(self, name: Hashable, test: Callable[[Link], bool]) -> Mapping[str, Link]:
        """Return the links that pass a test, in their order.

        The test may ask the link and the components, but no other link: what it said under the same
        name to a version with the same components holds for the links that this one has as well.
        """
        return self._link_facts.passing(name, test)

    def said_of(self, links: tuple[str, ...], say: Callable[["Design", tuple[str, ...]], _T]) -> _T:
        """Return what a function of a module says of links, from these and the components alone.

        It is asked again only where one of the links, or the components, are others.
        """
        return cast("_T", self._link_facts.said(say, links, lambda: say(self, links)))

    @property
    def traffic(self) -> Mapping[str, Link]:
        """The links that users' requests travel on."""
        return self.links_for(*TRAFFIC_ROLES)

    @cached_property
    def _link_facts(self) -> LinkFacts:
        return LinkFacts(self.links)

    @cached_property
    def _by_class(self) -> Mapping[type, tuple[str, ...]]:
        return _grouped((type(item), key) for key, item in self.components.items())

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the components of each kind that is drawn."""
        return _grouped((item.kind, key) for key, item in self.components.items())

    def trust(self, component_id: str) -> str:
        """Return the level of trust of the segment that a component is in."""
        item = self.components[component_id]
        zone = None if isinstance(item, Zone) else self.zone(component_id)
        segment = item if zone is None else self.components[zone]
        if isinstance(segment, Zone):
            return segment.trust
        return "internet" if Trait.OUTSIDE in item.traits else "internal"

    @cached_property
    def graph(self) -> "nx.MultiDiGraph[str]":
        """The design as a frozen networkx graph.

        Nodes are component ids with the component as `component`; edges are keyed by link id
        with the link as `link`.
        """
        import networkx as nx  # only analysis asks; the first paint must not wait

        graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(name=self.name)
        graph.add_nodes_from((key, {"component": item}) for key, item in self.components.items())
        for key, link in self.links.items():
            graph.add_edge(link.source, link.target, key, link=link)
        nx.freeze(graph)
        return graph


def _rebuild(values: dict[str, Any]) -> Design:
    return Design(**values)


def _get(mapping: Mapping[str, _T], key: str, what: str) -> _T:
    if key not in mapping:
        message = f"there is no {what} {key!r}"
        raise DesignError(message)
    return mapping[key]


def _index(keys: Mapping[str, object], pairs: Iterator[tuple[str, str]]) -> Lists:
    found: dict[str, list[str]] = {key: [] for key in keys}
    for key, value in pairs:
        found[key].append(value)
    return MappingProxyType({key: tuple(values) for key, values in found.items()})


def _same_order(before: Iterable[str], after: Iterable[str], changes: Changes) -> bool:
    """Whether the links that two versions have in common stand in the same order."""
    apart = frozenset().union(*changes)
    shared = ([key for key in links if key not in apart] for links in (before, after))
    return next(shared) == next(shared)


def _renewed(
    index: Lists,
    links: Mapping[str, Link],
    differing: Iterable[Link],
    end: Literal["source", "target"],
) -> Lists:
    """Return an index of links by an end, made anew where links differ."""
    found: dict[str, list[str]] = {getattr(link, end): [] for link in differing}
    for key, part in zip(links, map(attrgetter(end), links.values()), strict=True):
        if part in found:
            found[part].append(key)
    return MappingProxyType(index | {part: tuple(keys) for part, keys in found.items()})


def _grouped(pairs: Iterable[tuple[_K, str]]) -> Mapping[_K, tuple[str, ...]]:
    found: dict[_K, list[str]] = {}
    for group, key in pairs:
        found.setdefault(group, []).append(key)
    return {group: tuple(keys) for group, keys in found.items()}
