"""What an export wrote, so that the next one knows what a user has changed since.

The manifest is a file in the folder, in the form of `sha256sum`: the user can check it with
`sha256sum -c .loadpath-files`.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

MANIFEST = ".loadpath-files"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


def read(folder: Path) -> dict[str, str] | None:
    """Return the digest of each file as it was written, by path; None where no export was."""
    path = folder / MANIFEST
    if path.is_symlink() or not path.is_file():
        return None
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    found = [_LINE.fullmatch(line) for line in lines]
    return {match[2]: match[1] for match in found if match}


def replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Note in a folder that an export has written these files anew."""
    digests = (read(folder) or {}) | {path: digest(content) for path, content in files.items()}
    fresh = folder / f"{MANIFEST}.new"
    fresh.write_text(_lines(digests), encoding="utf-8")
    fresh.replace(folder / MANIFEST)


def text(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest of files by path."""
    return _lines({path: digest(content) for path, content in files.items()}).encode()


def _lines(digests: Mapping[str, str]) -> str:
    return "".join(f"{found}  {path}\n" for path, found in sorted(digests.items()))


def digest(content: bytes) -> str:
    """Return the SHA-256 digest (FIPS 180-4) of a file, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def digest_of(path: Path) -> str:
    """Return the digest of a regular file on the disk; empty for a link or a folder."""
    if path.is_symlink() or not path.is_file():
        return ""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
