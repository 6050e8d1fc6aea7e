"""When somebody is asked: their days, their time, their zone, their quiet hours and their pause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from learning_log.errors import LearningLogError

# A chosen weekday can be missing once, when a zone crosses the date line (Pacific/Apia, 30 December 2011).
_DAYS_LOOKED_AHEAD = 22
# Datetimes end with 9999, and a zone may need the day before or after.
EVENING = time(18)
_FIRST_YEAR, _LAST_YEAR = 2, 9998


class PaceWrong(LearningLogError, ValueError):
    """These times do not work. The times from before are kept. Choose others."""


class QuietAllDay(PaceWrong):
    """This time is in the quiet hours, which last to the end of the day. Choose another time."""


class ZoneUnknown(PaceWrong):
    """This time zone is not known. Use a name like Europe/London."""


@dataclass(frozen=True)
class Pace:
    """Days are 0 for Monday to 6 for Sunday; no days means never asked.

    Quiet hours run from `quiet_from` up to, not including, `quiet_until`, and may go over midnight; two equal times
    mean that there are none. All times are local ones in `zone`. Raises QuietAllDay when `at` is in quiet hours that
    do not end on the same day, ZoneUnknown, or PaceWrong for a day or a time that is none.
    """

    days: frozenset[int]
    at: time
    zone: str
    quiet_from: time
    quiet_until: time
    paused_until: date | None = None

    def __post_init__(self) -> None:
        if not self.days <= frozenset(range(7)):
            raise PaceWrong("A day is a number from 0 for Monday to 6 for Sunday.")
        if any(wall.tzinfo is not None for wall in (self.at, self.quiet_from, self.quiet_until)):
            raise PaceWrong("Times are local ones. They have no zone of their own.")
        _zone(self.zone)
        if _is_quiet(self, self.at) and self.quiet_until <= self.at:
            raise QuietAllDay


@lru_cache(maxsize=4096)
def next_due(pace: Pace, after: datetime) -> datetime | None:
    """The first moment to ask strictly after `after`, in UTC; None when no day is chosen or the calendar ends.

    `after` has to be aware; a naive one is a ValueError.
    """
    for day in _days_from(pace, local_day(pace, after)):
        due = due_on(pace, day)
        if due is not None and due > after:
            return due
    return None


def later_at(pace: Pace, now: datetime, until: str) -> datetime:
    """When somebody who said "later" is asked again, in UTC. until: hour, tonight or tomorrow.

    Tonight is at six, or in an hour when that is over. What would be in quiet hours, and tomorrow, is on the next day
    at the usual time, whichever day that is.
    """
    zone, soon = _zone(pace.zone), now + timedelta(hours=1)
    evening = _first_moment(local_day(pace, now), EVENING, zone)
    wanted = {"hour": soon, "tonight": evening if evening and evening > now else soon}.get(until)
    if wanted is not None and not in_quiet_hours(pace, wanted):
        return wanted
    any_day = replace(pace, days=frozenset(range(7)), paused_until=None)
    days = (local_day(pace, now) + timedelta(days=ahead) for ahead in range(1, _DAYS_LOOKED_AHEAD))
    return next((due for day in days if (due := due_on(any_day, day)) is not None), soon)


def due_on(pace: Pace, day: date) -> datetime | None:
    """The one moment to ask on this local day, in UTC, or None when nobody is asked on it.

    A time that exists twice is taken the first time. One that the clocks skip moves to the first moment after the gap;
    when that is in quiet hours, to their end; when that is the next day, back to the last minute before the gap.
    """
    if day.weekday() not in pace.days or _is_paused(pace, day) or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return None
    zone = _zone(pace.zone)
    for wall in _walls(pace):
        moment = _first_moment(day, wall, zone)
        if local_day(pace, moment) == day and not in_quiet_hours(pace, moment):
            return moment
    return None


def too_late(due: datetime, now: datetime, window: timedelta) -> bool:
    """Whether a prompt has waited longer than its window, so that it is skipped and not sent in a burst."""
    return now - due > window


def in_quiet_hours(pace: Pace, moment: datetime) -> bool:
    return _is_quiet(pace, _local(pace, moment).time())


def local_day(pace: Pace, moment: datetime) -> date:
    return _local(pace, moment).date()


def _local(pace: Pace, moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(_zone(pace.zone))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    # A folder's name is an OSError, a path that climbs out is a ValueError, an unknown name is a KeyError.
    except (KeyError, ValueError, OSError) as wrong:
        raise ZoneUnknown from wrong


def _is_quiet(pace: Pace, wall: time) -> bool:
    if pace.quiet_from <= pace.quiet_until:
        return pace.quiet_from <= wall < pace.quiet_until
    return wall >= pace.quiet_from or wall < pace.quiet_until


def _is_paused(pace: Pace, day: date) -> bool:
    return pace.paused_until is not None and day <= pace.paused_until


def _days_from(pace: Pace, day: date) -> Iterator[date]:
    first = max(day.toordinal(), pace.paused_until.toordinal() + 1 if pace.paused_until else 1)
    last = min(first + _DAYS_LOOKED_AHEAD - 1, date.max.toordinal())
    return (date.fromordinal(ordinal) for ordinal in range(first, last + 1))


def _walls(pace: Pace) -> Iterator[time]:
    """The local times to try, best first. All but the first are for days on which the clocks change."""
    wanted = pace.quiet_until if _is_quiet(pace, pace.at) else pace.at
    yield wanted
    if pace.quiet_until > wanted:
        yield pace.quiet_until
    for minute in range(wanted.hour * 60 + wanted.minute, -1, -1):
        yield time(*divmod(minute, 60))


def _first_moment(day: date, wall: time, zone: ZoneInfo) -> datetime:
    """In UTC: the first time that this wall time comes, or the end of the gap that it falls into."""
    local = datetime.combine(day, wall.replace(fold=0), tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _change_between(local.replace(fold=1).astimezone(UTC), moment, zone)


def _change_between(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The first second of the new offset: zoneinfo knows it, but has no way to tell."""
    start = before.replace(microsecond=0)
    old = start.astimezone(zone).utcoffset()
    low, high = 0, int((after - start).total_seconds()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        same = (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == old
        low, high = (middle, high) if same else (low, middle)
    return start + timedelta(seconds=high)
