"""Themes that nobody named beforehand: how well they agree with people's, and whether they stay where they are."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score

from benchmarks.meaning.comments import Comments, Read
from benchmarks.meaning.figure import Figure
from learning_log.analysis.encoder import Vectors, of_length_one
from learning_log.analysis.theme_groups import Bar, centroids_of, groups_of

FEWEST = 10  # a theme that people gave to fewer comments is not one to be found
MORE = 0.1
ROUNDS = 200


def figures(test: Comments, column: str, read: Read, goal: float) -> Iterator[Figure]:
    """column: holds people's themes; of several, parted by "|", the first."""
    test = test.where(column)
    told = [themes.partition("|")[0] for themes in test.column(column)]
    vectors = read.vectors(test.texts)[(order := _order(test.texts))]
    told, texts = [told[at] for at in order], [test.texts[at] for at in order]
    ours, themes = _found(vectors)
    agreed = float(adjusted_rand_score(told, ours))
    nmf = float(adjusted_rand_score(told, _by_nmf(texts, themes)))
    yield Figure("themes found, agreement with people's (ARI)", test.name, agreed, nmf, "TF-IDF + NMF, as many", goal)
    named = sum(1 for count in Counter(told).values() if count >= FEWEST)
    yield Figure(f"themes found, for each of people's {named}", test.name, themes / named, goal=0.5)


def stability(test: Comments, read: Read) -> Iterator[Figure]:
    """Of the first nine tenths, before and after the last tenth came."""
    vectors = read.vectors(test.texts)[_order(test.texts)]
    old = vectors[: round(len(vectors) / (1 + MORE))]
    middle, centroids = _middles(old)
    before = _nearest(old, middle, centroids)
    after = _nearest(vectors, middle, centroids)[: len(old)]
    again, _ = _found(vectors)
    kept = float(adjusted_rand_score(before, after))
    anew = float(adjusted_rand_score(before, again[: len(old)]))
    name = "themes that stay after 10 % new (ARI)"
    yield Figure(name, test.name, kept, anew, "found anew", 0.99)
    start = time.perf_counter()
    for row in vectors[:ROUNDS]:
        _nearest(row[None], middle, centroids)
    yield Figure(
        "one new text placed, ms", test.name, (time.perf_counter() - start) / ROUNDS * 1000, goal=10, better="less"
    )


def cold(texts: Sequence[str], read: Read) -> Iterator[Figure]:
    """Encoding and finding, with nothing known before."""
    start = time.perf_counter()
    vectors = read.encoder.encode(list(texts))
    encoded = time.perf_counter() - start
    groups_of(vectors)
    taken = time.perf_counter() - start
    name = f"{len(texts):,} texts, cold, seconds ({encoded:.0f} of them encoding)"
    yield Figure(name, "all", taken, goal=45 if len(texts) >= 10_000 else None, better="less")


def _order(texts: Sequence[str]) -> list[int]:
    return sorted(range(len(texts)), key=lambda at: texts[at])


def _found(vectors: Vectors) -> tuple[list[int], int]:
    """The theme of each text, the nearest; and how many themes there are."""
    middle, centroids = _middles(vectors)
    return _nearest(vectors, middle, centroids), len(centroids)


def _middles(vectors: Vectors) -> tuple[Vectors, Vectors]:
    middle = vectors.mean(axis=0)
    return middle, centroids_of(of_length_one(vectors - middle), groups_of(vectors), Bar(0.0, 0.0, 0.0))[0]


def _nearest(vectors: Vectors, middle: Vectors, centroids: Vectors) -> list[int]:
    return [int(at) for at in (of_length_one(vectors - middle) @ centroids.T).argmax(axis=1)]


def _by_nmf(texts: Sequence[str], themes: int) -> list[int]:
    words = TfidfVectorizer(stop_words="english", min_df=2).fit_transform(texts)
    shares = NMF(themes, init="nndsvda", random_state=0, max_iter=300).fit_transform(words)
    return [int(at) for at in np.argmax(shares, axis=1)]
