"""Answers somebody who may not be asked now: see learning_log/domain/capacity.py. Pure, as the dialogues are."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue.book import words
from bot.dialogue.facts import Facts
from bot.dialogue.hearing import hear
from bot.dialogue.machine import WORRIED, Walk
from bot.dialogue.turn import Effect, Heard, State, Turn

WORRIES = {"raise_concern", "add_to_concern"}
# What may stay open: none of them asks anything by itself, and each takes a refusal or a worry.
STAY_OPEN = {WORRIED, "stopped", "joining"}


def refrain(state: State | None, heard: Heard, facts: Facts) -> Turn:
    """As `hear`, but a no, a stop, a worry and a look at what is kept are all that is obeyed.

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
    goes_on_worrying = _is_worry(still) and (turn.state is None or _is_worry(turn.state)) and command != "help"
    if not turn.keep and (goes_on_worrying or command == "mydata"):
        return turn
    walk = Walk(facts, keep=list(keep))
    walk.tell("trouble.no_is_kept" if keep else "trouble.not_now")
    return walk.turn(None if keep else still)


def _still_open(state: State | None) -> State | None:
    """What waits beneath a worry would be asked again after it."""
    return replace(state, under=None) if state and state.dialogue in STAY_OPEN else None


def _asks(state: State | None) -> bool:
    return state is not None and state.dialogue not in (WORRIED, "stopped")


def _is_theirs(effect: Effect) -> bool:
    if effect.name == "agree":
        return effect.values["agreed"] == "no"
    return effect.name == "stop" or effect.name in WORRIES


def _is_worry(state: State | None) -> bool:
    return state is not None and state.dialogue == WORRIED
