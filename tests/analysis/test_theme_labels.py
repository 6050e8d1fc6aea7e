"""Labels: words that many say in one theme and few say elsewhere."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from learning_log.analysis.theme_labels import Heard, labels_of
from learning_log.analysis.theme_terms import terms_of

STOPS = frozenset({"the", "is", "a", "it", "was", "and", "i", "wa"})
MIXED = "different things"


def heard(*texts: str) -> Heard:
    return Heard([terms_of(text) for text in texts], texts)


def test_a_label_is_what_the_theme_says_and_the_others_do_not() -> None:
    bus = heard("the bus is late", "a late bus", "bus late and slow", "bus stop is far", "the bus was full")
    noise = heard("noise at night, late", "the noise is bad", "noise and noise", "the noise was late", "loud noise")
    assert [label.split(",")[0] for label in labels_of([bus, noise], STOPS, MIXED)] == ["bus", "noise"]


def test_two_words_that_tell_as_much_stand_side_by_side() -> None:
    food = heard("the food", "food is good", "the coffee", "coffee was nice", "food", "coffee")
    ward = heard("the ward", "ward is good", "a ward", "ward was nice", "ward", "ward")
    assert labels_of([food, ward], STOPS, MIXED) == ("coffee, food", "ward")


def test_a_theme_without_a_word_of_its_own_says_so() -> None:
    many = heard(*(f"{one}{other}" for one in "bdfgklm" for other in ("ark", "end", "ill", "ost", "ump", "ane")))
    clear = heard(*["the bus"] * 8)
    assert labels_of([many, clear], STOPS, MIXED) == (MIXED, "bus")
    assert labels_of([heard("it is", "it was"), clear], STOPS, MIXED)[0] == MIXED


@given(st.lists(st.lists(st.sampled_from(["the bus", "noise", "food was late", "it"]), min_size=1), min_size=1))
def test_each_theme_has_a_label_and_no_number_is_in_it(themes: list[list[str]]) -> None:
    labels = labels_of([heard(*texts) for texts in themes], STOPS, MIXED)
    assert len(labels) == len(themes)
    assert all(label and not any(letter.isnumeric() for letter in label) for label in labels)


def test_no_two_labels_are_the_same_while_there_are_words_left() -> None:
    ward = ("ward staff friendly", "ward clean", "ward busy")
    labels = labels_of([heard(*ward), heard(*ward), heard("bus", "bus")], STOPS, MIXED)
    assert len(set(labels)) == 3
