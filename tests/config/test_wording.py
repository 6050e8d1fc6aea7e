"""All texts of the bot, in each language, keep the rules of Easy Read."""

from __future__ import annotations

from learning_log import config
from learning_log.services import wording


def test_no_rule_is_broken_in_any_language() -> None:
    assert [each for each in wording.look() if each.fails] == []


def test_every_language_says_whether_it_is_approved() -> None:
    for language in wording.languages():
        assert "approved" in config.load(f"wording/{language.name}")["about"]
        assert language.texts > 100
