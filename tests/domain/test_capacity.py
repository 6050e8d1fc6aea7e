from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.domain.capacity import (
    DECISIONS,
    LONGEST,
    Assessment,
    BestInterests,
    WhyNot,
    Wrong,
    may_be_asked,
    review_of,
    standing,
    why_not_asked,
    wrong_with,
)

TODAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def assessment(
    able: bool = False,
    best_interests: BestInterests | None = None,
    *,
    ago: int = 10,
    review_in: int = 100,
    decision: object = "take_part",
) -> Assessment:
    return Assessment(
        decision,  # type: ignore[arg-type]
        TODAY - ago * DAY,
        able,
        best_interests,
        TODAY + review_in * DAY,
    )


@st.composite
def assessments(draw: st.DrawFn) -> Assessment:
    able = draw(st.booleans())
    return assessment(
        able,
        None if able else draw(st.sampled_from((None, "yes", "no"))),
        ago=draw(st.integers(0, 300)),
        review_in=draw(st.integers(-300, 300)),
        decision=draw(st.sampled_from(DECISIONS)),
    )


many = st.lists(assessments(), max_size=8)


@given(many)
def test_nothing_that_is_assessed_takes_the_place_of_a_persons_own_yes(given: list[Assessment]) -> None:
    assert not may_be_asked(False, given, TODAY)


def test_capacity_is_presumed() -> None:
    assert may_be_asked(True, [], TODAY)


@given(many)
def test_whoever_was_found_able_needs_nobody_elses_decision(given: list[Assessment]) -> None:
    able = [assessment(True, ago=-1, review_in=1, decision=decision) for decision in DECISIONS]

    assert may_be_asked(True, [*given, *able], TODAY)


@given(many)
def test_whoever_was_found_unable_is_asked_only_on_a_yes_in_their_best_interests_that_still_holds(
    given: list[Assessment],
) -> None:
    unable = [each for each in standing(given).values() if not each.able]
    holds = [each.best_interests == "yes" and each.review_on >= TODAY for each in unable]

    assert may_be_asked(True, given, TODAY) == all(holds)


@given(many)
def test_one_decision_says_nothing_about_the_other(given: list[Assessment]) -> None:
    for decision in DECISIONS:
        alone = [each for each in given if each.decision == decision]
        assert why_not_asked(alone, TODAY).get(decision) == why_not_asked(given, TODAY).get(decision)


@given(many, assessments())
def test_the_newest_assessment_stands_alone(given: list[Assessment], newest: Assessment) -> None:
    older = [each for each in given if each.assessed_on <= newest.assessed_on]

    assert standing([*older, newest])[newest.decision] == newest


@given(many, st.randoms())
def test_on_different_days_the_order_of_writing_down_does_not_matter(given: list[Assessment], shuffler: Random) -> None:
    of_a_day = list({(each.decision, each.assessed_on): each for each in given}.values())
    mixed = list(of_a_day)
    shuffler.shuffle(mixed)

    assert standing(mixed) == standing(of_a_day)


@given(many, st.integers(0, 400))
def test_no_day_that_passes_opens_what_was_closed(given: list[Assessment], days: int) -> None:
    later = why_not_asked(given, TODAY + days * DAY)

    assert set(why_not_asked(given, TODAY)) <= set(later)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (assessment(True), None),
        (assessment(True, review_in=-1), None),
        (assessment(), "undecided"),
        (assessment(best_interests="no"), "against"),
        (assessment(best_interests="yes"), None),
        (assessment(best_interests="yes", review_in=0), None),
        (assessment(best_interests="yes", review_in=-1), "overdue"),
        (assessment(best_interests="no", review_in=-1), "overdue"),
        (assessment(review_in=-1), "overdue"),
    ],
)
def test_it_says_why_nothing_is_asked(given: Assessment, why: WhyNot | None) -> None:
    assert why_not_asked([given], TODAY).get("take_part") == why


@given(assessments())
def test_a_review_is_near_for_a_month_and_then_past(given: Assessment) -> None:
    last = given.review_on

    assert review_of(given, last - 30 * DAY) is None
    assert {review_of(given, last - days * DAY) for days in range(30)} == {"near"}
    assert review_of(given, last + DAY) == "past"


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        (assessment(True), None),
        (assessment(best_interests="no", ago=0, review_in=0), None),
        (assessment(ago=400, review_in=-300), None),
        (assessment(decision="vote"), "decision"),
        (assessment(ago=-1), "assessed_on"),
        (assessment(ago=0, review_in=-1), "review_on"),
        (assessment(ago=0, review_in=LONGEST.days), None),
        (assessment(ago=0, review_in=LONGEST.days + 1), "review_on"),
        (assessment(True, "yes"), "own_decision"),
    ],
)
def test_what_cannot_be_kept_is_named(given: Assessment, wrong: Wrong | None) -> None:
    assert wrong_with(given, TODAY) == wrong
