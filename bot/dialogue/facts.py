"""What a dialogue may know about the person whom it talks with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Question:
    """A question of the bank, in the person's language. id is of the version whose words these are."""

    id: str
    words: str


# What an effect of the same turn may change is filled in after it: see bot/handling.py.
LATER = {"when": "\ue000when\ue001", "resume": "\ue000resume\ue001"}


@dataclass(frozen=True)
class Facts:
    """who: person or staff. outcomes: id and the person's own words. values: what texts may ask for.

    reach: whether a safeguarding lead is told now, finds it later when signing in, or there is
    nobody. mine: lines about what is kept of theirs. worry: what the
    safeguarding scan found in the words just heard, if anything. walk_id: for a dialogue that begins now; the caller
    draws it, so that dialogues stay pure.
    """

    now: datetime
    walk_id: str
    who: str = "person"
    language: str = "en"
    status: str = "joining"
    joined: bool = False
    outcomes: tuple[tuple[str, str], ...] = ()
    questions: dict[str, Question] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    mine: tuple[str, ...] = ()
    worry: str = ""
    reach: str = "now"

    def holds(self, name: str) -> bool:
        """Whether a fact that a step asks for is so. Raises KeyError for one that no step may ask for."""
        return {"outcomes": bool(self.outcomes), "told_now": self.reach == "now", "told": self.reach != "nobody"}[name]
