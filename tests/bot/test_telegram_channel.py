"""What the Telegram channel sends, and what it makes of Telegram's refusals."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Bot

from bot.__main__ import run
from bot.channels.channel import FateUnknown, Refused, SendError, TryAgain
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_request import AiohttpRequest
from bot.dialogue.turn import Choice, Say
from tests.bot.telegram_room import HELLO
from tests.bot_api import BotApiServer


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
def test_what_telegram_refuses_is_told_by_its_kind(answer: dict[str, Any], expected: SendError) -> None:
    with BotApiServer() as server:
        ada = server.user(started=True)
        server.faults.answer("sendMessage", **answer)

        async def try_it() -> str | SendError:
            request = AiohttpRequest(2)
            async with Bot(server.token, server.base_url, request=request, get_updates_request=request) as bot:
                try:
                    return await TelegramChannel(bot).send(str(ada.chat_id), HELLO)
                except SendError as error:
                    return error

        fate = run(try_it())
        assert (type(fate), str(fate), vars(fate)) == (type(expected), str(expected), vars(expected))
        assert ada.received == []


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
