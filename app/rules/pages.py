"""The handbook page of the rules, written from the rules themselves."""

from collections.abc import Iterable, Iterator

from app.rules.references import page_of
from app.rules.registry import CATEGORIES, SEVERITIES, Rule

HEAD = """# Rules

What Loadpath looks for. `loadpath rules --markdown` writes this page from the rules themselves.

Every finding carries its evidence, drawn on the canvas, and most carry fixes. A fix is tried on a
copy of the design first, and offered only if its finding is gone afterwards and nothing as bad has
come. A finding that is accepted is waived with a reason; the waiver stays with the design.
"""


def markdown(rules: Iterable[Rule]) -> str:
    """Return the page that explains rules, as Markdown; each rule's heading is its id."""
    chosen = sorted(rules, key=lambda rule: (SEVERITIES.index(rule.severity), rule.id))
    sections = (
        _section(title, [rule for rule in chosen if rule.category == category])
        for category, title in CATEGORIES.items()
    )
    return "\n".join((HEAD, *(line for section in sections for line in section)))


def _section(title: str, rules: list[Rule]) -> Iterator[str]:
    if not rules:
        return
    yield f"## {title}\n"
    yield "| rule | severity | what it finds |"
    yield "| --- | --- | --- |"
    for rule in rules:
        yield f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.title} |"
    yield ""
    for rule in rules:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}\n"
    yield f"**{rule.title}** · {rule.severity} · `{rule.name}`\n"
    yield f"> {rule.student}\n"
    yield f"{rule.explanation}\n"
    if rule.parameters:
        yield "Parameters, which a design may set:\n"
        yield from (f"- `{facts.name}` (default {facts.default:g}, {facts.minimum:g} to "
                    f"{facts.maximum:g}): {facts.help}" for facts in rule.parameters)  # fmt: skip
        yield ""
    yield "References:\n"
    yield from (f"- {_linked(reference)}" for reference in rule.references)
    yield ""


def _linked(reference: str) -> str:
    page = page_of(reference)
    return f"[{reference}]({page})" if page else reference
