"""What config/ says about dialogues holds together."""

from __future__ import annotations

import pytest

from bot.dialogue.book import CLOSE, DIALOGUES, END, Dialogue, Option, Step, dialogue, every_step, words
from bot.dialogue.hearing import hear
from bot.effects import EFFECTS
from learning_log import config
from tests.bot.dialogue.walks import FACTS, STATES, named
from tests.bot.dialogue.walks import words as said

steps = pytest.mark.parametrize(
    ("whole", "step"), [pytest.param(whole, step, id=f"{whole.name}.{step.name}") for whole, step in every_step()]
)


def options(step: Step) -> list[Option]:
    return [*step.options, *(each for each in (step.choice, step.answer) if each)]


@steps
def test_every_way_leads_somewhere(whole: Dialogue, step: Step) -> None:
    targets = [step.next, step.skip, step.otherwise, *(each.next for each in options(step))]
    for target in targets:
        assert not target or target in (END, CLOSE) or target in whole.steps or target in DIALOGUES


@steps
def test_every_text_and_effect_is_there(whole: Dialogue, step: Step) -> None:
    for key in [*step.say, *(key for each in options(step) for key in [*each.say, each.label] if key)]:
        assert words("en").find(key), key
    for each in options(step):
        assert {effect["effect"] for effect in each.keep} <= set(EFFECTS)


@pytest.mark.parametrize("state", STATES, ids=named)
def test_a_message_has_at_most_four_choices_and_skip_within_telegrams_limit(state: object) -> None:
    asked = hear(state, said("say it again"), FACTS).say  # type: ignore[arg-type]
    for say in asked:
        assert len([choice for choice in say.choices if choice.label != "Skip"]) <= 4
        assert all(len(choice.value.encode()) <= 64 for choice in say.choices)


def test_each_dialogue_in_the_folder_is_known() -> None:
    assert sorted(DIALOGUES) == config.names("dialogues")
    assert all(dialogue(name).first in dialogue(name).steps for name in DIALOGUES)
