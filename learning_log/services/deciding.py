"""What people decide about a theme that the machine found: kept with who and when."""

from __future__ import annotations

from uuid import UUID

from learning_log.errors import LearningLogError
from learning_log.services import auditing, labelling
from learning_log.services.access import Reader, may_decide_themes
from learning_log.services.sense_making import SET_ASIDE, must_speak_of
from learning_log.storage.records import Records
from learning_log.storage.tables import Theme

PROPOSED, CONFIRMED = "proposed", "confirmed"
LONGEST_LABEL = 80


class LabelWrong(LearningLogError):
    """A theme needs a short name, of 1 to 80 letters. Nothing was changed."""


def rename(records: Records, reader: Reader, theme_id: UUID, label: str) -> None:
    """Raises LabelWrong, or as labelling.check does."""
    found = _own_theme(records, reader, theme_id)
    cleaned = " ".join(label.split())
    if not 0 < len(cleaned) <= LONGEST_LABEL or not cleaned.isprintable():
        raise LabelWrong
    labelling.check(cleaned, labelling.kept_out_of_labels(records))
    records.seal(found, label=cleaned)
    _decide(records, reader, found, found.state, "renamed_theme")


def confirm(records: Records, reader: Reader, theme_id: UUID) -> None:
    """From now on commissioners may see its name, where enough people spoke of it. Raises as labelling.check does."""
    found = _own_theme(records, reader, theme_id)
    labelling.check(records.text(found, "label"), labelling.kept_out_of_labels(records))
    _decide(records, reader, found, CONFIRMED, "confirmed_theme")


def set_aside(records: Records, reader: Reader, theme_id: UUID) -> None:
    _decide(records, reader, _own_theme(records, reader, theme_id), SET_ASIDE, "set_theme_aside")


def take_up_again(records: Records, reader: Reader, theme_id: UUID) -> None:
    """Undoes confirming or setting aside: the theme is only proposed again."""
    _decide(records, reader, _own_theme(records, reader, theme_id), PROPOSED, "took_theme_up_again")


def known_names(records: Records) -> set[str]:
    """Of people, staff, teams, services and providers: whole, and each longer part of somebody's name."""
    people, places = labelling.names_of_people_and_places(records)
    return {*people, *places, *(part for name in people for part in name.split() if len(part) > 2)}


def _own_theme(records: Records, reader: Reader, theme_id: UUID) -> Theme:
    must_speak_of(records, may_decide_themes(reader, records.tenant), theme_id)
    return records.get(Theme, theme_id)


def _decide(records: Records, reader: Reader, found: Theme, state: str, action: str) -> None:
    found.state, found.decided_at, found.decided_by = state, records.now, reader.staff_id
    auditing.record(records, reader.actor, action, "theme", found.id)
