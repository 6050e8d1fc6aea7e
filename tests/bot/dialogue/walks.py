"""Every state that the dialogues of config/ can be in, and facts to walk them with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.dialogue.book import every_step
from bot.dialogue.facts import LATER, Facts, Mine, Question, Told
from bot.dialogue.machine import button
from bot.dialogue.turn import Heard, Say, State, Turn

OUTCOME = "0" * 31 + "1"
FACTS = Facts(
    now=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    walk_id="b" * 32,
    status="active",
    joined=True,
    outcomes=((OUTCOME, "Go back to the bowling club"),),
    languages=(("cy", "Cymraeg"), ("en", "English")),
    questions={
        "works": Question("11111111-1111-1111-1111-111111111111", "What is going well?"),
        "not_working": Question("22222222-2222-2222-2222-222222222222", "What is not going well?"),
    },
    values={"role": "a safety lead", **LATER},
    told=lambda: Told("now", "Ann Example"),
    mine=lambda: Mine(2, ("1 March: I went out",)),
)
NOT_JOINED = replace(FACTS, joined=False, status="joining", mine=Mine)

STATES = [
    State(dialogue.name, step.name, "a" * 32, {"question": "11111111-1111-1111-1111-111111111111"})
    for dialogue, step in every_step()
    if step.waits
]


def named(state: State) -> str:
    return f"{state.dialogue}.{state.step}"


def words(text: str) -> Heard:
    return Heard("words", words=text)


def tap(state: State, value: str) -> Heard:
    return Heard("button", button=button(state, value))


def effects(turn: Turn) -> list[str]:
    return [effect.name for effect in turn.keep]


def labels(say: Say) -> list[str]:
    return [choice.label for choice in say.choices]
