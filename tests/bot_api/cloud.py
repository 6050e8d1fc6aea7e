"""Everything that Telegram would remember about one bot."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from .chats import Chats
from .faults import Faults
from .files import Files
from .pace import Pace
from .polling import Polling
from .rules import Json
from .updates import Updates
from .webhook import Webhook

BOT: Json = {"id": 7_000_000_001, "is_bot": True, "first_name": "Invented bot", "username": "invented_test_bot"}


@dataclass
class Query:
    """A pressed button that waits for `answerCallbackQuery`."""

    by: int
    asked: datetime
    answered: bool = False
    notice: str = ""


@dataclass
class Cloud:
    """`changed` guards all of it, and is notified of every change."""

    clock: Callable[[], datetime]
    pace: Pace
    backoff: float = 1.0
    bot: Json = field(default_factory=lambda: dict(BOT))
    files: Files = field(default_factory=Files)
    faults: Faults = field(default_factory=Faults)
    queries: dict[str, Query] = field(default_factory=dict)
    commands: dict[str, list[Json]] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        lock = threading.RLock()
        self.changed = threading.Condition(lock)
        self.chats = Chats(lock, self.changed, self.clock)
        self.updates = Updates(self.changed, self.clock)
        self.polling = Polling(self.updates)
        self.webhook = Webhook(self.updates, self.changed, self.clock, self.backoff)

    def ask(self, query_id: str, by: int) -> None:
        self.queries[query_id] = Query(by, self.clock())
