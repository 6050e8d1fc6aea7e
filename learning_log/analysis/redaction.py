"""Takes out of words what names or reaches a person."""

from __future__ import annotations

import re
from collections.abc import Collection

NAME, NUMBER, ADDRESS = "[name]", "[number]", "[address]"
LEAST_LETTERS = 3  # of a part of a name that is taken out

_WORD = re.compile(r"[^\W\d_]+")
_JOINED = re.compile(r"\w-\w")  # "Anne-Marie", whose parts are used alone too
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_POSTCODE = re.compile(r"\b(?:GIR ?0AA|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})\b", re.IGNORECASE)
# "12 Mill Lane": a number, one to three words, a word for a street.
_STREET = re.compile(
    r"\b(?:flat \d+[a-z]?,? )?\d{1,4}[a-z]? (?:[\w'’]+ ){1,3}?"
    r"(?:street|road|lane|avenue|close|drive|crescent|terrace|court|gardens|grove)\b",
    re.IGNORECASE,
)
# Ten digits or so, spaced as people space them: telephone, NHS, card and account numbers.
_DIGITS = re.compile(r"(?<![\w£])\+?\(?\d(?:[\s().-]{0,2}\d){6,18}(?!\w)")
_NINO = re.compile(r"\b[A-Z]{2} ?(?:\d{2} ?){3}[A-D]\b", re.IGNORECASE)
_SORT_CODE = re.compile(r"(?<!\d)\d{2}-\d{2}-\d{2}(?!\d)")


def redact(words: str, names: Collection[str]) -> str:
    """The words with known names, numbers and addresses replaced by [name], [number] and [address].

    Names match as whole words in any case, with possessives; one of several words also matches with other spaces or
    hyphens between them. The first word of a full name is not taken out alone: list it as a name of its own.
    """
    words = _without_numbers(words)
    pattern = _names_pattern(names)
    return pattern.sub(NAME, words) if pattern else words


def _without_numbers(words: str) -> str:
    words = _EMAIL.sub(ADDRESS, words)
    words = _STREET.sub(ADDRESS, _POSTCODE.sub(ADDRESS, words))
    return _DIGITS.sub(NUMBER, _NINO.sub(NUMBER, _SORT_CODE.sub(NUMBER, words)))


class Names:
    """Many known names at once, for words that no person reads: no name becomes the name of a theme.

    Names of one word, such as each part of a person's name, are looked up word by word, however many there are. Names
    of places of several words, and very short ones, are one pattern, which is made once.
    """

    def __init__(self, names: Collection[str]) -> None:
        single = {name for name in names if len(_parts(name)) == 1 or _JOINED.search(name)}
        self._single = {part for name in single for part in _parts(name) if len(part) >= LEAST_LETTERS}
        others = {name for name in names if not _parts(name) or not self._single.issuperset(_parts(name))}
        self._pattern = _names_pattern(others)

    def taken_out(self, words: str) -> str:
        plain = _without_numbers(words)
        if self._pattern:
            plain = self._pattern.sub(NAME, plain)
        return _WORD.sub(self._or_name, plain)

    def _or_name(self, match: re.Match[str]) -> str:
        word = match.group()
        return NAME if word.casefold() in self._single else word


def _parts(name: str) -> list[str]:
    return [part.casefold() for part in _WORD.findall(name)]


def _names_pattern(names: Collection[str]) -> re.Pattern[str] | None:
    # The longest first, so that "Ann Lee" is not left as "[name] Lee" when "Ann" is a name too.
    parts = sorted({tuple(_pieces(name)) for name in names} - {()}, key=lambda name: (-len(" ".join(name)), name))
    if not parts:
        return None
    choices = "|".join(r"[\s-]+".join(_spelled(piece) for piece in name) for name in parts)
    return re.compile(rf"(?<![\w\[])(?:{choices})(?:['’]?s)?['’]?(?![\w\]])", re.IGNORECASE)


def _pieces(name: str) -> list[str]:
    return [piece for piece in re.split(r"[\s-]+", name.strip()) if re.search(r"\w", piece)]


def _spelled(piece: str) -> str:
    return re.sub(r"['’]", "['’]?", re.escape(piece))
