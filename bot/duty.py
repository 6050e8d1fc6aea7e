"""What one of the workers does for Telegram: it holds the channel, sends, and reads."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from telegram import BotCommand
from telegram.error import EndPointNotFound, InvalidToken

from bot.channels.telegram_channel import COMMANDS, NAME, UPDATES, TelegramChannel, make_bot
from bot.handling import Run
from bot.holder import Holder
from bot.noted import POLLING, SENDING, Noted
from bot.pacer import Pacer
from bot.polling import Keep, Poller
from bot.sender import Sender
from learning_log import config
from learning_log.services.seen import SEEN_SECONDS, note_seen
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog

logger = logging.getLogger(__name__)
IDLE_SECONDS = 1.0


class Duty:
    """Every worker that has the token stands by; the one that holds the channel is on duty."""

    def __init__(
        self, log: LearningLog, settings: Settings, run: Run, keep: Keep, noted: Noted, stop: asyncio.Event
    ) -> None:
        self.log, self.settings, self.run, self.noted, self.stop = log, settings, run, noted, stop
        self.bot = make_bot(settings)
        self.channel = TelegramChannel(self.bot, settings.pictures_dir)
        pace = config.load("defaults")["sending"]
        pacer = Pacer(pace["per_second"], pace["per_chat_seconds"])
        # One bot, one pace and one reader: whoever holds its number. The number is no secret, the rest of the token is.
        number = self.bot.token.partition(":")[0]
        self.holder = Holder(log, NAME, f"{NAME}-{number}", pacer, run)
        self.sender = Sender(log, self.channel, pacer, run, noted)
        self.poller = Poller(self.bot, keep, self._polled)
        self._seen_at = 0.0

    @property
    def is_ours(self) -> bool:
        return self.holder.ours.is_set()

    def jobs(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.hold, self.send, self.read]

    async def hold(self) -> None:
        await self.holder.serve(self.stop)

    async def send(self) -> None:
        """As long as the channel is ours."""
        async with self._while_ours(SENDING) as ours:
            if ours:
                await self.sender.serve(self.holder.ours)

    async def read(self) -> None:
        """As long as the channel is ours. Fails when Telegram is away, to begin again."""
        async with self._while_ours(POLLING) as ours:
            if ours:
                await self._read()

    async def end(self) -> None:
        """Lets go of the channel, so that another worker may take it at once."""
        with contextlib.suppress(Exception):  # the database may be away: then the hold ends with us
            await self.sender.give_up()
            await self.holder.release()
        await self.bot.shutdown()

    @contextlib.asynccontextmanager
    async def _while_ours(self, job: str) -> AsyncIterator[bool]:
        """Waits a moment for the channel; a worker that has it is expected to do its job."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.holder.ours.wait(), timeout=IDLE_SECONDS)
        if not self.is_ours:
            self.noted.expect_no_more(job)
            yield False
            return
        self.noted.expect(job)
        yield True

    async def _read(self) -> None:
        """Introduces us to Telegram, then reads updates until the stop."""
        try:
            await self.bot.initialize()
            await self._introduce()
        except (InvalidToken, EndPointNotFound):
            logger.error("Telegram refuses the token: next try in a minute")
            return await self._rest(60)
        if self.settings.telegram_webhook_url:
            return await self._stand_by()
        polling = asyncio.create_task(self.poller.serve(self.holder.ours, self.stop))
        stopped = asyncio.create_task(self.stop.wait())
        await asyncio.wait([polling, stopped], return_when=asyncio.FIRST_COMPLETED)
        # A poll waits for seconds. What it may have brought is not confirmed, and comes again.
        stopped.cancel()
        polling.cancel()
        await asyncio.gather(polling, stopped, return_exceptions=True)
        return None if polling.cancelled() else polling.result()

    async def _stand_by(self) -> None:
        """There is nothing to read: Telegram comes by itself, to whichever worker."""
        while self.is_ours and not self.stop.is_set():
            self.noted.came_round(POLLING)
            await self.run(note_seen, self.log, NAME, self.bot.username)
            await self._rest(SEEN_SECONDS)

    async def _introduce(self) -> None:
        """Tells Telegram how we want our updates, and what people can do."""
        await self.bot.set_my_commands([BotCommand(name, text) for name, text in COMMANDS])
        if self.settings.telegram_webhook_url:
            await self.bot.set_webhook(
                self.settings.telegram_webhook_url,
                allowed_updates=list(UPDATES),
                secret_token=self.settings.telegram_webhook_secret.get_secret_value(),
            )
        else:
            await self.bot.delete_webhook(drop_pending_updates=False)
        await self.run(note_seen, self.log, NAME, self.bot.username)

    async def _polled(self) -> None:
        """After each poll: Telegram answers."""
        self.noted.came_round(POLLING)
        now = asyncio.get_running_loop().time()
        if now - self._seen_at > SEEN_SECONDS:
            self._seen_at = now
            await self.run(note_seen, self.log, NAME, self.bot.username)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.stop.wait(), timeout=seconds)
