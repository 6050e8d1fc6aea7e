"""Searches what people said, by words and by meaning, inside what the reader may see."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from threading import Lock
from typing import Any, Literal
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlmodel import col, func, select

from learning_log import config
from learning_log.analysis.encoder import Encoder
from learning_log.analysis.search_index import SearchIndex
from learning_log.services import auditing, meanings, reading
from learning_log.services.access import Reader, may_see_words
from learning_log.services.erasing import ERASED
from learning_log.services.reading import PAGE, Story
from learning_log.services.sharing import Filters, for_anybody, for_team
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import AuditEntry, Reflection

CHUNK = 500
ASKED_FIRST = 4 * CHUNK  # candidates that the database is asked about by their ids, before it tells of all at once
ORGANISATIONS = 8  # that are held in memory at once
Why = Literal["words", "meaning"]


@dataclass(frozen=True)
class Hit:
    story: Story
    why: Why


@dataclass(frozen=True)
class Hits:
    """further: where the next page begins; none when this is the last. by_meaning: whether that could be searched."""

    hits: tuple[Hit, ...]
    further: int | None
    by_meaning: bool


class Searcher:
    """Holds what can be searched, for the organisations that searched last. May be used by several threads.

    The first search of an organisation reads all its answers; those after it only what is new.
    """

    def __init__(self, encoder: Encoder | None) -> None:
        self._encoder = encoder
        self._held: OrderedDict[UUID, tuple[Lock, SearchIndex]] = OrderedDict()
        self._audited: dict[UUID, int] = {}
        self._lock = Lock()

    def search(
        self,
        log: LearningLog,
        reader: Reader,
        words: str,
        filters: Filters,
        start: int = 0,
        size: int = PAGE,
    ) -> Hits:
        """Answers that hold every word, each whole or as a part of one, the newest first; then those that mean
        something like it, the nearest first. Audited, without what was searched for. Raises NotAllowed.
        """
        may_see_words(reader, reader.tenant_id)
        self._forget_what_was_erased(log, reader.tenant_id)
        lock, index = self._index_of(reader.tenant_id)
        with lock:
            self._bring_up_to_date(log, reader.tenant_id, index)
            found = self._found(index, words)
        with log.write(reader.tenant_id) as records:
            auditing.record(records, reader.actor, "searched_words")
            return self._page(records, reader, found, filters, start, size)

    def _forget_what_was_erased(self, log: LearningLog, tenant: UUID) -> None:
        """Lets go of all that is held in memory of an organisation where somebody had words erased since."""
        seen = self._audited.get(tenant)
        own = col(AuditEntry.tenant_id) == tenant
        with log.read(tenant) as records:
            newest = records.first(select(func.max(AuditEntry.position)).where(own)) or 0
            since = select(AuditEntry.id).where(own, col(AuditEntry.position) > (newest if seen is None else seen))
            erased = records.first(since.where(col(AuditEntry.action).in_(ERASED)).limit(1)) is not None
        with self._lock:
            self._audited[tenant] = newest
            if erased:
                self._held.pop(tenant, None)

    def _index_of(self, tenant: UUID) -> tuple[Lock, SearchIndex]:
        with self._lock:
            held = self._held.pop(tenant, None) or (Lock(), SearchIndex(self._encoder.size if self._encoder else 0))
            self._held[tenant] = held
            while len(self._held) > ORGANISATIONS:
                self._held.popitem(last=False)
            return held

    def _bring_up_to_date(self, log: LearningLog, tenant: UUID, index: SearchIndex) -> None:
        # The newest are read again: one with an earlier id may have been written at the same moment as they were.
        last = index.ids[-CHUNK] if len(index.ids) > CHUNK else None
        known = len(index.ids)
        while True:
            with log.read(tenant) as records:
                rows = _after(records, last)
                index.add(rows)
            if not rows:
                break
            last = rows[-1][0]
        # Some are never encoded. Of those that were there before only the newest are asked for again.
        unread = index.unread[-(len(index.ids) - known + CHUNK) :]
        for start in range(0, len(unread), CHUNK) if self._encoder else ():
            with log.read(tenant) as records:
                assert self._encoder  # noqa: S101  (said for the type checker)
                index.add_vectors(meanings.read(records, unread[start : start + CHUNK], self._encoder).items())

    def _found(self, index: SearchIndex, words: str) -> tuple[list[UUID], int]:
        """Candidates in their order, and how many of them hold the words."""
        said = index.with_words(words.split())
        if not self._encoder:
            return said, len(said)
        limits = config.load("analysis/search")
        (vector,) = self._encoder.encode([words])
        near = index.near(vector, limits["near"])
        both = set(near).intersection(said)
        return [*said, *(id for id in near if id not in both)], len(said)

    def _page(
        self,
        records: Records,
        reader: Reader,
        found: tuple[list[UUID], int],
        filters: Filters,
        start: int,
        size: int,
    ) -> Hits:
        candidates, with_words = found
        shown = for_team(records.tenant, may_see_words(reader, records.tenant), filters)
        chosen = list(islice(_readable(records, shown, candidates, start), size + 1))
        further = chosen[size][0] if len(chosen) > size else None
        why_of: dict[UUID, Why] = {id: "words" if at < with_words else "meaning" for at, id in chosen[:size]}
        stories = reading.these(records, reader, list(why_of), filters)
        hits = tuple(Hit(story, why_of[story.id]) for story in stories)
        return Hits(hits, further, self._encoder is not None)


_searchers: WeakKeyDictionary[LearningLog, Searcher] = WeakKeyDictionary()
_making = Lock()


def searcher_of(log: LearningLog, encoder: Encoder | None) -> Searcher:
    """One for each log that is open in this process."""
    with _making:
        if log not in _searchers:
            _searchers[log] = Searcher(encoder)
        return _searchers[log]


def _readable(
    records: Records, shown: Sequence[Any], candidates: Sequence[UUID], start: int
) -> Iterator[tuple[int, UUID]]:
    """Those candidates that may be shown, from `start` on, each with its place.

    All are gone through before there are none: a page that stopped early would tell that others said something.
    """
    may = select(Reflection.id).where(*shown, col(Reflection.words_sealed).is_not(None))
    asked = min(start + ASKED_FIRST, len(candidates))
    for first in range(start, asked, CHUNK):
        some = candidates[first : min(first + CHUNK, asked)]
        allowed = set(records.session.execute(may.where(col(Reflection.id).in_(some))).scalars())
        yield from ((at, id) for at, id in enumerate(some, start=first) if id in allowed)
    if asked < len(candidates):
        # So few of so many may be shown that it is quicker to ask for all that this reader may read.
        allowed = set(records.session.execute(may).scalars())
        yield from ((at, id) for at, id in enumerate(candidates[asked:], start=asked) if id in allowed)


def _after(records: Records, last: UUID | None) -> list[tuple[UUID, datetime, str]]:
    """The next that may be found by somebody, in the order of their ids, which grow with time."""
    wanted = select(Reflection.id, Reflection.said_at, Reflection.words_sealed).where(
        *for_anybody(records.tenant), col(Reflection.words_sealed).is_not(None)
    )
    if last is not None:
        wanted = wanted.where(col(Reflection.id) > last)
    place = (records.tenant, "reflection", "words")
    rows = records.session.execute(wanted.order_by(col(Reflection.id)).limit(CHUNK)).all()
    return [(id, said_at, records.vault.open(*place, id, sealed).decode()) for id, said_at, sealed in rows]
