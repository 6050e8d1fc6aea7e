"""The benchmark of meaning runs on any folder of labelled comments. All comments here are invented."""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.meaning import command, rivals
from benchmarks.meaning.comments import Read
from learning_log.analysis.encoder import Encoder
from tests.analysis.test_themes_by_meaning import SAID

STARTS = ("", "Well: ", "I said it before. ", "Again: ", "To be honest, ", "Once more: ", "Sadly. ", "Oh. ")
FEELINGS = ("neg", "neu", "pos")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("comments")
    rows = [
        {
            "text": start + words,
            "theme": theme,
            "themes": theme if at % 2 else f"{theme}|Life",
            "question": "could_improve",
            "sentiment": feel,
        }
        for theme, said in SAID.items()
        for at, words in enumerate(said)
        for start, feel in zip(STARTS, [FEELINGS[(at + turn) % 3] for turn in range(len(STARTS))], strict=True)
    ]
    rows.append({**rows[0], "text": "Something else", "theme": "Other", "themes": "Not assigned"})
    for name in ("nhs_fft_v6", "sad_stressors", "banking77", "hutto_amazon"):
        with (made / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return made


@pytest.mark.usefixtures("encoder")
def test_every_row_says_what_ours_is_what_is_beside_it_and_whether_the_goal_is_met(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "rows.json"
    assert command.run(argparse.Namespace(train=folder, test=folder, json=written)) == 0
    rows = json.loads(written.read_text())
    assert {"measure", "set", "ours", "rival", "rival_name", "goal", "met"} <= rows[0].keys()
    by_measure = {(row["measure"], row["set"]): row for row in rows}
    assert by_measure["tagging by 8 examples a theme, macro-F1", "sad_stressors"]["ours"] > 0.8
    assert by_measure["seeded by 3 names, agreement with people's themes (ARI)", "sad_stressors"]["ours"] > 0.5
    assert by_measure["themes that stay after 10 % new (ARI)", "nhs_fft_v6"]["ours"] == 1
    assert {"several themes a comment, macro-F1", "several themes a comment, micro-F1"} <= {
        row["measure"] for row in rows
    }
    beside = {row["rival_name"] for row in rows}
    if not rivals.has_bertopic():
        assert rivals.BERTOPIC_MISSING in beside
    assert "tagging by 8 examples" in capsys.readouterr().out


def test_support_vectors_give_every_comment_a_theme() -> None:
    texts = ["the bus is late", "a late bus", "loud music at night", "the music is loud"] * 3
    themes = [[word in text for word in ("bus", "music")] for text in texts]
    asked = ["could_improve"] * len(texts)
    said = rivals.several_by_support_vectors(
        asked, texts, np.array(themes), asked[:2], ["the bus was full", "something else"]
    )
    assert said[0].tolist() == [True, False]
    assert said.any(axis=1).all()


def test_without_the_model_it_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    monkeypatch.setenv("WHATMATTERS_MODELS_DIR", str(folder))
    assert command.run(argparse.Namespace(train=folder, test=folder, json=None)) == 2
    assert "script/environment" in capsys.readouterr().err


def test_an_encoder_reads_each_text_once(encoder: Encoder) -> None:
    read = Read(encoder)
    assert read.vectors(["one", "two", "one"]).shape == (3, read.vectors(["one"]).shape[1])
