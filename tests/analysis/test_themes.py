"""Themes are found, stay put and can be used for one new text. All texts are invented."""

import hashlib
import json
import random
import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_log.analysis.themes import (
    Finding,
    Settings,
    Text,
    ThemeModel,
    clarity_in_words,
    find_themes,
    place,
    settings_from,
)
from learning_log.config import load

SAID = {
    "not_working": [
        "the bus was late again",
        "bus late so I missed swimming",
        "The bus driver drove past me, late for work",
        "I hate that the bus is late every morning",
        "too much noise at night",
        "the noise at night keeps me awake",
        "I cannot sleep, noise at night upstairs",
        "night noise from the neighbours",
        "nothing",
        "my new rota is confusing",
    ],
    "works": [
        "I went to the cooking group and made soup",
        "cooking group is fun",
        "I cook my own tea since the cooking group",
        "the cooking group on Tuesday",
        "walks by the canal with Sam",
        "a walk by the canal makes me calm",
        "Sam and I walk to the canal",
        "canal walks",
        "all fine",
        "bingo",
    ],
}
TEXTS = [
    Text(f"{direction}-{at}", words, direction) for direction, said in SAID.items() for at, words in enumerate(said)
]


def fingerprint(value: str, secret: bytes = b"a secret of this test") -> bytes:
    return hashlib.blake2b(value.encode(), key=secret).digest()


@pytest.fixture(scope="module")
def ours() -> Settings:
    return settings_from(load("analysis/themes"), load("analysis/stop_words"))


@pytest.fixture(scope="module")
def found(ours: Settings) -> Finding:
    return find_themes(TEXTS, ours, fingerprint)


def test_a_score_of_texts_is_enough_for_themes_that_people_would_name(found: Finding) -> None:
    words = {
        theme.direction: " ".join(
            other.label.replace(",", "") for other in found.themes if other.direction == theme.direction
        )
        for theme in found.themes
    }
    assert {"bus", "noise"} <= set(words["not_working"].replace("night", "").split())
    assert "cooking group" in words["works"]
    assert "canal" in words["works"]


def test_a_label_is_made_of_words_that_people_used(found: Finding) -> None:
    for theme in found.themes:
        said = " ".join(SAID[theme.direction]).lower()
        assert all(word in said for word in theme.label.replace(",", "").split())


def test_every_text_is_in_a_theme_or_listed_as_not_yet_or_aside(found: Finding) -> None:
    lists = [set(found.placements), set(found.not_yet), set(found.nothing), set(found.opposite)]
    assert set.union(*lists) == {text.id for text in TEXTS}
    assert sum(map(len, lists)) == len(TEXTS)
    assert set(found.nothing) == {"not_working-8", "works-8"}
    assert "works-9" in found.not_yet


def test_sizes_strengths_and_clarity_agree_with_the_placements(found: Finding) -> None:
    for theme in found.themes:
        members = [
            text for text, placed in found.placements.items() if theme.key in {placement.theme for placement in placed}
        ]
        assert theme.size == len(members) >= 3
        assert set(theme.typical) <= set(members)
        assert 0 <= theme.clarity <= 1
    assert all(0 < placement.strength <= 1 for placed in found.placements.values() for placement in placed)


def test_a_theme_belongs_to_the_question_that_was_asked(found: Finding) -> None:
    direction = {theme.key: theme.direction for theme in found.themes}
    assert all(text.startswith(direction[placed[0].theme]) for text, placed in found.placements.items())


