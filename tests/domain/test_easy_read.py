"""What makes a text hard to read is found, and named with its key and its rule."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning_log.config import load
from learning_log.domain import easy_read
from learning_log.domain.easy_read import Broken, Figures

FIGURES = Figures.of({name: value for name, value in load("easy_read").items() if name not in ("yes_or_no", "hyphens")})
TEN = "One two three four five six seven eight nine ten"


def one_syllable(word: str) -> int:
    return 1


def none(word: str) -> int:
    """So that all texts together are easy enough."""
    return 0


def rules(text: str) -> list[tuple[str, bool]]:
    return [(each.rule, each.fails) for each in easy_read.broken({"a.key": text}, FIGURES, none)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{TEN}.", []),
        (f"{TEN} more.", [("words", False)]),
        (f"{TEN} {TEN}.", [("words", True)]),
        ("I ask. You say. I keep. They read. You hear. It ends.", [("sentences", True)]),
        ("Look 🙂 here 🙁", [("pictures", True)]),
        ("Write STOP.", []),
        ("Ask the MDT.", [("capitals", True)]),
        ("Tell us in order to learn.", [("plain words", True)]),
        ("The feedbacker came.", []),
    ],
)
def test_each_rule_is_found_and_nothing_else(text: str, expected: list[tuple[str, bool]]) -> None:
    assert rules(text) == expected


def test_all_texts_together_have_a_grade() -> None:
    found = list(easy_read.broken({"a.key": f"{TEN}."}, FIGURES, lambda word: 3))
    assert [(each.key, each.rule, each.fails) for each in found] == [("", "grade", True)]
    assert easy_read.grade([], one_syllable) == 0


def test_a_step_has_few_buttons_with_few_words() -> None:
    labels = {"ok": "Yes", "long": "Yes I would like to do it"}
    steps = {"fine": ["ok"] * 4, "many": ["ok"] * 5, "wordy": ["long"]}
    found = list(easy_read.broken_choices(steps, labels, FIGURES))
    assert [(each.key, each.rule) for each in found] == [("many", "choices"), ("long", "button")]


def test_questions_are_open_and_go_both_ways() -> None:
    asked = {
        "well": ("person works", "What is going well?"),
        "leading": ("staff works", "Is it going well?"),
        "told": ("staff not_working", "Say what is not going well."),
    }
    found = {(each.key, each.rule) for each in easy_read.broken_questions(asked, ["is"])}
    assert found == {("leading", "open"), ("told", "question"), ("", "both sides")}


def test_every_language_has_the_same_texts_and_asks_for_the_same_values() -> None:
    first = {"hello": "Hello {name}", "bye": "Bye", "end": "End"}
    found = {
        (each.key, each.rule)
        for each in easy_read.not_alike({"hello": "Shwmae {enw}", "bye": "Hwyl", "more": "Mwy"}, first)
    }
    assert found == {("hello", "values"), ("end", "missing"), ("more", "unknown")}
    assert list(easy_read.not_alike(first, first)) == []


@given(st.text())
def test_any_text_can_be_counted(text: str) -> None:
    found = list(easy_read.broken({"a.key": text.replace("{", "").replace("}", "")}, FIGURES, one_syllable))
    assert all(isinstance(each, Broken) for each in found)
    assert all(easy_read.words(sentence) for sentence in easy_read.sentences(text.replace("{", "").replace("}", "")))
