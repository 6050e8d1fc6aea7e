"""The bot speaks every language of config/wording/ in every state; what is about safety no machine translates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from bot.dialogue import times
from bot.dialogue.book import words as book
from bot.dialogue.hearing import hear
from bot.dialogue.turn import Heard, State
from learning_log import config
from learning_log.domain.easy_read import texts_in
from tests.bot.dialogue.walks import FACTS, STATES, effects, named, words

LANGUAGES = config.names("wording")
ABOUT_SAFETY = ("alerts.", "worried.", "joining.emergency", "trouble.aside")
states = pytest.mark.parametrize("state", STATES, ids=named)
languages = pytest.mark.parametrize("language", LANGUAGES)


@languages
@states
def test_every_state_is_asked_in_the_language_of_the_person(state: State, language: str) -> None:
    asked = hear(state, words("say it again"), replace(FACTS, language=language))
    assert asked.say
    assert all(said.words for said in asked.say)


@languages
@states
def test_stop_works_in_every_language_and_state_in_each_way_of_writing_it(state: State, language: str) -> None:
    for way in book(language).table["always"]["stop"]:
        assert "stop" in effects(hear(state, words(way.upper()), replace(FACTS, language=language))), way


@languages
def test_the_english_words_that_work_everywhere_work_in_every_language(language: str) -> None:
    for name in ("stop", "worried", "again", "skip", "pause", "help"):
        assert book(language).command(book("en").table["always"][name][0]) == name


@languages
def test_no_word_that_works_everywhere_means_two_things(language: str) -> None:
    ways = [way for each in book(language).table["always"].values() for way in each]
    assert len(ways) == len(set(ways))


@languages
def test_what_is_about_safety_is_never_a_machines_translation(language: str) -> None:
    table = book(language).table
    if not table["about"].get("machine_made"):
        return
    english, here = dict(texts_in(book("en").table)), dict(texts_in(table))
    for key in english:
        if key.startswith(ABOUT_SAFETY):
            assert here[key] == english[key], key


@languages
def test_a_worry_is_told_to_tap_the_button_that_is_there(language: str) -> None:
    worries = book(language).say("joining.worries", role="a safety lead")
    label = book(language).say("buttons.worried").split(" ", 1)[1]
    assert label in worries


def test_days_and_times_are_said_in_the_language() -> None:
    english, welsh = book("en"), book("cy")
    assert times.when(english, 0b1111111, time(10)) == "every day at 10:00 in the morning"
    assert times.when(english, 0b0011111, time(14)) == "from Monday to Friday at 2:00 in the afternoon"
    assert times.when(english, 0b0010010, time(18, 30)) == "on Tuesday and Friday at 6:30 in the evening"
    assert times.when(welsh, 0b0010010, time(0, 5)) == "dydd Mawrth a dydd Gwener am 12:05 yn y bore"
    assert times.weekday(english, date(2026, 3, 3)) == "Tuesday 3 March"
    assert times.weekday(welsh, date(2026, 3, 3)) == "dydd Mawrth 3 Mawrth"


def test_the_language_is_chosen_among_the_settings_and_used_at_once() -> None:
    turn = hear(hear(None, words("settings"), FACTS).state, words("The language"), FACTS)
    assert turn.say[-1].words == book("en").say("settings.language")
    assert [choice.label for choice in turn.say[-1].choices][:2] == ["Cymraeg", "English"]
    for heard in (words("Cymraeg"), Heard("button", button=turn.say[-1].choices[0].value)):
        chosen = hear(turn.state, heard, FACTS)
        (effect,) = chosen.keep
        assert (effect.name, effect.values["language"]) == ("choose_language", "cy")
        assert chosen.say[-1].words.startswith("Diolch.")


def test_where_there_is_one_language_nobody_is_asked() -> None:
    facts = replace(FACTS, lists={**FACTS.lists, "languages": lambda: (("en", "English"),)})
    turn = hear(None, words("settings"), facts)
    assert "The language" not in [choice.label for choice in turn.say[-1].choices]
