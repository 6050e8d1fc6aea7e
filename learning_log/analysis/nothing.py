"""Recognises the frequent answer that says there is nothing to report."""

from __future__ import annotations

from functools import cache

from learning_log.analysis.normalising import normalised
from learning_log.config import load

# "Nothing" is said in a few words; a long answer has something to say.
_MOST_WORDS = 16


def nothing_to_report(words: str) -> bool:
    """Whether the whole answer says "nothing", "all fine" or the like: the phrases of config/analysis/nothing.toml.

    "Nothing works" is not one. Empty words are not one either: a photo alone does report something.
    """
    said = normalised(words).replace(" .", "").split()
    if not said:
        return bool(words.strip(" \t\n")) and set(words.split()) <= {"-", ".", "--", "...", "/", "—", "–"}
    return len(said) <= _MOST_WORDS and _made_of_phrases(said)


def _made_of_phrases(said: list[str]) -> bool:
    """Walks the words from phrase to phrase; at least one has to say "nothing" itself."""
    phrases, beside, longest = _known()
    # reached[i] holds whether words up to i can be covered without, and with, a phrase that says "nothing".
    reached = {(0, False)}
    for start in range(len(said)):
        for length in range(1, min(longest, len(said) - start) + 1):
            piece = " ".join(said[start : start + length])
            for told in (told for at, told in tuple(reached) if at == start):
                if piece in phrases:
                    reached.add((start + length, True))
                elif piece in beside:
                    reached.add((start + length, told))
    return (len(said), True) in reached


@cache
def _known() -> tuple[frozenset[str], frozenset[str], int]:
    table = load("analysis/nothing")
    phrases = frozenset(normalised(phrase) for phrase in table["phrases"])
    beside = frozenset(normalised(phrase) for phrase in table["beside"])
    return phrases, beside, max(len(phrase.split()) for phrase in phrases | beside)
