"""What a dialogue may know about the person whom it talks with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Question:
    """A question of the bank, in the person's language. id is of the version whose words these are."""

    id: str
    words: str


@dataclass(frozen=True)
class Round:
    """What a round of questions asks: of one subject, by direction. goal: the outcome that it is about, id, words.

    key: which round it is, so that it can be had again when others have begun since.
    """

    questions: Mapping[str, Question] = field(default_factory=dict)
    goal: tuple[str, str] | None = None
    key: str = ""


@dataclass(frozen=True)
class Following:
    """What is to be asked next instead of the usual round: the dialogue, and what its texts and effects may need."""

    dialogue: str
    data: Mapping[str, str] = field(default_factory=dict)


# What an effect of the same turn may change is filled in after it: see bot/handling.py.
LATER = {"when": "\ue000when\ue001", "resume": "\ue000resume\ue001"}


@dataclass(frozen=True)
class Told:
    """Whom a worry reaches: a safeguarding lead now, later when one signs in, or nobody. leads: how to name them."""

    reach: Literal["now", "later", "nobody"] = "now"
    leads: str = ""


@dataclass(frozen=True)
class Mine:
    """How many answers of theirs are kept, and a line about each of the newest."""

    count: int = 0
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """who: person or staff. lists: what a step may offer, by name: each choice's value and label. holding: what a step
    may ask for, by name. values: what texts may ask for. round: by its key; the next one by an empty key.

    worry: what the safeguarding scan found in the words just heard, if anything. walk_id: for a dialogue that begins
    now; the caller draws it, so that dialogues stay pure. What is behind a call is looked up only by a turn that needs
    it: most do not.
    """

    now: datetime
    walk_id: str
    who: str = "person"
    language: str = "en"
    status: str = "joining"
    joined: bool = False
    lists: Mapping[str, Callable[[], Choices]] = field(default_factory=dict)
    holding: Mapping[str, Callable[[], bool]] = field(default_factory=dict)
    round: Callable[[str], Round] = lambda key: Round()
    following: Callable[[], Following | None] = lambda: None
    values: dict[str, str] = field(default_factory=dict)
    worry: str = ""
    asked_for: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    told: Callable[[], Told] = Told
    mine: Callable[[], Mine] = Mine

    def value(self, name: str) -> str | None:
        """What a text asks for by name; none for what is not known here."""
        if name == "leads":
            return self.told().leads
        if name in ("count", "lines"):
            return str(self.mine().count) if name == "count" else "\n".join(self.mine().lines)
        return self.asked_for[name]() if name in self.asked_for else self.values.get(name)

    def holds(self, name: str) -> bool:
        """Whether a fact that a step asks for is so. Raises KeyError for one that no step may ask for."""
        if name in ("told_now", "told"):
            return self.told().reach in {"told_now": ("now",), "told": ("now", "later")}[name]
        if name == "is_person":
            return self.who == "person"
        return self.holding[name]() if name in self.holding else len(self.choices(name)) > (name == "languages")

    def choices(self, name: str) -> Choices:
        return self.lists[name]()
