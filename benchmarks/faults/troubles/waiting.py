"""Very many updates wait when the worker starts, as after a day without it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import select

from benchmarks import crowd
from benchmarks.crowd import Crowd
from benchmarks.databases import Postgres, Sqlite
from benchmarks.faults.counted import Counted
from benchmarks.faults.counting import ANSWERED, KEPT, SENT, outbox, still_open
from benchmarks.faults.fleet import Fleet, fleet
from benchmarks.faults.troubles.scene import Plan
from benchmarks.installation import Installation
from benchmarks.load import Load, load
from benchmarks.process import memory
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Reflection

CHATS = 200
AT_ONCE = 10_000  # said to the Bot API server in one call
MEGABYTE = 2**20
MORE_MEMORY = 64  # megabytes that it may take more of in the end than in the beginning, however many wait
LOOK_SECONDS = 0.5
SECONDS_EACH = 0.05  # for each update at most: it would take a slow machine so long


def waiting(server: Sqlite | Postgres, plan: Plan) -> Iterator[Counted]:
    """The lean server of the benchmarks brings them: the one of the tests would be what is waited for."""
    url = server.make()
    with load() as telegram, TemporaryDirectory() as folder:
        installation = Installation(Path(folder) / "installation", url, telegram.base_url)
        installation.lift_pace()
        log = installation.log()
        people = crowd.gather(log, min(CHATS, plan.waiting), telling=True)
        try:
            with fleet(installation) as workers:
                said = _say(telegram, people, plan.waiting)
                yield _caught_up(telegram, log, workers, plan.waiting)
                yield from _counted(telegram, log, people, said)
        finally:
            log.close()
            server.drop(url)


def _say(telegram: Load, people: Crowd, number: int) -> dict[int, list[str]]:
    """Each chat in turn; no two messages are the same. Returns what was said, by chat."""
    chats = [people.chats[place % len(people.chats)] for place in range(number)]
    words = [f"The bus came late, said as number{place:07}." for place in range(number)]
    for start in range(0, number, AT_ONCE):
        telegram.say(chats[start : start + AT_ONCE], words[start : start + AT_ONCE])
    said: dict[int, list[str]] = {}
    for chat, each in zip(chats, words, strict=True):
        said.setdefault(chat, []).append(each)
    return said


def _caught_up(telegram: Load, log: LearningLog, workers: Fleet, number: int) -> Counted:
    """How long it took, and what the worker took of the memory meanwhile."""
    start, patience = time.monotonic(), 60 + number * SECONDS_EACH
    pid, sizes = workers.start(), []
    while (seconds := time.monotonic() - start) < patience:
        time.sleep(LOOK_SECONDS)
        sizes.append(memory(pid) / MEGABYTE)
        if not telegram.state()["waiting"] and not any(still_open(log)):
            break
    workers.kill(pid)
    early, most = max(sizes[: len(sizes) // 10 + 1]), max(sizes)
    remark = f"in {seconds:.0f} s; memory {most:.0f} MB at most, {early:.0f} MB in the first tenth of the time"
    return Counted("updates waiting at the start", number, remark=remark, holds=most - early < MORE_MEMORY)


def _counted(telegram: Load, log: LearningLog, people: Crowd, said: Mapping[int, Sequence[str]]) -> Iterator[Counted]:
    """said: by chat. Each message leads to one reflection and one answer, whose first part is the one in place 0."""
    messages = {words for chat in said.values() for words in chat}
    with log.read(people.tenant) as records:
        kept = Counter(records.text(row, "words") for row in records.all(select(Reflection)))
        rows = outbox(records)
    too_many = sum(number - (words in messages) for words, number in kept.items())
    yield Counted(KEPT, len(messages), len(messages - kept.keys()), too_many)
    answers = {chat: sum(row.place == 0 and row.status == "sent" for row in rows[chat]) for chat in said}
    yield _compared(ANSWERED, {chat: len(words) for chat, words in said.items()}, answers)
    yield _compared(SENT, {chat: len(rows[chat]) for chat in said}, telegram.heard())


def _compared(what: str, expected: Mapping[int, int], found: Mapping[int, int]) -> Counted:
    """By chat."""
    lost = sum(max(0, number - found.get(chat, 0)) for chat, number in expected.items())
    doubled = sum(max(0, found.get(chat, 0) - number) for chat, number in expected.items())
    return Counted(what, sum(expected.values()), lost, doubled, 0)
