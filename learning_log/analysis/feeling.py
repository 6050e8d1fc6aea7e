"""How a few words feel: a lexicon of our own, TextBlob's polarity as a hint, the question asked as a prior."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from learning_log.analysis.normalising import normalised
from learning_log.analysis.nothing import nothing_to_report
from learning_log.config import load

Label = Literal["good", "mixed", "bad", "unsure"]
# A "not" reaches this many words on.
_REACH = 4


@dataclass(frozen=True)
class Feeling:
    """score: -1 (bad) to 1 (good). sureness: 0 to 1; under config's sure_from the label is "unsure"."""

    label: Label
    score: float
    sureness: float


@dataclass
class _Weighed:
    good: float = 0.0
    bad: float = 0.0

    def add(self, weight: float) -> None:
        if weight > 0:
            self.good += weight
        else:
            self.bad -= weight


def feeling_of(words: str, direction: str | None = None) -> Feeling:
    """How the words feel. direction is what was asked: "works", "not_working", or anything else for no prior.

    The same words always get the same answer. It is a guess for counting many answers, not a reading of one person.
    """
    lexicon = _lexicon()
    said = _weigh(words, lexicon)
    heard = said.good + said.bad
    said.add(_as_an_answer(words, direction, lexicon))
    return _judge(said, heard, lexicon.label)


def _as_an_answer(words: str, direction: str | None, lexicon: _Lexicon) -> float:
    """What the question asked, and the way the answer opens, add: "nothing" is good news about what does not work."""
    weight, text = lexicon.weight, normalised(words)
    if direction == "not_working" and nothing_to_report(words):
        return weight["nothing"]
    asked = {"works": weight["asked"], "not_working": -weight["asked"]}.get(direction or "", 0.0)
    if lexicon.opens_with_nothing.match(text):
        return -weight["opener"] if direction == "works" else weight["opener"]
    if direction != "works" and lexicon.opens_with_asking.match(text):
        return asked - weight["opener"]
    return asked


@dataclass(frozen=True)
class _Lexicon:
    entries: Mapping[str, float]
    pattern: re.Pattern[str]
    not_words: frozenset[str]
    opens_with_nothing: re.Pattern[str]
    opens_with_asking: re.Pattern[str]
    misread: re.Pattern[str]
    weight: Mapping[str, float]
    label: Mapping[str, float]


def _weigh(words: str, lexicon: _Lexicon) -> _Weighed:
    weighed = _Weighed()
    text = normalised(words)
    turned_any, spent = False, 0
    for match in lexicon.pattern.finditer(text):
        weight = lexicon.entries[match.group()]
        before = text[spent : match.start()].rpartition(" . ")[2].split()[-_REACH:]
        if lexicon.not_words.intersection(before):
            weight, turned_any = -weight * lexicon.weight["turned"], True
        if lexicon.not_words.intersection(match.group().split()):
            # The "not" of "not working" is used up: it does not turn what comes after it.
            turned_any, spent = True, match.end()
        weighed.add(weight)
    # TextBlob misreads "isn't a bad idea" and the like, so it is not asked about what was turned round.
    if not turned_any:
        weighed.add(_polarity(lexicon.misread.sub("", words)) * lexicon.weight["textblob"])
    return weighed


def _judge(said: _Weighed, heard: float, limits: Mapping[str, float]) -> Feeling:
    strong, weak = max(said.good, said.bad), min(said.good, said.bad)
    score = (said.good - said.bad) / (strong + weak) if strong else 0.0
    # One clear word in a sentence is worth more than none; ten are not worth ten times as much.
    sureness = (1 - math.exp(-0.9 * (heard + 0.4))) * abs(score) if strong else 0.0
    label: Label = "mixed"
    if weak >= strong * limits["mixed_share"] and heard:
        sureness = (1 - math.exp(-0.5 * heard)) * weak / strong
    elif score >= limits["good_from"]:
        label = "good"
    elif score <= limits["bad_from"]:
        label = "bad"
    if sureness < limits["sure_from"]:
        label = "unsure"
    return Feeling(label, round(score, 4), round(sureness, 4))


@cache
def _lexicon() -> _Lexicon:
    table: dict[str, Any] = load("analysis/feeling")
    weight: dict[str, float] = table["weight"]
    entries = {
        entry: sign * weight[size]
        for name, sign, size in (
            ("good", 1, "plain"),
            ("bad", -1, "plain"),
            ("very_good", 1, "very"),
            ("very_bad", -1, "very"),
        )
        for entry in table[name]
    }
    return _Lexicon(
        entries=entries,
        pattern=_any_of(entries),
        not_words=frozenset(table["not_words"]),
        opens_with_nothing=_any_of(table["nothing_openers"]),
        opens_with_asking=_any_of(table["asking_openers"]),
        misread=re.compile(rf"\b(?:{'|'.join(map(re.escape, table['textblob_misreads']))})\b", re.IGNORECASE),
        weight=weight,
        label=table["label"],
    )


def _any_of(entries: Collection[str]) -> re.Pattern[str]:
    longest_first = sorted(entries, key=lambda entry: (-len(entry), entry))
    return re.compile(r"(?<!\S)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\S)")


def _polarity(words: str) -> float:
    """What TextBlob(words).sentiment.polarity gives, without the blob, which takes as long again to make."""
    # TextBlob takes more than a second to load: commands that read no words should not wait for it.
    from textblob.en import sentiment

    return float(sentiment(words)[0])
