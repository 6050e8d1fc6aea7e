"""A chat by hand: what somebody writes goes through the real inbox, dialogues, log and outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from bot import inbox, outbox
from bot.channels.channel import Channel, Incoming, TooBig
from bot.dialogue.turn import Heard, Media, Say
from bot.handling import Handling
from bot.prompting import compose
from learning_log.services import joining
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Reflection
from tests.bot.conftest import Home

LINK = "http://app.example"


class PaperChannel:
    """A channel of the test's own: its payloads say what was heard, and what it sends is collected."""

    name = "paper"

    def __init__(self) -> None:
        self.sent: list[tuple[str, Say]] = []
        self.files: dict[str, bytes] = {}

    def hear(self, body: dict[str, Any]) -> Heard:
        media = Media(**body["media"]) if body.get("media") else None
        said = {name: body[name] for name in ("words", "button", "code", "edits") if name in body}
        return Heard(body["kind"], media=media, **said)

    async def fetch(self, media: Media) -> bytes:
        if media.reference not in self.files:
            raise TooBig
        return self.files[media.reference]

    async def send(self, address: str, say: Say) -> str:
        self.sent.append((address, say))
        return str(len(self.sent))

    async def heard_tap(self, tap: str) -> None:
        return None


async def at_once(work: Callable[..., Any], *args: Any) -> Any:
    return work(*args)


class Chat:
    """One person at one address of the paper channel."""

    numbers = count(1)

    def __init__(self, log: LearningLog, address: str = "1001", channel: PaperChannel | None = None) -> None:
        self.log, self.address = log, address
        self.channel = channel or PaperChannel()
        channels: dict[str, Channel] = {"paper": self.channel}
        self.handling = Handling(log, channels, at_once, LINK)

    def keep(self, kind: str = "words", **body: Any) -> str:
        """Only keeps the message. Returns the chat's number of it."""
        number = str(next(self.numbers))
        said = Incoming(number, self.address, {"kind": kind, **body}, chat_message=number)
        inbox.keep(self.log, "paper", [said])
        return number

    def handle(self) -> None:
        """Answers the messages that wait now; one that fails waits for its next try."""

        async def answer() -> None:
            await self.handling.handle_some()
            await self.handling.finish()

        asyncio.run(answer())

    def hear(self, kind: str = "words", **body: Any) -> list[Say]:
        """Keeps, handles and sends: returns what the bot says to it."""
        self.keep(kind, **body)
        self.handle()
        return self.delivered()

    def says(self, text: str) -> list[Say]:
        return self.hear(words=text)

    def delivered(self) -> list[Say]:
        before, fates = len(self.channel.sent), list[outbox.Fate]()
        while claimed := self.claim(*fates):
            fates = [outbox.Sent(each, asyncio.run(self.channel.send(each.address, each.say))) for each in claimed]
        return [say for address, say in self.channel.sent[before:] if address == self.address]

    def claim(self, *fates: outbox.Fate) -> list[outbox.Claimed]:
        """One turn of the sender: says what became of messages, and claims the next of each chat."""
        return outbox.turn(self.log, "paper", fates, 100, (), compose)

    def join(self, tenant: UUID, *, person_id: UUID | None = None, staff_id: UUID | None = None) -> list[Say]:
        """Joins with a fresh code and says yes to everything; returns the last of what the bot says."""
        with self.log.write(tenant) as records:
            code = joining.invite(records, person_id=person_id, staff_id=staff_id)
        self.hear("start", code=code)
        said: list[Say] = []
        for answer in ("Yes, I want to", "Yes, they may", "Yes, count mine", "Every day", "Morning, 10:00"):
            said = self.says(answer)
        return said


def at(log: LearningLog, moment: Any) -> LearningLog:
    """The same log at another moment."""
    return LearningLog(log.database, log.vault, clock=lambda: moment)


def moved(chat: Chat, moment: Any) -> Chat:
    """The same chat at another moment."""
    other = Chat(at(chat.log, moment), chat.address, chat.channel)
    other.handling = replace(chat.handling, log=other.log)
    return other


def reflections(log: LearningLog, home: Home) -> list[tuple[str, str]]:
    """What is kept and counts, the oldest first: the direction and the words."""
    with log.read(home.tenant) as records:
        rows = records.all(select(Reflection).where(col(Reflection.superseded_at).is_(None)).order_by(Reflection.id))
        return [(row.direction, records.text(row, "words")) for row in rows]
