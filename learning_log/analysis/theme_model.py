"""What the theme finder learnt, kept as JSON, and the place of one text in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.nothing import nothing_to_report
from learning_log.analysis.theme_terms import mentions_of, terms_of

Numbers = NDArray[np.float64]
_EXPECTED = {"works": 1.0, "not_working": -1.0}
_SURELY_OPPOSITE = 0.4
_ROUNDS = 40
_AT_ONCE = 5_000


@dataclass(frozen=True)
class Placement:
    """That a text is about a theme. strength: 0 to 1."""

    theme: str
    strength: float


@dataclass(frozen=True)
class Belonging:
    """Where a text belongs: at strength `enough`, and at `also` times its strongest for a second theme."""

    enough: float
    also: float


@dataclass(frozen=True)
class Learnt:
    """One direction: the weight of each term (idf), and each theme's key, label and weighted terms (length 1)."""

    idf: Mapping[str, float]
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    components: tuple[Mapping[str, float], ...]
    belonging: Belonging

    def strengths(self, documents: Sequence[Sequence[str]]) -> Numbers:
        """One row a document (its terms), one column a theme, 0 to 1."""
        columns = {term: column for column, term in enumerate(self.idf)}
        themes = np.zeros((len(self.keys), len(self.idf)))
        for row, component in enumerate(self.components):
            for term, weight in component.items():
                themes[row, columns[term]] = weight
        parts = [
            _shares(mentions_of(documents[start : start + _AT_ONCE], self.idf), themes)
            for start in range(0, len(documents), _AT_ONCE)
        ]
        return np.vstack(parts) if parts else np.zeros((0, len(self.keys)))

    def placements(self, strengths: Numbers) -> tuple[Placement, ...]:
        """The themes that one row of strengths belongs to, the strongest first."""
        if not len(strengths):
            return ()
        bar = max(self.belonging.enough, self.belonging.also * float(strengths.max()))
        found = [
            (round(float(strength), 4), key)
            for strength, key in zip(strengths, self.keys, strict=True)
            if strength >= bar
        ]
        return tuple(Placement(key, strength) for strength, key in sorted(found, key=lambda pair: (-pair[0], pair[1])))


@dataclass(frozen=True)
class ThemeModel:
    """Holds words that people used: keep it sealed, like the words themselves."""

    directions: Mapping[str, Learnt]

    def to_json(self) -> str:
        kept = {direction: asdict(learnt) for direction, learnt in self.directions.items()}
        return json.dumps({"version": 1, "directions": kept}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, kept: str) -> ThemeModel:
        """Raises ValueError when the text is not a model of this version."""
        table = json.loads(kept)
        if not isinstance(table, dict) or table.get("version") != 1:
            raise ValueError("This is not a theme model of version 1. Find the themes again.")
        return cls({direction: _learnt(part) for direction, part in table["directions"].items()})


def agreement(words: str, direction: str) -> float:
    """How far the words feel as the question expects: 1 a surely good word on what works, -1 a surely bad one."""
    feeling = feeling_of(words, direction)
    return {"good": 1.0, "bad": -1.0}.get(feeling.label, 0.0) * feeling.sureness * _EXPECTED.get(direction, 0.0)


def is_opposite(agreement: float) -> bool:
    """Praise given to "what is not working?", or a complaint to "what works?".

    Many answers in health surveys are such. Among the themes of that question they would make it untrue.
    """
    return agreement <= -_SURELY_OPPOSITE


def place(words: str, direction: str, model: ThemeModel) -> list[Placement]:
    """The themes of one text, the strongest first; none when the direction was never learnt or nothing fits.

    Takes about a millisecond, learns nothing, and agrees with what find_themes says of the same text.
    """
    learnt = model.directions.get(direction)
    if learnt is None or nothing_to_report(words) or is_opposite(agreement(words, direction)):
        return []
    return list(learnt.placements(learnt.strengths([terms_of(words)])[0]))


def _learnt(part: dict[str, object]) -> Learnt:
    idf, keys, labels, components, belonging = (
        part[name] for name in ("idf", "keys", "labels", "components", "belonging")
    )
    return Learnt(idf, tuple(keys), tuple(labels), tuple(components), Belonging(**belonging))  # type: ignore[arg-type]


def _shares(mentions: sparse.csr_matrix, themes: Numbers) -> Numbers:
    """How much of each text the themes explain: non-negative least squares by coordinate descent, all at once."""
    pull = np.asarray(mentions @ themes.T)
    overlap = themes @ themes.T
    shares = np.zeros_like(pull)
    for _ in range(_ROUNDS):
        for theme in range(len(overlap)):
            others = shares @ overlap[:, theme] - shares[:, theme]
            shares[:, theme] = np.maximum(0.0, pull[:, theme] - others)
    # One full mention of a theme's main words comes to about 0.7, and no number of mentions passes 1.
    return 1 - np.exp(-1.2 * shares)
