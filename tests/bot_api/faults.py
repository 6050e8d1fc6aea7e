"""Failures to come: the next calls of a method that go wrong, and how."""

import threading
from dataclasses import dataclass

from .rules import Refused

ANY_METHOD = "*"


@dataclass
class Fault:
    """`after` is after the call took effect. Neither `refusal` nor `drops`: the call is only late."""

    method: str
    left: int
    after: bool
    seconds: float = 0.0
    drops: bool = False
    refusal: Refused | None = None
    chat_id: int | None = None

    @property
    def spoils(self) -> bool:
        return self.drops or self.refusal is not None

    def concerns(self, method: str, chat_id: int | None) -> bool:
        right_chat = self.chat_id in (None, chat_id)
        return right_chat and self.method in (ANY_METHOD, method)


class Faults:
    """Methods are Telegram's names, "download" for a file, "*" for any. Faults are used up in order."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[Fault] = []

    def answer(
        self,
        method: str,
        status: int,
        *,
        times: int = 1,
        after: bool = False,
        delay: float = 0.0,
        description: str = "Planned by the test",
        chat_id: int | None = None,
        **parameters: int,
    ) -> None:
        """`parameters` are retry_after or migrate_to_chat_id."""
        refusal = Refused(status, description, **parameters)
        self._plan(Fault(method.lower(), times, after, delay, refusal=refusal, chat_id=chat_id))

    def drop(
        self,
        method: str,
        *,
        times: int = 1,
        after: bool = False,
        delay: float = 0.0,
        chat_id: int | None = None,
    ) -> None:
        """The connection ends without a single byte of an answer."""
        self._plan(Fault(method.lower(), times, after, delay, drops=True, chat_id=chat_id))

    def delay(
        self, method: str, seconds: float, *, times: int = 1, after: bool = False, chat_id: int | None = None
    ) -> None:
        self._plan(Fault(method.lower(), times, after, seconds, chat_id=chat_id))

    def _plan(self, fault: Fault) -> None:
        with self._lock:
            self._planned.append(fault)

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        with self._lock:
            fault = next((one for one in self._planned if one.concerns(method, chat_id)), None)
            if fault:
                fault.left -= 1
                self._planned = [one for one in self._planned if one.left > 0]
            return fault

    @property
    def left(self) -> int:
        with self._lock:
            return sum(fault.left for fault in self._planned)

    def clear(self) -> None:
        with self._lock:
            self._planned.clear()
