"""What people moved into a theme teaches it: from eight answers on, the theme takes in what is like them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np
from sqlmodel import col, select

from learning_log import config
from learning_log.analysis.theme_groups import Bar, centroids_of
from learning_log.analysis.theme_model import ByMeaning, Learnt, ThemeModel
from learning_log.services import meanings, theme_rows
from learning_log.storage.records import Records
from learning_log.storage.tables import OUT_OF_USE, PERSON, Theme, ThemePlacement

FEWEST_EXAMPLES = 8
FARTHER = 0.1  # so many of the examples themselves may be further off than the bar


def taught(model: ThemeModel) -> set[str]:
    """The keys of what was learnt from people's examples."""
    return {key for key in model.keys if key.endswith(theme_rows.TAUGHT)}


def with_examples(records: Records, model: ThemeModel) -> ThemeModel:
    """The model, with a second middle for each theme that people moved at least eight answers into.

    Only by meaning. It decides about new answers; those that stand somewhere stay there.
    """
    plain = model.without(taught(model))
    encoder = plain.read_by
    if encoder is None:
        return plain
    for theme in sorted(theme_rows.themes_by_key(records).values(), key=lambda one: one.key):
        learnt = plain.directions.get(theme.direction)
        examples = _examples(records, theme)
        if learnt is None or len(examples) < FEWEST_EXAMPLES or theme.state in OUT_OF_USE:
            continue
        vectors = [one[0] for one in meanings.read(records, examples, encoder).values()]
        if len(vectors) >= FEWEST_EXAMPLES:
            made = _second_middle(records, theme, learnt, np.array(vectors, dtype=np.float32))
            plain = plain.beside(ThemeModel({theme.direction: made}, plain.encoder))
    return plain


def teach(records: Records) -> None:
    """After something was moved: what was learnt follows people's examples as they are now."""
    known = theme_rows.kept_model(records)
    if known and (learnt := with_examples(records, known[0])).to_json() != known[0].to_json():
        theme_rows.change_model(records, learnt)


def _examples(records: Records, theme: Theme) -> Sequence[UUID]:
    moved = select(ThemePlacement.reflection_id).where(
        ThemePlacement.theme_id == theme.id, col(ThemePlacement.placed_by) == PERSON
    )
    return sorted(records.session.execute(moved).scalars())


def _second_middle(records: Records, theme: Theme, learnt: Learnt, vectors: np.ndarray) -> Learnt:
    assert isinstance(learnt.measure, ByMeaning)  # noqa: S101  (see with_examples)
    limits = config.load("analysis/themes")["finding"]
    one_group = np.zeros(len(vectors), dtype=np.int64)
    bar = Bar(FARTHER, limits["far"], limits["near"])
    middles, bars = centroids_of(learnt.measure.seen(vectors), one_group, bar)
    return replace(
        learnt,
        measure=learnt.measure.with_themes(middles, bars),
        keys=(theme.key + theme_rows.TAUGHT,),
        labels=(records.text(theme, "label"),),
        components=({},),
    )
