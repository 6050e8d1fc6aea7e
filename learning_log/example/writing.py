"""Writes the example's year into the log, many rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy import insert

from learning_log.analysis.feeling import feeling_of
from learning_log.analysis.nothing import nothing_to_report
from learning_log.example import figures, lives, meetings
from learning_log.example.cast import Cast, Member
from learning_log.example.year import Said, shares_themes
from learning_log.storage.records import Records
from learning_log.storage.tables import (
    Agreement,
    Concern,
    Experiment,
    Indicator,
    IndicatorValue,
    Meeting,
    Outcome,
    OutcomeRating,
    Reflection,
    Row,
    new_id,
)

AT_ONCE = 500
ENTERED_AFTER = timedelta(days=6)

Kept = TypeVar("Kept", bound=Row)
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Places:
    """The rows that the example's names stand for, by the keys of config/example/cast.toml.

    services: by their own key and by the key of each of their homes. homes: the teams.
    questions: the prompt version that was asked, by who is asked and direction.
    """

    services: Mapping[str, UUID]
    homes: Mapping[str, UUID]
    people: Mapping[str, UUID]
    staff: Mapping[str, UUID]
    questions: Mapping[tuple[bool, str], UUID]

    def person(self, member: Member) -> UUID | None:
        return None if member.is_staff else self.people[member.name]

    def member_of_staff(self, member: Member) -> UUID | None:
        return self.staff[member.name] if member.is_staff else None


def write_agreements(records: Records, cast: Cast, places: Places, today: date, seed: object) -> None:
    """Everybody who answers agreed before the first answer; most also to themes for commissioners."""
    rows = []
    for member in (*cast.people, *cast.staff):
        if not member.joined:
            continue
        at = datetime.combine(lives.joined_on(member, today) - timedelta(days=2), time(10), tzinfo=UTC)
        for purpose, agreed in (("take_part", True), ("themes", shares_themes(member, seed))):
            answer = Agreement(purpose=purpose, agreed=agreed, text_version="en/1", answered_at=at)
            answer.person_id, answer.staff_id = places.person(member), places.member_of_staff(member)
            answer.tenant_id = records.tenant
            rows.append(answer)
    _insert(records, rows)


def write_outcomes(
    records: Records, cast: Cast, places: Places, today: date, seed: object
) -> dict[tuple[str, str], UUID]:
    """The ids of the outcomes, by person's name and words."""
    outcomes: dict[tuple[str, str], Outcome] = {}
    rated: list[OutcomeRating] = []
    for person in cast.people:
        start = lives.joined_on(person, today)
        colleague = places.staff[cast.at_home(person.home, cast.staff)[0].name]
        for aim in person.aims:
            outcome = Outcome(
                person_id=places.people[person.name],
                wellbeing=aim.wellbeing,
                scale=lives.scale_of(person).key,
                set_on=start,
                added_at=_noon(start),
            )
            outcomes[person.name, aim.words] = _sealed(records, outcome, words=aim.words)
            for one in lives.ratings(person, aim, today, seed):
                rated.append(_rating(records, outcome.id, one, colleague))
    _insert(records, list(outcomes.values()))
    _insert(records, rated)
    return {which: outcome.id for which, outcome in outcomes.items()}


def write_reflections(
    records: Records,
    year: Sequence[Said],
    places: Places,
    outcomes: Mapping[tuple[str, str], UUID],
    sharing: set[str],
    progress: Progress,
) -> dict[UUID, str]:
    """What each kept reflection is about. sharing: names of those who agreed to themes for commissioners."""
    visits: dict[tuple[str, int], UUID] = {}
    topics: dict[UUID, str] = {}
    for start in range(0, len(year), AT_ONCE):
        rows = []
        for said in year[start : start + AT_ONCE]:
            visit = visits.setdefault((said.member.name, said.visit), new_id())
            aim = _outcome_of(said, outcomes)
            audience = "me" if said.only_me else "themes" if said.member.name in sharing else "team"
            row = _reflection(said, places, visit, aim, audience)
            rows.append(_sealed(records, row, words=said.words))
            if said.topic:
                topics[row.id] = said.topic
        _insert(records, rows)
        progress("reflections", min(start + AT_ONCE, len(year)), len(year))
    return topics


