"""A year of learning meetings, what was tried, and the worries that were raised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from learning_log import config
from learning_log.example.cast import WEEKS, Cast, Home
from learning_log.example.dice import Deck, dice
from learning_log.example.year import Said

WEEKS_BETWEEN = 4
MONTHLY = 13
LOOK_AGAIN_AFTER = timedelta(weeks=6)


@dataclass(frozen=True)
class Met:
    home: str
    on: date
    notes: str
    learnings: tuple[str, str]


@dataclass(frozen=True)
class Tried:
    """noticed, learned, next_step and ended are empty while it is still going on."""

    home: str
    topic: str
    started: date
    look_again: date
    ended: date | None
    what: str
    noticed: str = ""
    learned: str = ""
    next_step: str | None = None


@dataclass(frozen=True)
class Worry:
    """name: who raised it. action: none while it is open."""

    name: str
    is_staff: bool
    raised_by: str
    category: str
    words: str
    at: datetime
    answered_after: timedelta | None
    action: str


def meetings(cast: Cast, year: Sequence[Said], today: date, seed: object) -> Iterator[Met]:
    """Every fourth week in each home. What was learned is about what was said most in the weeks before."""
    table = config.load("example/learning")
    for number, home in enumerate(cast.homes):
        notes = Deck(table["meeting"]["notes"], dice(seed, "notes", home.key))
        decks = {
            topic: Deck(said, dice(seed, "learned", home.key, topic)) for topic, said in table["learnings"].items()
        }
        used: set[str] = set()
        for meeting in range(MONTHLY - 1, -1, -1):
            # Not all homes meet on the same day.
            on = today - timedelta(weeks=WEEKS_BETWEEN * meeting, days=3 + number)
            learnings = _learnings(_spoken_of(home, year, on), decks, used)
            if on > today - timedelta(weeks=WEEKS - WEEKS_BETWEEN) and learnings:
                yield Met(home.key, on, notes.deal(), learnings)


def tried(today: date) -> Iterator[Tried]:
    for row in config.load("example/learning")["experiment"]:
        started = today - timedelta(weeks=row["weeks_ago"])
        lasted = row.get("lasted")
        yield Tried(
            home=row["home"],
            topic=row["topic"],
            started=started,
            look_again=started + (timedelta(weeks=lasted) if lasted else LOOK_AGAIN_AFTER),
            ended=started + timedelta(weeks=lasted) if lasted else None,
            what=row["try"],
            noticed=row.get("noticed", ""),
            learned=row.get("learned", ""),
            next_step=row.get("next_step"),
        )


def worries(today: date) -> Iterator[Worry]:
    for row in config.load("example/learning")["concern"]:
        day = today - timedelta(days=row["days_ago"])
        yield Worry(
            name=row.get("person") or row["staff"],
            is_staff="staff" in row,
            raised_by=row["raised_by"],
            category=row["category"],
            words=row["words"],
            at=datetime.combine(day, time(18, 20), tzinfo=UTC),
            answered_after=timedelta(minutes=row["minutes"]) if "minutes" in row else None,
            action=row.get("action", ""),
        )


def _spoken_of(home: Home, year: Sequence[Said], on: date) -> list[str]:
    """Topics of the weeks before, the most frequent first."""
    since = on - timedelta(weeks=WEEKS_BETWEEN)
    heard = [one.topic for one in year if one.member.home == home.key and since <= one.at.date() < on and one.topic]
    return [topic for topic, _ in sorted(Counter(heard).items(), key=lambda pair: (-pair[1], pair[0]))]


def _learnings(topics: Sequence[str], decks: Mapping[str, Deck], used: set[str]) -> tuple[str, str] | None:
    """Two that this home has not had before, about two topics."""
    found: list[str] = []
    for topic in topics:
        fresh = decks[topic].deal() if topic in decks and len(found) < 2 else None
        if fresh and fresh not in used:
            used.add(fresh)
            found.append(fresh)
    return (found[0], found[1]) if len(found) == 2 else None
