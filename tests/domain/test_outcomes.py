from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.domain.outcomes import (
    BUILT_IN,
    FACES,
    FIVE_STAGES,
    ONE_TO_TEN,
    By,
    OffTheScale,
    Rating,
    Scale,
    ScaleWrong,
    Stage,
    distance_travelled,
    how_views_differ,
)

JANUARY = date(2025, 1, 6)
STAGES: tuple[Stage, ...] = ("assessment", "plan", "check_in", "review")


def rated(value: int, days: int = 0, by: By = "person", stage: Stage = "check_in") -> Rating:
    return Rating(JANUARY + timedelta(days=days), stage, value, by)


@st.composite
def rating_lists(draw: st.DrawFn, by: tuple[By, ...] = ("person", "proxy")) -> list[Rating]:
    """One rating at most for each day and stage, so that the order is never in doubt."""
    moments = draw(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(STAGES)), unique=True, max_size=12))
    return [rated(draw(st.integers(1, 5)), day, draw(st.sampled_from(by)), stage) for day, stage in moments]


def own(ratings: list[Rating]) -> list[Rating]:
    return [rating for rating in ratings if rating.by == "person"]


@given(rating_lists())
def test_distance_is_from_the_first_own_rating_to_the_latest_own(ratings: list[Rating]) -> None:
    distance = distance_travelled(ratings, FIVE_STAGES)
    if len(own(ratings)) < 2:
        assert distance is None
        return
    assert distance is not None
    assert distance.first.at == min(rating.at for rating in own(ratings))
    assert distance.latest.at == max(rating.at for rating in own(ratings))
    assert distance.steps == distance.latest.value - distance.first.value
    assert (distance.way == "further") == (distance.steps > 0)
    assert (distance.way == "back") == (distance.steps < 0)


@given(rating_lists(), rating_lists(by=("proxy",)))
def test_nothing_a_proxy_says_changes_the_distance(ratings: list[Rating], proxies: list[Rating]) -> None:
    alone = distance_travelled(own(ratings), FIVE_STAGES)
    together = distance_travelled([*proxies, *ratings], FIVE_STAGES)
    assert (alone is None) == (together is None)
    if alone and together:
        assert (together.first, together.latest, together.steps) == (alone.first, alone.latest, alone.steps)
        assert alone.beside is None


@given(rating_lists(), st.randoms())
def test_the_order_in_which_ratings_are_given_does_not_matter(ratings: list[Rating], shuffler: Random) -> None:
    mixed = list(ratings)
    shuffler.shuffle(mixed)
    assert distance_travelled(mixed, FIVE_STAGES) == distance_travelled(ratings, FIVE_STAGES)


@given(rating_lists())
def test_where_both_have_rated_the_difference_is_said(ratings: list[Rating]) -> None:
    difference = how_views_differ(ratings, FIVE_STAGES)
    assert (difference is not None) == ({rating.by for rating in ratings} == {"person", "proxy"})
    if difference:
        assert (difference.own.by, difference.proxy.by) == ("person", "proxy")
        assert difference.steps == difference.proxy.value - difference.own.value


def test_a_difference_is_there_even_when_there_is_no_distance_yet() -> None:
    ratings = [rated(2), rated(4, by="proxy")]
    assert distance_travelled(ratings, FIVE_STAGES) is None
    difference = how_views_differ(ratings, FIVE_STAGES)
    assert difference is not None
    assert difference.steps == 2


def test_agreeing_is_said_too() -> None:
    distance = distance_travelled([rated(1), rated(3, 30), rated(3, 31, by="proxy")], FIVE_STAGES)
    assert distance is not None
    assert distance.beside is not None
    assert distance.beside.steps == 0


def test_going_back_is_a_distance_and_not_an_error() -> None:
    distance = distance_travelled([rated(4), rated(2, 90)], FIVE_STAGES)
    assert distance is not None
    assert (distance.steps, distance.way) == (-2, "back")


def test_a_proxy_alone_travels_no_distance() -> None:
    assert distance_travelled([rated(1, by="proxy"), rated(5, 90, by="proxy")], FIVE_STAGES) is None


def test_ratings_of_one_day_are_read_from_assessment_to_review() -> None:
    distance = distance_travelled([rated(3, stage="review"), rated(1, stage="assessment")], FACES)
    assert distance is not None
    assert (distance.first.stage, distance.latest.stage, distance.steps) == ("assessment", "review", 2)


@pytest.mark.parametrize("by", ["person", "proxy"])
@pytest.mark.parametrize("value", [0, -1, 4])
def test_a_rating_off_the_scale_is_refused_whoever_gave_it(value: int, by: By) -> None:
    with pytest.raises(OffTheScale):
        distance_travelled([rated(1), rated(2, 1), rated(value, 2, by)], FACES)


def test_built_in_scales_have_the_steps_their_names_say() -> None:
    assert {key: len(scale.steps) for key, scale in BUILT_IN.items()} == {
        "faces": 3,
        "five_stages": 5,
        "one_to_ten": 10,
    }
    assert (ONE_TO_TEN.step(1), ONE_TO_TEN.step(10), FACES.step(3)) == ("1", "10", "happy")


def test_a_person_can_draw_a_scale_of_their_own() -> None:
    bowling = Scale("my_bowling", ("at_home", "at_the_door", "playing"))
    distance = distance_travelled([rated(1), rated(3, 60)], bowling)
    assert distance is not None
    assert bowling.step(distance.latest.value) == "playing"


@pytest.mark.parametrize(("key", "steps"), [("", ("a", "b")), ("one", ("a",)), ("same", ("a", "a")), ("x", ("a", ""))])
def test_a_scale_that_measures_nothing_is_refused(key: str, steps: tuple[str, ...]) -> None:
    with pytest.raises(ScaleWrong):
        Scale(key, steps)
