"""Themes by what words mean: texts that share no word stand together. All texts are invented."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from learning_log.analysis.encoder import Encoder
from learning_log.analysis.points import points_of
from learning_log.analysis.theme_keeping import Decided, carried_over
from learning_log.analysis.themes import Finding, Settings, Text, ThemeModel, find_themes, place, settings_from
from learning_log.config import load
from tests.analysis.test_themes import fingerprint

SAID = {
    "transport": [
        "The bus was late again",
        "My taxi never turned up",
        "The minibus broke down on the way",
        "Transport to the day centre is unreliable",
        "I waited an hour for my lift home",
        "The driver forgot to collect me",
        "No trains on Sundays so I stay in",
        "They cancelled the dial-a-ride",
    ],
    "noise": [
        "Too noisy at night to sleep",
        "Loud music upstairs keeps me awake",
        "The neighbours shout after midnight",
        "Doors banging all evening",
        "I cannot rest with that racket",
        "The television next door blares",
        "Barking dogs wake everybody up",
        "It is never quiet in this house",
    ],
    "money": [
        "My benefits were stopped",
        "I cannot pay the electricity bill",
        "Universal credit is so confusing",
        "I run out of cash before the weekend",
        "The rent went up again",
        "I owe money on my gas",
        "My wages are paid late",
        "I cannot afford new shoes",
    ],
}
Read = Callable[[Iterable[Text]], list[Text]]


@pytest.fixture(scope="module")
def read(encoder: Encoder) -> Read:
    def with_vectors(texts: Iterable[Text]) -> list[Text]:
        made = []
        for text in texts:
            points = points_of(text.words)
            said = [text.words, *points] if len(points) > 1 else [text.words]
            made.append(replace(text, vectors=encoder.encode(said)))
        return made

    return with_vectors


@pytest.fixture(scope="module")
def ours() -> Settings:
    return settings_from(load("analysis/themes"), load("analysis/stop_words"))


@pytest.fixture(scope="module")
def texts(read: Read) -> list[Text]:
    said = [(f"{about}-{at}", words) for about, each in SAID.items() for at, words in enumerate(each)]
    return read(Text(id, words, "not_working") for id, words in said)


@pytest.fixture(scope="module")
def found(texts: list[Text], ours: Settings, encoder: Encoder) -> Finding:
    return find_themes(texts, ours, fingerprint, encoder=encoder.name)


def about(found: Finding, theme: str) -> Counter[str]:
    """How many texts of a theme are about what, by their ids: each counted in its strongest theme."""
    return Counter(id.split("-")[0] for id, placed in found.placements.items() if placed[0].theme == theme)


def mainly(found: Finding, theme: str) -> str:
    return about(found, theme).most_common(1)[0][0]


def test_texts_that_share_no_word_are_found_together(found: Finding) -> None:
    assert sorted(mainly(found, theme.key) for theme in found.themes) == ["money", "noise", "transport"]
    assert sum(about(found, theme.key)[mainly(found, theme.key)] for theme in found.themes) >= 20


def test_the_order_of_the_texts_changes_nothing(texts: list[Text], ours: Settings, encoder: Encoder) -> None:
    @settings(max_examples=10, deadline=None)
    @given(st.randoms(use_true_random=False))
    def in_any_order(mixed: random.Random) -> None:
        shuffled = list(texts)
        mixed.shuffle(shuffled)
        assert find_themes(shuffled, ours, fingerprint, encoder=encoder.name) == first

    first = find_themes(texts, ours, fingerprint, encoder=encoder.name)
    in_any_order()


def test_a_model_kept_as_json_places_each_text_as_it_was_found(found: Finding, texts: list[Text]) -> None:
    kept = ThemeModel.from_json(found.model.to_json())
    assert kept == found.model
    for text in texts:
        assert tuple(place(text, kept)) == found.placements.get(text.id, ())


def test_a_new_text_finds_its_theme_by_what_it_means(found: Finding, read: Read) -> None:
    (new,) = read([Text("new", "The coach left without us", "not_working")])
    assert mainly(found, place(new, found.model)[0].theme) == "transport"


def test_a_text_that_says_two_things_is_in_two_themes(found: Finding, read: Read) -> None:
    (two,) = read([Text("two", "The taxi was late. And I cannot pay my bills.", "not_working")])
    assert {mainly(found, placed.theme) for placed in place(two, found.model)} == {"transport", "money"}


def test_what_is_far_from_everything_is_honestly_in_no_theme_yet(found: Finding, read: Read) -> None:
    (far,) = read([Text("far", "my knee hurts", "not_working")])
    assert place(far, found.model) == []


def test_a_theme_keeps_its_key_when_new_texts_come(
    found: Finding, texts: list[Text], read: Read, ours: Settings, encoder: Encoder
) -> None:
    more = read([Text(f"noise-new{at}", f"So much noise on floor {at}", "not_working") for at in range(5)])
    again = find_themes([*texts, *more], ours, fingerprint, before=found.model, encoder=encoder.name)
    assert {theme.key for theme in again.themes} >= {theme.key for theme in found.themes}


def test_a_decided_theme_that_is_found_no_more_goes_on_as_it_was(found: Finding, texts: list[Text]) -> None:
    model = found.model.directions["not_working"]
    lost = replace(
        model,
        measure=model.measure.only([1, 2]),  # type: ignore[union-attr]
        keys=model.keys[1:],
        labels=model.labels[1:],
        components=model.components[1:],
    )
    decided = [Decided(model.keys[0], "not_working", frozenset())]
    joined = carried_over(ThemeModel({"not_working": lost}, found.model.encoder), found.model, decided)
    assert set(joined.directions["not_working"].keys) == set(model.keys)
    for text in texts:
        assert set(place(text, joined)) == set(found.placements.get(text.id, ()))


def test_too_few_texts_make_no_theme(texts: list[Text], ours: Settings, encoder: Encoder) -> None:
    few = find_themes(texts[:4], ours, fingerprint, encoder=encoder.name)
    assert (few.themes, few.placements, len(few.not_yet)) == ((), {}, 4)
    assert find_themes([], ours, fingerprint, encoder=encoder.name).themes == ()


def test_a_decided_theme_that_was_known_by_its_words_goes_on_by_what_they_mean(
    found: Finding, texts: list[Text], ours: Settings, read: Read
) -> None:
    """The model was installed after people had decided."""
    by_words = find_themes([*texts, *(replace(text, id=f"{text.id}-again") for text in texts)], ours, fingerprint)
    learnt = by_words.model.directions["not_working"]
    fights = read(Text(f"fight-{at}", f"Two people on my floor fight, number {at}", "not_working") for at in range(4))
    before = ThemeModel({"not_working": replace(learnt, keys=("fights", *learnt.keys[1:]))})
    decided = [Decided("fights", "not_working", frozenset(text.id for text in fights))]
    joined = carried_over(found.model, before, decided, [*texts, *fights])
    (new,) = read([Text("new", "Downstairs they are fighting", "not_working")])
    assert place(new, joined)[0].theme == "fights"
    assert len(joined.directions["not_working"].keys) == len(found.themes) + 1


def test_by_words_a_theme_of_meaning_is_not_carried_over_and_nothing_breaks(found: Finding, texts: list[Text]) -> None:
    """The model was taken away, and somebody looked for themes all the same."""
    key = found.themes[0].key
    joined = carried_over(ThemeModel({}), found.model, [Decided(key, "not_working", frozenset())])
    assert joined == ThemeModel({})
    bare = replace(texts[0], vectors=None)
    assert place(bare, joined) == []


def test_a_decided_theme_that_no_model_knows_is_learnt_from_its_texts(found: Finding, texts: list[Text]) -> None:
    """It was lost to the model while there was no encoder; the people's decision, and its answers, were kept."""
    inside = frozenset(text.id for text in texts if text.id.startswith("noise"))
    joined = carried_over(found.model, ThemeModel({}), [Decided("kept", "not_working", inside)], texts)
    assert "kept" in joined.directions["not_working"].keys
    assert place(texts[8], joined)[0].theme in {"kept", place(texts[8], found.model)[0].theme}
