"""Updates that are no updates: any JSON in the place of any other, among what people write."""

from __future__ import annotations

import copy
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

from sqlalchemy import text

from benchmarks.databases import Postgres, Sqlite
from benchmarks.faults.counted import Counted
from benchmarks.faults.place import Place
from benchmarks.faults.troubles.scene import Plan, Scene, scene
from learning_log.services import conversations

A_MINUTE = 3_000  # updates
AT_ONCE = 20
KINDS = ("message", "edited_message", "callback_query", "my_chat_member", "channel_post", "poll_answer", "unheard_of")
WORDS = ("text", "caption", "emoji")
DEEPEST = 900  # the reader of JSON itself ends at about a thousand
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, float("inf"), float("nan"), 2**63, -(2**64), 10**400),
    *("", " ", "private", "\x00", "\ud800", "\udfff\ud83d", "é" * 5000, "/start", "/start \ud800", "' OR 1=1 --"),
    *([], {}, [[]], [None], {"": ""}, {"id": {}}),
)


def malformed(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    number = max(AT_ONCE, round(A_MINUTE * plan.minute / 60))
    with scene(server, plan.people) as at_work, deep_stack():
        push(at_work, number, plan.minute / 2, plan.seed)
        first, *counted = at_work.over(Counted("malformed updates among good ones", number))
        aside, good = _set_aside(at_work.place, at_work.odd)
        yield first
        yield Counted("updates set aside", aside, remark=f"{good} of them good", holds=not good)
        yield from counted


def push(at_work: Scene, number: int, seconds: float, seed: int) -> None:
    """Some at a time, evenly."""
    spoilt = Spoilt(seed, at_work.odd)
    for place in range(number):
        at_work.place.telegram.push_raw(spoilt.update())
        if not place % AT_ONCE:
            time.sleep(seconds * AT_ONCE / number)


@contextmanager
def deep_stack() -> Iterator[None]:
    """The Bot API server has to write what is nested so deep that the worker can only just read it."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + 1000)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _set_aside(place: Place, odd: range) -> tuple[int, int]:
    """How many messages were given up, and how many of them were not of the odd people's or of strangers."""
    hashes = {conversations.address_hash(place.log, "telegram", str(chat)) for chat in {*place.crowd.chats} - {*odd}}
    with place.log.database.reading() as connection:
        found = connection.execute(text("SELECT address_hash FROM inbox WHERE status = 'aside'")).scalars().all()
    return len(found), sum(bytes(one) in hashes for one in found if one)


class Spoilt:
    """Updates of strangers and of known people, with any part of them replaced by any JSON, or missing."""

    def __init__(self, seed: int, known: range) -> None:
        self.random, self.known = Random(seed), known

    def update(self) -> dict[str, Any]:
        if self.random.random() < 0.1:
            return {self.random.choice(KINDS): self._any(6)}
        known = self.random.random() < 0.5
        chat = self.random.choice(self.known) if known else self.random.randrange(1, 2**40)
        found = self._whole(chat)
        for _ in range(self.random.randint(1, 4)):
            self._spoil(found)
        return _without_words(found) if known else found

    def _whole(self, chat: int) -> dict[str, Any]:
        """A good update of a random kind."""
        person = {"id": chat, "is_bot": False, "first_name": "Ada (invented)"}
        message: dict[str, Any] = {
            "message_id": self.random.randrange(1, 2**31),
            "from": person,
            "chat": {"id": chat, "type": "private"},
            "date": int(time.time()),
            **copy.deepcopy(self.random.choice(CONTENTS)),
        }
        query = {"id": str(chat), "from": person, "message": message, "data": "reflecting"}
        member = {"chat": message["chat"], "from": person, "date": 0, "new_chat_member": {"status": "member"}}
        return self.random.choice(
            [{"message": message}, {"edited_message": message}, {"callback_query": query}, {"my_chat_member": member}]
        )

    def _spoil(self, update: dict[str, Any]) -> None:
        """One part, at any level, is replaced, taken away or added."""
        tables = list(_tables(update))
        table = self.random.choice(tables)
        name = self.random.choice([*table, "unheard_of"])
        if self.random.random() < 0.3:
            table.pop(name, None)
        else:
            table[name] = self._any(4)

    def _any(self, depth: int) -> Any:
        kind = self.random.random()
        if kind < 0.02:
            return self._nested()
        if not depth or kind < 0.6:
            return copy.deepcopy(self.random.choice(ODD))
        parts = [self._any(depth - 1) for _ in range(self.random.randint(0, 3))]
        names = [*KINDS, *WORDS, "chat", "id", "type", "from", "photo", "voice", "file_id", "data", "date"]
        return parts if kind < 0.8 else {self.random.choice(names): part for part in parts}

    def _nested(self) -> Any:
        found: Any = 0
        for _ in range(self.random.randint(100, DEEPEST)):
            found = [found]
        return found


CONTENTS: tuple[dict[str, Any], ...] = (
    {"text": "The bus came late (invented)"},
    {"photo": [{"file_id": "small", "file_size": 9}, {"file_id": "large", "file_size": 90}], "caption": "A bus"},
    {"voice": {"file_id": "invented", "mime_type": "audio/ogg", "file_size": 9, "duration": 1}},
    {"sticker": {"file_id": "invented", "emoji": "🙂", "type": "regular"}},
    {"document": {"file_id": "invented", "file_size": 10}, "caption": "A list"},
    {"location": {"latitude": 1.0, "longitude": 2.0}},
)


def _tables(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
        for inner in part.values():
            yield from _tables(inner)


def _without_words(part: Any) -> Any:
    """Known people say nothing here that is to be kept: whatever is kept is then one of the good messages."""
    if isinstance(part, list):
        return part if part and isinstance(part[0], list) else [_without_words(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    silent = {name: _without_words(inner) for name, inner in part.items()}
    return silent | {name: 7 for name in WORDS if isinstance(silent.get(name), str)}
