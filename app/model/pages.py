"""The handbook page of the kinds, links and flows, written from their fields."""

from collections.abc import Iterable, Iterator

from app.model.component import Component
from app.model.fields import FieldFacts, fields_of
from app.model.kinds import GROUPS, KINDS, AnyComponent
from app.model.links import Flow, Link
from app.model.profiles import profiles
from app.model.traits import Trait

HEAD = """# Kinds

What a design is made of. `loadpath kinds --markdown` writes this page from the fields themselves.

Every part has a name, a place in a container, and figures of its reliability: they are told once,
under [every part](#every-part). A field without a default has to be set.
"""
_COMMON = frozenset(("kind", *(facts.name for facts in fields_of(Component))))


def markdown() -> str:
    """Return the page that explains all kinds, links and flows, as Markdown."""
    lines = [HEAD, "## Every part\n", *_table(fields_of(Component)), ""]
    for group, title in GROUPS.items():
        lines.append(f"## {title}\n")
        for kind, cls in KINDS.items():
            if cls.group == group:
                lines += _kind(kind, cls)
    lines += ["## Links\n", "A directed connection: one part opens it, another answers.\n"]
    lines += [*_table(fields_of(Link)), "", "## Flows\n"]
    lines += ["What users do, and what was promised to them.\n", *_table(fields_of(Flow))]
    return "\n".join((*lines, ""))


def _kind(kind: str, cls: type[AnyComponent]) -> Iterator[str]:
    yield f"### {cls.title}\n"
    yield f"`{kind}`: {cls.summary}\n"
    if Trait.FAILS in cls.traits:
        usual, *promised = profiles(kind, cls)
        yield f"Works {usual.availability:.4%} of the time unless it is set: {usual.source}.\n"
        for profile in promised:
            yield f"- {profile.label}: {profile.availability:.4%} ({profile.source})"
        if promised:
            yield ""
    own = [facts for facts in fields_of(cls) if facts.name not in _COMMON]
    if own:
        yield from _table(own)
        yield ""


def _table(fields: Iterable[FieldFacts]) -> Iterator[str]:
    yield "| field | takes | default | meaning |"
    yield "| --- | --- | --- | --- |"
    for facts in fields:
        cells = (f"`{facts.name}`", _takes(facts), _default(facts), facts.meaning)
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _takes(facts: FieldFacts) -> str:
    """Say what a field takes: choices, or type, range and unit."""
    if facts.choices:
        return ", ".join(f"`{choice}`" for choice in facts.choices)
    words = {
        "id": "id of a part",
        "ids": "ids of parts",
        "mapping": "table of texts",
        "flag": "true, false",
    }
    unit = f" {facts.unit}" if facts.unit not in ("", "id") else ""
    return f"{words.get(facts.type, facts.type)}{_range(facts)}{unit}"


def _range(facts: FieldFacts) -> str:
    if facts.type not in ("integer", "number"):
        return ""
    least = f" from {facts.minimum:g}" if facts.minimum is not None else ""
    if facts.exclusive_minimum is not None:
        least = f" above {facts.exclusive_minimum:g}"
    most = f" up to {facts.maximum:,.12g}" if facts.maximum is not None else ""
    return f"{least}{most}"


def _default(facts: FieldFacts) -> str:
    if facts.type == "flag":
        return str(facts.default).lower()
    if facts.optional or facts.default in ("", ()) or facts.type == "mapping":
        return "empty"
    return "" if facts.default is None else f"`{facts.default}`"
