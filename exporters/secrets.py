"""Passwords of an exported project: random once, then kept for as long as the folder lives."""

import secrets as random_source
from collections.abc import Callable, Iterable, Mapping

from exporters.deployment import Secret

FOLDER = "secrets"
# 24 bytes make 32 letters of A-Z a-z 0-9 - _, which no URL, YAML, SQL or shell has to escape.
_BYTES = 24
Token = Callable[[str], str]


def random_token(name: str) -> str:
    """Return a new password; the name of the secret does not enter into it."""
    del name
    return random_source.token_urlsafe(_BYTES)


def secret_files(
    wanted: Iterable[Secret], kept: Mapping[str, str], token: Token = random_token
) -> dict[str, str]:
    """Return the text of each secret by its path in the project.

    `kept` holds files of an earlier export by path: their passwords stay. A secret that is made
    from others is always written anew, so that it agrees with them.
    """
    wanted = tuple(wanted)
    values: dict[str, str] = {}
    for secret in wanted:
        if not secret.sources:
            values[secret.name] = kept.get(path_of(secret.name), "").strip() or token(secret.name)
    for secret in wanted:
        if secret.sources:
            values[secret.name] = secret.text.format_map(values)
    return {path_of(name): values[name] for name in sorted(values)}


def path_of(name: str) -> str:
    """Return where the project keeps a secret."""
    return f"{FOLDER}/{name}"
