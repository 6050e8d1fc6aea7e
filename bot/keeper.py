"""Keeps what comes at the same moment in one commit: the disk takes as long for one message as for many."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot import inbox
from bot.channels.channel import Incoming
from bot.handling import Run
from bot.noted import Noted
from learning_log.storage.records import LearningLog


class Keeper:
    def __init__(self, log: LearningLog, run: Run, noted: Noted) -> None:
        self.log, self.run, self.noted = log, run, noted
        self._waiting: dict[str, list[tuple[Sequence[Incoming], asyncio.Future[None]]]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def keep(self, channel: str, messages: Sequence[Incoming]) -> None:
        """Durable when it returns. What cannot be kept fails for everybody of the same commit."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(channel, []).append((messages, done))
        if channel not in self._tasks:
            self._tasks[channel] = asyncio.create_task(self._keep_all(channel))
        await done

    async def _keep_all(self, channel: str) -> None:
        """Whoever comes during a commit is kept by the next."""
        try:
            while batch := self._waiting.pop(channel, []):
                await self._keep(channel, batch)
        finally:
            del self._tasks[channel]

    async def _keep(self, channel: str, batch: list[tuple[Sequence[Incoming], asyncio.Future[None]]]) -> None:
        trouble = None
        try:
            together = [each for messages, _ in batch for each in messages]
            self.noted.kept(await self.run(inbox.keep, self.log, channel, together))
        except Exception as error:
            trouble = error
        for _, done in batch:
            if done.done():
                continue  # whoever waited has gone
            if trouble:
                done.set_exception(trouble)
            else:
                done.set_result(None)
