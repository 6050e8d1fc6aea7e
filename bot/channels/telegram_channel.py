"""Telegram, through python-telegram-bot: its updates become Heard, and Say becomes a message."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.channels.channel import FateUnknown, Refused, TooBig, TryAgain
from bot.channels.telegram_message import LARGEST_FILE, PHOTO, VOICE, Call, dressed, plain, with_file
from bot.channels.telegram_request import AiohttpRequest, Unsent
from bot.channels.telegram_update import LARGEST, heard
from bot.channels.telegram_update import incoming as incoming  # for those who know the channel by this module
from bot.dialogue.turn import Heard, Media, Say
from learning_log.settings import Settings

logger = logging.getLogger(__name__)

NAME = "telegram"
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
CONNECTIONS = 64  # open at once, for all but the poll
DRESSING = 2  # at once: each keeps a core busy, and the rest of the worker needs some too
COMMANDS = (
    ("start", "Answer a question now"),
    ("stop", "No more questions"),
    ("later", "Ask me again soon"),
    ("pause", "A rest from questions"),
    ("settings", "Choose when I ask"),
    ("mydata", "See what I keep"),
    ("help", "What you can do"),
)


def make_bot(settings: Settings) -> Bot:
    """The client for the Bot API server of the settings."""
    return Bot(
        settings.telegram_token.get_secret_value(),
        base_url=settings.telegram_base_url,
        base_file_url=settings.telegram_file_url,
        request=AiohttpRequest(CONNECTIONS),
        get_updates_request=AiohttpRequest(1),
    )


class TelegramChannel:
    """Reads kept updates and sends messages. It never reads updates from the network: see bot/polling.py."""

    name = NAME

    def __init__(self, bot: Bot, photographs: Path | None = None) -> None:
        self.bot, self.photographs = bot, photographs
        self._dressing = asyncio.Semaphore(DRESSING)

    def hear(self, body: dict[str, Any]) -> Heard:
        return heard(body)

    async def fetch(self, media: Media) -> bytes:
        if media.size > LARGEST:
            raise TooBig
        try:
            file = await self.bot.get_file(media.reference)
            return bytes(await file.download_as_bytearray())
        except BadRequest as error:
            raise TooBig from error  # Telegram's answer for a file over its limit, and for one that it has no more

    async def send(self, address: str, say: Say) -> str:
        call = await self._call(address, say)
        try:
            return await self._ask(call)
        except Refused as refused:
            if call.method not in (VOICE, PHOTO) or refused.blocked or refused.moved_to:
                raise
            # Telegram surely did not take it. Some people let nobody send them voice messages; words reach them.
            logger.info("not taken in this dress: sent as words", extra={"method": call.method})
        return await self._ask(plain(address, say))

    async def _call(self, address: str, say: Say) -> Call:
        if say.file:
            if len(say.file.content) > LARGEST_FILE:
                raise Refused("file too big")
            return with_file(address, say, say.file)
        if say.aloud or say.big:
            try:
                async with self._dressing:
                    return await asyncio.to_thread(dressed, address, say, self.photographs)
            except Exception as error:  # whatever it is: the words are what counts
                logger.warning("no speech or picture: sent as words", extra={"trouble": type(error).__name__})
        return plain(address, say)

    async def _ask(self, call: Call) -> str:
        """One call. Returns the number of the message; raises a SendError, of the same meaning for each method."""
        try:
            # The library's own methods build a Message out of the answer, which costs more than the rest of the call.
            message = await self.bot.do_api_request(call.method, call.asked)
        except RetryAfter as error:
            raise TryAgain("too fast", seconds_of(error), everybody=True) from error
        except (InvalidToken, EndPointNotFound) as error:  # the second once the token was good before
            raise TryAgain("token refused", 60, everybody=True) from error
        except Forbidden as error:
            raise Refused("forbidden", blocked=True) from error
        except ChatMigrated as error:
            raise Refused("moved", moved_to=str(error.new_chat_id)) from error
        except BadRequest as error:
            raise Refused("bad request", blocked="chat not found" in str(error).lower()) from error
        except NetworkError as error:
            raise _lost(error) from error
        except TelegramError as error:
            raise FateUnknown(type(error).__name__) from error
        return _number_of(message)

    async def heard_tap(self, tap: str) -> None:
        try:
            await self.bot.do_api_request("answercallbackquery", {"callback_query_id": tap})
        except TelegramError as error:  # the tap is handled: only its little clock keeps turning
            logger.info("tap not answered", extra={"trouble": type(error).__name__})


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants us to wait."""
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def _lost(error: NetworkError) -> TryAgain | FateUnknown:
    """Only what never left this machine is sure: a server's own error may come after it took the message."""
    reason = str(error.__cause__ or type(error).__name__)
    return TryAgain(reason, 2) if isinstance(error.__cause__, Unsent) else FateUnknown(reason)


def _number_of(message: Any) -> str:
    """Of a message that Telegram says it took: so it is not sent again, even if the answer is odd."""
    return str(message.get("message_id", "")) if isinstance(message, dict) else ""
