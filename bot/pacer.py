"""How fast a channel may be written to: evenly, never more than so many in any second, and so often to one chat."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

# A loop that wakes late by so much makes it up with the next messages, so that the pace holds over minutes.
LATE = 0.05
SECOND = 1.0


@dataclass
class Pacer:
    """Times are seconds of any clock that only goes forward. per_second: 0 or none means no limit.

    A message counts from its start until a second after the channel has answered. It arrived somewhere in between: so
    however long the network took with each, no second of the channel's own clock ever holds more than the limit. The
    price is the time of one answer in each second.
    """

    per_second: int | None
    per_chat: float
    rest_until: float = 0.0
    _next: float = 0.0
    _under_way: int = 0
    _counts_until: deque[float] = field(default_factory=deque)
    _free_at: dict[bytes, float] = field(default_factory=dict)

    @property
    def has_limits(self) -> bool:
        return bool(self.per_second or self.per_chat)

    def wait(self, now: float) -> float:
        """How long the next message has to wait; 0 when it may go now. Ask again when a message is done."""
        rest = self.rest_until - now
        if not self.per_second:
            return max(0.0, rest)
        while self._counts_until and self._counts_until[0] <= now:
            self._counts_until.popleft()
        free = self.per_second - self._under_way - len(self._counts_until)
        # When all that count are under way, nobody knows until when: the next answer tells.
        full = 0.0 if free > 0 else self._counts_until[0] - now if self._counts_until else SECOND / self.per_second
        return max(0.0, rest, full, self._next - now)

    def begin(self, now: float) -> None:
        """A message goes now."""
        if self.per_second:
            self._next = max(self._next, now - LATE) + SECOND / self.per_second
        self._under_way += 1

    def done(self, chat: bytes, now: float) -> None:
        """The channel has answered, or will not: the message has arrived by now, if ever."""
        self._under_way -= 1
        if self.per_second:
            self._counts_until.append(now + SECOND)
        if self.per_chat:
            self._free_at[chat] = now + self.per_chat

    def resting(self, now: float) -> dict[bytes, float]:
        """The chats that have to wait, and until when."""
        self._free_at = {chat: free for chat, free in self._free_at.items() if free > now}
        return self._free_at

    def rest(self, seconds: float, now: float) -> None:
        """The channel asks for a rest: nothing goes until it is over."""
        self.rest_until = max(self.rest_until, now + seconds)
