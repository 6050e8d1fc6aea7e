"""What people do to themes that hold too much or too little: merge, split, lock, and move single answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from uuid import UUID

from sqlmodel import col, select

from learning_log.analysis.redaction import Names
from learning_log.analysis.theme_parts import Parts, parts_of
from learning_log.analysis.themes import Theme as FoundTheme
from learning_log.analysis.themes import settings_in_use
from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, meanings, teaching, theme_rows
from learning_log.services.access import Reader, may_decide_themes
from learning_log.services.deciding import known_names, own_theme
from learning_log.services.sense_making import must_read
from learning_log.services.sharing import Filters, for_team
from learning_log.services.theme_steps import taking
from learning_log.storage.records import Records
from learning_log.storage.tables import PERSON, Reflection, Theme, ThemePlacement

MOST_TO_PART = 5_000  # answers


class NotTogether(LearningLogError):
    """Only two themes of the same question can become one. Nothing was changed."""


class NoParts(LearningLogError):
    """The machine finds no parts in this theme: its answers are too few, or too much alike. Nothing was changed."""


@dataclass(frozen=True)
class Parting:
    """themes: the parts that the reader's own people spoke of, the largest first. others: how many parts besides."""

    themes: tuple[FoundTheme, ...]
    others: int


def merge(records: Records, reader: Reader, theme_id: UUID, into_id: UUID) -> None:
    """The answers of one theme stand in the other from now on, and new ones too. Raises NotTogether or NotFound."""
    one, into = own_theme(records, reader, theme_id), own_theme(records, reader, into_id)
    if one.id == into.id or one.direction != into.direction:
        raise NotTogether
    with taking(records, reader.staff_id, "merged", [one, into], placements=True):
        theme_rows.hand_over(records, one.id, into.id, theme_rows.reflections_in(records, one.id))
        one.state, one.merged_into = "merged", into.id
        _decided(records, reader, one, into)
    auditing.record(records, reader.actor, "merged_themes", "theme", into.id)


def parts(records: Records, reader: Reader, theme_id: UUID) -> Parting:
    """What split would make of it; nothing where it does not fall apart. Changes nothing."""
    found = _parts(records, own_theme(records, reader, theme_id))
    if found is None:
        return Parting((), 0)
    shown = for_team(records.tenant, may_decide_themes(reader, records.tenant), Filters())
    inside = select(ThemePlacement.reflection_id).where(ThemePlacement.theme_id == theme_id)
    own = set(records.session.execute(select(Reflection.id).where(col(Reflection.id).in_(inside), *shown)).scalars())
    mine = tuple(part for part in found.themes if any(UUID(id) in own for id in found.placed[part.key]))
    return Parting(mine, len(found.themes) - len(mine))


def split(records: Records, reader: Reader, theme_id: UUID) -> tuple[UUID, ...]:
    """Each part becomes a theme, only proposed, in the place of this one. Raises NoParts or NotFound."""
    theme = own_theme(records, reader, theme_id)
    found = _parts(records, theme)
    known = theme_rows.kept_model(records)
    if found is None or known is None:
        raise NoParts
    rows = theme_rows.themes_by_key(records)
    gone = _keys_of(records, theme)
    with taking(records, reader.staff_id, "split", [theme], placements=True, keys=gone & known[0].keys) as taken:
        made = {}
        for part in found.themes:
            row = Theme(key=part.key, direction=part.direction, found_at=records.now, clarity=part.clarity)
            made[part.key] = records.add(row, label=part.label, terms=theme_rows.terms_as_kept(part))
        assert not made.keys() & rows.keys(), "a part has a key of its own"  # noqa: S101
        records.session.flush()
        _stand_in_parts(records, theme, {key: row.id for key, row in made.items()}, found)
        theme.state = "split"
        _decided(records, reader, theme, *made.values())
        taken.made += [row.id for row in made.values()]
        taken.keys += sorted(made)
        theme_rows.change_model(records, known[0].without(gone).beside(found.model))
    auditing.record(records, reader.actor, "split_theme", "theme", theme.id)
    return tuple(made[part.key].id for part in found.themes)


