"""Telegram over HTTP: the worker against a Bot API server on loopback that keeps Telegram's rules."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
from PIL import Image
from pydantic import SecretStr
from sqlmodel import select

from bot import inbox
from bot.__main__ import open_when_it_answers
from bot.wiring import Worker
from learning_log.logs import Careful
from learning_log.services import asking, joining
from learning_log.settings import Settings
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import read_keys
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Conversation, InboxMessage, Media, OutboxMessage, Reflection
from tests.acceptance.installation import free_port
from tests.bot.conftest import Home
from tests.bot_api import BotApiServer, User


@pytest.fixture
def telegram() -> Iterator[BotApiServer]:
    with BotApiServer() as server:
        yield server


@pytest.fixture
def live(settings: Settings, telegram: BotApiServer) -> Iterator[LearningLog]:
    """The log as the worker has it: with the real clock."""
    settings.telegram_token = SecretStr(telegram.token)
    settings.telegram_base_url = telegram.base_url
    settings.tick_seconds = 0.2
    settings.chat_port = free_port()
    log = LearningLog(Database(settings.url_of_database), Vault(read_keys(settings.path_of_keys)))
    yield log
    log.close()


@contextmanager
def running(log: LearningLog, settings: Settings) -> Iterator[Worker]:
    """The whole worker, in a thread with an event loop of its own."""
    started, holder = threading.Event(), []

    async def serve() -> None:
        worker = Worker(log, settings)
        holder.append((worker, asyncio.get_running_loop()))
        started.set()
        await worker.serve()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert started.wait(10)
    worker, loop = holder[0]
    try:
        yield worker
    finally:
        with contextlib.suppress(RuntimeError):  # it has stopped by itself
            loop.call_soon_threadsafe(worker.stop.set)
        thread.join(20)
        assert not thread.is_alive()


def code_for(log: LearningLog, home: Home) -> str:
    with log.write(home.tenant) as records:
        return joining.invite(records, person_id=home.ada)


def joined(log: LearningLog, home: Home, telegram: BotApiServer) -> User:
    """Ada, who has joined already; only the address is Telegram's."""
    user = telegram.user("Ada Invented", started=True)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
        conversation, _ = joining.accept(records, code, "telegram", str(user.profile["id"]))
        records.session.flush()
        joining.answer_agreement(records, conversation, joining.TAKE_PART, True, "en/1")
    return user


def kept(log: LearningLog, home: Home) -> list[str]:
    with log.read(home.tenant) as records:
        return [records.text(row, "words") for row in records.all(select(Reflection).order_by(Reflection.id))]


