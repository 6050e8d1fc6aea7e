"""How themes, their placements and what was learnt are kept. Writes many rows at a time, and only what changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, or_, update
from sqlmodel import col, select

from learning_log.analysis import themes as found_themes
from learning_log.analysis.theme_keeping import Decided
from learning_log.analysis.themes import Finding, Placement, Text, ThemeModel
from learning_log.services.sharing import for_the_team
from learning_log.storage.records import Records
from learning_log.storage.tables import (
    MACHINE,
    OUT_OF_USE,
    PERSON,
    Experiment,
    Reflection,
    ReflectionMeaning,
    Theme,
    ThemePlacement,
    new_id,
)
from learning_log.storage.tables import ThemeModel as KeptModel

DIRECTIONS = ("works", "not_working")
CHUNK = 500
PROPOSED = "proposed"
TAUGHT = "+"  # ends the key under which a theme has a second middle, made of what people moved into it

Places = Mapping[UUID, Sequence[Placement]]


def count_texts(records: Records) -> int:
    counted = select(func.count()).select_from(Reflection).where(_own(records), *may_be_read())
    return int(records.session.execute(counted).scalar_one())


def count_since(records: Records, id: UUID) -> int:
    """Reflections that were made after the row with this id, whatever they say: ids grow with time, so only those are
    looked at, and not the million before them."""
    counted = select(func.count()).select_from(Reflection).where(_own(records), col(Reflection.id) > id)
    return int(records.session.execute(counted).scalar_one())


def texts(records: Records) -> Iterator[list[Text]]:
    """All that may stand behind a theme, some hundreds at a time, in the order of their ids."""
    chunk = texts_after(records, None)
    while chunk:
        yield chunk
        chunk = texts_after(records, chunk[-1].id)


def texts_after(records: Records, last: str | None, *, without: str = "", limit: int = CHUNK) -> list[Text]:
    """The next hundreds after this id. By key and not by cursor: rows are written between two chunks.

    without: only those that the encoder of this name has not read.
    """
    wanted = _texts(records).order_by(col(Reflection.id)).limit(limit)
    if without:
        read = select(ReflectionMeaning.reflection_id).where(
            ReflectionMeaning.reflection_id == Reflection.id, ReflectionMeaning.encoder == without
        )
        wanted = wanted.where(~read.exists())
    return _opened(records, wanted.where(col(Reflection.id) > UUID(last)) if last else wanted)


def texts_of(records: Records, ids: Collection[UUID]) -> list[Text]:
    """Those of these reflections that may stand behind a theme."""
    return _opened(records, _texts(records).where(col(Reflection.id).in_(ids)))


def waiting_tenants(records: Records) -> list[UUID]:
    """Tenants with reflections that have no place as yet; `records` is open on all of them."""
    unplaced = select(Reflection.tenant_id).where(col(Reflection.placed_at).is_(None), *may_be_read())
    again = select(Reflection.tenant_id).join(KeptModel, col(KeptModel.tenant_id) == Reflection.tenant_id)
    again = again.where(col(Reflection.placed_at) < KeptModel.learnt_at, *may_be_read())
    return sorted(set(records.session.execute(unplaced.union(again)).scalars()))


def waiting(records: Records, limit: int) -> list[UUID]:
    """The tenant's that have no place in what was learnt last, the oldest first; none where nothing was learnt."""
    row = _newest_model(records)
    if row is None:
        return []
    unplaced = or_(col(Reflection.placed_at).is_(None), col(Reflection.placed_at) < row.learnt_at)
    wanted = (
        select(Reflection.id).where(_own(records), unplaced, *may_be_read()).order_by(col(Reflection.id)).limit(limit)
    )
    return list(records.session.execute(wanted).scalars())


def look_again(records: Records, ids: Collection[UUID]) -> None:
    """These reflections wait for a place again; where they stand now they stand until then."""
    for some in _some_at_a_time(ids):
        records.session.execute(update(Reflection).where(col(Reflection.id).in_(some)).values(placed_at=None))


