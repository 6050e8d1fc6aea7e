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
    # reached[i]: the words up to i can be covered, with (True) or without (False) a phrase that says "nothing".
    reached: list[set[bool]] = [set() for _ in range(len(said) + 1)]
    reached[0].add(False)
    for start, tolds in enumerate(reached):
        for length in range(1, min(longest, len(said) - start) + 1 if tolds else 0):
            piece = " ".join(said[start : start + length])
            if piece in phrases:
                reached[start + length].add(True)
            elif piece in beside:
                reached[start + length] |= tolds
    return True in reached[-1]


@cache
def _known() -> tuple[frozenset[str], frozenset[str], int]:
    table = load("analysis/nothing")
    phrases = frozenset(normalised(phrase) for phrase in table["phrases"])
    beside = frozenset(normalised(phrase) for phrase in table["beside"])
    return phrases, beside, max(len(phrase.split()) for phrase in phrases | beside)
