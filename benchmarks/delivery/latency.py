"""From a message that the server has for the bot to the answer that it gets, idle and at half of what can be done."""

from __future__ import annotations

import random
import statistics
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import crowd, databases
from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.contender import WORDS, echo, worker
from benchmarks.delivery.plan import Plan, tell
from benchmarks.delivery.scene import scene
from benchmarks.load import Load, load
from benchmarks.row import Row

GAP_SECONDS = 0.02  # between two handfuls of messages
HALF_SECONDS = 20.0


@dataclass(frozen=True)
class Delays:
    """In milliseconds."""

    p50: float
    p99: float


def run(plan: Plan) -> Iterator[Row]:
    with load() as telegram, echo(telegram) as process:
        stock = _idle(telegram, process, plan)
    for name in plan.databases:
        with databases.server(name) as server:
            yield from _rows(plan, server, stock)


def _rows(plan: Plan, server: Sqlite | Postgres, stock: Delays) -> Iterator[Row]:
    with scene(server, plan.chats) as made:
        ceiling = made.measure_replies(plan.messages).per_second
        with worker(made.installation, made.telegram) as process:
            idle = _idle(made.telegram, process, plan)
            busy = _steady(made.telegram, process, plan, ceiling / 2)
    tell(f"latency, {server.name}: idle {idle}, at {ceiling / 2:.0f} a second {busy}")
    for what, ours, rival in (("p50", idle.p50, stock.p50), ("p99", idle.p99, stock.p99)):
        yield Row(
            f"from message to answer, idle, {what}, {server.name}", "ms", ours, rival, "stock echo", better="less"
        )
    for what, value in (("p50", busy.p50), ("p99", busy.p99)):
        yield Row(f"the same at half the ceiling ({ceiling / 2:.0f}/s), {what}, {server.name}", "ms", value)


def _idle(telegram: Load, process: subprocess.Popen[bytes], plan: Plan) -> Delays:
    """One message at a time, each after the answer to the one before."""
    telegram.forget()
    for number in range(plan.asked):
        telegram.say([_chat(plan)], [WORDS])
        telegram.wait(lambda state, number=number: state["sent"] > number, process)  # type: ignore[misc]
    return _delays(telegram.state()["delays"])


def _steady(telegram: Load, process: subprocess.Popen[bytes], plan: Plan, per_second: float) -> Delays:
    """So many a second, evenly, whatever the answers do."""
    telegram.forget()
    seconds = min(HALF_SECONDS, plan.asked * 10 / per_second)
    start, said = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        due = int(now * per_second) - said
        telegram.say([_chat(plan) for _ in range(due)], [WORDS] * due)
        said += due
        time.sleep(GAP_SECONDS)
    return _delays(telegram.wait(lambda state: state["sent"] >= said, process)["delays"])


def _chat(plan: Plan) -> int:
    return crowd.FIRST_CHAT + random.randrange(plan.chats)


def _delays(seconds: list[float]) -> Delays:
    hundredths = statistics.quantiles(seconds, n=100)
    return Delays(statistics.median(seconds) * 1000, hundredths[98] * 1000)
