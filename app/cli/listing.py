"""`loadpath rules`, `kinds`, `schema`, `new`: what there is to know and to start from."""

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from app.cli.terminal import CommandError, deliver, tell, wrapped

if TYPE_CHECKING:
    from app.model.fields import FieldFacts
    from app.rules.registry import Rule

EMPTY = "empty"


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands."""
    rules = _command(
        commands, "rules", "list the rules, or explain one", "loadpath rules SPOF004", _rules
    )
    rules.add_argument("id", nargs="?", metavar="ID", help="of one rule, such as SPOF004")
    rules.add_argument("--markdown", action="store_true", help="as a page for a handbook")
    told = "list the kinds of parts, or the fields of one"
    kinds = _command(commands, "kinds", told, "loadpath kinds database", _kinds)
    kinds.add_argument("kind", nargs="?", metavar="KIND", help="such as database")
    kinds.add_argument("--markdown", action="store_true", help="all of them, as a page")
    told = "print the JSON Schema of design files"
    _command(commands, "schema", told, "loadpath schema > design.schema.json", _schema)
    example = "loadpath new simple-web-stack -o shop.loadpath.json"
    new = _command(commands, "new", "start a design from a template, or list them", example, _new)
    new.add_argument("template", nargs="?", metavar="TEMPLATE", help=f"or `{EMPTY}`")
    new.add_argument("-o", "--output", type=Path, metavar="FILE", help="- for stdout")
    new.add_argument("--force", action="store_true", help="replace FILE if it is there")


def _command(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    told: str,
    example: str,
    run: object,
) -> argparse.ArgumentParser:
    made = commands.add_parser(
        name,
        help=told,
        description=f"{told[0].upper()}{told[1:]}.",
        epilog=f"example:\n  {example}\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.set_defaults(run=run)
    return made


def _rules(arguments: argparse.Namespace) -> int:
    from app.rules.catalogue import all_rules

    rules = all_rules()
    if arguments.id is not None:
        by_name = {rule.name: key for key, rule in rules.items()}
        arguments.id = by_name.get(arguments.id.lower(), arguments.id.upper())
    if arguments.id is not None and arguments.id not in rules:
        message = f"there is no rule {arguments.id!r}; `loadpath rules` lists them"
        raise CommandError(message)
    chosen = [rules[arguments.id]] if arguments.id else list(rules.values())
    if arguments.markdown:
        from app.rules.pages import markdown

        deliver(markdown(chosen), None)
    elif arguments.id:
        print("\n".join(_explained(chosen[0])))
    else:
        print("\n".join(_listed(chosen)))
    return 0


def _listed(rules: "list[Rule]") -> Iterator[str]:
    from app.rules.registry import CATEGORIES

    for category, title in CATEGORIES.items():
        yield title
        for rule in rules:
            if rule.category == category:
                yield f"  {rule.id:8} {rule.severity:9} {rule.title}"
        yield ""
    yield "`loadpath rules ID` explains one."


def _explained(rule: "Rule") -> Iterator[str]:
    from app.rules.references import page_of
    from app.rules.registry import CATEGORIES

    yield f"{rule.id} {rule.title}"
    yield f"{rule.name} · {rule.severity} · {CATEGORIES[rule.category]}"
    yield ""
    yield from wrapped(rule.student)
    yield ""
    yield from wrapped(rule.explanation)
    yield ""
    for facts in rule.parameters:
        yield from wrapped(f"{facts.name} ({_values(facts)}): {facts.help}.", "  ")
    if rule.parameters:
        yield ""
    yield "Sources:"
    for source in rule.references:
        yield f"  {source}"
        page = page_of(source)
        if page:
            yield f"    {page}"


def _kinds(arguments: argparse.Namespace) -> int:
    from app.model.kinds import GROUPS, KINDS

    if arguments.markdown:
        from app.model.pages import markdown

        deliver(markdown(), None)
        return 0
    if arguments.kind is not None:
        print("\n".join(_fields(arguments.kind)))
        return 0
    for group, title in GROUPS.items():
        print(title)
        for kind, cls in KINDS.items():
            if cls.group == group:
                print(f"  {kind:18} {cls.summary}")
        print()
    print("`loadpath kinds KIND` lists the fields of one.")
    return 0


def _fields(kind: str) -> Iterator[str]:
    from app.model.fields import fields_of
    from app.model.kinds import kind_named
    from app.model.profiles import profiles
    from app.model.traits import Trait

    cls = kind_named(kind)

    yield f"{cls.title}: {cls.summary}"
    if Trait.FAILS in cls.traits:
        yield "availability, unless it is set, and what else to set it to:"
        for profile in profiles(kind, cls):
            yield from wrapped(
                f"{profile.availability:g}  {profile.label} ({profile.source})", "  "
            )
    for facts in fields_of(cls):
        if facts.name != "kind":
            yield ""
            yield f"  {facts.name} ({_values(facts)})"
            yield from wrapped(f"{facts.meaning}.", "      ")


def _values(facts: "FieldFacts") -> str:
    """Say what a field takes: choices or range, unit, default."""
    low = facts.minimum if facts.minimum is not None else facts.exclusive_minimum
    bounds = f"{low:g} to {facts.maximum:g}" if low is not None and facts.maximum else ""
    unit = "" if facts.unit == "id" else facts.unit
    default = f"default {json.dumps(facts.default)}" if _worth_telling(facts.default) else ""
    told = (" | ".join(facts.choices) or facts.type, bounds, unit, default)
    return ", ".join(filter(None, told))


def _worth_telling(default: object) -> bool:
    return default is not None and default not in ("", (), {})


def _schema(_: argparse.Namespace) -> int:
    from app.storage.codec import schema

    print(json.dumps(schema(), indent=2))
    return 0


def _new(arguments: argparse.Namespace) -> int:
    from sample_designs import SAMPLES

    if arguments.template is None:
        for sample in SAMPLES:
            print(f"{sample.name:32} {sample.description}")
        print(f"{EMPTY:32} Nothing yet.")
        return 0
    output = arguments.output
    if output is None:
        message = "where to? Give -o FILE, or -o - for stdout"
        raise CommandError(message)
    if not arguments.force and str(output) != "-" and output.exists():
        message = f"{output}: is there already; --force replaces it"
        raise CommandError(message)
    deliver(_template(arguments.template), output)
    if str(output) != "-":
        tell(f"open it with: loadpath {quote(str(output))}")
    return 0


def _template(name: str) -> bytes:
    from sample_designs import SAMPLES, read

    if name == EMPTY:
        from app.model.design import Design
        from app.storage.codec import dump

        return dump(Design())
    try:
        return read(name)
    except KeyError:
        names = ", ".join([*(sample.name for sample in SAMPLES), EMPTY])
        message = f"there is no template {name!r}; there are {names}"
        raise CommandError(message) from None
