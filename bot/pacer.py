"""How fast a channel may be written to: never more than so many in any second, and so often to one chat."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Pacer:
    """Times are seconds of any clock that only goes forward. per_second: none means no limit at all."""

    per_second: int | None
    per_chat: float
    _sent: deque[float] = field(default_factory=deque)
    _free_at: dict[str, float] = field(default_factory=dict)
    _rest_until: float = 0.0

    def wait(self, chat: str, now: float) -> float:
        """How many seconds this chat has to wait for its next message; 0 when it may go now."""
        if self.per_second is None:
            return 0.0
        whole = self._sent[0] + 1.0 if len(self._sent) >= self.per_second else now
        return max(0.0, whole - now, self._free_at.get(chat, now) - now, self._rest_until - now)

    def sent(self, chat: str, now: float) -> None:
        if self.per_second is None:
            return
        self._sent.append(now)
        while len(self._sent) > self.per_second:
            self._sent.popleft()
        self._free_at[chat] = now + self.per_chat
        self._forget(now)

    def rest(self, seconds: float, now: float) -> None:
        """The channel asks for a rest: nothing goes until it is over."""
        self._rest_until = max(self._rest_until, now + seconds)

    def _forget(self, now: float) -> None:
        """Keeps the memory as small as the number of chats of the last second."""
        if len(self._free_at) > 1000:
            self._free_at = {chat: free for chat, free in self._free_at.items() if free > now}
