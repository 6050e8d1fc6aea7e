"""XmR charts: whether a number has really changed, or only varies as it always does.

Sources: Wheeler 1993 for the limits; NHS Making Data Count for the four rules, read as the R package
NHSRplotthedots reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import isfinite
from statistics import mean
from typing import Literal

from learning_log.errors import LearningLogError

Rule = Literal["outside_limits", "seven_on_one_side", "seven_rising_or_falling", "two_of_three_near_a_limit"]
Way = Literal["up", "down"]
AgainstTarget = Literal["passing", "failing", "hit_and_miss"]

_LIMITS_FACTOR = 2.66
_LONG_RUN = 7


class TooFewPoints(LearningLogError, ValueError):
    """There are too few numbers for a chart. It needs two or more. Nothing was drawn."""


class PointWrong(LearningLogError, ValueError):
    """One of the numbers for the chart is not a number. Correct it. Nothing was drawn."""


@dataclass(frozen=True)
class Limits:
    mean: float
    lower: float
    upper: float


@dataclass(frozen=True)
class Signal:
    """A rule that was met. `points` are positions in the series, rising; `way` is up for above or rising."""

    rule: Rule
    points: tuple[int, ...]
    way: Way


def limits(values: Sequence[float]) -> Limits:
    """Natural process limits: mean ± 2.66 × mean moving range.

    Needs two values or more, oldest first; raises TooFewPoints, or PointWrong for one that is not finite.
    """
    if len(values) < 2:
        raise TooFewPoints
    if not all(isfinite(value) for value in values):
        raise PointWrong
    # statistics.mean is exact: a series that never moves has to have its own value as its mean, to the last bit.
    middle = float(mean(values))
    reach = _LIMITS_FACTOR * float(mean([abs(later - earlier) for earlier, later in pairwise(values)]))
    return Limits(middle, middle - reach, middle + reach)


def signals(values: Sequence[float]) -> list[Signal]:
    """Every signal, rule by rule and oldest first; none means that nothing but the usual variation is seen.

    A point on the mean ends a run. Two of three near a limit: two beyond two thirds of the way and not outside, all
    three on the same side of the mean. A long run is one signal, and so are near points that follow each other.
    """
    chart = limits(values)
    sides = [_sign(value - chart.mean) for value in values]
    steps = [_sign(later - earlier) for earlier, later in pairwise(values)]
    return [
        *_outside(values, chart),
        *(_signal("seven_on_one_side", run, way) for run, way in _runs(sides, _LONG_RUN)),
        *(_signal("seven_rising_or_falling", [*run, run[-1] + 1], way) for run, way in _runs(steps, _LONG_RUN - 1)),
        *_near(values, chart, sides),
    ]


def against_target(limits: Limits, target: float, higher_is_better: bool) -> AgainstTarget:
    """What to expect if nothing changes: the target always met, never met, or now and then. On the target is met."""
    best, worst = (limits.upper, limits.lower) if higher_is_better else (-limits.lower, -limits.upper)
    aim = target if higher_is_better else -target
    if worst >= aim:
        return "passing"
    return "failing" if best < aim else "hit_and_miss"


def _outside(values: Sequence[float], chart: Limits) -> Iterator[Signal]:
    for place, value in enumerate(values):
        if not chart.lower <= value <= chart.upper:
            yield _signal("outside_limits", [place], 1 if value > chart.upper else -1)


def _near(values: Sequence[float], chart: Limits, sides: Sequence[int]) -> Iterator[Signal]:
    two_thirds = (chart.upper - chart.mean) * 2 / 3
    near = [abs(value - chart.mean) > two_thirds and chart.lower <= value <= chart.upper for value in values]
    for run, way in _runs(sides, 3):
        found: list[int] = []
        for place in (place for place in run if near[place]):
            if found and place - found[-1] > 2:
                yield from _pair(found, way)
                found = []
            found.append(place)
        yield from _pair(found, way)


def _pair(found: Sequence[int], way: int) -> Iterator[Signal]:
    if len(found) >= 2:
        yield _signal("two_of_three_near_a_limit", found, way)


def _runs(signs: Sequence[int], at_least: int) -> Iterator[tuple[list[int], int]]:
    """Positions of each unbroken run of +1 or of -1 that is long enough, with its sign."""
    for sign, members in groupby(enumerate(signs), key=lambda member: member[1]):
        run = [place for place, _ in members]
        if sign and len(run) >= at_least:
            yield run, sign


def _signal(rule: Rule, points: Sequence[int], way: int) -> Signal:
    return Signal(rule, tuple(points), "up" if way > 0 else "down")


def _sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)
