"""The parts of one theme, for people who find that it holds too much; and a theme of what is in none yet."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from learning_log.analysis.encoder import of_length_one
from learning_log.analysis.theme_components import Settings, components_of
from learning_log.analysis.theme_groups import Bar, centroids_of, parts_of_group, terms_of_groups
from learning_log.analysis.theme_model import ByMeaning, ByWords, Learnt, Text, ThemeModel, is_aside
from learning_log.analysis.theme_terms import terms_of
from learning_log.analysis.themes import Fingerprint, Theme, named

_PARTS = 4  # by words: so many are looked for, and those that nobody speaks of fall away
_ROUNDS = 3
_ALL_OWN = 0.0  # no text of a part is further off than its bar


@dataclass(frozen=True)
class Parts:
    """themes: the largest first. placed: for each theme's key, the ids of its texts. model: what was learnt of them."""

    themes: tuple[Theme, ...]
    placed: Mapping[str, tuple[str, ...]]
    model: ThemeModel


def parts_of(texts: Sequence[Text], learnt: Learnt, settings: Settings, fingerprint: Fingerprint) -> Parts | None:
    """Two to six themes in the place of the one that these texts are in; none where it does not fall apart.

    learnt: how its direction was learnt. Each text goes to one part; the same whatever order they come in.
    """
    ordered = sorted(texts, key=lambda text: (text.words, text.id))
    if isinstance(learnt.measure, ByWords):
        return _by_words(ordered, learnt, settings, fingerprint)
    seen = learnt.measure.seen(_first_vectors(ordered))
    groups = parts_of_group(seen, settings.least_size)
    return None if groups is None else _made(ordered, groups, learnt, settings, fingerprint)


def new_among(
    texts: Sequence[Text], learnt: Learnt, settings: Settings, fingerprint: Fingerprint, least: int
) -> Parts | None:
    """A theme of at least `least` of these texts, which are in none yet; nothing where they are not like each other.

    The text that most others are near to, with those that are near their common middle. Only by meaning: what shares no
    word with any theme seldom shares one with itself.
    """
    if not isinstance(learnt.measure, ByMeaning):
        return None
    ordered = sorted((text for text in texts if not is_aside(text)), key=lambda text: (text.words, text.id))
    if len(ordered) < max(least, 1):
        return None
    seen = learnt.measure.seen(_first_vectors(ordered))
    near = np.array([(row @ seen.T >= settings.near).sum() for row in seen])
    around = seen @ seen[int(near.argmax())] >= settings.near
    for _ in range(_ROUNDS):
        middle = of_length_one(seen[around].sum(axis=0, keepdims=True))[0]
        around = seen @ middle >= settings.near
    if around.sum() < least:
        return None
    members = [text for text, inside in zip(ordered, around, strict=True) if inside]
    return _made(members, np.zeros(len(members), dtype=np.int64), learnt, settings, fingerprint)


def _made(
    texts: Sequence[Text], groups: np.ndarray, learnt: Learnt, settings: Settings, fingerprint: Fingerprint
) -> Parts:
    assert isinstance(learnt.measure, ByMeaning)  # noqa: S101  (see parts_of)
    vectors = _first_vectors(texts)
    centroids, bars = centroids_of(learnt.measure.seen(vectors), groups, _bar(settings))
    components = terms_of_groups([terms_of(text.words, _stops(settings, texts)) for text in texts], groups, settings)
    return _named(texts, groups, learnt, components, learnt.measure.with_themes(centroids, bars), settings, fingerprint)


def _by_words(texts: Sequence[Text], learnt: Learnt, settings: Settings, fingerprint: Fingerprint) -> Parts | None:
    documents = [terms_of(text.words, _stops(settings, texts), settings.only_in_pairs) for text in texts]
    idf, components = components_of(documents, replace(settings, most_themes=_PARTS))
    strengths = ByWords(idf).strengths(texts, components)
    while len(components) > 1:
        groups = strengths.argmax(axis=1)
        sizes = np.bincount(groups[strengths.max(axis=1) > 0], minlength=len(components))
        if sizes.min() >= settings.least_size:
            return _named(texts, groups, learnt, components, ByWords(idf), settings, fingerprint)
        stay = [at for at in range(len(components)) if at != int(sizes.argmin())]
        components, strengths = [components[at] for at in stay], strengths[:, stay]
    return None


def _named(
    texts: Sequence[Text],
    groups: np.ndarray,
    learnt: Learnt,
    components: Sequence[Mapping[str, float]],
    measure: ByWords | ByMeaning,
    settings: Settings,
    fingerprint: Fingerprint,
) -> Parts:
    numbers = tuple(str(at) for at in range(len(components)))
    unnamed = replace(learnt, measure=measure, keys=numbers, labels=("",) * len(numbers), components=tuple(components))
    made, themes = named(unnamed, texts, settings, fingerprint, learnt.keys)
    placed: dict[str, tuple[str, ...]] = {}
    for at, key in enumerate(made.keys):
        placed[key] = tuple(text.id for text, group in zip(texts, groups, strict=True) if group == at)
    encoder = measure.encoder if isinstance(measure, ByMeaning) else ""
    sized = tuple(replace(theme, size=len(placed[theme.key])) for theme in themes)
    largest_first = tuple(sorted(sized, key=lambda theme: (-theme.size, theme.key)))
    return Parts(largest_first, placed, ThemeModel({texts[0].direction: made}, encoder))


def _bar(settings: Settings) -> Bar:
    return Bar(_ALL_OWN, settings.far, settings.near)


def _first_vectors(texts: Sequence[Text]) -> np.ndarray:
    vectors = [text.vectors[0] for text in texts if text.vectors is not None]
    assert len(vectors) == len(texts), "every text has to be encoded first"  # noqa: S101
    return np.array(vectors, dtype=np.float32)


def _stops(settings: Settings, texts: Sequence[Text]) -> Collection[str]:
    return settings.stop_words | settings.stop_words_of.get(texts[0].direction, frozenset())
