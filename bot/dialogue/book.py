"""What config/ says: the dialogues, and the words of one language."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from learning_log import config
from learning_log.errors import SettingsWrong

END = "end"
Value = Callable[[str], str | None]
CLOSE = "close"  # the end, also of what waits beneath
COMMANDS = ("stop", "worried", "again", "skip", "later", "pause", "settings", "help", "mydata", "start")
_MARKS = re.compile(r"[^\w\s']")
DIALOGUES = (
    "joining",
    "reflecting",
    "telling",
    "after",
    "my_data",
    "settings",
    "pausing",
    "later",
    "stopped",
    "worried",
    "trying",
    "helped",
    "decided",
    "check_in",
    "pair",
    "pair_seen",
    "moving_on",
)


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

    def say(self, key: str, who: str = "person", ask: Value | None = None, /, **values: str) -> str:
        """The text with its {places} filled. Raises SettingsWrong for a key that is not there.

        ask: gives more values, each asked for by its name only where a text needs it.
        """
        text = self.find(key, who)
        if text is None:
            raise SettingsWrong(f"config/wording/{self.language}.toml has no text {key}.")
        if "{" not in text and "}" not in text:
            return text
        return string.Formatter().vformat(text, (), _Filled(values, ask))

    def list(self, key: str) -> list[str]:
        """Texts that belong together, such as the days of the week."""
        section, _, name = key.partition(".")
        return [str(text) for text in self.table[section][name]]

    def command(self, said: str) -> str:
        """Which of the words that work in every state this whole message is, or nothing."""
        return self._commands.get(fold(said), "")

    @cached_property
    def _commands(self) -> dict[str, str]:
        """Every way of writing each, with or without its picture; the earlier name wins."""
        ways: dict[str, str] = {}
        for name in COMMANDS:
            for way in (*self.table["always"][name], self.find(f"buttons.{name}") or ""):
                ways.setdefault(fold(way), name)
        ways.pop("", None)
        return ways

    def ways(self, label: str) -> tuple[str, ...]:
        """Other ways of writing a choice, by the key of its label."""
        return tuple(self.table.get("ways", {}).get(label, ()))

    def picture(self, key: str) -> str:
        return str(self.table.get("pictures", {}).get(key, ""))


def fold(text: str) -> str:
    """Lower case, without pictures and marks, so that "✋ Stop!" is "stop"."""
    slash = "/" if text.strip().startswith("/") else ""
    command = text.strip().split("@")[0] if slash else text
    return slash + " ".join(_MARKS.sub(" ", command.casefold().replace("’", "'")).split())


class _Filled(dict[str, str]):
    def __init__(self, values: dict[str, str], value: Value | None) -> None:
        super().__init__(values)
        self.value = value

    def __missing__(self, key: str) -> str:
        found = self.value(key) if self.value else None
        if found is None:
            raise SettingsWrong(f"A text in config/wording asks for {{{key}}}, which is not known here.")
        return found


@dataclass(frozen=True)
class Option:
    """A choice of a step: what it is called, what it keeps, what is said, and where it leads.

    when: a fact that must hold for it to be offered.
    """

    value: str
    label: str  # key of a text
    keep: tuple[dict[str, str], ...] = ()
    say: tuple[str, ...] = ()
    next: str = END
    when: str = ""


@dataclass(frozen=True)
class Step:
    """One question, or one thing said on the way to the next.

    prompt: the direction of the question to take from the bank. when: a fact that must hold, else `otherwise` is next.
    answer: what words, a photo or a voice message lead to. choices_from: the list of facts that gives the choices.
    skip: the step that Skip leads to, and skip_label what it is called. shuffled: the choices stand either way round.
    over: all is said, and the choices are extras: words are no answer to it.
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
    shuffled: bool = False
    over: bool = False

    @property
    def waits(self) -> bool:
        return bool(self.options or self.choices_from or self.answer)


@dataclass(frozen=True)
class Dialogue:
    """keep: what is kept when it begins."""

    name: str
    first: str
    steps: dict[str, Step]
    keep: tuple[dict[str, str], ...] = ()


@cache
def words(language: str) -> Words:
    """The texts of a language, or English where there is no such file."""
    return Words(language) if language in config.names("wording") else words("en")


@cache
def dialogue(name: str) -> Dialogue:
    table = config.load(f"dialogues/{name}")
    steps = {step: _step(step, value) for step, value in table["steps"].items()}
    return Dialogue(name, table["first"], steps, tuple(table.get("keep", ())))


def every_step() -> Iterator[tuple[Dialogue, Step]]:
    for name in DIALOGUES:
        for step in dialogue(name).steps.values():
            yield dialogue(name), step


def _step(name: str, table: dict[str, Any]) -> Step:
    named = ("prompt", "when", "otherwise", "choices_from", "skip", "skip_label", "next", "shuffled", "over")
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
        when=table.get("when", ""),
    )
