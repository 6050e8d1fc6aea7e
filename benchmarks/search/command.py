"""Searching what people said, by words and by meaning."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import numpy as np
from sqlmodel import select

from benchmarks import bulk
from benchmarks.databases import Sqlite
from benchmarks.machine import machine
from benchmarks.row import HEADS, Row
from benchmarks.table import table
from learning_log import config
from learning_log.analysis.encoder import Encoder, of_length_one, packed
from learning_log.services.access import TEAM, Reader, Scope
from learning_log.services.meanings import SEALED, encoder_in
from learning_log.services.organisation import add_provider, add_service, add_staff, add_team
from learning_log.services.searching import Searcher
from learning_log.services.sharing import Filters
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import make_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Reflection, ReflectionMeaning, Tenant, new_id

ANSWERS, QUICK = 100_000, 2_000
SEARCHES = 100
GOAL_MS = 200
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ONE_IN = 100  # answers is of a small team, whose readers may read no others
NOISE = 0.3  # how far the vector of an answer lies from those of its sentences


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answers", type=int, default=ANSWERS)
    parser.add_argument("--quick", action="store_true", help="few answers: shows the shape, not the figures")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")


def run(chosen: argparse.Namespace) -> int:
    encoder = encoder_in(Settings().models_dir)
    if encoder is None:
        sys.stderr.write("The model is not installed. With a network: script/environment test\n")
        return 2
    answers = QUICK if chosen.quick else chosen.answers
    with tempfile.TemporaryDirectory(prefix="whatmatters-search-") as folder:
        rows = list(_rows(Path(folder), encoder, answers))
    print(table(HEADS, [row.cells() for row in rows]))
    print("\n" + "; ".join(f"{name} {value}" for name, value in machine().items()))
    if chosen.json:
        chosen.json.write_text(json.dumps([row.as_dict() for row in rows], indent=2) + "\n", encoding="utf-8")
    return 0


def _rows(folder: Path, encoder: Encoder, answers: int) -> Iterator[Row]:
    later = START + timedelta(days=400)
    vault = Vault(make_keys(folder / "keys.json"))
    log = LearningLog(Database(Sqlite(folder).make()), vault, clock=lambda: later)
    sentences = _sentences()
    reader, of_few = _fill(log, encoder, sentences, answers)
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
    reads = f"a reader of one in {ONE_IN} answers"
    yield Row(f"the same for {reads}, p50", "ms", float(np.median(few)), goal=GOAL_MS, better="less")
    yield Row(f"the same for {reads}, p99", "ms", float(np.quantile(few, 0.99)), goal=GOAL_MS, better="less")
    opened = [_timed(partial(_by_opening, log, reader.tenant_id, words)) for words in queries[:3]]
    yield Row("the same, p50", "ms", usual, float(np.median(opened)), "opening every answer", better="less")
    log.close()


def _sentences() -> list[str]:
    """Of the invented example."""
    found: set[str] = set()

    def look(node: Any) -> None:
        if isinstance(node, str) and len(node.split()) > 3:
            found.add(node)
        for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
            look(each)

    for name in ("people_works", "people_not_working", "staff_works", "staff_not_working"):
        look(config.load(f"example/{name}"))
    return sorted(found)


def _fill(log: LearningLog, encoder: Encoder, sentences: Sequence[str], answers: int) -> tuple[Reader, Reader]:
    """Somebody who may read all of them, and somebody who may read few."""
    with log.write() as records:
        tenant = Tenant(made_at=START, invented=True)
        records.seal(tenant, name="Invented Partnership")
        records.session.add(tenant)
        own = records.within(tenant.id)
        service = add_service(own, "Invented Service", add_provider(own, "Invented Provider"))
        team = add_team(own, "Invented House", service)
        small = add_team(own, "Invented Flat", service)
        reader_id = add_staff(own, "Somebody Invented", team).id
        tenant_id, team_id, small_id, service_id = tenant.id, team.id, small.id, service.id
    vectors = encoder.encode(list(sentences))
    vault, chance = log.vault, Random(1)
    said = [(new_id(), chance.randrange(len(sentences)), chance.randrange(len(sentences))) for _ in range(answers)]

    def reflections() -> Iterator[dict[str, Any]]:
        for at, (id, one, other) in enumerate(said):
            words = f"{sentences[one]} {sentences[other]}".encode()
            moment = START + timedelta(minutes=5 * at)
            yield {
                "id": id,
                "tenant_id": tenant_id,
                "team_id": team_id if at % ONE_IN else small_id,
                "service_id": service_id,
                "direction": "works",
                "source": "webchat",
                "audience": "team",
                "words_sealed": vault.seal(tenant_id, "reflection", "words", id, words),
                "said_at": moment,
                "kept_at": moment,
                "placed_at": moment,
            }

    def meanings() -> Iterator[dict[str, Any]]:
        noise = np.random.default_rng(1)
        for reflection, one, other in said:
            moved = vectors[one] + vectors[other] + noise.normal(0, NOISE / encoder.size**0.5, encoder.size)
            row, id = of_length_one(moved[None].astype(np.float32)), new_id()
            sealed = vault.seal(tenant_id, *SEALED, id, packed(row))
            own = {"id": id, "tenant_id": tenant_id, "reflection_id": reflection}
            yield {**own, "encoder": encoder.name, "vectors_sealed": sealed}

    bulk.write(log.database.engine, Reflection, reflections())
    bulk.write(log.database.engine, ReflectionMeaning, meanings())
    log.database.gather_statistics()
    scopes = (Scope(everywhere=True), Scope(teams=frozenset({small_id})))
    everything, few = (Reader(reader_id, tenant_id, "Somebody Invented", {TEAM: scope}) for scope in scopes)
    return everything, few


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
