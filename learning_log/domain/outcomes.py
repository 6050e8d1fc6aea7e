"""Scales and distance travelled: how far somebody has come with one outcome of their own, by their own judgement.

Everything here is about one outcome of one person. There is no average over people, and a rating names nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from learning_log.errors import LearningLogError

Stage = Literal["assessment", "plan", "check_in", "review"]
By = Literal["person", "proxy"]
Way = Literal["further", "same", "back"]

# Ratings of one day are read in this order: a review closes what the day began.
_STAGES: tuple[Stage, ...] = ("assessment", "plan", "check_in", "review")


class ScaleWrong(LearningLogError, ValueError):
    """A scale needs two steps or more that differ, each of a few words. Nothing was changed."""


class OffTheScale(LearningLogError, ValueError):
    """This rating is not a step of the scale. It was not used. Choose one of the steps."""


@dataclass(frozen=True)
class Scale:
    """Steps are keys of texts, lowest first; a step's value is its place, from 1. A person may draw their own."""

    key: str
    steps: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.key or len(self.steps) < 2 or len(set(self.steps)) < len(self.steps) or "" in self.steps:
            raise ScaleWrong

    def step(self, value: int) -> str:
        """Raises OffTheScale."""
        if not 1 <= value <= len(self.steps):
            raise OffTheScale
        return self.steps[value - 1]


FACES = Scale("faces", ("unhappy", "in_between", "happy"))
FIVE_STAGES = Scale("five_stages", ("not_yet", "a_start", "part_of_the_way", "most_of_the_way", "there"))
ONE_TO_TEN = Scale("one_to_ten", tuple(str(step) for step in range(1, 11)))
BUILT_IN = {scale.key: scale for scale in (FACES, FIVE_STAGES, ONE_TO_TEN)}


def in_groups(first: int, last: int, most: int = 4) -> list[tuple[int, int]]:
    """The steps from first to last, each alone where they are few; else in groups that lie beside each other.

    At most `most` of them: nobody has to choose among more at once.
    """
    count = last - first + 1
    parts = min(count, most)
    ends = [first + count * part // parts for part in range(parts + 1)]
    return [(start, after - 1) for start, after in pairwise(ends)]


@dataclass(frozen=True)
class Rating:
    at: date
    stage: Stage
    value: int
    by: By


@dataclass(frozen=True)
class Difference:
    """Two views of the same outcome. `steps` is the other's latest less the person's own: above 0, theirs is higher."""

    own: Rating
    proxy: Rating
    steps: int


@dataclass(frozen=True)
class Distance:
    """`steps` is the person's own latest rating less their first. `beside` is there when somebody else rated too."""

    first: Rating
    latest: Rating
    steps: int
    way: Way
    beside: Difference | None


def distance_travelled(ratings: Sequence[Rating], scale: Scale) -> Distance | None:
    """From the person's own first rating to their own latest, given in any order; None with fewer than two of them.

    A proxy's rating is never taken for the person's. Raises OffTheScale for any rating that the scale has no step for.
    """
    own = _oldest_first(ratings, "person", scale)
    difference = how_views_differ(ratings, scale)
    if len(own) < 2:
        return None
    steps = own[-1].value - own[0].value
    way: Way = "further" if steps > 0 else "back" if steps < 0 else "same"
    return Distance(own[0], own[-1], steps, way, difference)


def how_views_differ(ratings: Sequence[Rating], scale: Scale) -> Difference | None:
    """The person's latest rating beside the latest by somebody else, a difference of none included.

    None unless both have rated. Raises OffTheScale.
    """
    own = _oldest_first(ratings, "person", scale)
    proxies = _oldest_first(ratings, "proxy", scale)
    if not own or not proxies:
        return None
    return Difference(own[-1], proxies[-1], proxies[-1].value - own[-1].value)


def _oldest_first(ratings: Iterable[Rating], by: By, scale: Scale) -> list[Rating]:
    chosen = [rating for rating in ratings if rating.by == by]
    for rating in chosen:
        scale.step(rating.value)
    return sorted(chosen, key=lambda rating: (rating.at, _STAGES.index(rating.stage)))
