"""Themes that nobody named beforehand: how well they agree with people's, and whether they stay where they are."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from sklearn.decomposition import NMF
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score

from benchmarks.meaning import rivals
from benchmarks.meaning.comments import Comments, Read
from benchmarks.meaning.figure import Figure
from learning_log.analysis.encoder import Vectors, of_length_one
from learning_log.analysis.theme_groups import groups_of
from learning_log.analysis.theme_model import places_of
from learning_log.analysis.theme_seeds import drawn_to
from learning_log.analysis.theme_stability import found_again, strongest
from learning_log.analysis.themes import Text, find_themes, settings_in_use

FEWEST = 10  # a theme that people gave to fewer comments is not one to be found
FEWEST_NAMED = 20  # nor is the name of one with fewer looked for
NO_THEME = {
    "Other",
    "Not assigned",
    "Labelling not possible",
    "Unspecified communication",
}  # what people could not sort
MORE = 0.1
ROUNDS, FEW_ROUNDS = 200, 5


def figures(test: Comments, column: str, read: Read, goal: float) -> Iterator[Figure]:
    """column: holds people's themes; of several, parted by "|", the first. What is in no theme is one group."""
    test, told = _sorted_by_people(test, column)
    texts = _texts(test, read)
    found = find_themes(texts, settings_in_use(), _key, encoder=read.encoder.name)
    ours = strongest(texts, found.placements)
    nmf = _by_nmf(test.texts, len(found.themes))
    name = "themes found, agreement with people's (ARI)"
    yield Figure(name, test.name, _ari(told, ours), _ari(told, nmf), "TF-IDF + NMF, as many", goal)
    if rivals.has_bertopic():
        topics, _ = rivals.bertopic_of(test.texts, read.vectors(test.texts))
        covered = np.mean(np.array(topics) >= 0)
        yield Figure(name, test.name, _ari(told, ours), _ari(told, topics), f"BERTopic, {covered:.0%} in a topic", goal)
    else:
        yield Figure(name, test.name, _ari(told, ours), None, rivals.BERTOPIC_MISSING, goal)
    named = sum(1 for count in Counter(told).values() if count >= FEWEST)
    yield Figure(f"themes found, for each of people's {named}", test.name, len(found.themes) / named, goal=0.5)
    yield Figure("share of texts that are in a theme", test.name, len(found.placements) / len(texts))


def seeded(test: Comments, column: str, read: Read, goal: float) -> Iterator[Figure]:
    """Each text with the name that draws it; the rival is the name that is nearest."""
    test, told = _sorted_by_people(test, column)
    names = sorted(name for name, count in Counter(told).items() if count >= FEWEST_NAMED)
    vectors, named = read.vectors(test.texts), read.vectors(names)
    middle = vectors.mean(axis=0)
    seen, looked_for = of_length_one(vectors - middle), of_length_one(named - middle)
    ours = drawn_to(seen, looked_for).argmax(axis=1)
    nearest = (vectors @ named.T).argmax(axis=1)
    name = f"seeded by {len(names)} names, agreement with people's themes (ARI)"
    yield Figure(name, test.name, _ari(told, list(ours)), _ari(told, list(nearest)), "nearest name", goal)


def stability(test: Comments, read: Read) -> Iterator[Figure]:
    """A tenth more texts come: where the old ones stand then. Nothing is found anew for so few, and middles are frozen,
    so the old ones are placed once more by what was learnt."""
    texts = sorted(_texts(test, read), key=lambda text: _key(text.words))
    old = texts[: round(len(texts) / (1 + MORE))]
    tried = found_again(old, texts, settings_in_use(), _key, read.encoder.name)
    learnt = find_themes(old, settings_in_use(), _key, encoder=read.encoder.name)
    again = _ari(strongest(old, learnt.placements), strongest(old, places_of(old, learnt.model)))
    anew = find_themes(texts, settings_in_use(), _key, encoder=read.encoder.name)
    name = "themes that stay after 10 % new (ARI)"
    yield Figure(name, test.name, again, _ari(tried.before, strongest(old, anew.placements)), "found anew", 0.99)
    yield Figure(f"{name}, people confirmed them and applied a proposal", test.name, _ari(tried.before, tried.after))
    if rivals.has_bertopic():
        topics = [rivals.bertopic_of([t.words for t in part], _vectors(part))[0] for part in (old, texts)]
        yield Figure(name, test.name, again, _ari(topics[0], topics[1][: len(old)]), "BERTopic", 0.99)
    else:
        yield Figure(name, test.name, again, None, rivals.BERTOPIC_MISSING, 0.99)
    start = time.perf_counter()
    for text in texts[:ROUNDS]:
        (vectors,) = read.encoder.encode([text.words])
        places_of([replace(text, vectors=vectors[None])], learnt.model)
    each = (time.perf_counter() - start) / ROUNDS * 1000
    yield Figure("one new text encoded and placed, ms", test.name, each, goal=10, better="less")


def cold(texts: Sequence[str], read: Read) -> Iterator[Figure]:
    """Encoding and finding, with nothing known before; and a new text placed."""
    start = time.perf_counter()
    vectors = read.encoder.encode(list(texts))
    encoded = time.perf_counter() - start
    groups_of(vectors)
    taken = time.perf_counter() - start
    name = f"{len(texts):,} texts, cold, seconds ({encoded:.0f} of them encoding)"
    goal = 45 if len(texts) >= 10_000 else None
    if not rivals.has_bertopic():
        yield Figure(name, "all", taken, None, rivals.BERTOPIC_MISSING, goal, "less")
        return
    start = time.perf_counter()
    _, model = rivals.bertopic_of(texts, vectors)
    theirs = time.perf_counter() - start + encoded
    yield Figure(name, "all", taken, theirs, "BERTopic, the same encoding", goal, "less")
    start = time.perf_counter()
    for at in range(FEW_ROUNDS):
        model.transform([texts[at]], vectors[at : at + 1])
    each = (time.perf_counter() - start) / FEW_ROUNDS * 1000
    yield Figure("one new text placed by BERTopic, ms, without encoding", "all", each)


def _sorted_by_people(test: Comments, column: str) -> tuple[Comments, list[str]]:
    """Without what people could not sort; with the theme of each, of several the first."""
    first = [themes.partition("|")[0] for themes in test.column(column)]
    test = test.only([bool(theme) and theme not in NO_THEME for theme in first])
    return test, [theme for theme in first if theme and theme not in NO_THEME]


def _texts(test: Comments, read: Read) -> list[Text]:
    """As they are kept: of no direction, so that all of them are looked at together."""
    vectors = read.vectors(test.texts)
    return [Text(str(at), words, "other", vectors[at : at + 1]) for at, words in enumerate(test.texts)]


def _vectors(texts: Sequence[Text]) -> Vectors:
    return np.array([text.vectors[0] for text in texts if text.vectors is not None])


def _key(words: str) -> bytes:
    return hashlib.sha256(words.encode()).digest()


def _ari(one: Sequence[object], other: Sequence[object]) -> float:
    return float(adjusted_rand_score(list(one), list(other)))


def _by_nmf(texts: Sequence[str], themes: int) -> list[int]:
    words = TfidfVectorizer(stop_words="english", min_df=2).fit_transform(texts)
    shares = NMF(themes, init="nndsvda", random_state=0, max_iter=300).fit_transform(words)
    return [int(at) for at in np.argmax(shares, axis=1)]
