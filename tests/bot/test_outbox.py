"""What is to be said: once, in order, the urgent first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from bot import outbox
from bot.channels.channel import Refused
from bot.outbox import Claimed, Fate, NotTaken, PutBack, Rest, Sent, Unknown
from bot.prompting import compose
from learning_log.services import asking, conversations, falling_due, joining
from learning_log.storage.records import LearningLog, Records
from learning_log.storage.tables import Asked, Conversation, OutboxMessage, Person, Schedule
from tests.bot.chat import Chat, at, moved
from tests.bot.conftest import Home

TOMORROW = datetime.fromisoformat("2026-03-03T10:00:00Z")


@pytest.fixture
def chat(log: LearningLog, home: Home) -> Chat:
    """Ada has just answered, and two messages wait to be sent to her."""
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.keep(words="I went out")
    chat.handle()
    return chat


def states(log: LearningLog) -> list[str]:
    with log.read() as records:
        rows = records.all(select(OutboxMessage).order_by(OutboxMessage.made_at, OutboxMessage.place, OutboxMessage.id))
        return [row.status for row in rows if row.status != "sent"]


def test_a_message_is_claimed_by_one_sender_only(chat: Chat) -> None:
    assert len(chat.claim()) == 1
    assert chat.claim() == []


def test_the_next_message_of_a_chat_waits_for_the_one_before(chat: Chat) -> None:
    (first,) = chat.claim()
    (second,) = chat.claim(Sent(first, "1"))
    assert second.id != first.id


def test_a_message_that_the_channel_did_not_take_is_tried_again_after_its_wait(chat: Chat, now: datetime) -> None:
    (first,) = chat.claim()
    assert chat.claim(PutBack(first, 7, "too fast")) == []
    assert moved(chat, now + timedelta(seconds=6)).claim() == []
    assert [each.id for each in moved(chat, now + timedelta(seconds=7)).claim()] == [first.id]


def test_a_chat_that_rests_waits_and_others_do_not(log: LearningLog, home: Home, chat: Chat) -> None:
    other = Chat(log, "other")
    other.keep(words="hello")
    other.handle()
    (ours, _) = outbox.turn(log, "paper", (), 100, (), compose)
    outbox.turn(log, "paper", [PutBack(ours, 0, "")], 0, (), compose)
    assert outbox.turn(log, "paper", (), 100, {ours.chat}, compose) == []
    assert [each.id for each in outbox.turn(log, "paper", (), 100, (), compose)] == [ours.id]


def test_after_a_crash_a_message_of_unknown_fate_is_not_repeated(log: LearningLog, chat: Chat) -> None:
    (first,) = chat.claim()
    assert outbox.settle(log, "paper") == 1
    assert states(log)[0] == "unknown"
    assert first.id not in {each.id for each in chat.claim()}


def test_what_another_worker_has_settled_cannot_be_handed_back(log: LearningLog, chat: Chat) -> None:
    """We lost the channel with the database, and live on: the other took ours for gone, and wiped the words."""
    (first,) = chat.claim()
    outbox.settle(log, "paper")
    (second,) = chat.claim(PutBack(first, 0, "the channel wants a rest"))
    assert second.id != first.id
    assert states(log)[0] == "unknown"


@pytest.mark.parametrize("fate", [lambda mine: PutBack(mine, 0, ""), Unknown, lambda mine: Sent(mine, "1")])
def test_what_another_worker_has_claimed_since_is_that_ones(
    log: LearningLog, chat: Chat, fate: Callable[[Claimed], Fate]
) -> None:
    (mine,) = chat.claim()
    with log.write() as records:
        row = records.all(select(OutboxMessage).where(OutboxMessage.id == mine.id))[0]
        row.status = "pending"  # as an alert is settled
    (theirs,) = chat.claim()
    assert (theirs.id, theirs.claim) == (mine.id, mine.claim + 1)
    assert chat.claim(fate(mine)) == []
    assert states(log)[0] == "sending"
    assert len(chat.claim(Sent(theirs, "1"))) == 1


def test_a_message_that_has_lost_its_words_is_set_aside_and_holds_up_nobody(log: LearningLog, chat: Chat) -> None:
    (first,) = chat.claim()
    with log.write() as records:
        row = records.all(select(OutboxMessage).where(OutboxMessage.id == first.id))[0]
        row.status, row.body_sealed = "pending", None
    (second,) = chat.claim()
    assert second.id != first.id
    assert states(log)[0] == "failed"


def test_what_is_known_late_counts_more_than_what_was_not_known(log: LearningLog, chat: Chat) -> None:
    (first,) = chat.claim()
    outbox.settle(log, "paper")
    outbox.turn(log, "paper", [Sent(first, "1")], 0, (), compose)
    assert "unknown" not in states(log)


def test_after_a_crash_an_alert_is_repeated(log: LearningLog, home: Home) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    ada = Chat(log, "ada", lead.channel)
    ada.join(home.tenant, person_id=home.ada)
    ada.keep(words="I am worried")
    ada.handle()
    assert "A worry is waiting" in " ".join(each.say.words for each in lead.claim())
    assert outbox.settle(log, "paper") >= 1
    with log.read() as records:
        (alert,) = records.all(select(OutboxMessage).where(OutboxMessage.kind == "alert"))
        assert alert.status == "pending"


def test_an_alert_overtakes_everything_that_waits(log: LearningLog, home: Home) -> None:
    lead = Chat(log, "lead")
    lead.join(home.tenant, staff_id=home.una)
    ada = Chat(log, "ada", lead.channel)
    ada.join(home.tenant, person_id=home.ada)
    lead.keep(words="All is well")
    lead.handle()
    ada.keep(words="I am worried")
    ada.handle()
    (first,) = outbox.turn(log, "paper", (), 1, (), compose)
    assert "A worry is waiting" in first.say.words


def test_an_answer_overtakes_a_prompt_that_waits_in_a_long_queue(log: LearningLog, home: Home, chat: Chat) -> None:
    chat.delivered()
    later = moved(chat, TOMORROW + timedelta(minutes=1))
    falling_due.make_due(later.log)
    later.keep(words="I write by myself")
    later.handle()
    assert later.delivered()[0].words == "Thank you. I have kept that."
    with log.read(home.tenant) as records:
        assert records.first(select(Asked)).status == "asked"


def test_what_somebody_writes_before_the_prompt_reaches_them_is_no_answer_to_it(chat: Chat, home: Home) -> None:
    chat.says("skip")
    later = moved(chat, TOMORROW)
    falling_due.make_due(later.log)
    later.says("I was at the pool")
    with chat.log.read(home.tenant) as records:
        assert records.first(select(Asked)).answered_at is None


def test_a_refusal_for_ever_ends_the_asking(log: LearningLog, chat: Chat) -> None:
    (first,) = chat.claim()
    outbox.turn(log, "paper", [NotTaken(first, Refused("forbidden", blocked=True))], 0, (), compose)
    with log.read() as records:
        assert records.first(select(Conversation)).status == "blocked"
        assert records.first(select(Schedule)).next_due_at is None
    assert states(log)[0] == "failed"


def test_a_chat_that_moved_is_followed(chat: Chat) -> None:
    (first,) = chat.claim()
    (again,) = chat.claim(NotTaken(first, Refused("moved", moved_to="-100777")))
    assert again.id == first.id
    assert again.address == "-100777"


def test_a_message_that_cannot_be_read_holds_up_nobody(log: LearningLog, chat: Chat) -> None:
    with log.write() as records:
        waiting = records.all(select(OutboxMessage).where(OutboxMessage.status == "pending"))
        min(waiting, key=lambda row: row.place).body_sealed = b"not one of ours"
    assert len(chat.claim()) == 1
    assert states(log) == ["failed", "sending"]


def test_the_next_worker_keeps_the_rest_that_the_channel_asked_for(log: LearningLog, chat: Chat, now: datetime) -> None:
    outbox.take_over(log, "paper", "first")
    outbox.turn(log, "paper", [Rest(30)], 0, (), compose)
    assert outbox.take_over(at(log, now + timedelta(seconds=10)), "paper", "second") == 20
    assert outbox.take_over(at(log, now + timedelta(seconds=40)), "paper", "third") == 0


def test_asking_now_waits_in_the_outbox_without_words(log: LearningLog, home: Home, chat: Chat) -> None:
    with log.write(home.tenant) as records:
        asking.ask_now(records, person_id=home.ada)
    with log.read(home.tenant) as records:
        (prompt,) = records.all(select(OutboxMessage).where(OutboxMessage.kind == "prompt"))
        assert prompt.body_sealed is None


def test_words_that_a_channel_holds_are_wiped_from_the_outbox(log: LearningLog, chat: Chat) -> None:
    chat.delivered()
    with log.read() as records:
        assert {row.body_sealed for row in records.all(select(OutboxMessage))} == {None}


def test_words_that_a_page_shows_are_wiped_when_it_shows_them_no_more(
    log: LearningLog, home: Home, now: datetime
) -> None:
    chat = Chat(log)
    chat.join(home.tenant, person_id=home.ada)
    chat.keep(words="I went out")
    chat.handle()
    assert len(outbox.show(log, "paper", compose)) == 1
    with log.write() as records:
        assert outbox.wipe_old(records, now) == 0
        assert outbox.wipe_old(records, now + timedelta(seconds=1)) == 2
        assert outbox.wipe_old(records, now + timedelta(seconds=1)) == 0


def test_a_clock_that_is_set_back_makes_nobody_wait(log: LearningLog, home: Home, chat: Chat, now: datetime) -> None:
    an_hour_ago = moved(chat, now - timedelta(hours=1))
    (first,) = an_hour_ago.claim()
    assert [each.id for each in an_hour_ago.claim(PutBack(first, 7, "too fast"))] == [first.id]
    chat.keep(words="STOP")
    an_hour_ago.handle()
    with log.read(home.tenant) as records:
        assert records.first(select(Conversation)).status == "stopped"


@pytest.mark.usefixtures("one_subject")
def test_a_prompt_that_was_handed_back_is_not_sent_to_somebody_who_stopped_meanwhile(chat: Chat) -> None:
    chat.delivered()
    later = moved(chat, TOMORROW)
    falling_due.make_due(later.log)
    (prompt,) = later.claim()
    assert prompt.say.words == "What is going well?"
    later.keep(words="STOP")
    later.handle()
    (answer,) = later.claim(PutBack(prompt, 0, "too fast"))
    assert answer.say.words.startswith("I have stopped")
    assert later.claim(Sent(answer, "2")) == []
    with chat.log.read() as records:
        assert records.session.get_one(OutboxMessage, prompt.id).status == "cancelled"


def test_what_was_being_sent_when_somebody_moved_holds_up_nothing_in_their_new_chat(
    log: LearningLog, home: Home, chat: Chat
) -> None:
    (old,) = chat.claim()
    new = Chat(log, "new", chat.channel)
    with log.write(home.tenant) as records:
        code = joining.invite(records, person_id=home.ada)
    new.keep("start", code=code)
    new.handle()
    assert {each.address for each in new.claim()} >= {"new"}
    outbox.turn(log, "paper", [NotTaken(old, Refused("forbidden", blocked=True))], 0, (), compose)
    with log.read() as records:
        assert records.first(select(Conversation)).status == "active"


def test_a_prompt_that_cannot_be_worked_out_leaves_nothing_half_done_and_holds_up_nobody(
    chat: Chat, home: Home
) -> None:
    chat.delivered()
    later = moved(chat, TOMORROW)
    falling_due.make_due(later.log)

    def breaks(records: Records, message: OutboxMessage, conversation: Conversation) -> str:
        compose(records, message, conversation)
        raise AttributeError

    assert outbox.turn(later.log, "paper", (), 100, (), breaks) == []
    with chat.log.read(home.tenant) as records:
        (prompt,) = records.all(select(OutboxMessage).where(OutboxMessage.kind == "prompt"))
        assert (prompt.status, prompt.trouble, prompt.body_sealed) == ("failed", "AttributeError", None)
        asked = records.first(select(Asked))
        assert (asked.status, asked.remind_at) == ("missed", None)
    assert later.says("I write by myself")[0].words == "Thank you. I have kept that."


def test_a_long_queue_of_prompts_that_go_no_more_holds_up_nothing(log: LearningLog, home: Home, chat: Chat) -> None:
    chat.delivered()
    later = moved(chat, TOMORROW)
    falling_due.make_due(later.log)
    with log.write(home.tenant) as records:
        records.get(Person, home.ada).left_on = TOMORROW.date()
        conversations.say(records, records.first(select(Conversation)), [conversations.message("bye")], kind="prompt")
    assert later.claim() == []
    with log.read() as records:
        assert {row.status for row in records.all(select(OutboxMessage)) if row.kind == "prompt"} == {"cancelled"}
        assert records.first(select(Schedule)).next_due_at is None
