"""Versions: which program a part will run tomorrow, and whether anybody still repairs it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from typing import NamedTuple

from app.analysis.analysis import Analysis
from app.model import edits
from app.model.compute import OwnProgram
from app.model.design import Design
from app.model.kinds import KINDS, AnyComponent
from app.model.stores import Database
from app.rules.evidence import names
from app.rules.lifetimes import last_day
from app.rules.registry import Fix, Problem, Witness, rule

OFFICIAL = ("docker.io/library/", "docker.io/", "library/")
UNMAINTAINED = "CWE-1104: Use of Unmaintained Third Party Components"


class Release(NamedTuple):
    """What a part says that it runs: the name of a program, its version, and where that stands."""

    product: str
    version: str
    field: str

    @property
    def text(self) -> str:
        """The release as people write it."""
        return f"{self.product}:{self.version}" if self.version else self.product


def release_of(item: AnyComponent) -> Release | None:
    """Return the release that a part names; None where it names none, or is named by a digest."""
    if isinstance(item, Database):
        return Release(item.engine, item.version, "version") if item.version else None
    if isinstance(item, OwnProgram) and item.program == "folder":
        return None  # what its source says
    return _release_of_image(str(getattr(item, "image", "")))


@lru_cache(maxsize=1_000)  # many parts have the same one, and each check asks again
def _release_of_image(image: str) -> Release | None:
    if not image or "@" in image:
        return None
    for prefix in OFFICIAL:
        image = image.removeprefix(prefix)
    folder, slash, rest = image.rpartition("/")
    product, _, tag = rest.partition(":")
    return Release(f"{folder}{slash}{product}", tag, "image")


def releases(components: Mapping[str, AnyComponent]) -> Mapping[Release, tuple[str, ...]]:
    """Return the parts that name a release, by that."""
    found: dict[Release, list[str]] = {}
    for key, item in components.items():
        release = release_of(item)
        if release is not None:
            found.setdefault(release, []).append(key)
    return {release: tuple(keys) for release, keys in found.items()}


def _known_images() -> dict[str, str]:
    """Return the images that new parts get, by the program in them."""
    images = [
        str(cls.__dataclass_fields__["image"].default)
        for cls in KINDS.values()
        if "image" in cls.__dataclass_fields__
    ]
    return {image.partition(":")[0]: image for image in images if image}


def _renewed(release: Release, parts: tuple[str, ...]) -> tuple[Fix, ...]:
    """Offer the release that new parts of this program get, where it is known."""
    value = "" if release.field == "version" else _known_images().get(release.product)
    if value is None:
        return ()
    title = f"Use {value}" if value else "Use the release that new databases get"
    return (Fix(title, partial(_set, parts=parts, field=release.field, value=value)),)


def _set(design: Design, parts: tuple[str, ...], field: str, value: str) -> Design:
    for part in parts:
        design = edits.set_fields(design, part, **{field: value})
    return design


@rule(
    "SEC006",
    "version-not-pinned",
    "Version not pinned",
    severity="low",
    category="other",
    student="Tomorrow's start may run another program than today's.",
    references=(
        "Docker documentation: Building best practices, Pin base image versions",
        "CWE-1357: Reliance on Insufficiently Trustworthy Component",
    ),
)
def version_not_pinned(analysis: Analysis) -> Iterator[Problem]:
    """Finds images and databases whose version has no number: no tag, latest, stable, slim.

    Told once for each of them, whoever uses it. A digest is as good as a number; a part that names
    no program at all says nothing that could be wrong.
    """
    design = analysis.design
    for release, parts in design.of_parts(releases).items():
        if not any(letter.isdigit() for letter in release.version):
            verb = "runs" if len(parts) == 1 else "run"
            message = f"{names(design, parts)} {verb} {release.text}, whichever version that is."
            yield Problem(parts, message, Witness(path=parts), _renewed(release, parts))


@rule(
    "SEC007",
    "end-of-life",
    "End-of-life software",
    severity="high",
    category="other",
    student="New holes are found in it, and nobody closes them any more.",
    references=(
        "endoflife.date",
        UNMAINTAINED,
        "OWASP Top 10:2021, A06 Vulnerable and Outdated Components",
    ),
)
def end_of_life(analysis: Analysis) -> Iterator[Problem]:
    """Finds releases that their makers have stopped to repair, once for each of them.

    Knows HAProxy, MariaDB, MySQL, nginx, PostgreSQL, Prometheus, Python and Redis, the programs
    that a drawing here has by itself; a release that the table does not list is taken for one
    that is looked after.
    """
    design = analysis.design
    today = datetime.now().astimezone().date()
    for release, parts in design.of_parts(releases).items():
        end = last_day(release.product, release.version)
        if end is not None and end < today:
            verb = "runs" if len(parts) == 1 else "run"
            message = (
                f"{names(design, parts)} {verb} {release.text}, which has had no repairs since "
                f"{end.day} {end:%B %Y}."
            )
            yield Problem(parts, message, Witness(path=parts), _renewed(release, parts))
