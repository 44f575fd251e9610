"""The oldest Docker Engine and Compose that exported projects are made for."""

import re

ENGINE, COMPOSE = "20.10", "2.20"


def too_old(found: str, oldest: str) -> bool:
    """Whether a version, such as 2.26.1-4 or v2.20.0, is older than another."""
    return _numbers(found) < _numbers(oldest)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("-")[0])[:2])
