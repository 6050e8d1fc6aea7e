"""What a worker takes of the memory, and how long it takes to start, with few and with very many people; and what is
kept of each reply."""

from __future__ import annotations

import sqlite3
import statistics
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import crowd, databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.contender import settle, worker
from benchmarks.delivery.plan import Plan, tell
from benchmarks.delivery.scene import Scene, scene
from benchmarks.installation import ROOT, Installation, python
from benchmarks.load import Load, load, wait_for_answer
from benchmarks.process import memory
from benchmarks.row import Row

MEGABYTE = 2**20
SAME_MEMORY, SAME_START = 1.1, 1.25  # what still counts as independent of the number of people


def run(plan: Plan) -> Iterator[Row]:
    for name in plan.databases:
        megabytes, seconds = {}, {}
        with databases.server(name) as server:
            for people in plan.sizes:
                megabytes[people], seconds[people] = _measured(plan, server, people)
                tell(f"size, {name}, {people:,} people: {megabytes[people]:.0f} MB, started in {seconds[people]:.2f} s")
            kept = _kept(plan, server)
        yield from _rows(f"memory of a worker, {name}", "MB", megabytes, SAME_MEMORY)
        yield from _rows(f"start of a worker until it answers, {name}", "s", seconds, SAME_START)
        yield Row(f"kept of each reply: message, reflection, two messages of ours, {name}", "bytes", kept)


def _kept(plan: Plan, server: Sqlite | Postgres) -> float:
    """Bytes, indexes included, once nothing waits any more and what was freed is given back."""
    with scene(server, plan.chats, one_answer=False) as made:
        before = _bytes(made)
        made.measure_replies(plan.messages, 2)
        return (_bytes(made) - before) / (plan.chats * plan.messages)


def _bytes(made: Scene) -> int:
    engine = made.log.database.engine
    if made.log.database.is_sqlite:
        with closing(sqlite3.connect(str(engine.url.database), isolation_level=None)) as connection:
            connection.execute("VACUUM")
        return made.count("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
    with engine.connect() as free:
        free.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql("VACUUM FULL")
    tables = ("inbox", "reflection", "outbox", "conversation")
    return sum(made.count(f"SELECT pg_total_relation_size('{table}')") for table in tables)


def _rows(measure: str, unit: str, by_people: dict[int, float], same: float) -> Iterator[Row]:
    few, *more = by_people
    yield Row(f"{measure}, {few:,} people", unit, by_people[few])
    for people in more:
        rival = f"with {few:,}"
        yield Row(f"{measure}, {people:,} people", unit, by_people[people], by_people[few], rival, same, "less")


def _measured(plan: Plan, server: Sqlite | Postgres, people: int) -> tuple[float, float]:
    """Megabytes once it is at rest and has answered somebody, and seconds until /healthz answers: both medians."""
    with load() as telegram, TemporaryDirectory() as folder:
        installation = Installation(Path(folder) / "installation", server.make(), telegram.base_url)
        log = installation.log()
        crowd.gather(log, people)
        databases.gather_statistics(log.database)
        log.close()
        used = [_memory(installation, telegram) for _ in range(plan.rounds)]
        started = [_start(installation) for _ in range(plan.rounds)]
        server.drop(installation.url)
    return statistics.median(used), statistics.median(started)


def _memory(installation: Installation, telegram: Load) -> float:
    telegram.forget()
    with worker(installation, telegram) as process:
        telegram.say([crowd.FIRST_CHAT], ["The bus came late (invented)."])
        telegram.wait(lambda state: state["sent"] >= 1, process)
        settle(process)
        return memory(process.pid) / MEGABYTE


def _start(installation: Installation) -> float:
    start = time.monotonic()
    process = subprocess.Popen(python("-m", "bot"), cwd=ROOT, env=installation.environment)
    try:
        wait_for_answer(installation.healthz, process)
        return time.monotonic() - start
    finally:
        process.terminate()
        process.wait(30)
