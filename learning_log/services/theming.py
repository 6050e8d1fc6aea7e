"""Finds what reflections are about, and gives new ones their place, off the request path."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from uuid import UUID

from learning_log.analysis.encoder import Encoder, Named
from learning_log.analysis.redaction import Names
from learning_log.analysis.theme_keeping import carried_over, with_known_keys
from learning_log.analysis.themes import (
    Finding,
    Placement,
    Seed,
    Text,
    ThemeModel,
    find_themes,
    places_of,
    settings_in_use,
)
from learning_log.services import forming, meanings, proposing, teaching, theme_rows, theme_steps
from learning_log.services.deciding import known_names
from learning_log.storage.records import LearningLog, Records

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
class Found:
    """What was found, before any of it is kept. texts: those it was learnt from. total: all that may be read."""

    finding: Finding
    model: ThemeModel
    texts: Sequence[Text]
    total: int


def refresh(
    records: Records,
    progress: Progress | None = None,
    learn_from: int = LEARN_FROM,
    encoder: Encoder | None = None,
    seeds: Sequence[str] | None = None,
) -> Refreshed:
    """Finds the tenant's themes anew and places every reflection that may be read, in one transaction.

    encoder: reads what it has not read yet; without one themes are found by the words that texts share. seeds: names
    to look for from now on, with an encoder; none given: those of the last time.

    The same reflections give the same themes in whatever order they came. What people decided stays: a theme that they
    confirmed, renamed, locked or set aside, and where they placed a reflection. `records` is open on one tenant. Where
    others must be able to write meanwhile, use find_anew.
    """
    told = progress or _tell_nobody
    _encode_all(records, encoder, told)
    found = _find(records, learn_from, encoder, seeds)
    kept = keep(records, found.finding, found.model, found.total)
    place_waiting(records, lambda done: told("themes", done, max(done, found.total)))
    theme_rows.take_out_unread(records)
    return _refreshed(records, found, kept)


def find_anew(
    log: LearningLog,
    tenant: UUID,
    progress: Progress | None = None,
    learn_from: int = LEARN_FROM,
    encoder: Encoder | None = None,
    seeds: Sequence[str] | None = None,
) -> Refreshed:
    """What refresh does, in steps: each transaction that writes is over in a moment. What the encoder has not read, it
    reads first. When it is cut short, bring_up_to_date goes on."""
    told = progress or _tell_nobody
    found = _look(log, tenant, told, learn_from, encoder, seeds)
    with log.write(tenant) as records:
        kept = keep(records, found.finding, found.model, found.total)
    _place_all(log, tenant, encoder, lambda done: told("themes", done, max(done, found.total)))
    with log.write(tenant) as records:
        theme_rows.take_out_unread(records)
        return _refreshed(records, found, kept)


def propose(
    log: LearningLog,
    tenant: UUID,
    progress: Progress | None = None,
    learn_from: int = LEARN_FROM,
    encoder: Encoder | None = None,
    seeds: Sequence[str] | None = None,
) -> UUID:
    """Finds themes anew as find_anew does, and keeps them as a proposal for people to look at. Returns its id."""
    found = _look(log, tenant, progress or _tell_nobody, learn_from, encoder, seeds)
    with log.write(tenant) as records:
        moves = _moves(records, found)
        return proposing.offer(records, proposing.FOUND_ANEW, found.finding, found.model, moves, found.total)


def bring_up_to_date(
    log: LearningLog, tenant: UUID, encoder: Encoder | None = None, learn_from: int = LEARN_FROM
) -> int:
    """Places what waits. Where it is time to find themes anew, that is done first until people have decided about one,
    and proposed to them from then on. Returns how many were placed.

    What takes long is only reading: each transaction that writes is over in a moment, so that the bot can keep answers
    meanwhile. When it is cut short, the next call takes the work up again.
    """
    with log.read(tenant) as records:
        needed, free = refresh_needed(records, encoder), is_free(records)
        learnt = theme_rows.model_id(records)
    if needed and free:
        found = _look(log, tenant, _tell_nobody, learn_from, encoder)
        with log.write(tenant) as records:
            # Somebody may have decided while we were looking.
            if is_free(records) and theme_rows.model_id(records) == learnt:
                keep(records, found.finding, found.model, found.total)
    elif needed:
        propose(log, tenant, learn_from=learn_from, encoder=encoder)
    placed = _place_all(log, tenant, encoder)
    if needed:
        with log.write(tenant) as records:
            theme_rows.take_out_unread(records)
    if placed and not free:
        forming.look(log, tenant)
    return placed


def place_waiting(records: Records, told: Callable[[int], None] = lambda done: None) -> int:
    """Places the reflections that wait, in this transaction; all of them have to be encoded. Returns how many."""
    placed = 0
    while ids := theme_rows.waiting(records, theme_rows.CHUNK):
        _place(records, ids)
        placed += len(ids)
        told(placed)
    return placed


def refresh_needed(records: Records, encoder: Encoder | None = None) -> bool:
    """Whether there is enough to find the first themes in, or a fifth more than the last ones were found or proposed
    in, or an encoder that did not find them. An encoder that is gone is no reason: it may come back."""
    known, made = theme_rows.kept_model(records), theme_rows.model_id(records)
    if known is None or made is None:
        return theme_rows.count_texts(records) >= FEWEST_TEXTS
    model, learnt_from = known
    if model.encoder and not encoder:
        return False
    newest = proposing.newest(records, proposing.FOUND_ANEW)
    other = encoder is not None and model.encoder != encoder.name and newest is None
    if newest and newest.reflections > learnt_from:
        learnt_from, made = newest.reflections, newest.id
    # To count all of them takes long, and is needed only once so many were kept since.
    if not other and learnt_from + theme_rows.count_since(records, made) < learnt_from * MANY_MORE:
        return False
    texts = theme_rows.count_texts(records)
    return texts >= FEWEST_TEXTS and (other or texts >= learnt_from * MANY_MORE)


def is_free(records: Records) -> bool:
    """Whether themes may be found anew without asking: nobody has decided about any of them, or tried something.

    Where nothing was learnt, as after an import, there is nothing to ask about: no new answer could find its place.
    """
    if theme_rows.kept_model(records) is None:
        return True
    return not theme_steps.any_taken(records) and not theme_rows.decided(records, theme_rows.themes_by_key(records))


def waiting_tenants(records: Records) -> list[UUID]:
    """Tenants with reflections that have no place as yet; `records` is open on all of them."""
    return theme_rows.waiting_tenants(records)


def keep(records: Records, finding: Finding, model: ThemeModel, learnt_from: int) -> int:
    """These are the themes from now on; every reflection waits for its place. Returns how many were there before."""
    rows = theme_rows.themes_by_key(records)
    earlier = set(rows)
    staying = {one.key for one in theme_rows.decided(records, rows)}
    theme_rows.keep_themes(records, finding, rows, staying)
    theme_rows.drop_vanished(records, rows, staying | {theme.key for theme in finding.themes})
    theme_rows.keep_model(records, model, learnt_from)
    return len(earlier & rows.keys())


def _place_all(
    log: LearningLog, tenant: UUID, encoder: Encoder | None, told: Callable[[int], None] = lambda done: None
) -> int:
    placed = 0
    while some := _place_some(log, tenant, encoder):
        placed += some
        told(placed)
    return placed


def _place_some(log: LearningLog, tenant: UUID, encoder: Encoder | None) -> int:
    """The oldest that wait, encoded between two transactions. Returns how many; 0 when none can be placed now."""
    with log.read(tenant) as records:
        known = theme_rows.kept_model(records)
        if known is None or (known[0].encoder and (not encoder or known[0].encoder != encoder.name)):
            return 0
        ids = theme_rows.waiting(records, theme_rows.CHUNK)
        made = meanings.make(records, _unread(records, ids, encoder), encoder) if encoder else {}
    if not ids:
        return 0
    with log.write(tenant) as records:
        if encoder:
            meanings.keep(records, encoder, made)
        _place(records, ids)
    return len(ids)


def _place(records: Records, ids: Sequence[UUID]) -> None:
    known = theme_rows.kept_model(records)
    if known is None:
        return
    texts = meanings.beside(records, theme_rows.texts_of(records, ids), known[0].read_by)
    places: dict[UUID, Sequence[Placement]] = dict.fromkeys(ids, ())
    places |= {UUID(id): found for id, found in places_of(texts, known[0]).items()}
    themes = theme_rows.ids_by_key(records)
    # A decided theme that the model does not know keeps what stands in it.
    theme_rows.put(records, places, {key: themes[key] for key in known[0].keys & themes.keys()})


def _encode_all(records: Records, encoder: Encoder | None, told: Progress) -> None:
    total, seen = theme_rows.count_texts(records), 0
    for texts in theme_rows.texts(records) if encoder else ():
        assert encoder  # noqa: S101  (said for the type checker)
        unread = _unread(records, [UUID(text.id) for text in texts], encoder)
        meanings.keep(records, encoder, meanings.make(records, unread, encoder))
        seen += len(texts)
        told("meaning", seen, total)


def _unread(records: Records, ids: Sequence[UUID], encoder: Encoder) -> dict[UUID, str]:
    """The words of those that the encoder has not read, by id."""
    known = meanings.read(records, ids, encoder)
    missing = [id for id in ids if id not in known]
    return {UUID(text.id): text.words for text in theme_rows.texts_of(records, missing)}


def _look(
    log: LearningLog,
    tenant: UUID,
    told: Progress,
    learn_from: int,
    encoder: Encoder | None,
    seeds: Sequence[str] | None = None,
) -> Found:
    """Reads for long, and writes only what the encoder makes of words."""
    with log.read(tenant) as records:
        total = theme_rows.count_texts(records)
    if encoder:
        meanings.keep_all(log, tenant, encoder, lambda done: told("meaning", done, total))
    with log.read(tenant) as records:
        return _find(records, learn_from, encoder, seeds)


def _find(records: Records, learn_from: int, encoder: Encoder | None, seeds: Sequence[str] | None) -> Found:
    """Reads, and writes nothing. What is in a locked theme stays there, and teaches no other."""
    known = theme_rows.kept_model(records)
    rows = theme_rows.themes_by_key(records)
    decided = theme_rows.decided(records, rows)
    locked = {key for key, row in rows.items() if row.locked}
    before = known[0].without(teaching.taught(known[0])) if known else None
    total = theme_rows.count_texts(records)
    texts = learnt_from(records, total, learn_from, encoder)
    kept_out = {id for one in decided if one.key in locked for id in one.texts}
    free = [text for text in texts if text.id not in kept_out]
    keyed = partial(records.fingerprint, "theme.key")
    earlier = before.without(locked) if before else None
    names = tuple(seeds) if seeds is not None else known[0].seeds if known else ()
    seeded = [Seed(name, vector) for name, vector in zip(names, encoder.encode(names), strict=True)] if encoder else []
    found = find_themes(free, settings_in_use(), keyed, earlier, encoder.name if encoder else "", seeded)
    finding = with_known_keys(found, decided)
    # Without the encoder the names wait until it is back.
    model = replace(carried_over(finding.model, before, decided, texts), seeds=names)
    return Found(finding, teaching.with_examples(records, model), texts, total)


def _refreshed(records: Records, found: Found, kept: int) -> Refreshed:
    placed = theme_rows.count_placed(records)
    return Refreshed(len(found.finding.themes), kept, placed, max(0, theme_rows.count_texts(records) - placed))


def learnt_from(records: Records, total: int, most: int, encoder: Named | None) -> list[Text]:
    """All texts, or the same fair choice of them at each run; without the names of people and places."""
    every = chain.from_iterable(theme_rows.texts(records))
    chosen = list(every) if total <= most else heapq.nsmallest(most, every, key=_lot)
    names = Names(known_names(records))
    plain = [replace(text, words=names.taken_out(text.words)) for text in chosen]
    parts = (plain[start : start + theme_rows.CHUNK] for start in range(0, len(plain), theme_rows.CHUNK))
    return list(chain.from_iterable(meanings.beside(records, part, encoder) for part in parts))


def _lot(text: Text) -> tuple[bytes, str]:
    return hashlib.sha256(f"{text.direction} {text.words}".encode()).digest(), text.id


def _moves(records: Records, found: Found) -> Counter[tuple[str, str]]:
    """How many texts go from which theme (the key of the one that each stands in most, or nothing) to which."""
    themes = theme_rows.ids_by_key(records)
    rows = theme_rows.themes_by_key(records)
    keys = {row.id: key for key, row in rows.items()}
    now = theme_rows.strongest_of(records, [UUID(text.id) for text in found.texts])
    moves: Counter[tuple[str, str]] = Counter()
    for id, places in places_of(found.texts, found.model).items():
        new = places[0].theme.removesuffix(theme_rows.TAUGHT) if places else ""
        stands = now.get(UUID(id))
        moves[keys[stands] if stands else "", keys.get(themes[new], new) if new in themes else new] += 1
    return moves


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """For callers that show no progress."""
