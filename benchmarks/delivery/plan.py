"""How much is measured: the whole, or the quick form that shows the shape."""

from __future__ import annotations

import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Plan:
    """chats and messages: of each chat, all waiting at once. due of people: who is due at one tick."""

    rounds: int = 3
    chats: int = 200
    messages: int = 10
    slow_chats: int = 100
    slow_messages: int = 10
    stock_slow_messages: int = 100
    seconds_of_sending: int = 600
    people: int = 1_000_000
    due: int = 10_000
    jobs: int = 100_000
    sizes: tuple[int, ...] = (1_000, 100_000, 1_000_000)
    asked: int = 500
    rows: int = 20_000
    databases: tuple[str, ...] = ("sqlite", "postgresql")


QUICK = Plan(
    rounds=1,
    chats=40,
    messages=5,
    slow_chats=40,
    slow_messages=5,
    stock_slow_messages=20,
    seconds_of_sending=20,
    people=20_000,
    due=2_000,
    jobs=5_000,
    sizes=(1_000, 20_000),
    asked=60,
    rows=2_000,
)


def tell(words: str) -> None:
    """Progress, beside the table."""
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()
