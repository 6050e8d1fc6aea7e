"""A Telegram Bot API server for the loopback address, which keeps Telegram's rules."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Self

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .cloud import BOT, Cloud
from .faults import Faults
from .files import Files
from .listener import HOST, Dropped, Listener
from .methods import call
from .pace import Pace
from .parameters import Parameters, read_parameters
from .people import Group, User
from .rules import Json, Refused

SECONDS_TO_START = 10.0


def _now() -> datetime:
    return datetime.now(UTC)


class BotApiServer:
    """One bot and everybody it talks to, in a background thread while the `with` lasts.

    `clock` gives aware times and decides on dates and expiry; waiting is always real. `latency` is added to
    each answer, in seconds. `backoff` scales the waits of webhook retries.
    """

    token = f"{BOT['id']}:invented-token-for-tests-of-what-works"

    def __init__(
        self,
        clock: Callable[[], datetime] = _now,
        *,
        pace: Pace | None = None,
        latency: float = 0.0,
        backoff: float = 1.0,
    ) -> None:
        self.cloud = Cloud(clock, pace or Pace(), backoff)
        self.latency = latency
        self._app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._call, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._download),
            ]
        )
        self._listener = Listener(self._app)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="bot-api", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self.cloud.polling.attach(self._loop)
        self.cloud.webhook.attach(self._loop)
        self._run(self._listener.open())
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self._listener.port}/bot"

    @property
    def base_file_url(self) -> str:
        return f"http://{HOST}:{self._listener.port}/file/bot"

    @property
    def pace(self) -> Pace:
        return self.cloud.pace

    @property
    def faults(self) -> Faults:
        return self.cloud.faults

    @property
    def files(self) -> Files:
        return self.cloud.files

    def calls(self, method: str) -> int:
        """How often the bot called it, successfully or not."""
        return self.cloud.calls[method.lower()]

    def user(self, first_name: str = "Ada (invented)", *, language_code: str = "en", started: bool = False) -> User:
        """The bot may write to them once they wrote to it; `started` says they did so long ago."""
        with self.cloud.changed:
            chat = self.cloud.chats.open(
                {"type": "private", "first_name": first_name}, "member" if started else "unknown"
            )
            profile = {"is_bot": False, "first_name": first_name, "language_code": language_code}
            return User(self.cloud, chat, profile)

    def group(self, title: str = "A team (invented)") -> Group:
        with self.cloud.changed:
            return Group(self.cloud, self.cloud.chats.open({"type": "group", "title": title}, "member"))

    def push_raw(self, payload: Json) -> int:
        """Puts any JSON before the bot, however malformed; the update id."""
        return self.cloud.updates.push_raw(payload)

    def wait_until(self, reached: Callable[[Cloud], bool], timeout: float = 10.0) -> None:
        """Looks again at every change; AssertionError when time is out."""
        with self.cloud.changed:
            if not self.cloud.changed.wait_for(lambda: reached(self.cloud), timeout):
                raise AssertionError(
                    f"Not reached within {timeout} s: {len(self.cloud.updates)} updates are unconfirmed,"
                    f" {self.cloud.chats.sent} messages were sent, calls {dict(self.cloud.calls)}."
                )

    def wait_until_confirmed(self, timeout: float = 10.0) -> None:
        self.wait_until(lambda cloud: not len(cloud.updates), timeout)

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Connections end and new ones are refused; what Telegram remembers stays, and people can still write."""
        self._run(self._listener.close())
        try:
            yield
        finally:
            self._run(self._listener.open())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(SECONDS_TO_START)

    async def _close(self) -> None:
        self.cloud.polling.end("The server is closing")
        await self.cloud.webhook.close()
        await self._listener.close()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    async def _call(self, request: Request) -> Response:
        try:
            self._check_token(request)
            method = request.path_params["method"].lower()
            params = await read_parameters(request)
        except Refused as refusal:
            return _refuse(refusal)
        with self.cloud.changed:
            self.cloud.calls[method] += 1
            self.cloud.changed.notify_all()
        return await self._with_faults(method, params, lambda: self._answer(method, params))

    async def _download(self, request: Request) -> Response:
        try:
            self._check_token(request)
        except Refused as refusal:
            return _refuse(refusal)

        async def answer() -> Response:
            file = self.cloud.files.at(request.path_params["path"])
            return Response(file.read(), media_type=file.mime_type) if file else _refuse(Refused(404, "Not Found"))

        return await self._with_faults("download", Parameters(), answer)

    async def _with_faults(
        self, method: str, params: Parameters, answer: Callable[[], Coroutine[Any, Any, Response]]
    ) -> Response:
        fault = self.faults.take(method, params.chat_id())
        response = await answer() if fault is None or fault.after else None
        await asyncio.sleep(self.latency + (fault.seconds if fault else 0.0))
        if fault and fault.drops:
            return Dropped(self._listener)
        if fault and fault.refusal:
            return _refuse(fault.refusal)
        return response or await answer()

    async def _answer(self, method: str, params: Parameters) -> Response:
        try:
            result = await call(self.cloud, method, params)
        except Refused as refusal:
            return _refuse(refusal)
        return _json({"ok": True, "result": result})

    def _check_token(self, request: Request) -> None:
        if request.path_params["token"] != self.token:
            raise Refused(401, "Unauthorized")


def _json(body: Json, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(body), status, headers, media_type="application/json")


def _refuse(refusal: Refused) -> Response:
    retry_after = refusal.parameters.get("retry_after")
    return _json(refusal.answer(), refusal.status, {"Retry-After": str(retry_after)} if retry_after else None)
