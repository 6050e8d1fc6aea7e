"""What config/ has the bot say, in every language, held against the rules of Easy Read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyphen

from learning_log import config
from learning_log.domain import easy_read
from learning_log.domain.easy_read import Broken, Figures

FIRST = "en"  # the language that all others say the same as
CATALOGUES = ("wording", "wording/webchat", "wording/mydata")
# These hold no text that is said: what people may write to us, pictures, and facts about the file.
_NOT_SAID = ("about", "always", "pictures", "ways")


@dataclass(frozen=True)
class Found:
    """file: within config/."""

    file: str
    key: str
    rule: str
    said: str
    fails: bool


@dataclass(frozen=True)
class Language:
    """approved: by a reader with a learning disability; else its texts are a draft. grade: none where nobody told how
    its words are cut into syllables."""

    name: str
    approved: bool
    texts: int
    grade: float | None


def languages() -> list[Language]:
    found = []
    for language in config.names("wording"):
        about = config.load(f"wording/{language}").get("about", {})
        texts = [text for catalogue in CATALOGUES for text in _texts(f"{catalogue}/{language}").values()]
        syllables = _syllables(language)
        graded = round(easy_read.grade(texts, syllables), 1) if syllables else None
        found.append(Language(language, bool(about.get("approved")), len(texts), graded))
    return found


def look() -> list[Found]:
    """Everything that breaks a rule or comes near it: of texts, buttons and questions."""
    table = config.load("easy_read")
    figures = Figures.of({name: value for name, value in table.items() if name not in ("yes_or_no", "hyphens")})
    found: list[Found] = []
    for language in config.names("wording"):
        for catalogue in CATALOGUES:
            file = f"{catalogue}/{language}"
            texts = _texts(file)
            found += _found(file, easy_read.broken(texts, figures, _syllables(language)))
            found += _found(file, easy_read.not_alike(texts, _texts(f"{catalogue}/{FIRST}")))
        labels = _texts(f"wording/{language}")
        for name in config.names("dialogues"):
            found += _found(f"dialogues/{name}", easy_read.broken_choices(_choices(name), labels, figures))
        for bank in config.names("prompts"):
            questions = _questions(bank, language)
            said = {key: text for key, (_, text) in questions.items()}
            openers = table["yes_or_no"].get(language, ())
            found += _found(f"prompts/{bank}", easy_read.broken(said, figures, _syllables(language)))
            found += _found(f"prompts/{bank}", easy_read.broken_questions(questions, openers))
    return sorted(set(found), key=lambda each: (not each.fails, each.file, each.key, each.rule, each.said))


def _found(file: str, broken: Iterator[Broken]) -> list[Found]:
    return [Found(f"config/{file}.toml", each.key, each.rule, each.said, each.fails) for each in broken]


def _texts(file: str) -> dict[str, str]:
    folder, _, language = file.rpartition("/")
    if language not in config.names(folder):
        return {}
    table = {name: value for name, value in config.load(file).items() if name not in _NOT_SAID}
    return dict(easy_read.texts_in(table))


def _choices(dialogue: str) -> dict[str, list[str]]:
    steps: Mapping[str, Any] = config.load(f"dialogues/{dialogue}")["steps"]
    return {name: [choice["label"] for choice in step.get("choices", ())] for name, step in steps.items()}


def _questions(bank: str, language: str) -> dict[str, tuple[str, str]]:
    """A language without words of its own for a question says the first one's, and is found out by that."""
    return {
        prompt["key"]: (
            f"{prompt['who']} {prompt['subject']} {prompt['direction']}",
            prompt["words"].get(language, {}).get("text", ""),
        )
        for prompt in config.load(f"prompts/{bank}")["prompt"]
    }


def _syllables(language: str) -> easy_read.Syllables | None:
    name = config.load("easy_read")["hyphens"].get(language)
    if name is None:
        return None
    hyphens = _hyphens(name)

    def count(word: str) -> int:
        return len(hyphens.inserted(word.casefold()).split("-"))

    return count


@cache
def _hyphens(name: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=name, left=1, right=1)
