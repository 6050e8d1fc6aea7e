"""Names a theme by words that people used about it."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from textblob import TextBlob

from learning_log.analysis.theme_terms import stem

# Enough to hear how people put it; parsing is the slow part.
_LETTERS = 300
_LONGEST = 2  # words; terms are no longer either
_FEW = 4  # of so few texts, one that says it is enough
_PHRASE = 1.3  # "waiting time" before "time"
_OWN = 4.0  # a word that is said so many times as often as elsewhere stands alone
_TIED = 0.6  # another word that tells so much is named beside it
_ALIKE = 4  # letters
_TELLS = 0.12  # what tells less than this names no theme
_LETTERS_ONLY = re.compile(r"[^\W\d_]+")
_PLACEHOLDER = re.compile(r"\[[^\]]{0,40}\]")


@dataclass(frozen=True)
class Heard:
    """What was said in one theme. terms: of every text in it. words: of the most typical ones, to hear how people put
    it."""

    terms: Sequence[Collection[str]]
    words: Sequence[str]


def labels_of(themes: Sequence[Heard], stop_words: Collection[str], mixed: str) -> tuple[str, ...]:
    """For each theme of one question the word or noun phrase that many of its texts say and few others do.

    One that others say often too, or that tells no more than the next one, gets that one beside it: "care, nurse". No
    two labels are the same. mixed: for a theme whose texts share no such word.
    """
    inside = [Counter(chain.from_iterable(map(set, theme.terms))) for theme in themes]
    everywhere = sum(inside, Counter[str]())
    texts = sum(len(theme.terms) for theme in themes)
    labels: list[str] = []
    for theme, said in zip(themes, inside, strict=True):
        size = len(theme.terms)
        telling = {
            term: Telling(count / size, _share_of_others(everywhere[term] - count, texts - size))
            for term, count in said.items()
        }
        labels.append(_label(theme.words, telling, stop_words, mixed, labels))
    return tuple(labels)


@dataclass(frozen=True)
class Telling:
    """The shares of a theme's texts, and of all others, that say a term."""

    here: float
    elsewhere: float

    @property
    def times(self) -> float:
        return self.here / self.elsewhere

    @property
    def weight(self) -> float:
        """What the term adds to knowing that a text is in the theme: its part of the Kullback-Leibler divergence."""
        return self.here * math.log(self.times)


def _share_of_others(count: int, others: int) -> float:
    """Never none: what nobody else said yet may be said tomorrow."""
    return (count + 0.5) / (others + 10)


def _label(
    spoken: Sequence[str],
    telling: Mapping[str, Telling],
    stop_words: Collection[str],
    mixed: str,
    taken: Collection[str],
) -> str:
    surfaces, support = _phrases([list(_tagged(text)) for text in spoken], stop_words)
    known = {phrase: telling[" ".join(phrase)] for phrase in surfaces if " ".join(phrase) in telling}
    enough = {phrase: said for phrase, said in known.items() if support[phrase] > 1 or len(spoken) < _FEW}
    weights = {phrase: known[phrase].weight * (_PHRASE if len(phrase) > 1 else 1) for phrase in enough or known}
    best = sorted(weights, key=lambda phrase: (-round(weights[phrase], 6), phrase))
    said = [_commonest(surfaces[phrase]) for phrase in best]
    others = [phrase for phrase in best if _beginnings(phrase).isdisjoint(_beginnings(best[0]))]
    together = [f"{said[0]}, {_commonest(surfaces[other])}" for other in others]
    tied = others and weights[others[0]] >= _TIED * weights[best[0]]
    alone = said[:1] if best and not tied and known[best[0]].times >= _OWN else []
    candidates = [*alone, *together, *said]
    if not best or weights[best[0]] < _TELLS:
        candidates = [mixed, *(f"{mixed}, {word}" for word in said)]
    return next((label for label in candidates if label not in taken), candidates[0])


def _beginnings(phrase: tuple[str, ...]) -> set[str]:
    """Of its stems: "argue" beside "argument" would tell nothing more."""
    return {root[:_ALIKE] for root in phrase}


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


def _phrases(
    spoken: Sequence[list[tuple[str, str]]], stop_words: Collection[str]
) -> tuple[dict[tuple[str, ...], Counter[str]], Counter[tuple[str, ...]]]:
    """Noun phrases and other words by their stems: how they were written, and how many texts use them."""
    surfaces: dict[tuple[str, ...], Counter[str]] = {}
    support: Counter[tuple[str, ...]] = Counter()
    for words in spoken:
        here = set()
        for phrase in chain(_noun_phrases(words, stop_words), _other_words(words, stop_words)):
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


def _other_words(words: list[tuple[str, str]], stop_words: Collection[str]) -> Iterator[tuple[str, ...]]:
    """What people did or how it was, as in "listened" and "friendly"."""
    for word, tag in words:
        if tag.startswith(("VB", "JJ")) and word.isalpha() and len(word) > 1 and stem(word) not in stop_words:
            yield (word,)


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
