"""Themes that people named beforehand, such as those of a framework: which texts each name draws to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from learning_log.analysis.encoder import Vectors, of_length_one
from learning_log.analysis.theme_groups import Groups, groups_of, nearest_of, ties_of

_DRAWN = 0.1  # smaller, and a text is drawn by its nearest name only
_ROUNDS = 5
_NEIGHBOURS = 15
_HEARS = 0.9  # the part that a text takes from its neighbours, and not from names
_STEPS = 20
_NAME = 8.0  # a name says as much as so many texts
_SHRUNK = 0.3  # of how texts differ within a theme, the part that is taken to be the same in all directions
_REFINED = 2
_MEANT = 0.18  # texts that are this near to a name on the whole (a cosine) are about it

Shares = NDArray[np.float64]  # one row a text, one column a name; a row sums to 1


@dataclass(frozen=True)
class Seed:
    """A name, and what the encoder made of it."""

    name: str
    vector: Vectors


def groups_around(vectors: Vectors, names: Vectors, middle: Vectors) -> tuple[Groups, list[int | None]]:
    """A group for each name that people spoke of, and for what was said besides; each with the number of its name.

    vectors: of the texts, in an order of their own, and names: as the encoder made them. middle: of what was said.
    """
    seen, named = of_length_one(vectors - middle), of_length_one(names - middle)
    besides = groups_of(vectors)
    middles = _middles(seen, besides)
    asked = list(range(len(names)))
    while asked:
        likeness = _nearness(vectors, besides, names[asked]).max(axis=1)
        drawn = drawn_to(seen, np.vstack([named[asked], middles[likeness < _MEANT]])).argmax(axis=1)
        found, groups = np.unique(drawn, return_inverse=True)
        near = _nearness(vectors, groups, names[asked])
        true = {each for at, each in enumerate(found) if each < len(asked) and near[at, each] >= _MEANT}
        if len(true) == len(asked):
            return groups.astype(np.int64), [asked[each] if each < len(asked) else None for each in found]
        # What nobody spoke of draws whatever no other name does.
        asked = [name for at, name in enumerate(asked) if at in true]
    return besides, [None] * len(middles)


def _nearness(vectors: Vectors, groups: Groups, names: Vectors) -> NDArray[np.floating]:
    """One row a group, one column a name: the mean cosine of the group's texts."""
    near = vectors @ names.T
    return np.array([near[groups == group].mean(axis=0) for group in range(int(groups.max()) + 1)])


def _middles(seen: Vectors, groups: Groups) -> Vectors:
    return of_length_one(np.array([seen[groups == group].sum(axis=0) for group in range(int(groups.max()) + 1)]))


def drawn_to(seen: Vectors, names: Vectors) -> Shares:
    """How much of each text each name has. All vectors are of length 1, as seen from the middle of what was said.

    A name moves half the way to what it draws; neighbours tell each other (Zhou et al. 2004, "Learning with local and
    global consistency"); and texts are shared out anew by how far they differ within the themes (linear discriminants).
    """
    if len(names) == 1:
        return np.ones((len(seen), 1))
    middles = names
    for _ in range(_ROUNDS):
        drawn = (_shared_out(seen @ middles.T, _DRAWN).T @ seen).astype(np.float32)
        middles = of_length_one(np.add(names, of_length_one(drawn)))
    shares = _shared_out(seen @ middles.T, _DRAWN)
    shares = _told_by_neighbours(seen, shares)
    for _ in range(_REFINED):
        shares = _apart(seen, names, shares)
    return shares


def _shared_out(nearness: NDArray[np.floating], width: float) -> Shares:
    scaled = (nearness - nearness.max(axis=1, keepdims=True)) / width
    shares = np.exp(scaled.astype(np.float64))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def _told_by_neighbours(seen: Vectors, shares: Shares) -> Shares:
    if len(seen) <= 2:
        return shares
    ties = ties_of(nearest_of(seen, min(_NEIGHBOURS, len(seen) - 1)))
    each = sparse.diags(1 / np.sqrt(np.maximum(np.asarray(ties.sum(axis=1)).ravel(), 1e-9)))
    evened = each @ ties @ each
    told = shares
    for _ in range(_STEPS):
        told = _HEARS * (evened @ told) + (1 - _HEARS) * shares
    return np.asarray(told / told.sum(axis=1, keepdims=True))


def _apart(seen: Vectors, names: Vectors, shares: Shares) -> Shares:
    own = shares.argmax(axis=1)
    sizes = np.bincount(own, minlength=len(names)) + _NAME
    sums = names.astype(np.float64) * _NAME
    np.add.at(sums, own, seen)
    middles = sums / sizes[:, None]
    off = seen - middles[own]
    spread = off.T @ off / len(seen)
    usual = np.trace(spread) / len(spread)
    spread = (1 - _SHRUNK) * spread + (_SHRUNK * usual + 1e-6) * np.eye(len(spread))
    weights = np.linalg.solve(spread, middles.T).T
    known = np.log(sizes / sizes.sum()) - np.einsum("ij,ij->i", weights, middles) / 2
    return _shared_out(seen @ weights.T + known, 1.0)
