from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from learning_log.domain.control_charts import (
    Limits,
    PointWrong,
    Rule,
    Signal,
    TooFewPoints,
    against_target,
    limits,
    signals,
)

series = st.lists(st.integers(-30, 30), min_size=2, max_size=40)
STEADY = [10.0, 12.0] * 6


def found(values: list[float], rule: Rule) -> list[tuple[tuple[int, ...], str]]:
    return [(signal.points, signal.way) for signal in signals(values) if signal.rule == rule]


def points(values: list[int], rule: Rule) -> set[int]:
    return {point for signal in signals(values) if signal.rule == rule for point in signal.points}


def windows(values: list[int], size: int) -> list[range]:
    return [range(start, start + size) for start in range(len(values) - size + 1)]


def test_limits_are_the_mean_and_2_66_moving_ranges() -> None:
    out = limits([10, 12, 11, 13, 12])
    assert out.mean == pytest.approx(11.6)
    assert out.lower == pytest.approx(11.6 - 2.66 * 1.5)
    assert out.upper == pytest.approx(11.6 + 2.66 * 1.5)


@given(series, st.integers(-50, 50))
def test_limits_move_with_the_numbers_and_keep_their_width(values: list[int], by: int) -> None:
    before, after = limits(values), limits([value + by for value in values])
    assert before.lower <= before.mean <= before.upper
    assert after.mean == pytest.approx(before.mean + by, abs=1e-9)
    assert after.upper - after.lower == pytest.approx(before.upper - before.lower, abs=1e-9)


@given(series)
def test_turning_a_series_upside_down_turns_its_signals_round(values: list[int]) -> None:
    turned = {"up": "down", "down": "up"}
    mirrored = [Signal(signal.rule, signal.points, turned[signal.way]) for signal in signals(values)]  # type: ignore[arg-type]
    assert signals([-value for value in values]) == mirrored


@given(series)
def test_points_outside_the_limits_are_each_a_signal(values: list[int]) -> None:
    chart = limits(values)
    outside = {place for place, value in enumerate(values) if value > chart.upper or value < chart.lower}
    assert points(values, "outside_limits") == outside


@given(series)
def test_seven_on_one_side_are_those_in_a_window_of_seven(values: list[int]) -> None:
    chart = limits(values)
    expected = {
        place
        for window in windows(values, 7)
        if all(values[each] > chart.mean for each in window) or all(values[each] < chart.mean for each in window)
        for place in window
    }
    assert points(values, "seven_on_one_side") == expected


@given(st.one_of(series, st.lists(st.integers(0, 3), min_size=2, max_size=10).map(lambda ups: _climb(ups))))
def test_seven_rising_or_falling_are_those_in_a_window_of_seven(values: list[int]) -> None:
    expected = {
        place
        for window in windows(values, 7)
        if len({math.copysign(1, values[each + 1] - values[each]) for each in window[:-1]}) == 1
        and all(values[each + 1] != values[each] for each in window[:-1])
        for place in window
    }
    assert points(values, "seven_rising_or_falling") == expected


def _climb(ups: list[int]) -> list[int]:
    return [sum(ups[:place]) for place in range(len(ups) + 1)]


@given(series)
@example([2, 2, 0, 0, 0])
@example([-1, 0, 0, -1, 3, 4, 4, 3])
def test_two_of_three_near_a_limit_are_those_in_a_window_of_three(values: list[int]) -> None:
    chart = limits(values)
    two_thirds = (chart.upper - chart.mean) * 2 / 3
    expected = set()
    for window in windows(values, 3):
        near = [
            place
            for place in window
            if chart.lower <= values[place] <= chart.upper and abs(values[place] - chart.mean) > two_thirds
        ]
        above = {values[place] > chart.mean for place in window}
        on_mean = any(values[place] == chart.mean for place in window)
        if len(near) >= 2 and len(above) == 1 and not on_mean:
            expected |= set(near)
    assert points(values, "two_of_three_near_a_limit") == expected


@given(st.floats(-1e9, 1e9), st.integers(2, 60))
def test_a_number_that_never_moves_is_no_signal(value: float, times: int) -> None:
    assert limits([value] * times) == Limits(value, value, value)
    assert signals([value] * times) == []


def test_ordinary_variation_is_no_signal() -> None:
    assert signals(STEADY) == []


def test_a_run_longer_than_seven_is_one_signal() -> None:
    assert found([1.0] * 8 + [9.0] * 9, "seven_on_one_side") == [
        (tuple(range(8)), "down"),
        (tuple(range(8, 17)), "up"),
    ]


def test_six_points_rising_are_not_yet_a_trend_and_seven_are() -> None:
    assert found([5, 1, 2, 3, 4, 5, 6, 1], "seven_rising_or_falling") == []
    assert found([5, 1, 2, 3, 4, 5, 6, 7, 1], "seven_rising_or_falling") == [((1, 2, 3, 4, 5, 6, 7), "up")]


def test_two_of_three_near_the_upper_limit_are_seen_before_one_is_outside() -> None:
    values = [10, 11, 10, 9, 10, 11, 13, 11.5, 13, 10, 9, 10, 9]
    assert found(values, "outside_limits") == []
    assert found(values, "two_of_three_near_a_limit") == [((6, 8), "up")]


@pytest.mark.parametrize("values", [[], [3.0]])
def test_a_chart_needs_two_numbers(values: list[float]) -> None:
    with pytest.raises(TooFewPoints, match="two or more"):
        signals(values)


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_what_is_not_a_number_is_refused(wrong: float) -> None:
    with pytest.raises(PointWrong):
        limits([1.0, wrong])


@pytest.mark.parametrize(
    ("target", "higher_is_better", "expected"),
    [
        (80, True, "passing"),
        (85, True, "passing"),  # on the target is met
        (90, True, "hit_and_miss"),
        (95, True, "hit_and_miss"),
        (96, True, "failing"),
        (96, False, "passing"),
        (95, False, "passing"),
        (90, False, "hit_and_miss"),
        (84, False, "failing"),
    ],
)
def test_a_target_is_compared_with_what_the_process_can_do(
    target: float, higher_is_better: bool, expected: str
) -> None:
    assert against_target(Limits(90, 85, 95), target, higher_is_better) == expected


@given(series, st.integers(-60, 60))
def test_the_better_way_changes_the_answer_only_by_turning_it_round(values: list[int], target: int) -> None:
    chart = limits(values)
    turned = Limits(-chart.mean, -chart.upper, -chart.lower)
    assert against_target(chart, target, True) == against_target(turned, -target, False)
