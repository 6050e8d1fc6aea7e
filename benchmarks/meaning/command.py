"""What words mean: themes and feelings, measured on labelled comments."""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.meaning import discovery, feeling, tagging
from benchmarks.meaning.comments import Comments, Read, read
from benchmarks.meaning.figure import HEADS, Figure
from benchmarks.report import installed_encoder, report
from learning_log.analysis.encoder import Encoder
from learning_log.analysis.sentence_encoder import SentenceEncoder

FEELING, STORIES = "nhs_fft_v6", "hutto_amazon"
# The column of people's themes, and the goals: found by itself, and seeded by names.
THEMES = {"sad_stressors": ("theme", 0.48, 0.60), "nhs_fft_v6": ("themes", 0.20, 0.20)}
# Goals: by eight examples a theme, by all; several themes, macro and micro.
TAGGED = (("sad_stressors", 0.73, 0.81), ("banking77", 0.86, 0.945))
SEVERAL = (0.64, 0.77)
COLD = 10_000
LEARN_SHARE = 0.6


def add_to(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--train", type=Path, required=True, help="a folder of CSV files to learn from")
    parser.add_argument("--test", type=Path, required=True, help="a folder of CSV files to measure on; may be the same")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")


def run(chosen: argparse.Namespace) -> int:
    encoder = installed_encoder()
    if encoder is None:
        return 2
    return report(HEADS, list(_figures(chosen.train, chosen.test, encoder)), chosen.json)


def _figures(train: Path, test: Path, encoder: Encoder) -> Iterator[Figure]:
    read_by = Read(encoder)
    for name in dict.fromkeys((FEELING, STORIES, *THEMES, *(name for name, *_ in TAGGED))):
        if read(test, name) is None:
            sys.stderr.write(f"There is no {name}.csv in the folder to measure on: its rows are left out.\n")
    learn, check = _apart(train, test, FEELING)
    if learn and check and isinstance(encoder, SentenceEncoder):
        yield from feeling.figures(learn, check, encoder)
    if stories := read(test, STORIES):
        yield from feeling.transfer(stories)
    for name, (column, goal, seeded) in THEMES.items():
        if found := read(test, name):
            yield from discovery.figures(found, column, read_by, goal)
            yield from discovery.seeded(found, column, read_by, seeded)
            yield from discovery.stability(found, read_by)
    for name, few, all_of_them in TAGGED:
        learn, check = _apart(train, test, name)
        if learn and check:
            yield from tagging.figures(learn, check, read_by, few, all_of_them)
    learn, check = _apart(train, test, FEELING)
    if learn and check:
        yield from tagging.several(learn.where("themes"), check.where("themes"), read_by, *SEVERAL)
    every = [text for path in sorted(test.glob("*.csv")) if (one := read(test, path.stem)) for text in one.texts]
    yield from discovery.cold(sorted(set(every), key=_lot)[:COLD], read_by)


def _apart(train: Path, test: Path, name: str) -> tuple[Comments | None, Comments | None]:
    """What to learn from and what to measure on: where both are one folder, 60 % and 40 % of its rows, by a lot."""
    learn, check = read(train, name), read(test, name)
    if learn is None or check is None or train.resolve() != test.resolve():
        return learn, check
    drawn = [int(_lot(text)[:8], 16) / 16**8 < LEARN_SHARE for text in learn.texts]
    return learn.only(drawn), check.only([not each for each in drawn])


def _lot(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
