"""Simulated people, who answer over the Bot API server while things break. All are invented."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from queue import Empty, SimpleQueue

from learning_log import config
from tests.bot_api import BotApiServer, User
from tests.bot_api.chats import Chat
from tests.bot_api.messages import Message

PATIENCE_SECONDS = 30.0
ORDINARY = "The bus came late"
WORRY = "They hold me down at night"


@dataclass(frozen=True)
class Wording:
    """What the bot says, as config/ has it. answers: the ends of the messages that answer a message."""

    kept: str
    answers: tuple[str, ...]
    question: str
    reminder: str


@cache
def wording() -> Wording:
    said = config.load("wording/en")
    kept = str(said["reflecting"]["kept"])
    questions = [one for one in config.load("prompts/core")["prompt"] if one["who"] == "person"]
    return Wording(
        kept,
        (kept, str(said["worried"]["thanks"])),
        str(questions[0]["words"]["en"]["text"]),
        str(said.get("reminding", {}).get("again", "")),
    )


@dataclass
class Record:
    """What the Bot API server saw. said: the words that were written, by chat. heard: what the bot sent, by chat.

    prompted: the chats for which a prompt was due. worries: the words of those among the messages.
    """

    said: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    heard: dict[int, list[Message]] = field(default_factory=lambda: defaultdict(list))
    prompted: list[int] = field(default_factory=list)
    worries: list[str] = field(default_factory=list)

    @property
    def messages(self) -> list[str]:
        return [words for said in self.said.values() for words in said]


class People:
    """Each of `answering` writes, waits for the answer, and writes again: as many at once as there are people.

    Who hears nothing for `patience` seconds writes again all the same: the answer's fate may be unknown.
    """

    def __init__(self, server: BotApiServer, users: Sequence[User], answering: int) -> None:
        self.users = {user.chat_id: user for user in users}
        self.record = Record()
        self._answering = frozenset(user.chat_id for user in users[:answering])
        self.patience = PATIENCE_SECONDS
        self._numbers = count(1)
        self._said_at: dict[int, float] = {}
        self._answers: SimpleQueue[int] = SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write, name="people", daemon=True)
        server.cloud.chats.listen(self._hear)

    def begin(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Nobody writes any more; what they wrote before may still be on its way."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def say(self, chat: int, words: str = ORDINARY) -> str:
        """Writes one message, with a word in it that no other message has."""
        words = f"{words}, said as number{next(self._numbers):07}."
        self.record.said[chat].append(words)
        self.users[chat].send(words)
        return words

    def worry(self, chat: int) -> None:
        self.record.worries.append(self.say(chat, WORRY))

    def _hear(self, chat: Chat, message: Message) -> None:
        self.record.heard[chat.chat_id].append(message)
        if chat.chat_id in self._answering and message.text.endswith(wording().kept):
            self._answers.put(chat.chat_id)

    def _write(self) -> None:
        for chat in sorted(self._answering):
            self._write_from(chat)
        while not self._stop.is_set():
            try:
                self._write_from(self._answers.get(timeout=0.2))
            except Empty:
                for chat in self._unheard():
                    self._write_from(chat)

    def _write_from(self, chat: int) -> None:
        self._said_at[chat] = time.monotonic()
        self.say(chat)

    def _unheard(self) -> list[int]:
        long_ago = time.monotonic() - self.patience
        return [chat for chat, when in self._said_at.items() if when < long_ago]
