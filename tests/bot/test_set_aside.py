"""What cannot be handled: it holds up nobody, nothing urgent in it is lost, and in the end a person looks."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import select

from learning_log.services import concerns, organisation
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    Conversation,
    InboxMessage,
    Outcome,
    Staff,
)
from tests.bot.chat import Chat, moved, reflections
from tests.bot.conftest import Home


def test_stop_and_worries_survive_what_cannot_be_handled(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    with log.write(home.tenant) as records:
        records.first(select(Outcome)).words_sealed = b"nobody can open this"
    chat.keep(words="he hit me")
    chat.handle()
    with log.read(home.tenant) as records:
        (concern,) = concerns.open_concerns(records)
        assert records.text(concern, "words") == "he hit me"
    other = Chat(log, "1001")
    other.keep(words="STOP")
    moved(other, log.clock() + timedelta(hours=1)).handle()
    moved(other, log.clock() + timedelta(hours=1)).handle()
    with log.read(home.tenant) as records:
        assert records.first(select(Conversation)).status == "stopped"


def test_a_message_that_cannot_be_handled_is_tried_again_then_set_aside(
    log: LearningLog, home: Home, now: datetime
) -> None:
    administrator = Chat(log, "ben")
    administrator.join(home.tenant, staff_id=home.ben)
    with log.write(home.tenant) as records:
        organisation.give_role(records, records.get(Staff, home.ben), "administrator")
    chat = Chat(log, channel=administrator.channel)
    chat.join(home.tenant, person_id=home.ada)
    chat.keep("words", words="fine", media={"not": "media"})
    moment = now
    for _ in range(5):
        moved(chat, moment).handle()
        moment += timedelta(hours=1)
    with log.read() as records:
        row = records.first(select(InboxMessage).where(InboxMessage.status == "aside"))
        assert row.trouble == "TypeError"
        assert row.body_sealed
    assert "I have told a safety lead" in moved(chat, moment).delivered()[-1].words
    told = [say.words for address, say in administrator.channel.sent if address == "ben"]
    assert "whatmatters doctor" in told[-1]
    with log.read(home.tenant) as records:
        assert [row.raised_by for row in concerns.open_concerns(records)] == ["aside"]
    moved(chat, moment).says("I went out")
    assert reflections(log, home) == [("works", "I went out")]


def test_a_message_that_fails_holds_up_nobody_else(log: LearningLog, home: Home) -> None:
    broken, fine = Chat(log, "1"), Chat(log, "2")
    broken.join(home.tenant, person_id=home.ada)
    fine.join(home.tenant, staff_id=home.ben)
    broken.keep("words", media={"not": "media"})
    fine.keep("words", words="all is well")
    fine.handle()
    assert reflections(log, home) == [("works", "all is well")]


def test_a_reply_survives_a_crash_before_it_is_answered(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.keep(words="I went out")
    after_restart = Chat(log, chat.address, chat.channel)
    after_restart.handle()
    assert [say.words for say in after_restart.delivered()][-1] == "What is not going well?"
    assert reflections(log, home) == [("works", "I went out")]


def test_a_message_that_cannot_be_opened_holds_up_nobody_and_is_told_in_the_end(
    log: LearningLog, home: Home, now: datetime
) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.keep(words="nobody can read this")
    with log.write() as records:
        records.first(select(InboxMessage).where(InboxMessage.status == "kept")).body_sealed = b"not one of ours"
    other = Chat(log, "2", chat.channel)
    other.join(home.tenant, staff_id=home.ben)
    assert "Thank you. I have kept that." in [say.words for say in other.says("all is well")]
    for hours in range(1, 6):
        moved(chat, now + timedelta(hours=hours)).handle()
    with log.read(home.tenant) as records:
        assert [row.raised_by for row in concerns.open_concerns(records)] == ["aside"]
    assert "I have told a safety lead" in moved(chat, now + timedelta(hours=6)).delivered()[-1].words


def test_a_message_is_not_set_aside_while_nobody_can_be_told(log: LearningLog, home: Home, now: datetime) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.keep("words", words="fine", media={"not": "media"})
    with log.write(home.tenant) as records:
        lead = records.get(Staff, home.una)
        name, lead.name_sealed = lead.name_sealed, b"not one of ours"
    for hours in range(8):
        moved(chat, now + timedelta(hours=hours)).handle()
    with log.write() as records:
        assert records.all(select(InboxMessage).where(InboxMessage.status == "aside")) == []
        records.session.get_one(Staff, home.una).name_sealed = name
    moved(chat, now + timedelta(hours=10)).handle()
    with log.read(home.tenant) as records:
        assert [row.raised_by for row in concerns.open_concerns(records)] == ["aside"]
