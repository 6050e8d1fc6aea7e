from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from learning_log.domain.pace import (
    Pace,
    PaceWrong,
    QuietAllDay,
    ZoneUnknown,
    due_on,
    in_quiet_hours,
    later_at,
    local_day,
    next_due,
    too_late,
)

EVERY_DAY = frozenset(range(7))
ZONES = (
    "Europe/London",
    "America/St_Johns",  # changed its clocks at one minute past midnight, until 2011
    "Pacific/Apia",  # had no 30 December 2011
    "Australia/Lord_Howe",  # changes by half an hour
    "America/Nuuk",  # its lost hour is the last one of a Saturday
    "America/Sao_Paulo",  # lost the hour after midnight, until 2018
    "America/Havana",  # has its hour after midnight twice
    "Antarctica/Troll",  # changes by two hours
    "Asia/Kathmandu",
)

minutes = st.builds(time, hour=st.integers(0, 23), minute=st.integers(0, 59))
days_of_week = st.frozensets(st.integers(0, 6), min_size=1)
dates = st.dates(date(2004, 1, 1), date(2030, 12, 31))
moments = st.builds(datetime.combine, dates, st.times(), tzinfo=st.just(UTC))


def pace(at: time = time(10), zone: str = "Europe/London", **changes: object) -> Pace:
    values: dict[str, object] = {
        "days": EVERY_DAY,
        "at": at,
        "zone": zone,
        "quiet_from": time(0),
        "quiet_until": time(0),
    }
    return Pace(**{**values, **changes})  # type: ignore[arg-type]


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    at, quiet_from, quiet_until = draw(minutes), draw(minutes), draw(minutes)
    zone, days = draw(st.sampled_from(ZONES)), draw(days_of_week)
    try:
        return Pace(days, at, zone, quiet_from, quiet_until)
    except QuietAllDay:
        assume(False)
        raise


@st.composite
def days_of_change(draw: st.DrawFn) -> tuple[str, date]:
    """A zone and a day on, or next to, which its offset changes, if it does in that year."""
    zone, year = draw(st.sampled_from(ZONES)), draw(st.integers(2004, 2030))
    offsets = [datetime(year, 1, 1, tzinfo=UTC) + timedelta(hours=hours) for hours in range(0, 366 * 24, 6)]
    changes = [
        later.date()
        for earlier, later in pairwise(offsets)
        if earlier.astimezone(ZoneInfo(zone)).utcoffset() != later.astimezone(ZoneInfo(zone)).utcoffset()
    ]
    day = draw(st.sampled_from(changes)) if changes else date(year, 2, 28)
    return zone, day + timedelta(days=draw(st.integers(-2, 2)))


def minutes_that_exist(day: date, zone: str) -> list[tuple[datetime, time]]:
    start = datetime.combine(day, time(0), tzinfo=UTC) - timedelta(hours=27)
    moments = (start + timedelta(minutes=count) for count in range((24 + 54) * 60))
    local = ((moment, moment.astimezone(ZoneInfo(zone))) for moment in moments)
    return [(moment, there.time()) for moment, there in local if there.date() == day]


def by_walking_through_the_day(pace: Pace, day: date) -> datetime | None:
    """The rule said again, minute by minute: the first one that is not too early, else the last one that is."""
    loud = [(moment, wall) for moment, wall in minutes_that_exist(day, pace.zone) if not in_quiet_hours(pace, moment)]
    after = [moment for moment, wall in loud if wall >= pace.at]
    before = [moment for moment, wall in loud if wall < pace.at]
    return after[0] if after else before[-1] if before else None


def chain(pace: Pace, after: datetime, days: int) -> list[datetime]:
    found: list[datetime] = []
    due = next_due(pace, after)
    while due is not None and due < after + timedelta(days=days):
        found.append(due)
        due = next_due(pace, due)
    return found


@settings(max_examples=40, deadline=None)
@given(paces(), dates)
def test_each_chosen_day_has_exactly_one_prompt_for_years(pace: Pace, start: date) -> None:
    dues = chain(pace, datetime.combine(start, time(0), tzinfo=UTC), days=800)
    asked = [local_day(pace, due) for due in dues]

    assert all(earlier < later for earlier, later in pairwise(dues))
    assert len(set(asked)) == len(asked)
    assert all(due.tzinfo is UTC and not in_quiet_hours(pace, due) for due in dues)
    between = (asked[0] + timedelta(days=count) for count in range((asked[-1] - asked[0]).days + 1))
    missing = [day for day in between if day.weekday() in pace.days and day not in set(asked)]
    assert all(by_walking_through_the_day(pace, day) is None for day in missing)
    assert all(day.weekday() in pace.days for day in asked)


@settings(max_examples=150, deadline=None)
@given(paces(), days_of_change())
def test_where_clocks_change_the_moment_is_the_one_found_by_walking(pace: Pace, change: tuple[str, date]) -> None:
    zone, day = change
    here = Pace(EVERY_DAY, pace.at, zone, pace.quiet_from, pace.quiet_until)
    assert due_on(here, day) == by_walking_through_the_day(here, day)


@given(paces(), moments)
def test_the_next_prompt_is_strictly_later_and_none_is_jumped_over(pace: Pace, after: datetime) -> None:
    due = next_due(pace, after)
    assert due is not None
    assert due > after
    first = local_day(pace, after)
    days = [first + timedelta(days=count) for count in range((local_day(pace, due) - first).days + 1)]
    assert [found for day in days if (found := due_on(pace, day)) and found > after] == [due]


