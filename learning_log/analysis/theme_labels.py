"""Names a theme by words that people used about it."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import pairwise

from textblob import TextBlob

from learning_log.analysis.theme_terms import stem

# Enough to hear how people put it; parsing is the slow part.
_LETTERS = 300
_LONGEST = 3
_LEAST_FIT = 0.1
# Two terms this near each other both belong in the label.
_TIED = 0.85
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
_PLACEHOLDER = re.compile(r"\[[^\]]{0,40}\]")


def label_of(
    component: Mapping[str, float], texts: Sequence[str], stop_words: Collection[str], taken: Collection[str] = ()
) -> str:
    """A noun phrase that many of the texts use and that holds the theme's main term; else its main words, "a and b".

    component: terms (stems, and pairs of them) with their weights. texts: the most typical ones. taken: labels in use.
    """
    spoken = [list(_tagged(text)) for text in texts]
    surfaces, support = _phrases(spoken, stop_words)
    best = sorted(
        support,
        key=lambda phrase: (-_fit(phrase, component) * math.log2(1 + support[phrase]), phrase),
    )
    main, tied = _main_terms(component)
    saying = sum(1 for words in spoken if any(stem(word) == main[0] for word, _ in words))
    for phrase in best:
        label = _commonest(surfaces[phrase])
        # One text in ten that says the main word: else "listener" would stand for many a "listened".
        common = support[phrase] >= max(2 if len(texts) > 2 else 1, saying / 10)
        if common and tied <= set(phrase) and label not in taken and _fit(phrase, component) > _LEAST_FIT:
            return label
    return _plain_label(main, len(tied), spoken, taken)


def spelled(component: Mapping[str, float], texts: Sequence[str], most: int = 8) -> tuple[str, ...]:
    """The component's heaviest terms as the texts spell them most often."""
    surfaces: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for text in texts:
        for word in _LETTERS_ONLY.findall(_PLACEHOLDER.sub(" ", text).lower()):
            surfaces[stem(word)][word] += 1
    heaviest = sorted(component, key=lambda term: (-component[term], term))[:most]
    return tuple(
        " ".join(_commonest(surfaces[root]) if surfaces[root] else root for root in term.split()) for term in heaviest
    )


def _fit(phrase: tuple[str, ...], component: Mapping[str, float]) -> float:
    """The weight of the phrase's terms, less for words that have nothing to do with the theme."""
    pairs = [f"{one} {other}" for one, other in pairwise(phrase)]
    known = sum(
        1 for word in phrase if word in component or any(word in pair.split() for pair in pairs if pair in component)
    )
    return sum(component.get(term, 0.0) for term in (*phrase, *pairs)) * known / len(phrase)


def _main_terms(component: Mapping[str, float]) -> tuple[list[str], set[str]]:
    """The stems of the theme, the heaviest first, and the one or two that a label has to hold."""
    weights: defaultdict[str, float] = defaultdict(float)
    for term, weight in component.items():
        for word in term.split():
            weights[word] += weight
    main = sorted(weights, key=lambda word: (-round(weights[word], 4), word))
    return main, {word for word in main[:2] if weights[word] >= _TIED * weights[main[0]]}


def _plain_label(
    main: Sequence[str], tied: int, spoken: Sequence[list[tuple[str, str]]], taken: Collection[str]
) -> str:
    surfaces: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words in spoken:
        for word, _ in words:
            surfaces[stem(word)][word] += 1
    said = [_commonest(surfaces[word]) if surfaces[word] else word for word in main[:4]]
    joined = [f"{said[0]} and {other}" for other in said[1:]]
    for label in joined + said[:1] if tied > 1 else said[:1] + joined:
        if label not in taken:
            return label
    return " and ".join(said)


def _phrases(
    spoken: Sequence[list[tuple[str, str]]], stop_words: Collection[str]
) -> tuple[dict[tuple[str, ...], Counter[str]], Counter[tuple[str, ...]]]:
    """Noun phrases by their stems: how they were written, and how many texts use them."""
    surfaces: dict[tuple[str, ...], Counter[str]] = {}
    support: Counter[tuple[str, ...]] = Counter()
    for words in spoken:
        here = set()
        for phrase in _noun_phrases(words, stop_words):
            stems = tuple(stem(word) for word in phrase)
            surfaces.setdefault(stems, Counter())[" ".join(phrase)] += 1
            here.add(stems)
        support.update(here)
    return surfaces, support


def _noun_phrases(words: list[tuple[str, str]], stop_words: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Runs such as "waiting time" that end in a noun. The tagger calls "waiting" a verb, so its own phrases miss it."""
    for end, (_, tag) in enumerate(words):
        if not tag.startswith("NN"):
            continue
        for length in range(1, _LONGEST + 1):
            run = words[max(0, end + 1 - length) : end + 1]
            if len(run) < length or any(stem(word) in stop_words or not _may_stand(word, tag) for word, tag in run):
                break
            yield tuple(word for word, _ in run)


def _may_stand(word: str, tag: str) -> bool:
    return word.isalpha() and len(word) > 1 and tag.startswith(("NN", "JJ", "VBG"))


def _tagged(text: str) -> Iterator[tuple[str, str]]:
    plain = _PLACEHOLDER.sub(".", text[:_LETTERS]).replace("’", "'").lower()
    for sentence in TextBlob(plain).parse().split():
        for word, tag, *_ in sentence:
            yield word, tag
        yield ".", "."


def _commonest(surfaces: Counter[str]) -> str:
    return min(surfaces, key=lambda words: (-surfaces[words], words))
