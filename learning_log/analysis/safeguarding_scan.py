"""Notices a worry in plain words. A first net: people read every message, flagged or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from learning_log.analysis.normalising import normalised

Priority = Literal["high", "medium", "low"]
_ORDER: tuple[Priority, ...] = ("high", "medium", "low")
_WORD = re.compile(r"\S+")
_SLOT = re.compile(r"<(\w+)>")


@dataclass(frozen=True)
class Rule:
    """One thing people say, in the spellings of config/safeguarding/phrases.toml."""

    name: str
    category: str
    priority: Priority
    pattern: re.Pattern[str]


@dataclass(frozen=True)
class Rules:
    """softer: what makes a worry less urgent (a "not", long ago, somebody else) and never makes it go away.

    any: all the rules as one pattern, tried at the start of each word. Most words fit none, and are done in half the
    time.
    """

    rules: tuple[Rule, ...]
    any: re.Pattern[str]
    spelling: Mapping[str, str]
    softer: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Signal:
    """A rule that heard something. priority decides who is told how fast; each signal reaches a person."""

    category: str
    rule: str
    priority: Priority


def rules_from(table: Mapping[str, Any]) -> Rules:
    """From the table of config/safeguarding/phrases.toml. Raises ValueError naming a rule that cannot be read."""
    slots = _slots(table["words"])
    rules = tuple(
        Rule(one["name"], one["category"], one["priority"], _pattern(one["name"], one["says"], slots))
        for one in table["rule"]
    )
    softer = tuple(_pattern(name, says, slots) for name, says in table["softer"].items())
    at_a_word = re.compile("|".join(f"(?:{rule.pattern.pattern})" for rule in rules))
    return Rules(rules, at_a_word, dict(table["spelling"]), softer)


def scan(words: str, rules: Rules) -> tuple[Signal, ...]:
    """What the rules hear, the most urgent first; empty when they hear nothing, which proves nothing."""
    heard: dict[tuple[str, str], Priority] = {}
    for plain in {_spelled(words, rules, stretched) for stretched in (1, 2)}:
        if not any(rules.any.match(plain, word.start()) for word in _WORD.finditer(plain)):
            continue
        for rule in rules.rules:
            for match in rule.pattern.finditer(plain):
                priority = _softened(rule.priority) if _is_softer(plain, match, rules) else rule.priority
                known = heard.get((rule.category, rule.name), "low")
                heard[rule.category, rule.name] = min(priority, known, key=_ORDER.index)
    signals = [Signal(category, name, priority) for (category, name), priority in heard.items()]
    return tuple(sorted(signals, key=lambda signal: (_ORDER.index(signal.priority), signal.category, signal.rule)))


def _spelled(words: str, rules: Rules, stretched: int) -> str:
    return " ".join(rules.spelling.get(word, word) for word in normalised(words, stretched).split())


def _is_softer(plain: str, match: re.Match[str], rules: Rules) -> bool:
    """Whether the rest of the sentence that holds the match speaks of not, of long ago, or of somebody else."""
    start = plain.rfind(" . ", 0, match.start()) + 1
    end = plain.find(" . ", match.end())
    around = plain[start : match.start()] + " … " + plain[match.end() : end if end >= 0 else len(plain)]
    return any(pattern.search(around) for pattern in rules.softer)


def _softened(priority: Priority) -> Priority:
    return _ORDER[min(_ORDER.index(priority) + 1, len(_ORDER) - 1)]


def _slots(words: Mapping[str, str]) -> dict[str, str]:
    """<someone> stands for the alternatives in config's [words]; a list may use the lists above it."""
    slots: dict[str, str] = {}
    for name, choices in words.items():
        slots[name] = "(?:" + "|".join(_filled(choice.strip(), slots) for choice in choices.split("|")) + ")"
    return slots


def _filled(says: str, slots: Mapping[str, str]) -> str:
    # <_> stands for up to four words of the same sentence.
    return _SLOT.sub(
        lambda slot: r"(?:[^ .]+ ){0,4}?" if slot[1] == "_" else slots[slot[1]], says.replace("<_> ", "<_>")
    )


def _pattern(name: str, says: list[str], slots: Mapping[str, str]) -> re.Pattern[str]:
    try:
        return re.compile(r"(?<!\S)(?:" + "|".join(_filled(one, slots) for one in says) + r")(?!\S)")
    except (re.error, KeyError) as error:
        raise ValueError(
            f"The safeguarding rule {name!r} cannot be read: {error}. Correct config/safeguarding/phrases.toml."
        ) from error
