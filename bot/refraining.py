"""Answers somebody who may not be asked now: see learning_log/domain/capacity.py. Pure, as the dialogues are."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.book import words
from bot.dialogue.facts import Facts
from bot.dialogue.hearing import hear
from bot.dialogue.machine import MY_DATA, WORRIED, Walk
from bot.dialogue.turn import Effect, Heard, State, Turn

THEIRS = {"stop", "raise_concern", "add_to_concern", "send_my_data", "forget_me", "take_back"}
ABOUT_THEM = {WORRIED, MY_DATA}
# What may stay open: none of them asks anything by itself, and each takes a refusal or a worry.
STAY_OPEN = {*ABOUT_THEM, "stopped", "joining"}


def refrain(state: State | None, heard: Heard, facts: Facts) -> Turn:
    """As `hear`, but a no, a stop, a worry, and seeing, having or taking back what is kept are all that is obeyed.

    Anything else is not kept, and gets one sentence. What was asked before is closed.
    """
    still = _still_open(state)
    turn = hear(still, heard, facts)
    if not turn.say and not turn.keep:
        return turn
    keep = tuple(effect for effect in turn.keep if _is_theirs(effect))
    if keep and not _asks(turn.state):
        return replace(turn, keep=keep, state=_still_open(turn.state))
    command = words(facts.language).command(heard.words) if heard.kind == "words" else ""
    if not turn.keep and command != "help" and _goes_on(still, turn.state, command):
        return replace(turn, state=_still_open(turn.state))
    walk = Walk(facts, keep=list(keep))
    walk.tell("trouble.no_is_kept" if keep else "trouble.not_now")
    return walk.turn(None if keep else still)


def _still_open(state: State | None) -> State | None:
    """What waits beneath would be asked again afterwards, unless it is about them too."""
    if state is None or state.dialogue not in STAY_OPEN:
        return None
    beneath = _still_open(state.under)
    return replace(state, under=beneath if beneath and beneath.dialogue in ABOUT_THEM else None)


def _asks(state: State | None) -> bool:
    return state is not None and state.dialogue not in {*ABOUT_THEM, "stopped"}


def _goes_on(before: State | None, after: State | None, command: str) -> bool:
    """Whether this is about a worry of theirs, or about what is kept of them, and nothing else."""
    begun = command == "mydata" or (before is not None and before.dialogue in ABOUT_THEM)
    return begun and (after is None or after.dialogue in ABOUT_THEM)


def _is_theirs(effect: Effect) -> bool:
    if effect.name == "agree":
        return effect.values["agreed"] == "no"
    return effect.name in THEIRS or (effect.name == "choose_audience" and effect.values["audience"] == "me")
