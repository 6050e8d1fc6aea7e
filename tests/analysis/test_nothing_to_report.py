"""What counts as an answer with nothing in it."""

import pytest

from learning_log.analysis.nothing import nothing_to_report


@pytest.mark.parametrize(
    "words",
    [
        "nothing",
        "Nothing!",
        "N/A",
        "n/a.",
        "all fine",
        "No complaints",
        "dim byd",
        "Popeth yn iawn",
        "None really",
        "👍",
        "👍🏽👍🏽",
        "Nothing, thank you so much",
        "nothing at the moment, everything is fine",
        "I can’t think of anything",
        "-",
        "🤷\u200d♂️",
    ],
)
def test_an_answer_that_only_says_nothing_is_recognised(words: str) -> None:
    assert nothing_to_report(words)


@pytest.mark.parametrize(
    "words",
    [
        "nothing works",
        "Nothing is working",
        "no one came",
        "no dinner",
        "all fine but the bus was late",
        "?",
        "😢",
        "nobody gave me my tablets",
        "dim bws heddiw",
        "nothing to eat",
    ],
)
def test_an_answer_that_says_something_is_never_taken_for_nothing(words: str) -> None:
    assert not nothing_to_report(words)


@pytest.mark.parametrize("words", ["", "   ", "\n"])
def test_no_words_at_all_may_be_a_photo_and_are_not_nothing(words: str) -> None:
    assert not nothing_to_report(words)


def test_a_long_answer_has_something_to_say() -> None:
    assert not nothing_to_report("nothing " * 40)