def test_a_sticker_a_long_message_and_a_changed_one_are_answered_and_kept(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    user = joined(live, home, telegram)
    with running(live, settings):
        user.send_sticker("🙂")
        user.wait_for_text("I have kept that")
        long = "very good " * 409 + "indeed"
        assert len(long) == 4096
        number = user.send(long)
        user.wait_for_text("I have kept that")
        user.edit(number, "good")
        user.wait_for_text("I have changed your answer")
    assert kept(live, home) == ["🙂", long, "good"]


def test_a_photo_is_fetched_and_kept_and_one_of_twenty_megabytes_is_refused_in_words(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    user = joined(live, home, telegram)
    content = picture()
    with running(live, settings):
        user.send_photo(content, "my garden")
        user.wait_for_text("I have kept that")
        user.send_document("film.mp4", 21 * 1024 * 1024)
        user.wait_for_text("too big for me")
        user.send_document("notes.docx", 1000)
        user.wait_for_text("I cannot read that")
    assert kept(live, home) == ["my garden"]
    with live.read(home.tenant) as records:
        (media,) = records.all(select(Media))
        assert records.content(media, "content") == content


def test_a_group_is_told_once_asked_and_a_stranger_is_not_let_in(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    stranger, group = telegram.user("Nobody (invented)"), telegram.group("Elm House (invented)")
    with running(live, settings):
        stranger.start("not-a-code")
        stranger.wait_for_text("I do not know this code")
        stranger.send("hello?")
        stranger.wait_for_text("I do not know you yet")
        group.send(stranger, "hello everybody")
        group.wait_for_text("one person at a time")
    with live.read() as records:
        assert records.all(select(Conversation)) == []
        assert records.all(select(Reflection)) == []


def test_a_used_code_lets_nobody_else_in(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    code = code_for(live, home)
    first, second = telegram.user("Ada Invented"), telegram.user("Somebody Else (invented)")
    with running(live, settings):
        first.start(code)
        first.wait_for_text("take part")
        second.start(code)
        second.wait_for_text("used before")
    with live.read() as records:
        assert [row.person_id for row in records.all(select(Conversation))] == [home.ada]


def test_a_blocked_bot_stops_asking(live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings) -> None:
    user = joined(live, home, telegram)
    telegram.faults.answer("sendMessage", 403, description="Forbidden: bot was blocked by the user")
    with running(live, settings):
        with live.write(home.tenant) as records:
            asking.ask_now(records, person_id=home.ada)
        wait_for(live, lambda records: records.first(select(Conversation)).status == "blocked")
    assert user.received == []


def test_an_update_that_cannot_be_read_holds_up_nobody(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    user = joined(live, home, telegram)
    telegram.push_raw({"message": {"message_id": "x", "chat": "broken", "date": []}})
    telegram.push_raw({"poll": {"id": 1}})
    user.send("I went out")
    with running(live, settings):
        user.wait_for_text("I have kept that")
    assert kept(live, home) == ["I went out"]


def test_a_busy_telegram_is_obeyed_and_nothing_is_said_twice(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    user = joined(live, home, telegram)
    telegram.faults.answer("sendMessage", 429, retry_after=1)
    user.send("I went out")
    with running(live, settings):
        user.wait_for_text("Is this going well or not going well?")
    assert [message.text for message in user.received].count("Thank you. I have kept that.") == 1


def test_an_answer_whose_fate_is_unknown_is_not_repeated(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    user = joined(live, home, telegram)
    telegram.faults.drop("sendMessage", after=True)
    user.send("I went out")
    with running(live, settings):
        user.wait_for_text("Is this going well or not going well?")
    assert [message.text for message in user.received].count("Thank you. I have kept that.") == 1
    with live.read() as records:
        assert {row.status for row in records.all(select(OutboxMessage))} == {"sent", "unknown"}


def test_the_worker_outlives_a_telegram_that_is_away_at_the_start(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    user = joined(live, home, telegram)
    user.send("I went out")
    telegram.faults.answer("getMe", 502, times=2)
    with running(live, settings):
        user.wait_for_text("I have kept that", timeout=20)
    assert kept(live, home) == ["I went out"]


def test_what_waits_in_the_inbox_is_answered_after_a_restart(
    live: LearningLog, home: Home, telegram: BotApiServer, settings: Settings
) -> None:
    from bot.channels.telegram_channel import incoming

    user = joined(live, home, telegram)
    chat = {"id": user.profile["id"], "type": "private"}
    update = {"update_id": 7, "message": {"message_id": 3, "date": 1_780_000_000, "chat": chat, "text": "I went out"}}
    inbox.keep(live, "telegram", [incoming(update)])
    with running(live, settings):
        user.wait_for_text("I have kept that")
    with live.read() as records:
        assert [row.status for row in records.all(select(InboxMessage))] == ["done"]


def test_the_token_and_the_text_of_errors_reach_no_log(tmp_path: Path) -> None:
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Careful("123:secret-token"))
    logger = logging.Logger("careful")
    logger.addHandler(handler)
    try:
        raise ValueError("Ada said: the bus, at https://api/bot123:secret-token/send")
    except ValueError:
        logger.exception("failed at 123:secret-token", extra={"inbox": "42", "at": datetime(2026, 3, 2, tzinfo=UTC)})
    written = stream.getvalue()
    assert "secret-token" not in written
    assert "Ada" not in written
    assert "inbox=42" in written
    assert "ValueError" in written


def picture() -> bytes:
    from io import BytesIO

    room = BytesIO()
    Image.new("RGB", (40, 30), "green").save(room, "JPEG")
    return room.getvalue()


def wait_for(log: LearningLog, holds: Callable[[object], bool], seconds: float = 15) -> None:
    """Looks at the log until it is so."""
    pause, tries = threading.Event(), int(seconds / 0.1)
    for _ in range(tries):
        with log.read() as records:
            if holds(records):
                return
        pause.wait(0.1)
    raise AssertionError("it did not become so")


def test_a_worker_that_starts_before_its_database_waits_for_it(settings: Settings, tmp_path: Path) -> None:
    there = settings.database_url
    settings.database_url = "postgresql://127.0.0.1:1/nothing"

    async def start() -> list[bool]:
        stop = asyncio.Event()
        waiting = asyncio.create_task(open_when_it_answers(settings, stop))
        done, _ = await asyncio.wait([waiting], timeout=0.5)
        settings.database_url = there
        log = await waiting
        assert log is not None
        log.close()
        stop.set()
        return [bool(done), await open_when_it_answers(settings, stop) is None]

    assert asyncio.run(start()) == [False, True]
