"""Why a reflection stands in its themes, and not in others: for whoever asks, without showing its words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import col, select

from learning_log.analysis.encoder import Encoder
from learning_log.analysis.theme_model import ByMeaning, Learnt, Text
from learning_log.errors import NotFound
from learning_log.services import meanings, theme_rows
from learning_log.storage.records import Records
from learning_log.storage.tables import OUT_OF_USE, Reflection, Theme, ThemePlacement

NEXT = 3  # themes that it does not stand in, and that come nearest


@dataclass(frozen=True)
class Reason:
    """One theme that a reflection stands in, or the nearest that it does not.

    placed_by: machine, person, or nothing where it does not stand there. near and bar: cosines, by meaning: how near
    its nearest point is, and how near it has to be. terms: how many of the theme's terms it uses.
    """

    theme: UUID
    label: str
    placed_by: str
    strength: float
    near: float | None
    bar: float | None
    terms: int


def why(records: Records, reflection: UUID, encoder: Encoder | None = None) -> list[Reason]:
    """The themes that it stands in, and then the nearest others of what was asked. Raises NotFound, also for what is
    not to be read for themes."""
    row = records.get(Reflection, reflection)
    if not theme_rows.readable(records, [reflection]):
        raise NotFound("This answer is for its writer alone, was taken back or corrected, or says nothing.")
    rows = theme_rows.themes_by_key(records).values()
    in_use = [one for one in rows if one.direction == row.direction and one.state not in OUT_OF_USE]
    themes = {one.key: one for one in in_use}
    stands = records.all(select(ThemePlacement).where(col(ThemePlacement.reflection_id) == reflection))
    placed = {one.theme_id: one for one in stands}
    known = theme_rows.kept_model(records)
    learnt = known[0].directions.get(row.direction) if known else None
    # What two encoders make of words is never compared.
    text = _text(records, row, encoder if encoder and known and known[0].encoder == encoder.name else None)
    strengths = _strengths(learnt, text)
    reasons = [
        _reason(records, theme, placed.get(theme.id), learnt, text, strengths.get(theme.key, 0.0))
        for theme in themes.values()
    ]
    inside = [one for one in reasons if one.placed_by]
    outside = [one for one in reasons if not one.placed_by]
    return [*_nearest_first(inside), *_nearest_first(outside)[:NEXT]]


def _nearest_first(reasons: Sequence[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda one: (-one.strength, -(one.near or 0.0), -one.terms, one.theme))


def _text(records: Records, row: Reflection, encoder: Encoder | None) -> Text:
    read = meanings.read(records, [row.id], encoder) if encoder else {}
    return Text(str(row.id), records.text(row, "words"), row.direction, read.get(row.id))


def _strengths(learnt: Learnt | None, text: Text) -> dict[str, float]:
    """By the key of the theme; none where the text was not read by what the themes were learnt with."""
    if learnt is None or (isinstance(learnt.measure, ByMeaning) and text.vectors is None):
        return {}
    strengths = dict(zip(learnt.keys, map(float, learnt.strengths([text])[0]), strict=True))
    taught = {key: strengths.get(key + theme_rows.TAUGHT, 0.0) for key in strengths}
    return {key: max(strength, taught[key]) for key, strength in strengths.items()}


def _reason(
    records: Records, theme: Theme, placed: ThemePlacement | None, learnt: Learnt | None, text: Text, strength: float
) -> Reason:
    at = learnt.keys.index(theme.key) if learnt and theme.key in learnt.keys else None
    near = bar = None
    if learnt and at is not None and isinstance(learnt.measure, ByMeaning) and text.vectors is not None:
        near = float((learnt.measure.seen(text.vectors) @ learnt.measure.rows[at]).max())
        bar = learnt.measure.bars[at]
    terms = len(set(learnt.components[at]) & set(text.terms)) if learnt and at is not None else 0
    return Reason(
        theme=theme.id,
        label=records.text(theme, "label"),
        placed_by=placed.placed_by if placed else "",
        strength=round(placed.strength if placed else strength, 4),
        near=None if near is None else round(near, 4),
        bar=bar,
        terms=terms,
    )
