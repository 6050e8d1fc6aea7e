from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlmodel import SQLModel, select

from learning_log.errors import NotAllowed
from learning_log.services import (
    choosing,
    concerns,
    conversations,
    forgetting,
    holds,
    joining,
    pacing,
    reading,
    reflecting,
    sense_making,
)
from learning_log.services.deciding import known_names
from learning_log.services.organisation import add_person, add_staff
from learning_log.services.sharing import Filters
from learning_log.storage.encryption import Vault
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import (
    Agreement,
    Asked,
    AuditEntry,
    CapacityRecord,
    Concern,
    Conversation,
    Experiment,
    FollowUp,
    InboxMessage,
    Media,
    OutboxMessage,
    Outcome,
    OutcomeRating,
    Person,
    Reflection,
    ReflectionMeaning,
    Schedule,
    Staff,
    ThemePlacement,
)
from tests.sense_making_app.place import Place, make_place, make_theme, reflect

NAME, REFERENCE, ADDRESS = "Wilhelmina Quill", "Q-77", "4242424242"
WORDS = "zebra marmalade"  # in everything that is theirs


@pytest.fixture
def place(log: LearningLog, tenant: UUID) -> Place:
    return make_place(log, tenant)


@dataclass(frozen=True)
class Somebody:
    id: UUID
    chat: UUID
    namesake: UUID


@pytest.fixture
def somebody(place: Place) -> Somebody:
    """A person with something in every place where words may be, and a member of staff of the same name."""
    with place.log.write(place.tenant) as records:
        person = add_person(records, NAME, place.team, REFERENCE)
        namesake = add_staff(records, NAME, place.team)
        person.worker_id = namesake.id
        records.session.flush()
        chat = records.add(
            Conversation(
                person_id=person.id,
                channel="telegram",
                address_hash=conversations.address_hash(records, "telegram", ADDRESS),
                made_at=records.now,
                changed_at=records.now,
            ),
            address=ADDRESS,
            dialogue=WORDS,
        )
        records.session.flush()
        for purpose in (joining.TAKE_PART, joining.THEMES):
            joining.answer_agreement(records, chat, purpose, True, "en.1")
        _say_things(records, place, person, chat)
        _write_about(records, place, person)
        return Somebody(person.id, chat.id, namesake.id)


def _say_things(records: Records, place: Place, person: Person, chat: Conversation) -> None:
    came = records.add(
        InboxMessage(
            conversation_id=chat.id,
            channel="telegram",
            message_key="1",
            chat_message="1",
            address_hash=chat.address_hash,
            received_at=records.now,
            status="done",
        ),
        body=WORDS,
    )
    records.session.flush()
    photo = reflecting.Attachment("photo", "image/png", WORDS.encode())
    reflecting.keep_reflection(records, chat, WORDS, "works", UUID(int=1), inbox_id=came.id, attachments=[photo])
    corrected = reflecting.correct(records, chat, "1", f"{WORDS} now")
    assert corrected
    corrected.felt_at = records.now
    records.session.flush()
    other = reflect(records, place.people[1], "A loud lift", records.now, service_id=place.service.id)
    make_theme(records, "lift", [corrected, other])
    make_theme(records, WORDS, [corrected])
    records.add(ReflectionMeaning(reflection_id=corrected.id, encoder="an encoder"), vectors=WORDS)
    worry = concerns.raise_concern(records, chat, "button", WORDS)
    reflecting.attach(records, photo, concern_id=worry.id)
    concerns.acknowledge(records, worry.id, place.staff["lead"].id, f"Rang {NAME}")
    conversations.say(records, chat, [conversations.message(WORDS)])
    asked = records.add(Asked(conversation_id=chat.id, local_date=date(2026, 3, 2), slot="x", due_at=records.now))
    records.session.flush()
    conversations.say(records, chat, [None], kind="prompt", asked_id=asked.id)
    pacing.start(records, chat)


