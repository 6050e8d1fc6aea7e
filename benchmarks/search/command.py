"""Searching what people said, by words and by meaning."""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from uuid import UUID

import numpy as np
from sqlmodel import select

from benchmarks import invented
from benchmarks.databases import Sqlite
from benchmarks.report import installed_encoder, report
from benchmarks.row import HEADS, Row
from learning_log.analysis.encoder import Encoder
from learning_log.services.access import TEAM, Reader, Scope
from learning_log.services.searching import Searcher
from learning_log.services.sharing import Filters
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import make_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Reflection

ANSWERS, QUICK = 100_000, 2_000
SEARCHES = 100
GOAL_MS = 200


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answers", type=int, default=ANSWERS)
    parser.add_argument("--quick", action="store_true", help="few answers: shows the shape, not the figures")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")


def run(chosen: argparse.Namespace) -> int:
    encoder = installed_encoder()
    if encoder is None:
        return 2
    answers = QUICK if chosen.quick else chosen.answers
    with tempfile.TemporaryDirectory(prefix="whatmatters-search-") as folder:
        rows = list(_rows(Path(folder), encoder, answers))
    return report(HEADS, rows, chosen.json)


def _rows(folder: Path, encoder: Encoder, answers: int) -> Iterator[Row]:
    later = invented.START + timedelta(days=400)
    vault = Vault(make_keys(folder / "keys.json"))
    log = LearningLog(Database(Sqlite(folder).make()), vault, clock=lambda: later)
    sentences = invented.sentences_of_the_example()
    where = invented.place(log)
    invented.fill(log, encoder, where, sentences, answers, placed=True)
    scopes = (Scope(everywhere=True), Scope(teams=frozenset({where.small_team})))
    reader, of_few = (Reader(where.reader, where.tenant, "Somebody Invented", {TEAM: scope}) for scope in scopes)
    searcher = Searcher(encoder)
    before = _memory()
    filled = _timed(lambda: searcher.search(log, reader, "bus", Filters()))
    yield Row(f"the first search of {answers:,} answers, which reads them all", "s", filled / 1000)
    yield Row("memory that this takes, for each answer", "kB", (_memory() - before) / answers)
    queries = _queries(sentences)
    taken = [_timed(partial(searcher.search, log, reader, words, Filters())) for words in queries]
    usual = float(np.median(taken))
    bare = _product(answers, encoder.size)
    yield Row("a search by words and meaning, p50", "ms", usual, goal=GOAL_MS, better="less")
    yield Row("a search by words and meaning, p99", "ms", float(np.quantile(taken, 0.99)), goal=GOAL_MS, better="less")
    yield Row("the same, p50", "ms", usual, bare, "NumPy's product of vectors alone", better="less")
    few = [_timed(partial(searcher.search, log, of_few, words, Filters())) for words in queries]
    reads = f"a reader of one in {invented.ONE_IN} answers"
    yield Row(f"the same for {reads}, p50", "ms", float(np.median(few)), goal=GOAL_MS, better="less")
    yield Row(f"the same for {reads}, p99", "ms", float(np.quantile(few, 0.99)), goal=GOAL_MS, better="less")
    opened = [_timed(partial(_by_opening, log, reader.tenant_id, words)) for words in queries[:3]]
    yield Row("the same, p50", "ms", usual, float(np.median(opened)), "opening every answer", better="less")
    log.close()


def _queries(sentences: Sequence[str]) -> list[str]:
    """A word, two words of one sentence, and a sentence of nobody's, by turns."""
    chance = Random(2)
    made = []
    for at in range(SEARCHES):
        words = chance.choice(sentences).split()
        length = (1, 2, len(words))[at % 3]
        made.append(" ".join(chance.sample(words, min(length, len(words)))))
    return made


def _product(answers: int, size: int) -> float:
    rows, vector = np.ones((answers, size), dtype=np.float32), np.ones(size, dtype=np.float32)
    return float(np.median([_timed(lambda: rows @ vector) for _ in range(20)]))


def _by_opening(log: LearningLog, tenant: UUID, words: str) -> list[UUID]:
    """With no index: every answer is opened and looked through."""
    terms = [term.casefold() for term in words.split()]
    with log.read(tenant) as records:
        place = (tenant, "reflection", "words")
        rows = records.session.execute(select(Reflection.id, Reflection.words_sealed))
        said = ((id, log.vault.open(*place, id, sealed).decode().casefold()) for id, sealed in rows)
        return [id for id, words in said if all(term in words for term in terms)]


def _timed(do: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    do()
    return (time.perf_counter() - start) * 1000


def _memory() -> float:
    """Kilobytes, now. Not the most so far: filling the database took more than what is measured."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024
