"""What a worker takes of the memory, and how long it takes to start, with few and with very many people."""

from __future__ import annotations

import statistics
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from benchmarks import crowd, databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.contender import settle, worker
from benchmarks.delivery.plan import Plan, tell
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
        yield from _rows(f"memory of a worker, {name}", "MB", megabytes, SAME_MEMORY)
        yield from _rows(f"start of a worker until it answers, {name}", "s", seconds, SAME_START)


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
        with log.database.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
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