def _write_about(records: Records, place: Place, person: Person) -> None:
    day = records.now.date()
    outcome = records.add(
        Outcome(person_id=person.id, set_on=day, added_at=records.now), words=WORDS, steps=f'["{WORDS}"]'
    )
    records.session.flush()
    rating = OutcomeRating(outcome_id=outcome.id, rated_on=day, stage="plan", value=2, rated_by="proxy")
    records.add(rating, note=f"{NAME} said {WORDS}")
    tried = Experiment(team_id=place.team.id, person_id=person.id, started_on=day, made_at=records.now)
    texts = dict.fromkeys(("heard", "try", "noticed", "learned"), WORDS)
    records.add(tried, **texts)
    records.add(FollowUp(person_id=person.id, kind="check_in", about_id=outcome.id, due_on=day, made_at=records.now))
    capacity = CapacityRecord(
        person_id=person.id,
        decision="take_part",
        assessed_on=day,
        able=True,
        review_on=day + timedelta(days=90),
        recorded_at=records.now,
    )
    records.add(capacity, assessor=WORDS, support=WORDS, reasons=f"{NAME} can decide", consulted=WORDS)
    records.session.flush()


def sealed(log: LearningLog) -> Iterator[tuple[str, UUID, bytes]]:
    """All that can be opened, in every sealed column of every table."""
    vault: Vault = log.vault
    with log.database.reading() as connection:
        for table in SQLModel.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name.endswith("_sealed")]
            for row in connection.execute(select(table)).mappings() if columns else ():
                tenant = row["id"] if table.name == "tenant" else row["tenant_id"]
                for column in columns:
                    if (kept := row[column.name]) is not None:
                        plain = column.name.removesuffix("_sealed")
                        opened = vault.open(tenant, table.name, plain, row["id"], bytes(kept))
                        yield f"{table.name}.{plain}", row["id"], opened


def test_after_forgetting_neither_words_nor_name_are_found_anywhere(place: Place, somebody: Somebody) -> None:
    needles = [needle.encode() for needle in (*NAME.split(), REFERENCE, ADDRESS, *WORDS.split())]
    before = {(where, id): text for where, id, text in sealed(place.log)}
    holding = {where for (where, _), text in before.items() if any(needle in text for needle in needles)}
    assert len(holding) >= 20

    with place.log.write(place.tenant) as records:
        forgotten = forgetting.forget(records, records.get(Conversation, somebody.chat))
    after = {(where, id): text for where, id, text in sealed(place.log)}

    found = {key for key, text in after.items() if any(needle in text for needle in needles)}
    assert {id for _, id in found} == {somebody.namesake}
    assert (forgotten.answers, forgotten.channel, forgotten.address) == (1, "telegram", ADDRESS)
    assert forgotten.in_backups_until == date(2026, 4, 1)
    # Nobody else's rows were touched.
    untouched = {key: text for key, text in before.items() if not any(needle in text for needle in needles)}
    changed = {key[0] for key, text in untouched.items() if after.get(key) != text}
    assert changed <= {"theme.terms"}
    assert {key: before[key] for key in found} == {key: after[key] for key in found}


def test_bare_facts_stay(place: Place, somebody: Somebody) -> None:
    with place.log.write(place.tenant) as records:
        forgetting.forget(records, records.get(Person, somebody.id))
    with place.log.read(place.tenant) as records:
        person, chat = records.get(Person, somebody.id), records.get(Conversation, somebody.chat)
        mine = Reflection.person_id == somebody.id
        assert (records.text(person, "name"), person.forgotten_at, person.worker_id) == ("", records.now, None)
        assert len(records.all(select(Agreement).where(Agreement.person_id == somebody.id))) == 2
        assert {one.withdrawn_at for one in records.all(select(Reflection).where(mine))} == {records.now}
        assert (chat.channel, chat.status) == ("nowhere", "left")
        assert conversations.find(records, "telegram", ADDRESS) is None
        assert records.all(select(Media)) == records.all(select(ReflectionMeaning)) == []
        assert len(records.all(select(Concern))) == len(records.all(select(CapacityRecord))) == 1
        last = records.all(select(AuditEntry).order_by(AuditEntry.position))[-1]
        assert (last.actor, last.action, last.subject_id) == (f"person:{somebody.id}", "forgot", somebody.id)
        assert records.text(records.get(Staff, somebody.namesake), "name") == NAME


def test_prompts_end_at_once(place: Place, somebody: Somebody) -> None:
    with place.log.write(place.tenant) as records:
        forgetting.forget(records, records.get(Person, somebody.id))
    with place.log.read(place.tenant) as records:
        assert records.all(select(Schedule)) == records.all(select(FollowUp)) == []
        mine = OutboxMessage.conversation_id == somebody.chat
        assert {one.status for one in records.all(select(OutboxMessage).where(mine))} == {"cancelled"}
        assert {one.status for one in records.all(select(Asked))} == {"cancelled"}


