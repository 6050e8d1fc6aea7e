"""Sends what waits for one channel, as long as this worker holds the channel."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math

from bot import outbox
from bot.channels.channel import Channel, FateUnknown, Refused, TryAgain
from bot.handling import Run
from bot.noted import SENDING, Noted
from bot.outbox import Claimed, Fate, NotTaken, PutBack, Rest, Sent, Unknown
from bot.pacer import Pacer
from bot.prompting import compose
from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)

AT_ONCE = 64  # messages claimed at a time: as many as the connections to the channel
# What is claimed waits so long for its moment at most. Longer would make an answer wait behind prompts, and make more
# messages of unknown fate in a crash; shorter would leave moments unused while the database commits.
AHEAD_SECONDS = 0.15


class Sender:
    """Order is kept in each chat; chats do not wait for each other."""

    def __init__(self, log: LearningLog, channel: Channel, pacer: Pacer, run: Run, noted: Noted) -> None:
        self.log, self.channel, self.pacer, self.run, self.noted = log, channel, pacer, run, noted
        self.wake = asyncio.Event()
        self.stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._fates: list[Fate] = []
        self._gate = asyncio.Lock()  # what was claimed first goes first
        self._at_the_gate = 0

    async def serve(self, ours: asyncio.Event, idle_seconds: float = 1.0) -> None:
        """Until `stop`, or until the channel is not ours any more."""
        await self.finish()
        unknown = await self.run(outbox.settle, self.log, self.channel.name)
        if unknown:
            logger.warning("messages of unknown fate", extra={"channel": self.channel.name, "messages": unknown})
        while ours.is_set() and not self.stopping:
            self.wake.clear()
            found = await self.send_some()
            self.noted.came_round(SENDING)
            wait = 0.0 if found == AT_ONCE else self._wait(idle_seconds)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.wake.wait(), timeout=wait)
        await self.finish()

    def stop(self) -> None:
        """What was claimed and has not gone is handed back."""
        self.stopping = True
        self.wake.set()

    async def give_up(self) -> None:
        """What is still under way is of unknown fate, and recorded as that: another worker may go on with the chats."""
        for task in self._tasks:
            task.cancel()
        await self.finish()

    async def finish(self) -> None:
        """Waits for what is under way, and records it."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        await self._turn(0)

    async def send_some(self) -> int:
        """Records what is known by now, and begins to send what may go next. Returns how many."""
        claimed = await self._turn(self._room())
        for each in claimed:
            task = asyncio.create_task(self._send(each))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(claimed)

    async def _turn(self, room: int) -> list[Claimed]:
        fates, self._fates = self._fates, []
        if not fates and room <= 0:
            return []
        resting = frozenset(self.pacer.resting(self._now()))
        try:
            claimed: list[Claimed] = await self.run(
                outbox.turn, self.log, self.channel.name, fates, room, resting, compose
            )
        except BaseException:
            self._fates = fates + self._fates  # the database was away: they are recorded when it is back
            raise
        return claimed

    def _room(self) -> int:
        free = AT_ONCE - len(self._tasks)
        if not self.pacer.per_second:
            return free
        return min(free, math.ceil(AHEAD_SECONDS * self.pacer.per_second) - self._at_the_gate)

    def _wait(self, idle_seconds: float) -> float:
        """Until a chat may be written to again; a message that goes or is done wakes us."""
        now = self._now()
        return max(0.001, min([idle_seconds, *(free - now for free in self.pacer.resting(now).values())]))

    async def _send(self, claimed: Claimed) -> None:
        try:
            fate = await self._deliver(claimed)
            self._fates.append(fate)  # in two steps: the list of before the wait has been recorded by now
        except asyncio.CancelledError:
            self._fates.append(Unknown(claimed))
            raise
        except Exception as error:
            logger.exception("sending failed", extra={"outbox": claimed.id, "trouble": type(error).__name__})
            self._fates.append(Unknown(claimed))
        finally:
            self.wake.set()

    async def _deliver(self, claimed: Claimed) -> Fate:
        """Waits for its moment, and sends it; hands it back when the channel wants a rest, or when we end."""
        if not await self._may_go():
            return PutBack(claimed, max(0.0, self.pacer.rest_until - self._now()), "")
        try:
            return await self._hand_over(claimed)
        finally:
            self.pacer.done(claimed.chat, self._now())

    async def _may_go(self) -> bool:
        self._at_the_gate += 1
        try:
            async with self._gate:
                while (wait := self.pacer.wait(self._now())) > 0 and not self._ends():
                    await asyncio.sleep(wait)
                if self._ends():
                    return False
                self.pacer.begin(self._now())
                return True
        finally:
            self._at_the_gate -= 1
            self.wake.set()  # there is room for another claim

    def _ends(self) -> bool:
        return self.stopping or self.pacer.rest_until > self._now()

    async def _hand_over(self, claimed: Claimed) -> Fate:
        try:
            number = await self.channel.send(claimed.address, claimed.say)
        except TryAgain as error:
            if error.everybody:
                self.pacer.rest(error.after, self._now())
                self._fates.append(Rest(error.after))
            self.noted.sending("put_back")
            return PutBack(claimed, error.after, str(error)[:200])
        except Refused as error:
            self.noted.sending("refused")
            logger.warning("message refused", extra={"outbox": str(claimed.id), "blocked": error.blocked})
            return NotTaken(claimed, error)
        except FateUnknown:
            self.noted.sending("unknown")
            logger.warning("fate of a message unknown", extra={"outbox": str(claimed.id)})
            return Unknown(claimed)
        self.noted.sending("sent")
        return Sent(claimed, number)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()