def kept_model(records: Records) -> tuple[ThemeModel, int] | None:
    """What was learnt last, and from how many texts; none when nothing was, or by another version."""
    row = _newest_model(records)
    if row is None:
        return None
    try:
        return ThemeModel.from_json(records.text(row, "model")), row.reflections
    except ValueError:
        return None


def keep_model(records: Records, model: ThemeModel, learnt_from: int) -> None:
    """In the place of the one before; every reflection waits for its place in it. learnt_from: so many texts."""
    row, learnt = _newest_model(records), model.to_json()
    if row and records.text(row, "model") == learnt:
        row.reflections = learnt_from
        return
    records.session.execute(delete(KeptModel).where(col(KeptModel.tenant_id) == records.tenant))
    records.add(KeptModel(learnt_at=records.now, reflections=learnt_from), model=learnt)
    records.session.flush()


def change_model(records: Records, model: ThemeModel) -> None:
    """For what people changed about some themes: what stands somewhere stays there."""
    row = _newest_model(records)
    assert row is not None, "only what was learnt can be changed"  # noqa: S101
    records.seal(row, model=model.to_json())
    records.session.flush()


def model_id(records: Records) -> UUID | None:
    """Another one as soon as something else was learnt."""
    row = _newest_model(records)
    return row.id if row else None


def themes_by_key(records: Records) -> dict[str, Theme]:
    rows: Sequence[Theme] = records.all(select(Theme).where(Theme.tenant_id == records.tenant))
    return {row.key: row for row in rows}


def ids_by_key(records: Records) -> dict[str, UUID]:
    """Where a text goes that the model puts at a key: a merged theme's go where it was merged into."""
    rows = themes_by_key(records)
    by_id = {row.id: row for row in rows.values()}
    found: dict[str, UUID] = {}
    for key, row in rows.items():
        while row.merged_into is not None:
            row = by_id[row.merged_into]
        if row.state not in OUT_OF_USE:
            found[key] = found[key + TAUGHT] = row.id
    return found


def decided(records: Records, rows: Mapping[str, Theme]) -> list[Decided]:
    """The themes that people confirmed, renamed, locked, set aside, placed words in or tried something about."""
    placed = select(ThemePlacement.theme_id).where(ThemePlacement.placed_by == PERSON)
    tried = select(Experiment.theme_id).where(col(Experiment.theme_id).is_not(None))
    used = set(records.session.execute(placed.union(tried)).scalars())
    return [
        Decided(row.key, row.direction, frozenset(str(id) for id in reflections_in(records, row.id)))
        for row in rows.values()
        if row.state not in (PROPOSED, "split", "gone") or row.decided_at is not None or row.locked or row.id in used
    ]


def keep_themes(records: Records, finding: Finding, rows: dict[str, Theme], kept: Collection[str]) -> None:
    """Adds and updates. A theme in `kept`, the keys that people decided about, keeps its name."""
    for found in finding.themes:
        row = rows.get(found.key)
        if row is None:
            row = Theme(key=found.key, direction=found.direction, found_at=records.now)
            rows[found.key] = records.add(row, label=found.label, terms=terms_as_kept(found))
        elif row.state in ("split", "gone"):  # it is spoken of again
            row.state = PROPOSED
            records.seal(row, label=found.label)
        elif found.key not in kept and records.text(row, "label") != found.label:
            records.seal(row, label=found.label)
        if records.text(row, "terms") != terms_as_kept(found):
            records.seal(row, terms=terms_as_kept(found))
        row.clarity = found.clarity
    records.session.flush()


def drop_vanished(records: Records, rows: dict[str, Theme], staying: Collection[str]) -> None:
    """Removes themes that are no more. `staying`: the keys of those found and of those that people decided about."""
    vanished = {key for key, row in rows.items() if row.state not in OUT_OF_USE} - set(staying)
    for key in sorted(vanished):
        row = rows.pop(key)
        delete_placements(records, col(ThemePlacement.theme_id) == row.id)
        records.session.delete(row)
    records.session.flush()


