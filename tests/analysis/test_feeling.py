"""How words feel, as far as a lexicon and the question can tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.analysis.feeling import feeling_of


@pytest.mark.parametrize(
    "words", ["the cooking group is not working", "My shower doesn't work", "nothing works", "they never listen"]
)
def test_what_textblob_scores_as_neutral_is_heard_as_bad(words: str) -> None:
    assert feeling_of(words, None).label == "bad"


@pytest.mark.parametrize("words", ["that isn't a bad idea", "staff are not rude", "the film was not bad"])
def test_a_not_turns_a_bad_word_into_a_good_one(words: str) -> None:
    assert feeling_of(words, None).label == "good"


def test_a_not_that_is_used_up_does_not_turn_the_next_word() -> None:
    assert feeling_of("i dont like the noise", "works").label == "bad"


def test_good_and_bad_in_one_answer_are_mixed() -> None:
    assert feeling_of("I like the bus but it is always late", None).label == "mixed"


@pytest.mark.parametrize("words", ["My feet", "", "on Tuesday with Jo"])
def test_words_that_say_nothing_about_a_feeling_are_unsure(words: str) -> None:
    feeling = feeling_of(words, None)
    assert (feeling.label, feeling.sureness) == ("unsure", 0.0)


def test_the_question_asked_decides_where_the_words_do_not() -> None:
    assert feeling_of("the bus", "works").score > 0 > feeling_of("the bus", "not_working").score


def test_nothing_is_good_news_about_what_does_not_work() -> None:
    assert feeling_of("Nothing", "not_working").score > 0 > feeling_of("Nothing", "works").score


@given(st.text(max_size=200), st.sampled_from(["works", "not_working", "other", None]))
def test_any_words_get_the_same_answer_within_bounds_each_time(words: str, direction: str | None) -> None:
    feeling = feeling_of(words, direction)
    assert feeling == feeling_of(words, direction)
    assert -1 <= feeling.score <= 1
    assert 0 <= feeling.sureness <= 1
    assert feeling.label in {"good", "mixed", "bad", "unsure"}