@given(paces(), dates, st.integers(0, 60))
def test_nobody_is_asked_before_a_pause_is_over(pace: Pace, today: date, length: int) -> None:
    until = today + timedelta(days=length)
    paused = Pace(pace.days, pace.at, pace.zone, pace.quiet_from, pace.quiet_until, paused_until=until)
    due = next_due(paused, datetime.combine(today, time(0), tzinfo=UTC))
    assert due is not None
    assert local_day(paused, due) > until
    assert due_on(paused, until) is None


def test_a_time_that_does_not_exist_moves_to_the_end_of_the_gap() -> None:
    assert due_on(pace(time(1, 30)), date(2025, 3, 30)) == datetime(2025, 3, 30, 1, tzinfo=UTC)
    half_hour = pace(time(2, 10), "Australia/Lord_Howe")
    assert due_on(half_hour, date(2025, 10, 5)) == datetime(2025, 10, 4, 15, 30, tzinfo=UTC)


def test_a_time_that_exists_twice_is_taken_once_and_first() -> None:
    autumn = pace(time(1, 30))
    first = datetime(2025, 10, 26, 0, 30, tzinfo=UTC)
    assert due_on(autumn, date(2025, 10, 26)) == first
    assert next_due(autumn, first) == datetime(2025, 10, 27, 1, 30, tzinfo=UTC)


def test_a_gap_that_ends_on_the_next_day_does_not_steal_the_day() -> None:
    nuuk = pace(time(23, 30), "America/Nuuk")
    due = due_on(nuuk, date(2025, 3, 29))
    assert due is not None
    assert due.astimezone(ZoneInfo("America/Nuuk")).strftime("%A %H:%M") == "Saturday 22:59"


def test_a_gap_that_ends_in_quiet_hours_waits_for_their_end() -> None:
    quiet = pace(time(1, 30), quiet_from=time(2), quiet_until=time(7))
    assert due_on(quiet, date(2025, 3, 30)) == datetime(2025, 3, 30, 6, tzinfo=UTC)


def test_a_day_that_the_calendar_left_out_is_not_asked_about() -> None:
    fridays = pace(zone="Pacific/Apia", days=frozenset({4}))
    assert due_on(fridays, date(2011, 12, 30)) is None
    due = next_due(fridays, datetime(2011, 12, 24, tzinfo=UTC))
    assert due is not None
    assert local_day(fridays, due) == date(2012, 1, 6)


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    due = next_due(pace(), datetime(2028, 2, 28, 12, tzinfo=UTC))
    assert due == datetime(2028, 2, 29, 10, tzinfo=UTC)
    assert next_due(pace(), due) == datetime(2028, 3, 1, 10, tzinfo=UTC)


def test_a_time_in_quiet_hours_waits_for_their_end_on_the_same_day() -> None:
    early = pace(time(6), quiet_from=time(21), quiet_until=time(8, 30))
    assert due_on(early, date(2025, 1, 6)) == datetime(2025, 1, 6, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize("until", [time(8), time(0)])
def test_a_time_in_quiet_hours_that_last_past_the_day_is_refused(until: time) -> None:
    with pytest.raises(QuietAllDay, match="Choose another time"):
        pace(time(22), quiet_from=time(21), quiet_until=until)


@pytest.mark.parametrize("zone", ["Mars/Base", "America", "../secret", "", "Europe/london\0"])
def test_a_zone_that_is_not_known_is_refused(zone: str) -> None:
    with pytest.raises(ZoneUnknown):
        pace(zone=zone)


def test_days_and_times_that_are_none_are_refused() -> None:
    with pytest.raises(PaceWrong):
        pace(days=frozenset({7}))
    with pytest.raises(PaceWrong):
        pace(time(10, tzinfo=UTC))


def test_somebody_with_no_days_or_an_endless_pause_is_never_asked() -> None:
    now = datetime(2025, 1, 6, tzinfo=UTC)
    assert next_due(pace(days=frozenset()), now) is None
    assert next_due(pace(paused_until=date.max), now) is None
    assert due_on(pace(), date.max) is None
    assert due_on(pace(zone="Pacific/Apia"), date.min) is None


def test_a_moment_without_a_zone_is_refused_not_guessed() -> None:
    with pytest.raises(ValueError, match="time zone"):
        next_due(pace(), datetime(2025, 1, 6))  # noqa: DTZ001


@given(st.timedeltas(timedelta(0), timedelta(days=3)), st.timedeltas(timedelta(0), timedelta(days=3)))
def test_a_prompt_is_too_late_only_after_its_own_window(waited: timedelta, window: timedelta) -> None:
    due = datetime(2025, 1, 6, 10, tzinfo=UTC)
    assert too_late(due, due + waited, window) == (waited > window)


@given(moments, st.sampled_from(["hour", "tonight", "tomorrow"]))
def test_later_is_later_and_never_in_quiet_hours(moment: datetime, until: str) -> None:
    now = moment
    pace = Pace(frozenset({4}), time(10), "Europe/London", time(21), time(8))
    again = later_at(pace, now, until)
    assert now < again <= now + timedelta(days=2)
    assert not in_quiet_hours(pace, again)
    if until == "tomorrow":
        assert local_day(pace, again) == local_day(pace, now) + timedelta(days=1)
