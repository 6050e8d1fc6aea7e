"""How a comment feels, in three classes: ours, and what others make of the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score
from sklearn.pipeline import make_pipeline
from textblob.en import sentiment
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.meaning.comments import Comments
from benchmarks.meaning.figure import Figure
from learning_log.analysis.feeling import Feeling, feeling_of
from learning_log.analysis.feeling_model import Answer, Example, Kind, LayeredEncoder, learn

DIRECTIONS = {"what_good": "works", "could_improve": "not_working"}
_KIND: dict[str, Kind] = {"neg": "bad", "neu": "mixed", "pos": "good"}
_CLASS = {kind: name for name, kind in _KIND.items()}
TEXTBLOB_FROM, VADER_FROM = 0.1, 0.05  # what is nearer to 0 is neutral: VADER's own bar, and TextBlob's best on the set


def figures(train: Comments, test: Comments, encoder: LayeredEncoder) -> Iterator[Figure]:
    """Ours learns as if people had corrected the training rows; the lexicon alone is a row of its own."""
    train, test = train.where("sentiment"), test.where("sentiment")
    told, answers = test.column("sentiment"), _answers(test)
    started = perf_counter()
    kinds = [_KIND[each] for each in train.column("sentiment")]
    model = learn([Example(*pair) for pair in zip(_answers(train), kinds, strict=True)], encoder)
    if model is None:
        raise SystemExit("There are too few comments of one kind to learn from.")
    seconds = perf_counter() - started
    felt = model.judge(answers, encoder)
    ours = [_CLASS[kind] for kind in model.kinds(answers, encoder)]
    by_lexicon = [feeling_of(each.words, each.direction) for each in answers]
    lexicon = [_class(each.score, 0.1) for each in by_lexicon]
    rivals = {
        "our lexicon": lexicon,
        "TextBlob": [_class(float(sentiment(text)[0]), TEXTBLOB_FROM) for text in test.texts],
        "VADER": _vader(test.texts),
        "TF-IDF + logistic regression": _learnt(train, test),
    }
    for name, said in rivals.items():
        goal = 0.79 if name == "TextBlob" else None
        yield Figure("feeling, macro-F1", test.name, _f1(told, ours), _f1(told, said), name, goal)
    times = _f1(told, ours) / _f1(told, rivals["TextBlob"])
    yield Figure("feeling, times TextBlob's macro-F1", test.name, times, goal=1.8)
    for name, said in rivals.items():
        found = _found(told, said)
        yield Figure("feeling, negative comments found", test.name, _found(told, ours), found, name, 0.85)
    half, by_words = _surest_right(told, ours, felt), _surest_right(told, lexicon, by_lexicon)
    yield Figure("feeling, accuracy on the surest half", test.name, half, by_words, "our lexicon", 0.97)
    judged = np.array([each.label != "unsure" for each in felt])
    right = np.array([one == other for one, other in zip(told, ours, strict=True)])
    yield Figure("feeling, share judged, not unsure", test.name, float(judged.mean()))
    if judged.any():
        yield Figure("feeling, accuracy on those judged", test.name, float(right[judged].mean()))
    yield Figure("feeling, seconds to learn", test.name, seconds, better="less")


def _answers(comments: Comments) -> list[Answer]:
    return [Answer(row["text"], DIRECTIONS.get(row.get("question", ""))) for row in comments.rows]


def _surest_right(told: Sequence[str], said: Sequence[str], felt: Sequence[Feeling]) -> float:
    sure = np.argsort([-each.sureness for each in felt], kind="stable")[: len(told) // 2]
    return float(np.mean([told[at] == said[at] for at in sure]))


def transfer(test: Comments) -> Iterator[Figure]:
    """Stories of another kind, that nothing here was learnt from: good or bad alone."""
    test = test.only([label in ("neg", "pos") for label in test.column("sentiment")])
    told = test.column("sentiment")
    ours = ["pos" if feeling_of(text).score >= 0 else "neg" for text in test.texts]
    vader = SentimentIntensityAnalyzer()
    theirs = ["pos" if vader.polarity_scores(text)["compound"] >= 0 else "neg" for text in test.texts]
    yield Figure("feeling on other stories, macro-F1", test.name, _f1(told, ours), _f1(told, theirs), "VADER", 0.85)


def _vader(texts: Sequence[str]) -> list[str]:
    vader = SentimentIntensityAnalyzer()
    return [_class(vader.polarity_scores(text)["compound"], VADER_FROM) for text in texts]


def _learnt(train: Comments, test: Comments) -> list[str]:
    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
        LogisticRegression(max_iter=1_000, class_weight="balanced"),
    )
    model.fit(train.texts, train.column("sentiment"))
    return [str(label) for label in model.predict(test.texts)]


def _class(score: float, bar: float) -> str:
    return "pos" if score > bar else "neg" if score < -bar else "neu"


def _f1(told: Sequence[str], said: Sequence[str]) -> float:
    return float(f1_score(told, said, average="macro"))


def _found(told: Sequence[str], said: Sequence[str]) -> float:
    return float(recall_score(told, said, labels=["neg"], average="macro"))
