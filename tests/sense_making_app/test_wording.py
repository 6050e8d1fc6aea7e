from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sense_making_app
from learning_log import config
from learning_log.domain.capacity import DECISIONS
from learning_log.errors import SettingsWrong
from learning_log.services.agreements import PURPOSES, WHY_NOT
from learning_log.services.outcomes import STAGES
from sense_making_app.components import figures
from sense_making_app.wording import plain, say

SOURCES = list(Path(sense_making_app.__file__).parent.rglob("*.py"))


def test_every_text_that_the_app_asks_for_is_there() -> None:
    asked = {key for path in SOURCES for key in re.findall(r'say\(\s*"([a-z_.]+)"', path.read_text())}

    assert len(asked) > 100
    for key in asked:
        assert say(key)


def test_every_empty_page_says_what_to_do_next() -> None:
    asked = {key for path in SOURCES for key in re.findall(r'empty\.show\("([a-z_]+)"', path.read_text())}

    assert len(asked) >= 8
    for key in asked:
        assert say(f"{key}.title")
        assert say(f"{key}.next")


def test_what_the_log_can_say_has_a_text() -> None:
    rules = ("outside_limits", "seven_on_one_side", "seven_rising_or_falling", "two_of_three_near_a_limit")
    keys = [f"signal.{rule}_{way}" for rule in rules for way in ("up", "down")]
    keys += [f"against.{word}" for word in ("passing", "failing", "hit_and_miss")]
    keys += [f"kind.{word}" for word in ("input", "process", "output", "outcome")]
    keys += [f"better.{word}" for word in ("up", "down", "neither")]
    keys += [f"unit.{word}" for word in ("count", "percent", "hours", "days", "number")]
    keys += [f"feeling.{word}" for word in ("good", "mixed", "bad", "unsure")]
    keys += [f"story.{word}" for word in ("works", "not_working", "other")]
    keys += [f"stage.{word}" for word in STAGES]
    keys += [f"why_not.{word}" for word in WHY_NOT]
    keys += [f"decision.{word}" for word in DECISIONS]
    keys += [f"capacity.interests_{word}" for word in ("open", "yes", "no")]
    keys += [f"agreements.{answer}_{purpose}" for answer in ("yes", "no") for purpose in PURPOSES]
    keys += [f"signed_out.{word}" for word in ("too_long", "no_role", "new_password", "signed_out")]

    assert all(say(key, period="March 2026", day="2 March 2026") for key in keys)


def test_a_missing_text_is_named() -> None:
    with pytest.raises(SettingsWrong, match=r"home\.nowhere"):
        say("home.nowhere")


def test_frameworks_say_that_they_were_not_checked() -> None:
    for name in config.names("frameworks"):
        framework = config.load(f"frameworks/{name}")
        assert framework["checked"] is False
        assert len(framework["aspects"]) >= 9


@given(st.text())
def test_no_mark_in_somebodys_words_is_left_to_mean_something(words: str) -> None:
    unmarked = re.sub(r"\\[!-/:-@\[-`{-~]", "", plain(words))

    assert not re.search(r"[!-/:-@\[-`{-~]", unmarked)


def test_a_picture_in_somebodys_words_is_not_fetched() -> None:
    assert plain("![x](http://elsewhere/a.png)") == r"\!\[x\]\(http\:\/\/elsewhere\/a\.png\)"


@pytest.mark.parametrize(
    ("times", "trend"),
    [
        ([0, 0, 0, 5, 5, 5, 9], "more"),
        ([5, 5, 5, 0, 1, 0, 9], "less"),
        ([4, 4, 4, 4, 4, 4, 0], "same"),
        ([0, 0, 1, 0, 1, 0, 9], "too_few"),
        ([5, 5, 5], "too_few"),
    ],
)
def test_a_trend_leaves_out_the_month_that_goes_on(times: list[int], trend: str) -> None:
    assert figures.trend(times) == trend
