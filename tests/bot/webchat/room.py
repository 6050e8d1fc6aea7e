"""The web chat's page on the real inbox, dialogues, log and outbox, without a worker around them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, TypeVar
from uuid import UUID, uuid4

from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot import inbox, outbox
from bot.channels.channel import Incoming
from bot.channels.webchat.channel import NAME, WebChat
from bot.channels.webchat.routes import routes
from bot.dialogue.turn import Say
from bot.handling import Handling
from bot.prompting import compose
from learning_log.services import conversations, joining
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog

T = TypeVar("T")
ADDRESS = "http://testserver"


def ticking(log: LearningLog, start: datetime) -> LearningLog:
    """The same log, where each look at the clock is a second later."""
    seconds = count()
    return LearningLog(log.database, log.vault, clock=lambda: start + timedelta(seconds=next(seconds)))


class Room:
    """Answers each message before its post is answered, unless `is_slow`: then `catch_up` does it."""

    def __init__(self, log: LearningLog, settings: Settings) -> None:
        self.log, self.settings = log, settings
        self.kept: list[Incoming] = []
        self.is_slow = False
        self.stop = asyncio.Event()
        self._handling = Handling(log, {NAME: WebChat()}, self.run, "http://app.example")
        self._waiting: set[asyncio.Event] = set()

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        return work(*args)

    async def keep(self, channel: str, messages: Sequence[Incoming]) -> None:
        inbox.keep(self.log, channel, messages)
        self.kept.extend(messages)
        if not self.is_slow:
            await self.catch_up()

    async def changed(self, conversation_or_address: str, timeout: float) -> None:
        """Short, so that a test never waits for a long poll to end; a browser asks again."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            await asyncio.wait_for(event.wait(), min(timeout, 0.2))
        except TimeoutError:
            return
        finally:
            self._waiting.discard(event)

    async def catch_up(self) -> None:
        while await self._handling.handle_some():
            await self._handling.finish()
        outbox.show(self.log, NAME, compose)
        for event in self._waiting:
            event.set()

    def app(self) -> Starlette:
        return Starlette(routes=routes(self))

    def client(self, **headers: str) -> TestClient:
        """A browser with cookies of its own, on a page of ours."""
        return TestClient(self.app(), ADDRESS, headers={"Origin": ADDRESS, **headers})

    def invite(
        self, tenant: UUID, *, person_id: UUID | None = None, staff_id: UUID | None = None, hours: float = 72
    ) -> str:
        with self.log.write(tenant) as records:
            return joining.invite(records, person_id=person_id, staff_id=staff_id, hours=hours)

    def ask(self, tenant: UUID, person_id: UUID, words: str) -> None:
        """The bot has something to say of its own accord; `catch_up` says it."""
        with self.log.write(tenant) as records:
            chat = conversations.of(records, person_id, None)
            assert chat
            conversations.say(records, chat, [Say(words).as_json()], "prompt")


class Visitor:
    """Somebody with a browser, with or without scripts."""

    def __init__(self, room: Room, tenant: UUID, person_id: UUID) -> None:
        self.room, self.tenant, self.person_id = room, tenant, person_id
        self.client = room.client()
        self.cursor = ""
        self.lines: list[dict[str, Any]] = []

    def start(self) -> Visitor:
        code = self.room.invite(self.tenant, person_id=self.person_id)
        answer = self.client.post(f"/join/{code}")
        assert answer.status_code == 200, answer.text
        self.new()
        return self

    def join(self) -> Visitor:
        """All the way to the first question."""
        self.start()
        for label in ("Yes, I want to", "Yes, they may", "Yes, count mine", "Every day", "Morning, 10:00"):
            self.tap(label)
        return self

    def new(self) -> list[dict[str, Any]]:
        """The lines since the last look; `lines` keeps the newest that there were, for their buttons."""
        answer = self.client.get("/chat/messages", params={"after": self.cursor})
        assert answer.status_code == 200, answer.text
        self.cursor = answer.json()["cursor"]
        found: list[dict[str, Any]] = answer.json()["lines"]
        self.lines = found or self.lines
        return found

    def tap(self, label: str) -> list[dict[str, Any]]:
        values = {choice["label"]: choice["value"] for line in self.lines for choice in line["choices"]}
        self.post(button=values[label])
        return self.new()

    def write(self, text: str) -> list[dict[str, Any]]:
        self.post(text=text)
        return self.new()

    def post(self, expect: int = 200, key: str = "", file: bytes = b"", **fields: str) -> dict[str, Any]:
        """As the page's script posts."""
        answer = self.client.post(
            "/chat/say",
            data={"key": key or str(uuid4()), **fields},
            files={"file": ("file", file)} if file else None,
            headers={"Accept": "application/json"},
        )
        assert answer.status_code == expect, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def page(self) -> str:
        return str(self.client.get("/chat").text)

    def words_on_page(self) -> list[str]:
        """What the page shows of both sides, in order."""
        return re.findall(r'<p class="words">(.*?)</p>', self.page(), re.DOTALL)
