"""Figures of availability to choose from."""

import pytest

from app.model.kinds import KINDS
from app.model.profiles import profiles


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_figure_of_a_kind_is_the_one_that_counts_unasked(kind: str) -> None:
    usual, *promised = profiles(kind, KINDS[kind])

    assert usual.availability == KINDS[kind].default_availability
    assert all(0 < profile.availability < 1 for profile in promised), "no promise is perfect"
    assert all(profile.source and profile.label for profile in (usual, *promised))
