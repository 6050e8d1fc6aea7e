"""Themes that people taught by examples, as answers that they moved teach them in the product."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.metrics import f1_score

from benchmarks.meaning import rivals
from benchmarks.meaning.comments import Comments, Read
from benchmarks.meaning.discovery import NO_THEME
from benchmarks.meaning.figure import Figure
from learning_log.analysis.theme_groups import Bar, centroids_of
from learning_log.analysis.theme_model import Belonging, ByMeaning, Learnt, Text
from learning_log.analysis.themes import settings_in_use
from learning_log.services.teaching import FARTHER, FEWEST_EXAMPLES

ROUNDS = 3  # of drawing the examples
FEWEST_SHOWN = 5  # comments of a theme to learn from


def figures(learn: Comments, check: Comments, read: Read, few: float, all_of_them: float) -> Iterator[Figure]:
    """One theme a text, in the column "theme". few, all_of_them: the goals, by eight examples and by all."""
    learn, check = (part.only([theme not in NO_THEME for theme in part.column("theme")]) for part in (learn, check))
    told = check.column("theme")
    ours, theirs = [], []
    for turn in range(ROUNDS):
        chosen = _drawn(learn, FEWEST_EXAMPLES, turn)
        ours.append(_f1(told, _taught(chosen, check, read)))
        theirs.append(_f1(told, rivals.by_words(chosen.texts, chosen.column("theme"), check.texts)))
    name = f"tagging by {FEWEST_EXAMPLES} examples a theme, macro-F1"
    yield Figure(name, check.name, float(np.mean(ours)), float(np.mean(theirs)), "TF-IDF + logistic regression", few)
    by_words = rivals.by_words(learn.texts, learn.column("theme"), check.texts)
    yield Figure(
        "tagging by all examples, macro-F1",
        check.name,
        _f1(told, _taught(learn, check, read)),
        _f1(told, by_words),
        "TF-IDF + logistic regression",
        all_of_them,
    )


def several(learn: Comments, check: Comments, read: Read, macro: float, micro: float) -> Iterator[Figure]:
    """Several themes a text, in the column "themes", parted by a bar."""
    known = [themes.split("|") for themes in learn.column("themes")]
    counts: defaultdict[str, int] = defaultdict(int)
    for theme in (theme for each in known for theme in each if theme):
        counts[theme] += 1
    names = sorted(theme for theme, count in counts.items() if count >= FEWEST_SHOWN)
    right, new = _flags(known, names), _flags([themes.split("|") for themes in check.column("themes")], names)
    model = _model([(theme, read.vectors(learn.texts)[right[:, at]]) for at, theme in enumerate(names)], learn, read)
    texts = _texts(check, read)
    placed = [{place.theme for place in model.placements(row)} for row in model.strengths(texts)]
    ours = np.array([[theme in each for theme in names] for each in placed])
    theirs = rivals.several_by_support_vectors(
        learn.column("question"), learn.texts, right, check.column("question"), check.texts
    )
    for kind, goal in (("macro", macro), ("micro", micro)):
        yield Figure(
            f"several themes a comment, {kind}-F1",
            check.name,
            float(f1_score(new, ours, average=kind, zero_division=0)),
            float(f1_score(new, theirs, average=kind, zero_division=0)),
            "support vectors, as pxtextmining describes them",
            goal,
        )


def _taught(learn: Comments, check: Comments, read: Read) -> list[str]:
    themes = sorted(set(learn.column("theme")))
    vectors, own = read.vectors(learn.texts), np.array(learn.column("theme"))
    model = _model([(theme, vectors[own == theme]) for theme in themes], learn, read)
    assert isinstance(model.measure, ByMeaning)
    near = model.measure.seen(read.vectors(check.texts)) @ model.measure.rows.T
    return [themes[at] for at in near.argmax(axis=1)]


def _model(examples: Sequence[tuple[str, np.ndarray]], learn: Comments, read: Read) -> Learnt:
    """Each theme with the middle and the bar that teaching gives it."""
    limits = settings_in_use()
    measure = ByMeaning.of(read.encoder.name, read.vectors(learn.texts).mean(axis=0), limits.spread)
    bar = Bar(FARTHER, limits.far, limits.near)
    made = [centroids_of(measure.seen(each), np.zeros(len(each), dtype=np.int64), bar) for _, each in examples]
    measure = measure.with_themes(np.vstack([middle for middle, _ in made]), [bars[0] for _, bars in made])
    names = tuple(theme for theme, _ in examples)
    belonging = Belonging(limits.belongs_from, limits.also_from)
    return Learnt(measure, names, names, ({},) * len(names), belonging)


def _drawn(learn: Comments, count: int, turn: int) -> Comments:
    """So many of each theme, by a lot."""
    lots = sorted(range(len(learn.rows)), key=lambda at: hashlib.sha256(f"{turn} {learn.texts[at]}".encode()).digest())
    taken: defaultdict[str, int] = defaultdict(int)
    chosen = [False] * len(lots)
    for at in lots:
        theme = learn.rows[at]["theme"]
        chosen[at] = taken[theme] < count
        taken[theme] += chosen[at]
    return learn.only(chosen)


def _texts(part: Comments, read: Read) -> list[Text]:
    vectors = read.vectors(part.texts)
    return [Text(str(at), words, "other", vectors[at : at + 1]) for at, words in enumerate(part.texts)]


def _flags(themes: Sequence[Sequence[str]], names: Sequence[str]) -> np.ndarray:
    return np.array([[name in each for name in names] for each in themes])


def _f1(told: Sequence[str], said: Sequence[str]) -> float:
    return float(f1_score(told, said, average="macro"))
