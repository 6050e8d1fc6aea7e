"""The way to Telegram over real sockets: what is sure, what is not, and who gets to see the token."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
import traceback
from collections.abc import Callable
from contextlib import nullcontext

import pytest
from aiohttp import ClientConnectionResetError
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_writer import StreamWriter
from multidict import CIMultiDict
from telegram import Bot
from telegram.error import NetworkError, TimedOut
from telegram.request import RequestData

from bot.__main__ import run
from bot.channels.channel import FateUnknown, SendError, TryAgain
from bot.channels.telegram_channel import TelegramChannel
from bot.channels.telegram_request import AiohttpRequest, Unanswered, Unsent, _Body
from tests.bot.telegram_room import (
    TAKEN,
    TOKEN,
    Room,
    channel_at,
    channel_to,
    closed_port,
    drops,
    fate_with,
    http,
    outcome,
    says,
    waits,
)
from tests.bot_api import BotApiServer


def test_a_message_arrives_as_a_form_and_gives_its_number() -> None:
    room = says(http(TAKEN))
    assert fate_with(room) == "77"
    (request,) = room.requests
    assert request.startswith(f"POST /bot{TOKEN}/sendmessage HTTP/1.1\r\n".encode())
    assert request.endswith(b"\r\n\r\nchat_id=42&text=Hello")


def test_a_refused_connection_is_tried_again() -> None:
    async def try_it() -> str | SendError:
        async with channel_to(closed_port()) as channel:
            return await outcome(channel)

    assert isinstance(run(try_it()), TryAgain)


def test_a_connection_that_cannot_be_made_in_time_is_tried_again() -> None:
    async def try_it(port: int) -> str | SendError:
        async with channel_to(port, connect_timeout=0.1, pool_timeout=0.1) as channel:
            return await outcome(channel)

    with socket.socket() as door, socket.socket() as first, socket.socket() as second:
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        for full in (first, second):  # from now on the machine lets nobody queue here
            full.setblocking(False)
            full.connect_ex(door.getsockname())
        assert isinstance(run(try_it(door.getsockname()[1])), TryAgain)


def test_a_tls_that_cannot_be_agreed_on_is_tried_again() -> None:
    async def try_it() -> str | SendError:
        async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(http(b"what?", "400 Bad Request"))
            writer.close()

        server = await asyncio.start_server(no_tls, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, channel_to(port, scheme="https") as channel:
            return await outcome(channel)

    assert isinstance(run(try_it()), TryAgain)


def test_a_message_that_finds_no_free_connection_is_tried_again_and_the_one_before_arrives() -> None:
    async def try_it() -> tuple[str | SendError, str | SendError, int]:
        room = waits(http(TAKEN))
        limits = {"connections": 1, "pool_timeout": 0.05, "connect_timeout": 0.05}
        async with room.opened(), channel_to(room.port, **limits) as channel:
            first = asyncio.create_task(outcome(channel))
            await room.asked.wait()
            second = await outcome(channel)
            room.go.set()
            return await first, second, len(room.requests)

    first, second, requests = run(try_it())
    assert (first, requests) == ("77", 1)
    assert isinstance(second, TryAgain)


def test_messages_share_few_connections_and_keep_them() -> None:
    async def try_it() -> tuple[set[str | SendError], Room]:
        room = says(http(TAKEN))
        async with room.opened(), channel_to(room.port, connections=3) as channel:
            return set(await asyncio.gather(*(outcome(channel) for _ in range(40)))), room

    numbers, room = run(try_it())
    assert (numbers, len(room.requests), room.connections) == ({"77"}, 40, 3)


def test_a_kept_connection_that_the_server_closed_is_replaced() -> None:
    async def try_it() -> tuple[list[str | SendError], Room]:
        room = says(http(TAKEN), then_close=True)
        async with room.opened(), channel_to(room.port) as channel:
            found = []
            for _ in range(3):
                found.append(await outcome(channel))
                await until_closed(channel)
            return found, room

    found, room = run(try_it())
    assert (found, len(room.requests), room.connections) == (["77"] * 3, 3, 3)


def test_a_message_into_a_kept_connection_that_dies_is_of_unknown_fate_and_not_repeated() -> None:
    async def try_it() -> tuple[list[str | SendError], Room]:
        async def answer(room: Room, writer: asyncio.StreamWriter) -> None:
            if len(room.requests) == 2:
                writer.transport.abort()
            else:
                writer.write(http(TAKEN))

        room = Room(answer)
        async with room.opened(), channel_to(room.port) as channel:
            return [await outcome(channel) for _ in range(3)], room

    (first, second, third), room = run(try_it())
    assert (first, third) == ("77", "77")
    assert isinstance(second, FateUnknown)
    assert (len(room.requests), room.connections) == (3, 2)


def test_a_body_has_begun_once_it_is_on_its_way_and_not_for_a_connection_found_closed() -> None:
    async def try_it(close: bool) -> bool:
        room = waits()
        async with room.opened():
            loop = asyncio.get_running_loop()
            transport, protocol = await loop.create_connection(lambda: BaseProtocol(loop), "127.0.0.1", room.port)
            body, writer = _Body(RequestData(), 1), StreamWriter(protocol, loop)
            await writer.write_headers("POST / HTTP/1.1", CIMultiDict())
            if close:
                transport.close()
            with pytest.raises(ClientConnectionResetError) if close else nullcontext():
                await body.write_with_length(writer, None)
            transport.close()
            return body.begun

    assert not run(try_it(close=True))
    assert run(try_it(close=False))


@pytest.mark.parametrize(
    "room",
    [
        pytest.param(lambda: drops(), id="dropped after the request was read"),
        pytest.param(lambda: says(b"", then_close=True), id="closed politely without an answer"),
        pytest.param(lambda: says(http(TAKEN)[:-10], then_close=True), id="broke in the answer"),
        pytest.param(lambda: says(b"SSH-2.0-invented\r\n\r\n", then_close=True), id="not HTTP"),
        pytest.param(lambda: says(http(b"hello?")), id="not JSON"),
        pytest.param(lambda: says(http(b"[" * 100_000)), id="JSON without a bottom"),
        pytest.param(lambda: says(http(b"[1, 2]")), id="another JSON"),
        pytest.param(lambda: says(http(b'{"status": "up"}')), id="an answer of somebody else"),
        pytest.param(lambda: says(http(b'{"ok": false}', "500 Internal Server Error")), id="Telegram's own trouble"),
        *(
            pytest.param(lambda status=status: says(http(f"<h1>/bot{TOKEN}</h1>".encode(), status)), id=status)
            for status in (
                "502 Bad Gateway",
                "403 Forbidden",
                "404 Not Found",
                "400 Bad Request",
                "429 Too Many Requests",
            )
        ),
        pytest.param(
            lambda: says(b"HTTP/1.1 307 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
            id="sent elsewhere",
        ),
    ],
)
def test_what_broke_after_the_request_is_of_unknown_fate_and_sent_once(
    room: Callable[[], Room], caplog: pytest.LogCaptureFixture
) -> None:
    async def try_it() -> tuple[str | SendError, int]:
        opened = room()
        async with opened.opened(), channel_to(opened.port) as channel:
            return await outcome(channel), len(opened.requests)

    listen_closely(caplog)
    fate, requests = run(try_it())
    assert isinstance(fate, FateUnknown)
    assert requests == 1
    assert_no_token(fate, caplog)


def test_an_answer_that_does_not_come_leaves_the_fate_open(caplog: pytest.LogCaptureFixture) -> None:
    listen_closely(caplog)
    room = waits()
    fate = fate_with(room, read_timeout=0.1)
    assert isinstance(fate, FateUnknown)
    assert len(room.requests) == 1
    assert_no_token(fate, caplog)


def test_a_server_that_stops_reading_leaves_the_fate_open() -> None:
    async def try_it() -> NetworkError:
        async def deaf(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await done.wait()
            writer.transport.abort()

        done = asyncio.Event()
        server = await asyncio.start_server(deaf, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server, channel_to(port, write_timeout=0.1, read_timeout=None) as channel:
            with pytest.raises(TimedOut) as caught:
                await channel.bot.send_document(42, b"x" * 30_000_000, write_timeout=0.1)
            done.set()
        return caught.value

    assert isinstance(run(try_it()).__cause__, Unanswered)


def test_an_answer_in_pieces_is_put_together() -> None:
    answer = http(TAKEN)
    assert fate_with(says(*(answer[at : at + 7] for at in range(0, len(answer), 7)))) == "77"


def test_after_the_shutdown_nothing_is_sent_until_it_begins_again() -> None:
    async def try_it() -> tuple[str | SendError, str | SendError, int]:
        room = says(http(TAKEN))
        async with room.opened(), channel_to(room.port) as channel:
            request = channel.bot.request
            await request.shutdown()
            away = await outcome(channel)
            await request.initialize()
            return away, await outcome(channel), len(room.requests)

    away, back, requests = run(try_it())
    assert isinstance(away, TryAgain)
    assert (back, requests) == ("77", 1)


def test_the_token_is_in_no_error_that_comes_before_the_request(caplog: pytest.LogCaptureFixture) -> None:
    async def try_it() -> list[str | SendError]:
        fates = []
        for port, scheme in ((closed_port(), "http"), (closed_port(), "https"), (closed_port(), "gopher")):
            async with channel_to(port, scheme=scheme) as channel:
                fates.append(await outcome(channel))
        return fates

    listen_closely(caplog)
    for fate in run(try_it()):
        assert isinstance(fate, TryAgain)
        assert_no_token(fate, caplog)


def through_a_proxy(monkeypatch: pytest.MonkeyPatch, server: str, answer: bytes) -> tuple[str | SendError, list[bytes]]:
    async def try_it() -> str | SendError:
        async with proxy.opened():
            monkeypatch.setenv("all_proxy", f"http://ada:s3cret@127.0.0.1:{proxy.port}")
            request = AiohttpRequest(1)
            found = await outcome(channel_at(server, request))
            await request.shutdown()
            return found

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    proxy = says(answer)
    return run(try_it()), proxy.requests


def test_requests_go_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    found, (asked,) = through_a_proxy(monkeypatch, "http://telegram.invalid", http(TAKEN))
    assert found == "77"
    assert asked.startswith(f"POST http://telegram.invalid/bot{TOKEN}/sendmessage ".encode())
    assert b"Proxy-Authorization: Basic YWRhOnMzY3JldA==\r\n" in asked


def test_a_proxy_that_opens_no_tunnel_has_let_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    found, (asked,) = through_a_proxy(monkeypatch, "https://telegram.invalid", http(b"no", "403 Forbidden"))
    assert isinstance(found, TryAgain)
    assert asked.startswith(b"CONNECT telegram.invalid:443 ")
    assert b"Proxy-Authorization: Basic YWRhOnMzY3JldA==\r\n" in asked
    assert TOKEN.encode() not in asked


def test_the_environment_may_say_which_server_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    found, asked = through_a_proxy(monkeypatch, f"http://127.0.0.1:{closed_port()}", http(TAKEN))
    assert isinstance(found, TryAgain)
    assert asked == []


def test_a_file_is_uploaded_whole_with_its_name_and_caption() -> None:
    with BotApiServer() as server:
        ada = server.user(started=True)
        content = bytes(range(256)) * 8000

        async def try_it() -> None:
            async with Bot(server.token, server.base_url, request=AiohttpRequest(2)) as bot:
                await bot.send_document(ada.chat_id, content, filename="Pläne.pdf", caption="für Dich & mich")

        run(try_it())
        (message,) = ada.received
        assert (message.document, message.content, message.text) == ("Pläne.pdf", content, "für Dich & mich")


def test_the_worker_runs_on_uvloop_and_without_it_on_asyncio(monkeypatch: pytest.MonkeyPatch) -> None:
    async def loop() -> str:
        return type(asyncio.get_running_loop()).__module__

    assert run(loop()) == "uvloop"
    monkeypatch.setitem(sys.modules, "uvloop", None)
    assert run(loop()).startswith("asyncio")


def test_the_limits_that_a_call_names_go_before_those_of_the_transport() -> None:
    async def try_it() -> None:
        room = waits()
        async with room.opened(), channel_to(room.port, read_timeout=300) as channel:
            assert channel.bot.request.read_timeout == 300
            with pytest.raises(TimedOut) as caught:
                await channel.bot.get_me(read_timeout=0.05)
            assert isinstance(caught.value.__cause__, Unanswered)

    run(try_it())


async def until_closed(channel: TelegramChannel) -> None:
    """The server's end of every kept connection has been noticed."""
    session = channel.bot.request._session  # type: ignore[attr-defined]
    while any(kept.is_connected() for idle in session.connector._conns.values() for kept, _ in idle):
        await asyncio.sleep(0)


def listen_closely(caplog: pytest.LogCaptureFixture) -> None:
    """To all but the library, whose own DEBUG lines show its addresses: the worker never turns them on."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, "telegram")


def assert_no_token(error: BaseException | str, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in a traceback, nor in anything that hangs on the error, nor in a log."""
    assert isinstance(error, BaseException)
    assert TOKEN not in "".join(traceback.format_exception(error)) + caplog.text
    seen: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is not None and one not in seen:
            seen.append(one)
            left += [one.__cause__, one.__context__]
    assert any(isinstance(one, Unsent | Unanswered | SendError) for one in seen)
    assert not any(TOKEN in f"{one} {one!r} {one.__dict__}" for one in seen)
