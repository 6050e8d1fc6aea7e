"""What people in the example speak of: from config/example/."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from learning_log import config
from learning_log.example.dice import Course, at

DIRECTIONS = ("works", "not_working")
LIKED = 10.0


@dataclass(frozen=True)
class Topic:
    """`key` says what it is about; several entries may be about the same. A story has homes and a course."""

    entry: str
    key: str
    is_staff: bool
    direction: str
    say: Sequence[str]
    more: Sequence[str]
    weight: float
    liked: bool
    months: Sequence[int]
    homes: Sequence[str]
    course: Course

    def is_in(self, month: int) -> bool:
        return not self.months or month in self.months

    def chance(self, home: str, weeks_ago: float, month: int) -> float:
        """How likely an answer is about this story there and then."""
        return at(self.course, weeks_ago) if home in self.homes and self.is_in(month) else 0.0


@cache
def stories() -> tuple[Topic, ...]:
    table = config.load("example/stories")
    return tuple(_topic(entry, row, row["who"] == "staff", row["direction"]) for entry, row in table.items())


@cache
def everyday(is_staff: bool, direction: str) -> tuple[Topic, ...]:
    table = config.load(f"example/{'staff' if is_staff else 'people'}_{direction}")
    return tuple(_topic(entry, row, is_staff, direction) for entry, row in table.items())


def _topic(entry: str, row: dict[str, Any], is_staff: bool, direction: str) -> Topic:
    return Topic(
        entry=entry,
        key=row.get("topic", entry),
        is_staff=is_staff,
        direction=direction,
        say=row["say"],
        more=row["more"],
        weight=row.get("weight", LIKED),
        liked=row.get("liked", False),
        months=row.get("months", ()),
        homes=row.get("homes", ()),
        course=row.get("course", ()),
    )
