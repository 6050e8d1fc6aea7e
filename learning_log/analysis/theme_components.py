"""Learns components, weighted sets of terms that go together, from one direction's texts."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning

from learning_log.analysis.normalising import normalised
from learning_log.analysis.theme_terms import idf_of, mentions_of, of_length_one, stem, vocabulary_of
from learning_log.config import load

Component = Mapping[str, float]
_FEWEST_WEIGHT = 0.04
_LONGEST = 60


@dataclass(frozen=True)
class Settings:
    """How themes are found; the numbers are explained in config/analysis/themes.toml. Word lists hold stems."""

    stop_words: frozenset[str]
    stop_words_of: Mapping[str, frozenset[str]]
    only_in_pairs: frozenset[str]
    least_texts: int
    most_themes: int
    least_size: int
    least_share: float
    learn_from: int
    most_terms: int
    alike: float
    same_as_before: float
    belongs_from: float
    also_from: float
    clear_enough: float
    typical: int
    # By meaning; with values, since an own themes.toml of before does not have them.
    far: float = 0.1
    near: float = 0.4
    not_yet_share: float = 0.1
    spread: float = 0.1
    mixed: str = "different things"  # the label of a theme whose texts share no word that tells it


def settings_from(themes: Mapping[str, Any], stop_words: Mapping[str, Any]) -> Settings:
    """From the tables of config/analysis/themes.toml and config/analysis/stop_words.toml."""
    return Settings(
        stop_words=_stems(stop_words["words"]),
        stop_words_of={direction: _stems(words) for direction, words in stop_words["by_direction"].items()},
        only_in_pairs=_stems(stop_words["only_in_pairs"]),
        **themes["finding"],
    )


@cache
def settings_in_use() -> Settings:
    return settings_from(load("analysis/themes"), load("analysis/stop_words"))


def _stems(words: str) -> frozenset[str]:
    return frozenset(stem(word) for word in normalised(words).split())


def components_of(documents: Sequence[Sequence[str]], settings: Settings) -> tuple[dict[str, float], list[Component]]:
    """The weight of each term, and as many components as the number of texts can carry. Documents come sorted."""
    heard = [document for document in documents if document]
    if len(heard) < settings.least_texts:
        return {}, []
    # Every so many-th of the sorted texts: the same ones at each run, and a fair share of every beginning.
    step = max(1.0, len(heard) / settings.learn_from)
    learnt_from = [heard[int(at * step)] for at in range(int(len(heard) / step))]
    counts = vocabulary_of(learnt_from, _least_count(len(learnt_from)), settings.most_terms)
    if len(counts) < 2:
        return {}, []
    idf = idf_of(counts, len(learnt_from))
    rows = of_length_one(mentions_of(learnt_from, idf))
    rows = rows[np.diff(rows.indptr) > 0]
    number = min(_number_of_themes(rows.shape[0]), settings.most_themes, min(rows.shape) - 1)
    if number < 1:
        return {}, []
    terms = [dict(zip(idf, row.tolist(), strict=True)) for row in _factorised(rows, number)]
    return idf, _apart([component_of(weights) for weights in terms], settings.alike)


def likeness(one: Component, other: Component) -> float:
    """The cosine of two components."""
    shared = sum(weight * other.get(term, 0.0) for term, weight in one.items())
    return float(shared / max(_length(one) * _length(other), 1e-12))


def _least_count(texts: int) -> int:
    return 2 if texts < 400 else 3 if texts < 4_000 else 5


def _number_of_themes(texts: int) -> int:
    """More to begin with than will stay: 3 for a dozen texts, 8 for a hundred, 19 for a thousand."""
    return max(2, round(1.2 * math.pow(texts, 0.4)))


def _factorised(rows: sparse.csr_matrix, number: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    finder = NMF(
        number, init="nndsvda" if number <= min(rows.shape) else "random", random_state=0, max_iter=150, tol=1e-3
    )
    # A perfect fit leaves an error a hair below zero, whose root is asked for.
    with warnings.catch_warnings(), np.errstate(invalid="ignore"):
        # A few rounds more would move the weights in the third place.
        warnings.simplefilter("ignore", ConvergenceWarning)
        finder.fit(rows)
    return np.asarray(finder.components_, dtype=np.float64)


def component_of(weights: Mapping[str, float]) -> Component:
    """The heavy terms at length 1, rounded so that a kept model and a fresh one agree to the last digit."""
    length = max(_length(weights), 1e-12)
    heavy = sorted(weights, key=lambda term: (-round(weights[term] / length, 6), term))[:_LONGEST]
    kept = {term: weights[term] / length for term in heavy if weights[term] / length >= _FEWEST_WEIGHT}
    length = _length(kept)
    return {term: round(weight / length, 4) for term, weight in kept.items()} if kept else {}


def _apart(components: Sequence[Component], alike: float) -> list[Component]:
    """Leaves out empty components, and the later of two that are nearly the same."""
    apart: list[Component] = []
    for component in components:
        if component and all(likeness(component, other) < alike for other in apart):
            apart.append(component)
    return apart


def _length(component: Component) -> float:
    return float(np.sqrt(sum(weight * weight for weight in component.values())))
