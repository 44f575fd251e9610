"""`loadpath trust`: which folders may bring rules of their own, and what that means for a check."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.terminal import CommandError, tell

if TYPE_CHECKING:
    from app.model.design import Design
    from app.rules.registry import Rule
    from app.rules.team import TeamFile, Trusts

SUFFIX = "*.loadpath.json"
_EPILOG = """\
examples:
  loadpath trust .              run the team rules that the designs in this folder name
  loadpath trust . --forget     run them no more

Team rules are a Python program that runs with your rights: read it first. A file that is changed
later is asked for again. `loadpath check FILE --trust-rules` trusts it for one run.
"""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    made = commands.add_parser(
        "trust",
        help="let the rules of your team, beside a design, run",
        description="Trust the team rules that the designs in a folder name.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("folder", type=Path, metavar="FOLDER", help="where the designs lie")
    made.add_argument("--forget", action="store_true", help="trust it no more")
    made.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Trust a folder with the files as they are now, or forget it."""
    from app.storage.trust import forget, trust

    folder = arguments.folder
    if arguments.forget:
        tell(f"{folder}: trusted no more" if forget(folder) else f"{folder}: was not trusted")
        return 0
    if not folder.is_dir():
        message = f"{folder}: there is no such folder"
        raise CommandError(message)
    files = _files(folder)
    trust(folder, {file.digest for file in files})
    for name in sorted({str(file.path) for file in files}):
        tell(f"trusted: {name}")
    return 0


def _files(folder: Path) -> "list[TeamFile]":
    from app.rules.team import TeamFileError, team_file
    from app.storage.files import open_design

    found = []
    for path in sorted(folder.glob(SUFFIX)):
        design = open_design(path)
        if design.team_rules:
            try:
                found.append(team_file(design, folder))
            except TeamFileError as error:
                message = f"{path.name}: team_rules: {design.team_rules}: {error}"
                raise CommandError(message) from None
    if not found:
        message = f"{folder}: no design in it names team rules"
        raise CommandError(message)
    return found


def trust_of(arguments: argparse.Namespace) -> "Trusts":
    """Return whom a command trusts: for this run everybody, or whom the user has trusted."""
    from app.storage.trust import trusts

    return (lambda _, __: True) if arguments.trust_rules else trusts


def rules_for(design: "Design", path: Path) -> "Mapping[str, Rule]":
    """Return the rules that judge the design in a file, the team's where the user trusts them."""
    from app.rules.team import rules_of
    from app.storage.trust import trusts

    return rules_of(design, path.parent, trusts)
