from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.domain.indicators import (
    CAUTIONS,
    REFUSALS,
    Caution,
    Definition,
    Entry,
    IndicatorKind,
    Quadrant,
    Refusal,
    Unit,
    check,
    check_definition,
)

UNITS: tuple[Unit, ...] = ("count", "percent", "hours", "days", "number")
numbers = st.one_of(st.integers(-50, 500).map(float), st.floats(allow_nan=True, allow_infinity=True))
entries = st.builds(Entry, numbers, numerator=st.one_of(st.none(), numbers), denominator=st.one_of(st.none(), numbers))


def measured_in(unit: Unit, factor: float = 3.0) -> Definition:
    return Definition("training", IndicatorKind.PROCESS, unit, "up", Quadrant.HOW_WELL, unlikely_factor=factor)


def problems(entry: Entry, previous: Entry | None = None, unit: Unit = "count") -> list[str]:
    return [finding.problem for finding in check(entry, previous, measured_in(unit))]


@given(entries, st.one_of(st.none(), entries), st.sampled_from(UNITS))
def test_what_is_kept_is_always_possible(entry: Entry, previous: Entry | None, unit: Unit) -> None:
    findings = check(entry, previous, measured_in(unit))
    if any(isinstance(finding, Refusal) for finding in findings):
        return
    assert math.isfinite(entry.value)
    assert unit == "number" or entry.value >= 0
    assert unit != "count" or entry.value == int(entry.value)
    assert unit != "percent" or entry.value <= 100
    assert (entry.numerator is None) == (entry.denominator is None)
    if entry.numerator is not None and entry.denominator is not None:
        assert 0 <= entry.numerator <= entry.denominator
        assert entry.denominator > 0


@given(entries, st.one_of(st.none(), entries), st.sampled_from(UNITS))
def test_every_finding_has_a_known_key_and_is_refused_or_asked_about_never_both(
    entry: Entry, previous: Entry | None, unit: Unit
) -> None:
    findings = check(entry, previous, measured_in(unit))
    assert {finding.problem for finding in findings} <= REFUSALS | CAUTIONS
    assert len({type(finding) for finding in findings}) <= 1
    assert all((finding.problem in REFUSALS) == isinstance(finding, Refusal) for finding in findings)


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.floats(1.5, 10))
def test_a_change_is_asked_about_whichever_way_it_goes(one: int, other: int, factor: float) -> None:
    up = check(Entry(one), Entry(other), measured_in("count", factor))
    down = check(Entry(other), Entry(one), measured_in("count", factor))
    assert bool(up) == bool(down)
    assert bool(up) == (max(one, other) > factor * max(min(one, other), 5))


@given(st.integers(0, 10_000), st.sampled_from(UNITS))
def test_the_same_number_as_last_time_is_never_asked_about(value: int, unit: Unit) -> None:
    entry = Entry(value / 100 if unit == "percent" else value)
    assert check(entry, entry, measured_in(unit)) == []


@pytest.mark.parametrize(
    ("entry", "unit", "expected"),
    [
        (Entry(101), "percent", ["percent_over_100"]),
        (Entry(100), "percent", []),
        (Entry(-1), "count", ["negative"]),
        (Entry(-1.5), "hours", ["negative"]),
        (Entry(-1.5), "number", []),
        (Entry(2.5), "count", ["not_whole"]),
        (Entry(2.5), "days", []),
        (Entry(math.nan), "number", ["not_a_number"]),
        (Entry(50, 3, 2), "percent", ["numerator_over_denominator"]),
        (Entry(0, 0, 0), "percent", ["nobody_to_count_from"]),
        (Entry(50, 1, None), "percent", ["only_one_of_two_counts"]),
        (Entry(50, -1, 2), "percent", ["negative"]),
        (Entry(50, 1, 2.5), "percent", ["not_whole"]),
        (Entry(50, 1, 3), "percent", ["percent_does_not_match"]),
        (Entry(33, 1, 3), "percent", []),
        (Entry(120, 3, 2), "percent", ["percent_over_100", "numerator_over_denominator"]),
    ],
)
def test_an_entry_that_cannot_be_is_refused_and_says_why(entry: Entry, unit: Unit, expected: list[str]) -> None:
    assert problems(entry, unit=unit) == expected


def test_a_refusal_carries_the_numbers_for_its_sentence() -> None:
    found = check(Entry(50, 3, 2), None, measured_in("percent"))
    assert found == [Refusal("numerator_over_denominator", {"numerator": 3, "denominator": 2})]


def test_a_small_number_may_double_without_a_question() -> None:
    assert problems(Entry(4), Entry(1)) == []
    assert problems(Entry(0), Entry(15)) == []
    assert problems(Entry(0), Entry(16)) == ["changed_a_lot"]


def test_a_number_ten_times_as_large_is_asked_about_with_both_numbers() -> None:
    found = check(Entry(400), Entry(40), measured_in("hours"))
    assert found == [Caution("changed_a_lot", {"value": 400, "previous": 40})]


def test_a_percentage_that_stays_while_its_people_change_is_asked_about() -> None:
    assert problems(Entry(50, 10, 20), Entry(50, 100, 200), "percent") == ["denominator_changed_a_lot"]


def test_a_number_that_changes_sides_is_asked_about() -> None:
    assert problems(Entry(-10), Entry(10), "number") == ["changed_a_lot"]
    assert problems(Entry(-2), Entry(2), "number") == []


@pytest.mark.parametrize("kind", list(IndicatorKind))
def test_effort_that_stands_in_for_a_result_is_pointed_out(kind: IndicatorKind) -> None:
    definition = Definition("hours", kind, "hours", "neither", Quadrant.BETTER_OFF)
    found = [caution.problem for caution in check_definition(definition)]
    assert found == ([] if kind is IndicatorKind.OUTCOME else ["effort_is_not_a_result"])


def test_effort_called_effort_is_fine() -> None:
    assert check_definition(Definition("hours", IndicatorKind.INPUT, "hours", "neither", Quadrant.HOW_MUCH)) == []
