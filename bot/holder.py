"""Which of the workers talks to a channel: one at a time, so that its pace is one and its updates are read once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket

from bot import outbox
from bot.handling import Run
from bot.pacer import Pacer
from learning_log.storage.holding import Hold, take_hold
from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)
LOOK_SECONDS = 1.0
# The worker before may have used the whole pace of its last second.
REST_SECONDS = 1.0


class Holder:
    """ours: set as long as this worker holds the channel. name: what is held, such as a bot's number."""

    def __init__(self, log: LearningLog, channel: str, name: str, pacer: Pacer, run: Run) -> None:
        self.log, self.channel, self.name, self.pacer, self.run = log, channel, name, pacer, run
        self.ours = asyncio.Event()
        self._hold: Hold | None = None

    async def serve(self, stop: asyncio.Event) -> None:
        """Tries to take the channel until it is ours, and sees whether it still is."""
        while not stop.is_set():
            await self.look()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=LOOK_SECONDS)

    async def look(self) -> None:
        if self._hold is None:
            self._hold = await self.run(take_hold, self.log.database, self.name)
        elif not await self.run(self._hold.is_held):
            logger.warning("channel lost: the database ended our hold", extra={"channel": self.channel})
            await self.release()
        if self._hold is not None and not self.ours.is_set():
            await self._take_over()

    async def _take_over(self) -> None:
        who = f"{socket.gethostname()}:{os.getpid()}"
        rest = await self.run(outbox.take_over, self.log, self.channel, who)
        before = REST_SECONDS if self.pacer.has_limits else 0.0
        self.pacer.rest(max(rest, before), asyncio.get_running_loop().time())
        logger.info("channel is ours", extra={"channel": self.channel, "holder": who})
        self.ours.set()

    async def release(self) -> None:
        """Another worker may take it at once."""
        hold, self._hold = self._hold, None
        self.ours.clear()
        if hold is not None:
            await self.run(hold.release)
