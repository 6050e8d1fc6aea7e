"""Months and quarters: the fixed, disjoint stretches of time that numbers are read by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MONTHS_IN_A_QUARTER = 3


@dataclass(frozen=True, order=True)
class Period:
    """Whole days, both ends included."""

    first: date
    last: date

    @property
    def key(self) -> str:
        """ "2026-03" for a month, "2026-Q1" for longer."""
        if self.first.month == self.last.month:
            return f"{self.first:%Y-%m}"
        return f"{self.first.year}-Q{(self.first.month - 1) // _MONTHS_IN_A_QUARTER + 1}"

    def starts_at(self, zone: str) -> datetime:
        return _midnight(self.first, zone)

    def ends_before(self, zone: str) -> datetime:
        return _midnight(self.last + timedelta(days=1), zone)


def months_until(day: date, count: int) -> list[Period]:
    """The last `count` months, oldest first, with the one that `day` is in."""
    number = day.year * 12 + day.month - 1
    return [_stretch(month, 1) for month in range(number - count + 1, number + 1)]


def quarters_before(day: date, count: int) -> list[Period]:
    """The last `count` calendar quarters that were over before `day`, oldest first."""
    number = (day.year * 12 + day.month - 1) // _MONTHS_IN_A_QUARTER * _MONTHS_IN_A_QUARTER
    firsts = range(number - count * _MONTHS_IN_A_QUARTER, number, _MONTHS_IN_A_QUARTER)
    return [_stretch(first, _MONTHS_IN_A_QUARTER) for first in firsts]


def _stretch(first_month: int, months: int) -> Period:
    return Period(_first_day(first_month), _first_day(first_month + months) - timedelta(days=1))


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), tzinfo=ZoneInfo(zone)).astimezone(UTC)
