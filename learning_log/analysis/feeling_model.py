"""Learns how words feel from what people corrected, and says how sure it is; under a bar it says unsure.

Three balanced logistic regressions are averaged: of an encoder's inner layers, with the question put in front; of what
three lexicons say, crossed with the question; of words and letters. How sure it is was learnt on examples that it had
not seen (Platt 1999, "Probabilistic outputs"). It is for counting many answers, and never a reading of one person.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from itertools import product
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags, hstack

from learning_log import config
from learning_log.analysis.feeling import Feeling, feeling_of
from learning_log.analysis.nothing import nothing_to_report

Kind = Literal["good", "mixed", "bad"]
Floats = NDArray[np.float32]

KINDS: tuple[Kind, ...] = ("bad", "mixed", "good")
LAYERS = 4
_ASKED = {"works": "What was good? ", "not_working": "What could be improved? "}
_DIRECTIONS = ("works", "not_working")
_SHARES = (0.5, 0.2, 0.3)  # encoder, lexicons, letters
_STRENGTHS = (0.002, 0.1, 3.0)
_PLACES = 1 << 15  # of hashed words, and again of hashed letters: the words themselves are not kept
_FOLDS = 4
_BIASES = np.round(np.arange(-0.9, 0.91, 0.15), 2)


@runtime_checkable
class LayeredEncoder(Protocol):
    def means(self, texts: Sequence[str], last: int) -> Floats: ...


@dataclass(frozen=True)
class Answer:
    """direction: what was asked, "works" or "not_working"; anything else for no question."""

    words: str
    direction: str | None = None


@dataclass(frozen=True)
class Example:
    answer: Answer
    kind: Kind


@dataclass(frozen=True)
class _Line:
    """A logistic regression of rows that are moved and stretched first."""

    middle: Floats
    spread: Floats
    weights: Floats  # one row a kind
    bias: Floats

    def __call__(self, rows: Any) -> NDArray[np.float64]:
        moved = rows if self.middle.size == 0 else (rows - self.middle) / self.spread
        told = np.asarray(moved @ self.weights.T.astype(np.float64)) + self.bias
        told = np.exp(told - told.max(axis=1, keepdims=True))
        return np.asarray(told / told.sum(axis=1, keepdims=True), dtype=np.float64)


@dataclass(frozen=True)
class FeelingModel:
    """f1, agreed: macro-F1, and the share that was right, on examples that it was not learnt from; and the same of the
    lexicon alone."""

    lines: tuple[_Line, ...]
    idf: Floats
    biases: Floats
    slope: float
    start: float
    f1: float
    agreed: float
    lexicon_f1: float
    lexicon_agreed: float

    @property
    def is_better(self) -> bool:
        """Than the lexicon: it tells the rarer kinds apart better, and is right no less often."""
        return self.f1 > self.lexicon_f1 and self.agreed >= self.lexicon_agreed

    def judge(self, answers: Sequence[Answer], encoder: LayeredEncoder) -> list[Feeling]:
        """In their order."""
        if not answers:
            return []
        told = _told(self.lines, _seen(answers, encoder), self.idf)
        kinds, margins = _chosen(told, self.biases)
        bar = float(config.load("analysis/feeling")["learnt"]["sure_from"])
        sure = _sigmoid(self.slope * margins + self.start)
        scores = told[:, 2] - told[:, 0]
        return [
            Feeling(KINDS[kind] if share >= bar else "unsure", round(float(score), 4), round(float(share), 4))
            for kind, score, share in zip(kinds, scores, sure, strict=True)
        ]

    def kinds(self, answers: Sequence[Answer], encoder: LayeredEncoder) -> list[Kind]:
        """The likeliest kind of each, however unsure."""
        return [KINDS[kind] for kind in _chosen(_told(self.lines, _seen(answers, encoder), self.idf), self.biases)[0]]

    def to_json(self) -> str:
        own = {
            name.name: getattr(self, name.name) for name in fields(self) if name.name not in ("lines", "idf", "biases")
        }
        lines = [{name.name: _text(getattr(line, name.name)) for name in fields(line)} for line in self.lines]
        return json.dumps({**own, "lines": lines, "idf": _text(self.idf), "biases": _text(self.biases)}, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> FeelingModel:
        kept = json.loads(text)
        lines = tuple(_Line(**{name: _array(each) for name, each in line.items()}) for line in kept.pop("lines"))
        idf, biases = _array(kept.pop("idf")), _array(kept.pop("biases"))
        return cls(lines, idf, biases, **kept)


def learn(examples: Sequence[Example], encoder: LayeredEncoder) -> FeelingModel | None:
    """The same model for the same examples in any order. None where a kind has fewer examples than there are folds."""
    examples = sorted(set(examples), key=lambda each: (each.answer.words, each.answer.direction or "", each.kind))
    told = np.array([KINDS.index(each.kind) for each in examples], dtype=np.int64)
    if not examples or np.bincount(told, minlength=len(KINDS)).min() < _FOLDS:
        return None
    answers = [each.answer for each in examples]
    seen = _seen(answers, encoder)
    held, fold = np.zeros((len(told), len(KINDS))), _folds(answers, told)
    for one in range(_FOLDS):
        idf = _idf(seen[2][fold != one])
        lines = _lines([part[fold != one] for part in seen], told[fold != one], idf)
        held[fold == one] = _told(lines, [part[fold == one] for part in seen], idf)
    kinds, margins = _chosen_unseen(held, told, fold)
    slope, start = _platt(margins, kinds == told)
    idf = _idf(seen[2])
    alone = np.array([_kind_of(feeling_of(each.words, each.direction)) for each in answers])
    return FeelingModel(
        _lines(seen, told, idf),
        idf,
        _best_biases(held, told),
        slope,
        start,
        f1=macro_f1(told, kinds),
        agreed=float(np.mean(kinds == told)),
        lexicon_f1=macro_f1(told, alone),
        lexicon_agreed=float(np.mean(alone == told)),
    )


def macro_f1(told: NDArray[np.int64], said: NDArray[np.int64]) -> float:
    hit = [2 * np.sum((told == k) & (said == k)) / max(1, np.sum(told == k) + np.sum(said == k)) for k in range(3)]
    return float(np.mean(hit))


def _seen(answers: Sequence[Answer], encoder: LayeredEncoder) -> list[Any]:
    asked = [_ASKED.get(each.direction or "", "") + each.words for each in answers]
    return [encoder.means(asked, LAYERS), np.array([_lexicons(each) for each in answers]), _letters(answers)]


def _told(lines: Sequence[_Line], seen: Sequence[Any], idf: Floats) -> NDArray[np.float64]:
    rows = [seen[0], seen[1], _weighed(seen[2], idf)]
    each = [share * line(part) for share, line, part in zip(_SHARES, lines, rows, strict=True)]
    return np.asarray(sum(each), dtype=np.float64)


def _lines(seen: Sequence[Any], told: NDArray[np.int64], idf: Floats) -> tuple[_Line, ...]:
    rows = [seen[0], seen[1], _weighed(seen[2], idf)]
    return tuple(_line(each, told, strength) for each, strength in zip(rows, _STRENGTHS, strict=True))


def _line(rows: Any, told: NDArray[np.int64], strength: float) -> _Line:
    # scikit-learn takes a second to load: commands that learn nothing should not wait for it.
    from sklearn.linear_model import LogisticRegression

    middle = spread = np.zeros(0, dtype=np.float32)
    if isinstance(rows, np.ndarray):
        middle, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-6
        rows = (rows - middle) / spread
    found = LogisticRegression(C=strength, class_weight="balanced", max_iter=500).fit(rows, told)
    return _Line(*(np.asarray(each, dtype=np.float32) for each in (middle, spread, found.coef_, found.intercept_)))


def _lexicons(answer: Answer) -> list[float]:
    from textblob.en import sentiment

    polarity, subjectivity = sentiment(answer.words)
    vader, own = _vader().polarity_scores(answer.words), feeling_of(answer.words, answer.direction)
    plain = feeling_of(answer.words)
    said = [polarity, subjectivity, *(vader[name] for name in ("compound", "pos", "neg", "neu")), own.score]
    said += [own.sureness, plain.score, plain.sureness, np.log1p(len(answer.words)), nothing_to_report(answer.words), 1]
    return [float(each) * asked for asked in (1, *(answer.direction == d for d in _DIRECTIONS)) for each in said]


@cache
def _vader() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    return SentimentIntensityAnalyzer()


def _letters(answers: Sequence[Answer]) -> csr_matrix:
    from sklearn.feature_extraction.text import HashingVectorizer

    own = {"n_features": _PLACES, "alternate_sign": False, "norm": None}
    texts = [each.words for each in answers]
    parts = [
        HashingVectorizer(ngram_range=(1, 2), **own).transform(texts),
        HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5), **own).transform(texts),
    ]
    for part in parts:
        part.data = 1 + np.log(part.data)
    return csr_matrix(hstack(parts))


def _idf(counts: csr_matrix) -> Floats:
    found = np.asarray((counts > 0).sum(axis=0)).ravel()
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + found)) + 1, dtype=np.float32)


def _weighed(counts: csr_matrix, idf: Floats) -> csr_matrix:
    rows = csr_matrix(counts @ diags(idf.astype(np.float64)))
    lengths = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return csr_matrix(diags(1 / np.maximum(lengths, 1e-12)) @ rows)


def _folds(answers: Sequence[Answer], told: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each kind is dealt out evenly, by a lot that hangs on the words alone."""
    lots = [hashlib.sha256(f"{each.direction} {each.words}".encode()).hexdigest() for each in answers]
    fold = np.zeros(len(told), dtype=np.int64)
    for kind in range(len(KINDS)):
        for turn, at in enumerate(sorted(np.flatnonzero(told == kind), key=lambda at: (lots[at], at))):
            fold[at] = turn % _FOLDS
    return fold


