"""What the theme finder learnt, kept as JSON, and the place of one text in it."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from learning_log.analysis.encoder import Reader, Vectors, of_length_one
from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.nothing import nothing_to_report
from learning_log.analysis.theme_terms import mentions_of, terms_of

Numbers = NDArray[np.float64]
Component = Mapping[str, float]
_KEPT = np.dtype("<f4")
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
class Text:
    """direction: what was asked, such as "works" or "not_working".

    vectors: what an encoder made of the words, the whole first and then its points; none where there is no encoder.
    """

    id: str
    words: str
    direction: str
    vectors: Vectors | None = field(default=None, compare=False, repr=False)

    @cached_property
    def terms(self) -> list[str]:
        return terms_of(self.words)


class Measure(Protocol):
    """How near a text is to a theme."""

    def strengths(self, texts: Sequence[Text], components: Sequence[Component]) -> Numbers:
        """One row a text, one column a theme, 0 to 1."""


@dataclass(frozen=True)
class ByWords:
    """By the words that they share. idf: the weight of each term; rarer ones weigh more."""

    idf: Mapping[str, float]

    def only(self, components: Sequence[Component]) -> ByWords:
        return ByWords({term: self.idf[term] for component in components for term in component})

    def beside(self, other: ByWords) -> ByWords:
        return ByWords({**other.idf, **self.idf})

    def strengths(self, texts: Sequence[Text], components: Sequence[Component]) -> Numbers:
        columns = {term: column for column, term in enumerate(self.idf)}
        themes = np.zeros((len(components), len(self.idf)))
        for row, component in enumerate(components):
            for term, weight in component.items():
                themes[row, columns[term]] = weight
        parts = [
            _shares(mentions_of([text.terms for text in texts[start : start + _AT_ONCE]], self.idf), themes)
            for start in range(0, len(texts), _AT_ONCE)
        ]
        return np.vstack(parts) if parts else np.zeros((0, len(components)))


@dataclass(frozen=True)
class ByMeaning:
    """By what they mean. encoder: its name. centroids: a row of length 1 for each theme, as bytes.

    All directions are seen from the middle of what was said, also as bytes: what every answer has in common tells
    nothing. A point of a text shares itself out among the themes, more to the nearer ones: shares are e^(cosine /
    spread), made to sum to 1. A theme gets nothing that is further off than its bar (a cosine). A text is as strong in
    a theme as the strongest of its points.
    """

    encoder: str
    middle: bytes
    centroids: bytes
    bars: tuple[float, ...]
    spread: float

    @classmethod
    def of(cls, encoder: str, middle: Vectors, spread: float) -> ByMeaning:
        """Without themes as yet."""
        return cls(encoder, middle.astype(_KEPT).tobytes(), b"", (), spread)

    def with_themes(self, centroids: Vectors, bars: Sequence[float]) -> ByMeaning:
        return replace(self, centroids=centroids.astype(_KEPT).tobytes(), bars=tuple(bars))

    def only(self, places: Sequence[int]) -> ByMeaning:
        return self.with_themes(self.rows[list(places)], [self.bars[at] for at in places])

    def beside(self, other: ByMeaning) -> ByMeaning:
        return self.with_themes(np.vstack([self.rows, other.rows]), [*self.bars, *other.bars])

    @property
    def size(self) -> int:
        """Of one vector."""
        return len(self.middle) // _KEPT.itemsize

    @cached_property
    def rows(self) -> Vectors:
        return np.frombuffer(self.centroids, _KEPT).reshape(-1, self.size).astype(np.float32)

    def seen(self, vectors: Vectors) -> Vectors:
        """Vectors of an encoder as directions from the middle, of length 1."""
        return of_length_one(vectors - np.frombuffer(self.middle, _KEPT))

    def strengths(self, texts: Sequence[Text], components: Sequence[Component]) -> Numbers:
        if not texts or not len(self.rows):
            return np.zeros((len(texts), len(self.rows)))
        points = [text.vectors for text in texts if text.vectors is not None]
        assert len(points) == len(texts), "every text has to be encoded first"  # noqa: S101
        near = (self.seen(np.concatenate(points)) @ self.rows.T).astype(np.float64)
        shares = np.exp((near - near.max(axis=1, keepdims=True)) / self.spread)
        shares /= shares.sum(axis=1, keepdims=True)
        too_far = near < np.array(self.bars)
        # Where even the nearest theme is too far, a further one would be no better.
        shares[too_far | too_far[np.arange(len(near)), near.argmax(axis=1)][:, None]] = 0.0
        starts = np.cumsum([0, *(len(each) for each in points[:-1])])
        strongest: Numbers = np.maximum.reduceat(shares, starts, axis=0)
        return strongest


@dataclass(frozen=True)
class Learnt:
    """One direction: each theme's key, label and weighted terms (length 1), and how near a text is to it."""

    measure: ByWords | ByMeaning
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    components: tuple[Component, ...]
    belonging: Belonging

    def strengths(self, texts: Sequence[Text]) -> Numbers:
        """One row a text, one column a theme, 0 to 1."""
        return self.measure.strengths(texts, self.components)

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

    def only(self, keys: Collection[str]) -> Learnt:
        places = [place for place, key in enumerate(self.keys) if key in keys]
        components = tuple(self.components[at] for at in places)
        measure = self.measure
        return replace(
            self,
            measure=measure.only(places) if isinstance(measure, ByMeaning) else measure.only(components),
            keys=tuple(self.keys[at] for at in places),
            labels=tuple(self.labels[at] for at in places),
            components=components,
        )

    def beside(self, other: Learnt) -> Learnt:
        """These themes and those of the other, which has to be learnt in the same way, seen from this one's middle."""
        if isinstance(self.measure, ByMeaning) and isinstance(other.measure, ByMeaning):
            measure: ByWords | ByMeaning = self.measure.beside(other.measure)
        elif isinstance(self.measure, ByWords) and isinstance(other.measure, ByWords):
            measure = self.measure.beside(other.measure)
        else:
            raise TypeError("what was learnt by words is never put beside what was learnt by meaning")
        return replace(
            self,
            measure=measure,
            keys=(*self.keys, *other.keys),
            labels=(*self.labels, *other.labels),
            components=(*self.components, *other.components),
        )


