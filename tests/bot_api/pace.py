"""Telegram's limits on sending: counted always, enforced on request."""

import math
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from .rules import Refused


@dataclass(frozen=True)
class Violation:
    """One message too many; `chat_id` is None when it was the limit of the whole bot."""

    when: float
    chat_id: int | None
    most: int
    seconds: float


@dataclass
class Pace:
    """Sliding windows, never fixed ones. Set a figure to 0 to leave that limit out.

    `slack` shortens each window, in seconds, for what the network adds between two calls.
    """

    enforced: bool = False
    per_second: int = 30
    per_chat_second: int = 1
    per_group_minute: int = 20
    slack: float = 0.0
    clock: Callable[[], float] = time.monotonic
    violations: list[Violation] = field(default_factory=list)
    busiest_second: int = 0
    _sent: defaultdict[tuple[int | None, float], deque[float]] = field(
        default_factory=lambda: defaultdict(deque), repr=False
    )

    def admit(self, chat_id: int, is_group: bool) -> None:
        """Counts one message; raises Refused 429 when it is too many and limits are enforced."""
        now = self.clock()
        wait = max(self._waits(now, chat_id, is_group), default=0.0)
        if wait and self.enforced:
            seconds = max(1, math.ceil(wait))
            raise Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
        for limited, _, seconds_of_window in self._limits(chat_id, is_group):
            self._sent[limited, seconds_of_window].append(now)
        self.busiest_second = max(self.busiest_second, len(self._sent[None, 1.0]))

    def _waits(self, now: float, chat_id: int, is_group: bool) -> Iterator[float]:
        for limited, most, seconds in self._limits(chat_id, is_group):
            sent = self._sent[limited, seconds]
            while sent and sent[0] <= now - seconds + self.slack:
                sent.popleft()
            if len(sent) >= most:
                self.violations.append(Violation(now, limited, most, seconds))
                yield sent[-most] + seconds - now

    def _limits(self, chat_id: int, is_group: bool) -> Iterator[tuple[int | None, int, float]]:
        if self.per_second:
            yield None, self.per_second, 1.0
        if self.per_chat_second:
            yield chat_id, self.per_chat_second, 1.0
        if is_group and self.per_group_minute:
            yield chat_id, self.per_group_minute, 60.0
