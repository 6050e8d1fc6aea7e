import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from telegram import Bot
from telegram.request import HTTPXRequest

from . import BotApiServer

T = TypeVar("T")


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def forward(self, by: timedelta) -> None:
        self.time += by


def python_telegram_bot(server: BotApiServer, token: str | None = None) -> Bot:
    def request() -> HTTPXRequest:
        return HTTPXRequest(connection_pool_size=32, httpx_kwargs={"trust_env": False, "verify": False})

    return Bot(
        token or server.token,
        base_url=server.base_url,
        base_file_url=server.base_file_url,
        request=request(),
        get_updates_request=request(),
    )


def with_bot(server: BotApiServer, work: Callable[[Bot], Awaitable[T]]) -> T:
    async def run() -> T:
        async with python_telegram_bot(server) as bot:
            return await work(bot)

    return asyncio.run(run())


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def server(clock: SetClock) -> Iterator[BotApiServer]:
    with BotApiServer(clock, backoff=0.001) as server:
        yield server
