"""Any talk at all: whatever is said or tapped, in whatever order, there is an answer, a known state and a way on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.dialogue.book import DIALOGUES, END, dialogue
from bot.dialogue.facts import Facts, Following
from bot.dialogue.hearing import begin, hear
from bot.dialogue.machine import is_known
from bot.dialogue.turn import Heard, Media, State, Turn
from bot.effects import EFFECTS
from tests.bot.dialogue.walks import DATA, FACTS, NOT_JOINED, STATES, named

FOLLOW_UPS = ("trying", "helped", "decided", "check_in", "pair", "pair_seen", "moving_on")
SAID = (
    "yes", "no", "skip", "STOP", "I am worried", "say it again", "my data", "settings", "pause", "help", "start",
    "I went out", "nothing", "🙂", "7", "A start", "that is all", "he hit me", "", "/start", "Close",
)  # fmt: skip
kinds = st.sampled_from(["offered", "older", "said", "photo", "edited", "too_big", "unreadable", "group", "due"])
talks = st.lists(st.tuples(kinds, st.integers(0, 30)), max_size=25)


LEFT_OPEN = {
    **DATA,
    "you_said": "It helped",
    "decision": "Your team will go on with it.",
    "mine": "Good",
    "theirs": "Good",
    "alike": "yes",
    "then": "2",
}


def facts_for(turn: int, kind: str | None) -> Facts:
    """Facts of a moment: each walk has an id of its own. kind: of what is left open, if anything is."""
    following = Following(kind, LEFT_OPEN) if kind else None
    return replace(FACTS, walk_id=f"{turn:032x}", following=lambda: following)


def heard(kind: str, pick: int, buttons: list[str]) -> Heard:
    if kind in ("offered", "older") and buttons:
        newest = buttons[-6:] if kind == "offered" else buttons
        return Heard("button", button=newest[pick % len(newest)])
    if kind == "photo":
        return Heard("media", words=SAID[pick % len(SAID)], media=Media("photo", "file", "image/jpeg", 10))
    if kind == "edited":
        return Heard("edited", words=SAID[pick % len(SAID)], edits=str(pick))
    if kind in ("too_big", "unreadable", "group"):
        return Heard(kind)  # type: ignore[arg-type]
    return Heard("words", words=SAID[pick % len(SAID)])


def check(turn: Turn) -> None:
    assert turn.say or any(effect.name == "correct" for effect in turn.keep)
    assert turn.state is None or is_known(turn.state)
    assert all(effect.name in EFFECTS for effect in turn.keep)
    if turn.state is not None:
        State.from_json(turn.state.as_json())


@given(talk=talks, follows=st.sampled_from([None, *FOLLOW_UPS]))
@settings(max_examples=300, deadline=None)
def test_any_talk_gets_an_answer_each_time_and_a_known_state(talk: list[tuple[str, int]], follows: str | None) -> None:
    state, buttons = None, list[str]()
    for number, (kind, pick) in enumerate(talk, start=1):
        facts = facts_for(number, follows)
        turn = begin("reflecting", facts, {}) if kind == "due" else hear(state, heard(kind, pick, buttons), facts)
        check(turn)
        buttons += [choice.value for say in turn.say for choice in say.choices]
        state = turn.state


@given(talk=talks)
@settings(max_examples=100, deadline=None)
def test_nothing_is_kept_of_any_talk_with_somebody_who_never_says_yes(talk: list[tuple[str, int]]) -> None:
    state, buttons = None, list[str]()
    for number, (kind, pick) in enumerate(talk, start=1):
        facts = replace(NOT_JOINED, walk_id=f"{number:032x}")
        if kind == "due":
            continue
        turn = hear(state, heard(kind, pick, buttons), facts)
        if any(effect.name == "agree" and effect.values["agreed"] == "yes" for effect in turn.keep):
            return
        check(turn)
        assert not {"keep_reflection", "begin_round", "begin_follow_up", "correct"} & {each.name for each in turn.keep}
        buttons += [choice.value for say in turn.say for choice in say.choices]
        state = turn.state


@given(talk=talks, follows=st.sampled_from([None, *FOLLOW_UPS]))
@settings(max_examples=150, deadline=None)
def test_no_words_of_any_talk_are_lost(talk: list[tuple[str, int]], follows: str | None) -> None:
    """What is written is kept as an answer or with a worry, or the person hears that it is not kept."""
    state, buttons = None, list[str]()
    for number, (kind, pick) in enumerate(talk, start=1):
        facts = facts_for(number, follows)
        if kind == "said":
            turn = hear(state, Heard("words", words="my own words about the garden"), facts)
            keeping = {"keep_reflection", "add_to_concern", "change_answer"} & {each.name for each in turn.keep}
            assert keeping or any("have not kept that" in say.words for say in turn.say)
        else:
            turn = hear(state, heard(kind, pick, buttons), facts)
        buttons += [choice.value for say in turn.say for choice in say.choices]
        state = turn.state


@pytest.mark.parametrize("state", STATES, ids=named)
def test_every_state_has_an_end_that_can_be_reached_by_taps_alone(state: State) -> None:
    """Breadth first over what is offered: somewhere nothing is open any more, or only extras are left."""
    waiting, seen = [state], set[str]()
    for _ in range(400):
        if not waiting:
            break
        here = waiting.pop(0)
        step = dialogue(here.dialogue).steps[here.step]
        if step.over or here.dialogue in ("stopped",):
            return
        if (key := f"{here.dialogue}.{here.step}.{here.data.get('step')}") in seen:
            continue
        seen.add(key)
        asked = hear(here, Heard("words", words="say it again"), FACTS)
        for choice in (choice for say in asked.say for choice in say.choices):
            turn = hear(here, Heard("button", button=choice.value), FACTS)
            if turn.state is None:
                return
            waiting.append(turn.state)
    pytest.fail(f"no end can be reached from {named(state)}")


@pytest.mark.parametrize("name", DIALOGUES)
def test_every_step_of_a_dialogue_can_be_reached(name: str) -> None:
    whole = dialogue(name)
    reached, waiting = set[str](), [whole.first]
    while waiting:
        step = whole.steps[waiting.pop()]
        reached.add(step.name)
        ways = [step.next, step.skip, step.otherwise if step.when else "", *(each.next for each in step.options)]
        ways += [each.next for each in (step.choice, step.answer) if each]
        waiting += [way for way in ways if way in whole.steps and way not in reached and way != END]
    assert reached == set(whole.steps)


@pytest.mark.parametrize("state", STATES, ids=named)
@given(value=st.text(max_size=40))
@settings(max_examples=15, deadline=None)
def test_a_button_that_was_never_offered_changes_nothing(state: State, value: str) -> None:
    """Whoever makes buttons up gets no further than by those that are there."""
    offered = {
        choice.value for say in hear(state, Heard("words", words="say it again"), FACTS).say for choice in say.choices
    }
    for button in (f"{state.tag}:{state.step}:{value}", f"{state.tag}:{state.step}:skip", value):
        if button not in offered and not value.isdecimal():
            turn = hear(state, Heard("button", button=button), FACTS)
            assert turn.keep == ()
            assert turn.state == state
