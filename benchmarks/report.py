"""What a benchmark says at its end: a table, the machine, and the rows for another program."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from benchmarks.machine import machine
from benchmarks.table import table
from learning_log.analysis.encoder import Encoder
from learning_log.services.meanings import encoder_in
from learning_log.settings import Settings


class Line(Protocol):
    def cells(self) -> list[str]: ...

    def as_dict(self) -> dict[str, object]: ...


def report(heads: Sequence[str], lines: Sequence[Line], file: Path | None) -> int:
    """Prints them, and writes them to the file as JSON where there is one. Returns what the command ends with."""
    print(table(heads, [line.cells() for line in lines]))
    print("\n" + "; ".join(f"{name} {value}" for name, value in machine().items()))
    if file:
        file.write_text(json.dumps([line.as_dict() for line in lines], indent=2) + "\n", encoding="utf-8")
    return 0


def installed_encoder() -> Encoder | None:
    """Says so where the model is not installed: the command ends with 2 then."""
    found = encoder_in(Settings().models_dir)
    if found is None:
        sys.stderr.write("The model is not installed. With a network: script/environment test\n")
    return found
