"""Names that are safe everywhere: service, host name, variable, file, volume, SQL, labels.

A slug has small ASCII letters, digits and single dashes, starts with a letter, ends with none of
the dashes, and is at most 40 characters long (RFC 1123 allows 63; exports append to it).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from app.model.design import Design

LONGEST = 40
# Names that mean something to a resolver, an engine or this exporter itself.
_MEANT = frozenset({"localhost", "host", "gateway", "docker", "default", "none"})
# Names that YAML, of whichever version, takes for a value that is no text.
_NO_TEXTS = frozenset({"null", "true", "false", "yes", "no", "on", "off"})
RESERVED = _MEANT | _NO_TEXTS
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")  # fmt: skip  # noqa: E501
# Names for which no public authority signs, and names below them: RFC 2606, 6761, 6762, 7686, 8375,
# 9476, what ICANN keeps for private use (internal), and top levels that nobody ever got.
_PRIVATE = frozenset(
    {
        "alt", "corp", "example", "example.com", "example.net", "example.org", "home", "home.arpa",
        "internal", "intranet", "invalid", "lan", "local", "localhost", "mail", "onion", "private",
        "test",
    }
)  # fmt: skip
# An image reference: OCI distribution specification 1.1, "Pulling manifests", with the host and
# port that the reference of the engine puts before it.
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_WORD = r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_IMAGE = re.compile(
    rf"(?:{_WORD}(?:\.{_WORD})*(?::[0-9]{{1,5}})?/)?{_PART}(?:/{_PART})*"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?P<digest>@sha256:[0-9a-f]{64})?"
)
_LONGEST_IMAGE = 255


def slug(name: str, fallback: str) -> str:
    """Return a name made safe; `fallback` where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    dashed = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if dashed and not dashed[0].isalpha():
        dashed = f"{fallback}-{dashed}"
    return (dashed or fallback)[:LONGEST].strip("-")


def natural(text: str) -> tuple[tuple[str, int], ...]:
    """Return a key that sorts db-2 before db-10."""
    pieces = re.findall(r"(\D*)(\d*)", text)
    return tuple((word, int(number or 0)) for word, number in pieces)


class Names:
    """Gives out slugs, each only once."""

    def __init__(self, taken: Iterable[str] = RESERVED) -> None:
        """Take the names that nobody gets."""
        self._taken = set(taken)

    def claim(self, name: str, fallback: str = "part") -> str:
        """Return the slug of a name, numbered where another part has it."""
        stem = slug(name, fallback)
        chosen, number = stem, 2
        while chosen in self._taken:
            tail = f"-{number}"
            chosen, number = stem[: LONGEST - len(tail)].strip("-") + tail, number + 1
        self._taken.add(chosen)
        return chosen


def names_of(design: Design, names: Names) -> Mapping[str, str]:
    """Return a slug for each component, the same whatever the order in the file."""
    ordered = sorted(design.components, key=natural)
    return MappingProxyType(
        {
            key: names.claim(design.components[key].name, design.components[key].prefix)
            for key in ordered
        }
    )


def variable(name: str) -> str:
    """Return a slug as the stem of an environment variable."""
    return name.upper().replace("-", "_")


def is_host_name(text: str) -> bool:
    """Whether a text can stand in a certificate as a DNS name."""
    return _HOST.fullmatch(text.lower().removeprefix("*.")) is not None


def is_public_name(text: str) -> bool:
    """Whether a public authority may sign for a name: one that the internet can resolve."""
    if not is_host_name(text) or text.startswith("*."):
        return False
    labels = text.lower().split(".")
    ends = {".".join(labels[number:]) for number in range(len(labels))}
    return len(labels) > 1 and not labels[-1].isdigit() and not ends & _PRIVATE


def is_image(text: str) -> bool:
    """Whether a text is an image reference that a tag or a digest pins."""
    found = _IMAGE.fullmatch(text) if len(text) <= _LONGEST_IMAGE else None
    if found is None:
        return False
    return bool(found["digest"]) or found["tag"] not in (None, "latest", "stable", "lts")
