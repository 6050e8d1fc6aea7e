"""Brings words as people type them to one plain spelling, for everything that compares words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_APOSTROPHES = re.compile(r"['’‘`´]")
_STOPS = re.compile(r"[.!?;:\n\r…]+")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_OTHER = re.compile(r"[^\w\s.]|_")


# The same few words are read by several rules in turn.
@lru_cache(maxsize=64)
def normalised(words: str, stretched: int = 2) -> str:
    """Lower case, "don't" as "dont", sentences parted by " . ", emoji as words of their own, single spaces.

    stretched: how many letters are left of "heeeelp", which may stand for "help" or for "heel".
    """
    text = unicodedata.normalize("NFKC", words).lower()
    text = _STRETCHED.sub(r"\1" * stretched, _APOSTROPHES.sub("", text))
    text = _OTHER.sub(_symbol, _STOPS.sub(" . ", text))
    return " ".join(text.split()).strip(" .")


def _symbol(match: re.Match[str]) -> str:
    sign = match.group()
    if sign == "+" or unicodedata.category(sign) == "So":
        return f" {sign} "
    # Skin tones and joiners belong to the emoji before them; dropping them leaves the plain emoji.
    return "" if unicodedata.category(sign) in {"Sk", "Cf", "Mn"} else " "