def write_meetings(
    records: Records, cast: Cast, year: Sequence[Said], places: Places, today: date, seed: object
) -> dict[str, list[UUID]]:
    """The ids of the experiments, by what they are about."""
    held = {
        (met.home, met.on): _meeting(records, met, cast, places) for met in meetings.meetings(cast, year, today, seed)
    }
    _insert(records, list(held.values()))
    about: dict[str, list[UUID]] = {}
    rows = []
    for tried in meetings.tried(today):
        earlier = [meeting for (home, on), meeting in held.items() if home == tried.home and on <= tried.started]
        row = Experiment(
            team_id=places.homes[tried.home],
            meeting_id=max(earlier, key=lambda meeting: meeting.held_on).id if earlier else None,
            next_step=tried.next_step,
            started_on=tried.started,
            look_again_on=tried.look_again,
            ended_on=tried.ended,
            made_at=_noon(tried.started),
        )
        rows.append(_sealed(records, row, **{"try": tried.what, "noticed": tried.noticed, "learned": tried.learned}))
        about.setdefault(tried.topic, []).append(row.id)
    _insert(records, rows)
    return about


def write_concerns(records: Records, places: Places, leads: Sequence[UUID], today: date) -> None:
    """leads: the safeguarding leads, who answered all but the newest."""
    rows = []
    for number, worry in enumerate(meetings.worries(today)):
        answered = worry.at + worry.answered_after if worry.answered_after else None
        row = Concern(
            person_id=None if worry.is_staff else places.people[worry.name],
            staff_id=places.staff[worry.name] if worry.is_staff else None,
            raised_by=worry.raised_by,
            category=worry.category,
            raised_at=worry.at,
            alerts=1,
            last_alert_at=worry.at,
            acknowledged_by=leads[number % len(leads)] if answered else None,
            acknowledged_at=answered,
        )
        rows.append(_sealed(records, row, words=worry.words, action=worry.action))
    _insert(records, rows)


def write_indicators(records: Records, cast: Cast, places: Places, today: date, seed: object) -> None:
    indicators: dict[str, Indicator] = {}
    for given in figures.definitions():
        texts = {"name": given["name"], "definition": given["definition"]}
        row = Indicator(**{key: value for key, value in given.items() if key not in texts})
        indicators[given["key"]] = _sealed(records, row, **texts)
    _insert(records, list(indicators.values()))
    values = [
        IndicatorValue(
            indicator_id=indicators[figure.indicator].id,
            service_id=places.services[figure.service],
            period_start=figure.period.first,
            period_end=figure.period.last,
            value=figure.value,
            numerator=figure.part,
            denominator=figure.whole,
            entered_at=_noon(figure.period.last + ENTERED_AFTER),
        )
        for figure in figures.figures(cast, today, seed)
    ]
    _insert(records, values)


def _reflection(said: Said, places: Places, visit: UUID, outcome: UUID | None, audience: str) -> Reflection:
    feeling = feeling_of(said.words, said.direction)
    home = said.member.home
    return Reflection(
        person_id=places.person(said.member),
        staff_id=places.member_of_staff(said.member),
        team_id=places.homes[home],
        service_id=places.services[home],
        dialogue_id=visit,
        prompt_version_id=places.questions[said.member.is_staff, said.direction],
        outcome_id=outcome,
        direction=said.direction,
        nothing_to_report=nothing_to_report(said.words),
        audience=audience,
        source=said.source,
        feeling=feeling.label,
        feeling_score=feeling.score,
        feeling_sureness=feeling.sureness,
        said_at=said.at,
        kept_at=said.at,
    )


def _outcome_of(said: Said, outcomes: Mapping[tuple[str, str], UUID]) -> UUID | None:
    return outcomes[said.member.name, said.aim.words] if said.aim else None


def _rating(records: Records, outcome: UUID, one: lives.Rated, colleague: UUID) -> OutcomeRating:
    row = OutcomeRating(
        outcome_id=outcome,
        rated_on=one.on,
        stage=one.stage,
        value=one.value,
        rated_by="proxy" if one.by_staff else "person",
        staff_id=colleague if one.by_staff else None,
    )
    return _sealed(records, row, note=one.note)


def _meeting(records: Records, met: meetings.Met, cast: Cast, places: Places) -> Meeting:
    row = Meeting(
        team_id=places.homes[met.home],
        held_on=met.on,
        made_by=places.staff[cast.at_home(met.home, cast.staff)[0].name],
        made_at=_noon(met.on),
        closed_at=_noon(met.on) + timedelta(hours=1),
    )
    return _sealed(records, row, notes=met.notes, first_learning=met.learnings[0], second_learning=met.learnings[1])


def _sealed(records: Records, row: Kept, **texts: str) -> Kept:
    row.tenant_id = records.tenant
    records.seal(row, **{column: text or None for column, text in texts.items()})
    return row


def _insert(records: Records, rows: Sequence[Row]) -> None:
    for kind, start in ((type(rows[0]), start) for start in range(0, len(rows), AT_ONCE)):
        values = [{**row.model_dump(), "tenant_id": records.tenant} for row in rows[start : start + AT_ONCE]]
        records.session.execute(insert(kind), values)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)