@dataclass(frozen=True)
class ThemeModel:
    """Holds words that people used: keep it sealed, like the words themselves.

    encoder: the name of the one that it was learnt with, and that reads what is to be placed; nothing where it was
    learnt by words. seeds: the names that people asked to look for.
    """

    directions: Mapping[str, Learnt]
    encoder: str = ""
    seeds: tuple[str, ...] = ()

    @property
    def read_by(self) -> Reader | None:
        """The encoder that its texts have to be read by; none where it was learnt by words."""
        measures = [learnt.measure for learnt in self.directions.values()]
        return next((Reader(one.encoder, one.size) for one in measures if isinstance(one, ByMeaning)), None)

    @property
    def keys(self) -> set[str]:
        return {key for learnt in self.directions.values() for key in learnt.keys}

    def only(self, keys: Collection[str]) -> ThemeModel:
        parts = {direction: learnt.only(keys) for direction, learnt in self.directions.items()}
        return replace(self, directions={direction: part for direction, part in parts.items() if part.keys})

    def without(self, keys: Collection[str]) -> ThemeModel:
        return self.only(self.keys - set(keys))

    def beside(self, other: ThemeModel) -> ThemeModel:
        """With the themes of the other, which was learnt in the same way; a key that both have is taken from it."""
        mine = self.without(other.keys)
        directions = dict(mine.directions)
        for direction, learnt in other.directions.items():
            directions[direction] = directions[direction].beside(learnt) if direction in directions else learnt
        return replace(self, directions=directions)

    def to_json(self) -> str:
        kept = {direction: _kept(learnt) for direction, learnt in self.directions.items()}
        table = {"version": 2, "encoder": self.encoder, "directions": kept}
        if self.seeds:
            table["seeds"] = self.seeds
        return json.dumps(table, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, kept: str) -> ThemeModel:
        """Raises ValueError when the text is not a model that this version can read."""
        table = json.loads(kept)
        if not isinstance(table, dict) or table.get("version") not in (1, 2):
            raise ValueError("This is not a theme model of version 1 or 2. Find the themes again.")
        directions = {direction: _learnt(part) for direction, part in table["directions"].items()}
        return cls(directions, table.get("encoder", ""), tuple(table.get("seeds", ())))


