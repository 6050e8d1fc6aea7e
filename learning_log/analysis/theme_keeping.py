"""Keeps a theme the same theme from one finding to the next, when people have decided about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from learning_log.analysis.nothing import nothing_to_report
from learning_log.analysis.theme_model import Learnt, Placement, ThemeModel, agreement, is_opposite
from learning_log.analysis.theme_terms import terms_of
from learning_log.analysis.themes import Finding, Text

SAME_TEXTS = 0.5


@dataclass(frozen=True)
class Decided:
    """A theme that people decided about, and the ids of the texts that were in it."""

    key: str
    direction: str
    texts: frozenset[str]


def with_known_keys(finding: Finding, decided: Collection[Decided]) -> Finding:
    """The finding, where a new theme with mostly the texts of a decided one that is missing takes its key."""
    found = {theme.key: theme.direction for theme in finding.themes}
    keys = {one.key for one in decided}
    texts = _texts_of(finding)
    pairs = sorted(
        (-_overlap(one.texts, texts.get(key, frozenset())), one.key, key)
        for one in decided
        for key, direction in found.items()
        if one.key not in found and key not in keys and direction == one.direction
    )
    renamed: dict[str, str] = {}
    for alike, earlier, key in pairs:
        if -alike >= SAME_TEXTS and key not in renamed and earlier not in renamed.values():
            renamed[key] = earlier
    return _renamed(finding, renamed) if renamed else finding


def carried_over(model: ThemeModel, before: ThemeModel | None, decided: Collection[Decided]) -> ThemeModel:
    """The model, with the decided themes that it no longer finds as they were learnt before."""
    directions = dict(model.directions)
    for one in sorted(decided, key=lambda one: one.key):
        learnt = directions.get(one.direction)
        earlier = before.directions.get(one.direction) if before else None
        if earlier is None or one.key not in earlier.keys or (learnt and one.key in learnt.keys):
            continue
        directions[one.direction] = _joined(learnt, earlier, one.key)
    return ThemeModel(directions)


def places_of(
    texts: Iterable[Text], model: ThemeModel, aside: Collection[str] | None = None
) -> dict[str, tuple[Placement, ...]]:
    """The themes of many texts at once, by text id; many times quicker than place(), and says the same.

    aside: ids of those that say nothing or the opposite of what was asked, where that was worked out before.
    """
    places: dict[str, tuple[Placement, ...]] = {}
    by_direction: dict[str, list[Text]] = {}
    for text in texts:
        places[text.id] = ()
        if not (text.id in aside if aside is not None else _is_aside(text)):
            by_direction.setdefault(text.direction, []).append(text)
    for direction in by_direction.keys() & model.directions.keys():
        learnt, here = model.directions[direction], by_direction[direction]
        rows = learnt.strengths([terms_of(text.words) for text in here])
        places |= {text.id: learnt.placements(row) for text, row in zip(here, rows, strict=True)}
    return places


def _is_aside(text: Text) -> bool:
    return nothing_to_report(text.words) or is_opposite(agreement(text.words, text.direction))


def _texts_of(finding: Finding) -> dict[str, frozenset[str]]:
    texts: dict[str, set[str]] = {}
    for id, placements in finding.placements.items():
        for placement in placements:
            texts.setdefault(placement.theme, set()).add(id)
    return {key: frozenset(ids) for key, ids in texts.items()}


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / max(1, len(one) + len(other))


def _renamed(finding: Finding, keys: Mapping[str, str]) -> Finding:
    directions = {
        direction: replace(learnt, keys=tuple(keys.get(key, key) for key in learnt.keys))
        for direction, learnt in finding.model.directions.items()
    }
    placements = {
        id: tuple(replace(placement, theme=keys.get(placement.theme, placement.theme)) for placement in each)
        for id, each in finding.placements.items()
    }
    themes = tuple(replace(theme, key=keys.get(theme.key, theme.key)) for theme in finding.themes)
    return replace(finding, themes=themes, placements=placements, model=ThemeModel(directions))


def _joined(learnt: Learnt | None, earlier: Learnt, key: str) -> Learnt:
    place = earlier.keys.index(key)
    label, component = earlier.labels[place], earlier.components[place]
    idf = {term: earlier.idf[term] for term in component}
    if learnt is None:
        return replace(earlier, idf=idf, keys=(key,), labels=(label,), components=(component,))
    return replace(
        learnt,
        idf={**idf, **learnt.idf},
        keys=(*learnt.keys, key),
        labels=(*learnt.labels, label),
        components=(*learnt.components, component),
    )
