"""Replies handled for good, per second of the processor and by the clock, against the library's bare echo.

For good is: the update kept, the dialogue's state, the reflection, the answer sent and recorded. The echo keeps
nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks import crowd, databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.contender import Measured, measure, stock_echo
from benchmarks.delivery.plan import Plan, tell
from benchmarks.delivery.scene import scene
from benchmarks.load import load
from benchmarks.row import Row, against

SLOW = 0.05  # seconds: each answer of the Bot API
STOCK = "stock echo"
UNIT = "replies/CPU s"


def run(plan: Plan) -> Iterator[Row]:
    for name in plan.databases:
        with databases.server(name) as server:
            yield from _per_cpu(plan, server)
            yield _by_the_clock(plan, server)


def _per_cpu(plan: Plan, server: Sqlite | Postgres) -> Iterator[Row]:
    once, shipped, stock = [], [], []
    for number in range(plan.rounds):
        once.append(_ours(server, plan.chats, plan.messages))
        shipped.append(_ours(server, plan.chats, plan.messages, one_answer=False))
        stock.append(_stock(plan.chats, plan.messages))
        told = [f"{one.per_cpu_second:.0f}" for one in (once[-1], shipped[-1], stock[-1])]
        tell(f"replies, {server.name}, round {number + 1}: {', '.join(told)} (stock) a CPU second")
    rival = [one.per_cpu_second for one in stock]
    measure = f"replies handled for good, polling, {server.name}"
    yield against(measure, UNIT, [one.per_cpu_second for one in once], rival, STOCK, 2.4)
    measure = f"the same as shipped, two messages in each answer, {server.name}"
    yield against(measure, UNIT, [one.per_cpu_second for one in shipped], rival, STOCK)
    if server.pid:
        share = statistics.median(one.database_cpu / one.cpu for one in once)
        yield Row("PostgreSQL's own CPU beside each CPU second of the worker", "s", share)


def _by_the_clock(plan: Plan, server: Sqlite | Postgres) -> Row:
    ours, stock = [], []
    for number in range(plan.rounds):
        ours.append(_ours(server, plan.slow_chats, plan.slow_messages, SLOW).per_second)
        stock.append(_stock(plan.stock_slow_messages, 1, SLOW).per_second)
        tell(f"50 ms of latency, {server.name}, round {number + 1}: {ours[-1]:.0f}, {stock[-1]:.0f} (stock) a second")
    return against(f"replies by the clock, 50 ms of API latency, {server.name}", "replies/s", ours, stock, STOCK, 40)


def _stock(chats: int, messages: int, latency: float = 0.0) -> Measured:
    with load(latency) as telegram, stock_echo(telegram) as process:
        return measure(telegram, process, range(crowd.FIRST_CHAT, crowd.FIRST_CHAT + chats), messages)


def _ours(
    server: Sqlite | Postgres, chats: int, messages: int, latency: float = 0.0, *, one_answer: bool = True
) -> Measured:
    with scene(server, chats, latency, one_answer=one_answer) as made:
        return made.measure_replies(messages, 1 if one_answer else 2)
