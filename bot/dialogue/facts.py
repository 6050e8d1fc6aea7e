"""What a dialogue may know about the person whom it talks with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True)
class Question:
    """A question of the bank, in the person's language. id is of the version whose words these are."""

    id: str
    words: str


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
    """who: person or staff. outcomes: id and the person's own words. languages: that the bot speaks, each with its own
    name for itself. values: what texts may ask for.

    worry: what the safeguarding scan found in the words just heard, if anything. walk_id: for a dialogue that begins
    now; the caller draws it, so that dialogues stay pure. told and mine are looked up only by a turn that needs them:
    most do not.
    """

    now: datetime
    walk_id: str
    who: str = "person"
    language: str = "en"
    status: str = "joining"
    joined: bool = False
    outcomes: tuple[tuple[str, str], ...] = ()
    languages: tuple[tuple[str, str], ...] = ()
    questions: dict[str, Question] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    worry: str = ""
    told: Callable[[], Told] = Told
    mine: Callable[[], Mine] = Mine

    def value(self, name: str) -> str | None:
        """What a text asks for by name; none for what is not known here."""
        if name == "leads":
            return self.told().leads
        return str(self.mine().count) if name == "count" else self.values.get(name)

    def holds(self, name: str) -> bool:
        """Whether a fact that a step asks for is so. Raises KeyError for one that no step may ask for."""
        if name == "outcomes":
            return bool(self.outcomes)
        if name == "languages":
            return len(self.languages) > 1
        return self.told().reach in {"told_now": ("now",), "told": ("now", "later")}[name]