def agreement(words: str, direction: str) -> float:
    """How far the words feel as the question expects: 1 a surely good word on what works, -1 a surely bad one."""
    feeling = feeling_of(words, direction)
    return {"good": 1.0, "bad": -1.0}.get(feeling.label, 0.0) * feeling.sureness * _EXPECTED.get(direction, 0.0)


def is_opposite(agreement: float) -> bool:
    """Praise given to "what is not working?", or a complaint to "what works?".

    Many answers in health surveys are such. Among the themes of that question they would make it untrue.
    """
    return agreement <= -_SURELY_OPPOSITE


def place(text: Text, model: ThemeModel) -> list[Placement]:
    """The themes of one text, the strongest first; none when the direction was never learnt or nothing fits.

    Takes about a millisecond once the text is encoded, learns nothing, and agrees with what find_themes says of it.
    """
    return list(places_of([text], model)[text.id])


def is_aside(text: Text) -> bool:
    """Whether it says nothing, or the opposite of what was asked: it is in no theme."""
    return nothing_to_report(text.words) or is_opposite(agreement(text.words, text.direction))


def places_of(
    texts: Iterable[Text], model: ThemeModel, aside: Collection[str] | None = None
) -> dict[str, tuple[Placement, ...]]:
    """The themes of many texts at once, by text id.

    aside: ids of those that say nothing or the opposite of what was asked, where that was worked out before.
    """
    places: dict[str, tuple[Placement, ...]] = {}
    by_direction: dict[str, list[Text]] = {}
    for text in texts:
        places[text.id] = ()
        if text.direction in model.directions and not (text.id in aside if aside is not None else is_aside(text)):
            by_direction.setdefault(text.direction, []).append(text)
    for direction, here in by_direction.items():
        learnt = model.directions[direction]
        rows = learnt.strengths(here)
        places |= {text.id: learnt.placements(row) for text, row in zip(here, rows, strict=True)}
    return places


def _kept(learnt: Learnt) -> dict[str, Any]:
    measure = asdict(learnt.measure)
    measure = {name: _as_text(value) if isinstance(value, bytes) else value for name, value in measure.items()}
    named = {"keys": learnt.keys, "labels": learnt.labels, "components": learnt.components}
    return {"measure": measure, **named, "belonging": asdict(learnt.belonging)}


def _learnt(part: dict[str, Any]) -> Learnt:
    keys, labels, components = (tuple(part[name]) for name in ("keys", "labels", "components"))
    return Learnt(_measure(part), keys, labels, components, Belonging(**part["belonging"]))


def _measure(part: dict[str, Any]) -> ByWords | ByMeaning:
    kept = part.get("measure") or {"idf": part["idf"]}  # version 1 knew words only
    if "idf" in kept:
        return ByWords(kept["idf"])
    middle, centroids = (base64.b64decode(kept[name]) for name in ("middle", "centroids"))
    return ByMeaning(kept["encoder"], middle, centroids, tuple(kept["bars"]), kept["spread"])


def _as_text(held: bytes) -> str:
    return base64.b64encode(held).decode()


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