def put(records: Records, places: Places, themes: Mapping[str, UUID]) -> None:
    """Brings the machine's placements of these reflections to `places`. themes: the ids of those that it knows, by key.

    A reflection that a person moved, and one that stands in a theme that people locked, is left where it is.
    """
    existing: dict[UUID, dict[UUID, ThemePlacement]] = {}
    known, left = set(themes.values()), _left_alone(records, list(places))
    for row in records.all(select(ThemePlacement).where(col(ThemePlacement.reflection_id).in_(list(places)))):
        existing.setdefault(row.reflection_id, {})[row.theme_id] = row
        if row.placed_by == PERSON:
            left.add(row.reflection_id)
    new = []
    for reflection in places.keys() - left:
        wanted: dict[UUID, float] = {}
        for place in places[reflection]:
            if theme := themes.get(place.theme):
                wanted[theme] = max(place.strength, wanted.get(theme, 0.0))
        before = existing.get(reflection, {})
        for theme in before.keys() & known - wanted.keys():
            records.session.delete(before[theme])
        for theme in before.keys() & wanted.keys():
            before[theme].strength = wanted[theme]
        new += [placement(records, theme, reflection, wanted[theme]) for theme in wanted.keys() - before.keys()]
    records.session.flush()
    add_placements(records, new)
    row = _newest_model(records)
    # The clock of whoever learnt may be ahead of ours.
    at = max(records.now, row.learnt_at) if row else records.now
    records.session.execute(update(Reflection).where(col(Reflection.id).in_(list(places))).values(placed_at=at))


def take_out_unread(records: Records) -> None:
    """What the machine and the encoders made of what was since taken back, corrected, or made private."""
    for kind, which in ((ThemePlacement, [col(ThemePlacement.placed_by) == MACHINE]), (ReflectionMeaning, [])):
        read = select(Reflection.id).where(col(Reflection.id) == kind.reflection_id, *may_be_read())
        gone = delete(kind).where(col(kind.tenant_id) == records.tenant, *which, ~read.exists())
        records.session.execute(gone, execution_options={"synchronize_session": False})


def readable(records: Records, ids: Collection[UUID]) -> set[UUID]:
    """Those of these reflections that may stand behind a theme, as it is now."""
    found: set[UUID] = set()
    for some in _some_at_a_time(ids):
        wanted = select(Reflection.id).where(col(Reflection.id).in_(some), *may_be_read())
        found.update(records.session.execute(wanted).scalars())
    return found


def reflections_in(records: Records, theme: UUID) -> set[UUID]:
    inside = select(ThemePlacement.reflection_id).where(ThemePlacement.theme_id == theme)
    return set(records.session.execute(inside).scalars())


def add_placements(records: Records, rows: Sequence[Mapping[str, object]]) -> None:
    """rows: from placement()."""
    for start in range(0, len(rows), CHUNK):
        records.session.execute(insert(ThemePlacement), rows[start : start + CHUNK])


def delete_placements(records: Records, *which: ColumnElement[bool]) -> None:
    own = delete(ThemePlacement).where(col(ThemePlacement.tenant_id) == records.tenant, *which)
    records.session.execute(own, execution_options={"synchronize_session": False})
    _forget_placements(records)


def hand_over(records: Records, one: UUID, to: UUID, ids: Collection[UUID]) -> None:
    """These reflections stand in the other theme in the place of this one; in none twice."""
    own = col(ThemePlacement.theme_id)
    for some in _some_at_a_time(ids):
        here = col(ThemePlacement.reflection_id).in_(some)
        there = set(records.session.execute(select(ThemePlacement.reflection_id).where(own == to, here)).scalars())
        delete_placements(records, own == one, col(ThemePlacement.reflection_id).in_(there))
        moved = update(ThemePlacement).where(own == one, here).values(theme_id=to)
        records.session.execute(moved, execution_options={"synchronize_session": False})
    _forget_placements(records)


def _forget_placements(records: Records) -> None:
    """What the session holds of them is not what the database holds any more."""
    for row in list(records.session):
        if isinstance(row, ThemePlacement):
            records.session.expunge(row)


def count_placed(records: Records) -> int:
    """Reflections that stand in some theme."""
    placed = select(func.count(col(ThemePlacement.reflection_id).distinct()))
    return int(records.session.execute(placed.where(ThemePlacement.tenant_id == records.tenant)).scalar_one())


