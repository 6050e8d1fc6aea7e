"""What the name of a theme may not hold, because commissioners read it."""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlmodel import select

from learning_log import config
from learning_log.analysis.redaction import NAME, redact
from learning_log.errors import LearningLogError
from learning_log.storage.records import Records
from learning_log.storage.tables import Person, Provider, Service, Staff, Team

SHORTEST_PART = 2


class LabelNamesSomebody(LearningLogError):
    """This holds the name of a person or a place. Commissioners would see it. Nothing was changed. Choose another."""


class LabelTooExact(LearningLogError):
    """This holds a number or an address. Commissioners would see it. Nothing was changed. Choose another."""


def names_of_people_and_places(records: Records) -> tuple[set[str], set[str]]:
    """Of people and staff, and of teams, services and providers, whole."""
    people = {records.text(row, "name") for kind in (Person, Staff) for row in records.all(select(kind))}
    places = {records.text(row, "name") for kind in (Provider, Team, Service) for row in records.all(select(kind))}
    return people, places


def kept_out_of_labels(records: Records) -> set[str]:
    """Every name of the tenant and each part of it, without titles and without words that say no place."""
    people, places = names_of_people_and_places(records)
    ordinary = config.load("analysis/labels")
    return _with_parts(people, ordinary["titles"]) | _with_parts(places, ordinary["places"])


def check(label: str, kept_out: Collection[str]) -> None:
    """Raises LabelNamesSomebody or LabelTooExact. kept_out: from kept_out_of_labels."""
    stops = set(config.load("analysis/stop_words")["words"].split())
    # "My" is a name and "my" is not: somebody of that name would leave no word to write a label with.
    with_capital = {name for name in kept_out if len(name) == SHORTEST_PART and name.casefold() in stops}
    left = redact(label, set(kept_out) - with_capital)
    written = {word for word in re.findall(r"\w+", label) if word != word.casefold()}
    if NAME in left or {word.casefold() for word in written} & {name.casefold() for name in with_capital}:
        raise LabelNamesSomebody
    if left != label or any(letter.isnumeric() for letter in label):
        raise LabelTooExact


def may_be_released(label: str, kept_out: Collection[str]) -> bool:
    try:
        check(label, kept_out)
    except (LabelNamesSomebody, LabelTooExact):
        return False
    return True


def _with_parts(names: Collection[str], ordinary: Collection[str]) -> set[str]:
    """A part is what stands between spaces, and what stands between hyphens and apostrophes."""
    parts = {part for name in names for part in (*name.split(), *re.findall(r"[^\W\d_]+", name))}
    return {*names, *(part for part in parts if len(part) >= SHORTEST_PART and part.casefold() not in ordinary)}
