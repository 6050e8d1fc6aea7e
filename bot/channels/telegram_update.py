"""What one of Telegram's updates says. It is read as it came, so nothing in it can stop the others.

Building the library's objects out of an update takes far longer than reading it, and fails over fields that we do
not need.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from telegram.constants import ChatMemberStatus, ChatType, MessageAttachmentType

from bot.channels.channel import Incoming
from bot.dialogue.turn import Heard, Media

LARGEST = 20 * 1024 * 1024  # bytes: what Telegram hands out to a bot
LEFT = (ChatMemberStatus.BANNED, ChatMemberStatus.LEFT)  # "kicked" is the word for a bot that was blocked
Json = dict[str, Any]


def incoming(update: Json) -> Incoming:
    """A raw update, as it is kept. What has no chat is kept under its own number, and handled as nothing."""
    key = _key(update)
    message = _message_in(update)
    chat = _part(message, "chat") or _part(_part(update, "my_chat_member"), "chat")
    address = _number(chat, "id") or f"none-{key}"
    return Incoming(key=key, address=address, body=update, chat_message=_number(message, "message_id"))


def heard(update: Json) -> Heard:
    if change := _part(update, "my_chat_member"):
        return Heard("blocked" if _part(change, "new_chat_member").get("status") in LEFT else "nothing")
    if query := _part(update, "callback_query"):
        return _tapped(query)
    if message := _part(update, "edited_message"):
        return _edited(message)
    if message := _part(update, "message"):
        return _said(message)
    return Heard("unreadable" if update.get("message") is not None else "nothing")


def _key(update: Json) -> str:
    """The update's number with what stays the same when it is delivered again.

    After a quiet week Telegram may begin its numbers anew, and an old number must not hide a new update.
    """
    number, query = _number(update, "update_id"), _part(update, "callback_query")
    if not number:
        return sha256(json.dumps(update, sort_keys=True).encode()).hexdigest()[:32]
    if query:
        return f"{number}:{_text(query, 'id')[:32]}" if _is_plain(_text(query, "id")) else number
    dated = _message_in(update) or _part(update, "my_chat_member")
    date = _number(dated, "edit_date") or _number(dated, "date")
    return f"{number}:{date}" if date else number


def _tapped(query: Json) -> Heard:
    message, data = _part(query, "message"), query.get("data")
    if not isinstance(data, str) or not message:
        return Heard("nothing")
    if not _is_private(message):
        return Heard("group", tap=_text(query, "id"))
    return Heard("button", button=_text(query, "data"), tap=_text(query, "id"))


def _edited(message: Json) -> Heard:
    number = _number(message, "message_id")
    if not number or not _is_private(message):
        return Heard("nothing")
    return Heard("edited", words=_text(message, "text") or _text(message, "caption"), edits=number)


def _said(message: Json) -> Heard:
    if not _text(_part(message, "chat"), "type"):
        return Heard("unreadable")
    if not _is_private(message):
        return Heard("group") if message.get("text") or message.get("caption") else Heard("nothing")
    if "text" in message:
        return _words(_text(message, "text")) if isinstance(message["text"], str) else Heard("unreadable")
    return _shown(message, _text(message, "caption"))


def _shown(message: Json, caption: str) -> Heard:
    """A message that is no text: a photo, a voice message, a sticker, a file, or news about the chat itself."""
    media = _media(message)
    if media:
        return Heard("media", words=caption, media=media)
    if emoji := _text(_part(message, "sticker"), "emoji"):
        return Heard("words", words=emoji)
    attached = [kind for kind in MessageAttachmentType if message.get(kind)]
    if not attached:
        return Heard("nothing")
    size = max(_size(_part(message, kind)) for kind in attached)
    return Heard("too_big" if size > LARGEST else "unreadable", words=caption)


def _words(text: str) -> Heard:
    command, _, rest = text.strip().partition(" ")
    if command.split("@")[0] == "/start" and rest.strip():
        return Heard("start", code=rest.strip())
    return Heard("words", words=text)


def _media(message: Json) -> Media | None:
    photos = message.get("photo")
    photo = _part({"largest": photos[-1]}, "largest") if isinstance(photos, list) and photos else {}
    if reference := _text(photo, "file_id"):
        return Media("photo", reference, "image/jpeg", _size(photo))
    voice = _part(message, "voice")
    if reference := _text(voice, "file_id"):
        return Media("voice", reference, _text(voice, "mime_type") or "audio/ogg", _size(voice))
    return None


def _message_in(update: Json) -> Json:
    return (
        _part(update, "message") or _part(update, "edited_message") or _part(_part(update, "callback_query"), "message")
    )


def _is_private(message: Json) -> bool:
    return _part(message, "chat").get("type") == ChatType.PRIVATE


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isalnum()


def _part(table: Json, name: str) -> Json:
    found = table.get(name)
    return found if isinstance(found, dict) else {}


def _text(table: Json, name: str) -> str:
    """Empty when it is no text. Half of a surrogate pair, which could not be kept, becomes a question mark."""
    found = table.get(name)
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""


def _number(table: Json, name: str) -> str:
    """Telegram's numbers, which it always writes as whole numbers; empty when it is none."""
    found = table.get(name)
    return str(found) if isinstance(found, int) and not isinstance(found, bool) else ""


def _size(file: Json) -> int:
    size = file.get("file_size")
    return size if isinstance(size, int) else 0
