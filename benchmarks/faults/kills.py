"""kill -9 at random moments of the worker and of the database, while people answer and prompts go out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.plan import tell
from benchmarks.faults.counted import Counted
from benchmarks.faults.place import Place, place

PROMPTS_A_KILL = 2
WORRIES_A_KILL = 0.5
STARTING = 0.2  # so many of the kills meet a worker that is still starting
LONGEST_START, LONGEST_WORK = 0.6, 0.5  # seconds
SHARE_OF_DATABASE = 0.25
PROGRESS_SECONDS = 20.0


@dataclass(frozen=True)
class Plan:
    """workers: how many at once. seconds: the kills end then, however many there were; 0 for no end."""

    kills: int
    people: int
    webhook: bool = False
    workers: int = 1
    seconds: float = 0.0
    seed: int = 1


def run(plan: Plan, server: Sqlite | Postgres) -> Iterator[Counted]:
    asked, worried = plan.kills * PROMPTS_A_KILL + 2, int(plan.kills * WORRIES_A_KILL) + 1
    with place(server, plan.people + asked + worried, plan.people, webhook=plan.webhook) as made:
        chats = iter(made.crowd.chats[plan.people :])
        killing = Killing(plan, made, list(islice(chats, asked)), list(chats))
        killing.go_on()
        made.drain()
        yield Counted("kill -9 of a worker", killing.of_workers)
        if isinstance(server, Postgres):
            yield Counted("kill -9 of PostgreSQL", killing.of_database)
        yield from made.counted()


class Killing:
    """to_ask and to_worry: chats that were not used yet."""

    def __init__(self, plan: Plan, place: Place, to_ask: list[int], to_worry: list[int]) -> None:
        self.plan, self.place, self.to_ask, self.to_worry = plan, place, to_ask, to_worry
        self.random = Random(plan.seed)
        self.of_workers = self.of_database = 0

    @property
    def done(self) -> int:
        return self.of_workers + self.of_database

    def go_on(self) -> None:
        """Until all kills are done. Everything goes on by itself meanwhile."""
        ends = time.monotonic() + self.plan.seconds if self.plan.seconds else float("inf")
        self._fill()
        self.place.people.begin()
        while self.done < self.plan.kills and time.monotonic() < ends:
            self._give_work()
            self._wait()
            if isinstance(self.place.server, Postgres) and self.random.random() < SHARE_OF_DATABASE:
                self._kill_database(self.place.server)
            else:
                self._kill_worker()
            if self.done % 50 == 0:
                said, sent = len(self.place.people.record.messages), self.place.telegram.cloud.chats.sent
                tell(f"{self.place.server.name}: {self.done} kills, {said} messages, {sent} sent")

    def _fill(self) -> None:
        while len(self.place.fleet.alive) < self.plan.workers:
            self.place.fleet.start()

    def _give_work(self) -> None:
        asked = self.place.people.record.prompted
        self.place.make_remindable(asked[-4:-2:2])
        self.place.make_due([self.to_ask.pop() for _ in range(min(PROMPTS_A_KILL, len(self.to_ask)))])
        if self.to_worry and self.random.random() < WORRIES_A_KILL:
            self.place.people.worry(self.to_worry.pop())

    def _wait(self) -> None:
        """To a random moment: of the start, or of the work, which begins when something new was sent."""
        if self.random.random() < STARTING:
            return time.sleep(self.random.uniform(0, LONGEST_START))
        cloud = self.place.telegram.cloud
        before = cloud.chats.sent
        with cloud.changed:
            cloud.changed.wait_for(lambda: cloud.chats.sent > before, PROGRESS_SECONDS)
        return time.sleep(self.random.uniform(0, LONGEST_WORK))

    def _kill_worker(self) -> None:
        fleet = self.place.fleet
        fleet.kill(self.random.choice(fleet.alive))
        self.of_workers += 1
        self.place.note_in_flight()
        self._fill()

    def _kill_database(self, server: Postgres) -> None:
        """The workers meet its absence for a moment."""
        server.kill()
        self.of_database += 1
        time.sleep(self.random.uniform(0, LONGEST_WORK))
        self.place.bring_back(server)
