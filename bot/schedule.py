"""The tick: who is due is a query, asked every few seconds; APScheduler only ticks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import effects, handling, inbox, outbox
from bot.dialogue.hearing import begin
from bot.dialogue.turn import Heard
from bot.gathering import facts_of
from bot.handling import Run
from learning_log import config
from learning_log.services import asking, concerns, theming
from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)
BATCH = 500


def ask_due(log: LearningLog) -> int:
    """Begins the dialogue of every prompt whose turn it is. Returns how many were asked."""
    with log.write() as records:
        asking.make_due(records, BATCH)
    with log.read() as records:
        waiting = asking.due(records, BATCH)
    return sum(_ask(log, tenant, id) for tenant, id in waiting)


def _ask(log: LearningLog, tenant: UUID, id: UUID) -> bool:
    with log.write(tenant) as records:
        claimed = asking.claim(records, id)
        if claimed is None:
            return False
        asked, conversation = claimed
        turn = begin("reflecting", facts_of(records, conversation), {"asked": str(asked.id)})
        scene = effects.Scene(records, conversation, Heard("nothing"), asked.id, (), "", "")
        handling.carry_out(scene, turn, kind="prompt", asked_id=asked.id)
    return True


def alert_again(log: LearningLog, app_link: str) -> int:
    """Alerts once more about worries that nobody has acknowledged. Returns about how many."""
    with log.read() as records:
        tenants = concerns.waiting_tenants(records)
    alerted = 0
    for tenant in tenants:
        with log.write(tenant) as records:
            alerted += concerns.alert_again(records, app_link)
    return alerted


def wipe_old(log: LearningLog) -> int:
    """Wipes what the page of the web chat no longer shows."""
    with log.write() as records:
        return inbox.wipe_old(records, records.now - timedelta(days=config.load("defaults")["webchat"]["keep_days"]))


def place_themes(log: LearningLog) -> int:
    """Places new reflections, and finds themes anew where there is enough to find. Returns how many were placed."""
    with log.read() as records:
        tenants = theming.waiting_tenants(records)
    return sum(theming.bring_up_to_date(log, tenant) for tenant in tenants)


class Schedule:
    """Runs the tick until it is stopped."""

    def __init__(self, log: LearningLog, run: Run, app_link: str, seconds: float, changed: Callable[[], None]) -> None:
        self.log, self.run, self.app_link, self.changed = log, run, app_link, changed
        self.scheduler = AsyncIOScheduler(timezone="UTC")
        usual = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        self.scheduler.add_job(self.tick, "interval", seconds=seconds, **usual)
        self.scheduler.add_job(self.look_back, "interval", seconds=max(seconds, 20), **usual)

    def start(self) -> None:
        self.scheduler.start()

    def stop(self) -> None:
        self.scheduler.shutdown(wait=False)

    async def tick(self) -> None:
        """Prompts and alerts. What fails is logged, and tried again at the next tick."""
        for work, more in ((ask_due, ()), (alert_again, (self.app_link,)), (outbox.settle_old_claims, ())):
            try:
                if await self.run(work, self.log, *more):
                    self.changed()
            except Exception as error:
                logger.exception("tick failed", extra={"work": work.__name__, "trouble": type(error).__name__})

    async def look_back(self) -> None:
        """What may take longer: themes, and wiping what is old."""
        for work in (place_themes, wipe_old):
            try:
                await asyncio.to_thread(work, self.log)  # not in the thread of the answers: people would wait for it
            except Exception as error:
                logger.exception("look back failed", extra={"work": work.__name__, "trouble": type(error).__name__})
