"""Sending for a channel: in order, at its pace, and with nothing lost between the network and the database."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import col, select

from bot.channels.channel import FateUnknown, Refused, TryAgain
from bot.dialogue.turn import Say
from bot.noted import Noted
from bot.pacer import Pacer
from bot.sender import Sender
from learning_log.services import conversations
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Channel, Conversation, OutboxMessage
from tests.bot.chat import Chat, PaperChannel, at_once
from tests.bot.conftest import Home


class MoodyChannel(PaperChannel):
    """Does as it is told for each message: an error is raised, anything else lets it through."""

    def __init__(self, *moods: Exception | None) -> None:
        super().__init__()
        self.moods = list(moods)

    async def send(self, address: str, say: Say) -> str:
        mood = self.moods.pop(0) if self.moods else None
        await asyncio.sleep(0)
        if mood is not None:
            raise mood
        return await super().send(address, say)


class Counting(Noted):
    def __init__(self) -> None:
        self.fates: list[str] = []

    def sending(self, fate: str) -> None:
        self.fates.append(fate)


def sender_for(log: LearningLog, channel: PaperChannel, run: Any = at_once, pacer: Pacer | None = None) -> Sender:
    return Sender(log, channel, pacer or Pacer(None, 0), run, Counting())


async def send_all(sender: Sender, until: Callable[[], bool]) -> None:
    """Serves until it is so, or nothing moves any more."""
    ours = asyncio.Event()
    ours.set()
    serving = asyncio.create_task(sender.serve(ours, idle_seconds=0.01))
    for _ in range(300):
        if until() or serving.done():
            break
        await asyncio.sleep(0.01)
    sender.stop()
    await serving


@pytest.fixture
def chat(log: LearningLog, home: Home) -> Chat:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    return chat


def say(log: LearningLog, home: Home, *texts: str) -> None:
    with log.write(home.tenant) as records:
        (whom,) = records.all(select(Conversation))
        conversations.say(records, whom, [conversations.message(text) for text in texts])


def states(log: LearningLog) -> list[tuple[str, str | None]]:
    with log.read() as records:
        rows = records.all(select(OutboxMessage).order_by(col(OutboxMessage.id)))
        return [(row.status, row.channel_message) for row in rows[-3:]]


def test_the_messages_of_a_chat_go_in_order_and_each_is_recorded(log: LearningLog, home: Home, chat: Chat) -> None:
    channel = MoodyChannel()
    say(log, home, "one", "two", "three")
    asyncio.run(send_all(sender_for(log, channel), lambda: len(channel.sent) == 3))
    assert [said.words for _, said in channel.sent] == ["one", "two", "three"]
    assert states(log) == [("sent", "1"), ("sent", "2"), ("sent", "3")]


@pytest.mark.parametrize(
    ("mood", "state", "fate"),
    [
        (FateUnknown("TimeoutError"), "unknown", "unknown"),
        (Refused("forbidden"), "failed", "refused"),
        (TryAgain("no connection", 60), "pending", "put_back"),
        (RuntimeError("nobody expected this"), "unknown", None),
    ],
)
def test_whatever_becomes_of_a_message_is_recorded(
    log: LearningLog, home: Home, chat: Chat, mood: Exception, state: str, fate: str | None
) -> None:
    channel = MoodyChannel(mood)
    say(log, home, "one")
    sender = sender_for(log, channel)
    asyncio.run(send_all(sender, lambda: not channel.moods and states(log)[-1][0] != "sending"))
    assert states(log)[-1] == (state, None)
    assert channel.sent == []
    assert sender.noted.fates == ([fate] if fate else [])  # type: ignore[attr-defined]


def test_a_rest_for_everybody_holds_up_every_chat_and_outlives_the_worker(
    log: LearningLog, home: Home, chat: Chat
) -> None:
    with log.write() as records:
        records.add(Channel(name="paper", seen_at=records.now))
    channel = MoodyChannel(TryAgain("too fast", 30, everybody=True))
    say(log, home, "one", "two")
    sender = sender_for(log, channel)
    asyncio.run(send_all(sender, lambda: not channel.moods and states(log)[-2][0] == "pending"))
    assert channel.sent == []
    with log.read() as records:
        assert (records.first(select(Channel)).rest_until - records.now).total_seconds() == 30


def test_what_was_sent_while_the_database_is_away_is_recorded_when_it_is_back(
    log: LearningLog, home: Home, chat: Chat
) -> None:
    channel = MoodyChannel()
    say(log, home, "one")
    away = [False]

    async def run(work: Callable[..., Any], *args: Any) -> Any:
        if away[0] and channel.sent:
            away[0] = False
            raise OSError("the database is away")
        return work(*args)

    async def twice() -> None:
        sender = sender_for(log, channel, run)
        away[0] = True
        with pytest.raises(OSError, match="away"):
            await send_all(sender, lambda: False)
        sender.stopping = False
        await send_all(sender, lambda: states(log)[-1][0] == "sent")

    asyncio.run(twice())
    assert len(channel.sent) == 1
    assert states(log)[-1] == ("sent", "1")


def test_what_waits_for_its_moment_is_handed_back_at_the_stop(log: LearningLog, home: Home, chat: Chat) -> None:
    channel = MoodyChannel()
    say(log, home, "one")

    async def stopped() -> None:
        pacer = Pacer(per_second=1, per_chat=0)
        pacer.begin(asyncio.get_running_loop().time())
        sender = sender_for(log, channel, pacer=pacer)
        assert await sender.send_some() == 1
        assert states(log)[-1][0] == "sending"
        sender.stop()
        await sender.finish()

    asyncio.run(stopped())
    assert channel.sent == []
    assert states(log)[-1] == ("pending", None)


def test_a_claim_whose_answer_got_lost_is_of_unknown_fate_and_holds_up_nobody(
    log: LearningLog, home: Home, chat: Chat
) -> None:
    channel = MoodyChannel()
    say(log, home, "one", "two")
    assert len(chat.claim()) == 1  # committed, and whoever claimed it never heard of it
    asyncio.run(send_all(sender_for(log, channel), lambda: len(channel.sent) == 1))
    assert [said.words for _, said in channel.sent] == ["two"]
    assert [state for state, _ in states(log)[-2:]] == ["unknown", "sent"]
