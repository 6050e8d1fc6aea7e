"""How fast a channel may be written to: evenly, never more than so many in any second, and so often to one chat."""

from __future__ import annotations

from dataclasses import dataclass, field

# One message more than the limit lies in 1.008 s: what the loop and the network shift between two messages may be
# some milliseconds before any second holds more than the limit. It costs 0.8 % of the pace.
STRETCH = 1.008
# A loop that wakes late by so much makes it up with the next message, so that the pace holds over minutes.
LATE = 0.003


@dataclass
class Pacer:
    """Times are seconds of any clock that only goes forward. per_second: none means no limit at all."""

    per_second: float | None
    per_chat: float
    rest_until: float = 0.0
    _next: float = 0.0
    _free_at: dict[bytes, float] = field(default_factory=dict)

    @property
    def has_limits(self) -> bool:
        return bool(self.per_second or self.per_chat)

    @property
    def spacing(self) -> float:
        return STRETCH / self.per_second if self.per_second else 0.0

    def slot(self, now: float) -> float:
        """Reserves the next moment at which a message may go: now, or a later one."""
        if self.rest_until > now:
            return now  # nothing goes: whoever asks hands its message back
        start = max(self._next, now - LATE)
        self._next = start + self.spacing
        return max(start, now)

    def backlog(self, now: float) -> float:
        """How many seconds of slots are reserved already."""
        return max(0.0, self._next - now, self.rest_until - now)

    def done(self, chat: bytes, now: float) -> None:
        """A message to this chat has arrived, or may have: its next one waits."""
        if self.per_chat:
            self._free_at[chat] = now + self.per_chat

    def resting(self, now: float) -> dict[bytes, float]:
        """The chats that have to wait, and until when."""
        self._free_at = {chat: free for chat, free in self._free_at.items() if free > now}
        return self._free_at

    def rest(self, seconds: float, now: float) -> None:
        """The channel asks for a rest: nothing goes until it is over."""
        self.rest_until = max(self.rest_until, now + seconds)
        self._next = max(self._next, self.rest_until)
