"""A share of all drills, another one each day: what is predicted is measured, nothing stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.drill import telling
from tests.lab.drills import A_DAY, carried_out, of_day
from tests.lab.engine import left_of

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("number", range(A_DAY))
def test_nothing_differs_from_what_is_predicted(number: int, tmp_path: Path) -> None:
    name, kept = [*of_day(datetime.now(UTC).date())][number]
    told: list[str] = []
    matrix = carried_out(name, kept, tmp_path, told.append)
    assert not [*telling.mismatches(telling.document(matrix))], "\n".join(told)
    assert len(matrix.rows) == matrix.planned
    started = next(line.split()[1] for line in told if line.startswith("starting "))
    assert left_of(started) == []
