"""Long polling: updates are kept before the next call confirms them to Telegram."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken, RetryAfter, TelegramError

from bot.channels.channel import Incoming
from bot.channels.telegram_channel import NAME, UPDATES, incoming, seconds_of

logger = logging.getLogger(__name__)

LONG_POLL_SECONDS = 10
BATCH = 100
Keep = Callable[[str, Sequence[Incoming]], Awaitable[None]]


class Poller:
    """Asks for raw updates, keeps a whole batch in one commit, and only then asks for the next.

    python-telegram-bot's own updater would confirm a batch before anybody has handled it, and would stumble for ever
    over one update that it cannot read.
    """

    def __init__(self, bot: Bot, keep: Keep, polled: Callable[[], Awaitable[None]]) -> None:
        """polled: is called after each answer of Telegram."""
        self.bot, self.keep, self.polled = bot, keep, polled

    async def serve(self, ours: asyncio.Event, stop: asyncio.Event) -> None:
        """As long as the channel is ours: two that poll would take turns at being refused."""
        offset: int | None = None  # at the start none: what was not confirmed comes again, and is kept once
        wait = 1.0
        while ours.is_set() and not stop.is_set():
            try:
                offset = await self._poll(offset)
                wait = 1.0
            except (InvalidToken, EndPointNotFound):
                logger.error("Telegram refuses the token: polling waits for a minute")
                await _rest(stop, 60)
            except Conflict:
                logger.error("another program polls with this token, or a webhook is set: trying again")
                await _rest(stop, 5)
            except RetryAfter as error:
                await _rest(stop, seconds_of(error))
            except TelegramError as error:
                logger.warning("Telegram does not answer", extra={"trouble": type(error).__name__, "again_in": wait})
                await _rest(stop, wait)
                wait = min(wait * 2, 60.0)

    async def _poll(self, offset: int | None) -> int | None:
        asked: dict[str, Any] = {"timeout": LONG_POLL_SECONDS, "limit": BATCH, "allowed_updates": list(UPDATES)}
        if offset is not None:
            asked["offset"] = offset
        updates: list[dict[str, Any]] = await self.bot.do_api_request(
            "getUpdates", api_kwargs=asked, read_timeout=LONG_POLL_SECONDS + 10
        )
        readable = [update for update in updates if isinstance(update, dict)]
        if readable:
            await self.keep(NAME, [incoming(update) for update in readable])
        numbers = [number for update in readable if isinstance(number := update.get("update_id"), int)]
        await self.polled()
        # After an empty answer all is confirmed, and no offset is needed: Telegram may begin its numbers anew, lower,
        # and would take a high offset for a yes to updates that we have not seen.
        return max(numbers) + 1 if numbers else None


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), timeout=seconds)
