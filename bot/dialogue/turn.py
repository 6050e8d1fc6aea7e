"""The words that dialogues and channels share."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import Any, Literal

HeardKind = Literal[
    "words", "button", "media", "start", "edited", "too_big", "unreadable", "group", "blocked", "nothing"
]


@dataclass(frozen=True)
class Media:
    """A photo or a voice message that the channel holds for us, under its own reference."""

    kind: Literal["photo", "voice"]
    reference: str
    mime: str
    size: int = 0  # bytes


@dataclass(frozen=True)
class Heard:
    """One thing that somebody did in a chat.

    words: what was written, a caption, or an emoji. button: the value of the choice that was tapped. code: of a
    joining link. edits: the chat's own number of the message that was changed.
    """

    kind: HeardKind
    words: str = ""
    button: str = ""
    code: str = ""
    media: Media | None = None
    edits: str = ""
    made_out: str = ""  # what a machine heard in a voice message; a part of words
    tap: str = ""  # the channel's id of a tap, which it wants answered


@dataclass(frozen=True)
class Choice:
    label: str
    value: str  # at most 64 bytes, with nothing personal in it


@dataclass(frozen=True)
class File:
    """Something to keep: the person's own data."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True)
class Say:
    """One message: one idea, with its choices and its picture (an emoji).

    always: the labels that can be tapped in every state, for a channel that has no place of its own for them.
    big: the picture is shown large, where the channel can. aloud: the language in which it is read aloud too, if it is.
    """

    words: str
    choices: tuple[Choice, ...] = ()
    picture: str = ""
    always: tuple[str, ...] = ()
    big: bool = False
    aloud: str = ""
    file: File | None = None

    def as_json(self) -> str:
        choices = [{"label": choice.label, "value": choice.value} for choice in self.choices]
        kept: dict[str, Any] = {"words": self.words, "choices": choices, "picture": self.picture, "always": self.always}
        kept |= {"big": True} if self.big else {}
        kept |= {"aloud": self.aloud} if self.aloud else {}
        if self.file:
            content = b64encode(self.file.content).decode()
            kept["file"] = {"name": self.file.name, "mime": self.file.mime, "content": content}
        return json.dumps(kept, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Say:
        kept = json.loads(text)
        choices = tuple(Choice(**choice) for choice in kept["choices"])
        file = kept.get("file")
        return cls(
            kept["words"],
            choices,
            kept["picture"],
            tuple(kept.get("always", ())),
            kept.get("big", False),
            kept.get("aloud", ""),
            File(file["name"], file["mime"], b64decode(file["content"])) if file else None,
        )


@dataclass(frozen=True)
class Effect:
    """Something to keep or to change: its name is one of bot.effects."""

    name: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class State:
    """Where a dialogue is. id is this walk through it; under is the dialogue that waits beneath."""

    dialogue: str
    step: str
    id: str  # a UUID in hexadecimal
    data: dict[str, str] = field(default_factory=dict)
    under: State | None = None

    @property
    def tag(self) -> str:
        """Tells the buttons of this walk from those of an older one."""
        return self.id[-8:]

    def as_json(self) -> str:
        return json.dumps(self._kept(), ensure_ascii=False)

    def _kept(self) -> dict[str, Any]:
        under = self.under._kept() if self.under else None
        return {"dialogue": self.dialogue, "step": self.step, "id": self.id, "data": self.data, "under": under}

    @classmethod
    def from_json(cls, text: str) -> State:
        return cls._from(json.loads(text))

    @classmethod
    def _from(cls, kept: dict[str, Any]) -> State:
        under = cls._from(kept["under"]) if kept["under"] else None
        return cls(kept["dialogue"], kept["step"], kept["id"], kept["data"], under)


@dataclass(frozen=True)
class Turn:
    """The answer to one thing heard. No state: nothing is open, and what comes next begins anew."""

    say: tuple[Say, ...]
    state: State | None
    keep: tuple[Effect, ...] = ()