def _chosen(told: NDArray[np.float64], biases: Floats) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    weighed = np.log(told + 1e-9) + biases
    ranked = np.sort(weighed, axis=1)
    kinds: NDArray[np.int64] = weighed.argmax(axis=1)
    return kinds, np.asarray(ranked[:, -1] - ranked[:, -2], dtype=np.float64)


def _best_biases(told: NDArray[np.float64], right: NDArray[np.int64]) -> Floats:
    tried = [np.array([bad, mixed, 0.0], dtype=np.float32) for bad, mixed in product(_BIASES, _BIASES)]
    # Of equally good ones the smallest, so that nothing is moved without a reason.
    return max(tried, key=lambda one: (round(macro_f1(right, _chosen(told, one)[0]), 6), -float(np.abs(one).sum())))


def _chosen_unseen(
    held: NDArray[np.float64], told: NDArray[np.int64], fold: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """As _chosen, of each fold by the biases of the others: those that fit a fold best would flatter it."""
    kinds, margins = np.zeros(len(told), dtype=np.int64), np.zeros(len(told))
    for one in range(_FOLDS):
        biases = _best_biases(held[fold != one], told[fold != one])
        kinds[fold == one], margins[fold == one] = _chosen(held[fold == one], biases)
    return kinds, margins


def _platt(margins: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[float, float]:
    from sklearn.linear_model import LogisticRegression

    if right.all() or not right.any():
        return 0.0, 4.0 if right.all() else -4.0
    found = LogisticRegression(C=100.0).fit(margins[:, None], right)
    return float(found.coef_[0, 0]), float(found.intercept_[0])


def _sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-values)), dtype=np.float64)


def _kind_of(feeling: Feeling) -> int:
    return 2 if feeling.score > 0.1 else 0 if feeling.score < -0.1 else 1


def _text(values: Floats) -> list[Any]:
    return [list(values.shape), base64.b64encode(values.astype("<f4").tobytes()).decode()]


def _array(kept: list[Any]) -> Floats:
    return np.frombuffer(base64.b64decode(kept[1]), "<f4").reshape(kept[0]).astype(np.float32)
