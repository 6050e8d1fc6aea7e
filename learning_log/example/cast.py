"""Who is in the example: from config/example/cast.toml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from learning_log import config

WEEKS = 52


@dataclass(frozen=True)
class Aim:
    """A personal outcome. course: the person's own ratings on five stages, the first one first."""

    words: str
    topics: Sequence[str]
    wellbeing: str
    course: Sequence[int]


@dataclass(frozen=True)
class Home:
    key: str
    name: str
    service: str
    staff: Sequence[str]


@dataclass(frozen=True)
class Service:
    key: str
    name: str
    provider: str
    lead: str


@dataclass(frozen=True)
class Member:
    """Somebody who answers: a person supported or, with none of the details, a member of staff.

    joined: weeks ago; 0 for somebody who has not joined yet. left: weeks ago, or none.
    """

    name: str
    home: str
    is_staff: bool
    style: str
    joined: int = WEEKS
    left: int = 0
    likes: Sequence[str] = ()
    family: str = ""
    friend: str = ""
    aims: Sequence[Aim] = field(default=())

    @property
    def first_name(self) -> str:
        return self.name.split()[0]


@dataclass(frozen=True)
class Cast:
    partnership: str
    providers: Mapping[str, str]
    services: Sequence[Service]
    homes: Sequence[Home]
    people: Sequence[Member]
    staff: Sequence[Member]
    safeguarding: Sequence[str]
    commissioner: str
    administrator: str
    team_signs_in: str
    lead_signs_in: str
    slots: Mapping[str, Sequence[str]]

    def at_home(self, home: str, among: Sequence[Member]) -> list[Member]:
        return [member for member in among if member.home == home]


@cache
def read_cast() -> Cast:
    table = config.load("example/cast")
    return Cast(
        partnership=table["partnership"],
        providers={row["key"]: row["name"] for row in table["provider"]},
        services=[Service(row["key"], row["name"], row["provider"], row["lead"]) for row in table["service"]],
        homes=[Home(row["key"], row["name"], row["service"], row["staff"]) for row in table["home"]],
        people=[_person(row) for row in table["person"]],
        staff=_staff(table),
        safeguarding=table["office"]["safeguarding"],
        commissioner=table["office"]["commissioner"],
        administrator=table["office"]["administrator"],
        team_signs_in=table["office"]["team_signs_in"],
        lead_signs_in=table["office"]["lead_signs_in"],
        slots=table["slots"],
    )


def _person(row: dict[str, Any]) -> Member:
    given = {key: value for key, value in row.items() if key not in ("aims", "name", "home", "style")}
    aims = [Aim(**aim) for aim in row["aims"]]
    return Member(name=row["name"], home=row["home"], is_staff=False, style=row["style"], aims=aims, **given)


def _staff(table: dict[str, Any]) -> list[Member]:
    found = [Member(name, home["key"], True, "staff") for home in table["home"] for name in home["staff"]]
    left = table["left"]
    return [*found, Member(left["name"], left["home"], True, "staff", left=left["weeks_ago"])]
