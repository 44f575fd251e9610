"""Designs nobody thought of. They are built through edits alone, as users build them."""

from collections.abc import Callable
from typing import Any, get_args

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from app.model import edits
from app.model.containers import Cluster
from app.model.design import Design
from app.model.errors import DesignError
from app.model.expressions import ALWAYS, AtLeast, Need, Reach, Requirement, write
from app.model.fields import FieldFacts, fields_of
from app.model.kinds import KINDS
from app.model.links import Link, Place, Waiver
from app.model.rule_settings import SeverityChoice

CAPABILITIES = ("", "alive", "read", "write", "pay")
_LETTERS = st.characters(exclude_categories=("C", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
_SIDES = st.floats(min_value=-1e6, max_value=1e6)
_SIZES = st.none() | st.floats(min_value=1, max_value=1e6)

places: SearchStrategy[Place] = st.builds(Place, x=_SIDES, y=_SIDES, width=_SIZES, height=_SIZES)
kinds: SearchStrategy[str] = st.sampled_from(sorted(KINDS))
waivers: SearchStrategy[Waiver] = st.builds(
    Waiver,
    reason=st.text(_LETTERS, min_size=1, max_size=20).filter(str.strip),
    by=st.text(_LETTERS, max_size=10),
    until=st.just("") | st.dates().map(lambda day: day.isoformat()),
)


def requirements(ids: SearchStrategy[str], depth: int = 3) -> SearchStrategy[Requirement]:
    """Requirements over these ids, up to so many levels deep."""
    leaf: SearchStrategy[Requirement] = st.just(ALWAYS) | st.builds(
        Need, ids, st.sampled_from(CAPABILITIES)
    )
    leaf |= st.builds(_reach, st.lists(ids, min_size=2, max_size=4), st.booleans())
    if depth == 0:
        return leaf
    several = st.lists(requirements(ids, depth - 1), min_size=1, max_size=3).map(tuple)
    gates = several.flatmap(
        lambda items: st.integers(1, len(items)).map(lambda count: AtLeast(count, items))
    )
    return leaf | gates


def _reach(parts: list[str], directed: bool) -> Requirement:
    found = tuple(dict.fromkeys(parts))
    return Reach(found, directed) if len(found) > 1 else Need(found[0], "alive")


def texts(facts: FieldFacts) -> SearchStrategy[str]:
    """Texts that a field takes, with line breaks where it may have them."""
    letters = _LETTERS | st.just("\n") if facts.multiline else _LETTERS
    longest = min(facts.max_length or 40, 40)
    found = st.text(letters, min_size=facts.min_length, max_size=longest)
    return found.filter(str.strip) if facts.min_length else found


def values(facts: FieldFacts, design: Design) -> SearchStrategy[Any]:
    """Values that a field of an element of a design takes."""
    ids = st.sampled_from(sorted(design.components)) if design.components else st.just("web-1")
    expressions = requirements(ids, 2).map(write)
    low = facts.minimum if facts.minimum is not None else facts.exclusive_minimum
    lowest = 0.0 if low is None else low
    highest = 1e9 if facts.maximum is None else facts.maximum
    found: dict[str, SearchStrategy[Any]] = {
        "text": expressions if facts.name == "requires" else texts(facts),
        "integer": st.integers(int(lowest), int(highest)),
        "number": st.floats(lowest, highest, exclude_min=facts.exclusive_minimum is not None),
        "choice": st.sampled_from(facts.choices or ("",)),
        "flag": st.booleans(),
        "id": ids,
        "ids": st.lists(ids, max_size=3, unique=True).map(tuple),
        "mapping": st.dictionaries(st.sampled_from(CAPABILITIES[1:]), expressions, max_size=2),
    }
    return st.none() | found[facts.type] if facts.optional else found[facts.type]


def _element(draw: DrawFn, design: Design) -> str:
    return draw(st.sampled_from([*design.components, *design.links, *design.flows]))


def _component(draw: DrawFn, design: Design) -> str:
    return draw(st.sampled_from(list(design.components)))


def _components(draw: DrawFn, design: Design) -> list[str]:
    return draw(st.lists(st.sampled_from(list(design.components)), max_size=4, unique=True))


def _add(draw: DrawFn, design: Design) -> Design:
    return edits.add(design, draw(kinds), draw(st.none() | places))[0]


def _connect(draw: DrawFn, design: Design) -> Design:
    source, target = _component(draw, design), _component(draw, design)
    told = draw(st.sampled_from([facts for facts in fields_of(Link) if facts.type != "id"]))
    return edits.connect(design, source, target, **{told.name: draw(values(told, design))})[0]


def _set_field(draw: DrawFn, design: Design) -> Design:
    key = _element(draw, design)
    element: object = {**design.components, **design.links, **design.flows}[key]
    facts = draw(
        st.sampled_from([item for item in fields_of(type(element)) if item.name != "kind"])
    )
    return edits.set_fields(design, key, **{facts.name: draw(values(facts, design))})


def _remove(draw: DrawFn, design: Design) -> Design:
    return edits.remove(design, [_element(draw, design)])


def _change_kind(draw: DrawFn, design: Design) -> Design:
    return edits.change_kind(design, _component(draw, design), draw(kinds))


def _move(draw: DrawFn, design: Design) -> Design:
    return edits.move(design, {_component(draw, design): draw(places)})


def _nest(draw: DrawFn, design: Design) -> Design:
    holders = [key for key, item in design.components.items() if edits.is_container(item)]
    parent = draw(st.sampled_from([None, *holders]))
    return edits.nest(design, _components(draw, design), parent)


def _join(draw: DrawFn, design: Design) -> Design:
    clusters = [key for key, item in design.components.items() if isinstance(item, Cluster)]
    if not clusters:
        return edits.add(design, "cluster")[0]
    return edits.join(design, draw(st.sampled_from(clusters)), _components(draw, design))


def _add_flow(draw: DrawFn, design: Design) -> Design:
    name = draw(st.text(_LETTERS, min_size=1, max_size=10).filter(str.strip))
    return edits.add_flow(design, _component(draw, design), name)[0]


def _waive(draw: DrawFn, design: Design) -> Design:
    key = f"NET001@{_element(draw, design)}"
    return edits.waive(design, key, draw(st.none() | waivers))


def _set_rule(draw: DrawFn, design: Design) -> Design:
    rule_id = draw(st.sampled_from(["NET001", "SPOF016", "NEW999"]))
    numbers = st.floats(-1e6, 1e6)
    return edits.set_rule(
        design,
        rule_id,
        off=draw(st.booleans()),
        severity=draw(st.sampled_from(get_args(SeverityChoice))),
        parameters=draw(st.dictionaries(st.sampled_from(["share", "fewest"]), numbers)),
    )


def _rename(draw: DrawFn, design: Design) -> Design:
    return edits.rename(design, draw(st.text(_LETTERS, min_size=1, max_size=20)))


def _paste(draw: DrawFn, design: Design) -> Design:
    fragment = edits.extract(design, _components(draw, design))
    return edits.paste(design, fragment, draw(st.floats(-100, 100)), 24)[0]


Operation = Callable[[DrawFn, Design], Design]
OPERATIONS: dict[str, Operation] = {
    "add": _add,
    "connect": _connect,
    "set a field": _set_field,
    "remove": _remove,
    "change kind": _change_kind,
    "move": _move,
    "nest": _nest,
    "join": _join,
    "add flow": _add_flow,
    "waive": _waive,
    "set a rule": _set_rule,
    "rename": _rename,
    "paste": _paste,
}
# What builds comes up more often than what tears down.
_CHOICES = ("add", "connect", "connect", "set a field", *OPERATIONS)


def edited(draw: DrawFn, design: Design, name: str | None = None) -> Design:
    """Return what one edit makes of a design; the design itself where the edit refuses."""
    if not design.components:
        return _add(draw, design)
    name = name or draw(st.sampled_from(_CHOICES))
    try:
        return OPERATIONS[name](draw, design)
    except DesignError:
        return design


@st.composite
def designs(draw: DrawFn, longest: int = 25) -> Design:
    """Designs of up to so many edits."""
    design = Design()
    for _ in range(draw(st.integers(0, longest))):
        design = edited(draw, design)
    return design


@st.composite
def edited_designs(draw: DrawFn, name: str) -> Design:
    """Designs whose last edit is of this name."""
    return edited(draw, draw(designs()), name)


@st.composite
def edited_designs_of(draw: DrawFn, design: Design) -> Design:
    """What one edit makes of this design."""
    return edited(draw, design)


@st.composite
def edits_sequences(draw: DrawFn, longest: int = 15) -> list[Design]:
    """A design after each of some edits, the empty one first."""
    found = [Design()]
    for _ in range(draw(st.integers(1, longest))):
        found.append(edited(draw, found[-1]))
    return found


@st.composite
def fragments(draw: DrawFn) -> tuple[Design, Design]:
    """A design, and what a copy of some of its parts carries."""
    design = draw(designs())
    ids = draw(st.lists(st.sampled_from(sorted(design.components) or ["none"]), max_size=6))
    return design, edits.extract(design, ids)
