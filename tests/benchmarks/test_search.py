"""The benchmark of searching, small: it finds what it searches for, and measures what it says."""

from __future__ import annotations

from pathlib import Path

from benchmarks.search.command import _rows
from learning_log.analysis.encoder import Encoder


def test_searching_is_measured_beside_the_bare_product_and_beside_opening_everything(
    tmp_path: Path, encoder: Encoder
) -> None:
    rows = list(_rows(tmp_path, encoder, 200))
    assert [row.rival_name for row in rows if row.rival_name] == [
        "NumPy's product of vectors alone",
        "opening every answer",
    ]
    assert all(row.ours >= 0 and row.rival != 0 for row in rows)
    assert [row.goal for row in rows if "p99" in row.measure] == [200, 200]  # who reads all, and who reads few