def strongest_of(records: Records, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The theme that each of these reflections stands in most, by reflection; none for those that are in none."""
    found: dict[UUID, UUID] = {}
    for some in _some_at_a_time(ids):
        rows = select(ThemePlacement.reflection_id, ThemePlacement.theme_id).where(
            col(ThemePlacement.reflection_id).in_(some)
        )
        weakest_first = rows.order_by(col(ThemePlacement.strength), col(ThemePlacement.theme_id).desc())
        found.update(dict(records.session.execute(weakest_first).all()))
    return found


def count_in_no_theme(records: Records) -> int:
    counted = select(func.count()).select_from(Reflection).where(_own(records), *may_be_read(), *_placed_nowhere())
    return int(records.session.execute(counted).scalar_one())


def newest_in_no_theme(records: Records, most: int) -> list[Text]:
    wanted = _texts(records).where(*_placed_nowhere()).order_by(col(Reflection.id).desc()).limit(most)
    return _opened(records, wanted)


def in_no_theme(records: Records, ids: Collection[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for some in _some_at_a_time(ids):
        wanted = select(Reflection.id).where(col(Reflection.id).in_(some), *_placed_nowhere())
        found.update(records.session.execute(wanted).scalars())
    return found


def placement(records: Records, theme: UUID, reflection: UUID, strength: float, by: str = MACHINE) -> dict[str, object]:
    """A row to insert."""
    return {
        "id": new_id(),
        "tenant_id": records.tenant,
        "theme_id": theme,
        "reflection_id": reflection,
        "strength": strength,
        "placed_by": by,
        "placed_at": records.now,
    }


def _placed_nowhere() -> list[ColumnElement[bool]]:
    """Looked at, in no theme, and left there by no person."""
    placed = select(ThemePlacement.id).where(ThemePlacement.reflection_id == Reflection.id)
    return [col(Reflection.placed_at).is_not(None), col(Reflection.moved_at).is_(None), ~placed.exists()]


def _left_alone(records: Records, ids: Collection[UUID]) -> set[UUID]:
    moved = select(Reflection.id).where(col(Reflection.id).in_(ids), col(Reflection.moved_at).is_not(None))
    locked = select(ThemePlacement.reflection_id).join(Theme, col(Theme.id) == ThemePlacement.theme_id)
    locked = locked.where(col(ThemePlacement.reflection_id).in_(ids), col(Theme.locked).is_(True))
    return set(records.session.execute(moved.union(locked)).scalars())


def _some_at_a_time(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """Databases take only so many values in one statement."""
    every = sorted(ids)
    return (every[start : start + CHUNK] for start in range(0, len(every), CHUNK))


def _own(records: Records) -> ColumnElement[bool]:
    return col(Reflection.tenant_id) == records.tenant


def may_be_read() -> list[ColumnElement[bool]]:
    """What may stand behind a theme: not what is for its writer or one worker alone, taken back, corrected, or says
    nothing."""
    return [
        col(Reflection.direction).in_(DIRECTIONS),
        col(Reflection.nothing_to_report).is_(False),
        for_the_team(),
        col(Reflection.withdrawn_at).is_(None),
        col(Reflection.superseded_at).is_(None),
        col(Reflection.words_sealed).is_not(None),
    ]


def _texts(records: Records) -> Any:
    return select(Reflection.id, Reflection.direction, Reflection.words_sealed).where(_own(records), *may_be_read())


def _opened(records: Records, wanted: Any) -> list[Text]:
    def words(id: UUID, sealed: bytes) -> str:
        return records.vault.open(records.tenant, "reflection", "words", id, sealed).decode()

    rows = records.session.execute(wanted).all()
    return [Text(str(id), words(id, sealed), direction) for id, direction, sealed in rows]


def _newest_model(records: Records) -> KeptModel | None:
    own = select(KeptModel).where(KeptModel.tenant_id == records.tenant)
    newest = own.order_by(col(KeptModel.learnt_at).desc(), col(KeptModel.id).desc()).limit(1)
    found: KeptModel | None = records.first(newest)
    return found


def terms_as_kept(found: found_themes.Theme) -> str:
    return json.dumps(found.terms, ensure_ascii=False)
