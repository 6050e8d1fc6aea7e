"""A server of one's own on loopback that does to a connection what a test says, and the channel to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from telegram import Bot

from bot.__main__ import run
from bot.channels.channel import SendError
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_request import AiohttpRequest
from bot.dialogue.turn import Say

TOKEN = "123:invented-secret-token"
TAKEN = b'{"ok": true, "result": {"message_id": 77}}'
HELLO = Say("Hello")


def http(body: bytes, status: str = "200 OK", kind: str = "application/json") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


class Room:
    """A server that reads requests whole, notes them, and does with the connection what the test says."""

    def __init__(self, answer: Callable[[Room, asyncio.StreamWriter], Awaitable[None]]) -> None:
        self._answer = answer
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Room]:
        server = await asyncio.start_server(self._meet, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                await self._answer(self, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()


def says(*parts: bytes, then_close: bool = False) -> Room:
    async def answer(_room: Room, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        if then_close:
            writer.close()

    return Room(answer)


def drops() -> Room:
    async def answer(_room: Room, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    return Room(answer)


def waits(then: bytes = b"") -> Room:
    async def answer(room: Room, writer: asyncio.StreamWriter) -> None:
        await room.go.wait()
        writer.write(then)

    return Room(answer)


def channel_at(server: str, request: AiohttpRequest) -> TelegramChannel:
    return TelegramChannel(Bot(TOKEN, f"{server}/bot", request=request, get_updates_request=AiohttpRequest(1)))


@asynccontextmanager
async def channel_to(port: int, *, scheme: str = "http", **limits: Any) -> AsyncIterator[TelegramChannel]:
    request = AiohttpRequest(**{"connections": 4, "read_timeout": 5, **limits})
    bot = Bot(
        TOKEN, base_url=f"{scheme}://127.0.0.1:{port}/bot", request=request, get_updates_request=AiohttpRequest(1)
    )
    try:
        yield TelegramChannel(bot)
    finally:
        await request.shutdown()


async def outcome(channel: TelegramChannel, say: Say = HELLO) -> str | SendError:
    try:
        return await channel.send("42", say)
    except SendError as error:
        return error


def fate_with(room: Room, **limits: Any) -> str | SendError:
    async def try_it() -> str | SendError:
        async with room.opened(), channel_to(room.port, **limits) as channel:
            return await outcome(channel)

    return run(try_it())


def closed_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])
