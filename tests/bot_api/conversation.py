"""What a person or a group sees of the bot, and waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .chats import Chat
from .messages import Message
from .rules import Json, command_entities

if TYPE_CHECKING:
    from .cloud import Cloud

SECONDS_TO_WAIT = 10.0


class Conversation:
    """May be used from any thread."""

    def __init__(self, cloud: Cloud, chat: Chat) -> None:
        self._cloud = cloud
        self._chat = chat
        self._last_act = 0

    @property
    def chat_id(self) -> int:
        return self._chat.chat_id

    @property
    def received(self) -> list[Message]:
        """What the bot said here and has not taken back, oldest first."""
        return [message for message in self.messages if message.from_bot]

    @property
    def messages(self) -> list[Message]:
        with self._cloud.changed:
            return sorted(self._chat.messages.values(), key=lambda message: message.message_id)

    @property
    def keyboard(self) -> tuple[str, ...]:
        """Labels of the keyboard on show now; empty when it is the ordinary one."""
        with self._cloud.changed:
            return self._chat.keyboard.keyboard if self._chat.keyboard else ()

    @property
    def actions(self) -> list[str]:
        """Chat actions of the bot, such as "typing"."""
        with self._cloud.changed:
            return list(self._chat.actions)

    def mark(self) -> int:
        """A point in time for `since`."""
        with self._cloud.changed:
            return self._cloud.chats.mark()

    def wait_for(
        self, wanted: Callable[[Message], bool], timeout: float = SECONDS_TO_WAIT, *, since: int | None = None
    ) -> Message:
        """The first message of the bot that fits, sent or edited since the latest act in this chat.

        `since` is a `mark()`, or 0 for everything ever said. AssertionError shows the whole chat.
        Blocks its thread: a coroutine calls it through `asyncio.to_thread`.
        """
        found: list[Message] = []

        def looked() -> bool:
            found[:] = [message for message in self._news(since) if wanted(message)]
            return bool(found)

        with self._cloud.changed:
            if not self._chat.moved.wait_for(looked, timeout):
                raise AssertionError(f"Not said within {timeout} s.\n{self.transcript()}")
            return found[0]

    def wait_for_text(self, part: str, timeout: float = SECONDS_TO_WAIT, *, since: int | None = None) -> Message:
        try:
            return self.wait_for(lambda message: part in message.text, timeout, since=since)
        except AssertionError as error:
            raise AssertionError(f"{part!r}: {error}") from None

    def _news(self, since: int | None) -> list[Message]:
        mark = self._last_act if since is None else since
        news: list[Message] = []
        for message in reversed(self._chat.messages.values()):
            if message.change <= mark:
                break
            if message.from_bot:
                news.append(message)
        return news[::-1]

    def transcript(self) -> str:
        lines = [message.line() for message in self.messages]
        return "\n".join([f"Chat {self.chat_id}", *lines, f"keyboard on show: {' | '.join(self.keyboard) or '-'}"])

    def _say(self, author: Json, content: Json, reply_to: int | None = None) -> int:
        """The message id."""
        with self._cloud.changed:
            self._last_act = self._cloud.chats.mark()
            replied = self._chat.messages[reply_to] if reply_to is not None else None
            message = self._cloud.chats.say(self._chat, author, content, reply_to=replied)
            # Whoever blocked the bot may still write; the bot hears nothing of it.
            if self._chat.standing == "member":
                self._cloud.updates.push("message", message.payload, self.chat_id)
            return message.message_id

    def _member_update(self, author: Json, before: str, now: str) -> None:
        bot = self._cloud.bot
        change = {
            "chat": self._chat.payload(),
            "from": author,
            "date": int(self._cloud.chats.now().timestamp()),
            "old_chat_member": _membership(bot, before),
            "new_chat_member": _membership(bot, now),
        }
        self._cloud.updates.push("my_chat_member", change, self.chat_id)


def words(text: str) -> Json:
    entities = command_entities(text)
    return {"text": text} | ({"entities": entities} if entities else {})


def _membership(bot: Json, status: str) -> Json:
    return {"user": bot, "status": status} | ({"until_date": 0} if status == "kicked" else {})