def lock(records: Records, reader: Reader, theme_id: UUID, locked: bool = True) -> None:
    """While it is locked the machine puts new answers in, and else changes nothing about it. Raises NotFound."""
    theme = own_theme(records, reader, theme_id)
    if theme.locked == locked:
        return
    kind = "locked" if locked else "unlocked"
    with taking(records, reader.staff_id, kind, [theme]):
        theme.locked = locked
        _decided(records, reader, theme)
    auditing.record(records, reader.actor, f"{kind}_theme", "theme", theme.id)


def move(records: Records, reader: Reader, reflection_id: UUID, theme_ids: Sequence[UUID]) -> None:
    """The answer stands in exactly these themes from now on, or in none; the machine leaves it there.

    From eight such answers on a theme takes in new ones that are like them. Raises NotFound or NotTogether.
    """
    reflection = must_read(records, reader, reflection_id)
    if not theme_rows.readable(records, [reflection.id]):
        raise NotFound
    stands = select(Theme).join(ThemePlacement, col(ThemePlacement.theme_id) == Theme.id)
    old = {one.id: one for one in records.all(stands.where(ThemePlacement.reflection_id == reflection.id))}
    new = [old.get(id) or own_theme(records, reader, id) for id in dict.fromkeys(theme_ids)]
    if any(theme.direction != reflection.direction for theme in new):
        raise NotTogether
    concerned = list({**old, **{theme.id: theme for theme in new}}.values())
    with taking(records, reader.staff_id, "moved", concerned, placements=True, of=[reflection.id]):
        theme_rows.delete_placements(records, col(ThemePlacement.reflection_id) == reflection.id)
        rows = [theme_rows.placement(records, theme.id, reflection.id, 1.0, PERSON) for theme in new]
        theme_rows.add_placements(records, rows)
        reflection.moved_at = reflection.placed_at = records.now
        records.session.flush()
        teaching.teach(records)
    auditing.record(records, reader.actor, "moved_reflection", "reflection", reflection.id)


def _decided(records: Records, reader: Reader, *themes: Theme) -> None:
    for theme in themes:
        theme.decided_at, theme.decided_by = records.now, reader.staff_id
    records.session.flush()


def _keys_of(records: Records, theme: Theme) -> set[str]:
    """Of the theme, of those that were merged into it, and of what people taught them."""
    return {key for key, id in theme_rows.ids_by_key(records).items() if id == theme.id}


def _parts(records: Records, theme: Theme) -> Parts | None:
    known = theme_rows.kept_model(records)
    learnt = known[0].directions.get(theme.direction) if known else None
    if known is None or learnt is None:
        return None
    ids = sorted(theme_rows.reflections_in(records, theme.id))[-MOST_TO_PART:]
    names = Names(known_names(records))
    texts = []
    for start in range(0, len(ids), theme_rows.CHUNK):
        some = theme_rows.texts_of(records, ids[start : start + theme_rows.CHUNK])
        texts += [
            replace(text, words=names.taken_out(text.words))
            for text in meanings.beside(records, some, known[0].read_by)
        ]
    if not texts:
        return None
    taken = replace(learnt, keys=(*learnt.keys, *theme_rows.themes_by_key(records)))
    return parts_of(texts, taken, settings_in_use(), partial(records.fingerprint, "theme.key"))


def _stand_in_parts(records: Records, theme: Theme, made: dict[str, UUID], found: Parts) -> None:
    """The answers go to their parts; what a person put in the theme stays a person's. What was not looked at waits."""
    for key, id in made.items():
        theme_rows.hand_over(records, theme.id, id, [UUID(one) for one in found.placed[key]])
    left = theme_rows.reflections_in(records, theme.id)
    theme_rows.delete_placements(records, col(ThemePlacement.theme_id) == theme.id)
    theme_rows.look_again(records, left)