def test_themes_and_teams_no_longer_have_them(place: Place, somebody: Somebody) -> None:
    with place.log.write(place.tenant) as records:
        forgetting.forget(records, records.get(Person, somebody.id))
    with place.log.write(place.tenant) as records:
        reader = place.reader("own_team")
        (theme,) = sense_making.themes_over_time(records, reader, Filters())
        assert (theme.label, theme.people) == ("lift", 1)
        assert len(records.all(select(ThemePlacement))) == 1
        assert [one.words for one in reading.newest(records, reader, Filters()).stories] == ["A loud lift"]
        assert somebody.id not in {one.id for one in choosing.choices(records, reader).people}
        assert NAME in known_names(records)  # the namesake's


def test_forgetting_twice_changes_nothing_more(place: Place, somebody: Somebody) -> None:
    for answers in (1, 1):
        with place.log.write(place.tenant) as records:
            assert forgetting.forget(records, records.get(Person, somebody.id)).answers == answers


def test_a_hold_keeps_everything_until_a_lead_lifts_it(place: Place, somebody: Somebody) -> None:
    lead = place.reader("lead")
    with place.log.write(place.tenant) as records:
        holds.place(records, lead, somebody.id, "An enquiry goes on", lead.staff_id, date(2026, 4, 1))
    before = list(sealed(place.log))
    with place.log.write(place.tenant) as records, pytest.raises(forgetting.ErasureHeld) as held:
        forgetting.forget(records, records.get(Person, somebody.id))
    assert str(held.value) == (
        "Nothing was erased. All of it is kept for safeguarding. It is looked at again on 01 April 2026."
    )
    assert list(sealed(place.log)) == before
    # A review that is late lifts nothing.
    late = place.log.clock() + timedelta(days=60)
    with place.log.write(place.tenant, at=late) as records, pytest.raises(forgetting.ErasureHeld):
        forgetting.forget(records, records.get(Person, somebody.id))
    with place.log.write(place.tenant) as records:
        assert [(one.reason, one.reviewer) for one in holds.of(records, lead, somebody.id)] == [
            ("An enquiry goes on", "StaffleadAa")
        ]
        assert holds.lift(records, lead, somebody.id) == 1
        forgetting.forget(records, records.get(Person, somebody.id))
    assert not [where for where, _, text in sealed(place.log) if b"enquiry" in text]


def test_a_hold_needs_a_lead_a_reason_a_reviewer_and_a_day_to_come(place: Place, somebody: Somebody) -> None:
    lead = place.reader("lead")
    with place.log.write(place.tenant) as records:
        for reason, reviewer, day in (
            (" ", lead.staff_id, date(2026, 4, 1)),
            ("An enquiry", place.staff["own_team"].id, date(2026, 4, 1)),
            ("An enquiry", lead.staff_id, date(2026, 3, 2)),
        ):
            with pytest.raises(holds.HoldWrong):
                holds.place(records, lead, somebody.id, reason, reviewer, day)
        with pytest.raises(NotAllowed):
            holds.place(records, place.reader("own_team"), somebody.id, "x", lead.staff_id, date(2026, 4, 1))
        far = place.people[4].id
        with pytest.raises(holds.HoldWrong):
            holds.place(records, place.reader("own_lead"), far, "x", lead.staff_id, date(2026, 4, 1))


def test_a_worry_that_waits_is_read_before_it_can_be_erased(place: Place, somebody: Somebody) -> None:
    with place.log.write(place.tenant) as records:
        worry = concerns.raise_concern(records, records.get(Conversation, somebody.chat), "button", WORDS).id
    with place.log.write(place.tenant) as records, pytest.raises(forgetting.ErasureHeld) as held:
        forgetting.forget(records, records.get(Person, somebody.id))
    assert held.value.review_on is None
    with place.log.write(place.tenant) as records:
        concerns.acknowledge(records, worry, place.staff["lead"].id, "Talked")
        forgetting.forget(records, records.get(Person, somebody.id))


def test_a_member_of_staff_keeps_name_and_account_and_loses_words(place: Place, somebody: Somebody) -> None:
    with place.log.write(place.tenant) as records:
        member = records.get(Staff, somebody.namesake)
        kept = reflect(records, member, "My own giraffe", records.now, service_id=place.service.id)
        records.session.flush()
        forgetting.forget(records, member)
        assert kept.words_sealed is None
        assert records.text(member, "name") == NAME
    assert [where for where, _, text in sealed(place.log) if b"giraffe" in text] == []
    assert [where for where, _, text in sealed(place.log) if WORDS.encode() in text]
