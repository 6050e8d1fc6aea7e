from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from learning_log.domain.outcomes import By, ScaleWrong, Stage
from learning_log.errors import NotAllowed, NotFound
from learning_log.services.choosing import choices
from learning_log.services.outcomes import (
    OutcomeWrong,
    PersonalOutcome,
    RatingWrong,
    add_outcome,
    add_rating,
    outcomes_of,
    people_without,
)
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, Conversation, FollowUp, OutboxMessage, Outcome, Person
from tests.sense_making_app.place import Place, make_place, reflect

SET_ON = date(2025, 6, 1)


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def add(place: Place, words: str = "Back to the bowling club", person: int = 0) -> UUID:
    with place.log.write(place.tenant) as records:
        return add_outcome(records, place.reader("every_team"), place.people[person].id, words, SET_ON)


def rate(place: Place, outcome: UUID, value: int, on: date, by: By = "person", stage: Stage = "review") -> None:
    with place.log.write(place.tenant) as records:
        add_rating(records, place.reader("own_team"), outcome, value, on, stage, by, "a note")


def kept(place: Place, role: str = "own_team", person: int = 0) -> list[PersonalOutcome]:
    with place.log.write(place.tenant) as records:
        return outcomes_of(records, place.reader(role), place.people[person].id)


def test_an_outcome_keeps_the_persons_words_and_shows_how_far_they_came(place: Place) -> None:
    outcome = add(place)
    rate(place, outcome, 1, date(2025, 6, 1), stage="assessment")
    rate(place, outcome, 4, date(2025, 12, 1))

    (found,) = kept(place)

    assert found.words == "Back to the bowling club"
    assert [given.step for given in found.ratings] == ["not_yet", "most_of_the_way"]
    assert found.distance is not None
    assert (found.distance.way, found.distance.steps) == ("further", 3)


def test_somebody_elses_rating_stands_apart_and_never_moves_the_persons_own(place: Place) -> None:
    outcome = add(place)
    rate(place, outcome, 2, date(2025, 6, 1))
    rate(place, outcome, 2, date(2025, 12, 1))
    rate(place, outcome, 5, date(2026, 1, 1), by="proxy")

    (found,) = kept(place)

    assert found.distance is not None
    assert (found.distance.way, found.distance.steps) == ("same", 0)
    assert found.difference is not None
    assert found.difference.steps == 3
    assert [given.by for given in found.ratings] == ["", "", "Staffown_teamAa"]


def test_answers_about_an_outcome_are_counted_without_those_kept_for_oneself(place: Place) -> None:
    outcome = add(place)
    with place.log.write(place.tenant) as records:
        for audience in ("team", "themes", "me"):
            reflect(
                records,
                place.people[0],
                "x",
                records.now,
                service_id=place.service.id,
                outcome_id=outcome,
                audience=audience,
            )

    assert kept(place)[0].answers == 2


def test_what_is_missing_is_listed(place: Place) -> None:
    rated, unrated = add(place), add(place, "To cook", person=1)
    rate(place, rated, 3, date(2025, 7, 1))
    rate(place, unrated, 3, date(2025, 7, 1), by="proxy")
    with place.log.read(place.tenant) as records:
        people = [one.id for one in choices(records, place.reader("own_service")).people]
        without, never_rated = people_without(records, place.reader("own_service"), people)

    assert without == {place.people[2].id, place.people[3].id}
    assert never_rated == {place.people[1].id}


def test_nothing_is_told_of_the_outcomes_of_another_teams_people(place: Place) -> None:
    add(place, person=4)
    everybody = [one.id for one in place.people]
    with place.log.read(place.tenant) as records:
        without, never_rated = people_without(records, place.reader("own_team"), everybody)

    assert (without, never_rated) == (set(everybody[:2]), set())


