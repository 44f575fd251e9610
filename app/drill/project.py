"""A folder that an export has written, read for a drill; and the drill of what is in it."""

from collections.abc import Generator
from pathlib import Path

from app.drill import DrillError
from app.drill.engine import Project, guarded, project_name
from app.drill.running import Drill, Matrix, Row, Tell
from app.model.design import Design
from app.storage import files
from app.storage.codec import load
from app.storage.errors import FileError
from exporters.recipe import RECIPE, Recipe, parse

DOCUMENT = "design.json"
AUTHORITY = Path("pki") / "ca.crt"


def read(folder: Path) -> tuple[Design, Recipe]:
    """Return the design and the recipe that a project carries along.

    Raises:
        DrillError: the folder holds no exported project, or none that can be drilled.
        ExportError: the recipe is none.
    """
    if not (folder / "compose.yaml").is_file():
        raise DrillError(f"{folder}: holds no exported project: there is no compose.yaml in it")
    for name in (DOCUMENT, RECIPE):
        if not (folder / name).is_file():
            raise DrillError(f"{folder}: there is no {name} in it; export the design again")
    try:
        design = load(files.content(folder / DOCUMENT))
    except FileError as error:
        raise DrillError(f"{folder / DOCUMENT}: {error}") from None
    return design, parse(files.content(folder / RECIPE))


def drilled(folder: Path, drill: Drill, tell: Tell) -> Generator[Matrix, None, None]:
    """Start a project, carry out a drill on it and take it down; yield what is known so far.

    Raises:
        DrillError: it cannot be started, is not like its own description, or does not recover.
    """
    folder = folder.resolve()
    name = project_name(drill.design.name)
    with guarded(name) as hold:
        project = Project(folder, name, drill.recipe.variables, hold)
        versions = project.versions()
        project.refuse_what_is_shared()
        tell(f"starting {name}")
        project.up()
        rows: list[Row] = []
        authority = folder / AUTHORITY
        for row in drill.rows(project, authority if authority.is_file() else None, tell):
            rows.append(row)
            yield drill.matrix(versions, rows)
        tell(f"removing {name}")
