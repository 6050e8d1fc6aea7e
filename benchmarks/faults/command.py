"""What is lost, doubled or unknown when things break."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import databases
from benchmarks.delivery.plan import tell
from benchmarks.faults import kills
from benchmarks.faults.counted import HEADS, Counted
from benchmarks.faults.kills import Plan
from benchmarks.faults.troubles import known
from benchmarks.faults.troubles.scene import Plan as Troubled
from benchmarks.machine import machine
from benchmarks.table import table

PEOPLE = 100  # who write all the time in a trouble, at most: enough for something to be on its way at any moment


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=20, help="for each database and each way in")
    parser.add_argument("--database", choices=[*databases.NAMES, "both"], default="both")
    parser.add_argument("--people", type=int, default=500, help="how many answer all the time")
    parser.add_argument("--seconds", type=float, default=0, help="end the kills then, however many there were")
    parser.add_argument("--seed", type=int, default=1, help="of the random moments")
    parser.add_argument(
        "--troubles", type=known.named, default="all", help="all, none, or: " + ",".join(known.TROUBLES)
    )
    parser.add_argument("--minute", type=float, default=60, help="seconds that what lasts a minute lasts")
    parser.add_argument("--waiting", type=int, default=100_000, help="updates that wait when the worker starts")
    parser.add_argument("--json", type=Path, help="also write the counts to this file")


def run(chosen: argparse.Namespace) -> int:
    names = databases.NAMES if chosen.database == "both" else (chosen.database,)
    counted = [(place, one) for name in names for place, one in on(name, chosen)]
    print(table(("where", *HEADS), [[place, *one.cells()] for place, one in counted]))
    print("\n" + "; ".join(f"{name} {value}" for name, value in machine().items()))
    well = all(one.is_well for _, one in counted)
    print("\n" + ("Nothing was lost or doubled." if well else "Something was lost or doubled."))
    if chosen.json:
        rows = [{"where": place, **one.as_dict()} for place, one in counted]
        chosen.json.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=2) + "\n", encoding="utf-8")
    return 0 if well else 1


def on(name: str, chosen: argparse.Namespace) -> Iterator[tuple[str, Counted]]:
    """The kills, while it polls, with a webhook, and on PostgreSQL with two workers that poll; then the troubles."""
    usual = {"people": chosen.people, "seconds": chosen.seconds, "seed": chosen.seed}
    with databases.server(name) as server:
        for way, plan in ways(name, chosen.kills, usual):
            tell(f"{name}, {way} …")
            for one in kills.run(plan, server):
                yield f"{name}, {way}", one
        troubled = Troubled(min(chosen.people, PEOPLE), chosen.minute, chosen.waiting, chosen.seed)
        for trouble, one in known.run(chosen.troubles, server, troubled):
            yield f"{name}, {trouble}", one


def ways(name: str, number: int, usual: dict[str, Any]) -> Iterator[tuple[str, Plan]]:
    found: dict[str, dict[str, Any]] = {"polling": {}, "webhook": {"webhook": True}}
    if name == "postgresql":
        found["two workers polling"] = {"workers": 2}
    for place, (way, more) in enumerate(found.items()):
        share = number // len(found) + (place < number % len(found))
        if share:
            yield way, Plan(share, **usual, **more)
