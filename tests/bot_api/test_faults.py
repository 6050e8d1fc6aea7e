import asyncio

import httpx
import pytest
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TimedOut

from . import BotApiServer
from .conftest import with_bot


def say(server: BotApiServer, chat_id: int, **options: object) -> None:
    with_bot(server, lambda bot: bot.send_message(chat_id, "Hello", **options))  # type: ignore[arg-type]


def test_a_planned_answer_before_the_effect_leaves_no_message(server: BotApiServer) -> None:
    ada = server.user(started=True)
    server.faults.answer("sendMessage", 502, times=2)
    for _ in range(2):
        with pytest.raises(NetworkError, match="Planned by the test"):
            say(server, ada.chat_id)
    assert ada.received == []
    say(server, ada.chat_id)
    assert (len(ada.received), server.faults.left, server.calls("sendMessage")) == (1, 0, 3)


def test_a_planned_answer_after_the_effect_hides_a_message_that_was_sent(server: BotApiServer) -> None:
    ada = server.user(started=True)
    server.faults.answer("sendMessage", 500, after=True)
    with pytest.raises(NetworkError):
        say(server, ada.chat_id)
    assert [message.text for message in ada.received] == ["Hello"]


@pytest.mark.parametrize("after", [False, True])
def test_a_dropped_connection_gives_no_answer_at_all(server: BotApiServer, after: bool) -> None:
    ada = server.user(started=True)
    server.faults.drop("sendMessage", after=after)
    with pytest.raises(NetworkError, match=r"RemoteProtocolError|ReadError"):
        say(server, ada.chat_id)
    assert len(ada.received) == (1 if after else 0)


@pytest.mark.parametrize("after", [False, True])
def test_a_late_answer_runs_into_the_callers_time_limit(server: BotApiServer, after: bool) -> None:
    ada = server.user(started=True)
    server.faults.delay("sendMessage", 1.0, after=after)
    with pytest.raises(TimedOut):
        say(server, ada.chat_id, read_timeout=0.2)
    assert len(ada.received) == (1 if after else 0)
    # The caller gave up; the call did not.
    server.wait_until(lambda cloud: cloud.chats.sent == 1, timeout=5)


def test_a_fault_may_concern_one_chat_only(server: BotApiServer) -> None:
    ada, ben = server.user(started=True), server.user(started=True)
    server.faults.answer("sendMessage", 429, chat_id=ben.chat_id, retry_after=7)
    say(server, ada.chat_id)
    with pytest.raises(RetryAfter, match="Retry in 7 seconds"):
        say(server, ben.chat_id)


def test_polling_and_downloads_can_fail_too(server: BotApiServer) -> None:
    ada = server.user()
    ada.send_voice(b"sound")

    async def stumble(bot: Bot) -> bytes:
        server.faults.drop("getUpdates")
        with pytest.raises(NetworkError):
            await bot.get_updates()
        message = (await bot.get_updates())[0].message
        assert message
        assert message.voice
        server.faults.answer("download", 500)
        file = await message.voice.get_file()
        with pytest.raises(NetworkError):
            await file.download_as_bytearray()
        return bytes(await file.download_as_bytearray())

    assert with_bot(server, stumble) == b"sound"


def test_an_outage_refuses_connections_and_forgets_nothing(server: BotApiServer) -> None:
    ada = server.user(started=True)

    async def through_an_outage(bot: Bot) -> list[str | None]:
        poller = asyncio.create_task(bot.get_updates(timeout=50))
        await asyncio.to_thread(server.wait_until, lambda cloud: cloud.calls["getupdates"] == 1)
        with server.unreachable():
            ada.send("meanwhile")
            with pytest.raises(NetworkError):
                await poller
            with pytest.raises(NetworkError, match="ConnectError"):
                await bot.send_message(ada.chat_id, "lost")
        return [update.message.text for update in await bot.get_updates() if update.message]

    assert with_bot(server, through_an_outage) == ["meanwhile"]
    assert ada.received == []


def test_latency_is_added_to_every_answer() -> None:
    with BotApiServer(latency=0.05) as server:
        answer = httpx.get(f"{server.base_url}{server.token}/getMe", trust_env=False)
        assert answer.json()["result"]["is_bot"] is True
        assert answer.elapsed.total_seconds() >= 0.05
