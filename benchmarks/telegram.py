"""A lean Bot API server for load, in a process of its own: python -m benchmarks.telegram PORT [LATENCY_SECONDS].

It remembers offsets and answers at once; tests/bot_api keeps Telegram's rules and is too slow to measure against.
The paths under /load are the benchmark's own: what to say to the bot, and what came of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter, deque
from itertools import count, islice
from typing import Any
from urllib.parse import parse_qs

import aiohttp
from aiohttp import web

Json = dict[str, Any]
BOT = {"id": 7_000_000_001, "is_bot": True, "first_name": "Invented", "username": "invented_test_bot"}
LONGEST_POLL_SECONDS = 50
UPDATES_A_POLL = 100
WEBHOOK_CONNECTIONS = 40


class Telegram:
    """All that is remembered. Times are of the monotonic clock."""

    def __init__(self, latency: float = 0.0) -> None:
        self.latency = latency
        self.numbers, self.messages = count(1000), count(1)
        self.waiting: deque[Json] = deque()
        self.arrived = asyncio.Event()
        self.said: dict[int, deque[float]] = {}
        self.got: Counter[int] = Counter()
        self.polls = 0
        self.sent = 0
        self.first = self.last = 0.0
        self.delays: list[float] = []
        self.webhook = ""
        self.secret = ""
        self.delivered = 0

    def push(self, chats: list[int], texts: list[str]) -> None:
        """One message from each chat, in this order."""
        updates = [self.update(chat, text) for chat, text in zip(chats, texts, strict=True)]
        self.note_said(updates)
        self.waiting.extend(updates)
        self.arrived.set()

    def update(self, chat: int, text: str) -> Json:
        person = {"id": chat, "is_bot": False, "first_name": "Ada", "language_code": "en"}
        message = {
            "message_id": next(self.messages),
            "from": person,
            "chat": {"id": chat, "type": "private", "first_name": "Ada"},
            "date": int(time.time()),
            "text": text,
        }
        return {"update_id": next(self.numbers), "message": message}

    async def get_updates(self, asked: Json) -> list[Json]:
        self.polls += 1
        offset = int(asked.get("offset") or 0)
        while self.waiting and self.waiting[0]["update_id"] < offset:
            self.waiting.popleft()
        if not self.waiting:
            self.arrived.clear()
            try:
                async with asyncio.timeout(min(float(asked.get("timeout") or 0), LONGEST_POLL_SECONDS)):
                    await self.arrived.wait()
            except TimeoutError:
                return []
        return list(islice(self.waiting, int(asked.get("limit") or UPDATES_A_POLL)))

    def note_said(self, updates: list[Json]) -> None:
        """From now on an answer is waited for."""
        now = time.monotonic()
        for update in updates:
            self.said.setdefault(update["message"]["chat"]["id"], deque()).append(now)

    def send_message(self, asked: Json) -> Json:
        chat, now = int(asked["chat_id"]), time.monotonic()
        if self.said.get(chat):
            self.delays.append(now - self.said[chat].popleft())
        self.first, self.last = self.first or now, now
        self.sent += 1
        self.got[chat] += 1
        return {
            "message_id": next(self.messages),
            "from": BOT,
            "chat": {"id": chat, "type": "private", "first_name": "Ada"},
            "date": int(time.time()),
            "text": str(asked.get("text", "")),
        }

    async def call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"].lower()
        asked = await _asked(request)
        if method == "getupdates":
            result: Any = await self.get_updates(asked)
        elif method == "sendmessage":
            result = self.send_message(asked)
        elif method == "getme":
            result = BOT
        else:
            if method == "setwebhook":
                self.webhook, self.secret = str(asked["url"]), str(asked.get("secret_token", ""))
            result = True
        if self.latency:
            await asyncio.sleep(self.latency)
        return web.json_response({"ok": True, "result": result})

    async def say(self, request: web.Request) -> web.Response:
        """Body: chats and texts. Once a webhook is set they are brought there, each chat's in order."""
        asked = await request.json()
        if self.webhook:
            await self.deliver(asked["chats"], asked["texts"])
        else:
            self.push(asked["chats"], asked["texts"])
        return web.json_response({})

    async def deliver(self, chats: list[int], texts: list[str]) -> None:
        queues: dict[int, deque[Json]] = {}
        for chat, text in zip(chats, texts, strict=True):
            queues.setdefault(chat, deque()).append(self.update(chat, text))
        slots = asyncio.Semaphore(WEBHOOK_CONNECTIONS)
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.secret}
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), headers=headers) as session:

            async def one_chat(queue: deque[Json]) -> None:
                while queue:
                    async with slots:
                        self.note_said([queue[0]])
                        async with session.post(self.webhook, json=queue[0]) as answer:
                            if answer.ok:
                                queue.popleft()
                                self.delivered += 1

            await asyncio.gather(*(one_chat(queue) for queue in queues.values()))

    async def state(self, _: web.Request) -> web.Response:
        told = {"polls": self.polls, "sent": self.sent, "first": self.first, "last": self.last}
        return web.json_response(told | {"waiting": len(self.waiting), "webhook": self.webhook, "delays": self.delays})

    async def heard(self, _: web.Request) -> web.Response:
        """How many of our messages each chat got."""
        return web.json_response(self.got)

    async def forget(self, _: web.Request) -> web.Response:
        """A new round: what was counted is forgotten, what was said is not."""
        self.sent, self.first, self.last, self.delays = 0, 0.0, 0.0, []
        self.said.clear()
        self.got.clear()
        return web.json_response({})

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self.call)
        app.router.add_post("/load/say", self.say)
        app.router.add_post("/load/forget", self.forget)
        app.router.add_get("/load/state", self.state)
        app.router.add_get("/load/heard", self.heard)
        return app


async def _asked(request: web.Request) -> Json:
    """What the library sends: JSON, a form, or a form in parts."""
    if request.content_type == "multipart/form-data":
        return dict(await request.post())
    body = await request.read()
    if not body:
        return dict(request.query)
    if request.content_type == "application/json":
        found: Json = json.loads(body)
        return found
    return {name: values[-1] for name, values in parse_qs(body.decode()).items()}


def main() -> None:
    port, latency = int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0

    async def app() -> web.Application:
        return Telegram(latency).app()

    web.run_app(app(), host="127.0.0.1", port=port, print=None, access_log=None, handle_signals=True)


if __name__ == "__main__":
    main()
