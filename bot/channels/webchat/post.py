"""What the page needs of the worker that it lives in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from bot.channels.channel import Incoming
from learning_log.settings import Settings
from learning_log.storage.records import LearningLog

Seen = TypeVar("Seen")
T = TypeVar("T")


class Post(Protocol):
    @property
    def log(self) -> LearningLog: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def stop(self) -> asyncio.Event:
        """Set once the worker ends: then nobody is kept waiting."""

    async def run(self, work: Callable[..., T], *args: Any) -> T:
        """Does blocking work in the thread that the database is used from."""

    async def keep(self, channel: str, messages: Sequence[Incoming]) -> None:
        """Durable when it returns. Wakes the handler."""

    async def changed(self, conversation_or_address: str, timeout: float) -> None:
        """Returns when something new may be there for this chat, or at time-out. It listens from its first step on."""


async def when_new(
    post: Post, address: str, look: Callable[[], Awaitable[Seen]], is_new: Callable[[Seen], bool], seconds: float
) -> Seen:
    """Looks until there is something new, or the time is over, or the worker ends; returns what was seen last."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while True:
        left = deadline - loop.time()
        change = asyncio.create_task(post.changed(address, max(left, 0)))
        try:
            await asyncio.sleep(0)  # it listens before we look: nothing can come between the two unheard
            seen = await look()
            if is_new(seen) or left <= 0 or post.stop.is_set():
                return seen
            await change
        finally:
            change.cancel()
