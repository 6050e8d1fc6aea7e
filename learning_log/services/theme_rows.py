"""How themes, their placements and what was learnt are kept. Writes many rows at a time, and only what changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, insert, update
from sqlmodel import col, select

from learning_log.analysis import themes as found_themes
from learning_log.analysis.theme_keeping import Decided
from learning_log.analysis.themes import Finding, Placement, Text, ThemeModel
from learning_log.storage.records import Records
from learning_log.storage.tables import NOBODY, Experiment, Reflection, ReflectionMeaning, Theme, ThemePlacement, new_id
from learning_log.storage.tables import ThemeModel as KeptModel

DIRECTIONS = ("works", "not_working")
CHUNK = 500
MACHINE, PERSON, PROPOSED = "machine", "person", "proposed"

Places = Mapping[UUID, Sequence[Placement]]


def count_texts(records: Records) -> int:
    counted = select(func.count()).select_from(Reflection).where(_own(records), *_read())
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
    """Tenants with reflections that no theme was looked for yet; `records` is open on all of them."""
    unplaced = select(Reflection.tenant_id).where(col(Reflection.placed_at).is_(None), *_read())
    return list(records.session.execute(unplaced.distinct()).scalars())


def waiting(records: Records, limit: int) -> dict[UUID, list[UUID]]:
    """Reflections that no theme was looked for yet, the oldest first, by tenant; none where nothing was learnt."""
    learnt = select(KeptModel.tenant_id)
    unplaced = col(Reflection.placed_at).is_(None)
    wanted = select(Reflection.tenant_id, Reflection.id).where(
        unplaced, col(Reflection.tenant_id).in_(learnt), *_read()
    )
    if records.tenant != NOBODY:
        wanted = wanted.where(_own(records))
    found: dict[UUID, list[UUID]] = {}
    for tenant, id in records.session.execute(wanted.order_by(col(Reflection.id)).limit(limit)):
        found.setdefault(tenant, []).append(id)
    return found


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
    """learnt_from: so many texts; 0 while they do not all have their new place, so that the work is taken up again."""
    row, learnt = _newest_model(records), model.to_json()
    if row and records.text(row, "model") == learnt:
        row.reflections = learnt_from
        return
    records.session.execute(delete(KeptModel).where(col(KeptModel.tenant_id) == records.tenant))
    records.add(KeptModel(learnt_at=records.now, reflections=learnt_from), model=learnt)
    records.session.flush()


def themes_by_key(records: Records) -> dict[str, Theme]:
    rows: Sequence[Theme] = records.all(select(Theme).where(Theme.tenant_id == records.tenant))
    return {row.key: row for row in rows}


def decided(records: Records, rows: Mapping[str, Theme]) -> list[Decided]:
    """The themes that people confirmed, renamed, set aside, placed words in or tried something about."""
    placed = select(ThemePlacement.theme_id).where(ThemePlacement.placed_by == PERSON)
    tried = select(Experiment.theme_id).where(col(Experiment.theme_id).is_not(None))
    used = set(records.session.execute(placed.union(tried)).scalars())
    return [
        Decided(row.key, row.direction, _reflections_in(records, row.id))
        for row in rows.values()
        if row.state != PROPOSED or row.decided_at is not None or row.id in used
    ]


def keep_themes(records: Records, finding: Finding, rows: dict[str, Theme], kept: Collection[str]) -> None:
    """Adds and updates. A theme in `kept`, the keys that people decided about, keeps its name."""
    for found in finding.themes:
        row = rows.get(found.key)
        if row is None:
            row = Theme(key=found.key, direction=found.direction, found_at=records.now)
            rows[found.key] = records.add(row, label=found.label, terms=_terms(found))
        elif found.key not in kept and records.text(row, "label") != found.label:
            records.seal(row, label=found.label)
        if records.text(row, "terms") != _terms(found):
            records.seal(row, terms=_terms(found))
        row.clarity = found.clarity
    records.session.flush()


def drop_vanished(records: Records, rows: dict[str, Theme], staying: Collection[str]) -> None:
    """Removes themes that are no more. `staying`: the keys of those found and of those that people decided about."""
    for key in sorted(rows.keys() - set(staying)):
        row = rows.pop(key)
        records.session.execute(delete(ThemePlacement).where(col(ThemePlacement.theme_id) == row.id))
        records.session.delete(row)
    records.session.flush()


def put(records: Records, places: Places, themes: Mapping[str, UUID]) -> None:
    """Brings the machine's placements of these reflections to `places`. themes: the ids of those that it knows, by key.

    A reflection that a person placed is left as the person left it.
    """
    existing: dict[UUID, dict[UUID, ThemePlacement]] = {}
    known, by_person = set(themes.values()), set()
    for row in records.all(select(ThemePlacement).where(col(ThemePlacement.reflection_id).in_(list(places)))):
        existing.setdefault(row.reflection_id, {})[row.theme_id] = row
        if row.placed_by == PERSON:
            by_person.add(row.reflection_id)
    new = []
    for reflection in places.keys() - by_person:
        wanted = {themes[place.theme]: place.strength for place in places[reflection] if place.theme in themes}
        before = existing.get(reflection, {})
        for theme in before.keys() & known - wanted.keys():
            records.session.delete(before[theme])
        for theme in before.keys() & wanted.keys():
            before[theme].strength = wanted[theme]
        new += [_placement(records, theme, reflection, wanted[theme]) for theme in wanted.keys() - before.keys()]
    records.session.flush()
    if new:
        records.session.execute(insert(ThemePlacement), new)
    waiting = update(Reflection).where(col(Reflection.id).in_(list(places)), col(Reflection.placed_at).is_(None))
    records.session.execute(waiting.values(placed_at=records.now))


def take_out_unread(records: Records) -> None:
    """What the machine and the encoders made of what was since taken back, corrected, or made private."""
    for kind, which in ((ThemePlacement, [col(ThemePlacement.placed_by) == MACHINE]), (ReflectionMeaning, [])):
        read = select(Reflection.id).where(col(Reflection.id) == kind.reflection_id, *_read())
        gone = delete(kind).where(col(kind.tenant_id) == records.tenant, *which, ~read.exists())
        records.session.execute(gone, execution_options={"synchronize_session": False})


def readable(records: Records, ids: Collection[UUID]) -> set[UUID]:
    """Those of these reflections that may stand behind a theme, as it is now."""
    return set(records.session.execute(select(Reflection.id).where(col(Reflection.id).in_(ids), *_read())).scalars())


def _own(records: Records) -> ColumnElement[bool]:
    return col(Reflection.tenant_id) == records.tenant


def _read() -> list[ColumnElement[bool]]:
    """What may stand behind a theme: not what is for its writer alone, taken back, corrected, or says nothing."""
    return [
        col(Reflection.direction).in_(DIRECTIONS),
        col(Reflection.nothing_to_report).is_(False),
        col(Reflection.audience) != "me",
        col(Reflection.withdrawn_at).is_(None),
        col(Reflection.superseded_at).is_(None),
        col(Reflection.words_sealed).is_not(None),
    ]


def _texts(records: Records) -> Any:
    return select(Reflection.id, Reflection.direction, Reflection.words_sealed).where(_own(records), *_read())


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


def _reflections_in(records: Records, theme: UUID) -> frozenset[str]:
    inside = select(ThemePlacement.reflection_id).where(ThemePlacement.theme_id == theme)
    return frozenset(str(id) for id in records.session.execute(inside).scalars())


def _terms(found: found_themes.Theme) -> str:
    return json.dumps(found.terms, ensure_ascii=False)


def _placement(records: Records, theme: UUID, reflection: UUID, strength: float) -> dict[str, object]:
    return {
        "id": new_id(),
        "tenant_id": records.tenant,
        "theme_id": theme,
        "reflection_id": reflection,
        "strength": strength,
        "placed_by": MACHINE,
        "placed_at": records.now,
    }
