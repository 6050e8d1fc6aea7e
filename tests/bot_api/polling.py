"""getUpdates: one poller at a time, which waits until there is something to tell."""

import asyncio

from .parameters import Parameters
from .rules import LONGEST_POLL_SECONDS, UPDATES_A_POLL, Json, Refused
from .updates import Update, Updates

OTHER_POLLER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"


class Polling:
    """Used on the server's own loop; `wake` may be called from any thread. conflicts: pollers that were refused."""

    def __init__(self, updates: Updates) -> None:
        self._updates = updates
        self._arrived: asyncio.Event | None = None
        self._ended: str | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self.conflicts = 0
        updates.listen(self._wake)

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def _wake(self, _: Update) -> None:
        if self._loop and self._arrived:
            self._loop.call_soon_threadsafe(self._arrived_now)

    def _arrived_now(self) -> None:
        if self._arrived:
            self._arrived.set()

    def end(self, why: str) -> None:
        """The poller that waits now, if there is one, is refused with 409."""
        if self._arrived:
            self.conflicts += 1
            self._ended = why
            self._arrived.set()
            self._arrived = None

    async def get_updates(self, params: Parameters) -> list[Json]:
        # The newer poller wins: Telegram ends the older one.
        self.end(OTHER_POLLER)
        self._updates.allow(params.structure("allowed_updates"))
        self._updates.confirm_below(params.number("offset"))
        limit = min(max(params.number("limit", UPDATES_A_POLL), 1), UPDATES_A_POLL)
        seconds = min(max(params.number("timeout"), 0), LONGEST_POLL_SECONDS)
        waiting = await self._wait(limit, seconds)
        return [update.payload for update in waiting]

    async def _wait(self, limit: int, seconds: int) -> list[Update]:
        arrived = self._arrived = asyncio.Event()
        waiting = self._updates.waiting(limit)
        if not waiting and seconds:
            try:
                async with asyncio.timeout(seconds):
                    await arrived.wait()
            except TimeoutError:
                return []
            finally:
                ended = self._arrived is not arrived
                if not ended:
                    self._arrived = None
            if ended:
                raise Refused(409, self._ended or OTHER_POLLER)
            return self._updates.waiting(limit)
        self._arrived = None
        return waiting
