"""The page that says who agreed to what, and where records of capacity are entered."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from learning_log.domain.capacity import Assessment
from learning_log.services import capacity, joining, pacing
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, CapacityRecord, Person
from sense_making_app.wording import say
from tests.sense_making_app.place import Place, agree, chat, make_place
from tests.sense_making_app.test_views import fill, page, press, text

WORDS = capacity.InWords("Dr Invented", "Pictures", "She *enjoys* it", "Her sister")


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    """The first of the team joined and is asked."""
    place = make_place(log, tenant)
    with log.write(tenant) as records:
        theirs = chat(records, place.people[0])
        agree(records, place.people[0], joining.TAKE_PART, True, records.now)
        pacing.start(records, theirs)
    return place


def assess(place: Place, person: int, review_on: date) -> None:
    found = Assessment("take_part", date(2026, 1, 1), False, "yes", review_on)
    with place.log.write(place.tenant) as records:
        capacity.record(records, place.reader("every_team"), place.people[person].id, found, WORDS)


def enter(test: AppTest, *, interests: str | None, reasons: str) -> AppTest:
    fill(test, say("capacity.assessor"), "Dr Invented")
    fill(test, say("capacity.support"), "Pictures")
    fill(test, say("capacity.found"), False)
    fill(test, say("capacity.interests"), interests)
    fill(test, say("capacity.reasons"), reasons)
    fill(test, say("capacity.consulted"), "Her sister")
    return press(test, say("capacity.keep"))


def test_it_says_what_somebody_agreed_to_and_that_they_are_asked(place: Place) -> None:
    test = page(place, "own_team", "agreements")
    shown = text(test)

    assert say("agreements.asked") in shown
    assert "**Yes to taking part** · 2 March 2026, 09:00 · text en\\.1" in shown
    assert shown.count(say("capacity.presumed")) == 2
    assert next(one.label for one in test.expander) == say("agreements.everybody", asked=1, others=1)


def test_a_record_is_entered_and_says_why_nothing_is_asked(place: Place) -> None:
    test = enter(page(place, "own_team", "agreements"), interests=None, reasons="")

    shown = text(test)
    assert say("why_not.take_part_undecided") in shown
    assert say("capacity.unable") in shown
    assert "Dr Invented on 2 March 2026 · written down by Staffown\\_teamAa, 2 March 2026, 09:00" in shown
    assert next(one for one in test.text_input if one.label == say("capacity.assessor")).value == ""

    test = enter(test, interests="yes", reasons="She enjoys it")
    assert say("agreements.asked") in text(test)
    assert say("capacity.earlier", count=1) in [one.label for one in test.expander]
    with place.log.read(place.tenant) as records:
        assert len(records.all(select(CapacityRecord))) == 2


def test_what_is_missing_is_said_and_what_was_typed_stays(place: Place) -> None:
    test = press(page(place, "own_team", "agreements"), say("capacity.keep"))
    assert say("capacity.say_found") in text(test)

    test = enter(test, interests="no", reasons="")
    assert "A best-interests decision needs its reasons" in text(test)
    assert next(one for one in test.text_input if one.label == say("capacity.assessor")).value == "Dr Invented"
    with place.log.read(place.tenant) as records:
        assert records.all(select(CapacityRecord)) == []


def test_whose_review_is_past_or_near_comes_first(place: Place) -> None:
    assess(place, 1, date(2026, 2, 28))
    test = page(place, "own_team", "agreements")

    shown = text(test)
    assert say("agreements.due") in shown
    assert say("agreements.past", day="28 February 2026") in shown
    assert [str(one.value) for one in test.header] == ["Person1Aa"]
    fill(test, say("agreements.choose"), place.people[0].id)
    test.run()
    assert [str(one.value) for one in test.header] == ["Person0Aa"]

    test = press(test, say("agreements.look"))
    assert [str(one.value) for one in test.header] == ["Person1Aa"]
    assert "She \\*enjoys\\* it" in text(test)


def test_whom_somebody_knows_best_is_named(place: Place) -> None:
    test = page(place, "own_team", "agreements")
    fill(test, say("agreements.worker_choose"), place.staff["lead"].id)
    test = press(test, say("agreements.worker_keep"))

    assert next(one for one in test.selectbox if one.label == say("agreements.worker_choose")).value == (
        place.staff["lead"].id
    )
    with place.log.read(place.tenant) as records:
        assert records.get(Person, place.people[0].id).worker_id == place.staff["lead"].id


def test_a_worker_who_left_the_team_is_named_as_such(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        records.get(Person, place.people[0].id).worker_id = place.staff["lead"].id
        staff = records.get(type(place.staff["lead"]), place.staff["lead"].id)
        staff.team_id = place.far_team.id

    assert say("agreements.worker_left", name="StaffleadAa") in text(page(place, "own_team", "agreements"))


def test_each_look_is_in_the_audit_log(place: Place) -> None:
    page(place, "own_team", "agreements")

    with place.log.read(place.tenant) as records:
        looks = records.all(select(AuditEntry.action).where(AuditEntry.actor == place.reader("own_team").actor))
    assert {"read_agreements", "read_capacity"} <= set(looks)
