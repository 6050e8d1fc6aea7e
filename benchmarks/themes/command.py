"""Finding themes in a thousand answers, and in a million: memory and seconds."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from benchmarks import invented
from benchmarks.databases import Sqlite
from benchmarks.report import installed_encoder, report
from benchmarks.row import HEADS, Row
from learning_log.analysis.encoder import Encoder
from learning_log.storage.database import Database
from learning_log.storage.encryption import Vault
from learning_log.storage.keys import make_keys
from learning_log.storage.records import LearningLog

ANSWERS = (1_000, 10_000, 100_000)


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answers", type=_numbers, default=ANSWERS, metavar="N[,N...]")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")


def run(chosen: argparse.Namespace) -> int:
    encoder = installed_encoder()
    if encoder is None:
        return 2
    rows: list[Row] = []
    for answers in chosen.answers:
        with tempfile.TemporaryDirectory(prefix="whatmatters-themes-") as folder:
            rows += _rows(Path(folder), encoder, answers)
    return report(HEADS, rows, chosen.json)


def _rows(folder: Path, encoder: Encoder, answers: int) -> Iterator[Row]:
    """The vectors are there already: to make them takes as long for each answer, however many there are."""
    url, keys = Sqlite(folder).make(), folder / "keys.json"
    log = LearningLog(Database(url), Vault(make_keys(keys)), clock=lambda: invented.START + timedelta(days=400))
    invented.fill(log, encoder, invented.place(log), invented.sentences_of_the_example(), answers, placed=False)
    log.close()
    looking = [sys.executable, "-m", "benchmarks.themes.looking", url, str(keys)]
    seen = json.loads(subprocess.run(looking, check=True, capture_output=True, text=True).stdout)
    name = f"{answers:,} answers"
    yield Row(f"{name}: themes found, and all placed", "s", seen["first"], better="less")
    yield Row(f"{name}: the same, of one core", "s", seen["first_cpu"], better="less")
    yield Row(f"{name}: memory at most", "MB", seen["memory"] / 1e6, better="less")
    yield Row(f"{name}: themes", "", seen["themes"])
    yield Row(f"{name}: one more answer, encoded and placed by the process", "ms", seen["one"] * 1000, better="less")
    yield Row(f"{name}: a look when nothing is new", "ms", seen["idle"] * 1000, better="less")


def _numbers(said: str) -> list[int]:
    return [int(number) for number in said.split(",")]
