"""python -m benchmarks NAME: one command, one table, ratios side by side."""

from __future__ import annotations

import argparse
import sys
from typing import Protocol

from benchmarks.delivery import command as delivery
from benchmarks.faults import command as faults
from benchmarks.meaning import command as meaning
from benchmarks.search import command as search
from benchmarks.themes import command as themes


class Command(Protocol):
    def add_to(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, chosen: argparse.Namespace) -> int: ...


COMMANDS: dict[str, Command] = {
    "delivery": delivery,
    "faults": faults,
    "meaning": meaning,
    "search": search,
    "themes": themes,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = parser.add_subparsers(dest="name", required=True)
    for name, command in COMMANDS.items():
        command.add_to(names.add_parser(name, help=(command.__doc__ or "").splitlines()[0]))
    chosen = parser.parse_args()
    return COMMANDS[chosen.name].run(chosen)


if __name__ == "__main__":
    sys.exit(main())
