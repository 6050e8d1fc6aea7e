"""A worry goes to those who look after worries, and to nobody else."""

from __future__ import annotations

from sqlmodel import select

from learning_log.services import concerns, organisation
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    Concern,
    Media,
    Reflection,
)
from tests.bot.chat import Chat, reflections
from tests.bot.conftest import Home


def test_a_photo_of_a_worry_stays_with_the_worry(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.channel.files["f1"] = b"\xff\xd8 a bruise"
    photo = {"kind": "photo", "reference": "f1", "mime": "image/jpeg", "size": 11}
    chat.hear("media", words="I am worried", media=photo)
    with log.read(home.tenant) as records:
        (concern,) = records.all(select(Concern))
        assert [row.concern_id for row in records.all(select(Media))] == [concern.id]
    assert reflections(log, home) == []


def test_a_worry_is_kept_and_told_to_the_lead_without_its_words(log: LearningLog, home: Home) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    chat = Chat(log, "ada", lead.channel)
    chat.join(home.tenant, person_id=home.ada)
    said = chat.says("I am worried")
    assert "You were right to tell me" in said[0].words
    assert "Una Fictional" in said[1].words
    assert "not your team" in said[1].words
    chat.says("somebody took my purse")
    alerts = [say.words for address, say in lead.channel.sent if address == "lead"]
    assert "A worry is waiting for you" in alerts[-1]
    assert "purse" not in " ".join(alerts)
    with log.read(home.tenant) as records:
        (concern,) = records.all(select(Concern))
        assert records.text(concern, "words") == "somebody took my purse"
        assert (concern.raised_by, concern.person_id) == ("button", home.ada)
    assert reflections(log, home) == []


def test_what_sounds_like_harm_is_told_even_when_no_button_was_pressed(log: LearningLog, home: Home) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    chat = Chat(log, "ada", lead.channel)
    chat.join(home.tenant, person_id=home.ada)
    said = chat.says("he hit me in the kitchen")
    assert "I tell Una Fictional now" in said[1].words
    assert reflections(log, home) == [("works", "he hit me in the kitchen")]
    with log.read(home.tenant) as records:
        assert {row.audience for row in records.all(select(Reflection))} == {"me"}
    with log.read(home.tenant) as records:
        (concern,) = records.all(select(Concern))
        assert (concern.raised_by, concern.category) == ("scan", "physical")


def test_whoever_is_named_in_a_worry_is_not_told_of_it(log: LearningLog, home: Home) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    chat = Chat(log, "ada", lead.channel)
    chat.join(home.tenant, person_id=home.ada)
    before = len([1 for address, _ in lead.channel.sent if address == "lead"])
    with log.write(home.tenant) as records:
        other = organisation.add_staff(records, "Viv Pretend", username="viv", password="invented 42 words")
        organisation.give_role(records, other, "safeguarding_lead")
        other_id = other.id
    second = Chat(log, "second", lead.channel)
    second.join(home.tenant, staff_id=other_id)
    said = chat.says("una hit me in the kitchen")
    assert "Una" not in " ".join(say.words for say in said)
    assert len([1 for address, _ in lead.channel.sent if address == "lead"]) == before
    assert "A worry is waiting" in [say.words for address, say in lead.channel.sent if address == "second"][-1]


def test_when_every_lead_is_named_all_are_told_and_nobody_is_promised(log: LearningLog, home: Home) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    chat = Chat(log, "ada", lead.channel)
    chat.join(home.tenant, person_id=home.ada)
    said = chat.says("Una hit me in the kitchen")
    assert "A safety lead" in said[1].words
    assert "Una" not in " ".join(say.words for say in said)
    assert "A worry is waiting" in [say.words for address, say in lead.channel.sent if address == "lead"][-1]


def test_a_worry_written_after_it_was_acknowledged_is_a_new_one(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.says("I am worried")
    with log.write(home.tenant) as records:
        concerns.acknowledge(records, records.first(select(Concern)).id, home.una, "I will call")
    chat.says("Ben shouts at me every night")
    with log.read(home.tenant) as records:
        (fresh,) = concerns.open_concerns(records)
        assert records.text(fresh, "words") == "Ben shouts at me every night"
