"""Notices words that sound like harm, by the rules of config/safeguarding."""

from __future__ import annotations

from functools import cache

from learning_log import config
from learning_log.analysis.safeguarding_scan import Rules, rules_from, scan


def worry_in(said: str) -> str:
    """The category of the most pressing sign of harm in these words, or nothing."""
    signals = scan(said, rules()) if said else ()
    return signals[0].category if signals else ""


@cache
def rules() -> Rules:
    return rules_from(config.load("safeguarding/phrases"))
