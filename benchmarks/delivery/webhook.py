"""Replies handled for good that came by webhook, against the echo on the library's own webhook server.

The library's own server answers 200 before anything is done; ours once the message is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks import crowd, databases
from benchmarks.delivery.contender import echo, measure
from benchmarks.delivery.plan import Plan, tell
from benchmarks.delivery.scene import scene
from benchmarks.load import load
from benchmarks.row import Row, against


def run(plan: Plan) -> Iterator[Row]:
    chats = range(crowd.FIRST_CHAT, crowd.FIRST_CHAT + plan.chats)
    for name in plan.databases:
        ours, stock = [], []
        with databases.server(name) as server:
            for number in range(plan.rounds):
                with scene(server, plan.chats, webhook=True) as made:
                    ours.append(made.measure_replies(plan.messages).per_cpu_second)
                with load() as telegram, echo(telegram, webhook=True) as process:
                    stock.append(measure(telegram, process, chats, plan.messages).per_cpu_second)
                tell(f"webhook, {name}, round {number + 1}: {ours[-1]:.0f}, {stock[-1]:.0f} (stock) a CPU second")
        yield against(
            f"replies handled for good, webhook, {name}", "replies/CPU s", ours, stock, "stock webhook echo", 2.4
        )
