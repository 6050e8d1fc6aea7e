"""A year of weekly reflections: who said what, when, about what, and for whom."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from learning_log.example.cast import WEEKS, Aim, Cast, Member
from learning_log.example.dice import dice
from learning_log.example.topics import DIRECTIONS, Topic, everyday, stories
from learning_log.example.voices import Decks, Voice

# Shares of the questions that are answered, from the least to the most keen, and of the answers.
KEEN, KEEN_STAFF = (0.68, 0.96), (0.45, 0.75)
ONE_SIDE_ONLY = 0.12
NOTHING = {"works": 0.03, "not_working": 0.09}
LATE = 0.06
ONLY_ME = 0.03
OF_AN_AIM = 0.8
SHARES_THEMES = 0.8
ON_TELEGRAM = 0.6


@dataclass(frozen=True)
class Said:
    """One answer. topic: none where it says nothing. visit: which dialogue of this member it came from."""

    member: Member
    direction: str
    words: str
    topic: str | None
    at: datetime
    visit: int
    source: str
    only_me: bool
    aim: Aim | None


def shares_themes(member: Member, seed: object) -> bool:
    """Whether they agreed that commissioners may count their answers."""
    return dice(seed, "themes", member.name).random() < SHARES_THEMES


def said_in_a_year(cast: Cast, today: date, seed: object) -> list[Said]:
    """Oldest first, the last on the day before `today`. The same seed and day give the same year."""
    year: list[Said] = []
    said: set[str] = set()
    for home in cast.homes:
        decks: Decks = {}
        members = cast.at_home(home.key, (*cast.people, *cast.staff))
        diaries = [_Diary(member, cast, today, seed, decks) for member in members]
        for weeks_ago in range(WEEKS - 1, -1, -1):
            year.extend(one for diary in diaries for one in diary.week(weeks_ago, said))
    return sorted(year, key=lambda one: (one.at, one.member.name, one.direction))


class _Diary:
    """How one member answers through the year."""

    def __init__(self, member: Member, cast: Cast, today: date, seed: object, decks: Decks) -> None:
        self._member, self._today = member, today
        self._voice = Voice(member, cast, seed, decks)
        self._chance = chance = dice(seed, "year", member.name)
        mine = [topic for side in DIRECTIONS for topic in everyday(member.is_staff, side)]
        self._tastes = {topic.entry: chance.uniform(0.4, 1.8) for topic in mine}
        self._keen = chance.uniform(*(KEEN_STAFF if member.is_staff else KEEN))
        self._source = "telegram" if chance.random() < ON_TELEGRAM else "webchat"
        self._weekday, self._hour = chance.randrange(7), chance.randrange(9, 19)

    def week(self, weeks_ago: int, said: set[str]) -> Iterator[Said]:
        member, chance = self._member, self._chance
        if not member.left <= weeks_ago < member.joined or chance.random() > self._keen:
            return
        at = _moment(self._today, weeks_ago, self._weekday, self._hour, chance)
        for direction in _sides(chance):
            words, topic = self._answer(direction, weeks_ago, at.month, said)
            aim = _aim(member, topic, chance)
            yield Said(member, direction, words, topic, at, weeks_ago, self._source, chance.random() < ONLY_ME, aim)
            at += timedelta(seconds=chance.randrange(25, 200))

    def _answer(self, direction: str, weeks_ago: int, month: int, said: set[str]) -> tuple[str, str | None]:
        if self._chance.random() < NOTHING[direction]:
            return self._voice.nothing(), None
        about = _topic(self._member, direction, weeks_ago, month, self._tastes, self._chance)
        return self._voice.about(about, said), about.key


def _sides(chance: random.Random) -> tuple[str, ...]:
    if chance.random() < ONE_SIDE_ONLY:
        return (chance.choice(DIRECTIONS),)
    return DIRECTIONS


def _moment(today: date, weeks_ago: int, weekday: int, hour: int, chance: random.Random) -> datetime:
    """Their own day and hour of that week; some answer a day or three late."""
    days = 7 * weeks_ago + weekday + 1
    if days > 3 and chance.random() < LATE:
        days -= chance.randrange(1, 4)
    clock = time(hour, chance.randrange(60), chance.randrange(60), tzinfo=UTC)
    return datetime.combine(today - timedelta(days=days), clock)


def _topic(
    member: Member, direction: str, weeks_ago: int, month: int, tastes: Mapping[str, float], chance: random.Random
) -> Topic:
    for story in stories():
        mine = story.is_staff == member.is_staff and story.direction == direction
        if mine and chance.random() < story.chance(member.home, weeks_ago, month):
            return story
    open_to = [topic for topic in everyday(member.is_staff, direction) if _speaks_of(member, topic, month)]
    wanted = {key for aim in member.aims for key in aim.topics}
    weights = [topic.weight * tastes[topic.entry] * (1.5 if topic.key in wanted else 1) for topic in open_to]
    return chance.choices(open_to, weights)[0]


def _speaks_of(member: Member, topic: Topic, month: int) -> bool:
    return topic.is_in(month) and (not topic.liked or topic.key in member.likes)


def _aim(member: Member, topic: str | None, chance: random.Random) -> Aim | None:
    own = [aim for aim in member.aims if topic in aim.topics]
    return own[0] if own and chance.random() < OF_AN_AIM else None