@settings(max_examples=15, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_the_texts_changes_nothing(mixed: random.Random) -> None:
    ours = settings_from(load("analysis/themes"), load("analysis/stop_words"))
    shuffled = list(TEXTS)
    mixed.shuffle(shuffled)
    assert find_themes(shuffled, ours, fingerprint) == find_themes(TEXTS, ours, fingerprint)


def test_a_model_kept_as_json_places_each_text_as_it_was_found(found: Finding) -> None:
    kept = ThemeModel.from_json(found.model.to_json())
    assert kept == found.model
    for text in TEXTS:
        assert tuple(place(text, kept)) == found.placements.get(text.id, ())


def test_a_new_text_finds_its_theme_without_learning_again(found: Finding) -> None:
    label = {theme.key: theme.label for theme in found.themes}
    assert "bus" in label[place(Text("new", "Waited in the rain, bus late", "not_working"), found.model)[0].theme]
    assert place(Text("new", "zebra", "not_working"), found.model) == []
    assert place(Text("new", "nothing", "not_working"), found.model) == []
    assert place(Text("new", "the bus was late", "another question"), found.model) == []


def test_praise_is_no_theme_of_what_does_not_work(found: Finding) -> None:
    assert place(Text("new", "The bus is brilliant, lovely driver, thank you", "not_working"), found.model) == []


def test_a_text_may_be_about_two_things(found: Finding) -> None:
    assert len(place(Text("new", "the bus is late and the noise at night is bad", "not_working"), found.model)) == 2


def test_a_key_of_a_theme_needs_a_secret_to_be_guessed(ours: Settings, found: Finding) -> None:
    other = find_themes(TEXTS, ours, lambda value: fingerprint(value, b"another secret"))
    words = {term for learnt in found.model.directions.values() for each in learnt.components for term in each}
    guessed = {
        hashlib.sha256("\n".join([direction, *sorted(some), "0"]).encode()).hexdigest()[:16]
        for direction in SAID
        for some in combinations(sorted(words), 3)
    }

    assert found.themes
    keys = {theme.key for theme in found.themes}
    assert keys.isdisjoint(theme.key for theme in other.themes)
    assert keys.isdisjoint(guessed)
    assert keys == {theme.key for theme in find_themes(TEXTS, ours, fingerprint).themes}


def test_a_theme_keeps_its_key_when_new_texts_come(ours: Settings, found: Finding) -> None:
    more = [
        Text(f"new-{at}", words, "not_working")
        for at, words in enumerate(["bus late", "late bus today", "bus stop moved, bus late"])
    ]
    again = find_themes([*TEXTS, *more], ours, fingerprint, before=found.model)
    before = {theme.key: theme.label for theme in found.themes}
    kept = [theme for theme in again.themes if theme.key in before]
    assert len(kept) >= len(before) - 1
    assert any("bus" in theme.label and "bus" in before[theme.key] for theme in kept)


def test_a_key_gives_no_word_away(found: Finding) -> None:
    assert all(len(theme.key) == 16 and set(theme.key) <= set("0123456789abcdef") for theme in found.themes)
    assert len({theme.key for theme in found.themes}) == len(found.themes)


def test_too_few_texts_make_no_theme(ours: Settings) -> None:
    few = TEXTS[:4]
    found = find_themes(few, ours, fingerprint)
    assert (found.themes, found.placements) == ((), {})
    assert len(found.not_yet) == 4
    assert find_themes([], ours, fingerprint).themes == ()


def test_words_that_were_redacted_never_make_a_theme(ours: Settings) -> None:
    texts = [Text(str(at), f"[name] came at {at} to [address]", "works") for at in range(30)]
    assert find_themes(texts, ours, fingerprint).themes == ()


def test_another_version_of_a_model_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        ThemeModel.from_json('{"version": 99}')


def test_clarity_is_put_into_words() -> None:
    told = [clarity_in_words(clarity, load("analysis/themes")) for clarity in (0.9, 0.6, 0.1)]
    assert len(set(told)) == 3
    assert all(told)


def test_five_thousand_texts_take_seconds(ours: Settings) -> None:
    chance = random.Random(5)  # noqa: S311
    subjects = [
        f"{word}{end}"
        for word in ["bus", "noise", "garden", "cook", "swim", "rota", "phone", "shower", "bill", "walk"]
        for end in ["", "ing"]
    ]
    many = [
        Text(str(at), " ".join(chance.choices(subjects, k=6)), chance.choice(["works", "not_working"]))
        for at in range(5_000)
    ]
    started = time.perf_counter()
    found = find_themes(many, ours, fingerprint)
    assert time.perf_counter() - started < 30  # about 4 s on two idle cores
    assert found.themes


def test_a_model_that_was_kept_before_meaning_was_known_still_places() -> None:
    """Version 1, as the first release kept it."""
    learnt = {
        "idf": {"bu": 1.0, "late": 1.2},
        "keys": ["a1"],
        "labels": ["bus"],
        "components": [{"bu": 0.8, "late": 0.6}],
        "belonging": {"enough": 0.22, "also": 0.6},
    }
    kept = ThemeModel.from_json(json.dumps({"version": 1, "directions": {"not_working": learnt}}))
    assert [placed.theme for placed in place(Text("new", "the bus is late", "not_working"), kept)] == ["a1"]
    assert ThemeModel.from_json(kept.to_json()) == kept


def test_a_model_of_a_version_to_come_is_refused() -> None:
    with pytest.raises(ValueError, match="version"):
        ThemeModel.from_json('{"version": 3, "directions": {}}')
