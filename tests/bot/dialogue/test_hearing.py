"""What people may count on, in every state of every dialogue."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.book import fold
from bot.dialogue.facts import Told
from bot.dialogue.hearing import begin, hear
from bot.dialogue.turn import Heard, Media, State
from tests.bot.dialogue.walks import FACTS, NOT_JOINED, OUTCOME, STATES, effects, labels, named, tap, words

in_every_state = pytest.mark.parametrize("state", STATES, ids=named)
PHOTO = Heard("media", words="my garden", media=Media("photo", "file", "image/jpeg", 10))


@in_every_state
def test_stop_is_obeyed_in_every_state(state: State) -> None:
    for said in ("STOP", "stop", "Stop!", "/stop", "✋ Stop"):
        turn = hear(state, words(said), FACTS)
        assert "stop" in effects(turn)
        assert "keep_reflection" not in effects(turn)
        assert turn.state is not None
        assert turn.state.dialogue == "stopped"


@in_every_state
def test_stop_counts_only_as_the_whole_message(state: State) -> None:
    turn = hear(state, words("we must stop this bus being late"), FACTS)
    assert "stop" not in effects(turn)


@in_every_state
def test_a_worry_is_heard_in_every_state_and_the_question_waits(state: State) -> None:
    turn = hear(state, words("😟 I am worried"), FACTS)
    assert effects(turn) == ["raise_concern"]
    assert "999" in turn.say[0].words
    assert turn.state is not None
    more = hear(turn.state, words("it is about the nights"), FACTS)
    assert effects(more) == ["add_to_concern"]
    assert more.state is not None
    back = hear(more.state, words("That is all"), FACTS)
    assert state.dialogue == "worried" or (back.state and named(back.state) == named(state))


@in_every_state
def test_a_worry_says_so_loudly_when_nobody_can_be_told(state: State) -> None:
    turn = hear(state, words("I am worried"), replace(FACTS, told=lambda: Told("nobody")))
    told = " ".join(say.words for say in turn.say)
    assert "I could not tell a person" in told
    assert "999" in told
    assert "I tell" not in told


@in_every_state
def test_a_worry_that_is_read_only_later_says_so(state: State) -> None:
    turn = hear(state, words("I am worried"), replace(FACTS, told=lambda: Told("later", "Ann Example")))
    told = " ".join(say.words for say in turn.say)
    assert "Ann Example can read it when they next sign in" in told
    assert "tell somebody you trust" in told
    assert "999" in told


@in_every_state
def test_the_question_is_said_again_on_request(state: State) -> None:
    turn = hear(state, words("say it again"), FACTS)
    assert turn.state == state
    assert turn.say
    assert turn.keep == ()


@in_every_state
def test_a_button_of_an_older_question_changes_nothing(state: State) -> None:
    old = replace(state, id="f" * 32)
    turn = hear(state, tap(old, "yes"), FACTS)
    assert turn.keep == ()
    assert turn.say[0].words == "That question is closed now."
    assert turn.state == state


@in_every_state
def test_a_choice_may_be_written_out(state: State) -> None:
    asked = hear(state, words("say it again"), FACTS).say[-1]
    for choice in asked.choices:
        assert hear(state, words(choice.label), FACTS) == hear(state, Heard("button", button=choice.value), FACTS)


@in_every_state
@given(said=st.text(max_size=60), kind=st.sampled_from(["words", "button", "media", "edited", "too_big", "unreadable"]))
@settings(max_examples=25, deadline=None)
def test_anything_said_gets_an_answer_and_no_words_are_lost(state: State, said: str, kind: str) -> None:
    heard = {
        "words": words(said),
        "media": replace(PHOTO, words=said),
        "edited": Heard("edited", words=said, edits="7"),
    }
    turn = hear(state, heard.get(kind, Heard(kind, button=said)), FACTS)  # type: ignore[arg-type]
    keeping = {"keep_reflection", "add_to_concern", "correct", "change_answer"}
    assert turn.say or "correct" in effects(turn)
    if kind == "media":
        urgent = {"stop", "raise_concern"}
        assert (keeping | urgent) & set(effects(turn)) or "not kept" in " ".join(say.words for say in turn.say)


@in_every_state
def test_nothing_is_kept_of_somebody_who_has_not_agreed(state: State) -> None:
    if state.dialogue in ("joining", "stopped"):
        turn = hear(state, words("my bus was late"), NOT_JOINED)
        assert "keep_reflection" not in effects(turn)
    turn = hear(None, words("my bus was late"), NOT_JOINED)
    assert turn.keep == ()
    assert "not kept" in turn.say[0].words


def test_joining_leads_through_each_agreement_to_the_first_question() -> None:
    turn = hear(None, Heard("start", code="code"), NOT_JOINED)
    assert "I am a computer" in turn.say[0].words
    assert "999" in " ".join(say.words for say in turn.say)
    assert labels(turn.say[-1]) == ["Yes, I want to", "No, thank you"]
    kept = []
    for answer in ("Yes, I want to", "Yes, they may", "No, leave mine out", "Once a week", "Morning, 10:00"):
        turn = hear(turn.state, words(answer), FACTS if kept else NOT_JOINED)
        kept += effects(turn)
    assert kept == ["agree", "agree", "agree", "choose_days", "choose_time", "begin_round"]
    assert turn.say[-1].words == "What is going well?"


def test_a_no_ends_joining_and_start_leads_back() -> None:
    asked = hear(None, Heard("start", code="code"), NOT_JOINED)
    turn = hear(asked.state, words("No, thank you"), NOT_JOINED)
    assert [effect.values["agreed"] for effect in turn.keep] == ["no"]
    assert turn.state is None
    assert hear(None, words("start"), NOT_JOINED).state == asked.state


def test_reflecting_asks_both_sides_then_the_outcome() -> None:
    turn = begin("reflecting", FACTS, {"asked": "33333333-3333-3333-3333-333333333333"})
    assert turn.say[-1].words == "What is going well?"
    turn = hear(turn.state, words("I went bowling"), FACTS)
    (kept,) = turn.keep
    assert kept.values["direction"] == "works"
    assert labels(turn.say[-1]) == ["Go back", "Skip"]
    assert kept.values["asked"] == "33333333-3333-3333-3333-333333333333"
    assert kept.values["question"] == "11111111-1111-1111-1111-111111111111"
    turn = hear(turn.state, words("the bus"), FACTS)
    assert turn.keep[0].values["direction"] == "not_working"
    assert labels(turn.say[-1]) == ["Go back to the bowling club", "Skip"]
    turn = hear(turn.state, words("go back to the bowling club"), FACTS)
    assert turn.keep[0].values["outcome"] == OUTCOME
    assert turn.say[-1].words == "Who helped you to answer?"
    turn = hear(turn.state, words("Someone I chose"), FACTS)
    assert turn.keep[0].values["helped"] == "chosen"
    assert turn.keep[0].values["walk"] == kept.values["walk"]
    assert labels(turn.say[-1]) == ["Who may see this?", "Take it back"]


def test_two_skips_end_without_asking_for_an_outcome() -> None:
    turn = begin("reflecting", FACTS, {})
    turn = hear(turn.state, words("skip"), FACTS)
    turn = hear(turn.state, words("Skip"), FACTS)
    assert effects(turn) == []
    assert turn.state is None
    assert turn.say


def test_words_that_nobody_asked_for_are_kept_first() -> None:
    turn = hear(None, words("my new key worker is kind"), FACTS)
    assert effects(turn) == ["keep_reflection"]
    assert turn.state is not None
    assert turn.state.id == turn.keep[0].values["walk"]
    turn = hear(turn.state, words("Going well"), FACTS)
    assert turn.keep[0].values["direction"] == "works"


def test_what_the_scan_hears_is_told_and_the_answer_still_counts() -> None:
    asked = begin("reflecting", FACTS, {})
    turn = hear(asked.state, words("he hit me"), replace(FACTS, worry="physical"))
    assert effects(turn) == ["raise_concern", "keep_reflection"]
    assert turn.keep[0].values == {"raised_by": "scan", "category": "physical"}
    assert turn.keep[1].values["private"] == "yes"
    assert "You were right to tell me" in turn.say[0].words
    assert [say.words for say in turn.say].count("What is not going well?") == 0
    back = hear(turn.state, words("that is all"), FACTS)
    assert back.say[-1].words == "What is not going well?"


@pytest.mark.parametrize("kind", ["edited", "too_big", "unreadable", "media"])
def test_what_the_scan_hears_is_told_whatever_it_came_with(kind: str) -> None:
    heard = replace(PHOTO, kind=kind, words="he hit me", media=PHOTO.media if kind == "media" else None, edits="7")
    turn = hear(None, heard, replace(FACTS, worry="physical"))
    assert effects(turn)[0] == "raise_concern"


def test_a_photo_is_never_taken_for_a_choice_that_its_caption_names() -> None:
    telling = hear(None, words("my new bike"), FACTS)
    turn = hear(telling.state, replace(PHOTO, words="good"), FACTS)
    assert effects(turn) == ["keep_reflection"]


@pytest.mark.parametrize("caption", ["hello", "skip", "help", "settings", "my data", "again"])
def test_a_photo_is_kept_whatever_word_of_ours_is_its_caption(caption: str) -> None:
    asked = begin("reflecting", FACTS, {})
    assert effects(hear(asked.state, replace(PHOTO, words=caption), FACTS)) == ["keep_reflection"]


def test_a_caption_or_an_edit_can_be_a_stop() -> None:
    assert effects(hear(None, replace(PHOTO, words="STOP"), FACTS)) == ["stop"]
    assert effects(hear(None, Heard("edited", words="STOP", edits="7"), FACTS)) == ["stop"]


@pytest.mark.parametrize(("said", "agreed"), [("yes", "yes"), ("Yes please!", "yes"), ("no", "no"), ("nope", "no")])
def test_a_plain_yes_is_a_yes_and_a_plain_no_a_no(said: str, agreed: str) -> None:
    asked = hear(None, Heard("start", code="code"), NOT_JOINED)
    assert [effect.values["agreed"] for effect in hear(asked.state, words(said), NOT_JOINED).keep] == [agreed]


def test_a_worry_of_somebody_who_stopped_is_never_said_to_be_lost() -> None:
    stopped = replace(NOT_JOINED, status="stopped", worry="psychological")
    turn = hear(None, words("i am scared of him"), stopped)
    assert effects(turn) == ["raise_concern"]
    assert "not kept" not in " ".join(say.words for say in turn.say)


def test_my_data_can_be_seen_in_any_state() -> None:
    for state in (None, *STATES):
        turn = hear(state, words("/mydata"), FACTS)
        assert "1 March: I went out" in turn.say[0].words
        assert turn.state is not None
        beneath = state.under if state and state.dialogue == "my_data" else state
        assert turn.state.under == beneath
        back = hear(turn.state, words("Close"), FACTS)
        assert back.state == beneath


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
