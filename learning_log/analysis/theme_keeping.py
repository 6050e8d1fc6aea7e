"""Keeps a theme the same theme from one finding to the next, when people have decided about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from learning_log.analysis.theme_groups import Bar, centroids_of
from learning_log.analysis.theme_model import ByMeaning, ByWords, Learnt, Text, ThemeModel
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


def carried_over(
    model: ThemeModel, before: ThemeModel | None, decided: Collection[Decided], texts: Sequence[Text] = ()
) -> ThemeModel:
    """The model, with the decided themes that it no longer finds: as they were learnt before or, where they were
    learnt in another way, from those of `texts` that were in them. By words a theme of meaning cannot go on."""
    directions = dict(model.directions)
    for one in sorted(decided, key=lambda one: one.key):
        learnt = directions.get(one.direction)
        if learnt and one.key in learnt.keys:
            continue
        earlier = before.directions.get(one.direction) if before else None
        alone = earlier.only([one.key]) if earlier and one.key in earlier.keys else None
        if alone and _encoder_of(alone.measure) == model.encoder:
            directions[one.direction] = learnt.beside(alone) if learnt else alone
        elif learnt and (again := _learnt_again(learnt, alone, one, texts)):
            directions[one.direction] = learnt.beside(again)
    return replace(model, directions=directions)


def _encoder_of(measure: ByWords | ByMeaning) -> str:
    return measure.encoder if isinstance(measure, ByMeaning) else ""


def _learnt_again(learnt: Learnt, before: Learnt | None, decided: Decided, texts: Sequence[Text]) -> Learnt | None:
    """The theme by what its texts mean. before: how it was known, for its label and its terms."""
    members = [text.vectors[:1] for text in texts if text.id in decided.texts and text.vectors is not None]
    if not isinstance(learnt.measure, ByMeaning) or not members:
        return None
    seen = learnt.measure.seen(np.concatenate(members))
    # Its texts may have little in common, or be one alone: so it is as wide as the widest of the others.
    wide = min(learnt.measure.bars)
    centroids, bars = centroids_of(seen, np.zeros(len(seen), dtype=np.int64), Bar(0.0, wide, wide))
    return replace(
        learnt,
        measure=learnt.measure.with_themes(centroids, bars),
        keys=(decided.key,),
        labels=before.labels if before else ("",),
        components=before.components if before else ({},),
    )


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
    return replace(finding, themes=themes, placements=placements, model=replace(finding.model, directions=directions))
