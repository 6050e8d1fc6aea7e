"""How far people came with their own outcomes, as they rated it themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from learning_log import config
from learning_log.domain.outcomes import FACES, FIVE_STAGES, Scale, Stage
from learning_log.example.cast import Aim, Member
from learning_log.example.dice import dice

# For ratings in this order; somebody who joined later has had fewer of them. In shares of the time since they joined.
STAGES: Sequence[Stage] = ("assessment", "plan", "check_in", "review")
AFTER = (0.01, 0.12, 0.5, 0.9)
SEEN_BY_STAFF_TOO = 0.3
WEEKS_ON_PAPER = 3  # those who have not joined yet said what they want when they moved in


@dataclass(frozen=True)
class Rated:
    """by_staff: a member of staff rated, beside the person's own rating."""

    on: date
    stage: Stage
    value: int
    note: str
    by_staff: bool


def joined_on(member: Member, today: date) -> date:
    return today - timedelta(weeks=member.joined or WEEKS_ON_PAPER)


def scale_of(member: Member) -> Scale:
    return FACES if member.style == "short" else FIVE_STAGES


def ratings(member: Member, aim: Aim, today: date, seed: object) -> Iterator[Rated]:
    chance = dice(seed, "ratings", member.name, aim.words)
    start, notes = joined_on(member, today), config.load("example/learning")["ratings"]
    scale, before = scale_of(member), 0
    for stage, after, stages in zip(STAGES, AFTER, aim.course, strict=False):
        way = "first" if not before else "further" if stages > before else "back" if stages < before else "same"
        on = start + (today - start) * after
        before = stages
        yield Rated(on, stage, _on_scale(stages, scale), chance.choice(notes[way]), by_staff=False)
    if len(aim.course) > 2 and chance.random() < SEEN_BY_STAFF_TOO:
        other = min(5, max(1, before + chance.choice((-1, 1, 1))))
        yield Rated(on, stage, _on_scale(other, scale), chance.choice(notes["proxy"]), by_staff=True)


def _on_scale(stages: int, scale: Scale) -> int:
    """A value on five stages, as a step of a scale that may be shorter."""
    return 1 + round((stages - 1) / 4 * (len(scale.steps) - 1))
