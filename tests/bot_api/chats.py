"""Chats, who may write in them, and what was said."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count
from typing import Literal

from .files import StoredFile
from .messages import Message
from .rules import Json, Refused, bad_request

Standing = Literal["unknown", "member", "blocked", "kicked", "left"]

REFUSALS: dict[Standing, str] = {
    "unknown": "Forbidden: bot can't initiate conversation with a user",
    "blocked": "Forbidden: bot was blocked by the user",
    "kicked": "Forbidden: bot was kicked from the group chat",
    "left": "Forbidden: bot is not a member of the group chat",
}


@dataclass
class Chat:
    """`messages` are kept in the order of their latest change; `standing` is the bot's."""

    chat_id: int
    profile: Json
    standing: Standing
    message_ids: "count[int]"
    moved: threading.Condition
    instance: str = field(default_factory=lambda: str(random.getrandbits(62)))
    messages: dict[int, Message] = field(default_factory=dict)
    keyboard: Message | None = None
    actions: list[str] = field(default_factory=list)
    migrated_to: int | None = None
    takes_voice: bool = True

    @property
    def is_private(self) -> bool:
        return bool(self.profile["type"] == "private")

    def payload(self) -> Json:
        return {"id": self.chat_id} | self.profile

    def check_can_write(self) -> None:
        if self.migrated_to is not None:
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=self.migrated_to,
            )
        if self.standing != "member":
            raise Refused(403, REFUSALS[self.standing])

    def show(self, message: Message) -> None:
        self.messages.pop(message.message_id, None)
        self.messages[message.message_id] = message
        self.moved.notify_all()

    def take_keyboard(self, message: Message) -> None:
        """A keyboard stays until another one comes or it is removed."""
        if "keyboard" in (message.markup or {}):
            self.keyboard = message
        elif (message.markup or {}).get("remove_keyboard"):
            self.keyboard = None


class Chats:
    """Everything here is done with `changed` held."""

    def __init__(self, lock: threading.RLock, changed: threading.Condition, clock: Callable[[], datetime]) -> None:
        self._lock = lock
        self.changed = changed
        self._clock = clock
        self._by_id: dict[int, Chat] = {}
        # Past 32 bits, as Telegram's newer ones are.
        self._user_ids = count(5_000_000_001)
        self._group_ids = count(4_000_001)
        # Private chats and basic groups share one row of message ids; a supergroup counts for itself.
        self._message_ids = count(random.randint(100, 10_000))  # noqa: S311 - no secret
        self._changes = count(1)
        self._listeners: list[Callable[[Chat, Message], None]] = []
        self.sent = 0

    def listen(self, listener: Callable[[Chat, Message], None]) -> None:
        """Called, with the lock held, for each message of the bot that is new."""
        self._listeners.append(listener)

    def now(self) -> datetime:
        return self._clock()

    def open(self, profile: Json, standing: Standing) -> Chat:
        kind = profile["type"]
        if kind == "private":
            chat_id = next(self._user_ids)
        else:
            chat_id = -next(self._group_ids) - (1_000_000_000_000 if kind == "supergroup" else 0)
        ids = count(1) if kind == "supergroup" else self._message_ids
        chat = Chat(chat_id, profile, standing, ids, threading.Condition(self._lock))
        self._by_id[chat_id] = chat
        return chat

    def find(self, chat_id: int | None) -> Chat:
        if chat_id is None:
            raise bad_request("chat_id is empty")
        if chat_id not in self._by_id:
            raise bad_request("chat not found")
        return self._by_id[chat_id]

    def say(
        self,
        chat: Chat,
        author: Json,
        content: Json,
        *,
        markup: Json | None = None,
        file: StoredFile | None = None,
        reply_to: Message | None = None,
    ) -> Message:
        payload: Json = {
            "message_id": next(chat.message_ids),
            "from": author,
            "chat": chat.payload(),
            "date": int(self.now().timestamp()),
        }
        if reply_to:
            payload["reply_to_message"] = {k: v for k, v in reply_to.payload.items() if k != "reply_to_message"}
        payload |= content | _shown_markup(markup)
        message = Message(payload, author["is_bot"], next(self._changes), markup, file)
        if message.from_bot:
            chat.take_keyboard(message)
            self.sent += 1
            for listener in self._listeners:
                listener(chat, message)
        chat.show(message)
        self.changed.notify_all()
        return message

    def change(self, chat: Chat, message: Message, content: Json, markup: Json | None) -> Message:
        """What an edit makes of a message; an inline keyboard that is not given again is gone."""
        kept = {name: value for name, value in message.payload.items() if name != "reply_markup"}
        payload = kept | content | _shown_markup(markup) | {"edit_date": int(self.now().timestamp())}
        edited = replace(message, payload=payload, markup=markup, change=next(self._changes))
        chat.show(edited)
        self.changed.notify_all()
        return edited

    def mark(self) -> int:
        """Whatever is said or edited from now on has a higher `change`."""
        return next(self._changes)


def _shown_markup(markup: Json | None) -> Json:
    return {"reply_markup": markup} if markup and "inline_keyboard" in markup else {}
