"""Public comments with labels, from a folder of CSV files; docs/measured.md says which columns they have."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from learning_log.analysis.encoder import Encoder, Vectors

csv.field_size_limit(10_000_000)


@dataclass(frozen=True)
class Comments:
    """One set. rows: by column, as they stand in the file."""

    name: str
    rows: Sequence[dict[str, str]]

    @property
    def texts(self) -> list[str]:
        return [row["text"] for row in self.rows]

    def column(self, name: str) -> list[str]:
        return [row.get(name, "") for row in self.rows]

    def only(self, chosen: Sequence[bool]) -> Comments:
        return Comments(self.name, [row for row, keep in zip(self.rows, chosen, strict=True) if keep])

    def where(self, name: str) -> Comments:
        """Those that have something in this column."""
        return self.only([bool(row.get(name)) for row in self.rows])


def read(folder: Path, name: str) -> Comments | None:
    """None where the folder has no such set."""
    path = folder / f"{name}.csv"
    if not path.is_file():
        return None
    with path.open(encoding="utf-8", newline="") as file:
        return Comments(name, [row for row in csv.DictReader(file) if row["text"].strip()])


class Read:
    """Encodes each text once, however often it is asked for."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self._known: dict[str, Vectors] = {}

    def vectors(self, texts: Sequence[str]) -> Vectors:
        missing = sorted({text for text in texts if text not in self._known})
        for start in range(0, len(missing), 1_000):
            some = missing[start : start + 1_000]
            self._known |= dict(zip(some, self.encoder.encode(some), strict=True))
        return np.array([self._known[text] for text in texts])
