"""Finds what reflections are about, and gives new ones their place, off the request path."""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from uuid import UUID

from learning_log import config
from learning_log.analysis.redaction import NAME, redact
from learning_log.analysis.theme_keeping import carried_over, places_of, with_known_keys
from learning_log.analysis.themes import (
    Finding,
    Placement,
    Settings,
    Text,
    ThemeModel,
    find_themes,
    settings_from,
)
from learning_log.services import theme_rows
from learning_log.services.deciding import known_names
from learning_log.storage.records import Records
from learning_log.storage.tables import Reflection

FEWEST_TEXTS = 12
MANY_MORE = 1.2
LEARN_FROM = 12_000  # texts held in memory at once; all others are placed by what these taught
LEAST_LETTERS = 3  # of a part of a name that is taken out

Progress = Callable[[str, int, int], None]

_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Refreshed:
    """found: themes. kept: those that were there before. placed, waiting: reflections with a theme, and without."""

    found: int
    kept: int
    placed: int
    waiting: int


def refresh(records: Records, progress: Progress | None = None, learn_from: int = LEARN_FROM) -> Refreshed:
    """Finds the tenant's themes anew and places every reflection that may be read.

    The same reflections give the same themes in whatever order they came. What people decided stays: a theme that they
    confirmed, renamed or set aside, and where they placed a reflection. `records` is open on one tenant.
    """
    known = theme_rows.kept_model(records)
    before, rows = known[0] if known else None, theme_rows.themes_by_key(records)
    earlier, decided = set(rows), theme_rows.decided(records, rows)
    total = theme_rows.count_texts(records)
    texts = _learnt_from(records, total, learn_from)
    finding = with_known_keys(find_themes(texts, _settings(), before), decided)
    model = carried_over(finding.model, before, decided)
    staying = {one.key for one in decided}
    theme_rows.keep_themes(records, finding, rows, staying)
    theme_rows.drop_vanished(records, rows, staying | {theme.key for theme in finding.themes})
    ids = {key: row.id for key, row in rows.items() if key in _keys(model)}
    told = partial(progress or _tell_nobody, "themes")
    placed = _place_all(records, finding, model, ids, {text.id for text in texts}, lambda seen: told(seen, total))
    theme_rows.take_out_unread(records)
    theme_rows.keep_model(records, model, total)
    return Refreshed(len(finding.themes), len(earlier & rows.keys()), placed, total - placed)


def refresh_needed(records: Records) -> bool:
    """Whether there is enough to find the first themes in, or a fifth more than the last ones were found in."""
    known = theme_rows.kept_model(records)
    texts = theme_rows.count_texts(records)
    return texts >= FEWEST_TEXTS if known is None else texts >= max(FEWEST_TEXTS, known[1] * MANY_MORE)


def place_new(records: Records, reflection: Reflection) -> int:
    """How many themes one reflection is about. Takes milliseconds; it waits where nothing was learnt yet."""
    records.session.flush()
    return _place(records, [reflection.id])


def place_waiting(records: Records, limit: int = 200) -> int:
    """Places reflections that no theme was looked for yet, the oldest first. Returns how many were looked at.

    `records` may be open on one tenant, or on all of them.
    """
    waiting = theme_rows.waiting(records, limit)
    for tenant, ids in waiting.items():
        _place(replace(records, tenant=tenant), ids)
    return sum(len(ids) for ids in waiting.values())


def _place(records: Records, ids: Sequence[UUID]) -> int:
    known = theme_rows.kept_model(records)
    texts = theme_rows.texts_of(records, ids)
    if known is None or not texts:
        return 0
    places = {UUID(id): found for id, found in places_of(texts, known[0]).items()}
    theme_rows.put(records, places, {key: row.id for key, row in theme_rows.themes_by_key(records).items()})
    return sum(len(found) for found in places.values())


def _settings() -> Settings:
    return settings_from(config.load("analysis/themes"), config.load("analysis/stop_words"))


def _learnt_from(records: Records, total: int, most: int) -> list[Text]:
    """All texts, or the same fair choice of them at each run; without the names of people and places."""
    every = chain.from_iterable(theme_rows.texts(records))
    chosen = every if total <= most else heapq.nsmallest(most, every, key=_lot)
    names = _Names(known_names(records))
    return [replace(text, words=names.taken_out(text.words)) for text in chosen]


def _lot(text: Text) -> tuple[bytes, str]:
    return hashlib.sha256(f"{text.direction} {text.words}".encode()).digest(), text.id


class _Names:
    """Takes the tenant's own names out of words, so that none of them becomes the name of a theme."""

    def __init__(self, names: Collection[str]) -> None:
        single = {name for name in names if len(_parts(name)) == 1 or "-" in name}
        self._single = {part for name in single for part in _parts(name) if len(part) >= LEAST_LETTERS}
        # What is left is names of places: those of people are taken out part by part, which is quick for any number.
        self._several = {name for name in set(names) - single if not self._single.issuperset(_parts(name))}

    def taken_out(self, words: str) -> str:
        return _WORD.sub(self._or_name, redact(words, self._several))

    def _or_name(self, match: re.Match[str]) -> str:
        word = match.group()
        return NAME if word.casefold() in self._single else word


def _parts(name: str) -> list[str]:
    return [part.casefold() for part in _WORD.findall(name)]


def _place_all(
    records: Records,
    finding: Finding,
    model: ThemeModel,
    themes: Mapping[str, UUID],
    learnt_from: Collection[str],
    told: Callable[[int], None],
) -> int:
    """How many reflections belong to a theme."""
    placed = seen = 0
    for texts in theme_rows.texts(records):
        places = _places(texts, finding, model, learnt_from)
        theme_rows.put(records, places, themes)
        placed += sum(1 for found in places.values() if found)
        seen += len(texts)
        told(seen)
    return placed


def _places(
    texts: Sequence[Text], finding: Finding, model: ThemeModel, learnt_from: Collection[str]
) -> dict[UUID, Sequence[Placement]]:
    """What the finding says of the texts that it was learnt from, and what the model says of all others."""
    places: dict[str, Sequence[Placement]] = {}
    again, fresh = [], []
    for text in texts:
        if text.id not in learnt_from:
            fresh.append(text)
        elif model.directions.get(text.direction) is finding.model.directions.get(text.direction):
            places[text.id] = finding.placements.get(text.id, ())
        else:  # a theme was carried over, which may take texts from others
            again.append(text)
    places |= places_of(again, model, aside={*finding.nothing, *finding.opposite})
    places |= places_of(fresh, model)
    return {UUID(id): found for id, found in places.items()}


def _keys(model: ThemeModel) -> set[str]:
    return {key for learnt in model.directions.values() for key in learnt.keys}


def _tell_nobody(stage: str, done: int, total: int) -> None:
    """For callers that show no progress."""
