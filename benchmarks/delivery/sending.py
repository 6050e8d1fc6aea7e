"""Prompts that are due for very many people at once, at the pace that the channel enforces."""

from __future__ import annotations

import time
from collections.abc import Iterator

from benchmarks import databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.plan import Plan, tell
from benchmarks.faults.place import place
from benchmarks.row import Row
from tests.bot_api import Pace

PER_SECOND = 30
SPARE = 1.2  # more people than can be reached, so that nobody runs short
START_SECONDS = 120.0


def run(plan: Plan) -> Iterator[Row]:
    for name in plan.databases:
        with databases.server(name) as server:
            for workers in (1, 2) if name == "postgresql" else (1,):
                yield from _rows(plan, server, workers)


def _rows(plan: Plan, server: Sqlite | Postgres, workers: int) -> Iterator[Row]:
    times, busiest, refused = _sent(plan.seconds_of_sending, server, workers)
    within = sum(moment < times[0] + plan.seconds_of_sending for moment in times)
    rate = within / plan.seconds_of_sending
    by = f"{workers} worker{'s' if workers > 1 else ''}, {server.name}"
    tell(f"sending, {by}: {rate:.2f} a second, at most {busiest} in one, {refused} refused")
    over = f"over {plan.seconds_of_sending} s"
    yield Row(f"prompts sent {over}, {by}", "messages/s", rate, PER_SECOND, "allowed", 0.99)
    yield Row(f"the busiest sliding second, {by}", "messages", busiest, goal=PER_SECOND, better="less")
    yield Row(f"refused with 429, {by}", "messages", refused, goal=0, better="less")


def _sent(seconds: int, server: Sqlite | Postgres, workers: int) -> tuple[list[float], int, int]:
    """The moments of the messages, the busiest second and how many were refused."""
    pace = Pace(enforced=True, slack=0)
    with place(server, int(PER_SECOND * seconds * SPARE) + PER_SECOND, 0, pace=pace) as made:
        times: list[float] = []
        made.telegram.cloud.chats.listen(lambda _chat, _message: times.append(time.monotonic()))
        made.make_due(list(made.crowd.chats))
        for _ in range(workers):
            made.fleet.start()
        made.telegram.wait_until(lambda _: bool(times), START_SECONDS)
        time.sleep(max(0.0, times[0] + seconds - time.monotonic()))
        made.fleet.kill_all()
        return times, pace.busiest_second, len(pace.violations)
