"""What the Telegram channel sends, and what it makes of Telegram's refusals."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import soundfile
from telegram import Bot

from bot.__main__ import run
from bot.channels import telegram_message
from bot.channels.channel import FateUnknown, Refused, SendError, TryAgain
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_request import AiohttpRequest
from bot.dialogue.turn import Choice, File, Say
from tests.bot.telegram_room import HELLO
from tests.bot_api import BotApiServer, Message, User

OPUS = b"OggS OpusHead invented"
PNG = b"\x89PNG\r\n\x1a\n" + b"invented"
CHOICES = (Choice("🙂 Yes", "a:1"), Choice("No", "a:2"))
MY_DATA = File("my words.json", "application/json", b"{}")
DRESSES = {
    "sendMessage": HELLO,
    "sendVoice": Say("Hello", aloud="en"),
    "sendPhoto": Say("Hello", picture="🙂", big=True),
    "sendDocument": Say("Hello", file=MY_DATA),
}


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    (tmp_path / "picture.png").write_bytes(PNG)
    return tmp_path / "picture.png"


@pytest.fixture
def dressed(monkeypatch: pytest.MonkeyPatch, picture: Path) -> None:
    """Speech and pictures are there."""
    monkeypatch.setattr(telegram_message, "speak", lambda _text, _language: OPUS)
    monkeypatch.setattr(telegram_message, "picture_file", lambda *_: picture)


def sent(
    *says: Say,
    before: Callable[[BotApiServer, User], object] = lambda _server, _user: None,
    photographs: Path | None = None,
) -> list[Message]:
    """What the person sees of it. Each is sent and each is exactly one message."""
    with BotApiServer() as server:
        ada = server.user(started=True)
        before(server, ada)

        async def try_it() -> list[str]:
            async with Bot(server.token, server.base_url, request=AiohttpRequest(2)) as bot:
                channel = TelegramChannel(bot, photographs)
                return [await channel.send(str(ada.chat_id), say) for say in says]

        numbers = run(try_it())
        assert [str(message.message_id) for message in ada.received] == numbers
        return ada.received


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"status": 429, "retry_after": 7}, TryAgain("too fast", 7, everybody=True)),
        ({"status": 401}, TryAgain("token refused", 60, everybody=True)),
        ({"status": 404}, TryAgain("token refused", 60, everybody=True)),
        ({"status": 403}, Refused("forbidden", blocked=True)),
        ({"status": 400, "migrate_to_chat_id": -1007}, Refused("moved", moved_to="-1007")),
        ({"status": 400, "description": "Bad Request: chat not found"}, Refused("bad request", blocked=True)),
        ({"status": 400, "description": "Bad Request: message is too long"}, Refused("bad request")),
        ({"status": 500}, FateUnknown("NetworkError")),
        ({"status": 409}, FateUnknown("Conflict")),
    ],
)
@pytest.mark.parametrize("method", DRESSES)
@pytest.mark.usefixtures("dressed")
def test_what_telegram_refuses_is_told_by_its_kind(method: str, answer: dict[str, Any], expected: SendError) -> None:
    with BotApiServer() as server:
        ada = server.user(started=True)
        for each in {method, "sendMessage"}:  # the words alone, too
            server.faults.answer(each, **answer)

        async def try_it() -> str | SendError:
            request = AiohttpRequest(2)
            async with Bot(server.token, server.base_url, request=request, get_updates_request=request) as bot:
                try:
                    return await TelegramChannel(bot).send(str(ada.chat_id), DRESSES[method])
                except SendError as error:
                    return error

        fate = run(try_it())
        assert (type(fate), str(fate), vars(fate)) == (type(expected), str(expected), vars(expected))
        assert ada.received == []
        assert server.calls(method) == 1


def test_a_message_shows_its_picture_its_buttons_and_the_keyboard_that_stays() -> None:
    with BotApiServer() as server:
        ada = server.user(started=True)

        async def try_it() -> None:
            async with Bot(server.token, server.base_url, request=AiohttpRequest(2)) as bot:
                channel = TelegramChannel(bot)
                await channel.send(str(ada.chat_id), Say("Well?", (Choice("Yes", "a:1"), Choice("No", "a:2")), "🙂"))
                await channel.send(str(ada.chat_id), Say("Always", always=("Stop", "Help")))
                await channel.heard_tap("no such tap")

        run(try_it())
        asked, always = ada.received
        assert (asked.text, asked.buttons, always.keyboard) == ("🙂 Well?", ("Yes", "No"), ("Stop", "Help"))
        assert server.calls("answerCallbackQuery") == 1


def test_a_message_that_is_read_aloud_is_a_voice_message_with_its_words_and_buttons() -> None:
    (asked,) = sent(Say("What is working? You can say STOP.", CHOICES, "🙂", big=True, aloud="en"))
    assert asked.voice
    assert (asked.text, asked.buttons) == ("🙂 What is working? You can say STOP.", ("🙂 Yes", "No"))
    samples, rate = soundfile.read(BytesIO(asked.content or b""))
    assert len(samples) / rate > 2


def test_the_choices_are_read_out_after_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[str, str]] = []

    def speak(text: str, language: str) -> bytes:
        read.append((text, language))
        return OPUS

    monkeypatch.setattr(telegram_message, "speak", speak)
    sent(Say("Well?", CHOICES, "🙂", ("Stop",), aloud="cy"))
    assert read == [("Well?\n🙂 Yes\nNo", "cy")]


@pytest.mark.usefixtures("dressed")
def test_a_big_picture_is_a_photo_and_is_not_shown_twice() -> None:
    asked, always = sent(
        Say("Well?", CHOICES, "🙂", big=True), Say("Thank you", picture="🙏", always=("Stop", "Help"), big=True)
    )
    assert (asked.photo, asked.text, asked.buttons, asked.content) == (True, "Well?", ("🙂 Yes", "No"), PNG)
    assert (always.photo, always.text, always.keyboard) == (True, "Thank you", ("Stop", "Help"))


def test_a_big_picture_is_drawn_or_is_the_photograph_of_the_service(tmp_path: Path) -> None:
    (tmp_path / "1F642.jpg").write_bytes(b"\xff\xd8\xff invented")
    says = Say("Well?", picture="🙂", big=True), Say("Thank you", picture="🙏", big=True)
    photograph, drawing = sent(*says, photographs=tmp_path)
    assert (photograph.photo, photograph.content) == (True, b"\xff\xd8\xff invented")
    assert drawing.photo
    assert (drawing.content or b"")[16:24] == (618).to_bytes(4, "big") * 2


@pytest.mark.usefixtures("dressed")
def test_a_file_is_sent_with_its_name_its_words_and_the_keyboard() -> None:
    (message,) = sent(Say("All that I keep.", picture="📦", file=MY_DATA, always=("Stop",), big=True, aloud="en"))
    assert (message.document, message.content, message.text) == ("my words.json", b"{}", "📦 All that I keep.")
    assert message.payload["document"]["mime_type"] == "application/json"
    assert message.keyboard == ("Stop",)


@pytest.mark.usefixtures("dressed")
def test_words_too_long_for_a_caption_are_sent_whole_as_words() -> None:
    says = [Say("🙂" * 512, aloud="en"), Say("🙂" * 512 + "x", aloud="en"), Say("x" * 1025, picture="🙂", big=True)]
    voice, words, no_photo = sent(*says)
    assert (voice.voice, words.voice, no_photo.photo) == (True, False, False)
    assert (words.text, no_photo.text) == ("🙂" * 512 + "x", "🙂 " + "x" * 1025)


def test_a_file_comes_even_with_words_too_long_for_it() -> None:
    (message,) = sent(Say("x" * 1022 + "🙂🙂", file=MY_DATA))
    assert (message.document, message.text) == ("my words.json", "x" * 1022 + "…")


def test_a_file_that_telegram_would_not_take_is_refused_before_it_is_sent() -> None:
    file = File("big.bin", "application/octet-stream", bytes(50 * 1024 * 1024 + 1))
    with pytest.raises(Refused, match="too big"):
        sent(Say("Here", file=file))


def broken(*_: object) -> None:
    raise RuntimeError("a voice that broke")


def nothing(*_: object) -> None:
    return None


def gone(*_: object) -> Path:
    return Path("no such picture.png")


@pytest.mark.parametrize(("speak", "picture_file"), [(nothing, nothing), (broken, broken), (nothing, gone)])
@pytest.mark.parametrize("method", ["sendVoice", "sendPhoto"])
def test_without_speech_or_a_picture_the_words_are_sent(
    method: str, speak: object, picture_file: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_message, "speak", speak)
    monkeypatch.setattr(telegram_message, "picture_file", picture_file)
    (message,) = sent(DRESSES[method])
    assert (message.text.removeprefix("🙂 "), message.voice, message.photo) == ("Hello", False, False)


@pytest.mark.usefixtures("dressed")
def test_without_speech_a_big_picture_is_still_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telegram_message, "speak", nothing)
    (message,) = sent(Say("Hello", picture="🙂", big=True, aloud="en"))
    assert message.photo


@pytest.mark.usefixtures("dressed")
def test_who_takes_no_voice_messages_gets_the_words_once() -> None:
    (message,) = sent(Say("Hello", CHOICES, aloud="en"), before=lambda _server, ada: ada.forbid_voice())
    assert (message.text, message.voice, message.buttons) == ("Hello", False, ("🙂 Yes", "No"))


@pytest.mark.parametrize("method", ["sendVoice", "sendPhoto"])
@pytest.mark.usefixtures("dressed")
def test_a_dress_of_unknown_fate_is_not_followed_by_words(method: str) -> None:
    with BotApiServer() as server:
        ada = server.user(started=True)
        server.faults.drop(method, after=True)

        async def try_it() -> None:
            async with Bot(server.token, server.base_url, request=AiohttpRequest(2)) as bot:
                with pytest.raises(FateUnknown):
                    await TelegramChannel(bot).send(str(ada.chat_id), DRESSES[method])

        run(try_it())
        assert (len(ada.received), server.calls("sendMessage")) == (1, 0)


def test_speech_in_the_making_holds_up_no_other_message(monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def speak(_text: str, _language: str) -> bytes | None:
        return OPUS if go.wait(10) else None

    monkeypatch.setattr(telegram_message, "speak", speak)
    with BotApiServer() as server:
        ada = server.user(started=True)

        async def try_it() -> None:
            async with Bot(server.token, server.base_url, request=AiohttpRequest(8)) as bot:
                channel = TelegramChannel(bot)
                slow = [asyncio.create_task(channel.send(str(ada.chat_id), Say("Slow", aloud="en"))) for _ in range(5)]
                await channel.send(str(ada.chat_id), Say("Quick"))
                go.set()
                await asyncio.gather(*slow)

        run(try_it())
        assert [(message.text, message.voice) for message in ada.received] == [("Quick", False)] + [("Slow", True)] * 5
