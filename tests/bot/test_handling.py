"""From a kept message to what is kept of it and what is said, on both databases."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import col, select

from bot import inbox
from bot.channels.channel import Incoming
from learning_log.services import asking, conversations, joining, organisation
from learning_log.storage.records import LearningLog
from learning_log.storage.tables import (
    Agreement,
    Conversation,
    InboxMessage,
    Media,
    OutboxMessage,
    Reflection,
    Schedule,
)
from tests.bot.chat import Chat, moved, reflections
from tests.bot.conftest import Home


def test_a_person_joins_and_reflects_and_all_of_it_is_kept(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    said = chat.join(home.tenant, person_id=home.ada)
    assert said[-1].words == "What is going well?"
    chat.says("I went bowling with my brother")
    said = chat.says("the bus was late again")
    assert [choice.label for choice in said[-1].choices] == ["Go back to bowling", "Skip"]
    said = chat.hear("button", button=said[-1].choices[0].value)
    assert said[-1].words == "Who helped you to answer?"
    said = chat.says("Nobody, just me")
    assert said[-1].words == "Thank you. Your answers are with your team."

    assert reflections(log, home) == [
        ("works", "I went bowling with my brother"),
        ("not_working", "the bus was late again"),
    ]
    with log.read(home.tenant) as records:
        rows = records.all(select(Reflection))
        assert {row.outcome_id for row in rows} == {home.outcome}
        assert {(row.audience, row.helped) for row in rows} == {("themes", "by_myself")}
        assert all(row.prompt_version_id and row.service_id and row.team_id for row in rows)
        agreed = records.all(select(Agreement))
        assert {(row.purpose, row.agreed, row.text_version) for row in agreed} == {
            ("take_part", True, "en/2"),
            ("team", True, "en/2"),
            ("themes", True, "en/2"),
        }
        planned = records.first(select(Schedule))
        assert planned.at == "10:00"
        assert planned.next_due_at == datetime.fromisoformat("2026-03-03T10:00:00Z")


def test_staff_are_asked_in_their_own_words(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    said = chat.join(home.tenant, staff_id=home.ben)
    assert said[-1].words == "What is working in the support you give?"
    chat.says("Two of us on Sundays")
    with log.read(home.tenant) as records:
        (row,) = records.all(select(Reflection))
        assert (row.staff_id, row.person_id) == (home.ben, None)


def test_a_message_is_handled_once_however_often_it_comes(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    twice = Incoming("same", chat.address, {"kind": "words", "words": "I went out"})
    assert inbox.keep(log, "paper", [twice]) == 1
    assert inbox.keep(log, "paper", [twice, twice]) == 0
    chat.handle()
    chat.handle()
    assert reflections(log, home) == [("works", "I went out")]


@pytest.mark.parametrize("code", ["", "nonsense", "a" * 64, "../../etc", "\u0000"])
def test_an_unknown_code_lets_nobody_in(log: LearningLog, home: Home, code: str) -> None:
    said = Chat(log).hear("start", code=code)
    assert len(said) == 1
    assert "do not know" in said[0].words
    with log.read() as records:
        assert records.all(select(Conversation)) == []


def test_a_code_works_once_and_not_after_its_time(log: LearningLog, home: Home, now: datetime) -> None:
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada, hours=1)
    assert "I am a computer" in Chat(log, "1").hear("start", code=code)[0].words
    assert "used before" in Chat(log, "2").hear("start", code=code)[0].words
    with log.write(home.tenant) as records:
        late = joining.invite(records, person_id=home.ada, hours=1)
    later = moved(Chat(log, "3"), now + timedelta(hours=1))
    assert "too old" in later.hear("start", code=late)[0].words


def test_a_newer_invitation_ends_the_older_one(log: LearningLog, home: Home) -> None:
    with log.write(home.tenant) as records:
        first = joining.invite(records, person_id=home.ada)
        joining.invite(records, person_id=home.ada)
    assert "too old" in Chat(log).hear("start", code=first)[0].words


def test_a_stranger_is_told_so_and_nothing_of_it_is_kept(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    assert chat.says("hello, is this the library?")[0].words.startswith("I do not know you yet")
    assert "999" in chat.says("I am worried")[0].words
    assert "one person at a time" in chat.hear("group")[0].words
    with log.read() as records:
        assert records.all(select(Reflection)) == []
        assert {row.body_sealed for row in records.all(select(InboxMessage))} == {None}


def test_a_no_keeps_nothing_but_the_no(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    chat.hear("start", code=code)
    chat.says("No, thank you")
    assert "not kept" in chat.says("my bus was late")[0].words
    assert reflections(log, home) == []
    with log.read(home.tenant) as records:
        assert records.all(select(Schedule)) == []


def test_stop_ends_everything_that_was_still_to_be_asked(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.says("I went out")
    said = chat.says("STOP")
    assert "I have stopped" in said[0].words
    assert "not kept" in chat.says("one more thing")[0].words
    assert reflections(log, home) == [("works", "I went out")]
    with log.read(home.tenant) as records:
        assert records.first(select(Schedule)).next_due_at is None
        assert records.first(select(Conversation)).status == "stopped"
    said = chat.says("start again")
    assert "Do you want to take part?" in said[-1].words


def test_a_changed_message_changes_the_answer_and_keeps_the_first(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    number = chat.keep(words="the bus is god")
    chat.handle()
    chat.delivered()
    with log.write(home.tenant) as records:
        records.first(select(Reflection)).moved_at = records.now  # somebody put the first words into a theme
    said = chat.hear("edited", edits=number, words="the bus is good")
    assert "I have changed your answer" in said[-1].words
    assert reflections(log, home) == [("works", "the bus is good")]
    with log.read(home.tenant) as records:
        first = records.first(select(Reflection).where(col(Reflection.superseded_at).is_not(None)))
        assert records.text(first, "words") == "the bus is god"
        new = records.first(select(Reflection).where(col(Reflection.superseded_at).is_(None)))
        assert (new.placed_at, new.moved_at) == (None, None)
    assert "cannot change" in chat.hear("edited", edits="99999", words="what")[-1].words


def test_a_photo_is_kept_sealed_with_its_words(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.channel.files["f1"] = b"\xff\xd8 a garden"
    photo = {"kind": "photo", "reference": "f1", "mime": "image/jpeg", "size": 11}
    chat.hear("media", words="my garden", media=photo)
    assert reflections(log, home) == [("works", "my garden")]
    with log.read(home.tenant) as records:
        row = records.first(select(Media))
        assert records.content(row, "content") == b"\xff\xd8 a garden"
        assert b"garden" not in row.content_sealed


def test_a_file_that_is_too_big_is_said_and_the_question_stays_open(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    huge = {"kind": "photo", "reference": "huge", "mime": "image/jpeg", "size": 30_000_000}
    assert "too big" in chat.hear("media", media=huge)[0].words
    chat.says("it is my garden")
    assert reflections(log, home) == [("works", "it is my garden")]


def test_a_changed_message_after_stop_is_not_kept(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    number = chat.keep(words="the bus is god")
    chat.handle()
    chat.says("STOP")
    assert "not kept" in chat.hear("edited", edits=number, words="the bus is good")[0].words
    assert reflections(log, home) == [("works", "the bus is god")]


def test_one_chat_can_move_from_one_organisation_to_another(log: LearningLog, home: Home, other_tenant: UUID) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    with log.write(other_tenant) as records:
        provider = organisation.add_provider(records, "Other Invented Support")
        team = organisation.add_team(records, "Oak", organisation.add_service(records, "Other Living", provider))
        eve = organisation.add_person(records, "Eve Invented", team)
        eve_id = eve.id
    assert chat.join(other_tenant, person_id=eve_id)[-1].words == "What is going well?"
    chat.says("I like it here")
    assert reflections(log, home) == []
    with log.read(other_tenant) as records:
        assert len(records.all(select(Reflection))) == 1


def test_the_same_link_again_goes_on_where_it_was(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    first = chat.hear("start", code=code)
    assert chat.hear("start", code=code)[-1].words == first[-1].words


def test_messages_of_a_channel_that_this_worker_has_not_got_wait(log: LearningLog, home: Home) -> None:
    Chat(log).keep(words="hello")
    with log.write() as records:
        assert inbox.take(records, ["another"]) == []
        assert len(inbox.take(records, ["paper"])) == 1


def test_joining_from_another_chat_moves_the_conversation(log: LearningLog, home: Home) -> None:
    old = Chat(log, "old")
    old.join(home.tenant, person_id=home.ada)
    new = Chat(log, "new", old.channel)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    assert new.hear("start", code=code)[0].words
    assert "another chat" in [say.words for address, say in old.channel.sent if address == "old"][-1]
    assert old.says("hello?")[0].words.startswith("I do not know you yet")


def test_one_who_blocks_us_is_asked_no_more_until_they_write_again(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    assert chat.hear("blocked") == []
    with log.read(home.tenant) as records:
        assert records.first(select(Conversation)).status == "blocked"
        assert records.first(select(Schedule)).next_due_at is None
    chat.says("I am back")
    assert reflections(log, home) == [("works", "I am back")]
    with log.read(home.tenant) as records:
        assert records.first(select(Schedule)).next_due_at is not None


def test_my_data_tells_what_is_kept(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    assert "no answers" in chat.says("/mydata")[0].words
    chat.says("I went out")
    said = chat.says("my data")
    assert "1 of your answers" in said[0].words
    assert "2 March: I went out" in said[0].words


def test_a_pause_ends_by_itself_on_its_day(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    said = chat.says("/pause")
    said = chat.hear("button", button=said[-1].choices[1].value)
    assert said[0].words.startswith("I will ask nothing until Monday 9 March")
    with log.read(home.tenant) as records:
        assert records.first(select(Schedule)).next_due_at == datetime.fromisoformat("2026-03-09T10:00:00Z")


def test_the_answers_of_one_turn_go_out_in_order(log: LearningLog, home: Home) -> None:
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    said = [say.words for say in Chat(log).hear("start", code=code)]
    assert said[0].startswith("Hello")
    assert said[-1] == "Do you want to take part?"
    with log.read() as records:
        assert {row.status for row in records.all(select(OutboxMessage))} == {"sent"}


def test_nobody_hears_of_another_tenants_chat(log: LearningLog, home: Home, other_tenant: object) -> None:
    Chat(log).join(home.tenant, person_id=home.ada)
    with log.read(other_tenant) as records:  # type: ignore[arg-type]
        assert conversations.find(records, "paper", "1001") is None
        assert records.all(select(Reflection)) == []


def test_two_messages_of_one_chat_are_answered_one_after_the_other(log: LearningLog, home: Home, now: datetime) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    for second, said in enumerate(("I went out", "/pause", "I am worried"), start=1):
        moved(chat, now + timedelta(seconds=second)).keep(words=said)
    later = moved(chat, now + timedelta(minutes=1))
    later.handle()
    said = [say.words for say in later.delivered()]
    assert said[:3] == ["Thank you. I have kept that.", "What is not going well?", "How long shall I wait?"]
    assert said[3].startswith("Thank you for telling me.")
    assert said[-1].startswith("Do you want to say more?")


def test_words_from_a_chat_that_was_just_left_are_nobodys(log: LearningLog, home: Home, now: datetime) -> None:
    """Somebody joins from a new telephone, and in the same moment a message comes from the old one."""
    old = Chat(log, "old")
    old.join(home.tenant, person_id=home.ada)
    new = Chat(log, "new", old.channel)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    moved(new, now + timedelta(seconds=1)).keep("start", code=code)
    moved(old, now + timedelta(seconds=2)).keep(words="I am somebody else now")
    moved(new, now + timedelta(seconds=3)).handle()
    assert reflections(log, home) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.usefixtures("one_subject")
def test_a_prompt_waits_while_a_message_of_the_same_chat_is_answered(log: LearningLog, home: Home) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    with log.write(home.tenant) as records:
        asking.ask_now(records, person_id=home.ada)
    with log.write() as answering:
        conversations.load(answering, [answering.session.scalars(select(Conversation.id)).one()])
        assert chat.claim() == []
    assert [each.say.words for each in chat.claim()] == ["What is going well?"]
