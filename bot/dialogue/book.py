"""What config/ says: the dialogues, and the words of one language."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from learning_log import config
from learning_log.errors import SettingsWrong

END = "end"
DIALOGUES = ("joining", "reflecting", "telling", "settings", "pausing", "stopped", "worried")


class Words:
    """The texts of one language, by key, such as "joining.hello". Staff get <key>_staff where there is one."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.table = config.load(f"wording/{language}")

    def find(self, key: str, who: str = "person") -> str | None:
        section, _, name = key.partition(".")
        texts = self.table.get(section, {})
        text = texts.get(f"{name}_{who}", texts.get(name))
        return text if isinstance(text, str) else None

    def say(self, key: str, who: str = "person", **values: str) -> str:
        """The text with its {places} filled. Raises SettingsWrong for a key that is not there."""
        text = self.find(key, who)
        if text is None:
            raise SettingsWrong(f"config/wording/{self.language}.toml has no text {key}.")
        return string.Formatter().vformat(text, (), _Filled(values))

    def variants(self, key: str) -> tuple[str, ...]:
        """Every way of writing one of the words that work in every state."""
        return tuple(self.table["always"][key])

    def ways(self, label: str) -> tuple[str, ...]:
        """Other ways of writing a choice, by the key of its label."""
        return tuple(self.table.get("ways", {}).get(label, ()))

    def picture(self, key: str) -> str:
        return str(self.table.get("pictures", {}).get(key, ""))


class _Filled(dict[str, str]):
    def __missing__(self, key: str) -> str:
        raise SettingsWrong(f"A text in config/wording asks for {{{key}}}, which is not known here.")


@dataclass(frozen=True)
class Option:
    """A choice of a step: what it is called, what it keeps, what is said, and where it leads."""

    value: str
    label: str  # key of a text
    keep: tuple[dict[str, str], ...] = ()
    say: tuple[str, ...] = ()
    next: str = END


@dataclass(frozen=True)
class Step:
    """One question, or one thing said on the way to the next.

    prompt: the direction of the question to take from the bank. when: a fact that must hold, else `otherwise` is next.
    answer: what words, a photo or a voice message lead to. choices_from: the fact that lists the choices.
    skip: the step that Skip leads to, and skip_label what it is called.
    """

    name: str
    say: tuple[str, ...] = ()
    prompt: str = ""
    when: str = ""
    otherwise: str = END
    options: tuple[Option, ...] = ()
    choices_from: str = ""
    choice: Option | None = None
    answer: Option | None = None
    skip: str = ""
    skip_label: str = "buttons.skip"
    next: str = ""

    @property
    def waits(self) -> bool:
        return bool(self.options or self.choices_from or self.answer)


@dataclass(frozen=True)
class Dialogue:
    name: str
    first: str
    steps: dict[str, Step]


def words(language: str) -> Words:
    """The texts of a language, or English where there is no such file."""
    return _words(language if language in config.names("wording") else "en")


@cache
def _words(language: str) -> Words:
    return Words(language)


@cache
def dialogue(name: str) -> Dialogue:
    table = config.load(f"dialogues/{name}")
    steps = {step: _step(step, value) for step, value in table["steps"].items()}
    return Dialogue(name, table["first"], steps)


def every_step() -> Iterator[tuple[Dialogue, Step]]:
    for name in DIALOGUES:
        for step in dialogue(name).steps.values():
            yield dialogue(name), step


def _step(name: str, table: dict[str, Any]) -> Step:
    named = ("prompt", "when", "otherwise", "choices_from", "skip", "skip_label", "next")
    plain = {key: table[key] for key in named if key in table}
    return Step(
        name=name,
        say=tuple(table.get("say", ())),
        options=tuple(_option(option) for option in table.get("choices", ())),
        choice=_option(table["choice"]) if "choice" in table else None,
        answer=_option(table["answer"]) if "answer" in table else None,
        **plain,
    )


def _option(table: dict[str, Any]) -> Option:
    return Option(
        value=table.get("value", ""),
        label=table.get("label", ""),
        keep=tuple(table.get("keep", ())),
        say=tuple(table.get("say", ())),
        next=table.get("next", END),
    )
