"""Themes that people named beforehand. All texts are invented."""

from __future__ import annotations

import numpy as np
import pytest

from learning_log.analysis.encoder import Encoder, of_length_one
from learning_log.analysis.theme_model import ThemeModel
from learning_log.analysis.theme_seeds import drawn_to
from learning_log.analysis.themes import Finding, Seed, Settings, Text, find_themes, settings_in_use
from tests.analysis.test_themes import fingerprint
from tests.analysis.test_themes_by_meaning import SAID

TEXTS = [Text(f"{topic}-{at}", words, "not_working") for topic, said in SAID.items() for at, words in enumerate(said)]


@pytest.fixture(scope="module")
def ours() -> Settings:
    return settings_in_use()


def seeds(encoder: Encoder, *names: str) -> list[Seed]:
    return [Seed(name, vector) for name, vector in zip(names, encoder.encode(names), strict=True)]


def find(encoder: Encoder, ours: Settings, *names: str, reverse: bool = False) -> Finding:
    texts = TEXTS[::-1] if reverse else TEXTS
    vectors = encoder.encode([text.words for text in texts])
    read = [
        Text(text.id, text.words, text.direction, vector[None]) for text, vector in zip(texts, vectors, strict=True)
    ]
    return find_themes(read, ours, fingerprint, encoder=encoder.name, seeds=seeds(encoder, *names))


def topics_in(found: Finding, label: str) -> set[str]:
    (key,) = [theme.key for theme in found.themes if theme.label == label]
    strongest = {id: placed[0].theme for id, placed in found.placements.items()}
    return {id.split("-")[0] for id, theme in strongest.items() if theme == key}


def test_a_name_becomes_the_theme_of_what_is_about_it(encoder: Encoder, ours: Settings) -> None:
    found = find(encoder, ours, "Buses and taxis", "Money and bills", "Noise at night")
    assert {theme.label for theme in found.themes} == {"Buses and taxis", "Money and bills", "Noise at night"}
    assert topics_in(found, "Money and bills") == {"money"}
    assert topics_in(found, "Noise at night") == {"noise"}


def test_what_was_said_besides_is_found_as_ever(encoder: Encoder, ours: Settings) -> None:
    found = find(encoder, ours, "Money and bills")
    assert topics_in(found, "Money and bills") == {"money"}
    assert len(found.themes) > 1


def test_a_name_that_nobody_spoke_of_is_no_theme(encoder: Encoder, ours: Settings) -> None:
    named = find(encoder, ours, "Money and bills", "Religious services in church")
    assert "Religious services in church" not in {theme.label for theme in named.themes}
    assert topics_in(named, "Money and bills") == {"money"}
    assert find(encoder, ours, "Religious services in church").themes == find(encoder, ours).themes


def test_the_same_names_give_the_same_themes_in_any_order_of_answers(encoder: Encoder, ours: Settings) -> None:
    one, other = (
        find(encoder, ours, "Money and bills", "Noise at night"),
        find(encoder, ours, "Money and bills", "Noise at night", reverse=True),
    )
    assert (one.themes, one.placements) == (other.themes, other.placements)


def test_the_names_are_kept_with_what_was_learnt(encoder: Encoder, ours: Settings) -> None:
    model = find(encoder, ours, "Money and bills", "Noise at night").model
    assert ThemeModel.from_json(model.to_json()).seeds == ("Money and bills", "Noise at night")
    assert model.without(model.keys).seeds == model.seeds


def test_each_text_is_shared_out_among_the_names(encoder: Encoder) -> None:
    vectors = encoder.encode([text.words for text in TEXTS])
    names = encoder.encode(["Transport", "Noise at night", "Money and bills"])
    middle = vectors.mean(axis=0)
    shares = drawn_to(of_length_one(vectors - middle), of_length_one(names - middle))
    assert np.allclose(shares.sum(axis=1), 1)
    told = [list(SAID).index(text.id.split("-")[0]) for text in TEXTS]
    named = dict(enumerate(["transport", "noise", "money"]))
    assert (
        np.mean([named[int(at)] == list(SAID)[own] for at, own in zip(shares.argmax(axis=1), told, strict=True)]) > 0.8
    )
