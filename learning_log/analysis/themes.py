"""Finds what many texts are about, apart for each direction: by what they mean or, without an encoder, by the words
that they share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from learning_log.analysis.nothing import nothing_to_report
from learning_log.analysis.theme_components import (
    Component,
    Settings,
    components_of,
    likeness,
    settings_from,
    settings_in_use,
)
from learning_log.analysis.theme_groups import Bar, centroids_of, groups_of, terms_of_groups
from learning_log.analysis.theme_labels import Heard, labels_of, spelled
from learning_log.analysis.theme_model import (
    Belonging,
    ByMeaning,
    ByWords,
    Learnt,
    Numbers,
    Placement,
    Text,
    ThemeModel,
    agreement,
    is_opposite,
    place,
    places_of,
)
from learning_log.analysis.theme_seeds import Seed, groups_around
from learning_log.analysis.theme_terms import terms_of

__all__ = [
    "Finding",
    "Placement",
    "Seed",
    "Settings",
    "Text",
    "Theme",
    "ThemeModel",
    "clarity_in_words",
    "find_themes",
    "place",
    "places_of",
    "settings_from",
    "settings_in_use",
]

_HEARD_FOR_A_LABEL = 120
_MAIN_TERMS = 3
_EASY_TO_READ = 60  # letters
_KEY_BYTES = 8

Fingerprint = Callable[[str], bytes]


@dataclass(frozen=True)
class Theme:
    """terms: as people wrote them, the heaviest first. typical: text ids. clarity: 0 to 1, how sure the machine is."""

    key: str
    direction: str
    label: str
    terms: tuple[str, ...]
    size: int
    typical: tuple[str, ...]
    clarity: float


@dataclass(frozen=True)
class Finding:
    """themes: by direction, the largest first. placements: by text id, for texts that belong somewhere.

    not_yet: ids that fit no theme yet. nothing: ids that say there is nothing to report. opposite: ids that praise
    where it was asked what does not work, or complain where it was asked what does: they are in no theme of it.
    """

    themes: tuple[Theme, ...]
    placements: Mapping[str, tuple[Placement, ...]]
    not_yet: tuple[str, ...]
    nothing: tuple[str, ...]
    opposite: tuple[str, ...]
    model: ThemeModel


@dataclass(frozen=True)
class _Said:
    """What was said to one question: the texts, and their strengths once something is learnt."""

    texts: Sequence[Text]
    agreements: Sequence[float]
    learnt: Learnt
    strengths: Numbers


def find_themes(
    texts: Sequence[Text],
    settings: Settings,
    fingerprint: Fingerprint,
    before: ThemeModel | None = None,
    encoder: str = "",
    seeds: Sequence[Seed] = (),
) -> Finding:
    """The themes of the texts, the same in whatever order they come. Needs no corpus and no network; ids are unique.

    fingerprint: a hash that needs a secret; a new theme's key is made with it, as it could be guessed otherwise from
    what people said. before: what was learnt last; a theme that is still the same theme keeps its key. encoder: the
    name of the one that read all the texts; without one themes are found by the words that texts share. seeds: names
    to look for, read by it too; what was said besides is found as without them.
    """
    ordered = sorted(texts, key=lambda text: (text.direction, text.words, text.id))
    nothing = {text.id for text in ordered if nothing_to_report(text.words)}
    agreements = {text.id: agreement(text.words, text.direction) for text in ordered}
    opposite = {text_id for text_id, agrees in agreements.items() if is_opposite(agrees)} - nothing
    aside = nothing | opposite
    themes: list[Theme] = []
    placements: dict[str, tuple[Placement, ...]] = {}
    learnt: dict[str, Learnt] = {}
    for direction in sorted({text.direction for text in ordered}):
        said = [text for text in ordered if text.direction == direction and text.id not in aside]
        agreed = [agreements[text.id] for text in said]
        earlier = before.directions.get(direction) if before else None
        one = _learn(said, agreed, settings, fingerprint, earlier, encoder, seeds)
        if not one.learnt.keys:
            continue
        learnt[direction] = one.learnt
        themes.extend(_themes(direction, one, settings))
        for text, row in zip(one.texts, one.strengths, strict=True):
            if found := one.learnt.placements(row):
                placements[text.id] = found
    not_yet = tuple(sorted({text.id for text in ordered} - set(placements) - aside))
    model = ThemeModel(learnt, encoder, tuple(seed.name for seed in seeds))
    return Finding(tuple(themes), placements, not_yet, tuple(sorted(nothing)), tuple(sorted(opposite)), model)


def named(
    learnt: Learnt, texts: Sequence[Text], settings: Settings, fingerprint: Fingerprint, taken: Collection[str] = ()
) -> tuple[Learnt, tuple[Theme, ...]]:
    """Themes that have numbers only, with keys and labels from these texts, which all answer one question.

    taken: keys that other themes have.
    """
    direction = texts[0].direction
    said = _Said(texts, [agreement(text.words, direction) for text in texts], learnt, learnt.strengths(texts))
    keys = _keys(direction, learnt.components, {}, set(taken), fingerprint)
    labels = _labels(said, _stops(settings, direction), settings)
    said = replace(said, learnt=replace(learnt, keys=keys, labels=labels))
    return said.learnt, tuple(_themes(direction, said, settings))


def clarity_in_words(clarity: float, config: Mapping[str, Any]) -> str:
    """What a reader is told; config: the table of config/analysis/themes.toml, its steps from the surest down."""
    return next((str(step["words"]) for step in config["clarity"] if clarity >= step["from"]), "")


def _learn(
    texts: Sequence[Text],
    agreements: Sequence[float],
    settings: Settings,
    fingerprint: Fingerprint,
    before: Learnt | None,
    encoder: str,
    seeds: Sequence[Seed],
) -> _Said:
    direction = texts[0].direction if texts else ""
    stops = _stops(settings, direction)
    documents = [terms_of(text.words, stops, settings.only_in_pairs) for text in texts]
    learnt = _by_meaning(texts, documents, settings, encoder, seeds) if encoder else _by_words(documents, settings)
    said = _worth_telling(_Said(texts, agreements, learnt, learnt.strengths(texts)), settings)
    components = said.learnt.components
    earlier = _earlier_keys(said.learnt, before, settings)
    keys = _keys(direction, components, earlier, set(before.keys if before else ()), fingerprint)
    labels = _labels(said, stops, settings)
    return replace(said, learnt=replace(said.learnt, keys=keys, labels=labels))


def _stops(settings: Settings, direction: str) -> frozenset[str]:
    return settings.stop_words | settings.stop_words_of.get(direction, frozenset())


def _by_words(documents: Sequence[Sequence[str]], settings: Settings) -> Learnt:
    idf, found = components_of(documents, settings)
    return _learnt(ByWords(idf), found, settings)


def _by_meaning(
    texts: Sequence[Text],
    documents: Sequence[Sequence[str]],
    settings: Settings,
    encoder: str,
    seeds: Sequence[Seed],
) -> Learnt:
    vectors = np.array([text.vectors[0] for text in texts if text.vectors is not None], dtype=np.float32)
    if len(vectors) < settings.least_texts:
        return _learnt(ByWords({}), [], settings)
    measure = ByMeaning.of(encoder, vectors.mean(axis=0), settings.spread)
    seen = measure.seen(vectors)
    names: list[str] = []
    if seeds:
        groups, named = groups_around(vectors, np.array([seed.vector for seed in seeds]), vectors.mean(axis=0))
        names = ["" if at is None else seeds[at].name for at in named]
    else:
        groups = groups_of(vectors)
    bar = Bar(settings.not_yet_share, settings.far, settings.near)
    centroids, bars = centroids_of(seen, groups, bar)
    found = terms_of_groups(documents, groups, settings)
    return _learnt(measure.with_themes(centroids, bars), found, settings, names)


def _learnt(
    measure: ByWords | ByMeaning, components: Sequence[Component], settings: Settings, names: Sequence[str] = ()
) -> Learnt:
    """The themes have numbers until they get their keys. names: the labels of those that have one already."""
    keys = tuple(str(at) for at in range(len(components)))
    belonging = Belonging(settings.belongs_from, settings.also_from)
    return Learnt(measure, keys, tuple(names) or ("",) * len(keys), tuple(components), belonging)


def _worth_telling(said: _Said, settings: Settings) -> _Said:
    """Drops the least theme that is too small or too unclear, again and again: its texts may go to another."""
    least = max(settings.least_size, round(settings.least_share * len(said.texts)))
    while said.learnt.keys:
        belongs = _belongs(said)
        sizes, clarities = belongs.sum(axis=0), _clarities(said, belongs)
        poor = [at for at in range(len(sizes)) if sizes[at] < least or clarities[at] < settings.clear_enough]
        if not poor:
            break
        dropped = set(sorted(poor, key=lambda at: (int(sizes[at]), at))[: max(1, len(poor) // 2)])
        stay = [at for at in range(len(sizes)) if at not in dropped]
        measure = said.learnt.measure
        if isinstance(measure, ByMeaning):
            measure = measure.only(stay)
        labels = [said.learnt.labels[at] for at in stay]
        learnt = _learnt(measure, [said.learnt.components[at] for at in stay], settings, labels)
        said = replace(said, learnt=learnt, strengths=learnt.strengths(said.texts))
    return said


def _belongs(said: _Said) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """One row a text, one column a theme: whether the text belongs there."""
    rule = said.learnt.belonging
    bar = np.maximum(rule.enough, rule.also * said.strengths.max(axis=1, initial=0.0))
    belongs: np.ndarray[Any, np.dtype[np.bool_]] = said.strengths >= bar[:, None]
    return belongs


def _clarities(said: _Said, belongs: np.ndarray[Any, np.dtype[np.bool_]]) -> list[float]:
    """How far a theme's texts are its own: their margin over the next theme, and by words also how many say its main
    terms."""
    return [
        _clarity(said, at, [int(text) for text in np.flatnonzero(belongs[:, at])]) for at in range(belongs.shape[1])
    ]


def _clarity(said: _Said, at: int, members: list[int]) -> float:
    if not members:
        return 0.0
    own = said.strengths[members, at]
    others = np.delete(said.strengths[members], at, axis=1).max(axis=1, initial=0.0)
    margin = float((own / (own + others)).mean())
    if isinstance(said.learnt.measure, ByMeaning):
        return round(margin, 4)
    component = said.learnt.components[at]
    main = set(sorted(component, key=lambda term: (-component[term], term))[:_MAIN_TERMS])
    saying = sum(not main.isdisjoint(said.texts[text].terms) for text in members) / len(members)
    return round(margin * saying, 4)


def _themes(direction: str, said: _Said, settings: Settings) -> list[Theme]:
    belongs = _belongs(said)
    clarities = _clarities(said, belongs)
    themes = []
    for at, key in enumerate(said.learnt.keys):
        nearest = _nearest(said, at)
        terms = spelled(said.learnt.components[at], [said.texts[text].words for text in nearest[:_HEARD_FOR_A_LABEL]])
        typical = tuple(said.texts[text].id for text in nearest[: settings.typical])
        size = int(belongs[:, at].sum())
        themes.append(Theme(key, direction, said.learnt.labels[at], terms, size, typical, clarities[at]))
    return sorted(themes, key=lambda theme: (-theme.size, theme.key))


def _nearest(said: _Said, at: int) -> list[int]:
    """The texts of a theme, the most typical first: strong in it alone, feeling as asked, short enough to read."""
    column = said.strengths[:, at]
    typical = column - (said.strengths.sum(axis=1) - column) / 2 + np.asarray(said.agreements) / 2
    members = [int(member) for member in np.flatnonzero(_belongs(said)[:, at])]
    return sorted(
        members,
        key=lambda text: (-round(float(typical[text]), 1), abs(len(said.texts[text].words) - _EASY_TO_READ), text),
    )


def _labels(said: _Said, stops: frozenset[str], settings: Settings) -> tuple[str, ...]:
    if not said.learnt.keys:
        return ()
    strongest, belongs = said.strengths.argmax(axis=1), _belongs(said).any(axis=1)
    heard = [
        Heard(
            [said.texts[int(text)].terms for text in np.flatnonzero((strongest == at) & belongs)],
            [said.texts[text].words for text in _nearest(said, at)[:_HEARD_FOR_A_LABEL]],
        )
        for at in range(len(said.learnt.keys))
    ]
    found = labels_of(heard, stops, settings.mixed)
    return tuple(given or label for given, label in zip(said.learnt.labels, found, strict=True))


def _earlier_keys(found: Learnt, before: Learnt | None, settings: Settings) -> dict[int, str]:
    """The key of the earlier theme that is most like each one, where there is one."""
    if before is None:
        return {}
    same = settings.same_as_before
    pairs = [
        (alike, at, key)
        for at, row in enumerate(_likenesses(found, before))
        for key, alike in zip(before.keys, row, strict=True)
        if alike >= same
    ]
    keys: dict[int, str] = {}
    for _alike, at, key in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if at not in keys and key not in keys.values():
            keys[at] = key
    return keys


def _likenesses(found: Learnt, before: Learnt) -> list[list[float]]:
    """How alike each theme is to each of before: by their centroids where both have them, else by their terms."""
    new, old = found.measure, before.measure
    if isinstance(new, ByMeaning) and isinstance(old, ByMeaning) and new.encoder == old.encoder:
        return [[float(alike) for alike in row] for row in new.rows @ old.rows.T]
    return [[likeness(one, other) for other in before.components] for one in found.components]


def _keys(
    direction: str,
    components: Sequence[Component],
    earlier: Mapping[int, str],
    taken: set[str],
    fingerprint: Fingerprint,
) -> tuple[str, ...]:
    """Earlier keys, and new ones that give no word away."""
    keys = dict(earlier)
    for at, component in enumerate(components):
        if at not in keys:
            keys[at] = _new_key(direction, component, taken | set(keys.values()), fingerprint)
    return tuple(keys[at] for at in range(len(components)))


def _new_key(direction: str, component: Component, taken: set[str], fingerprint: Fingerprint) -> str:
    main = sorted(sorted(component, key=lambda term: (-component[term], term))[:_MAIN_TERMS])
    for attempt in range(len(taken) + 1):
        key = fingerprint("\n".join([direction, *main, str(attempt)]))[:_KEY_BYTES].hex()
        if key not in taken:
            return key
    raise AssertionError("there is one more attempt than there are keys taken")
