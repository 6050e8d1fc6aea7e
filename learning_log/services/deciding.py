"""What people decide about a theme that the machine found: kept with who and when."""

from __future__ import annotations

from uuid import UUID

from learning_log.errors import LearningLogError
from learning_log.services import auditing, labelling
from learning_log.services.access import Reader, may_decide_themes
from learning_log.services.sense_making import SET_ASIDE, must_speak_of
from learning_log.services.theme_steps import taking
from learning_log.storage.records import Records
from learning_log.storage.tables import Theme

PROPOSED, CONFIRMED = "proposed", "confirmed"
LONGEST_LABEL = 80


class LabelWrong(LearningLogError):
    """A theme needs a short name, of 1 to 80 letters. Nothing was changed."""


def rename(records: Records, reader: Reader, theme_id: UUID, label: str) -> None:
    """Raises LabelWrong, or as labelling.check does."""
    found = own_theme(records, reader, theme_id)
    cleaned = " ".join(label.split())
    if not 0 < len(cleaned) <= LONGEST_LABEL or not cleaned.isprintable():
        raise LabelWrong
    labelling.check(cleaned, labelling.kept_out_of_labels(records))
    with taking(records, reader.staff_id, "renamed", [found]):
        records.seal(found, label=cleaned)
        _decide(records, reader, found, found.state)
    auditing.record(records, reader.actor, "renamed_theme", "theme", found.id)


def confirm(records: Records, reader: Reader, theme_id: UUID) -> None:
    """From now on commissioners may see its name, where enough people spoke of it. Raises as labelling.check does."""
    found = own_theme(records, reader, theme_id)
    labelling.check(records.text(found, "label"), labelling.kept_out_of_labels(records))
    _take(records, reader, found, CONFIRMED, "confirmed", "confirmed_theme")


def set_aside(records: Records, reader: Reader, theme_id: UUID) -> None:
    _take(records, reader, own_theme(records, reader, theme_id), SET_ASIDE, "set_aside", "set_theme_aside")


def take_up_again(records: Records, reader: Reader, theme_id: UUID) -> None:
    """The theme is only proposed again, whatever was decided before."""
    _take(records, reader, own_theme(records, reader, theme_id), PROPOSED, "taken_up_again", "took_theme_up_again")


def known_names(records: Records) -> set[str]:
    """Of people, staff, teams, services and providers: whole, and each longer part of somebody's name."""
    people, places = labelling.names_of_people_and_places(records)
    return {*people, *places, *(part for name in people for part in name.split() if len(part) > 2)}


def own_theme(records: Records, reader: Reader, theme_id: UUID) -> Theme:
    """Raises NotFound for a theme that nobody spoke of whose words this reader may read, and NotAllowed."""
    must_speak_of(records, may_decide_themes(reader, records.tenant), theme_id)
    return records.get(Theme, theme_id)


def _take(records: Records, reader: Reader, found: Theme, state: str, kind: str, action: str) -> None:
    with taking(records, reader.staff_id, kind, [found]):
        _decide(records, reader, found, state)
    auditing.record(records, reader.actor, action, "theme", found.id)


def _decide(records: Records, reader: Reader, found: Theme, state: str) -> None:
    found.state, found.decided_at, found.decided_by = state, records.now, reader.staff_id
