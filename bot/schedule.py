"""The tick: who is due is a query, asked every few seconds; APScheduler only ticks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import effects, handling, inbox, outbox
from bot.dialogue.hearing import begin
from bot.dialogue.machine import WORRIED
from bot.dialogue.turn import Heard
from bot.gathering import facts_of, state_of
from bot.handling import Run
from learning_log import config
from learning_log.services import asking, concerns, theming
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Conversation

logger = logging.getLogger(__name__)
BATCH = 500
WORRY_FIRST = timedelta(hours=1)


def find_due(log: LearningLog) -> list[tuple[UUID, UUID]]:
    """The prompts whose turn it is, as (tenant, id)."""
    with log.write() as records:
        asking.make_due(records, BATCH)
    with log.read() as records:
        return asking.due(records, BATCH)


def ask(log: LearningLog, tenant: UUID, id: UUID) -> bool:
    """Begins the dialogue of one prompt. False if it was not asked: somebody else did, it is too late, or they
    are telling a worry."""
    with log.write(tenant) as records:
        claimed = asking.claim(records, id)
        if claimed is None:
            return False
        asked, conversation = claimed
        if _tells_a_worry(records, conversation):
            asked.status, asked.asked_at = "due", None
            return False
        turn = begin("reflecting", facts_of(records, conversation), {"asked": str(asked.id)})
        scene = effects.Scene(records, conversation, Heard("nothing"), asked.id, (), "", "")
        handling.carry_out(scene, turn, kind="prompt", asked_id=asked.id)
    return True


def _tells_a_worry(records: Records, conversation: Conversation) -> bool:
    """Whether what they write next belongs to a worry: a question would make it an answer that the team reads."""
    held = state_of(records, conversation)
    fresh = records.now - conversation.changed_at < WORRY_FIRST
    return held is not None and held.dialogue == WORRIED and fresh


def alert_again(log: LearningLog, app_link: str) -> int:
    """Alerts once more about worries that nobody has acknowledged. Returns about how many."""
    with log.read() as records:
        tenants = concerns.waiting_tenants(records)
    return sum(each_alone(_alert_again, log, tenant, app_link) for tenant in tenants)


def _alert_again(log: LearningLog, tenant: UUID, app_link: str) -> int:
    with log.write(tenant) as records:
        return concerns.alert_again(records, app_link)


def each_alone(work: Callable[..., int], log: LearningLog, tenant: UUID, *more: object) -> int:
    """What fails for one is logged, and holds up nobody else."""
    try:
        return work(log, tenant, *more)
    except Exception as error:
        logger.exception("failed", extra={"work": work.__name__, "tenant": tenant, "trouble": type(error).__name__})
        return 0


def wipe_old(log: LearningLog) -> int:
    """Wipes what the page of the web chat no longer shows."""
    with log.write() as records:
        return inbox.wipe_old(records, records.now - timedelta(days=config.load("defaults")["webchat"]["keep_days"]))


def place_themes(log: LearningLog) -> int:
    """Places new reflections, and finds themes anew where there is enough to find. Returns how many were placed."""
    with log.read() as records:
        tenants = theming.waiting_tenants(records)
    return sum(each_alone(theming.bring_up_to_date, log, tenant) for tenant in tenants)


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
        steps = ((outbox.settle_old_claims, ()), (outbox.drop_late_prompts, ()), (alert_again, (self.app_link,)))
        for work, more in steps:
            await self._try(work, *more)
        # One by one: an answer that comes meanwhile does not wait for all of them.
        for tenant, id in await self._try(find_due) or []:
            if await self._try(ask, tenant, id):
                self.changed()
        self.changed()

    async def _try(self, work: Callable[..., Any], *more: Any) -> Any:
        try:
            return await self.run(work, self.log, *more)
        except Exception as error:
            logger.exception("tick failed", extra={"work": work.__name__, "trouble": type(error).__name__})
            return None

    async def look_back(self) -> None:
        """What may take longer: themes, and wiping what is old."""
        for work in (place_themes, wipe_old):
            try:
                await asyncio.to_thread(work, self.log)  # not in the thread of the answers: people would wait for it
            except Exception as error:
                logger.exception("look back failed", extra={"work": work.__name__, "trouble": type(error).__name__})
