"""What is known about a design, asked once and shared by all sections of its write-up."""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from app.analysis.analysis import Analysis
from app.analysis.events import COVER, described, fails, link_fails, part_of
from app.analysis.failure_words import called
from app.analysis.figures import FlowFigures, FlowViews, views_of
from app.analysis.loads import capacity
from app.analysis.what_if import Outcome, outcomes
from app.analysis.words import listed
from app.model.containers import Note
from app.model.design import Design
from app.model.kinds import KINDS
from app.model.traits import Trait
from app.report.content import Ref
from app.rules.check import check_analysis
from app.rules.registry import Finding

T = TypeVar("T")
_ORDER = {kind: number for number, kind in enumerate(KINDS)}


class Facts:
    """A design with its findings, its figures, and what becomes of it when parts fail."""

    def __init__(self, design: Design) -> None:
        """Take the design; nothing is computed yet."""
        self.design = design
        self.analysis = Analysis(design)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, worst first, waived ones as well."""
        return check_analysis(self.analysis)

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """The findings that nobody has accepted."""
        return tuple(finding for finding in self.findings if finding.waiver is None)

    @cached_property
    def findings_of(self) -> Mapping[str, tuple[Finding, ...]]:
        """The findings about each part: as their subject, or as an end of a link that is one."""
        found: dict[str, dict[str, Finding]] = {}
        for finding in self.findings:
            for subject in finding.problem.subjects:
                link = self.design.links.get(subject)
                for part in (link.source, link.target) if link else (subject,):
                    found.setdefault(part, {})[finding.key] = finding
        return {part: tuple(known.values()) for part, known in found.items()}

    @cached_property
    def views(self) -> Mapping[str, FlowViews]:
        """The figures of each flow in all views."""
        return {key: views_of(self.analysis, key) for key in self.design.flows}

    @cached_property
    def figures(self) -> Mapping[str, FlowFigures]:
        """The figures of each flow in the view in which a failover of any kind counts."""
        return {key: views.recoverable for key, views in self.views.items()}

    @cached_property
    def load_known(self) -> bool:
        """Whether some part has both a load and a capacity to serve it."""
        return any(capacity(self.design, part) for part in self.analysis.loads)

    @cached_property
    def losses(self) -> Mapping[str, Mapping[str, Outcome]]:
        """What becomes of each flow without a part or link, for everything that can fail."""
        if not self.design.flows:
            return {}
        parts, links = self.design.components, self.design.links
        failing = [key for key in self.ordered if fails(parts[key])]
        failing += [key for key, link in links.items() if link.is_traffic and link_fails(link)]
        return {key: outcomes(self.analysis, (key,)) for key in failing}

    @cached_property
    def ordered(self) -> tuple[str, ...]:
        """The ids of all parts in the order in which kinds are told; notes are none."""
        parts = self.design.components
        known = (key for key, item in parts.items() if not isinstance(item, Note))
        return self.sorted(known)

    def sorted(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Return ids of parts in the order in which kinds are told, then by id."""
        parts = self.design.components
        return tuple(sorted(keys, key=lambda key: (_ORDER[parts[key].kind], key)))

    def of_kind(self, kind: type[T]) -> dict[str, T]:
        """Return the parts of a kind by their ids."""
        items = ((key, self.design.components[key]) for key in self.ordered)
        return {key: item for key, item in items if isinstance(item, kind)}

    def ends(self, part: str, role: str) -> tuple[str, ...]:
        """Return the parts that links of a role lead to from a part."""
        links = map(self.design.link, self.design.outgoing[part])
        return self.sorted({link.target for link in links if link.role == role})

    def starts(self, part: str, role: str) -> tuple[str, ...]:
        """Return the parts that links of a role come from to a part."""
        links = map(self.design.link, self.design.incoming[part])
        return self.sorted({link.source for link in links if link.role == role})

    # --- words ------------------------------------------------------------------------------

    def name(self, part: str) -> str:
        """Return what people call a part; a link by its ends."""
        return called(self.design, part)

    def names(self, parts: Iterable[str], joint: str = "and") -> str:
        """Return the names of parts and links as a list in prose."""
        return listed([self.name(part) for part in parts], joint)

    def flow_names(self, flows: Iterable[str]) -> str:
        """Return the names of flows as a list in prose."""
        return listed([self.design.flows[flow].name for flow in flows])

    def part(self, key: str) -> Ref:
        """Return the name of a part as a word that leads to its entry."""
        return Ref(self.name(key), f"part-{key}")

    def events(self, events: Iterable[str], like: str = "") -> str:
        """Return failure events as a list in prose, those of the kind of a part first."""
        parts = self.design.components
        first = parts[like].kind if like in parts else ""

        def place(event: str) -> tuple[bool, bool, int, str]:
            item = parts.get(part_of(event))  # none: it is a link
            kind = item.kind if item else ""
            return event.endswith(COVER), kind != first, _ORDER.get(kind, len(_ORDER)), event

        return listed(map(self.event, sorted(events, key=place)))

    def resting(self, exposed: Iterable[str], like: str) -> str:
        """Return what a flow rests on once a part is lost: programs, then machines and sites."""
        parts = self.design.components
        places = {event for event in exposed
                  if event in parts and Trait.CONTAINER in parts[event].traits}  # fmt: skip
        programs = frozenset(exposed) - places
        if not programs or not places:
            return self.events(exposed, like)
        return f"{self.events(programs, like)}, with {self.events(places)}"

    def event(self, event: str) -> str:
        """Return what has failed, in words."""
        return described(event, called(self.design, part_of(event)))

    def way(self, walk: Iterable[str]) -> str:
        """Return a way through the drawing as "users → lb → web-1"."""
        return " → ".join(self.name(key) for key in walk if key in self.design.components)


def see(findings: Iterable[Finding]) -> tuple[Ref, ...]:
    """Return findings as words that lead to their entries."""
    return tuple(Ref(finding.rule.id, finding.key) for finding in findings)


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number of things: "1 part", "3 parts"."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def verb(subjects: Collection[object], many: str, one: str = "") -> str:
    """Return a verb as several subjects take it, or one: "stop", "stops"."""
    return many if len(subjects) > 1 else one or f"{many}s"
