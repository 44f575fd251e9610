"""Each of the 60 known failures of compose projects, on every golden project."""

import re
from dataclasses import replace
from functools import cache

import pytest
from jsonschema import ValidationError
from ruamel.yaml.error import MarkedYAMLError

from tests.exporters.exported import Exported
from tests.exporters.pitfalls import PITFALLS
from tests.exporters.projects import DESIGNS, project


@cache
def exported(name: str) -> Exported:
    return Exported(DESIGNS[name], project(DESIGNS[name]))


def test_every_pitfall_is_named() -> None:
    assert list(PITFALLS) == list(range(1, 61))


@pytest.mark.parametrize("name", DESIGNS)
@pytest.mark.parametrize("number", PITFALLS)
def test_no_golden_project_has_the_pitfall(number: int, name: str) -> None:
    PITFALLS[number].rule(exported(name))


@pytest.mark.parametrize("number", [key for key, item in PITFALLS.items() if item.broken])
def test_a_project_with_the_pitfall_is_refused(number: int) -> None:
    project_with_it = broken(number)
    with pytest.raises((AssertionError, ValidationError, MarkedYAMLError)):
        PITFALLS[number].rule(project_with_it)


def broken(number: int) -> Exported:
    """Return the first project that the change of a pitfall changes, changed."""
    path, pattern, replacement = PITFALLS[number].broken or ("", "", "")
    for name in DESIGNS:
        found = exported(name)
        for place, content in found.files.items():
            if re.fullmatch(path, place):
                text, count = re.subn(pattern, replacement, content.decode())
                if count:
                    return replace(found, files={**found.files, place: text.encode()})
    pytest.fail("no golden project has what the rule is about")
