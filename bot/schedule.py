"""The tick: who is due is a query, asked every few seconds; APScheduler only ticks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import inbox, outbox
from bot.handling import Run
from bot.noted import Noted
from learning_log import config
from learning_log.clock import utc_now
from learning_log.services import concerns, falling_due
from learning_log.services.tenants import each_alone
from learning_log.storage.faults import is_lost
from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1.0  # how soon it is seen that the clock was set back


def alert_again(log: LearningLog, app_link: str) -> int:
    """Alerts once more about worries that nobody has acknowledged. Returns about how many."""
    with log.read() as records:
        tenants = concerns.waiting_tenants(records)
    return each_alone(_alert_again, log, tenants, app_link)


def _alert_again(log: LearningLog, tenant: UUID, app_link: str) -> int:
    with log.write(tenant) as records:
        return concerns.alert_again(records, app_link)


def wipe_old(log: LearningLog) -> int:
    """Wipes what the page of the web chat no longer shows."""
    with log.write() as records:
        before = records.now - timedelta(days=config.load("defaults")["webchat"]["keep_days"])
        return inbox.wipe_old(records, before) + outbox.wipe_old(records, before)


class Schedule:
    """Runs the tick until it is stopped."""

    def __init__(
        self,
        log: LearningLog,
        run: Run,
        app_link: str,
        seconds: float,
        changed: Callable[[], None],
        noted: Noted | None = None,
    ) -> None:
        """changed: is called when something new may wait in the outbox."""
        self.log, self.run, self.app_link, self.changed = log, run, app_link, changed
        self.noted = noted or Noted()
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        usual = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self.scheduler.add_job(self.tick, "interval", seconds=seconds, **usual)
        self.scheduler.add_job(self.look_back, "interval", seconds=max(seconds, 20), **usual)
        self._looking: asyncio.TimerHandle | None = None

    def start(self) -> None:
        self.scheduler.start()
        self._look()

    def stop(self) -> None:
        self.scheduler.shutdown(wait=False)
        if self._looking:
            self._looking.cancel()

    def _look(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)
        self.keep_ticking(utc_now())

    def keep_ticking(self, now: datetime) -> None:
        """APScheduler waits by the time of day. When that is set back, it would not tick until that has come again."""
        for job in self.scheduler.get_jobs():
            if job.next_run_time > now + job.trigger.interval:
                job.modify(next_run_time=now)

    async def tick(self) -> None:
        """Prompts, reminders and alerts. What fails is logged, and tried again at the next tick."""
        began = asyncio.get_running_loop().time()
        done = [await self._try(alert_again, self.app_link), await self._try(falling_due.drop_late)]
        for work in (falling_due.make_some_due, falling_due.remind_some):
            done.append(await self._in_batches(work))
        if any(done):
            self.changed()
        self.noted.ticked(asyncio.get_running_loop().time() - began, well=None not in done)

    async def _in_batches(self, work: Callable[..., Any]) -> int | None:
        """One at a time: an answer that comes meanwhile does not wait for all of them."""
        made = 0
        while found := await self._try(work):
            seen, some = int(found[0]), int(found[1])
            made += some
            if seen < falling_due.BATCH:
                return made
            self.changed()
        return None

    async def _try(self, work: Callable[..., Any], *more: Any) -> Any:
        try:
            return await self.run(work, self.log, *more)
        except Exception as error:
            told = {"work": work.__name__, "trouble": type(error).__name__}
            logger.error("tick failed: trying again", extra=told, exc_info=not is_lost(error))
            return None

    async def look_back(self) -> None:
        """What may take longer."""
        try:
            await asyncio.to_thread(wipe_old, self.log)  # not in the thread of the answers: people would wait for it
        except Exception as error:
            logger.exception("look back failed", extra={"trouble": type(error).__name__})
