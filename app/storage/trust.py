"""Which folders the user trusts to bring rules of their own: by folder, and by what is in the file.

A file that was changed since is another file, and is not trusted.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from app.storage.errors import FileError
from app.storage.files import write_whole

VERSION = 1
_LARGEST = 1 << 20  # bytes


def trust_file() -> Path:
    """Return the file in which the trust of this user is kept."""
    import platformdirs

    return platformdirs.user_config_path("loadpath", appauthor=False) / "trust.json"


def trusts(folder: Path, digest: str) -> bool:
    """Whether the user trusts a folder with a file of this SHA-256, in hexadecimal."""
    return digest in _read().get(_key(folder), ())


def trust(folder: Path, digests: Iterable[str]) -> None:
    """Trust a folder with files of these SHA-256, beside those that are trusted there already.

    Raises:
        FileError: it cannot be written down.
    """
    known = _read()
    _write({**known, _key(folder): sorted({*known.get(_key(folder), ()), *digests})})


def forget(folder: Path) -> bool:
    """Trust a folder no more; False where nobody did.

    Raises:
        FileError: it cannot be written down.
    """
    known = _read()
    found = known.pop(_key(folder), None)
    if found is not None:
        _write(known)
    return found is not None


def _key(folder: Path) -> str:
    return str(folder.resolve())


def _read() -> dict[str, list[str]]:
    """Return the trusted digests of each folder; a damaged file trusts nobody."""
    try:
        with trust_file().open("rb") as file:
            document = json.loads(file.read(_LARGEST))
        folders = document["folders"] if document["version"] == VERSION else {}
        return {key: [*map(str, digests)] for key, digests in folders.items()
                if isinstance(digests, list)}  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _write(folders: dict[str, list[str]]) -> None:
    path = trust_file()
    text = json.dumps({"version": VERSION, "folders": folders}, indent=2, sort_keys=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(path, f"{text}\n".encode())
    except OSError as error:
        message = f"{path.name}: cannot be saved: {error.strerror or error}."
        raise FileError(message) from None
