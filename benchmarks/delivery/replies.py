"""Replies handled for good, per second of the processor and by the clock, against the library's bare echo.

For good is: the update kept, the dialogue's state, the reflection, the answer sent and recorded. The echo keeps
nothing.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from benchmarks import crowd, databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.contender import Measured, echo, measure
from benchmarks.delivery.plan import Plan, tell
from benchmarks.delivery.scene import scene
from benchmarks.load import load
from benchmarks.row import Row, against

SLOW = 0.05  # seconds: each answer of the Bot API
STOCK = "stock echo"
# The library's own as it comes; the same on our transport, which keeps nothing; and without the library's objects.
ECHOES = {
    "stock_echo": (STOCK, 2.4),
    "transport_echo": ("echo on our transport", 0.85),
    "raw_echo": ("the barest echo", None),
}
UNIT = "replies/CPU s"


def run(plan: Plan) -> Iterator[Row]:
    for name in plan.databases:
        with databases.server(name) as server:
            yield from _per_cpu(plan, server)
            yield _by_the_clock(plan, server)


def _per_cpu(plan: Plan, server: Sqlite | Postgres) -> Iterator[Row]:
    found: dict[str, list[float]] = {name: [] for name in ("ours", "as shipped", *ECHOES)}
    share = []
    for number in range(plan.rounds):
        once = _ours(server, plan.chats, plan.messages)
        share.append(once.database_cpu / once.cpu)
        found["ours"].append(once.per_cpu_second)
        found["as shipped"].append(_ours(server, plan.chats, plan.messages, one_answer=False).per_cpu_second)
        for kind in ECHOES:
            found[kind].append(_echo(plan.chats, plan.messages, kind=kind).per_cpu_second)
        told = ", ".join(f"{name} {rates[-1]:.0f}" for name, rates in found.items())
        tell(f"replies a CPU second, {server.name}, round {number + 1}: {told}")
    for kind, (name, goal) in ECHOES.items():
        yield against(f"replies handled for good, {server.name}", UNIT, found["ours"], found[kind], name, goal)
    as_shipped = f"the same as shipped, two messages in each answer, {server.name}"
    yield against(as_shipped, UNIT, found["as shipped"], found["stock_echo"], STOCK)
    if server.pid:
        yield Row("PostgreSQL's own CPU beside each CPU second of the worker", "s", statistics.median(share))


def _by_the_clock(plan: Plan, server: Sqlite | Postgres) -> Row:
    ours, stock = [], []
    for number in range(plan.rounds):
        ours.append(_ours(server, plan.slow_chats, plan.slow_messages, SLOW).per_second)
        stock.append(_echo(plan.stock_slow_messages, 1, SLOW).per_second)
        tell(f"50 ms of latency, {server.name}, round {number + 1}: {ours[-1]:.0f}, {stock[-1]:.0f} (stock) a second")
    return against(f"replies by the clock, 50 ms of API latency, {server.name}", "replies/s", ours, stock, STOCK, 40)


def _echo(chats: int, messages: int, latency: float = 0.0, kind: str = "stock_echo") -> Measured:
    with load(latency) as telegram, echo(telegram, kind) as process:
        return measure(telegram, process, range(crowd.FIRST_CHAT, crowd.FIRST_CHAT + chats), messages)


def _ours(
    server: Sqlite | Postgres, chats: int, messages: int, latency: float = 0.0, *, one_answer: bool = True
) -> Measured:
    with scene(server, chats, latency, one_answer=one_answer) as made:
        return made.measure_replies(messages, 1 if one_answer else 2)
