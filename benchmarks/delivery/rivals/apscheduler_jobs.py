"""APScheduler with a daily job for each person: in memory, where a restart forgets them, and in SQLite as ours are."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import create_engine, event

PATIENCE_SECONDS = 600.0


class Runs:
    """Counts the jobs that have run; a kept job names its function, so there is one count for all."""

    def __init__(self) -> None:
        self.left, self.lock, self.done = 0, threading.Lock(), threading.Event()

    def expect(self, number: int) -> None:
        self.left = number
        self.done.clear()

    def one(self) -> None:
        with self.lock:
            self.left -= 1
            if not self.left:
                self.done.set()


RUNS = Runs()


def ask() -> None:
    RUNS.one()


def in_memory(jobs: int, due: int) -> float:
    """From the moment that so many of the jobs are due until the last of them has run, in seconds."""
    return _seconds(MemoryJobStore(), jobs, due, lambda: None)


def in_sqlite(jobs: int, due: int, path: Path) -> float:
    """The same with jobs that outlive the process, each change committed and synchronised in full."""
    engine = create_engine(f"sqlite:///{path}")
    synchronous = ["OFF"]  # until they are all there

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(f"PRAGMA synchronous={synchronous[0]}")

    def filled() -> None:
        synchronous[0] = "FULL"
        engine.dispose()

    taken = _seconds(SQLAlchemyJobStore(engine=engine), jobs, due, filled)
    engine.dispose()
    return taken


def _seconds(store: Any, jobs: int, due: int, filled: Any) -> float:
    RUNS.expect(due)
    usual = {"misfire_grace_time": None, "coalesce": True}
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=usual, jobstores={"default": store})
    scheduler.start(paused=True)
    now = datetime.now(UTC)
    for number in range(jobs):
        when = now if number < due else now + timedelta(days=1, seconds=number)
        scheduler.add_job(ask, CronTrigger(hour=12, timezone="Europe/London"), next_run_time=when)
    filled()
    start = time.perf_counter()
    scheduler.resume()
    if not RUNS.done.wait(PATIENCE_SECONDS):
        raise TimeoutError(f"{RUNS.left} of {due} jobs have not run in {PATIENCE_SECONDS:.0f} s")
    taken = time.perf_counter() - start
    scheduler.shutdown(wait=True)
    return taken
