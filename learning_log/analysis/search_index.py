"""What can be searched of many answers, held in memory: by the words in them, and by what they mean."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import numpy as np

from learning_log.analysis.encoder import Vectors

_HALF = (1 << 64) - 1


class SearchIndex:
    """Holds no answer whole: which of its words are where, and a vector each. Under 2 kB an answer, vectors included.

    Answers are never taken out: whoever shows what was found asks the database first whether it may still be shown.
    Not safe for several threads at once.
    """

    def __init__(self, size: int = 0) -> None:
        """size: of a vector; 0 where there is no encoder."""
        self.ids: list[UUID] = []
        self._size = size
        self._said_at: array[float] = array("d")
        self._high, self._low = array("Q"), array("Q")  # the halves of the ids: they order what was said at one moment
        self._places: dict[UUID, int] = {}
        self._words: dict[str, array[int]] = {}
        self._rows: Vectors = np.zeros((0, size), dtype=np.float32)
        self._unread: dict[UUID, None] = {}  # in the order in which they came

    def add(self, answers: Iterable[tuple[UUID, datetime, str]]) -> None:
        """id, when it was said, and its words; one that is there already is passed over."""
        for id, said_at, words in answers:
            if id in self._places:
                continue
            place = self._places[id] = len(self.ids)
            self.ids.append(id)
            self._said_at.append(said_at.timestamp())
            self._high.append(id.int >> 64)
            self._low.append(id.int & _HALF)
            if self._size:
                self._unread[id] = None
            for word in set(words.casefold().split()):
                self._words.setdefault(word, array("I")).append(place)

    def add_vectors(self, vectors: Iterable[tuple[UUID, Vectors]]) -> None:
        """What the encoder made of answers that are there: of each the first row, the whole answer."""
        if len(self._rows) < len(self.ids):
            # Room for a quarter more: each new answer would copy all others otherwise.
            grown = np.zeros((len(self.ids) + len(self.ids) // 4, self._size), dtype=np.float32)
            grown[: len(self._rows)] = self._rows
            self._rows = grown
        for id, rows in vectors:
            place = self._places[id]
            self._rows[place] = rows[0]
            self._unread.pop(id, None)

    @property
    def unread(self) -> list[UUID]:
        """Answers without a vector as yet, the newest last."""
        return list(self._unread)

    def with_words(self, terms: Collection[str]) -> list[UUID]:
        """Answers that hold every one of these, each within one word, in any capitals; the newest first."""
        found = np.ones(len(self.ids), dtype=bool)
        for term in {term.casefold() for term in terms}:
            here = np.zeros(len(self.ids), dtype=bool)
            for word, places in self._words.items():
                if term in word:
                    here[np.frombuffer(places, dtype=np.uint32)] = True
            found &= here
        at = np.flatnonzero(found)
        halves = (np.frombuffer(each, dtype=np.uint64)[at] for each in (self._low, self._high))
        order = np.lexsort((*halves, np.frombuffer(self._said_at)[at]))
        return [self.ids[at] for at in at[order[::-1]].tolist()]

    def near(self, vector: Sequence[float] | Vectors, bar: float) -> list[UUID]:
        """Answers nearer than `bar` (a cosine) to this vector of length 1, the nearest first.

        All of them: the nearest few of everybody might be none of those that a reader may read.
        """
        nearness = self._rows[: len(self.ids)] @ np.asarray(vector, dtype=np.float32)
        at = np.flatnonzero(nearness >= bar)
        low, high = (np.frombuffer(each, dtype=np.uint64)[at] for each in (self._low, self._high))
        order = np.lexsort((low, high, -np.round(nearness[at], 4)))  # rounded: the same order on every machine
        return [self.ids[at] for at in at[order].tolist()]
