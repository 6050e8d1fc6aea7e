"""python -m benchmarks NAME [--json FILE]: one command, one table, ratios side by side."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import handling
from benchmarks.row import Row

BENCHMARKS: dict[str, Callable[[], list[Row]]] = {"handling": handling.run}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHMARKS))
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    chosen = parser.parse_args()
    rows = BENCHMARKS[chosen.name]()
    for row in rows:
        print(f"{row.measure}: {row.ours:,.0f} {row.unit}, {row.ratio:.2f} x {row.rival_name} ({row.rival:,.0f})")
    if chosen.json:
        chosen.json.write_text(json.dumps([row.as_dict() for row in rows], indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
