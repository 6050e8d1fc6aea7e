from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event
from sqlmodel import select

from learning_log.errors import NotAllowed, NotFound
from learning_log.services import worries
from learning_log.services.concerns import raise_concern
from learning_log.services.running import running
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import AuditEntry, Concern, Conversation
from tests.sense_making_app.place import Place, chat, make_place


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


def worry(place: Place, words: str = "Somebody took my card", person: int = 0) -> UUID:
    with place.log.write(place.tenant) as records:
        return raise_concern(records, chat(records, place.people[person]), "button", words).id


def queue(place: Place, role: str) -> list[worries.Waiting]:
    with place.log.read(place.tenant) as records:
        return worries.waiting(records, place.reader(role))


def test_a_worry_waits_without_its_words_until_it_is_opened(place: Place) -> None:
    id = worry(place)

    (waiting,) = queue(place, "lead")
    with place.log.write(place.tenant) as records:
        opened = worries.open_worry(records, place.reader("lead"), id)

    assert (waiting.who, waiting.team, waiting.alerts) == ("Person0Aa", "AshAa", 0)
    assert "card" not in repr(waiting)
    assert opened.words == "Somebody took my card"


def test_an_acknowledged_worry_has_a_name_a_time_and_an_action(place: Place) -> None:
    id = worry(place)
    with place.log.write(place.tenant) as records:
        worries.acknowledge(records, place.reader("lead"), id, " Rang the bank ")
        (done,) = worries.looked_after(records, place.reader("lead"))

        assert (done.who, done.acknowledged_by, done.action) == ("Person0Aa", "StaffleadAa", "Rang the bank")
        assert done.acknowledged_at == records.now
    assert queue(place, "lead") == []


def test_a_second_acknowledgement_does_not_replace_the_first(place: Place) -> None:
    id = worry(place)
    with place.log.write(place.tenant) as records:
        worries.acknowledge(records, place.reader("lead"), id, "Rang the bank")
    with place.log.write(place.tenant) as records, pytest.raises(worries.AlreadyLookedAfter):
        worries.acknowledge(records, place.reader("own_lead"), id, "Nothing to do")
    with place.log.write(place.tenant) as records:
        (done,) = worries.looked_after(records, place.reader("lead"))

    assert (done.acknowledged_by, done.action) == ("StaffleadAa", "Rang the bank")


def test_a_lead_finds_what_was_looked_after_however_much_other_teams_had(place: Place) -> None:
    with place.log.write(place.tenant) as records:
        for person, times in ((0, 1), (4, worries.AT_ONCE + 1)):
            conversation = chat(records, place.people[person])
            for _ in range(times):
                concern = Concern(
                    conversation_id=conversation.id,
                    person_id=conversation.person_id,
                    raised_by="button",
                    raised_at=records.now,
                    acknowledged_at=records.now - timedelta(days=9 if person == 0 else 1),
                )
                records.add(concern, action="Rang")
    with place.log.write(place.tenant) as records:
        own = worries.looked_after(records, place.reader("own_lead"))
        everybodys = worries.looked_after(records, place.reader("lead"))

    assert [one.who for one in own] == ["Person0Aa"]
    assert [one.who for one in everybodys] == ["Person4Aa"] * worries.RECENT


def test_many_worries_take_no_more_queries_than_one(place: Place) -> None:
    def queries() -> int:
        asked: list[str] = []
        reader = place.reader("lead")

        def count(*about: Any) -> None:
            asked.append(str(about[2]))

        event.listen(place.log.database.engine, "before_cursor_execute", count)
        with place.log.read(place.tenant) as records:
            shown, counted = worries.waiting(records, reader), worries.count_waiting(records, reader)
        event.remove(place.log.database.engine, "before_cursor_execute", count)
        assert len(shown) == counted > 0
        return len(asked)

    worry(place)
    for_one = queries()
    with place.log.write(place.tenant) as records:
        conversation = records.all(select(Conversation))[0]
        for _ in range(20):
            raise_concern(records, conversation, "button", "My card")

    assert queries() == for_one


def test_a_worry_stays_open_without_an_action(place: Place) -> None:
    id = worry(place)
    with place.log.write(place.tenant) as records, pytest.raises(worries.ActionMissing):
        worries.acknowledge(records, place.reader("lead"), id, "  ")

    assert len(queue(place, "lead")) == 1


def test_a_lead_of_one_team_sees_that_teams_worries_only(place: Place) -> None:
    near, far = worry(place), worry(place, person=4)

    assert [one.id for one in queue(place, "own_lead")] == [near]
    assert {one.id for one in queue(place, "lead")} == {near, far}
    with place.log.write(place.tenant) as records:
        with pytest.raises(NotFound):
            worries.open_worry(records, place.reader("own_lead"), far)
        with pytest.raises(NotFound):
            worries.acknowledge(records, place.reader("own_lead"), far, "x")


def test_a_lead_who_is_named_in_a_worry_does_not_read_it_while_there_is_another(place: Place) -> None:
    id = worry(place, "It was StaffleadAa")

    assert queue(place, "lead") == []
    assert [one.id for one in queue(place, "own_lead")] == [id]


def test_a_worry_that_names_every_lead_is_not_lost(place: Place) -> None:
    id = worry(place, "It was StaffleadAa and Staffown leadAa")

    assert [one.id for one in queue(place, "lead")] == [id]


@pytest.mark.parametrize("role", ["own_team", "every_team", "commissioner", "administrator"])
def test_worries_are_for_safeguarding_leads(place: Place, role: str) -> None:
    id, reader = worry(place), place.reader(role)
    with place.log.write(place.tenant) as records:
        for act in (
            lambda: worries.waiting(records, reader),
            lambda: worries.open_worry(records, reader, id),
            lambda: worries.acknowledge(records, reader, id, "x"),
            lambda: worries.looked_after(records, reader),
        ):
            with pytest.raises(NotAllowed):
                act()


def test_worries_of_another_tenant_do_not_exist(log: LearningLog, place: Place, other_tenant: UUID) -> None:
    other = make_place(log, other_tenant, mark="Zz")
    id = worry(other)

    assert queue(place, "lead") == []
    with log.write(place.tenant) as records, pytest.raises(NotFound):
        worries.open_worry(records, place.reader("lead"), id)
    with log.read(other_tenant) as records, pytest.raises(NotAllowed):
        worries.waiting(records, place.reader("lead"))


def test_looks_at_worries_are_audited(place: Place) -> None:
    id = worry(place)
    with place.log.write(place.tenant) as records:
        worries.open_worry(records, place.reader("lead"), id)
        wanted = select(AuditEntry).where(AuditEntry.action == "read_concern", AuditEntry.subject_id == id)

        assert records.first(wanted) is not None


def test_an_administrator_sees_counts_without_a_name_or_a_word(place: Place) -> None:
    worry(place)
    with place.log.read(place.tenant) as records:
        now = running(records, place.reader("administrator"))

    assert (now.people, now.open_concerns, now.chats) == (6, 1, {"active": 1})
    assert not [name for name in (*place.names, "card") if name in repr(now)]


@pytest.mark.parametrize("role", ["own_team", "commissioner", "lead"])
def test_how_it_is_running_is_for_administrators(place: Place, role: str) -> None:
    with place.log.read(place.tenant) as records, pytest.raises(NotAllowed):
        running(records, place.reader(role))
