"""How a comment feels, in three classes: ours, and what others make of the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score
from sklearn.pipeline import make_pipeline
from textblob.en import sentiment
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from benchmarks.meaning.comments import Comments
from benchmarks.meaning.figure import Figure
from learning_log.analysis.feeling import feeling_of

DIRECTIONS = {"what_good": "works", "could_improve": "not_working"}
TEXTBLOB_FROM, VADER_FROM = 0.1, 0.05  # what is nearer to 0 is neutral: VADER's own bar, and TextBlob's best on the set


def figures(train: Comments, test: Comments) -> Iterator[Figure]:
    train, test = train.where("sentiment"), test.where("sentiment")
    told = test.column("sentiment")
    felt = [feeling_of(row["text"], DIRECTIONS.get(row.get("question", ""))) for row in test.rows]
    ours = [_class(each.score, 0.1) for each in felt]
    rivals = {
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
    sure = np.argsort([-each.sureness for each in felt], kind="stable")[: len(told) // 2]
    right = float(np.mean([told[at] == ours[at] for at in sure]))
    yield Figure("feeling, accuracy on the surest half", test.name, right, goal=0.97)


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
