"""Learning meetings and the things that a team tries: we tried, we noticed, we learned, next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import col, or_, select

from learning_log.errors import LearningLogError, NotFound
from learning_log.services import auditing, choosing, following, trying
from learning_log.services.access import Reader, may_see_words, may_work_with_team
from learning_log.storage.records import Records
from learning_log.storage.tables import Experiment, Meeting, Team, Theme

NEXT_STEPS = following.NEXT_STEPS
LONGEST_WORDS = 4_000
PAGE = 10


class WordsWrong(LearningLogError):
    """There are no words here, or too many. Nothing was changed."""


class DayWrong(LearningLogError):
    """This day does not fit. Nothing was changed. Choose another."""


class MeetingNotReady(LearningLogError):
    """A meeting can be closed with one thing to try and two learnings. Nothing was changed."""


class MeetingClosed(LearningLogError):
    """This meeting is closed. Nothing was changed."""


@dataclass(frozen=True)
class HeldMeeting:
    """`things_to_try` counts the experiments that came out of it. `by` is the id of who wrote it down."""

    id: UUID
    team: str
    held_on: date
    notes: str
    first_learning: str
    second_learning: str
    things_to_try: int
    by: UUID | None
    is_closed: bool

    @property
    def can_close(self) -> bool:
        return bool(not self.is_closed and self.things_to_try and self.first_learning and self.second_learning)


@dataclass(frozen=True)
class Tried:
    """An experiment as a team reads it. person: whom it is tried with. said_yes: whether they agreed; none while open.

    helped: how many said yes, a_bit and no. said: what people said about it, in their words.
    """

    id: UUID
    team: str
    theme_id: UUID | None
    words: str
    noticed: str
    learned: str
    next_step: str | None
    started_on: date
    look_again_on: date | None
    ended_on: date | None
    heard: str = ""
    person: str = ""
    said_yes: bool | None = None
    helped: Mapping[str, int] = field(default_factory=dict)
    said: tuple[str, ...] = ()


def record_meeting(records: Records, reader: Reader, team_id: UUID, held_on: date, notes: str) -> UUID:
    """Raises NotAllowed, WordsWrong, or DayWrong for a day to come."""
    team = _own_team(records, reader, team_id)
    if held_on > records.now.date():
        raise DayWrong
    meeting = Meeting(team_id=team.id, held_on=held_on, made_by=reader.staff_id, made_at=records.now)
    records.add(meeting, notes=_words(notes))
    records.session.flush()
    auditing.record(records, reader.actor, "recorded_meeting", "meeting", meeting.id)
    return meeting.id


def add_learnings(records: Records, reader: Reader, meeting_id: UUID, first: str, second: str) -> None:
    """Each may still be empty: a meeting is written down bit by bit."""
    meeting = _open_meeting(records, reader, meeting_id)
    records.seal(
        meeting,
        first_learning=_words(first) if first.strip() else None,
        second_learning=_words(second) if second.strip() else None,
    )
    auditing.record(records, reader.actor, "added_learnings", "meeting", meeting.id)


def close_meeting(records: Records, reader: Reader, meeting_id: UUID) -> None:
    """Raises MeetingNotReady unless there is one thing to try and there are two learnings."""
    meeting = _open_meeting(records, reader, meeting_id)
    tried = records.first(select(Experiment.id).where(Experiment.meeting_id == meeting.id).limit(1))
    if tried is None or meeting.first_learning_sealed is None or meeting.second_learning_sealed is None:
        raise MeetingNotReady
    meeting.closed_at = records.now
    auditing.record(records, reader.actor, "closed_meeting", "meeting", meeting.id)


def try_something(
    records: Records,
    reader: Reader,
    team_id: UUID,
    words: str,
    started_on: date,
    look_again_on: date | None = None,
    meeting_id: UUID | None = None,
    theme_id: UUID | None = None,
    person_id: UUID | None = None,
    heard: str = "",
) -> UUID:
    """person_id: it is tried with one person, who is asked for their yes in the chat. heard: what the team heard, told
    to the person, or to the people of the team who spoke in the theme.

    Raises NotAllowed, NotFound, MeetingClosed, WordsWrong, or DayWrong when it is looked at before it begins.
    """
    team = _own_team(records, reader, team_id)
    if look_again_on is not None and look_again_on < started_on:
        raise DayWrong
    if meeting_id is not None and _open_meeting(records, reader, meeting_id).team_id != team.id:
        raise DayWrong("This meeting was another team's. Nothing was changed.")
    if theme_id is not None:
        records.get(Theme, theme_id)
    if person_id is not None and choosing.person(records, reader, person_id).team_id != team.id:
        raise NotFound
    experiment = Experiment(
        team_id=team.id,
        meeting_id=meeting_id,
        person_id=person_id,
        theme_id=theme_id,
        started_on=started_on,
        look_again_on=look_again_on,
        made_at=records.now,
    )
    records.add(experiment, **{"try": _words(words), "heard": _words(heard) if heard.strip() else None})
    records.session.flush()
    trying.tell(records, experiment)
    auditing.record(records, reader.actor, "started_experiment", "experiment", experiment.id)
    return experiment.id


def look_back(
    records: Records,
    reader: Reader,
    experiment_id: UUID,
    noticed: str,
    learned: str,
    next_step: str,
    look_again_on: date | None = None,
) -> None:
    """next_step: adapt (it goes on, changed), stop or keep (it has ended). Raises WordsWrong or DayWrong."""
    experiment = records.get(Experiment, experiment_id)
    may_work_with_team(reader, records.tenant, experiment.team_id)
    if next_step not in NEXT_STEPS:
        raise WordsWrong("Choose what is next: adapt, stop or keep. Nothing was changed.")
    if look_again_on is not None and look_again_on < records.now.date():
        raise DayWrong
    records.seal(experiment, noticed=_words(noticed), learned=_words(learned))
    experiment.next_step = next_step
    experiment.ended_on = None if next_step == "adapt" else records.now.date()
    experiment.look_again_on = look_again_on if next_step == "adapt" else experiment.look_again_on
    trying.decided(records, experiment)
    auditing.record(records, reader.actor, "looked_back", "experiment", experiment.id)


def meetings(records: Records, reader: Reader, page: int = 1, size: int = PAGE) -> list[HeldMeeting]:
    """Needs a transaction that writes: the look is audited. The newest first. Pages count from 1."""
    wanted = _of_own_teams(records, reader, select(Meeting), Meeting)
    newest_first = wanted.order_by(col(Meeting.held_on).desc(), col(Meeting.id).desc())
    found: Sequence[Meeting] = records.all(newest_first.offset((max(page, 1) - 1) * size).limit(size))
    auditing.record(records, reader.actor, "read_meetings")
    teams = _team_names(records, {meeting.team_id for meeting in found})
    tried = records.all(
        select(Experiment.meeting_id).where(col(Experiment.meeting_id).in_([meeting.id for meeting in found]))
    )
    return [
        HeldMeeting(
            id=meeting.id,
            team=teams[meeting.team_id],
            held_on=meeting.held_on,
            notes=records.text(meeting, "notes"),
            first_learning=records.text(meeting, "first_learning"),
            second_learning=records.text(meeting, "second_learning"),
            things_to_try=sum(1 for id in tried if id == meeting.id),
            by=meeting.made_by,
            is_closed=meeting.closed_at is not None,
        )
        for meeting in found
    ]


def experiments(records: Records, reader: Reader, theme_id: UUID | None = None) -> list[Tried]:
    """What goes on first, by when to look again; then what has ended, the newest first. Audited."""
    wanted = _of_own_teams(records, reader, select(Experiment), Experiment)
    if theme_id is not None:
        wanted = wanted.where(Experiment.theme_id == theme_id)
    found: Sequence[Experiment] = records.all(wanted.order_by(col(Experiment.started_on).desc()))
    auditing.record(records, reader.actor, "read_experiments")
    teams = _team_names(records, {one.team_id for one in found})
    names = choosing.names_of_people(records, [one.person_id for one in found if one.person_id])
    agreed = following.answers(records, following.TRYING, [one.id for one in found])
    judged = following.answers(records, following.HELPED, [one.id for one in found])
    tried = [
        replace(
            _tried(records, one, teams[one.team_id]),
            person=names.get(one.person_id, "") if one.person_id else "",
            said_yes=next((row.answer == "yes" for row in agreed.get(one.id, ())), None),
            helped=Counter(row.answer or "" for row in judged.get(one.id, ())),
        )
        for one in found
    ]
    going_on = [one for one in tried if one.ended_on is None]
    ended = [one for one in tried if one.ended_on is not None]
    return [*sorted(going_on, key=lambda one: one.look_again_on or date.max), *ended]


def _tried(records: Records, one: Experiment, team: str) -> Tried:
    return Tried(
        id=one.id,
        team=team,
        theme_id=one.theme_id,
        words=records.text(one, "try"),
        noticed=records.text(one, "noticed"),
        learned=records.text(one, "learned"),
        next_step=one.next_step,
        started_on=one.started_on,
        look_again_on=one.look_again_on,
        ended_on=one.ended_on,
        heard=records.text(one, "heard"),
        said=tuple(words for row in following.about_it(records, one.id) if (words := records.text(row, "words"))),
    )


def _own_team(records: Records, reader: Reader, team_id: UUID) -> Team:
    may_work_with_team(reader, records.tenant, team_id)
    return records.get(Team, team_id)


def _open_meeting(records: Records, reader: Reader, meeting_id: UUID) -> Meeting:
    meeting = records.get(Meeting, meeting_id)
    may_work_with_team(reader, records.tenant, meeting.team_id)
    if meeting.closed_at is not None:
        raise MeetingClosed
    return meeting


def _of_own_teams(records: Records, reader: Reader, wanted: Any, kind: type[Meeting] | type[Experiment]) -> Any:
    scope = may_see_words(reader, records.tenant)
    own = kind.tenant_id == records.tenant
    return wanted.where(own, or_(scope.everywhere, col(kind.team_id).in_(scope.teams)))


def _team_names(records: Records, ids: set[UUID]) -> dict[UUID, str]:
    found = records.all(select(Team).where(col(Team.id).in_(ids))) if ids else []
    return {team.id: records.text(team, "name") for team in found}


def _words(text: str) -> str:
    cleaned = text.strip()
    if not 0 < len(cleaned) <= LONGEST_WORDS:
        raise WordsWrong
    return cleaned
