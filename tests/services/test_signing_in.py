from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from learning_log.errors import NotAllowed, SignInLocked, SignInRefused
from learning_log.services import auditing
from learning_log.services.access import may_see_words
from learning_log.services.organisation import give_role
from learning_log.services.signing_in import (
    LOCKED_FOR,
    STRANGER,
    WRONG_TRIES,
    Strangers,
    is_invented,
    noting_refusals,
    reader_of,
    sign_in,
)
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, Role, Staff
from tests.sense_making_app.place import PASSWORD, Place, make_place


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant, password=PASSWORD, signing_in=["own_team"])


def at(log: LearningLog, now: datetime) -> LearningLog:
    return LearningLog(log.database, log.vault, clock=lambda: now)


def actions(place: Place) -> list[str]:
    with place.log.read(place.tenant) as records:
        entries = records.all(select(AuditEntry).order_by(col(AuditEntry.position)))
        return [entry.action for entry in entries if "sign" in entry.action]


def test_the_right_password_opens_with_the_roles_of_the_database(place: Place) -> None:
    reader = sign_in(place.log, " Own_Team.AA ", PASSWORD, Strangers())

    assert (reader.staff_id, reader.tenant_id) == (place.staff["own_team"].id, place.tenant)
    assert reader.roles == {"team"}
    assert reader.team_ids == {place.team.id}
    assert reader.service_ids == set()
    assert actions(place)[-1] == "signed_in"


def test_a_role_in_a_service_holds_in_each_of_its_teams(place: Place) -> None:
    reader = place.reader("own_service")

    assert reader.service_ids == {place.service.id}
    assert reader.team_ids == {place.team.id, place.other_team.id}


def test_a_role_without_a_place_holds_everywhere(place: Place) -> None:
    reader = place.reader("every_team")

    assert reader.service_ids is None
    assert reader.team_ids is None


def test_a_wide_role_does_not_widen_another_role(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        give_role(records, records.get(Staff, place.staff["own_team"].id), "commissioner")

    reader = place.reader("own_team")

    assert reader.roles == {"team", "commissioner"}
    assert reader.team_ids == {place.team.id}


def test_an_unknown_name_and_a_wrong_password_are_told_the_same(place: Place) -> None:
    with pytest.raises(SignInRefused) as unknown:
        sign_in(place.log, "nobody", PASSWORD, Strangers())
    with pytest.raises(SignInRefused) as wrong:
        sign_in(place.log, "own_team.Aa", "not the password", Strangers())

    assert str(unknown.value) == str(wrong.value)


def test_a_try_at_a_name_that_nobody_has_is_audited_without_the_name(place: Place, other_tenant: UUID) -> None:
    with pytest.raises(SignInRefused):
        sign_in(place.log, "nobody", PASSWORD, Strangers())

    for tenant in (place.tenant, other_tenant):
        with place.log.read(tenant) as records:
            (entry,) = records.all(select(AuditEntry).where(AuditEntry.actor == STRANGER))
            assert (entry.action, entry.subject, entry.subject_id) == ("sign_in_refused", None, None)
            assert auditing.broken_at(records) is None


def test_a_refusal_stays_in_the_audit_log_although_all_else_is_rolled_back(place: Place, now: datetime) -> None:
    reader = place.reader("administrator")

    def ask() -> None:
        with noting_refusals(place.log, reader, now), place.log.write(place.tenant) as records:
            auditing.record(records, reader.actor, "rolled_back")
            may_see_words(reader, place.tenant)

    with pytest.raises(NotAllowed):
        ask()
    with place.log.read(place.tenant) as records:
        entries = records.all(select(AuditEntry).where(AuditEntry.actor == reader.actor))
        assert [(entry.action, entry.at) for entry in entries] == [("was_refused", now)]


def test_five_wrong_tries_lock_even_for_the_right_password(place: Place) -> None:
    for _ in range(WRONG_TRIES):
        with pytest.raises(SignInRefused):
            sign_in(place.log, "own_team.Aa", "not the password", Strangers())

    with pytest.raises(SignInLocked):
        sign_in(place.log, "own_team.Aa", PASSWORD, Strangers())
    assert actions(place)[-2:] == ["sign_in_refused", "sign_in_locked"]


def test_a_lock_ends_after_its_time(place: Place, now: datetime) -> None:
    for _ in range(WRONG_TRIES):
        with pytest.raises(SignInRefused):
            sign_in(place.log, "own_team.Aa", "not the password", Strangers())

    with pytest.raises(SignInLocked):
        sign_in(at(place.log, now + LOCKED_FOR - timedelta(seconds=1)), "own_team.Aa", PASSWORD, Strangers())
    reader = sign_in(at(place.log, now + LOCKED_FOR), "own_team.Aa", PASSWORD, Strangers())

    assert reader.staff_id == place.staff["own_team"].id


def test_the_right_password_starts_the_count_again(place: Place) -> None:
    for _ in range(2):
        for _ in range(WRONG_TRIES - 1):
            with pytest.raises(SignInRefused):
                sign_in(place.log, "own_team.Aa", "not the password", Strangers())
        assert sign_in(place.log, "own_team.Aa", PASSWORD, Strangers()).roles == {"team"}


def test_an_unknown_name_locks_as_a_real_one_does(place: Place, now: datetime) -> None:
    strangers = Strangers()
    for _ in range(WRONG_TRIES):
        with pytest.raises(SignInRefused):
            sign_in(place.log, "nobody", PASSWORD, strangers)

    with pytest.raises(SignInLocked):
        sign_in(place.log, "Nobody ", PASSWORD, strangers)
    with pytest.raises(SignInRefused):
        sign_in(at(place.log, now + LOCKED_FOR), "nobody", PASSWORD, strangers)


def test_strangers_forget_the_oldest_name_rather_than_fill_the_memory(now: datetime) -> None:
    strangers = Strangers(remembered=2)
    for name in (b"a", b"a", b"a", b"a", b"b", b"c"):
        with pytest.raises(SignInRefused):
            strangers.refuse(name, now)

    with pytest.raises(SignInRefused):
        strangers.refuse(b"a", now)
    with pytest.raises(SignInRefused):
        strangers.refuse(b"a", now)


def test_somebody_without_a_role_does_not_get_in(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        for role in records.all(select(Role).where(Role.staff_id == place.staff["own_team"].id)):
            records.session.delete(role)

    with pytest.raises(NotAllowed):
        sign_in(place.log, "own_team.Aa", PASSWORD, Strangers())


def test_somebody_who_left_does_not_get_in(place: Place, now: datetime) -> None:
    with place.log.write(place.tenant) as records:
        records.get(Staff, place.staff["own_team"].id).left_on = date(2026, 3, 1)

    with pytest.raises(SignInRefused):
        sign_in(place.log, "own_team.Aa", PASSWORD, Strangers())
    with pytest.raises(NotAllowed), place.log.read(place.tenant) as records:
        reader_of(records, place.staff["own_team"].id)


def test_staff_of_another_tenant_are_nobody_here(place: Place, other_tenant: UUID) -> None:
    with pytest.raises(NotAllowed), place.log.read(other_tenant) as records:
        reader_of(records, place.staff["own_team"].id)


def test_an_invented_tenant_says_so(place: Place) -> None:
    with place.log.read(place.tenant) as records:
        assert is_invented(records)
    with place.log.read() as records:
        assert is_invented(records)
