"""Groups texts that mean nearly the same, and finds the terms that tell one group from the others."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sknetwork.clustering import Louvain

from learning_log.analysis.encoder import Vectors, of_length_one
from learning_log.analysis.theme_components import Settings, component_of
from learning_log.analysis.theme_model import Component
from learning_log.analysis.theme_terms import vocabulary_of

_MOST_NEIGHBOURS, _FEWER_NEIGHBOURS = 60, 15
_VIEWS = tuple((part, resolution) for part in (0.5, 0.75, 1.0) for resolution in (0.8, 1.0, 1.25))
_DOUBT = 0.2  # the weight of a tie that no view keeps
_FINER = (1.0, 2.0, 4.0, 8.0, 16.0)  # resolutions of Louvain
_ASKED = 0.006  # of all texts: so many neighbours of each are asked whether they stayed together
_VERY_CLEAR, _CLEAR = 0.85, 0.8  # how many of them did: finer groups are tried, and taken
_PARTING = (1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0)  # resolutions of Louvain, for what is one group to the eye
_MOST_PARTS = 6
_AT_ONCE = 1024

Groups = NDArray[np.int64]  # the number of its group for each text


@dataclass(frozen=True)
class Bar:
    """How near (a cosine) a text has to be to a theme: `share` of the theme's own texts miss the bar.

    It is never under `far`, where texts have nothing in common, and never over `near`, where a theme of many texts that
    are all the same would take no other.
    """

    share: float
    far: float
    near: float

    def of(self, own: Vectors) -> float:
        return round(float(np.clip(np.quantile(own, self.share), self.far, self.near)), 4)


def groups_of(vectors: Vectors) -> Groups:
    """Communities of texts that are each other's neighbours, their number found by itself. The largest has number 0.

    Nine views of who is tied to whom vote on the ties, and the communities of that graph are taken; finer ones where
    they are very clear, as long as most neighbours stay together. The texts are to come in an order of their own,
    whatever order they arrived in: that makes the groups the same. Louvain: Blondel et al. 2008.
    """
    texts = len(vectors)
    usual = int(np.clip(round(max(1.2 * texts**0.5, texts / 20)), min(3, texts - 1), _MOST_NEIGHBOURS))
    nearest = nearest_of(vectors, usual)
    asked = nearest[:, : int(np.clip(round(texts * _ASKED), 5, _MOST_NEIGHBOURS))]
    found = _louvain(_voted(nearest), 1.0)
    if _kept_together(found, asked) < _VERY_CLEAR:
        return found
    few = ties_of(nearest[:, :_FEWER_NEIGHBOURS])
    for resolution in _FINER:
        finer = _louvain(few, resolution)
        if _kept_together(finer, asked) < _CLEAR:
            break
        found = finer
    return found


def parts_of_group(vectors: Vectors, least: int) -> Groups | None:
    """The fewest communities, at least two of at least so many texts, that one group falls into; none when it does not.

    What is in a smaller one goes to the nearest of the others.
    """
    if len(vectors) < 2 * least:
        return None
    usual = int(np.clip(round(1.2 * len(vectors) ** 0.5), 2, _FEWER_NEIGHBOURS))
    ties = ties_of(nearest_of(vectors, min(usual, len(vectors) - 1)))
    for resolution in _PARTING:
        found = _louvain(ties, resolution)
        sizes = np.bincount(found)
        large = [group for group in np.argsort(-sizes, kind="stable")[:_MOST_PARTS] if sizes[group] >= least]
        if len(large) > 1:
            middles = of_length_one(np.array([vectors[found == group].sum(axis=0) for group in large]))
            nearest: Groups = (vectors @ middles.T).argmax(axis=1)
            for place, group in enumerate(large):
                nearest[found == group] = place
            return nearest
    return None


def _kept_together(groups: Groups, asked: Groups) -> float:
    return float(np.mean(groups[asked] == groups[:, None]))


def nearest_of(vectors: Vectors, count: int) -> Groups:
    """The nearest other texts of each, the nearest first; exact, and some hundreds at a time."""
    nearest = np.empty((len(vectors), count), dtype=np.int64)
    for start in range(0, len(vectors), _AT_ONCE):
        near = vectors[start : start + _AT_ONCE] @ vectors.T
        own = np.arange(len(near))
        near[own, start + own] = -2.0
        some = np.sort(np.argpartition(-near, count - 1, axis=1)[:, :count], axis=1)
        order = np.argsort(-np.take_along_axis(near, some, axis=1), axis=1, kind="stable")
        nearest[start : start + _AT_ONCE] = np.take_along_axis(some, order, axis=1)
    return nearest


def ties_of(nearest: Groups) -> sparse.csr_matrix:
    """Two texts are tied when one of them is among the nearest of the other."""
    texts, count = nearest.shape
    starts = np.repeat(np.arange(texts), count)
    # Double floats: Louvain finds worse communities with single ones.
    ties = sparse.csr_matrix((np.ones(texts * count), (starts, nearest.ravel())), shape=(texts, texts))
    return ties.maximum(ties.T).tocsr()


def _voted(nearest: Groups) -> sparse.csr_matrix:
    """The ties, each with the weight of the views that keep its two ends in one community."""
    ties = ties_of(nearest).tocoo()
    together = np.zeros(ties.nnz)
    for part, resolution in _VIEWS:
        view = _louvain(ties_of(nearest[:, : max(1, round(part * nearest.shape[1]))]), resolution)
        together += view[ties.row] == view[ties.col]
    weights = _DOUBT + (1 - _DOUBT) * together / len(_VIEWS)
    return sparse.csr_matrix((weights, (ties.row, ties.col)), shape=ties.shape)


def _louvain(ties: sparse.csr_matrix, resolution: float) -> Groups:
    return np.asarray(Louvain(resolution=resolution, random_state=0).fit_predict(ties), dtype=np.int64)


def centroids_of(vectors: Vectors, groups: Groups, bar: Bar) -> tuple[Vectors, list[float]]:
    """The middle of each group, a row of length 1, and its bar.

    How near a text is to its group is asked of the group without it: what is yet to come was not there either.
    """
    sums = np.zeros((int(groups.max()) + 1, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, groups, vectors)
    own = np.einsum("ij,ij->i", vectors, of_length_one(sums[groups] - vectors))
    return of_length_one(sums), [bar.of(own[groups == group]) for group in range(len(sums))]


def terms_of_groups(documents: Sequence[Sequence[str]], groups: Groups, settings: Settings) -> list[Component]:
    """For each group the terms that are said more there than elsewhere, at length 1: TF-IDF with a group for a
    document, as in Grootendorst 2022, "BERTopic"."""
    everywhere = vocabulary_of(documents, 1, settings.most_terms)
    here: list[Counter[str]] = [Counter() for _ in range(int(groups.max()) + 1)]
    for document, group in zip(documents, groups.tolist(), strict=True):
        here[group].update(term for term in set(document) if term in everywhere)
    usual = sum(everywhere.values()) / max(1, len(here))
    return [component_of(_weights(counts, everywhere, usual)) for counts in here]


def _weights(counts: Counter[str], everywhere: dict[str, int], usual: float) -> dict[str, float]:
    said = max(1, sum(counts.values()))
    return {term: count / said * math.log(1 + usual / everywhere[term]) for term, count in counts.items()}