def test_two_people_of_one_name_are_told_apart(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        records.seal(records.get(Person, place.people[1].id), name="person0aa")
    with place.log.read(place.tenant) as records:
        names = [one.name for one in choices(records, place.reader("own_team")).people]

    assert names == ["Person0Aa (P-0001)", "person0aa (P-0002)"]


@pytest.mark.parametrize("role", ["commissioner", "administrator", "lead", "far_team"])
def test_outcomes_are_for_the_persons_own_team(place: Place, role: str) -> None:
    outcome = add(place)
    reader = place.reader(role)
    with place.log.write(place.tenant) as records:
        for attempt in (
            lambda: outcomes_of(records, reader, place.people[0].id),
            lambda: add_outcome(records, reader, place.people[0].id, "x", SET_ON),
            lambda: add_rating(records, reader, outcome, 1, SET_ON, "review", "person"),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_outcomes_of_another_tenant_do_not_exist(log: LearningLog, place: Place, other_tenant: UUID) -> None:
    other = make_place(log, other_tenant, mark="Zz")
    outcome = add(other)
    with log.write(place.tenant) as records:
        with pytest.raises(NotFound):
            outcomes_of(records, place.reader("every_team"), other.people[0].id)
        with pytest.raises(NotFound):
            add_rating(records, place.reader("every_team"), outcome, 1, SET_ON, "review", "person")
        without, never_rated = people_without(records, place.reader("every_team"), [other.people[0].id])
    with log.write(other_tenant) as records, pytest.raises(NotAllowed):
        outcomes_of(records, place.reader("every_team"), other.people[0].id)

    assert (without, never_rated) == (set(), set())


@pytest.mark.parametrize(
    ("words", "set_on", "scale"),
    [
        ("  ", SET_ON, "five_stages"),
        ("x" * 1001, SET_ON, "faces"),
        ("x", date(2026, 3, 3), "faces"),
        ("x", SET_ON, "?"),
    ],
)
def test_an_outcome_that_cannot_be_is_not_kept(place: Place, words: str, set_on: date, scale: str) -> None:
    with place.log.write(place.tenant) as records, pytest.raises(OutcomeWrong):
        add_outcome(records, place.reader("own_team"), place.people[0].id, words, set_on, scale=scale)

    assert kept(place) == []


@pytest.mark.parametrize(("value", "on"), [(0, SET_ON), (6, SET_ON), (3, date(2025, 5, 31)), (3, date(2026, 3, 3))])
def test_a_rating_that_cannot_be_is_not_kept(place: Place, value: int, on: date) -> None:
    outcome = add(place)
    with pytest.raises(RatingWrong):
        rate(place, outcome, value, on)

    assert kept(place)[0].ratings == ()


def test_a_closed_outcome_comes_after_the_open_ones(place: Place) -> None:
    closed, _ = add(place, "closed"), add(place, "open")
    with place.log.write(place.tenant) as records:
        records.get(Outcome, closed).closed_on = date(2026, 1, 1)

    assert [outcome.words for outcome in kept(place)] == ["open", "closed"]


def test_looks_and_entries_are_audited(place: Place) -> None:
    rate(place, add(place), 3, date(2025, 7, 1))
    kept(place)
    with place.log.read(place.tenant) as records:
        actions = set(records.all(select(AuditEntry.action)))

    assert {"added_outcome", "added_rating", "read_outcomes"} <= actions


def test_a_person_draws_a_ladder_of_their_own(place: Place) -> None:
    steps = ["Not now", "I look at the bus", "I ride with Ben", "", "I ride alone"]
    with place.log.write(place.tenant) as records:
        reader = place.reader("every_team")
        id = add_outcome(records, reader, place.people[0].id, "Ride the bus", SET_ON, scale="ladder", steps=steps)
    rate(place, id, 2, date(2025, 6, 1))
    rate(place, id, 4, date(2025, 12, 1))
    (found,) = kept(place)
    assert found.scale.steps == ("Not now", "I look at the bus", "I ride with Ben", "I ride alone")
    assert [given.step for given in found.ratings] == ["I look at the bus", "I ride alone"]


@pytest.mark.parametrize("steps", [[], ["one"], ["same", "same"], [str(step) for step in range(11)], ["a", "b" * 41]])
def test_a_ladder_without_steps_that_can_be_told_apart_is_refused(place: Place, steps: list[str]) -> None:
    reader, whose = place.reader("every_team"), place.people[0].id
    with place.log.write(place.tenant) as records, pytest.raises(ScaleWrong):
        add_outcome(records, reader, whose, "Ride the bus", SET_ON, scale="ladder", steps=steps)


def test_the_person_is_asked_how_far_they_are_from_the_next_day_on(place: Place) -> None:
    id = add(place)
    with place.log.read(place.tenant) as records:
        (planned,) = records.all(select(FollowUp))
        assert (planned.kind, planned.about_id, planned.person_id) == ("check_in", id, place.people[0].id)
        assert planned.due_on == records.now.date() + timedelta(days=1)


def test_what_a_review_brings_up_is_told_to_the_worker_without_saying_what(place: Place) -> None:
    id = add(place)
    with place.log.write(place.tenant) as records:
        worker = place.reader("own_team").staff_id
        records.get(Person, place.people[0].id).worker_id = worker
        chat = Conversation(
            staff_id=worker,
            channel="paper",
            address_hash=b"1",
            status="active",
            made_at=records.now,
            changed_at=records.now,
        )
        records.add(chat, address="1")
        records.session.flush()
        asked = {"unwanted": "I am so tired", "advice": "the tablets"}
        add_rating(records, place.reader("own_team"), id, 3, date(2025, 12, 1), "review", "person", **asked)
        records.flush()
        (told,) = records.all(select(OutboxMessage))
        said = records.text(told, "body")
        assert "A review has something for you to read." in said
        assert "tired" not in said
        assert "tablets" not in said
    (found,) = kept(place)
    assert (found.ratings[0].unwanted, found.ratings[0].advice) == ("I am so tired", "the tablets")
