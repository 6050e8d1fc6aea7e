from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import select

from learning_log.domain.capacity import Assessment
from learning_log.errors import NotAllowed, NotFound
from learning_log.services import capacity, joining
from learning_log.services.capacity import CapacityWrong, InWords, Written, record, written
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, CapacityRecord
from tests.sense_making_app.place import Place, agree, chat, make_place

ASSESSED = date(2026, 2, 1)
UNABLE = Assessment("take_part", ASSESSED, False, "yes", date(2026, 6, 1))
WORDS = InWords("Dr Invented", "Pictures, and two visits", "She enjoys being asked", "Her sister")


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def keep(place: Place, assessment: Assessment = UNABLE, words: InWords = WORDS, person: int = 0) -> UUID:
    with place.log.write(place.tenant) as records:
        return record(records, place.reader("own_service"), place.people[person].id, assessment, words)


def read(place: Place, person: int = 0) -> list[Written]:
    with place.log.write(place.tenant) as records:
        return written(records, place.reader("own_team"), place.people[person].id)


def test_a_record_is_kept_as_it_was_written_and_its_words_are_sealed(place: Place) -> None:
    keep(place, words=replace(WORDS, assessor="  Dr Invented "))

    (kept,) = read(place)

    assert (kept.assessment, kept.words) == (UNABLE, WORDS)
    assert kept.by == "Staffown_serviceAa"
    with place.log.read(place.tenant) as records:
        row = records.all(select(CapacityRecord))[0]
        sealed = [row.assessor_sealed, row.support_sealed, row.reasons_sealed, row.consulted_sealed]
        assert all(sealed)
        assert b"sister" not in b"".join(sealed)


def test_records_are_shown_newest_first_and_of_one_day_the_later_one_first(place: Place) -> None:
    for days, assessor in ((0, "first"), (5, "newest"), (0, "corrected")):
        on = ASSESSED + timedelta(days=days)
        keep(place, replace(UNABLE, assessed_on=on), replace(WORDS, assessor=assessor))

    assert [each.words.assessor for each in read(place)] == ["newest", "corrected", "first"]


@pytest.mark.parametrize(
    ("assessment", "words", "why"),
    [
        (replace(UNABLE, decision="vote"), WORDS, "about taking part"),  # type: ignore[arg-type]
        (replace(UNABLE, assessed_on=date(2026, 3, 3)), WORDS, "still to come"),
        (replace(UNABLE, review_on=date(2026, 1, 31)), WORDS, "within a year"),
        (replace(UNABLE, able=True), WORDS, "decides for themselves"),
        (UNABLE, replace(WORDS, assessor=" "), "who made the assessment"),
        (UNABLE, replace(WORDS, support=""), "help them decide"),
        (UNABLE, replace(WORDS, reasons=""), "reasons"),
        (UNABLE, replace(WORDS, consulted="\n"), "who was asked"),
        (UNABLE, replace(WORDS, reasons="x" * 2001), "2,000 letters"),
    ],
)
def test_a_record_that_is_not_complete_is_refused_with_a_sentence(
    place: Place, assessment: Assessment, words: InWords, why: str
) -> None:
    with pytest.raises(CapacityWrong, match=why):
        keep(place, assessment, words)
    assert read(place) == []


def test_whoever_is_able_needs_no_more_than_the_assessors_name(place: Place) -> None:
    keep(place, replace(UNABLE, able=True, best_interests=None), InWords("Dr Invented"))

    assert read(place)[0].words.support == ""


def test_keeping_and_reading_are_audited(place: Place) -> None:
    kept = keep(place)
    read(place)

    with place.log.read(place.tenant) as records:
        found = records.all(select(AuditEntry.actor, AuditEntry.action, AuditEntry.subject_id))
    assert (place.reader("own_service").actor, "recorded_capacity", kept) in found
    assert (place.reader("own_team").actor, "read_capacity", place.people[0].id) in found


def test_many_people_are_looked_up_in_one_query_and_then_in_none(place: Place) -> None:
    keep(place, replace(UNABLE, best_interests="no"))
    with place.log.write(place.tenant) as records:
        chats = [chat(records, who) for who in (*place.people, place.staff["own_team"])]
        for who in place.people[:2]:
            agree(records, who, joining.TAKE_PART, True, records.now)
        joining.load_agreements(records, chats)
        asked: list[str] = []
        event.listen(
            place.log.database.engine, "before_cursor_execute", lambda _c, _k, statement, *_: asked.append(statement)
        )
        agreed = [joining.has_agreed(records, each, joining.TAKE_PART) for each in chats]

        assert agreed == [False, True, False, False, False, False, False]
        assert [capacity.why_not(records, each) for each in chats[:2]] == [{"take_part": "against"}, {}]
        assert asked == []


def test_what_was_just_recorded_counts_in_the_same_transaction(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        mine = chat(records, place.people[0])
        assert not capacity.why_not(records, mine)
        record(records, place.reader("own_team"), place.people[0].id, replace(UNABLE, best_interests=None), WORDS)
        assert capacity.why_not(records, mine) == {"take_part": "undecided"}


@pytest.mark.parametrize("role", ["commissioner", "administrator", "lead", "far_team"])
def test_records_are_for_the_persons_own_team(place: Place, role: str) -> None:
    reader = place.reader(role)
    with place.log.write(place.tenant) as records:
        with pytest.raises(NotAllowed):
            record(records, reader, place.people[0].id, UNABLE, WORDS)
        with pytest.raises(NotAllowed):
            written(records, reader, place.people[0].id)


def test_records_of_another_tenant_do_not_exist(log: LearningLog, place: Place, other_tenant: UUID) -> None:
    other = make_place(log, other_tenant, mark="Zz")
    keep(other)
    with log.write(place.tenant) as records:
        with pytest.raises(NotFound):
            written(records, place.reader("every_team"), other.people[0].id)
        assert capacity.assessments_of(records, [other.people[0].id]) == {other.people[0].id: ()}
    with log.write(other_tenant) as records, pytest.raises(NotAllowed):
        record(records, place.reader("every_team"), other.people[0].id, UNABLE, WORDS)
