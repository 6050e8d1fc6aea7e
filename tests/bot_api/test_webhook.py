import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, Update, WebhookInfo
from telegram.error import BadRequest, Conflict

from . import BotApiServer
from .conftest import SetClock, with_bot
from .listener import HOST, Listener


class Receiver:
    """The bot's own end: keeps what it is told, and answers as planned, else with 204."""

    def __init__(self) -> None:
        self.answers: deque[Response] = deque()
        self.heard: list[Update] = []
        self.secrets: set[str | None] = set()
        self.at_once: dict[int, int] = {}
        self.most_at_once: dict[int, int] = {}
        self.changed = threading.Condition()
        self.door = Listener(Starlette(routes=[Route("/updates", self.hear, methods=["POST"])]))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.door.port}/updates"

    async def hear(self, request: Request) -> Response:
        update = Update.de_json(await request.json(), None)
        with self.changed:
            self.heard.append(update)
            self.secrets.add(request.headers.get("X-Telegram-Bot-Api-Secret-Token"))
            self.changed.notify_all()
            return self.answers.popleft() if self.answers else Response(status_code=204)

    def wait_for(self, times: int) -> list[str | None]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.heard) >= times, 10), self.heard
            return [update.message.text for update in self.heard if update.message]


@pytest.fixture
def receiver(server: BotApiServer) -> Iterator[Receiver]:
    receiver = Receiver()
    with opened(server, receiver):
        yield receiver


@contextmanager
def opened(server: BotApiServer, receiver: Receiver) -> Iterator[None]:
    server._run(receiver.door.open())
    yield
    server._run(receiver.door.close())


def listen(server: BotApiServer, receiver: Receiver, **options: Any) -> None:
    with_bot(server, lambda bot: bot.set_webhook(receiver.url, **options))


def webhook_info(server: BotApiServer) -> WebhookInfo:
    return with_bot(server, lambda bot: bot.get_webhook_info())


def test_updates_are_brought_with_the_secret_and_any_2xx_confirms(server: BotApiServer, receiver: Receiver) -> None:
    ada = server.user()
    ada.send("before")
    receiver.answers.extend(Response(status_code=code) for code in (200, 202))
    listen(server, receiver, secret_token="a_secret-1")
    ada.send("after")
    assert receiver.wait_for(2) == ["before", "after"]
    server.wait_until_confirmed()
    assert receiver.secrets == {"a_secret-1"}
    assert server.cloud.webhook.attempts == 2


def test_an_update_is_brought_again_until_it_is_taken(server: BotApiServer, receiver: Receiver) -> None:
    ada = server.user()
    receiver.answers.extend(Response(status_code=code) for code in (500, 404, 301, 503))
    listen(server, receiver)
    ada.send("again")
    assert receiver.wait_for(5) == ["again"] * 5
    server.wait_until_confirmed()
    assert webhook_info(server).last_error_message == "Wrong response from the webhook: 503 Service Unavailable"


def test_a_chat_that_fails_keeps_its_order_and_holds_nobody_else_up(server: BotApiServer, receiver: Receiver) -> None:
    ada, ben = server.user("Ada (invented)"), server.user("Ben (invented)")
    receiver.answers.append(Response(status_code=500, headers={"Retry-After": "1000"}))
    listen(server, receiver)
    ada.send("a1")
    receiver.wait_for(1)
    ada.send("a2")
    ben.send("b1")
    assert receiver.wait_for(4) == ["a1", "b1", "a1", "a2"]


def test_a_receiver_that_is_down_gets_everything_when_it_is_back(server: BotApiServer, receiver: Receiver) -> None:
    ada = server.user()
    listen(server, receiver)
    server._run(receiver.door.close())
    ada.send("one")
    ada.send("two")
    server.wait_until(lambda cloud: cloud.webhook.attempts >= 3)
    assert webhook_info(server).pending_update_count == 2
    server._run(receiver.door.open())
    assert receiver.wait_for(2) == ["one", "two"]


def test_polling_is_refused_while_a_webhook_is_set_and_works_again_after(
    server: BotApiServer, receiver: Receiver
) -> None:
    listen(server, receiver)

    async def poll(bot: Bot) -> int:
        with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
        server.user().send("polled")
        return len(await bot.get_updates())

    assert with_bot(server, poll) == 1
    assert receiver.heard == []
    assert webhook_info(server).url == ""


def test_pending_updates_can_be_dropped(server: BotApiServer, receiver: Receiver) -> None:
    ada = server.user()
    ada.send("dropped")
    listen(server, receiver, drop_pending_updates=True, allowed_updates=["message"])
    ada.send("kept")
    assert receiver.wait_for(1) == ["kept"]
    assert webhook_info(server).allowed_updates == ("message",)


def test_an_address_that_is_gone_for_23_hours_ends_the_webhook(
    server: BotApiServer, receiver: Receiver, clock: SetClock
) -> None:
    ada = server.user()
    receiver.answers.extend(Response(status_code=410, headers={"Retry-After": "100"}) for _ in range(3))
    listen(server, receiver)
    ada.send("gone")
    receiver.wait_for(2)
    clock.forward(timedelta(hours=23, seconds=1))
    server.wait_until(lambda cloud: not cloud.webhook.url)
    assert len(server.cloud.updates) == 1


def test_an_update_that_nobody_took_for_24_hours_is_dropped(
    server: BotApiServer, receiver: Receiver, clock: SetClock
) -> None:
    ada = server.user()
    receiver.answers.append(Response(status_code=500, headers={"Retry-After": "100"}))
    listen(server, receiver)
    ada.send("too late")
    receiver.wait_for(1)
    clock.forward(timedelta(hours=24))
    ada.send("fresh")
    assert receiver.wait_for(2) == ["too late", "fresh"]


def test_a_webhook_elsewhere_or_with_a_strange_secret_is_refused(server: BotApiServer, receiver: Receiver) -> None:
    for url, secret in (("https://example.org/updates", None), (receiver.url, "not allowed!")):
        with pytest.raises(BadRequest):
            with_bot(server, partial(Bot.set_webhook, url=url, secret_token=secret))
    assert webhook_info(server).url == ""
