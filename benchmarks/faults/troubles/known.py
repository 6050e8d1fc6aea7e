"""The troubles that are tried, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks.databases import Postgres, Sqlite
from benchmarks.delivery.plan import tell
from benchmarks.faults.counted import Counted
from benchmarks.faults.troubles import channel, clock, database, malformed, waiting
from benchmarks.faults.troubles.scene import Plan

Trouble = Callable[[Sqlite | Postgres, Plan], Iterator[Counted]]

TROUBLES: dict[str, Trouble] = {
    "locked": database.locked,
    "gone": database.gone,
    "full": database.full,
    "clock": clock.jumps,
    "unsteady": channel.unsteady,
    "storm": channel.storm,
    "paced": channel.paced,
    "refused": channel.refused,
    "second": channel.second,
    "malformed": malformed.malformed,
    "waiting": waiting.waiting,
}
ONLY_ON = {"gone": "postgresql", "full": "sqlite"}


def named(asked: str) -> list[str]:
    """all, none, or names with commas between them. Raises ValueError for a name that there is not."""
    if asked in ("all", "none"):
        return list(TROUBLES) if asked == "all" else []
    names = asked.split(",")
    if unknown := [name for name in names if name not in TROUBLES]:
        raise ValueError(f"no such trouble: {', '.join(unknown)}")
    return names


def run(names: list[str], server: Sqlite | Postgres, plan: Plan) -> Iterator[tuple[str, Counted]]:
    """Those of the names that this database can have, each with what came of it."""
    for name in names:
        if ONLY_ON.get(name, server.name) == server.name:
            tell(f"{server.name}, {name} …")
            for one in TROUBLES[name](server, plan):
                yield name, one
