"""Adding those who support and those who are supported, and finding them again."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.errors import AlreadyThere, NotFound, SettingsWrong
from learning_log.services import auditing, organisation, passwords
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import AuditEntry, Staff, Team


@pytest.fixture
def team(records: Records) -> Team:
    provider = organisation.add_provider(records, "Riverside Care")
    service = organisation.add_service(records, "Supported living", provider)
    return organisation.add_team(records, "Mill House", service)


def test_a_person_is_found_by_id_by_reference_and_by_name(records: Records, team: Team) -> None:
    person = organisation.add_person(records, "Ann Example", team)
    assert records.text(person, "reference") == "P-0001"
    for text in (str(person.id), "p-0001", " ann   EXAMPLE "):
        assert organisation.find_person(records, text).id == person.id


def test_two_people_of_one_name_are_told_apart_by_their_references(records: Records, team: Team) -> None:
    organisation.add_person(records, "Ann Example", team)
    organisation.add_person(records, "Ann Example", team, reference="MH7")
    with pytest.raises(AlreadyThere, match="P-0001, MH7"):
        organisation.find_person(records, "Ann Example")


def test_who_is_not_there_is_not_found(records: Records, team: Team) -> None:
    with pytest.raises(NotFound, match="no person called 'Nobody'"):
        organisation.find_person(records, "Nobody")
    with pytest.raises(NotFound, match="no team called"):
        organisation.find_team(records, str(team.service_id))


def test_made_references_go_round_those_in_use(records: Records, team: Team) -> None:
    organisation.add_person(records, "One Example", team, reference="P-0002")
    second = organisation.add_person(records, "Two Example", team)
    assert records.text(second, "reference") == "P-0003"


@pytest.mark.parametrize("name", ["Mill House", " MILL  house "])
def test_a_name_of_a_team_is_used_once_in_an_organisation(records: Records, team: Team, name: str) -> None:
    service = organisation.list_services(records)[0]
    with pytest.raises(AlreadyThere):
        organisation.add_team(records, name, service)


def test_another_organisation_sees_and_blocks_nothing(log: LearningLog, tenant: UUID, other_tenant: UUID) -> None:
    with log.write(tenant) as records:
        provider = organisation.add_provider(records, "Riverside Care")
    with log.write(other_tenant) as records:
        with pytest.raises(NotFound):
            organisation.find_provider(records, str(provider.id))
        assert organisation.list_providers(records) == []
        organisation.add_provider(records, "Riverside Care")


def test_staff_sign_in_names_are_unique_across_organisations(
    log: LearningLog, tenant: UUID, other_tenant: UUID
) -> None:
    with log.write(tenant) as records:
        organisation.add_staff(records, "Sam Example", username="sam", password="a long password")
    with pytest.raises(AlreadyThere, match="in use"), log.write(other_tenant) as records:
        organisation.add_staff(records, "Sam Else", username="SAM", password="another password")
    with log.read(other_tenant) as records:
        assert organisation.list_staff(records) == []


def test_the_password_is_kept_as_a_slow_hash_only(records: Records) -> None:
    staff = organisation.add_staff(records, "Sam Example", username="sam", password="a long password")
    assert staff.password_hash is not None
    assert staff.password_hash.startswith("$argon2id$")
    assert passwords.matches(staff.password_hash, "a long password")
    assert not passwords.matches(staff.password_hash, "a long passworD")
    assert not passwords.matches("not a hash", "a long password")
    assert organisation.find_staff(records, "SAM").id == staff.id


def test_a_short_password_is_refused(records: Records) -> None:
    with pytest.raises(SettingsWrong, match="10 to 200"):
        organisation.add_staff(records, "Sam Example", username="sam", password="short")


def test_made_passwords_differ_and_are_long_enough() -> None:
    made = {passwords.new_password() for _ in range(20)}
    assert len(made) == 20
    assert all(len(password) >= passwords.LEAST_CHARACTERS for password in made)


def test_a_role_given_twice_is_held_once(records: Records, team: Team) -> None:
    staff = organisation.add_staff(records, "Sam Example")
    first = organisation.give_role(records, staff, "team", team=team)
    assert organisation.give_role(records, staff, "team", team=team).id == first.id
    organisation.give_role(records, staff, "safeguarding_lead")
    assert [role.role for role in organisation.roles_of(records, staff)] == ["team", "safeguarding_lead"]


def test_unknown_roles_zones_and_languages_are_refused_in_words(records: Records, team: Team) -> None:
    staff = organisation.add_staff(records, "Sam Example")
    with pytest.raises(SettingsWrong, match="The roles are: team, commissioner"):
        organisation.give_role(records, staff, "king")
    with pytest.raises(SettingsWrong, match="Europe/London"):
        organisation.add_person(records, "Ann Example", team, zone="Mars/Base")
    with pytest.raises(SettingsWrong, match="language code"):
        organisation.add_person(records, "Ann Example", team, language="English")


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\0b", "a\x1b[31m"])
def test_names_that_cannot_be_shown_are_refused(records: Records, name: str) -> None:
    with pytest.raises(SettingsWrong, match="1 to 200 letters"):
        organisation.add_provider(records, name)


def test_each_addition_is_in_the_audit_log_without_a_name(records: Records, team: Team) -> None:
    organisation.add_staff(records, "Sam Example", username="sam", password="a long password")
    entries = records.all(select(AuditEntry))
    assert [(entry.action, entry.subject) for entry in entries] == [
        ("added", "provider"),
        ("added", "service"),
        ("added", "team"),
        ("added", "staff"),
        ("set_sign_in", "staff"),
    ]
    assert entries[-1].subject_id == records.first(select(Staff)).id
    assert auditing.broken_at(records) is None
