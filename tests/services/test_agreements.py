from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.domain.capacity import Assessment, Decision
from learning_log.errors import NotAllowed, NotFound
from learning_log.services import capacity, joining, pacing
from learning_log.services.agreements import (
    Agreements,
    NotAsked,
    Standing,
    WorkerWrong,
    agreements_of,
    name_worker,
    not_asked,
    standings,
)
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import Agreement, AuditEntry, Conversation, Person, Schedule, Staff
from tests.sense_making_app.place import Place, agree, chat, make_place

DAY = timedelta(days=1)
TODAY = date(2026, 3, 2)
WORDS = capacity.InWords("Dr Invented", "Pictures", "She enjoys it", "Her sister")


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def joins(place: Place, person: int = 0) -> UUID:
    """Joined and asked every day."""
    with place.log.write(place.tenant) as records:
        theirs = chat(records, place.people[person])
        agree(records, place.people[person], joining.TAKE_PART, True, records.now)
        pacing.start(records, theirs)
        return theirs.id


def assess(
    place: Place, person: int = 0, *, yes: bool = True, review_in: int = 100, decision: Decision = "take_part"
) -> None:
    found = Assessment(decision, TODAY - 50 * DAY, False, "yes" if yes else None, TODAY + review_in * DAY)
    with place.log.write(place.tenant) as records:
        capacity.record(records, place.reader("every_team"), place.people[person].id, found, WORDS)


def read(place: Place, person: int = 0, role: str = "own_team") -> Agreements:
    with place.log.write(place.tenant) as records:
        return agreements_of(records, place.reader(role), place.people[person].id)


def everybody(place: Place, role: str = "own_service") -> list[Standing]:
    with place.log.write(place.tenant) as records:
        return standings(records, place.reader(role))


def counted(place: Place) -> NotAsked:
    with place.log.read(place.tenant) as records:
        return not_asked(records)


def test_what_somebody_said_is_shown_with_its_day_and_its_text(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        agree(records, place.people[0], joining.TAKE_PART, True, records.now - DAY)
        agree(records, place.people[0], joining.THEMES, False, records.now)

    said = read(place).said

    assert [(each.purpose, each.agreed, each.text_version) for each in said] == [
        ("themes", False, "en.1"),
        ("take_part", True, "en.1"),
    ]
    assert [each.answered_at.day for each in said] == [2, 1]


def test_whoever_said_yes_is_asked(place: Place) -> None:
    joins(place)

    assert read(place).standing.why_not == ()


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("joining", "not_answered"),
        ("refused", "refused"),
        ("stopped", "stopped"),
        ("blocked", "blocked"),
        ("left", "moved_away"),
    ],
)
def test_it_says_why_somebody_is_not_asked(place: Place, status: str, why: str) -> None:
    theirs = joins(place)
    with place.log.write(place.tenant) as records:
        records.get(Conversation, theirs).status = status

    assert read(place).standing.why_not == (why,)


def test_capacity_is_named_beside_their_own_wish(place: Place) -> None:
    assess(place, yes=False)
    assess(place, decision="channel", review_in=-1)

    assert read(place).standing.why_not == ("take_part_undecided", "channel_overdue", "not_joined")


def test_a_pause_no_days_a_broken_zone_and_a_taken_back_yes_are_named(place: Place) -> None:
    theirs = joins(place)
    for change, why in (
        ({"paused_until": TODAY}, "paused"),
        ({"paused_until": TODAY - DAY, "days": 0}, "no_days"),
        ({"zone": "Nowhere/Here"}, "no_time"),
    ):
        with place.log.write(place.tenant) as records:
            planned = records.all(select(Schedule).where(Schedule.conversation_id == theirs))[0]
            for name, value in change.items():
                setattr(planned, name, value)
        assert read(place).standing.why_not == (why,)
    with place.log.write(place.tenant) as records:
        records.all(select(Agreement))[0].withdrawn_at = records.now
    assert read(place).standing.why_not == ("not_agreed",)


def test_what_has_to_be_reviewed_comes_first_and_the_longest_overdue_before_all(place: Place) -> None:
    assess(place, 1, review_in=29)
    assess(place, 2, review_in=-5)
    assess(place, 3, review_in=31)

    found = everybody(place)

    assert [one.person_id for one in found[:2]] == [place.people[2].id, place.people[1].id]
    assert [[(due.review, due.decision) for due in one.due] for one in found] == [
        [("past", "take_part")],
        [("near", "take_part")],
        [],
        [],
    ]


