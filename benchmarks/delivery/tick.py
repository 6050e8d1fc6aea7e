"""Who is due, picked and claimed: against the same statements written by hand, and against APScheduler's jobs.

Claimed is: the prompt of this local day exists once, and the schedule stands at its next time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from benchmarks import crowd, databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.plan import Plan, tell
from benchmarks.delivery.rivals import apscheduler_jobs, tick_by_hand
from benchmarks.installation import Installation
from benchmarks.row import Row, against
from bot.schedule import alert_again
from learning_log.services import falling_due
from learning_log.storage import tables
from learning_log.storage.records import LearningLog

IDLE_TICKS = 50
SCHEDULE: Any = tables.Schedule.__table__  # type: ignore[attr-defined]
ASKED: Any = tables.Asked.__table__  # type: ignore[attr-defined]
OUTBOX: Any = tables.OutboxMessage.__table__  # type: ignore[attr-defined]


def run(plan: Plan) -> Iterator[Row]:
    jobs = _apscheduler(plan)
    for name in plan.databases:
        with databases.server(name) as server, TemporaryDirectory() as folder:
            log = _full(plan, server, Path(folder))
            try:
                yield from _rows(plan, name, log, jobs)
            finally:
                log.close()


def _apscheduler(plan: Plan) -> dict[str, list[float]]:
    """Seconds of each round, by where the jobs are kept."""
    found: dict[str, list[float]] = {"in memory": [], "in SQLite": []}
    for number in range(plan.rounds):
        found["in memory"].append(apscheduler_jobs.in_memory(plan.jobs, plan.due))
        with TemporaryDirectory() as folder:
            found["in SQLite"].append(apscheduler_jobs.in_sqlite(plan.jobs, plan.due, Path(folder) / "jobs.db"))
        told = ", ".join(f"{seconds[-1]:.2f} s {where}" for where, seconds in found.items())
        tell(f"tick, APScheduler, round {number + 1}: {told}")
    return found


def _full(plan: Plan, server: Sqlite | Postgres, folder: Path) -> LearningLog:
    tell(f"tick, {server.name}: gathering {plan.people:,} people …")
    log = Installation(folder / "installation", server.make(), "http://127.0.0.1:9/bot").log()
    crowd.gather(log, plan.people)
    databases.gather_statistics(log.database)
    return log


def _rows(plan: Plan, name: str, log: LearningLog, jobs: dict[str, list[float]]) -> Iterator[Row]:
    ours, by_hand = [], []
    due = Due(log, plan)
    for number in range(plan.rounds):
        ours.append(due.timed(claim_all))
        by_hand.append(due.timed(tick_by_hand.claim_all))
        tell(f"tick, {name}, round {number + 1}: {ours[-1]:.2f} s, by hand {by_hand[-1]:.2f} s")
    what = f"{plan.due:,} due of {plan.people:,} claimed, {name}"
    speed = [plan.due / seconds for seconds in ours]
    yield Row(what, "s", statistics.median(ours), goal=0.2, better="less", rounds={"ours": ours})
    yield against(
        what, "people/s", speed, [plan.due / seconds for seconds in by_hand], "the same by hand in the driver"
    )
    for where, taken in jobs.items():
        rival, goal = f"APScheduler, {plan.jobs:,} jobs {where}", 30 if where == "in SQLite" else None
        yield against(what, "people/s", speed, [plan.due / seconds for seconds in taken], rival, goal)
    yield Row(f"a tick with nobody due, {name}", "ms", _idle(log) * 1000, goal=1, better="less")
    missed = due.after_an_hour_down()
    yield Row(
        f"of {plan.due:,} due while it was down for an hour, not asked, {name}", "people", missed, goal=0, better="less"
    )


class Due:
    """Makes the same people due again and again."""

    def __init__(self, log: LearningLog, plan: Plan) -> None:
        self.log, self.most = log, plan.due
        asked = select(SCHEDULE.c.id).where(SCHEDULE.c.next_due_at.is_not(None)).order_by(SCHEDULE.c.id)
        with log.database.reading() as connection:
            ids = connection.execute(asked).scalars().all()
        self.ids = ids[:: max(1, plan.people // plan.due)][: plan.due]

    def timed(self, claim: Callable[[LearningLog], int]) -> float:
        """The seconds that it takes to claim all of them."""
        self._make(timedelta(seconds=30))
        databases.flush_disks()
        start = time.perf_counter()
        claimed = claim(self.log)
        taken = time.perf_counter() - start
        self._check(claimed)
        return taken

    def after_an_hour_down(self) -> int:
        """All were due over the last hour, and no tick came. How many of them are not asked at the next one."""
        self._make(timedelta(hours=1))
        claim_all(self.log)
        return self.most - self._asked()

    def _check(self, claimed: int) -> None:
        if claimed != self.most or self._asked() != self.most:
            raise RuntimeError(f"{claimed} of {self.most} were claimed: the figures mean nothing")

    def _make(self, ago: timedelta) -> None:
        """As they were before: due, with no prompt of today."""
        when = self.log.clock() - ago
        due = update(SCHEDULE).where(SCHEDULE.c.id == bindparam("one")).values(next_due_at=when)
        with self.log.write() as records:
            for table in (OUTBOX, ASKED):
                records.session.execute(delete(table))
            records.session.connection().execute(due, [{"one": id} for id in self.ids])

    def _asked(self) -> int:
        with self.log.database.reading() as connection:
            made = select(func.count()).select_from(ASKED).where(ASKED.c.status != "missed")
            return int(connection.execute(made).scalar_one())


def claim_all(log: LearningLog) -> int:
    """Our own tick. Returns how many prompts it made."""
    return falling_due.make_due(log)


def _idle(log: LearningLog) -> float:
    """Seconds of all that a tick of the worker asks the database, at the median."""
    taken = []
    for _ in range(IDLE_TICKS):
        start = time.perf_counter()
        alert_again(log, "")
        falling_due.drop_late(log)
        falling_due.make_some_due(log)
        falling_due.remind_some(log)
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
