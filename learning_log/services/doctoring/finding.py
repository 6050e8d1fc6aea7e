"""What a look at the installation found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from learning_log.storage.records import LearningLog


@dataclass(frozen=True)
class Detail:
    """One of those found. trouble: the kind of error, which holds no words."""

    id: UUID
    at: datetime
    trouble: str


@dataclass(frozen=True)
class Finding:
    """said: what is so. then: what --mend does, or what a person has to do. stuck: it does not go on by itself."""

    name: str
    count: int
    said: str
    then: str
    mends: bool = False
    stuck: bool = True
    details: tuple[Detail, ...] = field(default=())


@dataclass(frozen=True)
class Case:
    """find: none when there is nothing to say. mend: says how many it mended; none where only a person can."""

    find: Callable[[LearningLog], Finding | None]
    mend: Callable[[LearningLog], int] | None = None


def many(count: int, one: str, more: str = "") -> str:
    """Such as "1 person" or "3 people"."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def clock(moment: datetime) -> str:
    return f"{moment:%d %B %Y at %H:%M} UTC"
