"""Updates brought to the bot's own address, again and again until it takes them."""

import asyncio
import json
import random
import re
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from .parameters import Parameters
from .rules import WEBHOOK_CONNECTIONS, WEBHOOK_GONE_FOR, Json, bad_request
from .updates import Update, Updates

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
LONGEST_WAIT_SECONDS = 60
ANSWER_SECONDS = 60.0


class Webhook:
    """Each chat is a queue of its own, one update at a time; all of it runs on the server's loop.

    `backoff` scales the waits between retries: 1.0 is Telegram's (0, 2, 4, 8 s up to 60 to 120 s).
    """

    def __init__(
        self, updates: Updates, changed: threading.Condition, clock: Callable[[], datetime], backoff: float
    ) -> None:
        self._updates = updates
        self._changed = changed
        self._clock = clock
        self._backoff = backoff
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: httpx.AsyncClient | None = None
        self._queues: dict[int | str, deque[Update]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._max_connections = WEBHOOK_CONNECTIONS
        self._slots = asyncio.Semaphore(WEBHOOK_CONNECTIONS)
        self._secret = ""
        self._first_gone: datetime | None = None
        self._last_error: Json = {}
        self.url = ""
        self.attempts = 0
        updates.listen(self._arrived)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    async def set(self, params: Parameters) -> None:
        url, secret = params.text("url"), params.text("secret_token")
        if urlsplit(url).hostname not in LOOPBACK:
            raise bad_request("bad webhook: this server delivers to the loopback address only")
        if secret and not SECRET.fullmatch(secret):
            raise bad_request("secret token contains unallowed characters")
        await self.close()
        self._updates.allow(params.structure("allowed_updates"))
        if params.flag("drop_pending_updates"):
            self._updates.forget_all()
        self._max_connections = min(max(params.number("max_connections", WEBHOOK_CONNECTIONS), 1), 100)
        self._slots = asyncio.Semaphore(self._max_connections)
        # A proxy of the surroundings has no business between two ends of the loopback address.
        self._client = httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS)
        self._secret, self._first_gone, self._last_error = secret, None, {}
        self.url = url
        for update in self._updates.waiting():
            self._offer(update)

    async def delete(self, *, drop_pending: bool) -> None:
        await self.close()
        if drop_pending:
            self._updates.forget_all()

    async def close(self) -> None:
        self.url = ""
        self._tell_change()
        # A delivery that finds the address gone for good ends the webhook, but not itself.
        others = self._tasks - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        self._queues.clear()
        if self._client:
            await self._client.aclose()
            self._client = None

    def _tell_change(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def info(self) -> Json:
        shown = {
            "url": self.url,
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
        }
        if self.url:
            shown |= {"max_connections": self._max_connections, "ip_address": "127.0.0.1"} | self._last_error
        return shown | ({"allowed_updates": self._updates.allowed} if self._updates.allowed else {})

    def _arrived(self, update: Update) -> None:
        if self.url and self._loop:
            self._loop.call_soon_threadsafe(self._offer, update)

    def _offer(self, update: Update) -> None:
        if not self.url:
            return
        name = f"alone {update.update_id}" if update.chat_id is None else update.chat_id
        queue = self._queues.get(name)
        if queue is None:
            self._queues[name] = deque([update])
            task = asyncio.get_running_loop().create_task(self._serve(name, self._queues[name]))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        elif queue[-1].update_id != update.update_id:
            queue.append(update)

    async def _serve(self, name: int | str, queue: deque[Update]) -> None:
        while queue:
            await self._deliver(queue[0])
            queue.popleft()
        if self._queues.get(name) is queue:
            del self._queues[name]

    async def _deliver(self, update: Update) -> None:
        failures, wait = 0, 1
        while self.url and self._updates.is_waiting(update.update_id):
            async with self._slots:
                problem, retry_after = await self._post(update)
            if not problem:
                self._updates.confirm(update.update_id)
                return
            self._last_error = {
                "last_error_date": int(self._clock().timestamp()),
                "last_error_message": problem,
            }
            if failures and not retry_after:
                longest = random.randint(LONGEST_WAIT_SECONDS, 2 * LONGEST_WAIT_SECONDS)  # noqa: S311
                wait = min(wait * 2, longest)
            await asyncio.sleep(self._backoff * (retry_after or (wait if failures else 0)))
            failures += 1

    async def _post(self, update: Update) -> tuple[str, int]:
        """What went wrong, empty when nothing did, and the seconds to wait that the bot asked for."""
        if self._client is None:
            return "Webhook connection closed", 0
        self.attempts += 1
        self._tell_change()
        headers = {"Content-Type": "application/json"}
        if self._secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self._secret
        try:
            answer = await self._client.post(self.url, content=json.dumps(update.payload), headers=headers)
        except httpx.TimeoutException:
            return "Read timeout expired", 0
        except httpx.HTTPError as error:
            return f"Connection failed: {type(error).__name__}", 0
        await self._note_gone(answer.status_code)
        if answer.is_success:
            return "", 0
        retry_after = answer.headers.get("Retry-After", "")
        problem = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        return problem, min(int(retry_after), 3600) if retry_after.isdigit() else 0

    async def _note_gone(self, status: int) -> None:
        if status != httpx.codes.GONE:
            self._first_gone = None
        elif self._first_gone is None:
            self._first_gone = self._clock()
        elif self._clock() - self._first_gone > WEBHOOK_GONE_FOR:
            await self.close()
