"""Updates that the bot has not confirmed yet."""

import random
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from .rules import QUIET_WEEK, UPDATE_LIFETIME, Json

LEFT_OUT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
# How far past the newest update an offset may lie before Telegram takes it for a mistake.
FUTURE_OFFSETS = 10


@dataclass(frozen=True)
class Update:
    """`chat_id` chooses the queue of a webhook; None is a queue of its own."""

    update_id: int
    born: datetime
    chat_id: int | None
    payload: Json


class Updates:
    """Every method may be called from any thread; listeners are called with the lock held."""

    def __init__(self, changed: threading.Condition, clock: Callable[[], datetime]) -> None:
        self._changed = changed
        self._clock = clock
        self._waiting: OrderedDict[int, Update] = OrderedDict()
        self._next_id = _random_id()
        self._newest: datetime | None = None
        self._allowed: frozenset[str] = frozenset()
        self._listeners: list[Callable[[Update], None]] = []
        self.expired = 0

    def listen(self, listener: Callable[[Update], None]) -> None:
        self._listeners.append(listener)

    @property
    def allowed(self) -> list[str]:
        return sorted(self._allowed)

    def allow(self, kinds: Sequence[str] | None) -> None:
        """None keeps the earlier choice; an empty list is Telegram's default. It holds for new updates only."""
        if kinds is not None:
            with self._changed:
                self._allowed = frozenset(kinds)

    def push(self, kind: str, content: Json, chat_id: int) -> int | None:
        """The update's id, or None when the bot did not ask for this kind."""
        wanted = kind in self._allowed if self._allowed else kind not in LEFT_OUT_BY_DEFAULT
        return self._add({kind: content}, chat_id) if wanted else None

    def push_raw(self, payload: Json) -> int:
        message = payload.get("message")
        chat = message.get("chat") if isinstance(message, dict) else None
        chat_id = chat.get("id") if isinstance(chat, dict) else None
        return self._add(payload, chat_id if isinstance(chat_id, int) else None)

    def _add(self, payload: Json, chat_id: int | None) -> int:
        with self._changed:
            now = self._clock()
            if self._newest and now - self._newest >= QUIET_WEEK:
                self._next_id = _random_id()
            self._newest = now
            given = payload.get("update_id")
            update_id = given if isinstance(given, int) else self._next_id
            self._next_id = update_id + 1
            update = Update(update_id, now, chat_id, payload | {"update_id": update_id})
            self._waiting[update_id] = update
            for listener in self._listeners:
                listener(update)
            self._changed.notify_all()
            return update_id

    def confirm_below(self, offset: int) -> None:
        """What an offset confirms; a negative one keeps that many of the newest."""
        with self._changed:
            if offset > self._next_id + FUTURE_OFFSETS:
                return
            if offset < 0:
                offset = next(islice(reversed(self._waiting), -offset - 1, None), 0)
            while self._waiting and next(iter(self._waiting)) < offset:
                self._waiting.popitem(last=False)
            self._changed.notify_all()

    def confirm(self, update_id: int) -> None:
        with self._changed:
            self._waiting.pop(update_id, None)
            self._changed.notify_all()

    def forget_all(self) -> None:
        with self._changed:
            self._waiting.clear()
            self._changed.notify_all()

    def waiting(self, limit: int | None = None) -> list[Update]:
        with self._changed:
            self._expire()
            return list(islice(self._waiting.values(), limit))

    def is_waiting(self, update_id: int) -> bool:
        with self._changed:
            self._expire()
            return update_id in self._waiting

    def __len__(self) -> int:
        with self._changed:
            self._expire()
            return len(self._waiting)

    def _expire(self) -> None:
        oldest_kept = self._clock() - UPDATE_LIFETIME
        while self._waiting and next(iter(self._waiting.values())).born <= oldest_kept:
            self._waiting.popitem(last=False)
            self.expired += 1


def _random_id() -> int:
    return random.randint(2_000_001, 1_000_000_000)  # noqa: S311 - Telegram's own starting range, no secret
