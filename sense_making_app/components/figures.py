"""Numbers, days and months as people write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from learning_log.domain.periods import Period
from learning_log.services.sharing import ZONE
from sense_making_app.wording import say

# Names of our own: the machine's language settings must not decide them.
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
DAYS: Literal["DD/MM/YYYY"] = "DD/MM/YYYY"
Key = TypeVar("Key")
_MORE, _FEWEST = 1.25, 3


def number(value: float, unit: str) -> str:
    text = f"{value:,.1f}".removesuffix(".0")
    return {"percent": f"{text} %", "hours": f"{text} h", "days": f"{text} days"}.get(unit, text)


def day(when: date) -> str:
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def moment(when: datetime) -> str:
    local = when.astimezone(ZoneInfo(ZONE))
    return f"{day(local.date())}, {local:%H:%M}"


def month(when: date) -> str:
    return f"{MONTHS[when.month - 1]} {when.year}"


def short_month(when: date) -> str:
    return MONTHS[when.month - 1][:3]


def period(stretch: Period) -> str:
    """ "March 2026", or "January to March 2026"."""
    first, last = stretch.first, stretch.last
    if (first.year, first.month) == (last.year, last.month):
        return month(first)
    if first.year == last.year:
        return f"{MONTHS[first.month - 1]} to {month(last)}"
    return f"{month(first)} to {month(last)}"


def short_period(stretch: Period) -> str:
    """ "Mar", or "Jan–Mar 26" where it is longer than a month."""
    if stretch.first.month == stretch.last.month:
        return short_month(stretch.first)
    return f"{short_month(stretch.first)}–{short_month(stretch.last)} {stretch.last:%y}"


def trend(times: Sequence[int]) -> str:
    """The last three months beside the three before: the key of a text. The month that goes on is not counted."""
    over = times[:-1]
    now, before = sum(over[-3:]), sum(over[-6:-3])
    if len(over) < 6 or max(now, before) < _FEWEST:
        return "too_few"
    if now > before * _MORE:
        return "more"
    return "less" if before > now * _MORE else "same"


def heading(label: str) -> str:
    """A machine's name for a theme starts small."""
    return label[:1].upper() + label[1:]


def told_apart(names: Mapping[Key, str]) -> dict[Key, str]:
    """The same names, with a number where two are alike: Streamlit tells choices apart by what is written on them."""
    seen: Counter[str] = Counter()
    apart: dict[Key, str] = {}
    for key, name in names.items():
        seen[name] += 1
        apart[key] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return apart


def times(count: int) -> str:
    return say("count.answer") if count == 1 else say("count.answers", count=f"{count:,}")


def people(count: int) -> str:
    return say("count.person") if count == 1 else say("count.people", count=f"{count:,}")


def in_words(labels: Sequence[str], values: Sequence[str]) -> str:
    """What a chart shows, for those who do not see it."""
    return ", ".join(f"{label} {value}" for label, value in zip(labels, values, strict=True))
