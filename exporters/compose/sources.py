"""Source folders of the user's own, copied into a project so that it can be built there.

A design may come from somebody else: its folders lie below the file of the design, no link leads
out of them, and what is copied is bounded. What never belongs into an image stays behind.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exporters import images
from exporters.compose.render import fill
from exporters.deployment import Source
from exporters.errors import ExportError
from exporters.images import Image
from exporters.manifest import MANIFEST

MOST_FILES = 2_000
MOST_BYTES = 32 * 2**20
LEFT_OUT = frozenset(
    (
        ".git", ".hg", ".svn", "node_modules", "vendor", "__pycache__", ".venv", "venv", ".tox",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", ".idea", ".vscode", ".DS_Store", ".ssh",
    )
)  # fmt: skip
_PRIVATE_ENDINGS = (".key", ".pem", ".p12", ".pfx", ".pyc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What is started in each language where no Dockerfile says so: the first of these files.

    For Node the script of package.json comes before them. For PHP a file comes with its command.
    """

    python: tuple[str, ...]
    script: str
    node: tuple[str, ...]
    php: Mapping[str, tuple[str, ...]]


def _serving(folder: str) -> tuple[str, ...]:
    return "sh", "-c", f'exec php -S "0.0.0.0:$PORT" -t {folder}'


_DEFAULTS: Mapping[str, Defaults] = {
    "server": Defaults(
        python=("main.py", "app.py", "server.py"),
        script="start",
        node=("server.js", "index.js", "app.js", "main.js"),
        php={"public/index.php": _serving("public"), "index.php": _serving(".")},
    ),
    "worker": Defaults(
        python=("worker.py",),
        script="worker",
        node=("worker.js",),
        php={"worker.php": ("php", "worker.php")},
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a Dockerfile is made from where the user has none."""

    image: str
    user: str
    starts: str
    command: tuple[str, ...]
    installs: bool = False
    locked: bool = False


def source_files(sources: Sequence[Source], base: Path | None) -> dict[str, bytes]:
    """Return the files of source folders by their path in the project.

    `base` is the folder of the design's file; the folders are relative to it.

    Raises:
        ExportError: a folder is missing, leads out of `base`, holds too much or what cannot be
            copied, or has no Dockerfile and nothing that says how to start it.
    """
    files: dict[str, bytes] = {}
    for source in sources:
        if base is None:
            raise ExportError(
                f"{source.title}: its source folder {source.folder} is relative to the file of the "
                "design, which has none yet: save the design first"
            )
        root = _inside(source, base)
        found = _copied(source, root)
        if "Dockerfile" not in found:
            found["Dockerfile"] = _dockerfile(source, found)
        files |= {f"{source.target}/{path}": content for path, content in found.items()}
    return files


def _inside(source: Source, base: Path) -> Path:
    try:
        root = (base / source.folder).resolve(strict=True)
        inside = root.is_relative_to(base.resolve())
    except (OSError, RuntimeError, ValueError):
        raise ExportError(f"{source.title}: there is no folder {source.folder} in {base}") from None
    if not inside:
        raise ExportError(f"{source.title}: {source.folder} leads out of {base}")
    if not root.is_dir():
        raise ExportError(f"{source.title}: {source.folder} is no folder")
    return root


def _copied(source: Source, root: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    size = 0
    try:
        for path in _walk(source, root, root):
            name = path.relative_to(root).as_posix()
            size += path.stat().st_size
            if len(found) == MOST_FILES or size > MOST_BYTES:
                raise ExportError(
                    f"{source.title}: {source.folder} holds more than {MOST_FILES} files or "
                    f"{MOST_BYTES // 2**20} MiB, {name} among them; leave out what is not source"
                )
            found[name] = path.read_bytes()
    except OSError as error:
        raise ExportError(
            f"{source.title}: {error.filename} cannot be read: {error.strerror}"
        ) from None
    return found


def _walk(source: Source, root: Path, folder: Path) -> Iterator[Path]:
    """Yield the regular files below a folder that are copied; a link counts as what it is to."""
    for path in sorted(folder.iterdir()):
        if path.name in LEFT_OUT or path.name.endswith(_PRIVATE_ENDINGS) or _is_settings(path.name):
            continue
        _check_name(source, path)
        if path.is_symlink() and not _is_file_inside(path, root):
            raise ExportError(
                f"{source.title}: {path} is a link to a folder, or leads out of {source.folder}"
            )
        if path.is_dir():
            if not (path / MANIFEST).exists():  # a project that was exported into the source
                yield from _walk(source, root, path)
        elif path.is_file():
            yield path


def _is_settings(name: str) -> bool:
    """Whether a file holds the settings, and often the passwords, of one machine."""
    return name == ".env" or (name.startswith(".env.") and name != ".env.example")


def _is_file_inside(path: Path, root: Path) -> bool:
    try:
        end = path.resolve()
    except RuntimeError:  # a circle of links; Python 3.13 says OSError
        return False
    return end.is_file() and end.is_relative_to(root)


def _check_name(source: Source, path: Path) -> None:
    try:
        path.name.encode()
    except UnicodeEncodeError:
        raise ExportError(
            f"{source.title}: {path.name!r} in {source.folder} has a name that is no UTF-8"
        ) from None


def _dockerfile(source: Source, found: Mapping[str, bytes]) -> bytes:
    """Return the default for what a folder holds."""
    defaults = _DEFAULTS[source.starts]
    main, page = _first(defaults.python, found), _first(tuple(defaults.php), found)
    node = _node(source, defaults, found) if "package.json" in found else {}
    if node:
        return _filled(source, "node", images.NODE, **node)
    if main:
        installs = "requirements.txt" in found
        return _filled(
            source, "python", images.PYTHON, command=("python3", main), installs=installs
        )
    if page:
        return _filled(source, "php", images.PHP, command=defaults.php[page])
    if "package.json" in found:
        raise ExportError(
            f"{source.title}: {source.folder}/package.json has no script {defaults.script}, and "
            f"there is no {', '.join(defaults.node)}"
        )
    raise ExportError(
        f"{source.title}: {source.folder} has no Dockerfile, and nothing that is started by "
        f"default: {', '.join(defaults.python)} for Python, package.json for Node, "
        f"{' or '.join(defaults.php)} for PHP"
    )


def _first(names: Sequence[str], found: Mapping[str, bytes]) -> str:
    return next((name for name in names if name in found), "")


def _filled(source: Source, template: str, image: Image, **values: Any) -> bytes:
    recipe = Recipe(image=image.tag, user=image.user, starts=source.starts, **values)
    return fill(f"own/{template}", {"c": recipe})


def _node(source: Source, defaults: Defaults, found: Mapping[str, bytes]) -> dict[str, Any]:
    """Return what package.json says: its script, else the first usual file; else nothing.

    Programs in other languages have one as well, for their pages.
    """
    try:
        told = json.loads(found["package.json"])
    except (ValueError, RecursionError):
        raise ExportError(f"{source.title}: {source.folder}/package.json is no JSON") from None
    told = told if isinstance(told, dict) else {}
    scripts = told.get("scripts")
    starts = isinstance(scripts, dict) and defaults.script in scripts
    entry = _first(defaults.node, found)
    if not (starts or entry):
        return {}
    return {
        "command": ("npm", "run", defaults.script) if starts else ("node", entry),
        "installs": bool(told.get("dependencies")),
        "locked": "package-lock.json" in found,
    }
