"""Wakes the pages that wait for something new in their chat."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable


class Bell:
    """chat: the hash of its address."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, set[asyncio.Event]] = {}

    async def wait(self, chat: bytes, seconds: float) -> None:
        """Returns when something was said in this chat, or at the time-out. It listens from its first step on."""
        rung = asyncio.Event()
        self._waiting.setdefault(chat, set()).add(rung)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(rung.wait(), seconds)
        finally:
            self._waiting[chat].discard(rung)
            if not self._waiting[chat]:
                del self._waiting[chat]

    def ring(self, chats: Iterable[bytes]) -> None:
        for chat in chats:
            for rung in self._waiting.get(chat, ()):
                rung.set()

    def ring_all(self) -> None:
        self.ring(list(self._waiting))
