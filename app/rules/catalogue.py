"""The explicit list of rule modules; importing one registers its rules."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType

from app.rules.registry import RULES, Rule

TOPICS = (
    "spof",
    "groups",
    "availability",
    "capacity",
    "network",
    "encryption",
    "monitoring",
    "balancing",
    "choosing",
    "data",
    "copies",
    "promises",
    "spares",
    "hygiene",
    "chains",
    "naming",
    "segments",
    "filtering",
    "locks",
    "versions",
    "operation",
    "programs",
    "alarms",
    "configuration",
)


def all_rules() -> Mapping[str, Rule]:
    """Return every rule by its id, after the topics were imported."""
    for topic in TOPICS:
        importlib.import_module(f"app.rules.{topic}")
    return MappingProxyType(RULES)
