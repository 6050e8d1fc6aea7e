"""Notices that something new is forming: answers that are in no theme and are like each other."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from learning_log.analysis.redaction import Names
from learning_log.analysis.theme_model import Placement, Text, ThemeModel
from learning_log.analysis.theme_parts import Parts, new_among
from learning_log.analysis.themes import Finding, settings_in_use
from learning_log.services import meanings, proposing, theme_rows
from learning_log.services.deciding import known_names
from learning_log.storage.records import LearningLog, Records

FEWEST = 8  # answers that make something new
LOOKED_AT = 4_000  # the newest that are in no theme
MANY_MORE = 1.2


def look(log: LearningLog, tenant: UUID) -> UUID | None:
    """Proposes a theme of what is in none, where there is one, and a fifth more is in none than at the last look."""
    with log.read(tenant) as records:
        known = theme_rows.kept_model(records)
        last = proposing.newest(records, proposing.ADDED)
        if last and last.reflections + theme_rows.count_since(records, last.id) < last.reflections * MANY_MORE:
            return None
        waiting = theme_rows.count_in_no_theme(records)
        enough = waiting >= FEWEST and (last is None or waiting >= last.reflections * MANY_MORE)
        if known is None or not known[0].encoder or not enough or (last and last.state == proposing.OPEN):
            return None
        found = _largest(records, known[0])
    with log.write(tenant) as records:
        if found is None:
            proposing.nothing_found(records, proposing.ADDED, waiting)
            return None
        (theme,) = found.themes
        placements = {id: (Placement(theme.key, 1.0),) for id in found.placed[theme.key]}
        finding = Finding(found.themes, placements, (), (), (), found.model)
        moves = {("", theme.key): theme.size}
        return proposing.offer(records, proposing.ADDED, finding, found.model, moves, waiting)


def _largest(records: Records, model: ThemeModel) -> Parts | None:
    names = Names(known_names(records))
    texts = meanings.beside(records, theme_rows.newest_in_no_theme(records, LOOKED_AT), model.read_by)
    plain = [Text(text.id, names.taken_out(text.words), text.direction, text.vectors) for text in texts]
    keyed = partial(records.fingerprint, "theme.key")
    found = [
        parts
        for direction, learnt in sorted(model.directions.items())
        if (here := [text for text in plain if text.direction == direction])
        and (parts := new_among(here, learnt, settings_in_use(), keyed, FEWEST))
    ]
    return max(found, key=lambda parts: (parts.themes[0].size, parts.themes[0].key), default=None)
