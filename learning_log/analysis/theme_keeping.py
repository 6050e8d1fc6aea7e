"""Keeps a theme the same theme from one finding to the next, when people have decided about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np

from learning_log.analysis.theme_model import ByMeaning, ByWords, Learnt, ThemeModel
from learning_log.analysis.themes import Finding

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
        if learnt and not _measured_alike(learnt.measure, earlier.measure):
            continue
        directions[one.direction] = _joined(learnt, earlier, one.key)
    return ThemeModel(directions)


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
    """What was learnt, and one theme of before: measured as before, where nothing else was learnt."""
    place = earlier.keys.index(key)
    one = replace(
        earlier,
        measure=_only(earlier, place),
        keys=(key,),
        labels=(earlier.labels[place],),
        components=(earlier.components[place],),
    )
    if learnt is None:
        return one
    return replace(
        learnt,
        measure=_both(learnt.measure, one.measure),
        keys=(*learnt.keys, key),
        labels=(*learnt.labels, *one.labels),
        components=(*learnt.components, *one.components),
    )


def _measured_alike(one: ByWords | ByMeaning, other: ByWords | ByMeaning) -> bool:
    if isinstance(one, ByMeaning) and isinstance(other, ByMeaning):
        return one.encoder == other.encoder
    return type(one) is type(other)


def _only(learnt: Learnt, place: int) -> ByWords | ByMeaning:
    if isinstance(learnt.measure, ByMeaning):
        return learnt.measure.only([place])
    return ByWords({term: learnt.measure.idf[term] for term in learnt.components[place]})


def _both(one: ByWords | ByMeaning, other: ByWords | ByMeaning) -> ByWords | ByMeaning:
    if isinstance(one, ByWords) and isinstance(other, ByWords):
        return ByWords({**other.idf, **one.idf})
    assert isinstance(one, ByMeaning) and isinstance(other, ByMeaning)  # noqa: S101, PT018  (see carried_over)
    return one.with_themes(np.vstack([one.rows, other.rows]), [*one.bars, *other.bars])
