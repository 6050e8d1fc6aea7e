"""Finds what reflections are about, and gives new ones their place, off the request path."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from uuid import UUID

from learning_log import config
from learning_log.analysis.encoder import Encoder
from learning_log.analysis.redaction import Names
from learning_log.analysis.theme_keeping import carried_over, with_known_keys
from learning_log.analysis.themes import (
    Finding,
    Placement,
    Settings,
    Text,
    ThemeModel,
    find_themes,
    places_of,
    settings_from,
)
from learning_log.services import meanings, theme_rows
from learning_log.services.deciding import known_names
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Reflection

FEWEST_TEXTS = 12
MANY_MORE = 1.2
LEARN_FROM = 12_000  # texts held in memory at once; all others are placed by what these taught

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Refreshed:
    """found: themes. kept: those that were there before. placed, waiting: reflections with a theme, and without."""

    found: int
    kept: int
    placed: int
    waiting: int


@dataclass(frozen=True)
class _Found:
    """What was found, before any of it is kept. learnt_from: ids of texts. total: texts that may be read."""

    finding: Finding
    model: ThemeModel
    learnt_from: frozenset[str]
    total: int


def refresh(
    records: Records,
    progress: Progress | None = None,
    learn_from: int = LEARN_FROM,
    encoder: Encoder | None = None,
) -> Refreshed:
    """Finds the tenant's themes anew and places every reflection that may be read, in one transaction.

    encoder: reads what it has not read yet; without one themes are found by the words that texts share.

    The same reflections give the same themes in whatever order they came. What people decided stays: a theme that they
    confirmed, renamed or set aside, and where they placed a reflection. `records` is open on one tenant. Where others
    must be able to write meanwhile, use find_anew.
    """
    told = progress or _tell_nobody
    _encode_all(records, encoder, told)
    found = _find(records, learn_from, encoder)
    themes, kept = _keep(records, found)
    placed = seen = 0
    for texts in theme_rows.texts(records):
        placed += _put(records, _read(records, texts, encoder), found, themes)
        seen += len(texts)
        told("themes", seen, found.total)
    _finish(records, found)
    return Refreshed(len(found.finding.themes), kept, placed, found.total - placed)


def waiting_tenants(records: Records) -> list[UUID]:
    """Tenants with reflections that no theme was looked for yet; `records` is open on all of them."""
    return theme_rows.waiting_tenants(records)


def bring_up_to_date(
    log: LearningLog, tenant: UUID, encoder: Encoder | None = None, learn_from: int = LEARN_FROM
) -> int:
    """Places what waits, after finding the themes anew where it is time for that. Returns how many were looked at.

    What takes long is only reading: each transaction that writes is over in a moment, so that the bot can keep answers
    meanwhile. When it is cut short, the next call takes the work up again.
    """
    with log.read(tenant) as records:
        needed = refresh_needed(records, encoder)
    looked_at = 0
    if needed:
        made = find_anew(log, tenant, learn_from=learn_from, encoder=encoder)
        looked_at = made.placed + made.waiting
    while placed := _place_some(log, tenant, encoder):
        looked_at += placed
    return looked_at


def find_anew(
    log: LearningLog,
    tenant: UUID,
    progress: Progress | None = None,
    learn_from: int = LEARN_FROM,
    encoder: Encoder | None = None,
) -> Refreshed:
    """What refresh does, in steps as bring_up_to_date takes them; what the encoder has not read, it reads first."""
    told = progress or _tell_nobody
    with log.read(tenant) as records:
        total = theme_rows.count_texts(records)
    if encoder:
        meanings.keep_all(log, tenant, encoder, lambda done: told("meaning", done, total))
    with log.read(tenant) as records:
        found = _find(records, learn_from, encoder)
    return _refresh_in_steps(log, tenant, found, told, encoder)


def refresh_needed(records: Records, encoder: Encoder | None = None) -> bool:
    """Whether there is enough to find the first themes in, or a fifth more than the last ones were found in, or an
    encoder that did not find them. An encoder that is gone is no reason: it may come back."""
    known = theme_rows.kept_model(records)
    if known and known[0].encoder and not encoder:
        return False
    texts = theme_rows.count_texts(records)
    if known is None:
        return texts >= FEWEST_TEXTS
    model, learnt_from = known
    other = encoder is not None and model.encoder != encoder.name
    return texts >= FEWEST_TEXTS and (other or texts >= learnt_from * MANY_MORE)


def place_new(records: Records, reflection: Reflection, encoder: Encoder | None = None) -> int:
    """How many themes one reflection is about. Takes milliseconds; it waits where nothing was learnt yet."""
    records.session.flush()
    _encode(records, [reflection.id], encoder)
    return _place(records, [reflection.id], encoder)


def place_waiting(records: Records, limit: int = 200, encoder: Encoder | None = None) -> int:
    """Places reflections that no theme was looked for yet, the oldest first. Returns how many were looked at.

    `records` may be open on one tenant, or on all of them. Those that the encoder has not read wait on.
    """
    waiting = theme_rows.waiting(records, limit)
    for tenant, ids in waiting.items():
        _place(replace(records, tenant=tenant), ids, encoder)
    return sum(len(ids) for ids in waiting.values())


def _place_some(log: LearningLog, tenant: UUID, encoder: Encoder | None) -> int:
    """The oldest that wait, encoded between two transactions. Returns how many; 0 when none can be placed now."""
    with log.read(tenant) as records:
        known = theme_rows.kept_model(records)
        if known is None or known[0].encoder != (encoder.name if encoder else ""):
            return 0
        ids = theme_rows.waiting(records, theme_rows.CHUNK).get(tenant, [])
        made = meanings.make(records, _unread(records, ids, encoder), encoder) if encoder else {}
    if not ids:
        return 0
    with log.write(tenant) as records:
        if encoder:
            meanings.keep(records, encoder, made)
        _place(records, ids, encoder)
    return len(ids)


def _encode_all(records: Records, encoder: Encoder | None, told: Progress) -> None:
    total, seen = theme_rows.count_texts(records), 0
    for texts in theme_rows.texts(records) if encoder else ():
        _encode(records, [UUID(text.id) for text in texts], encoder)
        seen += len(texts)
        told("meaning", seen, total)


def _encode(records: Records, ids: Sequence[UUID], encoder: Encoder | None) -> None:
    if encoder:
        meanings.keep(records, encoder, meanings.make(records, _unread(records, ids, encoder), encoder))


def _unread(records: Records, ids: Sequence[UUID], encoder: Encoder) -> dict[UUID, str]:
    """The words of those that the encoder has not read, by id."""
    read = meanings.read(records, ids, encoder)
    missing = [id for id in ids if id not in read]
    return {UUID(text.id): text.words for text in theme_rows.texts_of(records, missing)}


def _read(records: Records, texts: Sequence[Text], encoder: Encoder | None) -> list[Text]:
    """The texts with what the encoder made of them; without those that it has not read yet."""
    if not encoder:
        return list(texts)
    vectors = meanings.read(records, [UUID(text.id) for text in texts], encoder)
    return [replace(text, vectors=vectors[UUID(text.id)]) for text in texts if UUID(text.id) in vectors]


def _place(records: Records, ids: Sequence[UUID], encoder: Encoder | None) -> int:
    known = theme_rows.kept_model(records)
    if known is None or known[0].encoder != (encoder.name if encoder else ""):
        return 0
    texts = _read(records, theme_rows.texts_of(records, ids), encoder)
    if not texts:
        return 0
    places = {UUID(id): found for id, found in places_of(texts, known[0]).items()}
    theme_rows.put(records, places, {key: row.id for key, row in theme_rows.themes_by_key(records).items()})
    return sum(len(found) for found in places.values())


def _refresh_in_steps(
    log: LearningLog, tenant: UUID, found: _Found, told: Progress, encoder: Encoder | None
) -> Refreshed:
    with log.write(tenant) as records:
        themes, kept = _keep(records, found)
        theme_rows.keep_model(records, found.model, 0)
    placed, seen, last = 0, 0, None
    while True:
        with log.write(tenant) as records:
            texts = theme_rows.texts_after(records, last)
            if not texts:
                _finish(records, found)
                return Refreshed(len(found.finding.themes), kept, placed, seen - placed)
            placed += _put(records, _read(records, texts, encoder), found, themes)
        seen, last = seen + len(texts), texts[-1].id
        told("themes", seen, max(seen, found.total))


def _find(records: Records, learn_from: int, encoder: Encoder | None) -> _Found:
    """Reads, and writes nothing."""
    known = theme_rows.kept_model(records)
    before = known[0] if known else None
    decided = theme_rows.decided(records, theme_rows.themes_by_key(records))
    total = theme_rows.count_texts(records)
    texts = _learnt_from(records, total, learn_from, encoder)
    keyed = partial(records.fingerprint, "theme.key")
    found = find_themes(texts, _settings(), keyed, before, encoder.name if encoder else "")
    finding = with_known_keys(found, decided)
    model = carried_over(finding.model, before, decided, texts)
    return _Found(finding, model, frozenset(text.id for text in texts), total)


def _keep(records: Records, found: _Found) -> tuple[dict[str, UUID], int]:
    """The ids of the themes that the model knows, by key, and how many themes were there before."""
    rows = theme_rows.themes_by_key(records)
    earlier = set(rows)
    staying = {one.key for one in theme_rows.decided(records, rows)}
    theme_rows.keep_themes(records, found.finding, rows, staying)
    theme_rows.drop_vanished(records, rows, staying | {theme.key for theme in found.finding.themes})
    known = _keys(found.model)
    return {key: row.id for key, row in rows.items() if key in known}, len(earlier & rows.keys())


def _put(records: Records, texts: Sequence[Text], found: _Found, themes: Mapping[str, UUID]) -> int:
    """How many of these reflections belong to a theme."""
    places = _places(texts, found)
    theme_rows.put(records, places, themes)
    return sum(1 for each in places.values() if each)


def _finish(records: Records, found: _Found) -> None:
    theme_rows.take_out_unread(records)
    theme_rows.keep_model(records, found.model, found.total)


def _settings() -> Settings:
    return settings_from(config.load("analysis/themes"), config.load("analysis/stop_words"))


def _learnt_from(records: Records, total: int, most: int, encoder: Encoder | None) -> list[Text]:
    """All texts, or the same fair choice of them at each run; without the names of people and places."""
    every = chain.from_iterable(theme_rows.texts(records))
    chosen = list(every) if total <= most else heapq.nsmallest(most, every, key=_lot)
    names = Names(known_names(records))
    plain = [replace(text, words=names.taken_out(text.words)) for text in chosen]
    parts = (plain[start : start + theme_rows.CHUNK] for start in range(0, len(plain), theme_rows.CHUNK))
    return list(chain.from_iterable(_read(records, part, encoder) for part in parts))


def _lot(text: Text) -> tuple[bytes, str]:
    return hashlib.sha256(f"{text.direction} {text.words}".encode()).digest(), text.id


def _places(texts: Sequence[Text], found: _Found) -> dict[UUID, Sequence[Placement]]:
    """What the finding says of the texts that it was learnt from, and what the model says of all others."""
    finding, model = found.finding, found.model
    places: dict[str, Sequence[Placement]] = {}
    again, fresh = [], []
    for text in texts:
        if text.id not in found.learnt_from:
            fresh.append(text)
        elif model.directions.get(text.direction) is finding.model.directions.get(text.direction):
            places[text.id] = finding.placements.get(text.id, ())
        else:  # a theme was carried over, which may take texts from others
            again.append(text)
    places |= places_of(again, model, aside={*finding.nothing, *finding.opposite})
    places |= places_of(fresh, model)
    return {UUID(id): each for id, each in places.items()}


def _keys(model: ThemeModel) -> set[str]:
    return {key for learnt in model.directions.values() for key in learnt.keys}


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """For callers that show no progress."""
