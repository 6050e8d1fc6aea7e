"""What ours is measured beside, written from public descriptions; what is not installed says how to install it."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.svm import SVC

from learning_log.analysis.encoder import Vectors

BERTOPIC_MISSING = "BERTopic: not installed (script/environment rivals)"
SEED = 0

Flags = NDArray[np.bool_]  # one row a text, one column a theme


def has_bertopic() -> bool:
    return importlib.util.find_spec("bertopic") is not None


def bertopic_of(texts: Sequence[str], vectors: Vectors) -> tuple[list[int], Any]:
    """The topic of each text, -1 for none, and the model: BERTopic as it comes, with our vectors (Grootendorst 2022).

    Its UMAP gets a seed, so that a second run gives the same.
    """
    from bertopic import BERTopic
    from umap import UMAP

    as_it_comes = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=SEED)
    model = BERTopic(umap_model=as_it_comes)
    topics, _ = model.fit_transform(list(texts), vectors)
    return [int(topic) for topic in topics], model


def by_words(texts: Sequence[str], themes: Sequence[str], new: Sequence[str]) -> list[str]:
    """TF-IDF and logistic regression."""
    words = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2))
    found = LogisticRegression(C=10.0, class_weight="balanced", max_iter=1_000)
    return list(found.fit(words.fit_transform(texts), themes).predict(words.transform(new)))


def several_by_support_vectors(
    asked: Sequence[str], texts: Sequence[str], themes: Flags, new_asked: Sequence[str], new: Sequence[str]
) -> Flags:
    """As pxtextmining describes its support vector pipeline for several themes of a comment: TF-IDF of words and pairs,
    what was asked beside it, balanced classes, one machine for each theme; where none says yes, the likeliest theme."""
    words = TfidfVectorizer(ngram_range=(1, 2), max_df=0.9, min_df=2, strip_accents="unicode", sublinear_tf=True)
    read = words.fit_transform(_beside(asked, texts))
    machines = OneVsRestClassifier(SVC(kernel="linear", class_weight="balanced", C=1.0)).fit(read, themes)
    told = np.asarray(machines.decision_function(words.transform(_beside(new_asked, new))))
    said: Flags = told > 0
    none = ~said.any(axis=1)
    said[none, told[none].argmax(axis=1)] = True
    return said


def _beside(asked: Sequence[str], texts: Sequence[str]) -> list[str]:
    return [f"asked{question.replace('_', '')} {text}" for question, text in zip(asked, texts, strict=True)]
