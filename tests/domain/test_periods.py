from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from learning_log.domain.periods import months_until, quarters_before

days = st.dates(date(1990, 1, 1), date(2100, 12, 31))


@given(days, st.integers(1, 40))
def test_months_follow_each_other_and_end_with_the_one_of_the_day(day: date, count: int) -> None:
    months = months_until(day, count)

    assert len(months) == count
    assert months[-1].first <= day <= months[-1].last
    for earlier, later in pairwise(months):
        assert earlier.last + timedelta(days=1) == later.first


@given(days, st.integers(1, 12))
def test_quarters_are_over_before_the_day(day: date, count: int) -> None:
    quarters = quarters_before(day, count)

    assert len(quarters) == count
    assert quarters[-1].last < day <= quarters[-1].last + timedelta(days=92)
    assert all(quarter.first.month in (1, 4, 7, 10) and quarter.first.day == 1 for quarter in quarters)
    assert len({quarter.key for quarter in quarters}) == count


def test_a_month_begins_at_local_midnight() -> None:
    (july,) = months_until(date(2026, 7, 9), 1)

    assert july.key == "2026-07"
    assert july.starts_at("Europe/London").isoformat() == "2026-06-30T23:00:00+00:00"
    assert july.ends_before("Europe/London").isoformat() == "2026-07-31T23:00:00+00:00"


def test_quarters_have_their_own_keys() -> None:
    assert [quarter.key for quarter in quarters_before(date(2026, 3, 2), 2)] == ["2025-Q3", "2025-Q4"]
