"""Cuts words into the terms that themes are made of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from scipy import sparse
from textblob import Word

from learning_log.analysis.normalising import normalised

_PLACEHOLDER = re.compile(r"\[[^\]]{0,40}\]")
_WORD = re.compile(r"[^\W\d_]+|\.")


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The root that "wait", "waits" and "waiting" share."""
    return str(Word(word).stem())


def terms_of(words: str, stop_words: Collection[str] = (), only_in_pairs: Collection[str] = ()) -> list[str]:
    """Stems, and pairs of stems that stand side by side. A stop word or the end of a sentence parts a pair.

    A kept model needs neither list: what they leave out is not among its terms.
    """
    terms: list[str] = []
    before, pair_only_before = "", False
    for word in _WORD.findall(normalised(_PLACEHOLDER.sub(" . ", words))):
        root = stem(word)
        if len(word) < 2 or root in stop_words:
            before = ""
            continue
        if root not in only_in_pairs:
            terms.append(root)
        if before and not (root in only_in_pairs and pair_only_before):
            terms.append(f"{before} {root}")
        before, pair_only_before = root, root in only_in_pairs
    return terms


def vocabulary_of(documents: Iterable[Collection[str]], least: int, most: int) -> dict[str, int]:
    """How many documents each kept term is in: at least `least`, the `most` frequent ones, in alphabetical order."""
    counts: Counter[str] = Counter()
    for document in documents:
        counts.update(set(document))
    kept = sorted((term for term, count in counts.items() if count >= least), key=lambda term: (-counts[term], term))
    return {term: counts[term] for term in sorted(kept[:most])}


def idf_of(counts: Mapping[str, int], documents: int) -> dict[str, float]:
    """Rarer terms weigh more; rounded, so that a kept model and a fresh one agree."""
    return {term: round(float(np.log((1 + documents) / (1 + count)) + 1), 4) for term, count in counts.items()}


def mentions_of(documents: Sequence[Collection[str]], idf: Mapping[str, float]) -> sparse.csr_matrix:
    """One row a document, columns in the order of idf. A term of middling rarity counts about 1, said once or often."""
    columns = {term: column for column, term in enumerate(idf)}
    weights = np.fromiter(idf.values(), dtype=np.float64, count=len(idf))
    starts, indices = [0], []
    for document in documents:
        indices.extend(sorted({columns[term] for term in document if term in columns}))
        starts.append(len(indices))
    at = np.asarray(indices, dtype=np.int32)
    data = weights[at] / weights.mean() if len(at) else np.zeros(0)
    return sparse.csr_matrix((data, at, np.asarray(starts)), shape=(len(documents), len(idf)))


def of_length_one(rows: sparse.csr_matrix) -> sparse.csr_matrix:
    """The same rows, so that a long text does not outweigh a short one. Empty rows stay empty."""
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return sparse.csr_matrix(sparse.diags(1 / np.maximum(lengths, 1e-12)) @ rows)
