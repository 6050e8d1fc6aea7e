"""People at work with one worker, while something breaks that the worker has to live through."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice

from benchmarks.databases import Postgres, Sqlite
from benchmarks.faults.counted import Counted
from benchmarks.faults.place import Place, place
from tests.bot_api import Pace

PROMPTS, WORRIES = 40, 20
PROMPTS_AT_ONCE = 2
ODD = 20  # people who only send what nobody can read
RECOVERY_SECONDS = 90.0
AFTER_SECONDS = 1.5  # everything goes on so long once the trouble is over


@dataclass(frozen=True)
class Plan:
    """minute: how long what lasts a minute lasts, in seconds; what is shorter is shortened with it."""

    people: int = 100
    minute: float = 60.0
    waiting: int = 100_000
    seed: int = 1


class Scene:
    """The first people write all the time; after them come those who are asked, those who worry, and the odd ones."""

    def __init__(self, place: Place, answering: int) -> None:
        self.place = place
        chats = place.crowd.chats
        self._to_ask = iter(chats[answering : answering + PROMPTS])
        self._to_worry = iter(chats[answering + PROMPTS : -ODD])
        self.odd = chats[-ODD:]

    def give(self) -> None:
        """Prompts fall due, and a worry is written, as long as there are people left for it."""
        self.place.make_due(list(islice(self._to_ask, PROMPTS_AT_ONCE)))
        for chat in islice(self._to_worry, 1):
            self.place.people.worry(chat)

    def go_on(self, seconds: float, parts: int = 3) -> None:
        """Everything goes on by itself; now and then there is something more to do."""
        for _ in range(parts):
            self.give()
            time.sleep(seconds / parts)

    def seconds_until_sent(self, patience: float = RECOVERY_SECONDS) -> float | None:
        """Until the next message goes out; none if none did."""
        cloud, start = self.place.telegram.cloud, time.monotonic()
        with cloud.changed:
            before = cloud.chats.sent
            went = cloud.changed.wait_for(lambda: cloud.chats.sent > before, patience)
        return time.monotonic() - start if went else None

    def over(self, tried: Counted, broken: int = 0) -> Iterator[Counted]:
        """The trouble is over: the same worker has to go on, and in the end everything is counted.

        broken: how many of our messages met a fault of the channel that leaves their fate open.
        """
        seconds = self.seconds_until_sent()
        again = "sent nothing any more" if seconds is None else f"sent again after {seconds:.1f} s"
        self.go_on(AFTER_SECONDS)
        self.place.finish()
        remark = f"{tried.remark}; {again}" if tried.remark else again
        yield replace(tried, remark=remark, holds=tried.holds and seconds is not None)
        yield from self.place.counted(broken)


@contextmanager
def scene(
    server: Sqlite | Postgres, people: int, *, pace: Pace | None = None, more: Mapping[str, str] | None = None
) -> Iterator[Scene]:
    """Begins when the worker is at work. pace, more: see place()."""
    with place(server, people + PROMPTS + WORRIES + ODD, people, pace=pace, more=more) as made:
        begun = Scene(made, people)
        made.fleet.start()
        made.people.begin()
        begun.give()
        if begun.seconds_until_sent() is None:
            raise RuntimeError(f"the worker did not begin:\n{made.fleet.logged()}")
        yield begun
