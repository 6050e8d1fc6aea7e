"""The rows of the delivery table, chosen by name."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.delivery import commits, latency, replies, sending, size, tick, webhook
from benchmarks.delivery.plan import QUICK, Plan, tell
from benchmarks.machine import machine
from benchmarks.row import HEADS, Row
from benchmarks.table import table

PARTS: dict[str, Callable[[Plan], Iterator[Row]]] = {
    "replies": replies.run,
    "webhook": webhook.run,
    "latency": latency.run,
    "sending": sending.run,
    "tick": tick.run,
    "commits": commits.run,
    "size": size.run,
}


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--only", default="", help=f"parts, with commas between: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="small and once: shows the shape, not the figures")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")


def run(chosen: argparse.Namespace) -> int:
    wanted = [name for name in chosen.only.split(",") if name] or list(PARTS)
    if unknown := set(wanted) - set(PARTS):
        sys.stderr.write(f"There is no part {', '.join(sorted(unknown))}. There are: {', '.join(PARTS)}.\n")
        return 2
    rows: list[Row] = []
    for name in wanted:
        tell(f"{name} …")
        rows += PARTS[name](QUICK if chosen.quick else Plan())
    found = machine()
    print(table(HEADS, [row.cells() for row in rows]))
    print("\n" + "; ".join(f"{name} {value}" for name, value in found.items()))
    if chosen.json:
        kept = {"machine": found, "quick": chosen.quick, "rows": [row.as_dict() for row in rows]}
        chosen.json.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
    return 0
