from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.services import holds, organisation, retaining
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, Person, Reflection
from tests.sense_making_app.place import Place, make_place, reflect


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    place = make_place(log, tenant)
    with log.write(tenant) as records:
        for person in place.people[:3]:
            reflect(records, person, "The garden", records.now, service_id=place.service.id)
        for at in (0, 1):
            organisation.leave(records, records.get(Person, place.people[at].id), date(2026, 3, 2))
    return place


def test_who_left_eight_years_ago_is_due_and_nobody_a_day_before(place: Place) -> None:
    for day, count in ((datetime(2034, 3, 1, 12, tzinfo=UTC), 0), (datetime(2034, 3, 2, 12, tzinfo=UTC), 2)):
        with place.log.read(place.tenant, at=day) as records:
            assert len(retaining.due(records)) == count


def test_a_purge_forgets_them_keeps_what_is_held_and_proves_it(place: Place) -> None:
    lead = place.reader("lead")
    gone, held, here = (person.id for person in place.people[:3])
    with place.log.write(place.tenant) as records:
        holds.place(records, lead, held, "An enquiry", lead.staff_id, date(2026, 6, 1))
    with place.log.write(place.tenant, at=datetime(2034, 3, 2, 12, tzinfo=UTC)) as records:
        done = retaining.purge(records, retaining.due(records))
    assert (done.forgotten, done.held, done.answers) == ((gone,), (held,), 1)
    with place.log.read(place.tenant) as records:
        words = {one.person_id: records.text(one, "words") for one in records.all(select(Reflection))}
        proof = [(one.action, one.subject_id) for one in records.all(select(AuditEntry).order_by(AuditEntry.position))]
    assert words == {gone: "", held: "The garden", here: "The garden"}
    assert proof[-3:] == [("forgot", gone), ("purge_held", held), ("purged", None)]
