"""The rules of Easy Read that can be counted, over the texts of one language. Texts and figures are passed in."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_PICTURE = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")
Syllables = Callable[[str], int]
BOTH = ("works", "not_working")
TRYING = ("tried", "noticed", "learned", "next")


@dataclass(frozen=True)
class Broken:
    """key: of the text, such as "joining.hello"; nothing where all texts together break the rule. fails: else it is
    only worth knowing."""

    key: str
    rule: str
    said: str
    fails: bool = True


@dataclass(frozen=True)
class Figures:
    """The table of config/easy_read.toml."""

    most_words: int
    aimed_words: int
    most_sentences: int
    most_grade: float
    most_pictures: int
    most_choice_words: int
    most_choices: int
    capitals: frozenset[str]
    plain: Mapping[str, str]

    @classmethod
    def of(cls, table: Mapping[str, Any]) -> Figures:
        numbers = {name: table[name] for name in cls.__dataclass_fields__ if name not in ("capitals", "plain")}
        return cls(**numbers, capitals=frozenset(table["capitals"]), plain=table["plain"])


def texts_in(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a table with its key, tables within it too; lists hold what people write, and are none."""
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from texts_in(value, f"{before}{name}.")
        elif isinstance(value, str):
            yield before + name, value


def broken(texts: Mapping[str, str], figures: Figures, syllables: Syllables | None) -> Iterator[Broken]:
    """What the texts of one language break, by key, and then all of them together, where syllables can be counted."""
    for key, text in texts.items():
        yield from _of_a_text(key, text, figures)
    if syllables and (found := grade(texts.values(), syllables)) > figures.most_grade:
        yield Broken("", "grade", f"all texts together are of grade {found:.1f}, over {figures.most_grade:g}")


def broken_choices(steps: Mapping[str, Sequence[str]], labels: Mapping[str, str], figures: Figures) -> Iterator[Broken]:
    """steps: the keys of the labels of each step's buttons, Skip left out."""
    for step, choices in steps.items():
        if len(choices) > figures.most_choices:
            yield Broken(step, "choices", f"{len(choices)} buttons, over {figures.most_choices}")
        for label in choices:
            count = len(words(labels.get(label, "")))
            if count > figures.most_choice_words:
                yield Broken(label, "button", f"{count} words on a button, over {figures.most_choice_words}")


def broken_questions(questions: Mapping[str, tuple[str, str]], openers: Collection[str]) -> Iterator[Broken]:
    """questions: by key, whom they ask about what with the direction, and the words.

    Of each subject both directions are asked, or all of `TRYING`.
    """
    for key, (_, text) in questions.items():
        if not text.rstrip().endswith("?"):
            yield Broken(key, "question", "no question mark at the end")
        first = words(text)[:1]
        if first and first[0].casefold() in openers:
            yield Broken(key, "open", f"begins with {first[0]!r}, which invites a yes")
    asked = {about for about, _ in questions.values()}
    for who in sorted({about.rpartition(" ")[0] for about in asked}):
        wanted = TRYING if any(f"{who} {direction}" in asked for direction in TRYING) else BOTH
        for direction in wanted:
            if f"{who} {direction}" not in asked:
                yield Broken("", "both sides", f"there is no question about {direction} for {who}")


def not_alike(texts: Mapping[str, str], first: Mapping[str, str]) -> Iterator[Broken]:
    """Where a language lacks a text that the first language has, has one more, or asks for other values."""
    for key in first.keys() - texts.keys():
        yield Broken(key, "missing", "this language does not have the text")
    for key in texts.keys() - first.keys():
        yield Broken(key, "unknown", "the first language has no such text")
    for key in texts.keys() & first.keys():
        if places(texts[key]) != places(first[key]):
            yield Broken(key, "values", f"asks for {sorted(places(texts[key]))} and not {sorted(places(first[key]))}")


def sentences(text: str) -> list[str]:
    return [sentence for sentence in _SENTENCE_END.split(text) if _WORD.search(sentence)]


def words(text: str) -> list[str]:
    """Without what stands between braces: it is filled later."""
    return _WORD.findall(re.sub(r"\{[^}]*\}", " ", text))


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def grade(texts: Collection[str], syllables: Syllables) -> float:
    """The Flesch-Kincaid grade of all texts together (Kincaid et al. 1975)."""
    said = [sentence for text in texts for sentence in sentences(text)]
    spoken = [word for sentence in said for word in words(sentence)]
    if not spoken:
        return 0.0
    return 0.39 * len(spoken) / len(said) + 11.8 * sum(map(syllables, spoken)) / len(spoken) - 15.59


def _of_a_text(key: str, text: str, figures: Figures) -> Iterator[Broken]:
    said = sentences(text)
    if len(said) > figures.most_sentences:
        yield Broken(key, "sentences", f"{len(said)} sentences, over {figures.most_sentences}")
    for sentence in said:
        count = len(words(sentence))
        if count > figures.most_words:
            yield Broken(key, "words", f"{count} words in a sentence, over {figures.most_words}: {sentence}")
        elif count > figures.aimed_words:
            yield Broken(key, "words", f"{count} words in a sentence, aim at {figures.aimed_words}: {sentence}", False)
    if (count := len(_PICTURE.findall(text))) > figures.most_pictures:
        yield Broken(key, "pictures", f"{count} pictures, over {figures.most_pictures}")
    for word in words(text):
        if len(word) > 1 and word.isupper() and word not in figures.capitals:
            yield Broken(key, "capitals", f"{word!r} is in capitals: write it out")
    for hard, plain in figures.plain.items():
        if re.search(rf"(?<!\w){re.escape(hard)}(?!\w)", text, re.IGNORECASE):
            yield Broken(key, "plain words", f"{hard!r}: say {plain!r}")