def test_people_who_left_are_not_on_the_page(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        records.get(Person, place.people[0].id).left_on = TODAY

    assert {one.person_id for one in everybody(place, "own_team")} == {place.people[1].id}


def test_a_worker_of_the_team_is_named_and_taken_back(place: Place) -> None:
    worker = place.staff["lead"].id
    with place.log.write(place.tenant) as records:
        name_worker(records, place.reader("own_team"), place.people[0].id, worker)

    found = read(place)

    assert (found.worker_id, found.worker) == (worker, "StaffleadAa")
    assert set(found.team) == {one.id for one in place.staff.values()}
    with place.log.write(place.tenant) as records:
        name_worker(records, place.reader("own_team"), place.people[0].id, None)
    assert (read(place).worker_id, read(place).worker) == (None, "")


def test_only_somebody_who_works_in_the_persons_team_can_be_named(place: Place) -> None:
    gone = place.staff["lead"].id
    with place.log.write(place.tenant) as records:
        records.get(Staff, gone).left_on = TODAY
    for person, worker in ((0, gone), (4, place.staff["far_team"].id), (0, place.people[0].id)):
        with place.log.write(place.tenant) as records, pytest.raises(WorkerWrong):
            name_worker(records, place.reader("every_team"), place.people[person].id, worker)


def test_every_look_and_every_name_is_audited(place: Place) -> None:
    read(place)
    everybody(place, "own_team")
    with place.log.write(place.tenant) as records:
        name_worker(records, place.reader("own_team"), place.people[0].id, place.staff["lead"].id)

    me = place.staff["own_team"].id
    with place.log.read(place.tenant) as records:
        mine = select(AuditEntry.action, AuditEntry.subject_id).where(AuditEntry.actor == f"staff:{me}")
        found = records.all(mine)
    for action, whom in (
        ("read_agreements", place.people[0].id),
        ("read_agreements", me),
        ("named_worker", place.people[0].id),
    ):
        assert (action, whom) in found


@pytest.mark.parametrize("role", ["commissioner", "administrator", "lead", "far_team"])
def test_agreements_are_for_the_persons_own_team(place: Place, role: str) -> None:
    reader = place.reader(role)
    with place.log.write(place.tenant) as records:
        for attempt in (
            lambda: agreements_of(records, reader, place.people[0].id),
            lambda: name_worker(records, reader, place.people[0].id, place.staff["lead"].id),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_each_reader_sees_the_people_of_their_own_teams(place: Place) -> None:
    seen = {role: {one.person_id for one in everybody(place, role)} for role in ("own_team", "far_team", "every_team")}

    assert seen["own_team"] == {one.id for one in place.people[:2]}
    assert seen["far_team"] == {one.id for one in place.people[4:]}
    assert seen["every_team"] == {one.id for one in place.people}
    for role in ("commissioner", "administrator", "lead"):
        with pytest.raises(NotAllowed):
            everybody(place, role)


def test_agreements_of_another_tenant_do_not_exist(log: LearningLog, place: Place, other_tenant: UUID) -> None:
    other = make_place(log, other_tenant, mark="Zz")
    with log.write(place.tenant) as records:
        with pytest.raises(NotFound):
            agreements_of(records, place.reader("every_team"), other.people[0].id)
        with pytest.raises(NotFound):
            name_worker(records, place.reader("every_team"), other.people[0].id, None)
        with pytest.raises(WorkerWrong):
            name_worker(records, place.reader("every_team"), place.people[0].id, other.staff["lead"].id)
        assert {one.person_id for one in standings(records, place.reader("every_team"))} == {
            one.id for one in place.people
        }
    with log.write(other_tenant) as records, pytest.raises(NotAllowed):
        standings(records, place.reader("every_team"))


def test_people_who_are_not_asked_for_want_of_a_record_are_counted_once_each(place: Place) -> None:
    assert counted(place) == NotAsked(0, 0)
    assess(place, 0, yes=False)
    assess(place, 0, decision="channel", review_in=-1)
    assess(place, 1, review_in=-1)
    assess(place, 2)

    assert counted(place) == NotAsked(undecided=1, overdue=1)


def test_whoever_stopped_or_left_is_not_counted(place: Place, log: LearningLog, other_tenant: UUID) -> None:
    assess(make_place(log, other_tenant, mark="Zz"), yes=False)
    theirs = joins(place)
    assess(place, 0, yes=False)
    assess(place, 1, yes=False)
    with place.log.write(place.tenant) as records:
        records.get(Conversation, theirs).status = "stopped"
        records.get(Person, place.people[1].id).left_on = TODAY

    assert counted(place) == NotAsked(0, 0)
