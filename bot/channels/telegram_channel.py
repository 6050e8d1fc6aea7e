"""Telegram, through python-telegram-bot: its updates become Heard, and Say becomes a message."""

from __future__ import annotations

import logging
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    Update,
)
from telegram.constants import ChatType
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.channels.channel import FateUnknown, Incoming, Refused, TooBig, TryAgain
from bot.dialogue.turn import Heard, Media, Say
from learning_log.settings import Settings

logger = logging.getLogger(__name__)

NAME = "telegram"
LARGEST = 20 * 1024 * 1024  # bytes: what Telegram hands out to a bot
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
LEFT = ("kicked", "left")
CONNECTIONS = 16  # httpx slows down with many more
COMMANDS = (
    ("start", "Answer a question now"),
    ("stop", "No more questions"),
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
        request=HTTPXRequest(connection_pool_size=CONNECTIONS, read_timeout=20, write_timeout=20, connect_timeout=10),
        get_updates_request=HTTPXRequest(connection_pool_size=1, read_timeout=20),
    )


def incoming(update: dict[str, Any]) -> Incoming:
    """A raw update, as it is kept. What has no chat is kept under its own number, and handled as nothing."""
    number = str(update.get("update_id", ""))
    message = _message_in(update)
    chat = _part(message, "chat") or _part(_part(update, "my_chat_member"), "chat")
    address = str(chat.get("id") or f"none-{number}")
    return Incoming(key=number, address=address, body=update, chat_message=str(message.get("message_id", "")))


class TelegramChannel:
    """Reads kept updates and sends messages. It never reads updates from the network: see bot/polling.py."""

    name = NAME

    def __init__(self, bot: Bot) -> None:
        self.bot = bot

    def hear(self, body: dict[str, Any]) -> Heard:
        try:
            update = Update.de_json(body, self.bot)
        except Exception:  # one update that the library cannot read must not stop the others
            logger.warning("update not readable", extra={"update": str(body.get("update_id"))})
            return Heard("unreadable" if "message" in body else "nothing")
        if update.my_chat_member:
            return Heard("blocked" if update.my_chat_member.new_chat_member.status in LEFT else "nothing")
        if update.callback_query:
            return self._tapped(update)
        if update.edited_message:
            return _edited(update.edited_message)
        return _said(update.message) if update.message else Heard("nothing")

    def _tapped(self, update: Update) -> Heard:
        query = update.callback_query
        if query is None or query.data is None or query.message is None:
            return Heard("nothing")
        if query.message.chat.type != ChatType.PRIVATE:
            return Heard("group", tap=query.id)
        return Heard("button", button=query.data, tap=query.id)

    async def fetch(self, media: Media) -> bytes:
        if media.size > LARGEST:
            raise TooBig
        try:
            file = await self.bot.get_file(media.reference)
            return bytes(await file.download_as_bytearray())
        except BadRequest as error:
            raise TooBig from error  # Telegram's answer for a file over its limit, and for one that it has no more

    async def send(self, address: str, say: Say) -> str:
        try:
            message = await self.bot.send_message(chat_id=address, text=_with_picture(say), reply_markup=_keyboard(say))
        except RetryAfter as error:
            raise TryAgain("too fast", seconds_of(error), everybody=True) from error
        except InvalidToken as error:
            raise TryAgain("token refused", 60, everybody=True) from error
        except Forbidden as error:
            raise Refused("forbidden", blocked=True) from error
        except ChatMigrated as error:
            raise Refused("moved", moved_to=str(error.new_chat_id)) from error
        except BadRequest as error:
            raise Refused("bad request", blocked="chat not found" in str(error).lower()) from error
        except TimedOut as error:
            raise _timed_out(error) from error
        except NetworkError as error:
            raise _lost(error) from error
        except TelegramError as error:
            raise FateUnknown(type(error).__name__) from error
        return str(message.message_id)

    async def heard_tap(self, tap: str) -> None:
        try:
            await self.bot.answer_callback_query(tap)
        except TelegramError as error:  # the tap is handled: only its little clock keeps turning
            logger.info("tap not answered", extra={"trouble": type(error).__name__})


def _said(message: Message) -> Heard:
    if message.chat.type != ChatType.PRIVATE:
        return Heard("group") if message.text or message.caption else Heard("nothing")
    if message.text is not None:
        return _words(message.text)
    media = _media(message)
    if media:
        return Heard("media", words=message.caption or "", media=media)
    if message.sticker and message.sticker.emoji:
        return Heard("words", words=message.sticker.emoji)
    if message.effective_attachment:
        size = getattr(message.effective_attachment, "file_size", 0) or 0
        return Heard("too_big" if size > LARGEST else "unreadable", words=message.caption or "")
    return Heard("nothing")


def _words(text: str) -> Heard:
    command, _, rest = text.strip().partition(" ")
    if command.split("@")[0] == "/start" and rest.strip():
        return Heard("start", code=rest.strip())
    return Heard("words", words=text)


def _edited(message: Message) -> Heard:
    if message.chat.type != ChatType.PRIVATE:
        return Heard("nothing")
    return Heard("edited", words=message.text or message.caption or "", edits=str(message.message_id))


def _media(message: Message) -> Media | None:
    if message.photo:
        largest = message.photo[-1]
        return Media("photo", largest.file_id, "image/jpeg", largest.file_size or 0)
    if message.voice:
        return Media(
            "voice", message.voice.file_id, message.voice.mime_type or "audio/ogg", message.voice.file_size or 0
        )
    return None


def _with_picture(say: Say) -> str:
    return f"{say.picture} {say.words}" if say.picture else say.words


def _keyboard(say: Say) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | None:
    if say.choices:
        rows = [[InlineKeyboardButton(choice.label[:60], callback_data=choice.value)] for choice in say.choices]
        return InlineKeyboardMarkup(rows)
    if say.always:
        return ReplyKeyboardMarkup([list(say.always)], resize_keyboard=True, is_persistent=True)
    return None


def seconds_of(error: RetryAfter) -> float:
    """How long Telegram wants us to wait."""
    after = error.retry_after
    return float(after if isinstance(after, int | float) else after.total_seconds())


def _timed_out(error: TimedOut) -> TryAgain | FateUnknown:
    """A pool or connection that was never there is tried again; an answer that did not come leaves the fate open."""
    cause = type(error.__cause__).__name__
    return TryAgain(cause, 2) if cause in ("PoolTimeout", "ConnectTimeout") else FateUnknown(cause)


def _lost(error: NetworkError) -> TryAgain | FateUnknown:
    """Only a connection that was never made is sure: a server's own error may come after it took the message."""
    cause = type(error.__cause__).__name__
    return TryAgain(cause, 2) if cause == "ConnectError" else FateUnknown(cause)


def _message_in(update: dict[str, Any]) -> dict[str, Any]:
    for kind in ("message", "edited_message"):
        if _part(update, kind):
            return _part(update, kind)
    return _part(_part(update, "callback_query"), "message")


def _part(table: dict[str, Any], name: str) -> dict[str, Any]:
    found = table.get(name)
    return found if isinstance(found, dict) else {}
