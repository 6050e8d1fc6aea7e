"""Every state that the dialogues of config/ can be in, and facts to walk them with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from bot.dialogue.book import every_step
from bot.dialogue.facts import LATER, Facts, Mine, Question, Round, Told
from bot.dialogue.machine import button
from bot.dialogue.turn import Heard, Say, State, Turn

OUTCOME = "0" * 31 + "1"
ANSWER = "0" * 31 + "2"
LIFE = Round(
    {
        "works": Question("11111111-1111-1111-1111-111111111111", "What is going well?"),
        "not_working": Question("22222222-2222-2222-2222-222222222222", "What is not going well?"),
    }
)
TRYING = Round(
    {
        direction: Question(f"{number}" * 8 + "-1111-1111-1111-111111111111", f"What about {direction}?")
        for number, direction in enumerate(("tried", "noticed", "learned", "next"), start=3)
    }
)
ROUNDS = ("0:life", "1:trying")
# What a follow-up, a round or a choice on the way has left for the steps that come after it.
DATA = {
    "question": "11111111-1111-1111-1111-111111111111",
    "follow_up": "0" * 31 + "3",
    "outcome": OUTCOME,
    "goal": "Go back to the bowling club",
    "steps": "Not yet\nA start\nPart of the way\nMost of the way\nThere",
    "answer": ANSWER,
    "name": "Ben",
    "try": "A quiet bus",
    "heard": "The bus is loud",
    "asks": "yes",
}
FACTS = Facts(
    now=datetime(2026, 3, 2, 9, 0, tzinfo=UTC),
    walk_id="b" * 32,
    status="active",
    joined=True,
    lists={
        "outcomes": lambda: ((OUTCOME, "Go back to the bowling club"),),
        "languages": lambda: (("cy", "Cymraeg"), ("en", "English")),
        "agreements": lambda: (("take_part", "Ask me nothing more"), ("team", "My team may not read")),
        "answers": lambda: ((ANSWER, "1 March: I went out"),),
    },
    holding={
        "agreed_themes": lambda: True,
        "agreed_pair": lambda: False,
        "agreed_moving_on": lambda: False,
        "shared_with_team": lambda: True,
        "has_worker": lambda: True,
        "needs_pretest": lambda: True,
        "speech": lambda: True,
    },
    round=lambda key: TRYING if key == ROUNDS[1] else LIFE,
    values={"role": "a safety lead", **LATER},
    asked_for={"worker": lambda: "Ben", "readers": lambda: "Nobody in your team has read them yet."},
    told=lambda: Told("now", "Ann Example"),
    mine=lambda: Mine(2, ("1 March: I went out",)),
)
NOT_JOINED = replace(FACTS, joined=False, status="joining", mine=Mine)

STATES = [
    State(
        dialogue.name,
        step.name,
        "a" * 32,
        {**DATA, "round": ROUNDS[step.prompt in TRYING.questions]},
    )
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
