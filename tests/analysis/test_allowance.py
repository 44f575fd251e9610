"""How an availability is written, and what is said of what is none."""

import pytest

from app.analysis.allowance import allowed_unavailability
from app.model.errors import DesignError


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("99.95 %", 0.0005),
        ("99.95%", 0.0005),
        (" 99,95 % ", 0.0005),
        ("100 %", 0.0),
        ("99.9999999 %", 1e-9),
        ("4 h a year", 4 / 8760),
        ("4h", 4 / 8760),
        ("30 min", 30 / 525_600),
        ("90 s/year", 1.5 / 525_600),
        ("1,5 d per year", 1.5 / 365),
        ("0 h", 0.0),
    ],
)
def test_a_share_or_a_downtime_is_read_without_loss(text: str, share: float) -> None:
    assert allowed_unavailability(text) == pytest.approx(share, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("99.95", "did you mean 99.95 %?"),
        ("0.9995", "give a share such as 99.95 %, or a downtime such as 4 h a year"),
        ("101 %", "it must be above 0 % and at most 100 %"),
        ("0 %", "it must be above 0 % and at most 100 %"),
        ("nan", "'nan' is no availability"),
        ("nan %", "'nan' is no number"),
        ("inf h", "is no availability"),
        ("-1 h", "is no availability"),
        ("1e3 h", "is no availability"),
        ("٩٩ %", "is no number"),
        ("4 h a week", "is no availability"),
        ("365 d", "a year has 365 d"),
        ("", "'' is no availability"),
        ("9" * 10_000 + " %", "…' is no availability"),
        ("x" * 10_000, "…' is no availability"),
        ("1 h" + " " * 100 + "x", "is no availability"),
    ],
)
def test_anything_else_is_refused_in_one_short_line(text: str, why: str) -> None:
    with pytest.raises(DesignError) as error:
        allowed_unavailability(text)
    assert why in str(error.value)
    assert len(str(error.value)) < 250


def test_only_a_number_that_may_be_a_percentage_is_taken_for_one() -> None:
    with pytest.raises(DesignError) as error:
        allowed_unavailability("0.9995")
    assert "did you mean" not in str(error.value)
