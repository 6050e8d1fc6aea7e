"""Somebody who may not be asked now: their no, stop and worry are obeyed in every state, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.dialogue.facts import Facts
from bot.dialogue.machine import step_of
from bot.dialogue.turn import Heard, State
from bot.refraining import ABOUT_THEM, STAY_OPEN, THEIRS, refrain
from tests.bot.dialogue.walks import FACTS, NOT_JOINED, STATES, effects, named, tap, words

NOT_NOW = "I may not ask you questions now"
BENEATH = State("reflecting", "works", "c" * 32)
OPEN: list[State | None] = [None, *STATES, *(replace(state, under=BENEATH) for state in STATES)]
VALUES = (*["yes", "no", "again", "daily", "weekdays", "morning", "works", "not_working", "week", "en"], "0" * 31 + "1")
WORDS = "yes, no, I went out, skip, start, pause, settings, help, my data, again, stop, I am worried, That is all"
CHOICES = "Yes, I want to/No, thank you/No, leave mine out/Every day/Start again"
SAID = (*WORDS.split(", "), *CHOICES.split("/"))


def heard_of(state: State | None) -> list[Heard]:
    walks = [each for each in (state, state.under if state else None, BENEATH) if each]
    taps = [tap(each, value) for each in walks for value in (*VALUES, *(["skip"] if step_of(each).skip else []))]
    others = [Heard("start"), Heard("edited", words="I stayed in", edits="1"), Heard("too_big"), Heard("unreadable")]
    return [*taps, *(words(said) for said in SAID), *others]


def name_of(state: State | None) -> str:
    return f"{named(state)}{'+' if state.under else ''}" if state else "nothing"


@pytest.mark.parametrize("facts", [FACTS, NOT_JOINED])
@pytest.mark.parametrize("state", OPEN, ids=name_of)
def test_in_no_state_is_anything_asked_or_kept_but_a_no_a_stop_and_a_worry(state: State | None, facts: Facts) -> None:
    questions = {each.words for asks in range(2) for each in facts.round(asks).questions.values()}
    for heard in heard_of(state):
        turn = refrain(state, heard, facts)
        assert turn.say or (state and state.dialogue == "my_data")
        assert not questions & {say.words for say in turn.say}, heard
        asks_to_agree = ("Do you want to take part?", "First say yes or no, please. You can stop at any time.")
        assert not {say.words for say in turn.say} & set(asks_to_agree), heard
        assert set(effects(turn)) <= {*THEIRS, "agree", "choose_audience"}, heard
        assert all(each.values["agreed"] == "no" for each in turn.keep if each.name == "agree"), heard
        assert all(each.values["audience"] == "me" for each in turn.keep if each.name == "choose_audience"), heard
        assert turn.state is None or turn.state.dialogue in STAY_OPEN
        assert turn.state is None or turn.state.under is None or turn.state.under.dialogue in ABOUT_THEM


@pytest.mark.parametrize("state", OPEN, ids=name_of)
def test_a_stop_and_a_worry_are_obeyed_in_every_state(state: State | None) -> None:
    assert effects(refrain(state, words("STOP"), FACTS)) == ["stop"]
    assert effects(refrain(state, words("I am worried"), FACTS)) == ["raise_concern"]
    worry = "add_to_concern" if state and state.dialogue == "worried" else "raise_concern"
    assert effects(refrain(state, words("he hits me"), replace(FACTS, worry="physical"))) == [worry]


def test_nothing_is_said_to_what_needs_no_answer() -> None:
    for kind in ("nothing", "blocked"):
        assert not refrain(BENEATH, Heard(kind), FACTS).say  # type: ignore[arg-type]


def test_a_no_while_joining_is_kept_and_a_yes_is_not() -> None:
    agree = next(state for state in STATES if named(state) == "joining.agree")
    assert effects(refrain(agree, tap(agree, "no"), NOT_JOINED)) == ["agree"]
    turn = refrain(agree, tap(agree, "yes"), NOT_JOINED)
    assert (effects(turn), turn.state) == ([], agree)
    assert turn.say[0].words.startswith(NOT_NOW)


def test_a_no_to_being_counted_is_kept_and_the_next_question_does_not_come() -> None:
    themes = next(state for state in STATES if named(state) == "joining.themes")
    turn = refrain(themes, tap(themes, "no"), FACTS)
    assert (effects(turn), turn.state) == (["agree"], None)
    assert [say.words for say in turn.say] == [
        "I have kept your no. I may not ask you questions now. Your support team can tell you why."
    ]


def test_what_is_kept_of_them_can_still_be_seen() -> None:
    assert "2 of your answers" in refrain(None, words("my data"), FACTS).say[0].words


def test_what_is_kept_of_them_can_still_be_had_taken_back_and_forgotten() -> None:
    for step, value, effect in (
        ("list", "all", "send_my_data"),
        ("sure", "yes", "take_back"),
        ("forget", "yes", "forget_me"),
    ):
        state = next(each for each in STATES if named(each) == f"my_data.{step}")
        assert effects(refrain(state, tap(state, value), FACTS)) == [effect]
