from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.errors import NotAllowed
from learning_log.services.reading import newest
from learning_log.services.sharing import Filters
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, Role, Staff
from sense_making_app import access
from sense_making_app.pages import pages_of
from sense_making_app.sitting import Sitting
from tests.sense_making_app.place import Place, make_place


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def signed_in(place: Place, role: str, now: datetime) -> dict[Any, Any]:
    state: dict[Any, Any] = {}
    access.begin(state, place.reader(role), now)
    return state


def test_a_session_ends_after_15_minutes_without_a_click(place: Place, now: datetime) -> None:
    state = signed_in(place, "own_team", now)
    almost = now + timedelta(minutes=14, seconds=59)

    assert access.current(place.log, state, almost) is not None
    assert access.current(place.log, state, almost + timedelta(minutes=15)) is None
    assert access.why_signed_out(state) == "too_long"


def test_a_session_ends_after_8_hours_of_clicks(place: Place, now: datetime) -> None:
    state = signed_in(place, "own_team", now)
    for minutes in range(10, 8 * 60, 10):
        assert access.current(place.log, state, now + timedelta(minutes=minutes)) is not None

    assert access.current(place.log, state, now + timedelta(hours=8)) is None


def test_a_look_at_the_clock_is_no_click(place: Place, now: datetime) -> None:
    state = signed_in(place, "own_team", now)

    assert not access.is_over(state, now + timedelta(minutes=14))
    assert access.is_over(state, now + timedelta(minutes=15))
    assert not access.is_over({}, now)


def test_a_role_that_is_taken_away_is_gone_at_the_next_click(place: Place, now: datetime) -> None:
    state = signed_in(place, "own_team", now)
    with place.log.write(place.tenant) as records:
        role = records.all(select(Role).where(Role.staff_id == place.staff["own_team"].id))[0]
        role.role = "administrator"
    reader = access.current(place.log, state, now)
    assert reader is not None
    assert [page.key for page in pages_of(reader)] == ["running", "about", "sign_out"]

    with place.log.write(place.tenant) as records:
        records.session.delete(records.all(select(Role).where(Role.staff_id == place.staff["own_team"].id))[0])

    assert access.current(place.log, state, now) is None
    assert access.why_signed_out(state) == "no_role"


def test_a_new_password_ends_what_was_opened_with_the_old_one(place: Place, now: datetime) -> None:
    state, other = signed_in(place, "own_team", now), signed_in(place, "own_service", now)
    with place.log.write(place.tenant) as records:
        records.get(Staff, place.staff["own_team"].id).password_hash = "of a new password"

    assert access.current(place.log, state, now) is None
    assert access.why_signed_out(state) == "new_password"
    assert access.current(place.log, other, now) is not None
    again = signed_in(place, "own_team", now)
    assert access.current(place.log, again, now) is not None


def test_a_page_that_refuses_leaves_an_entry_in_the_audit_log(place: Place, now: datetime) -> None:
    sitting = Sitting(place.log, place.reader("lead"), now, lambda key: None)
    for opened in (sitting.read, sitting.write):
        with pytest.raises(NotAllowed), opened() as records:
            newest(records, sitting.reader, Filters())

    with place.log.read(place.tenant) as records:
        entries = records.all(select(AuditEntry).where(AuditEntry.actor == sitting.reader.actor))
        assert [entry.action for entry in entries] == ["was_refused"] * 2


def test_nothing_of_the_reader_before_is_left_in_the_session(place: Place, now: datetime) -> None:
    state = signed_in(place, "own_team", now)
    state["said_words"] = "a name"
    reader = access.current(place.log, state, now)
    assert reader is not None

    access.end(place.log, state, reader, now)

    assert access.why_signed_out(state) == "signed_out"
    assert access.current(place.log, state, now) is None
    assert "a name" not in repr(state)
    with place.log.read(place.tenant) as records:
        assert records.first(select(AuditEntry).where(AuditEntry.action == "signed_out")) is not None


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        (
            "own_team",
            [
                *(
                    "home",
                    "theme",
                    "proposals",
                    "said",
                    "listening",
                    "outcomes",
                    "agreements",
                    "indicators",
                    "meetings",
                ),
                *("about", "sign_out"),
            ],
        ),
        ("commissioner", ["home", "indicators", "about", "sign_out"]),
        ("administrator", ["running", "about", "sign_out"]),
        ("lead", ["worries", "about", "sign_out"]),
    ],
)
def test_each_role_finds_its_own_pages(place: Place, role: str, pages: list[str]) -> None:
    assert [page.key for page in pages_of(place.reader(role))] == pages
